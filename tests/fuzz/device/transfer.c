// SPDX-License-Identifier: GPL-2.0-only
/*
 * The calls that read, write and seek.
 */
#include "fuzz.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/uio.h>
#include <unistd.h>

/* What a call that transfers bytes is called with. */
struct transfer {
	struct descriptor *d;
	bool at_position; /* which then moves */
	off_t pos;
	struct pieces pieces;
};

/* Reads may be anywhere; of a foreign range, the bytes are not looked at. */
static void pick_read(struct worker *w, struct transfer *t, bool at_position,
		      int segments)
{
	t->d = pick_descriptor(w);
	t->at_position = at_position;
	t->pos = at_position ? t->d->file->position : pick_offset(w);
	if (!at_position && once_in(w, 8))
		t->pos = below(w, w->fuzz->size + 100);
	pick_sink(w, &t->pieces, pick_length(w), segments);
}

static void pick_write(struct worker *w, struct transfer *t, bool at_position,
		       int segments)
{
	size_t len = pick_length(w);

	t->d = pick_descriptor(w);
	t->at_position = at_position;
	t->pos = at_position ? t->d->file->position : pick_offset(w);
	if (!at_position && once_in(w, 16))
		t->pos = w->fuzz->size + below(w, 100);
	if (len > room(w, t->pos))
		len = room(w, t->pos);
	pick_source(w, &t->pieces, len, segments);
}

static void name(struct worker *w, const char *what, const struct transfer *t,
		 int flags)
{
	call(w,
	     "%s(fd %d of flags 0%o, %zu bytes in %d segments, %zu of them there), %s %jd, flags %#x",
	     what, t->d->fd, t->d->file->flags, t->pieces.len, t->pieces.n,
	     t->pieces.good, t->at_position ? "at the position" : "at",
	     (intmax_t)t->pos, flags);
}

static void after_read(struct worker *w, const struct transfer *t, long n)
{
	expect(w, n, expected_read(w, t->d->file, t->pos, &t->pieces));
	model_read(w, t->pos, &t->pieces, n);
	if (n > 0 && t->at_position)
		t->d->file->position += n;
}

static void after_write(struct worker *w, const struct transfer *t, long n,
			bool append)
{
	expect(w, n, expected_write(w, t->d->file, t->pos, &t->pieces, append));
	model_write(w, t->pos, &t->pieces, n);
	if (n > 0 && t->at_position)
		t->d->file->position += n;
}

void do_read(struct worker *w)
{
	struct transfer t;

	pick_read(w, &t, true, 1);
	name(w, "read", &t, 0);
	after_read(
		w, &t,
		result(read(t.d->fd, t.pieces.iov[0].iov_base, t.pieces.len)));
}

void do_write(struct worker *w)
{
	struct transfer t;

	pick_write(w, &t, true, 1);
	name(w, "write", &t, 0);
	after_write(
		w, &t,
		result(write(t.d->fd, t.pieces.iov[0].iov_base, t.pieces.len)),
		false);
}

void do_pread(struct worker *w)
{
	struct transfer t;

	pick_read(w, &t, false, 1);
	name(w, "pread", &t, 0);
	after_read(w, &t,
		   result(pread(t.d->fd, t.pieces.iov[0].iov_base, t.pieces.len,
				t.pos)));
}

void do_pwrite(struct worker *w)
{
	struct transfer t;

	pick_write(w, &t, false, 1);
	name(w, "pwrite", &t, 0);
	after_write(w, &t,
		    result(pwrite(t.d->fd, t.pieces.iov[0].iov_base,
				  t.pieces.len, t.pos)),
		    false);
}

void do_readv(struct worker *w)
{
	struct transfer t;
	long n;

	pick_read(w, &t, once_in(w, 2), 1 + below(w, SEGMENTS));
	name(w, t.at_position ? "readv" : "preadv", &t, 0);
	if (t.at_position)
		n = readv(t.d->fd, t.pieces.iov, t.pieces.n);
	else
		n = preadv(t.d->fd, t.pieces.iov, t.pieces.n, t.pos);
	after_read(w, &t, result(n));
}

void do_writev(struct worker *w)
{
	struct transfer t;
	long n;

	pick_write(w, &t, once_in(w, 2), 1 + below(w, SEGMENTS));
	name(w, t.at_position ? "writev" : "pwritev", &t, 0);
	if (t.at_position)
		n = writev(t.d->fd, t.pieces.iov, t.pieces.n);
	else
		n = pwritev(t.d->fd, t.pieces.iov, t.pieces.n, t.pos);
	after_write(w, &t, result(n), false);
}

/* Those that do not want to wait may be sent away, and nothing has happened then. */
static bool sent_away(struct worker *w, long n, int flags)
{
	if (n != -EAGAIN || !(flags & RWF_NOWAIT))
		return false;
	w->report->again++;
	check_all(w);
	return true;
}

void do_preadv2(struct worker *w)
{
	static const int some[] = { 0, RWF_NOWAIT, RWF_HIPRI };
	int flags = some[below(w, 3)];
	struct transfer t;
	off_t offset;
	long n;

	pick_read(w, &t, once_in(w, 3), 1 + below(w, SEGMENTS));
	offset = t.at_position ? -1 : t.pos;
	name(w, "preadv2", &t, flags);
	n = result(preadv2(t.d->fd, t.pieces.iov, t.pieces.n, offset, flags));
	if (sent_away(w, n, flags)) {
		/* check_all() has read to the same memory. */
		pick_sink(w, &t.pieces, t.pieces.len, t.pieces.n);
		n = result(
			preadv2(t.d->fd, t.pieces.iov, t.pieces.n, offset, 0));
	}
	after_read(w, &t, n);
}

