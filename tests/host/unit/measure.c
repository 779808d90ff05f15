// SPDX-License-Identifier: GPL-2.0-only
/*
 * What of the measuring does not depend on the machine. Where batches are wanted, the
 * clock is said to be slow.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../tools/bench/measure.h"
#include "../../../tools/shared/clock.h"
#include "temporary.h"

#define SLOW_NS 100000
#define SIZE 4096
#define CELLS 8

static volatile int interrupted;
static char path[32];
static struct source source;
static struct cell cells[CELLS];
static struct plan plan;
static char why[256];

static void no_progress(size_t done, size_t all, double left_s)
{
	(void)done;
	(void)all;
	(void)left_s;
}

static void put(const char *text, size_t size)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(ftruncate(fd, size), 0);
	close(fd);
}

static void begin(size_t bytes, bool read_only)
{
	assert_int_equal(source_make(path, path, bytes, read_only, &source, why,
				     sizeof(why)),
			 0);
	assert_int_equal(source_grow(&source, bytes, why, sizeof(why)), 0);
	memset(cells, 0, sizeof(cells));
	plan = (struct plan){
		.cells = cells,
		.sources = &source,
		.n_sources = 1,
		.calls = 50,
		.repetitions = 3,
		.bytes = bytes,
		.seed = 1,
		.clock_cost_ns = 20,
		.clock_step_ns = 1,
	};
}

static struct cell *add(const char *operation, uint64_t size,
			unsigned int workers)
{
	struct cell *cell = &cells[plan.n_cells++];

	*cell = (struct cell){ .source = &source,
			       .operation = operation_find(operation),
			       .size = size,
			       .workers = workers };
	return cell;
}

static int run(void)
{
	int r = measure_run(&plan, &interrupted, no_progress, why, sizeof(why));

	if (r && r != -EINTR)
		print_message("%s\n", why);
	return r;
}

static int set_up(void **state)
{
	int fd;

	(void)state;
	fd = temporary_file(path);
	close(fd);
	return fd < 0;
}

static int tear_down(void **state)
{
	(void)state;
	measure_free(&plan);
	plan.n_cells = 0;
	return unlink(path);
}

/* Workers that read on within their batches do not come into each other's bytes. */
static void batches_of_two(void **state)
{
	(void)state;
	begin(64 * SIZE, false);
	plan.clock_cost_ns = SLOW_NS;
	add("read", 1, 2);
	add("write", 1, 2);
	add("read", 64, 2);
	add("write", SIZE, 2);
	assert_int_equal(run(), 0);
	for (size_t i = 0; i < plan.n_cells; i++)
		assert_true(cells[i].batch > 1);
}

/* A batch ends before the end of the target, and a file does not grow. */
static void batches_to_the_end(void **state)
{
	struct stat status;

	(void)state;
	put("", 10 * 1000);
	begin(10 * 1000, false);
	plan.access = ACCESS_SEQUENTIAL;
	plan.calls = 5000;
	plan.repetitions = 1;
	plan.clock_cost_ns = 1000;
	add("read", 1000, 1);
	add("write", 1000, 1);
	add("read", 700, 1);
	assert_int_equal(run(), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_size, 10 * 1000);
}

/* Batches of another length take other times. */
static void twins(void **state)
{
	const struct cell *cell, *again;

	(void)state;
	begin(SIZE, false);
	plan.repetitions = 1;
	for (int i = 0; i < 20; i++) {
		plan.clock_cost_ns = 10 + 10 * i;
		plan.n_cells = 0;
		cell = add("pread", 64, 1);
		again = add("pread", 64, 1);
		cells[1].again = true;
		assert_int_equal(run(), 0);
		assert_int_equal(cell->batch, again->batch);
		if (i < 19)
			measure_free(&plan);
	}
}

/* What has no size has a place in the smallest file. */
static void small_file(void **state)
{
	(void)state;
	begin(4, false);
	plan.access = ACCESS_SEQUENTIAL;
	add("getppid", sizeof(uint64_t), 1);
	add("read", 1, 2);
	assert_int_equal(run(), 0);
}

static void only_read(void **state)
{
	char text[32] = "";
	int fd;

	(void)state;
	put("precious", 8);
	assert_int_equal(source_make(path, path, 9, true, &source, why,
				     sizeof(why)),
			 -ENOSPC);
	begin(8, true);
	plan.maps = true;
	add("read", 4, 1);
	add("pread", 4, 2);
	add("map-read", 8, 1);
	add("uring-read", 8, 1);
	assert_int_equal(run(), 0);
	fd = open(path, O_RDONLY);
	assert_int_equal(read(fd, text, sizeof(text)), 8);
	close(fd);
	assert_string_equal(text, "precious");
}

static ssize_t read_nothing(struct job *job, uint64_t offset)
{
	(void)offset;
	return job->size;
}

static ssize_t write_nothing(struct job *job, uint64_t offset)
{
	(void)offset;
	return job->size;
}

/* Whoever only says that it has done something is found out, of any kind. */
static void wrong_data(void **state)
{
	struct operation reads = *operation_find("pread");
	struct operation writes = *operation_find("pwrite");

	(void)state;
	reads.call = read_nothing;
	writes.call = write_nothing;
	for (int i = 0; i < 3; i++) {
		put("", SIZE);
		begin(SIZE, i == 2);
		add("pread", SIZE, 1)->operation = i == 1 ? &writes : &reads;
		assert_int_equal(run(), -EBADMSG);
		assert_non_null(strstr(why, "wrong data"));
		if (i < 2)
			measure_free(&plan);
	}
}

