// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for another call: RWF_NOWAIT does not, and who waits can be killed.
 *
 * To have something to wait for, a call is stopped half way: a process copies
 * the whole device on a CPU of its own, until a real-time thread takes that CPU
 * from it and does not give it back. The device is made large for that, so that
 * the copy takes long.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/mymem.h>

#include "device.h"

#define HOLDER_CPU 1
#define TRIES 200

/* What the processes of one test share. */
struct shared {
	atomic_int started; /* calls that the holder has begun */
	atomic_int finished; /* and ended */
	atomic_bool hog; /* the hog keeps the CPU while this is set */
	atomic_bool hogging; /* it has it */
	atomic_bool quit;
};

static struct shared *shared;
static pid_t holder, hog;
static size_t held; /* the offset from which the holder copies, to the end */

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		_exit(1);
}

/* Copies the device, or its end, again and again. */
static void hold(bool writing)
{
	int fd = device_open(0);
	size_t size = device_size(fd) - held;
	char *bytes = pages(size);

	pin(HOLDER_CPU);
	memset(bytes, 1, size);
	while (!shared->quit) {
		shared->started++;
		if ((writing ? pwrite(fd, bytes, size, held) :
			       pread(fd, bytes, size, held)) != (ssize_t)size)
			_exit(1);
		shared->finished++;
	}
	_exit(0);
}

/* Takes the holder's CPU when it is asked to, at the highest priority. */
static void hog_cpu(void)
{
	struct sched_param highest = { .sched_priority = 99 };

	pin(HOLDER_CPU);
	if (sched_setscheduler(0, SCHED_FIFO, &highest))
		_exit(1);
	while (!shared->quit) {
		if (!shared->hog) {
			usleep(1000);
			continue;
		}
		shared->hogging = true;
		while (shared->hog && !shared->quit)
			;
		shared->hogging = false;
	}
	_exit(0);
}

/* Bytes of calls that go different ways through the driver. */
static const size_t lens[] = { 1, 2000, 20000 };
#define LENS (sizeof(lens) / sizeof(*lens))
#define LEN_MAX 20000

static ssize_t transfer(int fd, bool writing, size_t len, size_t offset,
			int flags)
{
	static char bytes[LEN_MAX];
	struct iovec segment = { bytes, len };

	/* Calls without flags come another way to the driver. */
	if (!flags)
		return writing ? pwrite(fd, bytes, len, offset) :
				 pread(fd, bytes, len, offset);
	return writing ? pwritev2(fd, &segment, 1, offset, flags) :
			 preadv2(fd, &segment, 1, offset, flags);
}

/* A call that does not wait. */
static ssize_t try_call_at(int fd, bool writing, size_t len, size_t offset)
{
	return transfer(fd, writing, len, offset, RWF_NOWAIT);
}

static ssize_t try_call(int fd, bool writing)
{
	return try_call_at(fd, writing, 1, held);
}

/* Stops the holder in a call that excludes the other kind of call. */
static void stop_holder(int fd, bool writing)
{
	for (int try = 0; try < TRIES; try++) {
		shared->hog = true;
		while (!shared->hogging)
			usleep(1000);
		errno = 0;
		if (try_call(fd, !writing) < 0) {
			assert_int_equal(errno, EAGAIN);
			return;
		}
		/* It was not copying just then. */
		shared->hog = false;
		while (shared->hogging)
			usleep(1000);
		usleep(1000 * (try % 50));
	}
	fail_msg(
		"no call ever met another: RWF_NOWAIT waits, or calls do not exclude each other");
}

static void start(bool writing)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(shared, MAP_FAILED);
	holder = fork_bound();
	if (!holder)
		hold(writing);
	hog = fork_bound();
	if (!hog)
		hog_cpu();
	pin(0);
	while (!shared->finished)
		usleep(1000);
}

static void finish(void)
{
	shared->quit = true;
	shared->hog = false;
	child_ok(hog);
	child_ok(holder);
	munmap(shared, sizeof(*shared));
}

/* In the place of a length: not that many bytes, but an operation on a word. */
#define OPERATION 0

