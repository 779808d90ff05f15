// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fuzzer's beginning and end: options, processes, what is printed. See fuzz.h
 * for what it does, and usage() below.
 */
#include "fuzz.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A call that takes longer hangs: emulated, and with checkers, all is slow. */
#define HANGS_AFTER 60 /* seconds */
#define SECONDS_MAX 10000000
#define DESCRIPTORS_MAX 64
#define MEMORY_MAX ((rlim_t)1 << 30)

const struct kind kinds[] = {
	{ "read", 60, true, do_read },
	{ "write", 60, true, do_write },
	{ "pread", 60, true, do_pread },
	{ "pwrite", 60, true, do_pwrite },
	{ "readv, preadv", 40, true, do_readv },
	{ "writev, pwritev", 40, true, do_writev },
	{ "preadv2", 40, true, do_preadv2 },
	{ "pwritev2", 40, true, do_pwritev2 },
	{ "lseek", 80, true, do_lseek },
	{ "read and write of nonsense", 10, true, do_bad_transfer },

	{ "open", 20, false, do_open },
	{ "close", 15, false, do_close },
	{ "dup", 15, false, do_dup },
	{ "fcntl", 15, false, do_fcntl },
	{ "poll", 10, true, do_poll },
	{ "epoll", 10, true, do_epoll },
	{ "fsync, fdatasync", 5, true, do_fsync },
	{ "ftruncate, fallocate", 5, true, do_unsupported },

	{ "mmap", 25, true, do_mmap },
	{ "mmap of nonsense", 10, true, do_bad_mmap },
	{ "munmap", 15, true, do_munmap },
	{ "mremap", 15, true, do_mremap },
	{ "mprotect", 20, true, do_mprotect },
	{ "madvise", 20, true, do_madvise },
	{ "mlock", 5, true, do_mlock },
	{ "msync", 5, true, do_msync },
	{ "loads from a mapping", 40, true, do_load },
	{ "stores to a mapping", 40, true, do_store },
	{ "pread to a mapping of the device", 15, true, do_read_to_mapping },
	{ "pwrite from a mapping of the device", 15, true,
	  do_write_from_mapping },
	{ "vmsplice from a mapping of the device", 10, true,
	  do_vmsplice_mapping },
	{ "the processor's atomic operations", 30, true, do_mapped_atomic },

	{ "MYMEM_IOC_INFO", 10, true, do_info },
	{ "MYMEM_IOC_ATOMIC", 60, true, do_atomic },
	{ "MYMEM_IOC_ATOMIC of nonsense", 15, true, do_bad_atomic },
	{ "ioctl of nonsense", 10, true, do_bad_ioctl },

	{ "splice to a pipe", 20, true, do_splice_from },
	{ "splice from a pipe", 20, true, do_splice_to },
	{ "vmsplice, and splice from the pipe", 15, true, do_vmsplice_to },
	{ "sendfile from the device", 10, true, do_sendfile_from },
	{ "sendfile to the device", 10, true, do_sendfile_to },

	{ "io_uring: a read", 25, false, do_uring_read },
	{ "io_uring: a write", 25, false, do_uring_write },
	{ "io_uring: several at once", 15, false, do_uring_many },

	{ "fork, calls of a child", 4, false, do_fork },
	{ "fork, both at one position", 2, false, do_fork_position },
	{ "fork, kill", 6, false, do_kill },

	{ "shared word: MYMEM_IOC_ATOMIC", 40, true, do_shared_atomic },
	{ "shared word: the processor's operations", 40, true,
	  do_shared_mapped_atomic },
	{ "shared record: a write", 20, true, do_shared_write },
	{ "shared record: a read", 20, true, do_shared_read },
};

const size_t n_kinds = sizeof(kinds) / sizeof(*kinds);

static void usage(void)
{
	printf("\nUsage:\n"
	       " device [options]\n"
	       "\nMake random calls of the device and compare them with a model.\n"
	       "\nOptions:\n"
	       "     --seed N       where the random numbers begin (default: the time)\n"
	       "     --seconds N    how long (default 60)\n"
	       "     --calls N      end each process after so many calls, and not sooner\n"
	       "     --processes N  how many, up to %d (default 4)\n"
	       "     --device PATH  the device (default /dev/%s)\n",
	       PROCESSES_MAX, MYMEM_NAME);
}

static uint64_t number(const char *option, const char *text, uint64_t max)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || n > max)
		errx(2, "--%s %s: give a number up to %" PRIu64 "; see --help",
		     option, text, max);
	return n;
}

