// SPDX-License-Identifier: GPL-2.0-only
/*
 * The same by io_uring: one at a time, or several at different places at once.
 */
#include "fuzz.h"

#include <errno.h>
#include <liburing.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#define REQUESTS 4
#define FIXED_SIZE 65536
#define AT_POSITION ((uint64_t)-1)

static struct io_uring ring;
static unsigned char *fixed; /* registered with the ring */

void uring_init(struct worker *w)
{
	struct iovec buffer;
	int error;

	error = io_uring_queue_init(2 * REQUESTS, &ring, 0);
	if (error)
		differ(w, "that there is io_uring",
		       "%s: boot a kernel with CONFIG_IO_URING",
		       strerror(-error));
	fixed = aligned_alloc(w->fuzz->page, FIXED_SIZE);
	buffer = (struct iovec){ fixed, FIXED_SIZE };
	if (!fixed || io_uring_register_buffers(&ring, &buffer, 1))
		differ(w, "a registered buffer", "none");
}

struct request {
	struct descriptor *d;
	bool write;
	bool vectored;
	bool fixed;
	bool async; /* at once by one of the ring's threads */
	uint64_t offset;
	off_t pos;
	struct pieces pieces;
};

static void prepare(const struct request *r, uint64_t number)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
	const struct iovec *iov = r->pieces.iov;
	int fd = r->d->fd, n = r->pieces.n;

	if (r->fixed && r->write)
		io_uring_prep_write_fixed(sqe, fd, iov->iov_base, iov->iov_len,
					  r->offset, 0);
	else if (r->fixed)
		io_uring_prep_read_fixed(sqe, fd, iov->iov_base, iov->iov_len,
					 r->offset, 0);
	else if (r->vectored && r->write)
		io_uring_prep_writev(sqe, fd, iov, n, r->offset);
	else if (r->vectored)
		io_uring_prep_readv(sqe, fd, iov, n, r->offset);
	else if (r->write)
		io_uring_prep_write(sqe, fd, iov->iov_base, iov->iov_len,
				    r->offset);
	else
		io_uring_prep_read(sqe, fd, iov->iov_base, iov->iov_len,
				   r->offset);
	if (r->async)
		sqe->flags |= IOSQE_ASYNC;
	sqe->user_data = number;
}

/* Does all of them, and again those that were sent away (of O_NONBLOCK files). */
static void submit(struct worker *w, const struct request *requests, int n,
		   long *came)
{
	int left = n;

	for (int i = 0; i < n; i++)
		prepare(&requests[i], i);
	while (left) {
		struct io_uring_cqe *done;
		int i;

		expect(w, io_uring_submit_and_wait(&ring, 1) < 0, false);
		expect(w, io_uring_wait_cqe(&ring, &done), 0);
		i = done->user_data;
		came[i] = done->res;
		io_uring_cqe_seen(&ring, done);
		if (came[i] == -EAGAIN) {
			w->report->again++;
			sched_yield();
			prepare(&requests[i], i);
		} else {
			left--;
		}
	}
}

/* Of a fixed buffer, so many bytes from @at on. */
static void pick_fixed(struct worker *w, struct request *r, size_t at,
		       size_t size)
{
	size_t len = r->pieces.len;

	at += below(w, 64);
	if (len > size - 128)
		len = size - 128;
	r->pieces = (struct pieces){ .n = 1, .len = len, .good = len };
	r->pieces.iov[0] = (struct iovec){ fixed + at, len };
	if (r->write)
		memcpy(fixed + at, w->pool + below(w, w->max), len);
	else
		memset(fixed + at, CANARY, len + 64);
}

/* At @pos, or at the position; @slot of @slots of the fixed buffer is its own. */
static void pick_request(struct worker *w, struct request *r, bool write,
			 off_t pos, size_t max, int slot, int slots)
{
	size_t len = pick_length(w);
	int n;

	*r = (struct request){ .write = write, .pos = pos, .offset = pos };
	r->d = pick_descriptor(w);
	r->async = once_in(w, 8);
	if (slots == 1 && once_in(w, 3)) {
		r->pos = r->d->file->position;
		r->offset = AT_POSITION;
		max = write ? room(w, r->pos) : w->max;
	}
	if (len > max)
		len = max;
	r->vectored = once_in(w, 3);
	n = r->vectored ? 1 + below(w, SEGMENTS) : 1;
	if (write)
		pick_source(w, &r->pieces, len, n);
	else if (slots == 1)
		pick_sink(w, &r->pieces, len, n);
	else
		r->pieces.len = len;
	if ((!write && slots > 1) || (!r->vectored && once_in(w, 3))) {
		r->fixed = true;
		pick_fixed(w, r, slot * (FIXED_SIZE / slots),
			   FIXED_SIZE / slots);
	}
}

static void name(struct worker *w, const struct request *r)
{
	call(w,
	     "io_uring %s%s%s%s(fd %d of flags 0%o, %zu bytes, %zu of them there, %s %jd)",
	     r->write ? "write" : "read", r->vectored ? ", vectored" : "",
	     r->fixed ? ", fixed" : "", r->async ? ", async" : "", r->d->fd,
	     r->d->file->flags, r->pieces.len, r->pieces.good,
	     r->offset == AT_POSITION ? "position" : "offset",
	     (intmax_t)r->pos);
}

static void after(struct worker *w, const struct request *r, long came)
{
	struct open_file *file = r->d->file;

	if (r->write) {
		expect(w, came,
		       expected_write(w, file, r->pos, &r->pieces, false));
		model_write(w, r->pos, &r->pieces, came);
	} else {
		expect(w, came, expected_read(w, file, r->pos, &r->pieces));
		model_read(w, r->pos, &r->pieces, came);
	}
	if (came > 0 && r->offset == AT_POSITION)
		file->position += came;
}

void do_uring_read(struct worker *w)
{
	struct request r;
	long came;

	pick_request(w, &r, false, pick_offset(w), w->max, 0, 1);
	name(w, &r);
	submit(w, &r, 1, &came);
	after(w, &r, came);
}

void do_uring_write(struct worker *w)
{
	off_t pos = pick_offset(w);
	struct request r;
	long came;

	pick_request(w, &r, true, pos, room(w, pos), 0, 1);
	name(w, &r);
	submit(w, &r, 1, &came);
	after(w, &r, came);
}

/* Each in a part of its own of the range, in whatever order they are done. */
void do_uring_many(struct worker *w)
{
	size_t part = (w->end - w->begin) / REQUESTS;
	struct request r[REQUESTS];
	long came[REQUESTS];
	int n = 2 + below(w, REQUESTS - 1);

	for (int i = 0; i < n; i++) {
		size_t at = below(w, part);

		pick_request(w, &r[i], once_in(w, 2), w->begin + i * part + at,
			     part - at, i, REQUESTS);
	}
	call(w, "io_uring, %d at once", n);
	submit(w, r, n, came);
	for (int i = 0; i < n; i++) {
		name(w, &r[i]);
		after(w, &r[i], came[i]);
	}
}
