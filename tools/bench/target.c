// SPDX-License-Identifier: GPL-2.0-only
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>
#include <linux/mymem.h>

#include "../shared/device.h"
#include "operation.h"

#define IS_FILE (HAS_DESCRIPTOR | HAS_POSITION | HAS_CONTENT | HAS_MAPPING)
#define TMPFS "/dev/shm"

enum { DEVICE, TMPFS_FILE, MEMFD, ZERO, PIPE, MEMCPY, SYSCALL, N_TARGETS };

static const struct target targets[] = {
	[DEVICE] = { MYMEM_NAME, "the device, or what -d names", IS_FILE },
	[TMPFS_FILE] = { "tmpfs", "a file made in " TMPFS ", and removed",
			 IS_FILE },
	[MEMFD] = { "memfd", "a file that is only memory", IS_FILE },
	[ZERO] = { "zero", "/dev/zero to read, /dev/null to write",
		   HAS_DESCRIPTOR | HAS_POSITION },
	[PIPE] = { "pipe", "a pipe, filled or emptied before", HAS_DESCRIPTOR },
	[MEMCPY] = { "memcpy", "a copy in user memory, without a call",
		     HAS_MEMORY },
	[SYSCALL] = { "syscall", "a system call that does nothing",
		      HAS_NOTHING },
};

static const struct target a_path = { NULL, "a file", IS_FILE };

static int fail(char *error, size_t size, int r, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static int fail(char *error, size_t size, int r, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, size, format, args);
	va_end(args);
	return r;
}

const struct target *target_at(size_t i)
{
	return i < N_TARGETS ? &targets[i] : NULL;
}

const struct target *target_find(const char *name)
{
	for (size_t i = 0; i < N_TARGETS; i++)
		if (!strcmp(targets[i].name, name))
			return &targets[i];
	return strchr(name, '/') ? &a_path : NULL;
}

/* A file of our own, which goes with its last descriptor. */
static int own_file(struct source *s, int fd, uint64_t bytes)
{
	int r;

	if (fd < 0)
		return -errno;
	/* Not a file with holes: reading those would be another thing. */
	r = posix_fallocate(fd, 0, bytes);
	if (r) {
		close(fd);
		return -r;
	}
	s->fd = fd;
	snprintf(s->path, sizeof(s->path), "/proc/%d/fd/%d", getpid(), fd);
	return 0;
}

static int tmpfs_file(struct source *s, uint64_t bytes, char *error,
		      size_t size)
{
	struct statfs where;
	int r;

	if (statfs(TMPFS, &where) || where.f_type != TMPFS_MAGIC)
		return fail(
			error, size, -ENODEV,
			TMPFS
			" is no tmpfs: mount one there, or leave tmpfs out of --targets");
	r = own_file(s, open(TMPFS, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600),
		     bytes);
	if (r)
		return fail(
			error, size, r,
			"cannot make a file of %llu bytes in " TMPFS
			": %s; give smaller --sizes, or leave tmpfs out of --targets",
			(unsigned long long)bytes, strerror(-r));
	return 0;
}

