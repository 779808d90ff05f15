// SPDX-License-Identifier: GPL-2.0-only
#include "operation.h"

#include <errno.h>
#include <liburing.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/mymem.h>

/* A vectored call has so many segments, or one for each byte. */
#define SEGMENTS 4

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static ssize_t result(ssize_t ret)
{
	return ret < 0 ? -errno : ret;
}

static ssize_t call_read(struct job *job, uint64_t offset)
{
	(void)offset;
	return result(read(job->fd, job->buffer, job->size));
}

static ssize_t call_write(struct job *job, uint64_t offset)
{
	(void)offset;
	return result(write(job->write_fd, job->buffer, job->size));
}

ssize_t read_at(int fd, void *buffer, size_t size, uint64_t offset)
{
	size_t done = 0;
	ssize_t n;

	do {
		n = pread(fd, buffer + done, size - done, offset + done);
		if (n < 0)
			return -errno;
		done += n;
	} while (n && done < size);
	return done;
}

ssize_t write_at(int fd, const void *buffer, size_t size, uint64_t offset)
{
	size_t done = 0;
	ssize_t n;

	do {
		n = pwrite(fd, buffer + done, size - done, offset + done);
		if (n < 0)
			return -errno;
		done += n;
	} while (n && done < size);
	return done;
}

static ssize_t call_pread(struct job *job, uint64_t offset)
{
	return read_at(job->fd, job->buffer, job->size, offset);
}

static ssize_t call_pwrite(struct job *job, uint64_t offset)
{
	return write_at(job->write_fd, job->buffer, job->size, offset);
}

static int segments(const struct job *job, struct iovec *segment)
{
	int n = job->size < SEGMENTS ? job->size : SEGMENTS;
	size_t each = job->size / n;

	for (int i = 0; i < n; i++) {
		segment[i].iov_base = job->buffer + i * each;
		segment[i].iov_len = each;
	}
	segment[n - 1].iov_len = job->size - (n - 1) * each;
	return n;
}

static ssize_t call_readv(struct job *job, uint64_t offset)
{
	struct iovec segment[SEGMENTS];

	(void)offset;
	return result(readv(job->fd, segment, segments(job, segment)));
}

static ssize_t call_writev(struct job *job, uint64_t offset)
{
	struct iovec segment[SEGMENTS];

	(void)offset;
	return result(writev(job->write_fd, segment, segments(job, segment)));
}

static ssize_t call_preadv(struct job *job, uint64_t offset)
{
	struct iovec segment[SEGMENTS];

	return result(preadv(job->fd, segment, segments(job, segment), offset));
}

static ssize_t call_pwritev(struct job *job, uint64_t offset)
{
	struct iovec segment[SEGMENTS];

	return result(pwritev(job->write_fd, segment, segments(job, segment),
			      offset));
}

/* A call for what is left behind the bytes that are done. */
static void ring_add(struct job *job, uint64_t offset, bool write, bool fixed,
		     size_t done)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(job->ring);
	size_t size = job->size - done;
	void *buffer = job->buffer + done;

	offset += done;
	if (write && fixed)
		io_uring_prep_write_fixed(sqe, 1, buffer, size, offset, 0);
	else if (write)
		io_uring_prep_write(sqe, 1, buffer, size, offset);
	else if (fixed)
		io_uring_prep_read_fixed(sqe, 0, buffer, size, offset, 0);
	else
		io_uring_prep_read(sqe, 0, buffer, size, offset);
	/* Of the registered files: what is read from, and what is written to. */
	sqe->flags |= IOSQE_FIXED_FILE;
	sqe->user_data = done;
}

/*
 * So many calls at once, and again for the rest of those that do less: /dev/zero does,
 * if somebody else wants the processor. Returns the bytes of each, or the last error.
 */
static ssize_t ring_run(struct job *job, uint64_t offset, unsigned int n,
			bool write, bool fixed)
{
	ssize_t ret = job->size;

	for (unsigned int i = 0; i < n; i++)
		ring_add(job, offset, write, fixed, 0);
	while (n) {
		int submitted = io_uring_submit_and_wait(job->ring, n);
		struct io_uring_cqe *cqes[RING_BATCH];
		unsigned int seen;

		if (submitted < 0)
			return submitted;
		seen = io_uring_peek_batch_cqe(job->ring, cqes, RING_BATCH);
		for (unsigned int i = 0; i < seen; i++) {
			ssize_t done = cqes[i]->res;

			if (done > 0)
				done += cqes[i]->user_data;
			if (cqes[i]->res > 0 && (size_t)done < job->size) {
				ring_add(job, offset, write, fixed, done);
				continue;
			}
			if (done != (ssize_t)job->size)
				ret = done;
			n--;
		}
		io_uring_cq_advance(job->ring, seen);
	}
	return ret;
}

static ssize_t call_ring_read(struct job *job, uint64_t offset)
{
	return ring_run(job, offset, 1, false, false);
}

static ssize_t call_ring_write(struct job *job, uint64_t offset)
{
	return ring_run(job, offset, 1, true, false);
}

