/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is timed: one call of one kind.
 */
#ifndef MYMEM_OPERATION_H
#define MYMEM_OPERATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct io_uring;

/* What an operation needs of a target, and what a target has. */
#define HAS_POSITION 1 /* an offset means something: pread(), lseek() */
#define HAS_CONTENT 2 /* what was written is what is read there */
#define HAS_MAPPING 4
#define HAS_ATOMIC 8 /* mymem's atomic operations */
#define HAS_DESCRIPTOR 16
#define HAS_MEMORY 32 /* a copy from memory to memory stands for a call */
#define HAS_NOTHING 64 /* only an operation that needs nothing fits */

/* Calls that one io_uring submission holds in the batched operations. */
#define RING_BATCH 16

/**
 * struct job - what the calls of one repetition work on
 * @fd:		what is read from, and written to
 * @write_fd:	what is written to, where that is another one; else as @fd
 * @buffer:	@size bytes, faulted in: where to and where from
 * @memory:	as much, for copies without a call
 * @mapping:	of the target from offset 0 on, or NULL
 * @ring:	for io_uring, with @fd, @write_fd and @buffer registered; or NULL
 * @size:	bytes of a call
 */
struct job {
	int fd;
	int write_fd;
	unsigned char *buffer;
	unsigned char *memory;
	unsigned char *mapping;
	struct io_uring *ring;
	size_t size;
};

/**
 * struct operation - a kind of call
 * @name:	as users write it
 * @what:	what it is, for --help
 * @needs:	of the target, HAS_... bits; all of them
 * @writes:	bytes go to the target
 * @sized:	it has a size; else it is measured once
 * @seeks:	it goes on where the last one ended
 * @calls:	operations that one @call does
 * @call:	does it at an offset; returns the bytes that one of them moved (or
 *		@size, where nothing is moved), or a negative errno
 */
struct operation {
	const char *name;
	const char *what;
	unsigned int needs;
	bool writes;
	bool sized;
	bool seeks;
	unsigned int calls;
	ssize_t (*call)(struct job *job, uint64_t offset);
};

/**
 * operation_find() - the operation of a name
 *
 * Return: it, or NULL.
 */
const struct operation *operation_find(const char *name);

/**
 * operation_at() - the operations, one by one
 * @i:	from 0 on
 *
 * Return: the operation, or NULL behind the last one.
 */
const struct operation *operation_at(size_t i);

/**
 * read_at() - pread(), and again for the rest if it gives less, as programs have to
 * @fd:		from where
 * @buffer:	to where
 * @size:	bytes
 * @offset:	of the first
 *
 * Return: the bytes that are there before the end, or a negative errno.
 */
ssize_t read_at(int fd, void *buffer, size_t size, uint64_t offset);

/**
 * write_at() - pwrite(), in the same way
 * @fd:		to where
 * @buffer:	from where
 * @size:	bytes
 * @offset:	of the first
 *
 * Return: the bytes that found room, or a negative errno.
 */
ssize_t write_at(int fd, const void *buffer, size_t size, uint64_t offset);

/**
 * operation_as_copy() - what measures a target that is only memory
 * @operation:	a read or a write, as operation_find() has it
 *
 * Return: as much by memcpy(), under the same name.
 */
const struct operation *operation_as_copy(const struct operation *operation);

#endif
