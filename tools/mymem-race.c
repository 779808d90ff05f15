// SPDX-License-Identifier: GPL-2.0-only
/*
 * mymem-race - let workers increment one counter in the device, and count what
 * is lost
 *
 * The counter is the 64-bit word at offset 0, in the processor's byte order. To
 * increment it takes a read and a write, and what the driver does to make each
 * of them atomic cannot make the two of them one: that is the lesson.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../src/version.h"
#include "shared/clock.h"
#include "shared/device.h"
#include "shared/exit.h"
#include "shared/number.h"
#include "shared/output.h"

#define WORKERS_DEFAULT 30
#define WORKERS_MAX 4096
#define INCREMENTS_DEFAULT 100000
#define INITIAL_DEFAULT 69

struct mode {
	const char *name;
	const char *what;
	bool shared_fd; /* all workers use one descriptor, and so one position */
	bool locked; /* a mutex around each increment */
};

static const struct mode modes[] = {
	{ "none", "each worker its own descriptor, no lock", false, false },
	{ "shared", "one descriptor for all workers, no lock", true, false },
	{ "mutex", "a mutex around each increment", false, true },
	{ NULL }
};

struct options {
	const char *device;
	const struct mode *mode;
	uint64_t workers;
	uint64_t increments;
	uint64_t initial;
	bool processes;
	bool positioned; /* pread and pwrite instead of seek, read and write */
	bool json;
	const char *json_file; /* or stdout, and then no text */
};

struct worker {
	struct race *race;
	pthread_t thread;
	pid_t process;
	int fd;
	/* The worker itself writes these; they are read when it has ended. */
	uint64_t done; /* increments tried */
	int error; /* a negative errno, if it had to stop */
	const char *failed; /* at which call */
};

/* All that workers share, in memory that processes share too. */
struct race {
	const struct options *options;
	int gate[2]; /* a pipe: workers wait until its other end is closed */
	pthread_mutex_t mutex;
	volatile int stop; /* a signal's number, or -1 after an error */
	struct worker workers[];
};

struct result {
	bool ran; /* without it, all but the error is 0 */
	uint64_t target;
	uint64_t actual;
	double wall_s;
	double user_s;
	double system_s;
	char error[256]; /* why the run is not whole; else empty */
};

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

/* Returns 0, also if the increment went astray, or a negative errno. */
static int increment(struct worker *w)
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
	if (w->race->options->mode->shared_fd && (n >= 0 || errno == ENOSPC))
		return 0;
	return n < 0 ? -errno : -EIO;
}

