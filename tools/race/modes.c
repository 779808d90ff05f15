// SPDX-License-Identifier: GPL-2.0-only
#include "modes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/mymem.h>

#include "run.h"

/* Without it, the compiler would make __atomic_fetch_add() a lock of its own. */
#define HAVE_ATOMIC_64 __atomic_always_lock_free(sizeof(uint64_t), 0)

/* --- Locks */

static int lock_mutex(struct worker *w, bool on)
{
	pthread_mutex_t *mutex = &w->race->mutex;

	return -(on ? pthread_mutex_lock(mutex) : pthread_mutex_unlock(mutex));
}

/* Belongs to the open file: who shares that, shares the lock. */
static int lock_flock(struct worker *w, bool on)
{
	return flock(w->fd, on ? LOCK_EX : LOCK_UN) ? -errno : 0;
}

static int lock_record(struct worker *w, int command, bool on)
{
	struct flock record = {
		.l_type = on ? F_WRLCK : F_UNLCK,
		.l_whence = SEEK_SET,
		.l_len = sizeof(uint64_t),
	};

	return fcntl(w->fd, command, &record) ? -errno : 0;
}

/* Belongs to the process. */
static int lock_posix(struct worker *w, bool on)
{
	return lock_record(w, F_SETLKW, on);
}

/* Belongs to the open file. */
static int lock_ofd(struct worker *w, bool on)
{
	return lock_record(w, F_OFD_SETLKW, on);
}

/* --- By calls that read and write */

static ssize_t counter_read(const struct worker *w, uint64_t *ret)
{
	if (w->race->options->positioned)
		return pread(w->fd, ret, sizeof(*ret), 0);
	if (lseek(w->fd, 0, SEEK_SET))
		return -1;
	return read(w->fd, ret, sizeof(*ret));
}

static ssize_t counter_write(const struct worker *w, const uint64_t *counter)
{
	if (w->race->options->positioned)
		return pwrite(w->fd, counter, sizeof(*counter), 0);
	if (lseek(w->fd, 0, SEEK_SET))
		return -1;
	return write(w->fd, counter, sizeof(*counter));
}

static int increment_by_calls(struct worker *w)
{
	uint64_t counter;
	ssize_t n;

	n = counter_read(w, &counter);
	if (n == sizeof(counter)) {
		counter++;
		n = counter_write(w, &counter);
		w->failed = "writing";
	} else {
		w->failed = "reading";
	}
	if (n == sizeof(counter))
		return 0;
	/*
	 * With one descriptor for all, others move the position between a seek
	 * and its read or write, as far as the end: one more way to lose.
	 */
	if (w->race->mode->shared_fd && (n >= 0 || errno == ENOSPC))
		return 0;
	return n < 0 ? -errno : -EIO;
}

/* --- By the device's atomic operations */

static int operate(struct worker *w, enum mymem_op op, uint64_t operand,
		   uint64_t expected, uint64_t *ret_old)
{
	struct mymem_atomic atomic = {
		.size = sizeof(atomic),
		.op = op,
		.operand = operand,
		.expected = expected,
	};

	w->failed = "an atomic operation on";
	if (ioctl(w->fd, MYMEM_IOC_ATOMIC, &atomic))
		return -errno;
	*ret_old = atomic.old;
	return 0;
}

static int prepare_atomic(struct race *race, const char **ret_lacks)
{
	uint64_t old;
	int r = operate(&race->workers[0], MYMEM_OP_LOAD, 0, 0, &old);

	if (r == -ENOTTY)
		*ret_lacks = "the file has no atomic operations";
	return r;
}

static int increment_atomic(struct worker *w)
{
	uint64_t old;

	return operate(w, MYMEM_OP_ADD, 1, 0, &old);
}

static int increment_cas(struct worker *w)
{
	uint64_t expected, old = 0;
	int r;

	r = operate(w, MYMEM_OP_LOAD, 0, 0, &old);
	if (r)
		return r;
	/* Who fails here has lost to one who did not: this ends. */
	do {
		expected = old;
		r = operate(w, MYMEM_OP_COMPARE_EXCHANGE, expected + 1,
			    expected, &old);
	} while (!r && old != expected);
	return r;
}

/* --- In mapped memory */

static int prepare_map(struct race *race, const char **ret_lacks)
{
	void *word = mmap(NULL, sizeof(*race->word), PROT_READ | PROT_WRITE,
			  MAP_SHARED, race->workers[0].fd, 0);

	if (word != MAP_FAILED) {
		race->word = word;
		return 0;
	}
	race->workers[0].failed = "mapping";
	if (errno == ENODEV)
		*ret_lacks = "the file cannot be mapped";
	return -errno;
}

