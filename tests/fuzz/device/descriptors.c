// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opening, closing and sharing open files, and the calls that ask about one.
 */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#define READY (EPOLLIN | EPOLLRDNORM | EPOLLOUT | EPOLLWRNORM)

/* Any but the first, which stays: there is always one. */
static struct descriptor *pick_other(struct worker *w)
{
	return &w->descriptors[1 + below(w, DESCRIPTORS - 1)];
}

void file_close(struct worker *w, struct descriptor *d)
{
	expect(w, result(close(d->fd)), 0);
	d->file->users--;
	d->file = NULL;
}

static void file_set(struct worker *w, struct descriptor *d, int fd, int flags)
{
	struct open_file *file = w->model->files;

	while (file->users)
		file++;
	/* The kernel keeps what has a meaning after open() only. */
	*file = (struct open_file){ .flags = flags, .users = 1 };
	*d = (struct descriptor){ .fd = fd, .file = file };
}

void file_open(struct worker *w, struct descriptor *d, int flags)
{
	int fd = open(w->fuzz->options->device, flags);

	if (fd < 0)
		expect(w, -errno, 0);
	file_set(w, d, fd, flags);
}

void do_open(struct worker *w)
{
	/* What may stand with any mode: none of it matters to a device. */
	static const int more[] = { 0,		O_APPEND, O_NONBLOCK, O_CLOEXEC,
				    O_SYNC,	O_DSYNC,  O_TRUNC,    O_CREAT,
				    O_NOFOLLOW, O_NOCTTY, O_NOATIME,  O_ASYNC };
	static const struct {
		int flags;
		int error;
	} refused[] = {
		{ O_CREAT | O_EXCL, EEXIST },
		{ O_DIRECTORY, ENOTDIR },
		{ O_DIRECT, EINVAL },
		{ O_TMPFILE | O_RDWR, ENOTDIR },
	};
	const char *path = w->fuzz->options->device;
	struct descriptor *d = pick_other(w);
	char again[40];
	int flags, fd;

	if (once_in(w, 8)) {
		size_t i = below(w, sizeof(refused) / sizeof(*refused));

		call(w, "open(0%o)", refused[i].flags);
		expect(w, result(open(path, refused[i].flags, 0600)),
		       -refused[i].error);
		return;
	}
	if (d->file)
		file_close(w, d);
	/* All four modes: 3 is to have neither right. */
	flags = once_in(w, 2) ? O_RDWR : below(w, 4);
	for (int i = 0; i < 3; i++)
		flags |= more[below(w, sizeof(more) / sizeof(*more))];
	if (once_in(w, 16))
		flags = O_PATH;
	if (once_in(w, 4)) {
		/* Not a duplicate: opened once more. */
		snprintf(again, sizeof(again), "/proc/self/fd/%d", w->home);
		path = again;
		flags &= ~O_NOFOLLOW;
	}
	call(w, "open(%s, 0%o)", path, flags);
	fd = open(path, flags, 0600);
	if (fd < 0)
		expect(w, -errno, 0);
	file_set(w, d, fd, flags);
	w->used = d;
}

void do_close(struct worker *w)
{
	struct descriptor *d = pick_other(w);
	int fd = d->fd;

	if (!d->file) {
		call(w, "close(-1)");
		expect(w, result(close(-1)), -EBADF);
		return;
	}
	call(w, "close(fd %d of flags 0%o)", fd, d->file->flags);
	file_close(w, d);
	expect(w, result(read(fd, w->in, 1)), -EBADF);
}

void do_dup(struct worker *w)
{
	struct descriptor *to = pick_other(w), *from;
	int fd;

	do
		from = &w->descriptors[below(w, DESCRIPTORS)];
	while (!from->file);
	if (from == to)
		return;
	call(w, "dup(fd %d of flags 0%o)", from->fd, from->file->flags);
	if (to->file && once_in(w, 2)) {
		/* Closes the one that was there. */
		fd = dup2(from->fd, to->fd);
		to->file->users--;
		to->file = NULL;
	} else {
		if (to->file)
			file_close(w, to);
		fd = dup(from->fd);
	}
	if (fd < 0)
		expect(w, -errno, 0);
	*to = *from;
	to->fd = fd;
	to->file->users++;
	w->used = to;
}

