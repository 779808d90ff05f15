// SPDX-License-Identifier: GPL-2.0-only
/*
 * What can be seen of the device's work from outside: its attributes and its
 * tracepoints.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/mymem.h>

#include "device.h"

#define ATTRIBUTES "/sys/class/misc/mymem/"
#define TRACING "/sys/kernel/tracing/"

static const char *const counters[] = { "reads",	 "read_bytes", "writes",
					"written_bytes", "atomics",    "faults",
					"waits" };
#define COUNTERS (sizeof(counters) / sizeof(*counters))

static uint64_t attribute(const char *name)
{
	char path[100], text[32] = "", *end;
	uint64_t value;
	int fd;

	snprintf(path, sizeof(path), ATTRIBUTES "%s", name);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_true(read(fd, text, sizeof(text) - 1) > 1);
	close(fd);
	value = strtoull(text, &end, 10);
	assert_string_equal(end, "\n");
	return value;
}

static uint64_t before[COUNTERS];

static void count(void)
{
	for (size_t i = 0; i < COUNTERS; i++)
		before[i] = attribute(counters[i]);
}

/* That since count() the named ones grew by so much, and no other. */
static void assert_grew(const char *one, uint64_t by, const char *two,
			uint64_t by_two)
{
	for (size_t i = 0; i < COUNTERS; i++) {
		uint64_t expected = 0;

		if (!strcmp(counters[i], one))
			expected = by;
		else if (two && !strcmp(counters[i], two))
			expected = by_two;
		assert_int_equal(attribute(counters[i]) - before[i], expected);
	}
}

static void attributes(void **state)
{
	int fd = device_open(0);
	char path[100];
	struct stat st;

	(void)state;
	assert_int_equal(attribute("size"), device_size(fd));
	for (size_t i = 0; i < COUNTERS; i++) {
		snprintf(path, sizeof(path), ATTRIBUTES "%s", counters[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0444);
	}
	close(fd);
}

/* Small and large ones go different ways. */
static void calls(void **state)
{
	static const size_t sizes[] = { 1, 512, 513, 4096, 100000 };
	unsigned char *buffer = pages(100000);
	unsigned char *hole = pages_before_hole(1) + 4096;
	int fd = device_open(0);
	off_t end = device_size(fd);

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		size_t n = sizes[i];
		struct iovec iov[] = { { buffer, n / 3 },
				       { buffer + n / 3, n - n / 3 } };

		count();
		assert_int_equal(pread(fd, buffer, n, 5), n);
		assert_grew("reads", 1, "read_bytes", n);
		count();
		assert_int_equal(preadv(fd, iov, 2, 5), n);
		assert_grew("reads", 1, "read_bytes", n);
		count();
		assert_int_equal(pwrite(fd, buffer, n, 5), n);
		assert_grew("writes", 1, "written_bytes", n);
		count();
		assert_int_equal(pwritev(fd, iov, 2, 5), n);
		assert_grew("writes", 1, "written_bytes", n);
	}

	count();
	assert_int_equal(pread(fd, buffer, 100, end), 0);
	assert_grew("reads", 1, NULL, 0);
	count();
	assert_int_equal(pread(fd, buffer, 100, end - 10), 10);
	assert_grew("reads", 1, "read_bytes", 10);

	count();
	assert_fails(pread(fd, hole, 100, 0), EFAULT);
	assert_fails(pread(fd, hole, 10000, 0), EFAULT);
	assert_fails(pwrite(fd, hole, 100, 0), EFAULT);
	assert_fails(pwrite(fd, hole, 10000, 0), EFAULT);
	assert_fails(pwrite(fd, buffer, 100, end), ENOSPC);
	assert_grew("reads", 0, NULL, 0);
	munmap(buffer, 100000);
	close(fd);
}

static void atomics(void **state)
{
	struct mymem_atomic a = { .size = sizeof(a), .op = MYMEM_OP_ADD };
	int fd = device_open(0);

	(void)state;
	count();
	assert_int_equal(ioctl(fd, MYMEM_IOC_ATOMIC, &a), 0);
	a.op = MYMEM_OP_LOAD;
	assert_int_equal(ioctl(fd, MYMEM_IOC_ATOMIC, &a), 0);
	a.offset = 1;
	assert_fails(ioctl(fd, MYMEM_IOC_ATOMIC, &a), EINVAL);
	assert_grew("atomics", 2, NULL, 0);
	close(fd);
}