static int prepare_map_atomic(struct race *race, const char **ret_lacks)
{
	if (HAVE_ATOMIC_64)
		return prepare_map(race, ret_lacks);
	*ret_lacks = "the processor has no atomic operations on 64 bits";
	return -EOPNOTSUPP;
}

static int increment_plain(struct worker *w)
{
	volatile uint64_t *word = w->race->word;
	uint64_t counter = *word;

	/* A load and a store, on all processors: not one add to memory. */
	__asm__ volatile("" : : : "memory");
	*word = counter + 1;
	return 0;
}

static int increment_map_atomic(struct worker *w)
{
	if (HAVE_ATOMIC_64)
		__atomic_fetch_add(w->race->word, 1, __ATOMIC_SEQ_CST);
	return 0;
}

const struct mode modes[] = {
	{ .name = "none",
	  .what = "each worker its own descriptor, no lock",
	  .right = RIGHT_NEVER,
	  .increment = increment_by_calls },
	{ .name = "shared",
	  .what = "one descriptor for all workers, no lock",
	  .right = RIGHT_NEVER,
	  .shared_fd = true,
	  .increment = increment_by_calls },
	{ .name = "flock-shared",
	  .what = "one descriptor for all, and flock(2) on it",
	  .right = RIGHT_NEVER,
	  .shared_fd = true,
	  .lock = lock_flock,
	  .increment = increment_by_calls },
	{ .name = "posix-lock",
	  .what = "F_SETLKW of fcntl(2): right between processes only",
	  .right = RIGHT_PROCESSES,
	  .lock = lock_posix,
	  .increment = increment_by_calls },
	{ .name = "flock",
	  .what = "flock(2) on each worker's own descriptor",
	  .right = RIGHT_ALWAYS,
	  .lock = lock_flock,
	  .increment = increment_by_calls },
	{ .name = "ofd-lock",
	  .what = "F_OFD_SETLKW of fcntl(2) on each worker's own descriptor",
	  .right = RIGHT_ALWAYS,
	  .lock = lock_ofd,
	  .increment = increment_by_calls },
	{ .name = "mutex",
	  .what = "a mutex around each increment",
	  .right = RIGHT_ALWAYS,
	  .lock = lock_mutex,
	  .increment = increment_by_calls },
	{ .name = "atomic",
	  .what = "the device's atomic add, by ioctl",
	  .right = RIGHT_ALWAYS,
	  .prepare = prepare_atomic,
	  .increment = increment_atomic },
	{ .name = "cas",
	  .what = "the device's compare-exchange, until it succeeds",
	  .right = RIGHT_ALWAYS,
	  .prepare = prepare_atomic,
	  .increment = increment_cas },
	{ .name = "mmap-plain",
	  .what = "a load and a store in mapped memory",
	  .right = RIGHT_NEVER,
	  .prepare = prepare_map,
	  .increment = increment_plain },
	{ .name = "mmap-atomic",
	  .what = "an atomic add of the processor in mapped memory",
	  .right = RIGHT_ALWAYS,
	  .prepare = prepare_map_atomic,
	  .increment = increment_map_atomic },
	{ .name = NULL },
};

static const struct mode *mode_find(const char *name, size_t len)
{
	for (const struct mode *mode = modes; mode->name; mode++)
		if (strlen(mode->name) == len && !memcmp(mode->name, name, len))
			return mode;
	return NULL;
}

static int list_all(const struct mode ***ret, size_t *ret_n)
{
	size_t n = sizeof(modes) / sizeof(*modes) - 1;
	const struct mode **list = calloc(n, sizeof(*list));

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		list[i] = &modes[i];

	*ret = list;
	*ret_n = n;
	return 0;
}

int mode_list_parse(const char *text, const struct mode ***ret, size_t *ret_n)
{
	const struct mode **list;
	size_t n = 1;

	if (!strcmp(text, "all"))
		return list_all(ret, ret_n);

	for (const char *p = text; *p; p++)
		n += *p == ',';
	list = calloc(n, sizeof(*list));
	if (!list)
		return -ENOMEM;

	for (size_t i = 0; i < n; i++) {
		size_t len = strcspn(text, ",");

		list[i] = mode_find(text, len);
		if (!list[i]) {
			free(list);
			return -EINVAL;
		}
		text += len + 1;
	}

	*ret = list;
	*ret_n = n;
	return 0;
}

bool mode_is_right(const struct mode *mode, bool processes)
{
	return mode->right & (processes ? RIGHT_PROCESSES : RIGHT_THREADS);
}

const char *mode_verdict(const struct mode *mode)
{
	switch (mode->right) {
	case RIGHT_NEVER:
		return "wrong";
	case RIGHT_ALWAYS:
		return "right";
	default:
		return "partly";
	}
}
