// SPDX-License-Identifier: GPL-2.0-only
/*
 * What calls must return and do: the contract, as a program.
 */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* Between segments that are read to, so that one too long is seen. */
#define GAP 16

/* O_PATH is no open file to any call but close(), dup() and fcntl(). */
bool is_open(const struct open_file *file)
{
	return !(file->flags & O_PATH);
}

bool is_readable(const struct open_file *file)
{
	int mode = file->flags & O_ACCMODE;

	return is_open(file) && (mode == O_RDONLY || mode == O_RDWR);
}

bool is_writable(const struct open_file *file)
{
	int mode = file->flags & O_ACCMODE;

	return is_open(file) && (mode == O_WRONLY || mode == O_RDWR);
}

size_t clamp(const struct worker *w, off_t pos, size_t len)
{
	size_t left = pos < (off_t)w->fuzz->size ? w->fuzz->size - pos : 0;

	return len < left ? len : left;
}

/* Beyond the device's end nothing is written, and nobody is there. */
size_t room(const struct worker *w, off_t pos)
{
	if (pos >= (off_t)w->fuzz->size)
		return w->max;
	if (pos < (off_t)w->begin || pos >= (off_t)w->end)
		return 0;
	return w->end == w->fuzz->size ? w->max : w->end - pos;
}

unsigned char *model_at(const struct worker *w, off_t pos)
{
	return w->model->bytes + (pos - w->begin);
}

/* Cuts @len into @n parts, some of them empty. */
static void cut(struct worker *w, struct pieces *pieces, size_t len, int n)
{
	*pieces = (struct pieces){ .n = n, .len = len, .good = len };
	for (int i = 0; i < n - 1; i++) {
		size_t part = once_in(w, 8) ? 0 : below(w, len + 1);

		pieces->iov[i].iov_len = part;
		len -= part;
	}
	pieces->iov[n - 1].iov_len = len;
}

/* Lets memory end in the midst of a segment, now and then. */
static void spoil(struct worker *w, struct pieces *pieces)
{
	struct iovec *bad = &pieces->iov[below(w, pieces->n)];
	size_t good;

	if (!once_in(w, 20) || !bad->iov_len)
		return;
	good = once_in(w, 3) ? 0 : below(w, bad->iov_len);
	bad->iov_base = w->cliff - good;
	pieces->good = good;
	for (struct iovec *before = pieces->iov; before < bad; before++)
		pieces->good += before->iov_len;
}

void pick_source(struct worker *w, struct pieces *pieces, size_t len, int n)
{
	cut(w, pieces, len, n);
	for (int i = 0; i < n; i++)
		pieces->iov[i].iov_base = w->pool + below(w, w->max);
	spoil(w, pieces);
}

void pick_sink(struct worker *w, struct pieces *pieces, size_t len, int n)
{
	unsigned char *at = w->in + below(w, w->fuzz->page);

	cut(w, pieces, len, n);
	memset(at, CANARY, len + (n + 1) * GAP);
	for (int i = 0; i < n; i++) {
		at += GAP;
		pieces->iov[i].iov_base = at;
		at += pieces->iov[i].iov_len;
	}
	spoil(w, pieces);
}

static long as_far_as_good(size_t n, const struct pieces *pieces)
{
	if (n <= pieces->good)
		return n;
	return pieces->good ? (long)pieces->good : -EFAULT;
}

long expected_read(const struct worker *w, const struct open_file *file,
		   off_t pos, const struct pieces *to)
{
	if (!is_readable(file))
		return -EBADF;
	return as_far_as_good(clamp(w, pos, to->len), to);
}

long expected_write(const struct worker *w, const struct open_file *file,
		    off_t pos, const struct pieces *from, bool append)
{
	size_t n = clamp(w, pos, from->len);

	if (!is_writable(file))
		return -EBADF;
	if (!from->len)
		return 0;
	if (!n || append || file->flags & O_APPEND)
		return -ENOSPC;
	return as_far_as_good(n, from);
}

/* Of what is outside the process's range nothing is known. */
void model_compare(struct worker *w, off_t pos, const unsigned char *bytes,
		   size_t n)
{
	off_t begin = pos > (off_t)w->begin ? pos : (off_t)w->begin;
	off_t end = pos + n < w->end ? pos + n : w->end;

	if (begin < end)
		expect_bytes(w, "what was read", begin, bytes + (begin - pos),
			     model_at(w, begin), end - begin);
}

void model_read(struct worker *w, off_t pos, const struct pieces *to, long n)
{
	static const unsigned char untouched[GAP] = { [0 ... GAP - 1] =
							      CANARY };

	for (int i = 0; i < to->n && n >= 0; i++) {
		const unsigned char *bytes = to->iov[i].iov_base;
		size_t len = to->iov[i].iov_len;
		size_t part = (size_t)n < len ? (size_t)n : len;

		model_compare(w, pos, bytes, part);
		if (to->good == to->len)
			expect_bytes(w, "memory behind what was read",
				     pos + part, bytes + part, untouched, GAP);
		pos += part;
		n -= part;
	}
}

void model_put(struct worker *w, off_t pos, const void *bytes, size_t n)
{
	if (!n)
		return;
	memmove(model_at(w, pos), bytes, n);
	if (w->dirty_begin == w->dirty_end) {
		w->dirty_begin = pos;
		w->dirty_end = pos + n;
		return;
	}
	if ((size_t)pos < w->dirty_begin)
		w->dirty_begin = pos;
	if (pos + n > w->dirty_end)
		w->dirty_end = pos + n;
}

void model_write(struct worker *w, off_t pos, const struct pieces *from, long n)
{
	for (int i = 0; i < from->n && n > 0; i++) {
		size_t len = from->iov[i].iov_len;
		size_t part = (size_t)n < len ? (size_t)n : len;

		model_put(w, pos, from->iov[i].iov_base, part);
		pos += part;
		n -= part;
	}
}