static ssize_t call_ring_read_fixed(struct job *job, uint64_t offset)
{
	return ring_run(job, offset, 1, false, true);
}

static ssize_t call_ring_write_fixed(struct job *job, uint64_t offset)
{
	return ring_run(job, offset, 1, true, true);
}

static ssize_t call_ring_read_batch(struct job *job, uint64_t offset)
{
	return ring_run(job, offset, RING_BATCH, false, true);
}

static ssize_t call_ring_write_batch(struct job *job, uint64_t offset)
{
	return ring_run(job, offset, RING_BATCH, true, true);
}

/* The compiler may not leave out a copy of which nobody reads the result. */
static void copy(void *to, const void *from, size_t size)
{
	memcpy(to, from, size);
	__asm__ __volatile__("" : : "r"(to) : "memory");
}

static ssize_t call_map_read(struct job *job, uint64_t offset)
{
	copy(job->buffer, job->mapping + offset, job->size);
	return job->size;
}

static ssize_t call_map_write(struct job *job, uint64_t offset)
{
	copy(job->mapping + offset, job->buffer, job->size);
	return job->size;
}

static ssize_t call_copy_in(struct job *job, uint64_t offset)
{
	(void)offset;
	copy(job->buffer, job->memory, job->size);
	return job->size;
}

static ssize_t call_copy_out(struct job *job, uint64_t offset)
{
	(void)offset;
	copy(job->memory, job->buffer, job->size);
	return job->size;
}

static ssize_t call_atomic(struct job *job, uint64_t offset)
{
	struct mymem_atomic atomic = {
		.size = sizeof(atomic),
		.op = MYMEM_OP_ADD,
		.offset = offset & ~(uint64_t)7,
		.operand = 0, /* so that what is stored stays as it is */
	};

	return ioctl(job->fd, MYMEM_IOC_ATOMIC, &atomic) ? -errno :
							   (ssize_t)job->size;
}

/* A system call that does nothing; not one that a library remembers. */
static ssize_t call_getppid(struct job *job, uint64_t offset)
{
	(void)offset;
	getppid();
	return job->size;
}

#define FILE (HAS_DESCRIPTOR | HAS_POSITION)
#define RING (HAS_DESCRIPTOR | HAS_POSITION)

static const struct operation operations[] = {
	{ "read", "read(), from the position", HAS_DESCRIPTOR, false, true,
	  true, 1, call_read },
	{ "write", "write(), at the position", HAS_DESCRIPTOR, true, true, true,
	  1, call_write },
	{ "readv", "readv(), four segments", HAS_DESCRIPTOR, false, true, true,
	  1, call_readv },
	{ "writev", "writev(), four segments", HAS_DESCRIPTOR, true, true, true,
	  1, call_writev },
	{ "pread", "pread()", FILE, false, true, false, 1, call_pread },
	{ "pwrite", "pwrite()", FILE, true, true, false, 1, call_pwrite },
	{ "preadv", "preadv(), four segments", FILE, false, true, false, 1,
	  call_preadv },
	{ "pwritev", "pwritev(), four segments", FILE, true, true, false, 1,
	  call_pwritev },
	{ "uring-read", "io_uring, one at a time", RING, false, true, false, 1,
	  call_ring_read },
	{ "uring-write", "io_uring, one at a time", RING, true, true, false, 1,
	  call_ring_write },
	{ "uring-read-fixed", "io_uring, registered buffer", RING, false, true,
	  false, 1, call_ring_read_fixed },
	{ "uring-write-fixed", "io_uring, registered buffer", RING, true, true,
	  false, 1, call_ring_write_fixed },
	{ "uring-read-batch", "io_uring, 16 at a time, registered buffer", RING,
	  false, true, false, RING_BATCH, call_ring_read_batch },
	{ "uring-write-batch", "io_uring, 16 at a time, registered buffer",
	  RING, true, true, false, RING_BATCH, call_ring_write_batch },
	{ "map-read", "copy out of a mapping", HAS_MAPPING, false, true, false,
	  1, call_map_read },
	{ "map-write", "copy into a mapping", HAS_MAPPING, true, true, false, 1,
	  call_map_write },
	{ "atomic", "the driver's atomic add", HAS_ATOMIC, false, false, false,
	  1, call_atomic },
	{ "getppid", "a system call that does nothing", HAS_NOTHING, false,
	  false, false, 1, call_getppid },
};

const struct operation *operation_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(operations); i++)
		if (!strcmp(operations[i].name, name))
			return &operations[i];
	return NULL;
}

const struct operation *operation_at(size_t i)
{
	return i < ARRAY_SIZE(operations) ? &operations[i] : NULL;
}

const struct operation *operation_as_copy(const struct operation *operation)
{
	static struct operation copies[ARRAY_SIZE(operations)];
	struct operation *copy = &copies[operation - operations];

	*copy = *operation;
	copy->needs = HAS_MEMORY;
	copy->seeks = false;
	copy->calls = 1;
	copy->call = operation->writes ? call_copy_out : call_copy_in;
	return copy;
}
