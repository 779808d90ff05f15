// SPDX-License-Identifier: GPL-2.0-only
#include "run.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../shared/clock.h"
#include "../shared/device.h"
#include "../shared/exit.h"
#include "modes.h"

/* How long a worker may wait for a lock until it is told of an interrupt. */
#define WAKE_NS 100000000

static int fail(struct result *result, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int fail(struct result *result, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(result->error, sizeof(result->error), format, args);
	va_end(args);
	return EXIT_FAILED;
}

static int increment(struct worker *w)
{
	const struct mode *mode = w->race->mode;
	int r, unlocked;

	if (!mode->lock)
		return mode->increment(w);

	r = mode->lock(w, true);
	if (r) {
		w->failed = "locking";
		return r;
	}
	r = mode->increment(w);
	unlocked = mode->lock(w, false);
	if (r || !unlocked)
		return r;
	w->failed = "unlocking";
	return unlocked;
}

/* All start at once, and nobody waits for one that could not come. */
static void pass_gate(const struct race *race)
{
	char byte;

	while (read(race->gate[0], &byte, 1) < 0 && errno == EINTR)
		;
}

static void *work(void *argument)
{
	struct worker *w = argument;
	struct race *race = w->race;
	const struct race_options *o = race->options;

	pass_gate(race);
	while (w->done < o->increments && !race->stop) {
		int r = increment(w);

		if (r == -EINTR)
			continue;
		if (r) {
			w->error = r;
			race->stop = -1;
			break;
		}
		w->done++;
	}
	return NULL;
}

static int start_thread(struct worker *w)
{
	return -pthread_create(&w->thread, NULL, work, w);
}

static int start_process(struct worker *w)
{
	pid_t parent = getpid(), child = fork();

	if (child < 0)
		return -errno;
	if (child) {
		w->process = child;
		return 0;
	}

	/* Do not outlive the parent, not even one that died before this. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(w->race->gate[1]);
	if (getppid() == parent)
		work(w);
	_exit(EXIT_OK);
}

static void kill_processes(struct race *race)
{
	for (uint64_t i = 0; i < race->options->workers; i++)
		if (race->workers[i].process)
			kill(race->workers[i].process, SIGKILL);
}

static void do_nothing(int signal)
{
	(void)signal;
}

/*
 * After an interrupt, those from worker @first on look whether to go on, also who waits
 * for a lock that somebody else keeps: the signal's handler ends that wait.
 */
static void wake(const struct race *race, uint64_t first)
{
	for (uint64_t i = first; i < race->options->workers && race->stop;
	     i++) {
		const struct worker *w = &race->workers[i];

		if (!race->options->processes)
			pthread_kill(w->thread, SIGUSR1);
		else if (w->process)
			kill(w->process, SIGUSR1);
	}
}

/* Waits until any worker has ended, and returns its wait status. */
static int wait_process(struct race *race)
{
	const struct timespec a_while = { .tv_nsec = WAKE_NS };
	sigset_t ended, before;
	int status;
	pid_t pid;

	sigemptyset(&ended);
	sigaddset(&ended, SIGCHLD);
	sigprocmask(SIG_BLOCK, &ended, &before);
	while (!(pid = waitpid(-1, &status, WNOHANG))) {
		sigtimedwait(&ended, NULL, &a_while);
		wake(race, 0);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	for (uint64_t i = 0; i < race->options->workers; i++)
		if (race->workers[i].process == pid)
			race->workers[i].process = 0;
	return status;
}

static void wait_thread(const struct race *race, uint64_t i)
{
	struct timespec until;

	do {
		wake(race, i);
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += WAKE_NS;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
	} while (pthread_timedjoin_np(race->workers[i].thread, NULL, &until));
}

/*
 * Waits until all workers have ended. If one is killed, so are the others: it
 * may have held the mutex, and they would wait for ever.
 */
static int join(struct race *race, struct result *result)
{
	int ret = EXIT_OK;

	for (uint64_t i = 0; i < race->options->workers; i++) {
		if (!race->options->processes) {
			wait_thread(race, i);
		} else if (wait_process(race) && !ret) {
			ret = fail(result, "a worker was killed");
			kill_processes(race);
		}
	}
	return ret;
}

/* Undoes what was started, when not all could be: nobody has passed the gate. */
static void abandon(struct race *race, uint64_t started)
{
	if (!race->options->processes)
		return; /* threads at the gate end with this process */
	kill_processes(race);
	while (started--)
		wait_process(race);
}

static double seconds(struct timeval t)
{
	return t.tv_sec + t.tv_usec / 1e6;
}

/* The time that this process and its dead children have used. */
static void cpu_times(double *ret_user_s, double *ret_system_s)
{
	struct rusage self, children;

	getrusage(RUSAGE_SELF, &self);
	getrusage(RUSAGE_CHILDREN, &children);
	*ret_user_s = seconds(self.ru_utime) + seconds(children.ru_utime);
	*ret_system_s = seconds(self.ru_stime) + seconds(children.ru_stime);
}

/* A gate that is shut, a mutex that nobody holds, and a signal to wake who waits. */
static int set_up(struct race *race)
{
	const struct sigaction waking = { .sa_handler = do_nothing };
	int sharing = race->options->processes ? PTHREAD_PROCESS_SHARED :
						 PTHREAD_PROCESS_PRIVATE;
	pthread_mutexattr_t mutex;

	pthread_mutexattr_init(&mutex);
	pthread_mutexattr_setpshared(&mutex, sharing);
	pthread_mutex_init(&race->mutex, &mutex);
	sigaction(SIGUSR1, &waking, NULL);
	return pipe(race->gate) ? -errno : 0;
}

static int run_workers(struct race *race, struct result *result)
{
	const struct race_options *o = race->options;
	double user_s, system_s;
	uint64_t start, done = 0;
	int r, ret;

	r = set_up(race);
	if (r)
		return fail(result, "cannot make a pipe: %s", strerror(-r));

	for (uint64_t i = 0; i < o->workers; i++) {
		struct worker *w = &race->workers[i];

		w->race = race;
		r = o->processes ? start_process(w) : start_thread(w);
		if (r) {
			abandon(race, i);
			return fail(result,
				    "cannot start worker %" PRIu64 ": %s; "
				    "use fewer with -w, or raise 'ulimit -u'",
				    i + 1, strerror(-r));
		}
	}

	cpu_times(&user_s, &system_s);
	start = clock_ns();
	close(race->gate[1]);
	ret = join(race, result);
	result->wall_s = (clock_ns() - start) / 1e9;
	result->user_s = -user_s;
	result->system_s = -system_s;
	cpu_times(&user_s, &system_s);
	result->user_s += user_s;
	result->system_s += system_s;
	close(race->gate[0]);

	for (uint64_t i = 0; i < o->workers; i++) {
		const struct worker *w = &race->workers[i];

		done += w->done;
		if (w->error && !ret)
			ret = fail(result, "%s %s failed: %s", w->failed,
				   o->device, strerror(-w->error));
	}
	result->increments = done;
	result->target = o->initial + done;
	result->ran = true;
	return ret;
}

/* Every worker gets a descriptor of its own, or all of them the first one. */
static int open_workers(struct race *race, struct result *result)
{
	const struct race_options *o = race->options;

	device_open_many();
	for (uint64_t i = 0; i < o->workers; i++) {
		char advice[200];
		int fd;

		fd = i && race->mode->shared_fd ? race->workers[0].fd :
						  device_open(o->device);
		if (fd < 0) {
			device_advice(o->device, fd, advice, sizeof(advice));
			return fail(result, "%s: %s", o->device, advice);
		}
		race->workers[i].fd = fd;
	}
	return EXIT_OK;
}

static void close_workers(const struct race *race)
{
	uint64_t n = race->mode->shared_fd ? 1 : race->options->workers;

	for (uint64_t i = 0; i < n; i++)
		close(race->workers[i].fd);
}

/*
 * With one descriptor for all, each of the others can move the position by one
 * word between a worker's seek and its read or write. The words there become 0,
 * so that whatever is read and written, nothing is more than the target.
 */
static int counter_set(const struct race *race, struct result *result)
{
	const struct race_options *o = race->options;
	size_t words = race->mode->shared_fd ? o->workers + 1 : 1;
	uint64_t *counter = calloc(words, sizeof(*counter));
	ssize_t size = words * sizeof(*counter), n;

	if (!counter)
		return fail(result, "out of memory");
	counter[0] = o->initial;
	errno = ENOSPC; /* if it is written in part */
	n = pwrite(race->workers[0].fd, counter, size, 0);
	free(counter);
	if (n != size)
		return fail(
			result,
			"cannot write the initial value to %s: %s; name a file with room for %zd bytes",
			o->device, strerror(errno), size);
	return EXIT_OK;
}

static int prepare(struct race *race, struct result *result)
{
	const struct race_options *o = race->options;
	int r;

	if (!race->mode->prepare)
		return EXIT_OK;
	r = race->mode->prepare(race, &result->lacks);
	if (!r)
		return EXIT_OK;
	if (result->lacks)
		return fail(
			result,
			"mode %s is not possible on %s: %s; name %s with -d, with a module as new as this tool, or choose another mode",
			race->mode->name, o->device, result->lacks,
			DEVICE_DEFAULT);
	return fail(result, "%s %s failed: %s", race->workers[0].failed,
		    o->device, strerror(-r));
}

static int race_opened(struct race *race, struct result *result)
{
	const struct race_options *o = race->options;
	uint64_t actual;
	int ret;

	ret = counter_set(race, result);
	if (ret)
		return ret;
	ret = prepare(race, result);
	if (ret)
		return ret;
	ret = run_workers(race, result);
	if (!result->ran)
		return ret;
	if (pread(race->workers[0].fd, &actual, sizeof(actual), 0) !=
	    sizeof(actual))
		return fail(result, "cannot read the counter back from %s: %s",
			    o->device, strerror(errno));
	result->actual = actual;

	if (ret)
		return ret;
	if (race->stop)
		fail(result, "interrupted");
	if (mode_is_right(race->mode, o->processes) && result_lost(result)) {
		fail(result,
		     "wrong sum in mode %s; does somebody else write to %s?",
		     race->mode->name, o->device);
		return EXIT_WRONG_DATA;
	}
	return EXIT_OK;
}

struct race *race_new(const struct race_options *o)
{
	size_t size = sizeof(struct race) + o->workers * sizeof(struct worker);
	struct race *race;

	race = mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (race == MAP_FAILED)
		return NULL;
	race->options = o;
	return race;
}

int race_run(struct race *race, const struct mode *mode, struct result *result)
{
	const struct race_options *o = race->options;
	int ret;

	*result = (struct result){ .mode = mode };
	race->mode = mode;
	memset(race->workers, 0, o->workers * sizeof(*race->workers));

	ret = open_workers(race, result);
	if (ret)
		return ret;
	ret = race_opened(race, result);
	if (race->word)
		munmap((void *)race->word, sizeof(*race->word));
	race->word = NULL;
	close_workers(race);
	return ret;
}

int64_t result_lost(const struct result *result)
{
	return (int64_t)(result->target - result->actual);
}

double result_lost_percent(const struct result *result)
{
	if (!result->increments)
		return 0;
	return 100.0 * result_lost(result) / result->increments;
}

double result_speed(const struct result *result)
{
	return result->wall_s > 0 ? result->increments / result->wall_s : 0;
}
