// SPDX-License-Identifier: GPL-2.0-only
/*
 * workers - what calls cost when two threads on two processors make them
 *
 * Usage: workers DEVICE FILE
 *
 * Each round lets one or two threads do one thing for a while, each on a
 * processor, a descriptor and a buffer of its own, and prints a line
 * "NAME:CALL:SIZE NANOSECONDS": the time for which the machine was busy with one
 * call, so that two threads that do not disturb each other halve it. The rounds
 * take turns, there and back, so that what else happens on the machine hits all
 * alike.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/mymem.h>

#define WORKERS 2
#define REPETITIONS 100
#define ROUND_MS 20
#define ROOM 524288

struct worker {
	int fd;
	off_t offset;
	size_t size;
	char *buffer;
	uint64_t calls;
	double seconds;
};

struct round {
	const char *name; /* of the measurement, with the call */
	void (*work)(struct worker *w);
	int workers;
	size_t size;
	bool apart; /* each worker in a half of its own */
	bool adds; /* the calls are increments of the word at 0 */
	bool file; /* on the file, not on the device */
};

static atomic_bool stop;
static pthread_barrier_t gate;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Atomic uint64_t *mapped;

static void ask(struct worker *w)
{
	(void)w;
	syscall(SYS_getppid);
}

static void read_there(struct worker *w)
{
	if (pread(w->fd, w->buffer, w->size, w->offset) != (ssize_t)w->size)
		err(1, "pread");
}

static void write_there(struct worker *w)
{
	if (pwrite(w->fd, w->buffer, w->size, w->offset) != (ssize_t)w->size)
		err(1, "pwrite");
}

static void add_as_the_lab(struct worker *w)
{
	uint64_t word;

	pthread_mutex_lock(&mutex);
	if (lseek(w->fd, 0, SEEK_SET) ||
	    read(w->fd, &word, sizeof(word)) != sizeof(word))
		err(1, "read");
	word++;
	if (lseek(w->fd, 0, SEEK_SET) ||
	    write(w->fd, &word, sizeof(word)) != sizeof(word))
		err(1, "write");
	pthread_mutex_unlock(&mutex);
}

static void add_by_ioctl(struct worker *w)
{
	struct mymem_atomic add = {
		.size = sizeof(add),
		.op = MYMEM_OP_ADD,
		.operand = 1,
	};

	if (ioctl(w->fd, MYMEM_IOC_ATOMIC, &add))
		err(1, "ioctl");
}

static void add_through_mapping(struct worker *w)
{
	(void)w;
	atomic_fetch_add(mapped, 1);
}

static const struct round rounds[] = {
	/* What this machine gives at best: these calls share nothing. */
	{ "one:getppid", ask, 1 },
	{ "two:getppid", ask, 2 },
	{ "one:pread", read_there, 1, 64 },
	{ "two:pread", read_there, 2, 64 },
	{ "one:pread", read_there, 1, 65536 },
	{ "two:pread", read_there, 2, 65536 },
	{ "one:pwrite", write_there, 1, 64 },
	{ "two:pwrite", write_there, 2, 64 },
	{ "apart:pwrite", write_there, 2, 64, .apart = true },
	{ "one:pwrite", write_there, 1, 65536 },
	{ "two:pwrite", write_there, 2, 65536 },
	{ "apart:pwrite", write_there, 2, 65536, .apart = true },
	{ "mymem:pread", read_there, 1, ROOM },
	{ "tmpfs:pread", read_there, 1, ROOM, .file = true },
	{ "mymem:pwrite", write_there, 1, ROOM },
	{ "tmpfs:pwrite", write_there, 1, ROOM, .file = true },
	{ "lab:add", add_as_the_lab, 2, 8, .adds = true },
	{ "atomic:add", add_by_ioctl, 2, 8, .adds = true },
	{ "mapped:add", add_through_mapping, 2, 8, .adds = true },
};

#define N_ROUNDS (sizeof(rounds) / sizeof(*rounds))

