// SPDX-License-Identifier: GPL-2.0-only
/*
 * Children: they share their parent's open files and mappings, and some of them are
 * killed in the midst of a call.
 */
#include "fuzz.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t fork_child(struct worker *w)
{
	pid_t child = fork();

	if (child < 0)
		expect(w, result(child), 1);
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		w->is_child = true;
	}
	return child;
}

/*
 * A child makes a few calls. What it does to the device and to positions it notes in
 * the model, which is its parent's too; its mappings are copies that end with it.
 */
void do_fork(struct worker *w)
{
	size_t n = 1 + below(w, 4);
	pid_t child;
	int status;

	call(w, "fork");
	child = fork_child(w);
	if (!child) {
		for (size_t i = 0; i < n; i++)
			run_kind(w, pick_kind(w, true));
		_exit(0);
	}
	expect(w, result(waitpid(child, &status, 0)), child);
	/* It has said itself what it found. */
	if (WIFEXITED(status) && WEXITSTATUS(status) == 1)
		_exit(1);
	call(w, "fork");
	expect(w, status, 0);
	w->used = &w->descriptors[0];
	check_all(w);
}

#define READS 200

static void read_some(struct worker *w, const struct descriptor *d, size_t len)
{
	for (int i = 0; i < READS; i++)
		expect(w, result(read(d->fd, w->in, len)), len);
}

/* They share the position, and read at the same time: no byte is read twice. */
void do_fork_position(struct worker *w)
{
	struct descriptor *d = &w->descriptors[0];
	size_t len = 1 + below(w, (w->end - w->begin) / (2 * READS));
	pid_t child;
	int status;

	call(w, "fork, and each reads %zu bytes %d times at the position %zu",
	     len, READS, w->begin);
	expect(w, result(lseek(d->fd, w->begin, SEEK_SET)), w->begin);
	w->report->ready = false;
	child = fork_child(w);
	if (!child) {
		w->report->ready = true;
		read_some(w, d, len);
		_exit(0);
	}
	while (!w->report->ready)
		sched_yield();
	read_some(w, d, len);
	expect(w, result(waitpid(child, &status, 0)), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 1)
		_exit(1);
	expect(w, status, 0);
	w->used = d;
	d->file->position = w->begin + 2 * READS * len;
}

/* Writes one, then the other, until it is killed. */
static void write_for_ever(struct worker *w, unsigned char *const *sources,
			   size_t len, off_t pos)
{
	bool vectored = once_in(w, 2);

	for (int i = 0;; i = !i) {
		struct iovec parts[] = { { sources[i], len / 3 },
					 { sources[i] + len / 3,
					   len - len / 3 } };

		if (vectored)
			expect(w, result(pwritev(w->home, parts, 2, pos)), len);
		else
			expect(w, result(pwrite(w->home, sources[i], len, pos)),
			       len);
	}
}

/* Whatever it was doing: each of its writes was made, or was not. */
void do_kill(struct worker *w)
{
	unsigned char *const sources[] = { w->pool + below(w, w->max),
					   w->pool + below(w, w->max) };
	off_t pos = pick_offset(w);
	size_t len = once_in(w, 3) ? 1 + pick_length(w) : w->max;
	unsigned int delay = below(w, 4000);
	pid_t child;
	int status;

	if (len > w->end - pos)
		len = w->end - pos;
	call(w, "kill a child that writes %zu bytes at %jd, after %u us", len,
	     (intmax_t)pos, delay);
	w->report->ready = false;
	child = fork_child(w);
	if (!child) {
		w->report->ready = true;
		write_for_ever(w, sources, len, pos);
	}
	while (!w->report->ready)
		sched_yield();
	usleep(delay);
	kill(child, SIGKILL);
	expect(w, result(waitpid(child, &status, 0)), child);
	if (WIFEXITED(status))
		_exit(1);
	expect(w, WTERMSIG(status), SIGKILL);

	expect(w, result(pread(w->home, w->in, len, pos)), len);
	if (memcmp(w->in, model_at(w, pos), len) &&
	    memcmp(w->in, sources[0], len) && memcmp(w->in, sources[1], len))
		differ(w, "a write that was made, or was not", "part of one");
	/* Which one it was is chance; what comes next must not be. */
	expect(w, result(pwrite(w->home, sources[0], len, pos)), len);
	model_put(w, pos, sources[0], len);
	check_all(w);
}