static void faults(void **state)
{
	int fd = device_open(0);
	off_t end = device_size(fd);
	volatile unsigned char *p =
		mmap(NULL, 8 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	(void)state;
	assert_ptr_not_equal(p, MAP_FAILED);
	count();
	for (int i = 0; i < 8; i++)
		p[4096 * i] = 1;
	assert_grew("faults", 8, NULL, 0);
	count();
	for (int i = 0; i < 8; i++)
		p[4096 * i] = 2;
	assert_grew("faults", 0, NULL, 0);
	munmap((void *)p, 8 * 4096);

	/* One that finds no page. */
	p = mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, end - 8192);
	assert_ptr_not_equal(p, MAP_FAILED);
	p = mmap((void *)p, 4096, PROT_READ, MAP_SHARED | MAP_FIXED, fd,
		 end - 4096);
	assert_ptr_not_equal(p, MAP_FAILED);
	munmap((void *)(p + 4096), 4096);
	assert_ptr_equal(mremap((void *)p, 4096, 8192, 0), p);
	count();
	assert_bus_error(p + 4096);
	assert_grew("faults", 0, NULL, 0);
	munmap((void *)p, 8192);
	close(fd);
}

static void tracing_write(const char *name, const char *text)
{
	char path[100];
	int fd;

	snprintf(path, sizeof(path), TRACING "%s", name);
	fd = open(path, O_WRONLY | O_TRUNC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

/* That the trace has one line of an event of ours, and what it says. */
static void assert_traced(const char *event, const char *what)
{
	char line[500], expected[300];
	FILE *trace = fopen(TRACING "trace", "r");
	int found = 0;

	assert_non_null(trace);
	snprintf(expected, sizeof(expected), "mymem_%s: %s\n", event, what);
	while (fgets(line, sizeof(line), trace)) {
		const char *mine = strstr(line, "mymem_");

		if (line[0] == '#' || !mine)
			continue;
		assert_string_equal(mine, expected);
		found++;
	}
	fclose(trace);
	assert_int_equal(found, 1);
	tracing_write("trace", "");
}

static void tracepoints(void **state)
{
	struct mymem_atomic a = { .size = sizeof(a),
				  .op = MYMEM_OP_ADD,
				  .offset = 16,
				  .operand = 2 };
	int fd = device_open(0);
	off_t end = device_size(fd);
	unsigned char *hole = pages_before_hole(1) + 4096;
	uint64_t word = 40;
	char text[200];

	(void)state;
	tracing_write("events/mymem/enable", "1");
	tracing_write("trace", "");

	assert_int_equal(pwrite(fd, &word, 8, 16), 8);
	assert_traced("write", "offset=16 length=8 result=8 waited=0");
	assert_int_equal(pread(fd, &word, 8, 16), 8);
	assert_traced("read", "offset=16 length=8 result=8 waited=0");
	assert_int_equal(pread(fd, &word, 8, end - 3), 3);
	snprintf(text, sizeof(text), "offset=%jd length=8 result=3 waited=0",
		 (intmax_t)end - 3);
	assert_traced("read", text);
	assert_fails(pread(fd, hole, 1000, 0), EFAULT);
	snprintf(text, sizeof(text), "offset=0 length=1000 result=%d waited=0",
		 -EFAULT);
	assert_traced("read", text);
	assert_fails(pwrite(fd, &word, 8, end), ENOSPC);
	snprintf(text, sizeof(text), "offset=%jd length=8 result=%d waited=0",
		 (intmax_t)end, -ENOSPC);
	assert_traced("write", text);
	assert_int_equal(ioctl(fd, MYMEM_IOC_ATOMIC, &a), 0);
	assert_traced(
		"atomic",
		"offset=16 length=8 op=add operand=2 old=40 result=0 waited=0");

	tracing_write("events/mymem/enable", "0");
	close(fd);
}

/* Who decodes events himself, as perf does, has the numbers of the operations. */
static void format(void **state)
{
	FILE *file = fopen(TRACING "events/mymem/mymem_atomic/format", "r");
	char text[8192];
	size_t len;

	(void)state;
	assert_non_null(file);
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[len] = '\0';
	assert_non_null(strstr(text, "{ 7, \"compare-exchange\" }"));
	assert_null(strstr(text, "MYMEM_OP_"));
}

#define LONG_CALLS 100
#define SHORT_CALLS 2000

static void *writer(void *arg)
{
	int fd = device_open(0);
	size_t size = device_size(fd);
	void *buffer = pages(size);

	(void)arg;
	for (int i = 0; i < LONG_CALLS; i++)
		if (pwrite(fd, buffer, size, 0) < 0)
			break;
	munmap(buffer, size);
	close(fd);
	return NULL;
}

static void *reader(void *arg)
{
	int fd = device_open(0);
	char byte;

	(void)arg;
	for (int i = 0; i < SHORT_CALLS; i++)
		if (pread(fd, &byte, 1, 0) < 0)
			break;
	close(fd);
	return NULL;
}

static void *adder(void *arg)
{
	int fd = device_open(0);

	(void)arg;
	for (int i = 0; i < SHORT_CALLS; i++) {
		struct mymem_atomic a = { .size = sizeof(a),
					  .op = MYMEM_OP_ADD,
					  .operand = 1 };

		if (ioctl(fd, MYMEM_IOC_ATOMIC, &a))
			break;
	}
	close(fd);
	return NULL;
}

/* How many calls of each kind the trace has. */
static void count_traced(int n[3])
{
	static const char *const kinds[] = { "mymem_read:", "mymem_write:",
					     "mymem_atomic:" };
	FILE *trace = fopen(TRACING "trace", "r");
	char line[500];

	assert_non_null(trace);
	memset(n, 0, 3 * sizeof(*n));
	while (fgets(line, sizeof(line), trace))
		for (int i = 0; i < 3; i++)
			if (line[0] != '#' && strstr(line, kinds[i])) {
				assert_non_null(strstr(line, "waited=1\n"));
				n[i]++;
			}
	fclose(trace);
}

/*
 * Nothing makes a call wait for sure, but many at once. Each that waited says so in
 * the trace and is counted. The rounds are short enough for the trace to hold them.
 */
static void waits(void **state)
{
	static void *(*const callers[])(void *) = { writer, writer, reader,
						    adder };
	int n[3], seen[3] = { 0 };
	pthread_t threads[4];

	(void)state;
	tracing_write("events/mymem/filter", "waited == 1");
	tracing_write("events/mymem/enable", "1");
	for (int round = 0; round < 500; round++) {
		tracing_write("trace", "");
		count();
		for (int i = 0; i < 4; i++)
			assert_int_equal(pthread_create(&threads[i], NULL,
							callers[i], NULL),
					 0);
		for (int i = 0; i < 4; i++)
			pthread_join(threads[i], NULL);
		count_traced(n);
		assert_int_equal(attribute("waits") - before[6],
				 n[0] + n[1] + n[2]);
		for (int i = 0; i < 3; i++)
			seen[i] += n[i];
		if (seen[0] && seen[1] && seen[2])
			break;
	}
	tracing_write("events/mymem/enable", "0");
	tracing_write("events/mymem/filter", "0");
	tracing_write("trace", "");
	print_message("waited: %d reads, %d writes, %d operations\n", seen[0],
		      seen[1], seen[2]);
	assert_true(seen[0] && seen[1] && seen[2]);
}

/* Each processor counts for itself; what is shown is the sum. */
static void on_each_processor(void **state)
{
	int fd = device_open(0), used = 0;
	cpu_set_t all, one;
	char byte;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	count();
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
		assert_int_equal(pread(fd, &byte, 1, 0), 1);
		used++;
	}
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
	assert_grew("reads", used, "read_bytes", used);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attributes),
		cmocka_unit_test(calls),
		cmocka_unit_test(atomics),
		cmocka_unit_test(faults),
		cmocka_unit_test(tracepoints),
		cmocka_unit_test(format),
		cmocka_unit_test(waits),
		cmocka_unit_test(on_each_processor),
	};

	return device_tests(tests);
}