struct thread {
	struct worker worker;
	const struct round *round;
	int cpu;
	int device;
	int file;
	pthread_t thread;
};

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void *work(void *arg)
{
	struct thread *t = arg;
	struct worker *w = &t->worker;
	void (*one)(struct worker *) = t->round->work;
	cpu_set_t cpus;
	double start;

	CPU_ZERO(&cpus);
	CPU_SET(t->cpu, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		err(1, "no processor %d", t->cpu);

	one(w); /* for what happens only the first time */
	pthread_barrier_wait(&gate);
	start = now();
	for (w->calls = 0; !atomic_load_explicit(&stop, memory_order_relaxed);
	     w->calls++)
		one(w);
	w->seconds = now() - start;
	return NULL;
}

/* Lets the threads work; returns the nanoseconds for a call. */
static double run(const struct round *r, struct thread *threads)
{
	const struct timespec duration = { .tv_nsec = ROUND_MS * 1000000 };
	uint64_t word = 0, calls = 0;
	double rate = 0;

	if (r->adds &&
	    pwrite(threads[0].device, &word, sizeof(word), 0) != sizeof(word))
		err(1, "pwrite");

	stop = false;
	pthread_barrier_init(&gate, NULL, r->workers + 1);
	for (int i = 0; i < r->workers; i++) {
		struct thread *t = &threads[i];

		t->round = r;
		t->worker.fd = r->file ? t->file : t->device;
		t->worker.size = r->size;
		t->worker.offset = r->apart ? i * (ROOM / WORKERS) : 0;
		if (pthread_create(&t->thread, NULL, work, t))
			errx(1, "no thread");
	}
	pthread_barrier_wait(&gate);
	nanosleep(&duration, NULL);
	stop = true;
	for (int i = 0; i < r->workers; i++) {
		struct worker *w = &threads[i].worker;

		pthread_join(threads[i].thread, NULL);
		calls += w->calls + 1;
		rate += w->calls / w->seconds;
	}
	pthread_barrier_destroy(&gate);

	if (r->adds &&
	    (pread(threads[0].device, &word, sizeof(word), 0) != sizeof(word) ||
	     word != calls))
		errx(1, "%s: %" PRIu64 " increments gave %" PRIu64, r->name,
		     calls, word);
	return 1e9 / rate;
}

/* Whether the device can do it, in this state of the driver. */
static bool can(const struct round *r, struct thread *t)
{
	struct mymem_atomic load = { .size = sizeof(load) };

	if (r->work == add_through_mapping)
		return mapped != MAP_FAILED;
	if (r->work == add_by_ioctl)
		return !ioctl(t->device, MYMEM_IOC_ATOMIC, &load);
	return true;
}

int main(int argc, char **argv)
{
	struct thread threads[WORKERS] = { 0 };

	if (argc != 3)
		errx(2, "usage: workers DEVICE FILE");
	for (int i = 0; i < WORKERS; i++) {
		struct thread *t = &threads[i];
		char *buffer = aligned_alloc(4096, ROOM);

		if (!buffer)
			err(1, "no memory");
		memset(buffer, i, ROOM);
		t->worker.buffer = buffer;
		t->cpu = i;
		t->device = open(argv[1], O_RDWR);
		if (t->device < 0)
			err(1, "%s", argv[1]);
		t->file = open(argv[2], O_RDWR | O_CREAT, 0600);
		if (t->file < 0 || pwrite(t->file, buffer, ROOM, 0) != ROOM)
			err(1, "%s", argv[2]);
	}
	mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
		      threads[0].device, 0);

	for (size_t i = 0; i < N_ROUNDS; i++)
		if (!can(&rounds[i], threads))
			warnx("%s: the device cannot do that", rounds[i].name);
	for (int i = 0; i < REPETITIONS; i++) {
		for (size_t j = 0; j < N_ROUNDS; j++) {
			const struct round *r =
				&rounds[i % 2 ? N_ROUNDS - 1 - j : j];

			if (can(r, threads))
				printf("%s:%zu %.1f\n", r->name, r->size,
				       run(r, threads));
		}
	}
	return 0;
}