/* Nor does anything of the kind go unnoticed where there is no file. */
static void wrong_copies(void **state)
{
	static const char *const kinds[][2] = {
		{ "memcpy", "read" }, { "memcpy", "write" }, { "pipe", "read" },
		{ "pipe", "write" },  { "zero", "read" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		const struct operation *known = operation_find(kinds[i][1]);
		struct operation operation;
		int r;

		begin(SIZE, false);
		plan.n_cells = 0;
		assert_int_equal(source_make(kinds[i][0], path, SIZE, false,
					     &source, why, sizeof(why)),
				 0);
		operation = source.has & HAS_MEMORY ?
				    *operation_as_copy(known) :
				    *known;
		add(kinds[i][1], SIZE, 1)->operation = &operation;
		assert_int_equal(run(), 0);
		measure_free(&plan);

		plan.n_cells = 0;
		operation.call = operation.writes ? write_nothing :
						    read_nothing;
		add(kinds[i][1], SIZE, 1)->operation = &operation;
		r = run();
		/* A pipe that nothing was written to has nothing to read. */
		assert_true(r == -EBADMSG || r == -EAGAIN);
		measure_free(&plan);
	}
	plan.n_cells = 0;
}

static uint64_t places[3][50];
static size_t n_places[3];
static int run_now;

static ssize_t note_place(struct job *job, uint64_t offset)
{
	if (n_places[run_now] < 50)
		places[run_now][n_places[run_now]++] = offset;
	return pread(job->fd, job->buffer, job->size, offset);
}

/* The same seed draws the same places, another one others. */
static void seeds(void **state)
{
	struct operation noting = *operation_find("pread");

	(void)state;
	noting.call = note_place;
	put("", 100 * SIZE);
	for (run_now = 0; run_now < 3; run_now++) {
		begin(100 * SIZE, false);
		plan.access = ACCESS_RANDOM;
		plan.seed = run_now < 2 ? 7 : 8;
		add("pread", SIZE, 1)->operation = &noting;
		assert_int_equal(run(), 0);
		if (run_now < 2)
			measure_free(&plan);
	}
	assert_int_equal(n_places[0], 50);
	assert_memory_equal(places[0], places[1], sizeof(places[0]));
	assert_memory_not_equal(places[0], places[2], sizeof(places[0]));
}

/* Calls that begin at a rate take as long as they are late, and each counts. */
static void rates(void **state)
{
	static const char *const names[] = { "pread", "uring-read-batch" };

	(void)state;
	begin(SIZE, false);
	plan.repetitions = 1;
	for (int i = 0; i < 2; i++) {
		struct cell *cell;

		plan.n_cells = 0;
		plan.rate = 10000;
		plan.calls = i ? 20 * RING_BATCH : 20;
		cell = add(names[i], 64, 1);
		assert_int_equal(run(), 0);
		assert_int_equal(cell->n_samples, 20);
		assert_int_equal(cell->calls, plan.calls);
		/* The last one's period is over, too. */
		assert_true(cell->calls * 1e9 / cell->span_ns < 10001);
		if (!i)
			measure_free(&plan);
	}
}

static ssize_t call_slow(struct job *job, uint64_t offset)
{
	const struct timespec nap = { .tv_nsec = 1000000 };

	(void)offset;
	nanosleep(&nap, NULL);
	return job->size;
}

/* Only what is timed is in the time that the calls took. */
static void spans(void **state)
{
	struct operation slow = *operation_find("getppid");
	const struct cell *cell;
	double busy = 0;

	(void)state;
	slow.call = call_slow;
	begin(SIZE, false);
	plan.calls = 10;
	plan.repetitions = 1;
	add("getppid", sizeof(uint64_t), 2)->operation = &slow;
	assert_int_equal(run(), 0);
	cell = &cells[0];
	assert_int_equal(cell->calls, 20);
	for (size_t i = 0; i < cell->n_samples; i++)
		busy += cell->samples[i] * cell->batch;
	assert_true(busy >= 20 * 1e6);
	/* Side by side, not one after the other. */
	assert_true(fabs(cell->span_ns - busy / 2) < 1);
}

static void note(int number)
{
	interrupted = number;
}

/* Ends as one who leads is told to, or is killed: no worker outlives him. */
static void processes_end(void **state)
{
	static const int signals[] = { SIGINT, SIGKILL };
	struct operation slow = *operation_find("getppid");

	(void)state;
	slow.call = call_slow;
	for (int i = 0; i < 2; i++) {
		const struct timespec nap = { .tv_nsec = 200000000 };
		int ends[2], status;
		char byte;
		pid_t pid;

		assert_int_equal(pipe(ends), 0);
		pid = fork();
		if (!pid) {
			signal(SIGINT, note);
			begin(SIZE, false);
			plan.processes = true;
			plan.calls = 10000;
			add("getppid", sizeof(uint64_t), 2)->operation = &slow;
			_exit(run() == -EINTR ? 0 : 1);
		}
		close(ends[1]);
		nanosleep(&nap, NULL);
		alarm(5);
		assert_int_equal(kill(pid, signals[i]), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (signals[i] == SIGINT)
			assert_int_equal(status, 0);
		/* It ends when the last process has gone that holds it. */
		assert_int_equal(read(ends[0], &byte, 1), 0);
		alarm(0);
		close(ends[0]);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(batches_of_two), TEST(batches_to_the_end),
		TEST(twins),	      TEST(small_file),
		TEST(only_read),      TEST(wrong_data),
		TEST(wrong_copies),   TEST(seeds),
		TEST(rates),	      TEST(spans),
		TEST(processes_end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
