// SPDX-License-Identifier: GPL-2.0-only
/*
 * splice(), vmsplice() and sendfile(). The pipe is empty before each call and after.
 */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <unistd.h>

void pipe_drain(struct worker *w, size_t n)
{
	size_t done = 0;

	while (done < n) {
		long came = result(read(w->pipe[0], w->in + done, n - done));

		if (came <= 0)
			expect(w, came, n - done);
		done += came;
	}
}

static size_t pick_pipe_length(struct worker *w)
{
	size_t len = 1 + pick_length(w);

	return len < PIPE_MAX ? len : PIPE_MAX;
}

void do_splice_from(struct worker *w)
{
	struct descriptor *d = pick_descriptor(w);
	struct open_file *file = d->file;
	bool at_position = once_in(w, 2);
	off_t offset = at_position ? file->position : pick_offset(w), to;
	size_t len = pick_pipe_length(w);
	long expected = clamp(w, offset, len), came;

	if (!is_readable(file))
		expected = -EBADF;
	call(w, "splice(fd %d of flags 0%o, %s %jd, to a pipe, %zu bytes)",
	     d->fd, file->flags, at_position ? "position" : "offset",
	     (intmax_t)offset, len);
	to = offset;
	came = result(splice(d->fd, at_position ? NULL : &to, w->pipe[1], NULL,
			     len, SPLICE_F_NONBLOCK));
	expect(w, came, expected);
	if (came < 0)
		return;
	pipe_drain(w, came);
	model_compare(w, offset, w->in, came);
	if (at_position)
		file->position += came;
	else
		expect(w, to, offset + came);
}

/* What is in the pipe, @len bytes of @from, goes to the device. */
static void splice_to(struct worker *w, const char *what, struct descriptor *d,
		      bool at_position, off_t offset, const unsigned char *from,
		      size_t len)
{
	struct open_file *file = d->file;
	long expected = clamp(w, offset, len), came;
	off_t to = offset;

	if (!is_writable(file))
		expected = -EBADF;
	else if (file->flags & O_APPEND)
		expected = -EINVAL;
	else if (!expected)
		expected = -ENOSPC;
	call(w, "%s, splice(%zu bytes to fd %d of flags 0%o, %s %jd)", what,
	     len, d->fd, file->flags, at_position ? "position" : "offset",
	     (intmax_t)offset);
	came = result(splice(w->pipe[0], NULL, d->fd, at_position ? NULL : &to,
			     len, 0));
	expect(w, came, expected);
	if (came < 0)
		came = 0;
	if (at_position)
		file->position += came;
	else
		expect(w, to, offset + came);
	model_put(w, offset, from, came);
	pipe_drain(w, len - came);
}

/* Where to, and how much: 0 if nothing may be written there. */
static size_t pick_target(struct worker *w, struct descriptor **ret_d,
			  bool *ret_at_position, off_t *ret_offset)
{
	size_t len = pick_pipe_length(w), max;

	*ret_d = pick_descriptor(w);
	*ret_at_position = once_in(w, 2);
	*ret_offset = pick_offset(w);
	if (*ret_at_position && room(w, (*ret_d)->file->position))
		*ret_offset = (*ret_d)->file->position;
	else
		*ret_at_position = false;
	max = room(w, *ret_offset);
	return len < max ? len : max;
}

void do_splice_to(struct worker *w)
{
	const unsigned char *from = w->pool + below(w, w->max);
	struct descriptor *d;
	bool at_position;
	off_t offset;
	size_t len = pick_target(w, &d, &at_position, &offset);

	expect(w, result(write(w->pipe[1], from, len)), len);
	splice_to(w, "write", d, at_position, offset, from, len);
}

void do_vmsplice_to(struct worker *w)
{
	unsigned char *from = w->pool + below(w, w->max);
	struct descriptor *d;
	bool at_position;
	off_t offset;
	size_t len = pick_target(w, &d, &at_position, &offset);
	struct iovec part = { from, len };

	call(w, "vmsplice");
	expect(w, result(vmsplice(w->pipe[1], &part, 1, SPLICE_F_NONBLOCK)),
	       len);
	splice_to(w, "vmsplice", d, at_position, offset, from, len);
}

void do_sendfile_from(struct worker *w)
{
	struct descriptor *d = pick_descriptor(w);
	struct open_file *file = d->file;
	bool at_position = once_in(w, 2);
	off_t offset = at_position ? file->position : pick_offset(w), to;
	size_t len = 1 + pick_length(w);
	long expected = clamp(w, offset, len), came;

	if (!is_readable(file))
		expected = -EBADF;
	else if (!w->fuzz->sends)
		expected = -EINVAL;
	call(w,
	     "sendfile(to a file, from fd %d of flags 0%o, %s %jd, %zu bytes)",
	     d->fd, file->flags, at_position ? "position" : "offset",
	     (intmax_t)offset, len);
	expect(w, result(lseek(w->memfd, 0, SEEK_SET)), 0);
	to = offset;
	came = result(sendfile(w->memfd, d->fd, at_position ? NULL : &to, len));
	expect(w, came, expected);
	if (came < 0)
		return;
	expect(w, result(pread(w->memfd, w->in, came, 0)), came);
	model_compare(w, offset, w->in, came);
	if (at_position)
		file->position += came;
	else
		expect(w, to, offset + came);
}

/* To the position: there is no other way. */
void do_sendfile_to(struct worker *w)
{
	const unsigned char *from = w->pool + below(w, w->max);
	struct descriptor *d = pick_descriptor(w);
	struct open_file *file = d->file;
	size_t len = 1 + pick_length(w), max = room(w, file->position);
	long expected, came;
	off_t offset = 0;

	if (len > max)
		len = max;
	if (!len)
		return;
	expected = clamp(w, file->position, len);
	if (!is_writable(file))
		expected = -EBADF;
	else if (file->flags & O_APPEND)
		expected = -EINVAL;
	else if (!expected)
		expected = -ENOSPC;
	call(w,
	     "sendfile(to fd %d of flags 0%o, position %jd, from a file, %zu bytes)",
	     d->fd, file->flags, (intmax_t)file->position, len);
	expect(w, result(pwrite(w->memfd, from, len, 0)), len);
	came = result(sendfile(d->fd, w->memfd, &offset, len));
	expect(w, came, expected);
	if (came <= 0)
		return;
	model_put(w, file->position, from, came);
	file->position += came;
}
