// SPDX-License-Identifier: GPL-2.0-only
#include "save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_all(int fd, const void *buffer, size_t len)
{
	const char *p = buffer;

	while (len) {
		ssize_t done = write(fd, p, len);

		if (done < 0)
			return -errno;
		p += done;
		len -= done;
	}
	return 0;
}

/* What is no plain file, as a pipe or a device, is written to as it stands. */
static int save_in_place(const char *path, const void *buffer, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), r;

	if (fd < 0)
		return -errno;
	r = write_all(fd, buffer, len);
	if (close(fd) && !r)
		r = -errno;
	return r;
}

static mode_t new_file_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

/*
 * Writes a file beside @path, and renames it when all of it is there: whoever
 * looks at @path sees what was there before or what is there now.
 */
static int save_replace(const char *path, mode_t mode, const void *buffer,
			size_t len)
{
	char *beside;
	int fd, r = 0;

	if (asprintf(&beside, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0) {
		r = -errno;
		free(beside);
		return r;
	}
	r = write_all(fd, buffer, len);
	if (!r && (fchmod(fd, mode) || fsync(fd)))
		r = -errno;
	if (close(fd) && !r)
		r = -errno;
	if (!r && rename(beside, path))
		r = -errno;
	if (r)
		unlink(beside);
	free(beside);
	return r;
}

/*
 * Standard output or error, if that is the file, as /dev/stdout is; else -1. What it was
 * opened with, to append, say, would be lost by replacing it, and so would what has
 * been printed.
 */
static int own_descriptor(const struct stat *st)
{
	struct stat own;

	for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
		if (!fstat(fd, &own) && own.st_dev == st->st_dev &&
		    own.st_ino == st->st_ino)
			return fd;
	return -1;
}

int save_file(const char *path, const void *buffer, size_t len)
{
	struct stat st;
	char *real;
	int fd, r;

	if (!strcmp(path, "-"))
		return write_all(STDOUT_FILENO, buffer, len);
	if (stat(path, &st))
		return save_replace(path, new_file_mode(), buffer, len);
	fd = own_descriptor(&st);
	if (fd >= 0)
		return fflush(NULL) ? -errno : write_all(fd, buffer, len);
	if (!S_ISREG(st.st_mode))
		return save_in_place(path, buffer, len);
	/* A link to the file stays one. */
	real = realpath(path, NULL);
	if (!real)
		return -errno;
	r = save_replace(real, st.st_mode & 0777, buffer, len);
	free(real);
	return r;
}
