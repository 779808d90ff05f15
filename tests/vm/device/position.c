// SPDX-License-Identifier: GPL-2.0-only
/*
 * The position belongs to the open file: dup() and fork() share it, and nothing
 * else does.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device.h"

#define THREADS 8

static void own_open_own_position(void **state)
{
	int a = device_open(0), b = device_open(0);
	char byte;

	(void)state;
	assert_int_equal(lseek(a, 100, SEEK_SET), 100);
	assert_int_equal(position(b), 0);
	assert_int_equal(read(b, &byte, 1), 1);
	assert_int_equal(write(b, &byte, 1), 1);
	assert_int_equal(position(a), 100);
	assert_int_equal(position(b), 2);
	close(a);
	close(b);
}

static void dup_shares(void **state)
{
	int fd = device_open(0), copy = dup(fd);
	char bytes[10];

	(void)state;
	assert_int_not_equal(copy, -1);
	assert_int_equal(read(fd, bytes, 10), 10);
	assert_int_equal(position(copy), 10);
	assert_int_equal(write(copy, bytes, 10), 10);
	assert_int_equal(position(fd), 20);
	close(copy);
	assert_int_equal(position(fd), 20);
	close(fd);
}

static void fork_shares(void **state)
{
	int fd = device_open(0);
	char bytes[10];
	pid_t child;

	(void)state;
	assert_int_equal(lseek(fd, 30, SEEK_SET), 30);
	child = fork();
	assert_int_not_equal(child, -1);
	if (!child)
		_exit(position(fd) != 30 || read(fd, bytes, 10) != 10);
	child_ok(child);
	assert_int_equal(position(fd), 40);
	close(fd);
}

static void positioned_calls_do_not_move(void **state)
{
	int fd = device_open(0);
	char bytes[10] = "";

	(void)state;
	assert_int_equal(lseek(fd, 50, SEEK_SET), 50);
	assert_int_equal(pread(fd, bytes, 10, 0), 10);
	assert_int_equal(pwrite(fd, bytes, 10, 200), 10);
	assert_int_equal(position(fd), 50);
	close(fd);
}

struct reader {
	pthread_t thread;
	pthread_barrier_t *barrier;
	int fd;
	size_t n; /* words read */
	uint32_t *words;
};

static void *read_words(void *argument)
{
	struct reader *r = argument;

	pthread_barrier_wait(r->barrier);
	while (read(r->fd, &r->words[r->n], sizeof(uint32_t)) ==
	       sizeof(uint32_t))
		r->n++;
	return NULL;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/*
 * Threads read the end of the device word by word through one descriptor. Each
 * word must be read by exactly one of them; threads that race on the position
 * read some twice and leave out others. From 6.12 on, who waits for a position
 * waits long in an emulated machine: so not all of the device.
 */
static void threads_share(void **state)
{
	int fd = device_open(0);
	off_t size = device_size(fd) / 8, start = device_size(fd) - size;
	size_t n = size / sizeof(uint32_t), total = 0;
	uint32_t *words = malloc(size);
	struct reader readers[THREADS];
	pthread_barrier_t barrier;

	(void)state;
	assert_non_null(words);
	for (size_t i = 0; i < n; i++)
		words[i] = i;
	assert_int_equal(pwrite(fd, words, size, start), size);
	assert_int_equal(lseek(fd, start, SEEK_SET), start);

	pthread_barrier_init(&barrier, NULL, THREADS);
	for (int i = 0; i < THREADS; i++) {
		readers[i] = (struct reader){
			.barrier = &barrier,
			.fd = fd,
			.words = malloc(size + sizeof(uint32_t)),
		};
		assert_non_null(readers[i].words);
		assert_int_equal(pthread_create(&readers[i].thread, NULL,
						read_words, &readers[i]),
				 0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(readers[i].thread, NULL);

	for (int i = 0; i < THREADS; i++) {
		assert_true(total + readers[i].n <= n);
		memcpy(&words[total], readers[i].words,
		       readers[i].n * sizeof(uint32_t));
		total += readers[i].n;
		free(readers[i].words);
	}
	assert_int_equal(total, n);
	qsort(words, n, sizeof(uint32_t), compare);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(words[i], i);
	free(words);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_open_own_position),
		cmocka_unit_test(dup_shares),
		cmocka_unit_test(fork_shares),
		cmocka_unit_test(positioned_calls_do_not_move),
		cmocka_unit_test(threads_share),
	};

	return device_tests(tests);
}
