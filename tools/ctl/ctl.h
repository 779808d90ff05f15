/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What mymemctl's commands share. Each gets a struct ctl and what stands behind its
 * name, does its work, and returns the code to exit with.
 */
#ifndef MYMEM_CTL_H
#define MYMEM_CTL_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

/**
 * struct ctl - a run of mymemctl
 * @device:	the device, or a plain file
 * @json:	whether to print JSON
 * @json_file:	where that goes; TO_STDOUT, and then there is no text
 * @prometheus:	whether to print statistics in Prometheus' format
 * @watch:	seconds from row to row of statistics; 0 for no rows
 * @document:	the JSON document; NULL without JSON, when what is added to it is
 *		dropped
 * @error:	why the command failed; empty if it did not
 * @interrupted: the signal that ends the work; 0 until it comes
 */
struct ctl {
	const char *device;
	bool json;
	const char *json_file;
	bool prometheus;
	unsigned int watch;
	json_t *document;
	char error[512];
	volatile int interrupted;
};

/**
 * ctl_fail() - say on stderr, and in the JSON document, why the command failed
 * @ctl:	the run
 * @format:	one line: what was wrong, what was expected and the next step
 *
 * Return: EXIT_FAILED.
 */
int ctl_fail(struct ctl *ctl, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * ctl_fail_command() - ctl_fail(), for one of the device's own commands
 * @ctl:	the run
 * @error:	its errno; other files say ENOTTY or EINVAL to what they do not know
 *
 * Return: EXIT_FAILED.
 */
int ctl_fail_command(struct ctl *ctl, int error);

/**
 * ctl_open() - open the device
 * @ctl:	the run
 * @flags:	O_RDONLY, O_WRONLY or O_RDWR: what the command needs, and no more
 *
 * Return: a descriptor, or -1, and ctl_fail() was called.
 */
int ctl_open(struct ctl *ctl, int flags);

/**
 * ctl_prints_text() - whether the result is to be printed for people
 * @ctl:	the run
 */
bool ctl_prints_text(const struct ctl *ctl);

/**
 * ctl_offset() - read an argument that is a place in the device
 * @text:	the argument
 * @ret:	the offset; untouched on failure
 *
 * Return: 0, or EXIT_USAGE, and what is wrong was said.
 */
int ctl_offset(const char *text, uint64_t *ret);

/* info.c */
int ctl_info(struct ctl *ctl, int argc, char **argv);

/* word.c */
int ctl_get(struct ctl *ctl, int argc, char **argv);
int ctl_set(struct ctl *ctl, int argc, char **argv);
int ctl_add(struct ctl *ctl, int argc, char **argv);
int ctl_cas(struct ctl *ctl, int argc, char **argv);

/* content.c */
int ctl_dump(struct ctl *ctl, int argc, char **argv);
int ctl_fill(struct ctl *ctl, int argc, char **argv);
int ctl_clear(struct ctl *ctl, int argc, char **argv);
int ctl_load(struct ctl *ctl, int argc, char **argv);
int ctl_save(struct ctl *ctl, int argc, char **argv);

/* stats.c */
int ctl_stats(struct ctl *ctl, int argc, char **argv);

#endif