static int file_open(const char *path, bool read_only)
{
	int fd;

	if (!read_only)
		return device_open(path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* A file that somebody else has made, the device first of all. */
static int given_file(struct source *s, const char *path, uint64_t bytes,
		      char *error, size_t size)
{
	struct mymem_info info = { .size = sizeof(info) };
	int fd = file_open(path, s->read_only);
	struct stat status;

	if (fd < 0) {
		char advice[200];

		device_advice(path, fd, advice, sizeof(advice));
		return fail(error, size, fd, "%s: %s", path, advice);
	}
	if (!ioctl(fd, MYMEM_IOC_INFO, &info) &&
	    info.features & MYMEM_FEATURE_ATOMIC)
		s->has |= HAS_ATOMIC;
	s->capacity = device_capacity(fd);
	if (s->capacity == UINT64_MAX && !fstat(fd, &status) &&
	    S_ISREG(status.st_mode)) {
		s->grows = (uint64_t)status.st_size < bytes && !s->read_only;
		if (!s->grows)
			s->capacity = status.st_size;
	}
	close(fd);
	if (s->capacity < bytes)
		return fail(
			error, size, -ENOSPC,
			"%s holds only %llu bytes: give sizes up to that with -s, or %s",
			path, (unsigned long long)s->capacity,
			s->has & HAS_ATOMIC ?
				"load the module with a larger size=" :
				"name a larger file");
	if (snprintf(s->path, sizeof(s->path), "%s", path) >=
	    (int)sizeof(s->path))
		return fail(error, size, -ENAMETOOLONG,
			    "%s: give a path of fewer than %zu bytes", path,
			    sizeof(s->path));
	return 0;
}

int source_make(const char *name, const char *device, uint64_t bytes,
		bool read_only, struct source *ret, char *error, size_t size)
{
	const struct target *target = target_find(name);
	int fd, r;

	*ret = (struct source){ .target = target,
				.capacity = UINT64_MAX,
				.fd = -1 };
	ret->has = target->has;
	if (target == &targets[TMPFS_FILE])
		return tmpfs_file(ret, bytes, error, size);
	if (target == &targets[MEMFD]) {
		fd = memfd_create("mymem-bench", MFD_CLOEXEC);
		r = own_file(ret, fd, bytes);
		return r ? fail(error, size, r,
				"cannot make a memfd of %llu bytes: %s",
				(unsigned long long)bytes, strerror(-r)) :
			   0;
	}
	ret->read_only = read_only &&
			 (target == &targets[DEVICE] || target == &a_path);
	if (target == &targets[DEVICE])
		return given_file(ret, device, bytes, error, size);
	if (target == &a_path)
		return given_file(ret, name, bytes, error, size);
	return 0;
}

int source_grow(struct source *source, uint64_t bytes, char *error, size_t size)
{
	int fd = source->grows ? device_open(source->path) : source->fd, r = 0;

	if (source->grows && fd < 0)
		r = -fd;
	else if (fd >= 0)
		r = posix_fallocate(fd, 0, bytes);
	if (source->grows && fd >= 0)
		close(fd);
	return r ? fail(error, size, -r,
			"cannot have %llu bytes for %s: %s; give smaller --sizes or fewer --threads",
			(unsigned long long)bytes, source_name(source),
			strerror(r)) :
		   0;
}

const char *source_name(const struct source *source)
{
	if (!source->target->name || (source->target == &targets[DEVICE] &&
				      strcmp(source->path, DEVICE_DEFAULT)))
		return source->path;
	return source->target->name;
}

void source_end(struct source *source)
{
	if (source->fd >= 0)
		close(source->fd);
	source->fd = -1;
}

static int open_both(const char *to_read, const char *to_write,
		     struct ends *ends)
{
	ends->fd = open(to_read, O_RDONLY | O_CLOEXEC);
	ends->write_fd = open(to_write, O_WRONLY | O_CLOEXEC);
	return ends->fd < 0 || ends->write_fd < 0 ? -errno : 0;
}

/* As large as pipes may be; a call must fit in at once. */
static int open_pipe(struct ends *ends)
{
	int both[2];

	if (pipe2(both, O_CLOEXEC | O_NONBLOCK))
		return -errno;
	ends->fd = both[0];
	ends->write_fd = both[1];
	fcntl(ends->fd, F_SETPIPE_SZ, 1 << 20);
	return 0;
}

int ends_open(const struct source *source, size_t bytes, struct ends *ret)
{
	void *mapping;
	int r = 0;

	*ret = (struct ends){ .fd = -1, .write_fd = -1 };
	if (source->target == &targets[ZERO]) {
		r = open_both("/dev/zero", "/dev/null", ret);
	} else if (source->target == &targets[PIPE]) {
		r = open_pipe(ret);
	} else if (source->path[0]) {
		ret->fd = file_open(source->path, source->read_only);
		ret->write_fd = ret->fd;
		r = ret->fd < 0 ? ret->fd : 0;
	}
	if (!r && bytes && source->has & HAS_MAPPING) {
		mapping = mmap(NULL, bytes,
			       source->read_only ? PROT_READ :
						   PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_POPULATE, ret->fd, 0);
		if (mapping == MAP_FAILED) {
			r = -errno;
		} else {
			ret->mapping = mapping;
			ret->mapped = bytes;
		}
	}
	if (r)
		ends_close(ret);
	return r;
}

void ends_close(struct ends *ends)
{
	if (ends->mapping)
		munmap(ends->mapping, ends->mapped);
	if (ends->write_fd >= 0 && ends->write_fd != ends->fd)
		close(ends->write_fd);
	if (ends->fd >= 0)
		close(ends->fd);
	*ends = (struct ends){ .fd = -1, .write_fd = -1 };
}