/* Starts a call that waits for the holder, in a process of its own. */
static pid_t start_victim(int fd, bool writing, size_t len, size_t offset)
{
	struct mymem_atomic operation = {
		.size = sizeof(operation),
		.op = writing ? MYMEM_OP_ADD : MYMEM_OP_LOAD,
		.offset = offset,
	};
	pid_t victim = fork_bound();
	char path[64], line[512], state = 0;

	if (!victim) {
		if (len == OPERATION)
			_exit(ioctl(fd, MYMEM_IOC_ATOMIC, &operation) != 0);
		_exit(transfer(fd, writing, len, offset, 0) != (ssize_t)len);
	}
	/* It sleeps when its call has come to the lock. */
	snprintf(path, sizeof(path), "/proc/%d/stat", victim);
	while (state != 'D') {
		FILE *file = fopen(path, "r");

		assert_non_null(file);
		assert_non_null(fgets(line, sizeof(line), file));
		fclose(file);
		state = strrchr(line, ')')[2];
		assert_int_not_equal(state, 'Z');
		usleep(1000);
	}
	return victim;
}

static void kill_victim(pid_t victim)
{
	int status;

	assert_int_equal(kill(victim, SIGKILL), 0);
	assert_int_equal(waitpid(victim, &status, 0), victim);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void excluded(bool holder_writes, bool victim_writes)
{
	int fd = device_open(0), started;
	pid_t victims[LENS + 1];

	start(holder_writes);
	stop_holder(fd, holder_writes);
	started = shared->started;

	/* It says so again and again, and does not wait. */
	for (size_t i = 0; i < 300 * LENS; i++)
		assert_fails(try_call_at(fd, victim_writes, lens[i % LENS], 0),
			     EAGAIN);

	/* A waiting caller dies when it is killed, while the holder holds. */
	for (size_t i = 0; i < LENS; i++)
		kill_victim(start_victim(fd, victim_writes, lens[i], 0));
	kill_victim(start_victim(fd, victim_writes, OPERATION, 0));
	assert_int_equal(shared->started, started);
	assert_int_equal(shared->finished, started - 1);

	/* Those that are not killed get what they wait for. */
	for (size_t i = 0; i < LENS; i++)
		victims[i] = start_victim(fd, victim_writes, lens[i], 0);
	victims[LENS] = start_victim(fd, victim_writes, OPERATION, 0);
	shared->hog = false;
	for (size_t i = 0; i <= LENS; i++)
		child_ok(victims[i]);
	finish();
	close(fd);
}

static void reader_behind_writer(void **state)
{
	(void)state;
	excluded(true, false);
}

static void writer_behind_writer(void **state)
{
	(void)state;
	excluded(true, true);
}

static void writer_behind_reader(void **state)
{
	(void)state;
	excluded(false, true);
}

/*
 * Who wants more than what is held, and gets a part of it first, leaves that part
 * to others when it does not get the rest.
 */
static void held_in_part(void **state)
{
	int fd = device_open(0);

	(void)state;
	held = device_size(fd) / 2;
	start(true);
	stop_holder(fd, true);
	for (int writing = 0; writing <= 1; writing++) {
		pid_t victim;

		/* What is not held can be had. */
		assert_int_equal(try_call_at(fd, true, 1, held - 1), 1);
		assert_fails(try_call_at(fd, writing, 2, held - 1), EAGAIN);
		assert_int_equal(try_call_at(fd, true, 1, held - 1), 1);

		/* While one waits for the rest, it keeps what it has. */
		victim = start_victim(fd, writing, 2, held - 1);
		assert_fails(try_call_at(fd, true, 1, held - 1), EAGAIN);
		kill_victim(victim);
		assert_int_equal(try_call_at(fd, true, 1, held - 1), 1);
		assert_fails(try_call(fd, true), EAGAIN);
	}
	finish();
	held = 0;
	close(fd);
}

static void readers_side_by_side(void **state)
{
	int fd = device_open(0), started;
	char byte;

	(void)state;
	start(false);
	stop_holder(fd, false);
	started = shared->started;
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(pread(fd, &byte, 1, i), 1);
		assert_int_equal(try_call(fd, false), 1);
	}
	assert_int_equal(shared->finished, started - 1);
	finish();
	close(fd);
}

static void nobody_else(void **state)
{
	int fd = device_open(0);

	(void)state;
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(try_call(fd, false), 1);
		assert_int_equal(try_call(fd, true), 1);
	}
	close(fd);
}

static int enlarge(void **state)
{
	(void)state;
	device_reload("size=134217728");
	/* Real-time threads may have all of a CPU's time. */
	return system("sysctl -qw kernel.sched_rt_runtime_us=-1");
}

static int restore(void **state)
{
	(void)state;
	device_reload("");
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_else),
		cmocka_unit_test(reader_behind_writer),
		cmocka_unit_test(writer_behind_writer),
		cmocka_unit_test(writer_behind_reader),
		cmocka_unit_test(held_in_part),
		cmocka_unit_test(readers_side_by_side),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, enlarge, restore);
}
