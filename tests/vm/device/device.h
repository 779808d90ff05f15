/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of the device share.
 */
#ifndef MYMEM_TEST_DEVICE_H
#define MYMEM_TEST_DEVICE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

/* Asserts that a call failed, and with this errno. */
#define assert_fails(call, error)                 \
	do {                                      \
		errno = 0;                        \
		assert_int_equal((call), -1);     \
		assert_int_equal(errno, (error)); \
	} while (0)

/* The device under test: $MYMEM_DEVICE, or /dev/mymem. */
const char *device_path(void);

/* The name of its module, which is that of the node. */
const char *device_module(void);

/* Opens it with O_RDWR and further flags; the test fails if that fails. */
int device_open(int flags);

/* Its size in bytes, from lseek(); its position is 0 afterwards. */
size_t device_size(int fd);

/* Where the position is. */
off_t position(int fd);

/* Fills the device with bytes that tell where they are: see byte_at(). */
void device_fill(int fd);

/* The byte that device_fill() puts at an offset. */
unsigned char byte_at(size_t offset);

/* Memory from mmap(), zeroed; the test fails if there is none. */
void *pages(size_t size);

/* @n readable and writable pages, and behind them one that is not mapped. */
unsigned char *pages_before_hole(size_t n);

/* MemFree, in KiB. */
long free_kib(void);

/*
 * Loads the module again, with arguments such as "size=1M"; all descriptors of
 * the device have to be closed.
 */
void device_reload(const char *arguments);

/* Forks a child that does not outlive its parent, whose test may fail. */
pid_t fork_bound(void);

/* Waits for a child; the test fails unless it exited with status 0. */
void child_ok(pid_t pid);

/* Touches memory in a process of its own; the test fails unless SIGBUS kills that. */
void assert_bus_error(const volatile unsigned char *p);

/* Runs the tests, with TAP on stdout. */
#define device_tests(tests)                        \
	(cmocka_set_message_output(CM_OUTPUT_TAP), \
	 cmocka_run_group_tests(tests, NULL, NULL))

#endif