static int increment_locked(struct worker *w)
{
	pthread_mutex_t *mutex = &w->race->mutex;
	int r;

	r = pthread_mutex_lock(mutex);
	if (r) {
		w->failed = "locking";
		return -r;
	}
	r = increment(w);
	pthread_mutex_unlock(mutex);
	return r;
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
	const struct options *o = race->options;

	pass_gate(race);
	while (w->done < o->increments && !race->stop) {
		w->error = o->mode->locked ? increment_locked(w) : increment(w);
		if (w->error) {
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

/* Waits until any worker has ended, and returns its wait status. */
static int wait_process(struct race *race)
{
	int status;
	pid_t pid;

	do
		pid = waitpid(-1, &status, 0);
	while (pid < 0 && errno == EINTR);
	for (uint64_t i = 0; i < race->options->workers; i++)
		if (race->workers[i].process == pid)
			race->workers[i].process = 0;
	return status;
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
			pthread_join(race->workers[i].thread, NULL);
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

static int run_workers(struct race *race, struct result *result)
{
	const struct options *o = race->options;
	double user_s, system_s;
	uint64_t start, done = 0;
	int r, ret;

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

	for (uint64_t i = 0; i < o->workers; i++) {
		const struct worker *w = &race->workers[i];

		done += w->done;
		if (w->error && !ret)
			ret = fail(result, "%s %s failed: %s", w->failed,
				   o->device, strerror(-w->error));
	}
	result->target = o->initial + done;
	result->ran = true;
	return ret;
}

static struct race *race_new(const struct options *o)
{
	size_t size = sizeof(struct race) + o->workers * sizeof(struct worker);
	int sharing = o->processes ? PTHREAD_PROCESS_SHARED :
				     PTHREAD_PROCESS_PRIVATE;
	pthread_mutexattr_t mutex;
	struct race *race;

	race = mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (race == MAP_FAILED)
		return NULL;
	race->options = o;

	if (pipe(race->gate))
		return NULL;

	pthread_mutexattr_init(&mutex);
	pthread_mutexattr_setpshared(&mutex, sharing);
	pthread_mutex_init(&race->mutex, &mutex);
	return race;
}

/* Every worker gets a descriptor of its own, or all of them the first one. */
static int open_workers(struct race *race, struct result *result)
{
	const struct options *o = race->options;
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit)) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}

	for (uint64_t i = 0; i < o->workers; i++) {
		char advice[200];
		int fd;

		fd = i && o->mode->shared_fd ? race->workers[0].fd :
					       device_open(o->device);
		if (fd < 0) {
			device_advice(o->device, fd, advice, sizeof(advice));
			return fail(result, "%s: %s", o->device, advice);
		}
		race->workers[i].fd = fd;
	}
	return EXIT_OK;
}

/*
 * With one descriptor for all, each of the others can move the position by one
 * word between a worker's seek and its read or write. The words there become 0,
 * so that whatever is read and written, nothing is more than the target.
 */
static int counter_set(int fd, const struct options *o, struct result *result)
{
	size_t words = o->mode->shared_fd ? o->workers + 1 : 1;
	uint64_t *counter = calloc(words, sizeof(*counter));
	ssize_t size = words * sizeof(*counter), n;

	if (!counter)
		return fail(result, "out of memory");
	counter[0] = o->initial;
	errno = ENOSPC; /* if it is written in part */
	n = pwrite(fd, counter, size, 0);
	free(counter);
	if (n != size)
		return fail(
			result,
			"cannot write the initial value to %s: %s; name a file with room for %zd bytes",
			o->device, strerror(errno), size);
	return EXIT_OK;
}

static int race_run(struct race *race, struct result *result)
{
	const struct options *o = race->options;
	int ret, fd;

	ret = open_workers(race, result);
	if (ret)
		return ret;
	fd = race->workers[0].fd;

	ret = counter_set(fd, o, result);
	if (ret)
		return ret;
	ret = run_workers(race, result);
	if (!result->ran)
		return ret;
	if (pread(fd, &result->actual, sizeof(result->actual), 0) !=
	    sizeof(result->actual))
		return fail(result, "cannot read the counter back from %s: %s",
			    o->device, strerror(errno));
	if (ret)
		return ret;
	if (race->stop)
		fail(result, "interrupted");
	if (o->mode->locked && result->actual != result->target) {
		fail(result,
		     "wrong sum in mode %s; does somebody else write to %s?",
		     o->mode->name, o->device);
		return EXIT_WRONG_DATA;
	}
	return EXIT_OK;
}

/* Negative only if somebody else wrote to the device. */
static int64_t lost(const struct result *result)
{
	return (int64_t)(result->target - result->actual);
}

static void print_text(const struct options *o, const struct result *result)
{
	uint64_t increments = result->target - o->initial;

	printf("Target %" PRIu64 "\n", result->target);
	printf("Actual %" PRIu64 "\n", result->actual);
	printf("Lost   %" PRId64 " of %" PRIu64 " (%.2f %%)\n", lost(result),
	       increments, increments ? 100.0 * lost(result) / increments : 0);
	printf("Wall   %.3f s\n", result->wall_s);
	printf("User   %.3f s\n", result->user_s);
	printf("System %.3f s\n", result->system_s);
}

static int print_json(const struct options *o, const struct result *result)
{
	json_t *document = json_new("mymem-race/1");

	json_object_set_new(document, "device", json_text(o->device));
	json_object_set_new(document, "mode", json_text(o->mode->name));
	json_object_set_new(document, "processes", json_boolean(o->processes));
	json_object_set_new(document, "pread", json_boolean(o->positioned));
	json_object_set_new(document, "workers", json_integer(o->workers));
	json_object_set_new(document, "increments",
			    json_integer(o->increments));
	json_object_set_new(document, "initial", json_integer(o->initial));
	if (result->ran) {
		json_object_set_new(document, "target",
				    json_integer(result->target));
		json_object_set_new(document, "actual",
				    json_integer(result->actual));
		json_object_set_new(document, "lost",
				    json_integer(lost(result)));
		json_object_set_new(document, "wall_s",
				    json_number(result->wall_s));
		json_object_set_new(document, "user_s",
				    json_number(result->user_s));
		json_object_set_new(document, "system_s",
				    json_number(result->system_s));
	}
	json_object_set_new(document, "complete",
			    json_boolean(!result->error[0]));
	if (result->error[0])
		json_object_set_new(document, "error",
				    json_text(result->error));
	return json_end(document, o->json_file);
}

enum { OPT_PROCESSES = 256, OPT_PREAD, OPT_JSON };

static const struct option long_options[] = {
	{ "device", required_argument, NULL, 'd' },
	{ "mode", required_argument, NULL, 'm' },
	{ "workers", required_argument, NULL, 'w' },
	{ "increments", required_argument, NULL, 'n' },
	{ "initial", required_argument, NULL, 'i' },
	{ "processes", no_argument, NULL, OPT_PROCESSES },
	{ "pread", no_argument, NULL, OPT_PREAD },
	{ "json", optional_argument, NULL, OPT_JSON },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 }
};

