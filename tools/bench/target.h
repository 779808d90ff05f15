/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is measured: the device, and what it is compared with.
 */
#ifndef MYMEM_TARGET_H
#define MYMEM_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct target - something that can be read and written
 * @name:	as users write it; a path stands for itself
 * @what:	what it is, for --help
 * @has:	HAS_... bits of operation.h
 */
struct target {
	const char *name;
	const char *what;
	unsigned int has;
};

/**
 * struct source - a target that is ready to be opened
 * @target:	which
 * @path:	what workers open, or "" if each makes its own
 * @has:	what this one has, HAS_... bits
 * @capacity:	bytes that it holds; UINT64_MAX if it does not matter
 * @grows:	a file of somebody's that holds less than was asked for
 * @read_only:	a file of somebody's that nothing is to be written to
 * @fd:		what keeps it there, or -1
 */
struct source {
	const struct target *target;
	char path[256];
	unsigned int has;
	uint64_t capacity;
	bool grows;
	bool read_only;
	int fd;
};

/**
 * struct ends - an open target
 * @fd:		to read from
 * @write_fd:	to write to; the same, or another descriptor
 * @mapping:	@mapped bytes from offset 0 on, or NULL
 * @mapped:	how many
 */
struct ends {
	int fd;
	int write_fd;
	unsigned char *mapping;
	size_t mapped;
};

/**
 * target_at() - the targets that have names, one by one
 * @i:	from 0 on; 0 is the device
 *
 * Return: the target, or NULL behind the last one.
 */
const struct target *target_at(size_t i);

/**
 * target_find() - the target that is named so
 * @name:	its name, or a path, which has a / in it
 *
 * Return: the target, or NULL.
 */
const struct target *target_find(const char *name);

/**
 * source_make() - get a target ready
 * @name:	one that target_find() finds
 * @device:	the path of the device
 * @bytes:	that it is to hold at least
 * @read_only:	nothing that is measured writes, so what is somebody else's stays as
 *		it is
 * @ret:	the source, to be given to source_end()
 * @error:	where one line goes that says what is wrong and what to do
 * @size:	the room there
 *
 * Return: 0 or a negative errno.
 */
int source_make(const char *name, const char *device, uint64_t bytes,
		bool read_only, struct source *ret, char *error, size_t size);

/**
 * source_grow() - let a target of our own, or a file that grows, hold more
 * @source:	the target
 * @bytes:	that it is to hold
 * @error:	as for source_make()
 * @size:	the room there
 *
 * Return: 0 or a negative errno.
 */
int source_grow(struct source *source, uint64_t bytes, char *error,
		size_t size);

/**
 * source_name() - how a target is called in what is shown
 *
 * Return: its name, or its path if it has none or is not where its name says.
 */
const char *source_name(const struct source *source);

/* Undoes source_make(). */
void source_end(struct source *source);

/**
 * ends_open() - open a target for one worker
 * @source:	the target
 * @bytes:	that are mapped, or 0: no mapping is wanted
 * @ret:	the open target, to be given to ends_close()
 *
 * Return: 0 or a negative errno.
 */
int ends_open(const struct source *source, size_t bytes, struct ends *ret);

/* Undoes ends_open(). */
void ends_close(struct ends *ends);

#endif
