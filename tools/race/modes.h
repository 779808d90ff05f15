/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ways in which workers share the counter.
 */
#ifndef MYMEM_RACE_MODES_H
#define MYMEM_RACE_MODES_H

#include <stdbool.h>
#include <stddef.h>

struct race;
struct worker;

/* Between whom a mode loses nothing. */
enum {
	RIGHT_NEVER = 0,
	RIGHT_THREADS = 1 << 0,
	RIGHT_PROCESSES = 1 << 1,
	RIGHT_ALWAYS = RIGHT_THREADS | RIGHT_PROCESSES,
};

/**
 * struct mode - one way to increment the counter
 * @name:	what -m calls it
 * @what:	what it does, in a line
 * @right:	between whom it loses nothing
 * @shared_fd:	all workers use one descriptor, and so one position
 * @prepare:	makes ready what the workers share, or finds out whether the
 *		file can do it at all; NULL if any file can. Returns 0 or a
 *		negative errno; of what cannot be done here it says in @ret_lacks
 *		why not, which it leaves alone otherwise
 * @lock:	takes the lock that is held around each increment, or lets go of
 *		it; NULL if there is none
 * @increment:	adds 1 to the counter; also 0 if that went astray
 *
 * @lock and @increment return 0 or a negative errno, and say in worker->failed
 * at what. After -EINTR they have done nothing.
 */
struct mode {
	const char *name;
	const char *what;
	unsigned int right;
	bool shared_fd;
	int (*prepare)(struct race *race, const char **ret_lacks);
	int (*lock)(struct worker *w, bool on);
	int (*increment)(struct worker *w);
};

/* All of them; the last one has no name. */
extern const struct mode modes[];

/**
 * mode_list_parse() - read a comma-separated list of modes
 * @text:	their names, with commas between, or "all"
 * @ret:	the modes, in the order given, to be freed by the caller; untouched
 *		on failure
 * @ret_n:	how many they are, at least 1; untouched on failure
 *
 * Return: 0, -EINVAL if there is no such mode, -ENOMEM.
 */
int mode_list_parse(const char *text, const struct mode ***ret, size_t *ret_n);

/**
 * mode_is_right() - whether nothing may be lost
 * @mode:	the mode
 * @processes:	the workers are processes, not threads
 */
bool mode_is_right(const struct mode *mode, bool processes);

/**
 * mode_verdict() - whether nothing may be lost, in a word
 * @mode:	the mode
 *
 * Return: "right", "wrong", or "partly".
 */
const char *mode_verdict(const struct mode *mode);

#endif