void do_pwritev2(struct worker *w)
{
	static const int some[] = { 0,		RWF_NOWAIT, RWF_NOWAIT,
				    RWF_APPEND, RWF_DSYNC,  RWF_SYNC,
				    RWF_HIPRI };
	int flags = some[below(w, sizeof(some) / sizeof(*some))];
	struct transfer t;
	off_t offset;
	long n;

	pick_write(w, &t, once_in(w, 3), 1 + below(w, SEGMENTS));
	offset = t.at_position ? -1 : t.pos;
	name(w, "pwritev2", &t, flags);
	n = result(pwritev2(t.d->fd, t.pieces.iov, t.pieces.n, offset, flags));
	if (sent_away(w, n, flags))
		n = result(
			pwritev2(t.d->fd, t.pieces.iov, t.pieces.n, offset, 0));
	after_write(w, &t, n, flags & RWF_APPEND);
}

static const char *const whences[] = {
	[SEEK_SET] = "SEEK_SET",   [SEEK_CUR] = "SEEK_CUR",
	[SEEK_END] = "SEEK_END",   [SEEK_DATA] = "SEEK_DATA",
	[SEEK_HOLE] = "SEEK_HOLE", "5, which is none",
};

#define WHENCES (sizeof(whences) / sizeof(*whences))

static long expected_lseek(const struct worker *w, const struct open_file *file,
			   off_t offset, unsigned int whence)
{
	off_t size = w->fuzz->size, to = offset;

	if (!is_open(file))
		return -EBADF;
	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		if (__builtin_add_overflow(file->position, offset, &to))
			return -EINVAL;
		break;
	case SEEK_END:
		if (__builtin_add_overflow(size, offset, &to))
			return -EINVAL;
		break;
	case SEEK_DATA:
	case SEEK_HOLE:
		if (offset < 0 || offset >= size)
			return -ENXIO;
		to = whence == SEEK_DATA ? offset : size;
		break;
	default:
		return -EINVAL;
	}
	return to < 0 || to > size ? -EINVAL : to;
}

void do_lseek(struct worker *w)
{
	static const off_t odd[] = { -1,	1,	 0,	  LLONG_MAX,
				     LLONG_MIN, INT_MAX, 1L << 32 };
	unsigned int whence = once_in(w, 2) ? SEEK_SET : below(w, WHENCES);
	struct descriptor *d = pick_descriptor(w);
	off_t target = pick_offset(w), offset;
	long came;

	if (once_in(w, 10))
		target = w->fuzz->size - 3 + below(w, 7);
	offset = target;
	if (whence == SEEK_CUR)
		offset -= d->file->position;
	else if (whence == SEEK_END)
		offset -= w->fuzz->size;
	if (once_in(w, 10))
		offset = odd[below(w, sizeof(odd) / sizeof(*odd))];

	call(w, "lseek(fd %d of flags 0%o, %jd, %s), position %jd", d->fd,
	     d->file->flags, (intmax_t)offset, whences[whence],
	     (intmax_t)d->file->position);
	came = result(lseek(d->fd, offset, whence));
	expect(w, came, expected_lseek(w, d->file, offset, whence));
	if (came >= 0)
		d->file->position = came;
}

/* What is refused before the driver sees it, or by it: nothing may happen. */
void do_bad_transfer(struct worker *w)
{
	static struct iovec segments[IOV_MAX + 1];
	void *kernel = (void *)(LONG_MIN + 4096);
	struct descriptor *d = &w->descriptors[0];
	size_t len = 1 + below(w, 10000);

	w->used = d;
	switch (below(w, 8)) {
	case 0:
		call(w, "pread(%zu bytes at -1)", len);
		expect(w, result(pread(d->fd, w->in, len, -1)), -EINVAL);
		break;
	case 1:
		call(w, "pwrite(%zu bytes at LLONG_MIN)", len);
		expect(w, result(pwrite(d->fd, w->pool, len, LLONG_MIN)),
		       -EINVAL);
		break;
	case 2:
		call(w, "pread(%zu bytes at LLONG_MAX)", len);
		expect(w, result(pread(d->fd, w->in, len, LLONG_MAX)), -EINVAL);
		break;
	case 3:
		call(w, "pread(to a kernel address, %zu bytes)", len);
		expect(w, result(pread(d->fd, kernel, len, w->begin)), -EFAULT);
		break;
	case 4:
		call(w, "pwrite(from a kernel address, %zu bytes)", len);
		expect(w, result(pwrite(d->fd, kernel, len, w->begin)),
		       -EFAULT);
		break;
	case 5:
		call(w, "preadv(of more segments than there may be)");
		expect(w,
		       result(preadv(d->fd, segments, IOV_MAX + 1, w->begin)),
		       -EINVAL);
		break;
	case 6:
		call(w, "preadv2(of a flag that there is not)");
		segments[0] = (struct iovec){ w->in, len };
		expect(w,
		       result(preadv2(d->fd, segments, 1, w->begin, 1 << 30)),
		       -EOPNOTSUPP);
		break;
	case 7:
		call(w, "pwritev2(of a flag that there is not)");
		segments[0] = (struct iovec){ w->pool, len };
		expect(w,
		       result(pwritev2(d->fd, segments, 1, w->begin, 1 << 30)),
		       -EOPNOTSUPP);
		break;
	}
}