static void options_parse(int argc, char **argv, struct options *o)
{
	static const struct option long_options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "seconds", required_argument, NULL, 't' },
		{ "calls", required_argument, NULL, 'n' },
		{ "processes", required_argument, NULL, 'p' },
		{ "device", required_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 }
	};
	int c;

	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (c) {
		case 's':
			o->seed = number("seed", optarg, UINT64_MAX);
			break;
		case 't':
			o->seconds = number("seconds", optarg, SECONDS_MAX);
			break;
		case 'n':
			o->calls = number("calls", optarg, UINT64_MAX);
			/* To do the same, and not for as long. */
			o->seconds = SECONDS_MAX;
			break;
		case 'p':
			o->processes =
				number("processes", optarg, PROCESSES_MAX);
			if (!o->processes)
				errx(2, "--processes 0: give at least 1");
			break;
		case 'd':
			o->device = optarg;
			break;
		case 'h':
			usage();
			exit(0);
		default:
			errx(2, "see --help");
		}
	}
	if (optind < argc)
		errx(2, "%s: no argument was expected; see --help",
		     argv[optind]);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * UINT64_C(1000000000) + t.tv_nsec;
}

/* Before v5.19 the kernel sends from files and block devices alone. */
static bool sends_from_devices(void)
{
	int major = 0, minor = 0;
	struct utsname system;

	uname(&system);
	if (sscanf(system.release, "%d.%d", &major, &minor) != 2)
		errx(1, "%s: no release of a kernel", system.release);
	return major > 5 || (major == 5 && minor >= 19);
}

static size_t weight(size_t k, bool in_child)
{
	return in_child && !kinds[k].in_child ? 0 : kinds[k].weight;
}

size_t pick_kind(struct worker *w, bool in_child)
{
	size_t total = 0, k = 0, at;

	for (size_t i = 0; i < n_kinds; i++)
		total += weight(i, in_child);
	at = below(w, total);
	while (at >= weight(k, in_child))
		at -= weight(k++, in_child);
	return k;
}

void run_kind(struct worker *w, size_t k)
{
	w->used = NULL;
	w->dirty_begin = 0;
	w->dirty_end = 0;
	call(w, "%s", kinds[k].name);
	kinds[k].run(w);
	check(w);
	w->report->made[k]++;
}

/* Never returns. */
static void work(const struct fuzz *fuzz, unsigned int process)
{
	const struct rlimit files = { DESCRIPTORS_MAX, DESCRIPTORS_MAX };
	const struct rlimit memory = { MEMORY_MAX, MEMORY_MAX };
	static struct worker w;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setrlimit(RLIMIT_NOFILE, &files);
	setrlimit(RLIMIT_AS, &memory);
	w.fuzz = fuzz;
	w.process = process;
	w.report = &fuzz->reports[process];
	call(&w, "(getting ready)");
	worker_init(&w);

	for (uint64_t n = 1; n <= fuzz->options->calls && !*fuzz->stop; n++) {
		if (n % 16 == 0 && now() > fuzz->deadline)
			break;
		begin_call(&w, n);
		run_kind(&w, pick_kind(&w, false));
		if (n % 32 == 0)
			check_all(&w);
	}
	call(&w, "(all that it wrote, at the end)");
	check_all(&w);
	_exit(0);
}

static void *shared_memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		err(1, "no memory");
	return memory;
}

static void print_difference(const struct fuzz *fuzz, unsigned int process)
{
	const struct options *o = fuzz->options;
	const struct report *r = &fuzz->reports[process];

	printf("# seed %" PRIu64 ", process %u, call %" PRIu64 ": %s\n",
	       o->seed, process, r->number, r->call);
	printf("#   expected: %s\n", r->expected);
	printf("#   came:     %s\n", r->came);
	printf("# once more: tests/vm/run --add build/tests/fuzz/device -- "
	       "/added/device --seed %" PRIu64
	       " --processes %u --calls %" PRIu64 "\n",
	       o->seed, o->processes, r->number);
}

/* A process that ended, with this status, without having said why. */
static void explain_end(struct report *r, int status)
{
	snprintf(r->expected, sizeof(r->expected), "that the process lives");
	if (WIFSIGNALED(status))
		snprintf(r->came, sizeof(r->came), "signal %d",
			 WTERMSIG(status));
	else
		snprintf(r->came, sizeof(r->came), "status %d",
			 WEXITSTATUS(status));
}

static void explain_hang(struct report *r)
{
	snprintf(r->expected, sizeof(r->expected), "that it returns");
	snprintf(r->came, sizeof(r->came), "nothing for %d s", HANGS_AFTER);
}