/* Those who share an open file share its flags. */
void do_fcntl(struct worker *w)
{
	const int changeable = O_APPEND | O_NONBLOCK;
	struct descriptor *d = pick_descriptor(w);
	int flags = 0;

	if (!is_open(d->file)) {
		call(w, "fcntl(fd %d of flags 0%o, F_SETFL, 0)", d->fd,
		     d->file->flags);
		expect(w, result(fcntl(d->fd, F_SETFL, 0)), -EBADF);
		return;
	}
	if (once_in(w, 4))
		flags |= O_APPEND;
	if (once_in(w, 2))
		flags |= O_NONBLOCK;
	call(w, "fcntl(fd %d of flags 0%o, F_SETFL, 0%o)", d->fd,
	     d->file->flags, flags);
	expect(w, result(fcntl(d->fd, F_SETFL, flags)), 0);
	d->file->flags = (d->file->flags & ~changeable) | flags;
	expect(w, result(fcntl(d->fd, F_GETFL)) & (changeable | O_ACCMODE),
	       d->file->flags & (changeable | O_ACCMODE));
}

void do_poll(struct worker *w)
{
	struct descriptor *d = pick_descriptor(w);
	struct pollfd p = { .fd = d->fd, .events = below(w, 0x400) };

	call(w, "poll(fd %d of flags 0%o, events %#x)", d->fd, d->file->flags,
	     p.events);
	if (!is_open(d->file)) {
		expect(w, result(poll(&p, 1, 0)), 1);
		expect(w, p.revents, POLLNVAL);
		return;
	}
	expect(w, result(poll(&p, 1, 0)), !!(p.events & READY));
	expect(w, p.revents, p.events & READY);
}

void do_epoll(struct worker *w)
{
	struct descriptor *d = pick_descriptor(w);
	struct epoll_event event = { .events = below(w, 0x400), .data.u64 = 7 };
	struct epoll_event came = { 0 };
	unsigned int ready = event.events & READY;

	call(w, "epoll_ctl, epoll_wait(fd %d of flags 0%o, events %#x)", d->fd,
	     d->file->flags, event.events);
	if (!is_open(d->file)) {
		expect(w,
		       result(epoll_ctl(w->epoll, EPOLL_CTL_ADD, d->fd,
					&event)),
		       -EBADF);
		return;
	}
	expect(w, result(epoll_ctl(w->epoll, EPOLL_CTL_ADD, d->fd, &event)), 0);
	expect(w, result(epoll_wait(w->epoll, &came, 1, 0)), !!ready);
	if (ready) {
		expect(w, came.events, ready);
		expect(w, came.data.u64, 7);
	}
	expect(w, result(epoll_ctl(w->epoll, EPOLL_CTL_DEL, d->fd, NULL)), 0);
}

void do_fsync(struct worker *w)
{
	struct descriptor *d = pick_descriptor(w);
	bool data = once_in(w, 2);

	call(w, "%s(fd %d of flags 0%o)", data ? "fdatasync" : "fsync", d->fd,
	     d->file->flags);
	expect(w, result(data ? fdatasync(d->fd) : fsync(d->fd)),
	       is_open(d->file) ? 0 : -EBADF);
}

/* What is for files only. */
void do_unsupported(struct worker *w)
{
	struct descriptor *d = &w->descriptors[0];

	w->used = d;
	if (once_in(w, 2)) {
		call(w, "ftruncate");
		expect(w, result(ftruncate(d->fd, below(w, 10000))), -EINVAL);
	} else {
		call(w, "fallocate");
		expect(w, result(fallocate(d->fd, 0, 0, 1 + below(w, 10000))),
		       -ENODEV);
	}
}
