/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What every tool prints in the same way.
 */
#ifndef MYMEM_OUTPUT_H
#define MYMEM_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>

/* What a tool takes for stdout where an option names a file. */
#define TO_STDOUT "-"

/**
 * is_stdout() - whether an option's file is stdout
 * @file:	what was given for it, or NULL if that option was not
 */
bool is_stdout(const char *file);

/**
 * usage_error() - say what is wrong with the command line
 * @format:	one line: what was wrong and what was expected
 *
 * Return: EXIT_USAGE.
 */
int usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * progress() - show how far the work has come
 * @format:	a short text, or NULL to wipe the last one away
 *
 * On stderr, and only if that is a terminal. Not to be called inside of
 * anything that is timed.
 */
void progress(const char *format, ...) __attribute__((format(printf, 1, 2)));

/**
 * json_new() - begin a tool's JSON document
 * @schema:	its name and version, as in "mymem-bench/1"
 *
 * Return: an object with "schema", "version" and "kernel", or NULL.
 */
json_t *json_new(const char *schema);

/**
 * json_text() - a text for JSON
 * @text:	the text; if it is no UTF-8, as a path need not be, what is not
 *		ASCII becomes a question mark
 *
 * Return: a string, or NULL.
 */
json_t *json_text(const char *text);

/**
 * json_number() - a number for JSON
 * @value:	the number; JSON has no NAN, which becomes null
 */
json_t *json_number(double value);

/**
 * json_end() - print a document and free it
 * @document:	the document; NULL, as jansson returns when there is no memory,
 *		is an error
 * @path:	the file to write it to, or TO_STDOUT
 *
 * Return: 0, or a negative errno, which was said on stderr; but a failure to
 * write to stdout shows in stdout_close().
 */
int json_end(json_t *document, const char *path);

/**
 * stdout_flush() - let what was printed be seen now
 *
 * Return: 0, or -errno, which stdout_close() will say.
 */
int stdout_flush(void);

/**
 * stdout_close() - make sure that what was printed arrived
 *
 * Return: 0, or -errno: the disk is full, say; that was said on stderr.
 */
int stdout_close(void);

/**
 * interrupt_catch() - let SIGINT and SIGTERM end the work in an orderly way
 * @flag:	set to the signal's number when it comes; in memory shared with
 *		child processes, if they are to see it
 */
void interrupt_catch(volatile int *flag);

/**
 * interrupt_die() - end as the signal would have ended us
 * @signal:	its number
 *
 * So that a shell or make, which looks at how we ended, stops too.
 */
void interrupt_die(int signal) __attribute__((noreturn));

#endif