/* Waits until a process ends, or hangs; whether it found no difference. */
static bool wait_for(const struct fuzz *fuzz, unsigned int process, pid_t pid)
{
	struct report *r = &fuzz->reports[process];
	uint64_t number = r->number, since = now();
	int status;

	while (waitpid(pid, &status, WNOHANG) != pid) {
		usleep(20000);
		if (r->number != number) {
			number = r->number;
			since = now();
		}
		if (now() - since < HANGS_AFTER * UINT64_C(1000000000))
			continue;
		/* Even if it cannot be killed. */
		kill(pid, SIGKILL);
		explain_hang(r);
		print_difference(fuzz, process);
		return false;
	}
	if (!status)
		return true;
	if (!r->came[0])
		explain_end(r, status);
	print_difference(fuzz, process);
	return false;
}

static uint64_t made(const struct fuzz *fuzz, size_t k)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < fuzz->options->processes; i++)
		sum += fuzz->reports[i].made[k];
	return sum;
}

/* The calls of each kind; whether none is missing. */
static bool print_kinds(const struct fuzz *fuzz, uint64_t *ret_total)
{
	bool all = true;

	*ret_total = 0;
	for (size_t k = 0; k < n_kinds; k++) {
		uint64_t n = made(fuzz, k);

		printf("# %9" PRIu64 " %s\n", n, kinds[k].name);
		*ret_total += n;
		all &= n > 0;
	}
	return all;
}

static void result_line(const char *ok, int number, const char *what)
{
	printf("%sok %d - %s\n", ok, number, what);
}

int main(int argc, char **argv)
{
	struct options options = {
		.seed = time(NULL),
		.calls = UINT64_MAX,
		.seconds = 60,
		.processes = 4,
		.device = "/dev/" MYMEM_NAME,
	};
	struct fuzz fuzz = { .options = &options };
	uint64_t total, again = 0, start = now();
	bool same = true, all, sums;
	pid_t pids[PROCESSES_MAX];
	void *zeros;
	int fd;

	options_parse(argc, argv, &options);
	/* At once, so that a line is whole if all ends here. */
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	printf("# seed %" PRIu64 ", %u processes\n", options.seed,
	       options.processes);

	fd = open(options.device, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s: load the module, or name the device by --device",
		    options.device);
	fuzz.size = lseek(fd, 0, SEEK_END);
	fuzz.page = sysconf(_SC_PAGESIZE);
	fuzz.common = common_size(&fuzz);
	if (fuzz.size < fuzz.common + options.processes * 8 * fuzz.page)
		errx(1,
		     "%s: %zu bytes are too few for %u processes: load the module with a larger size=",
		     options.device, fuzz.size, options.processes);
	fuzz.sends = sends_from_devices();
	fuzz.reports = shared_memory(options.processes * sizeof(struct report));
	fuzz.stop = shared_memory(sizeof(*fuzz.stop));
	fuzz.deadline = start + options.seconds * UINT64_C(1000000000);

	zeros = calloc(1, fuzz.size);
	if (!zeros || pwrite(fd, zeros, fuzz.size, 0) != (ssize_t)fuzz.size)
		errx(1, "%s: cannot be cleared", options.device);
	free(zeros);

	for (unsigned int i = 0; i < options.processes; i++) {
		pids[i] = fork();
		if (pids[i] < 0)
			err(1, "fork");
		if (!pids[i])
			work(&fuzz, i);
	}
	for (unsigned int i = 0; i < options.processes; i++)
		same &= wait_for(&fuzz, i, pids[i]);
	sums = words_are_right(&fuzz, fd);
	all = print_kinds(&fuzz, &total);
	for (unsigned int i = 0; i < options.processes; i++)
		again += fuzz.reports[i].again;
	printf("# %9" PRIu64 " times EAGAIN\n", again);
	for (unsigned int i = 0; i < options.processes; i++)
		printf("# process %u: %" PRIu64 " calls, digest %016" PRIx64
		       "\n",
		       i, fuzz.reports[i].number, fuzz.reports[i].digest);

	printf("%sok 1 - %" PRIu64 " s, seed %" PRIu64 ", %" PRIu64
	       " calls did what the model says\n",
	       same ? "" : "not ", (now() - start) / 1000000000, options.seed,
	       total);
	result_line(sums ? "" : "not ", 2,
		    "the words that all operate on lost nothing");
	result_line(all ? "" : "not ", 3, "each kind of call was made");
	printf("1..3\n");
	return !(same && sums && all);
}