static void help(void)
{
	printf("\nUsage:\n"
	       " mymem-race [options]\n"
	       "\nLet workers increment the counter in the first 8 bytes of %s,\n"
	       "and count what is lost.\n"
	       "\nOptions:\n"
	       " -d, --device PATH   the device, or a plain file (default %s)\n"
	       " -m, --mode MODE     how the workers share the counter (default %s)\n"
	       " -w, --workers W     how many workers (default %d)\n"
	       " -n, --increments N  increments by each of them (default %d)\n"
	       " -i, --initial I     the counter's initial value (default %d)\n"
	       "     --processes     the workers are processes, not threads\n"
	       "     --pread         pread and pwrite, not seek, read, seek and write\n"
	       "     --json[=FILE]   print JSON, or write it to FILE and print the text\n"
	       "\n"
	       " -h, --help          print this and exit\n"
	       " -V, --version       print the version and exit\n"
	       "\nModes:\n",
	       DEVICE_DEFAULT, DEVICE_DEFAULT, modes[0].name, WORKERS_DEFAULT,
	       INCREMENTS_DEFAULT, INITIAL_DEFAULT);
	for (const struct mode *mode = modes; mode->name; mode++)
		printf(" %-8s %s\n", mode->name, mode->what);
	printf("\nFor more details see mymem-race(1).\n");
}

static const struct mode *mode_find(const char *name)
{
	for (const struct mode *mode = modes; mode->name; mode++)
		if (!strcmp(mode->name, name))
			return mode;
	return NULL;
}

/* Returns -1 to go on, or the code to exit with. */
static int options_parse(int argc, char **argv, struct options *o)
{
	uint64_t sum;
	int c;

	while ((c = getopt_long(argc, argv, "d:m:w:n:i:hV", long_options,
				NULL)) != -1) {
		switch (c) {
		case 'd':
			o->device = optarg;
			break;
		case 'm':
			o->mode = mode_find(optarg);
			if (!o->mode)
				return usage_error(
					"--mode %s: no such mode; --help lists them",
					optarg);
			break;
		case 'w':
			if (number_parse(optarg, 1, WORKERS_MAX, &o->workers))
				return usage_error(
					"--workers %s: give a number from 1 to %d",
					optarg, WORKERS_MAX);
			break;
		case 'n':
			if (number_parse(optarg, 1, INT64_MAX, &o->increments))
				return usage_error(
					"--increments %s: give a number from 1 to %" PRId64,
					optarg, INT64_MAX);
			break;
		case 'i':
			if (number_parse(optarg, 0, INT64_MAX, &o->initial))
				return usage_error(
					"--initial %s: give a number from 0 to %" PRId64,
					optarg, INT64_MAX);
			break;
		case OPT_PROCESSES:
			o->processes = true;
			break;
		case OPT_PREAD:
			o->positioned = true;
			break;
		case OPT_JSON:
			o->json = true;
			o->json_file = optarg;
			break;
		case 'h':
			help();
			return EXIT_OK;
		case 'V':
			puts("mymem-race " MYMEM_VERSION);
			return EXIT_OK;
		default:
			fprintf(stderr,
				"Try 'mymem-race --help' for more information.\n");
			return EXIT_USAGE;
		}
	}
	if (optind < argc)
		return usage_error(
			"%s: no argument was expected; name a file with -d",
			argv[optind]);
	if (__builtin_mul_overflow(o->workers, o->increments, &sum) ||
	    __builtin_add_overflow(sum, o->initial, &sum) || sum > INT64_MAX)
		return usage_error(
			"initial value + workers * increments is more than %" PRId64
			": give smaller numbers",
			INT64_MAX);
	return -1;
}

int main(int argc, char **argv)
{
	struct options options = {
		.device = DEVICE_DEFAULT,
		.mode = &modes[0],
		.workers = WORKERS_DEFAULT,
		.increments = INCREMENTS_DEFAULT,
		.initial = INITIAL_DEFAULT,
	};
	struct result result = { 0 };
	struct race *race = NULL;
	int ret;

	ret = options_parse(argc, argv, &options);
	if (ret >= 0)
		goto done;

	race = race_new(&options);
	if (!race)
		err(EXIT_FAILED, "cannot get memory for the workers");
	interrupt_catch(&race->stop);
	ret = race_run(race, &result);
	if (result.error[0])
		warnx("%s", result.error);

	if (result.ran && (!options.json || options.json_file))
		print_text(&options, &result);
	if (options.json && print_json(&options, &result) && !ret)
		ret = EXIT_FAILED;
done:
	if (stdout_close() && !ret)
		ret = EXIT_FAILED;
	if (race && race->stop > 0)
		interrupt_die(race->stop);
	return ret;
}
