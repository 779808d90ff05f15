/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Small files, such as those of /proc and /sys, whose size nobody tells before.
 */
#ifndef MYMEM_FILES_H
#define MYMEM_FILES_H

#include <sys/types.h>

/**
 * file_read() - read the beginning of a file
 * @path:	its path
 * @buffer:	where it goes, with a NUL behind it
 * @size:	the room there, at least 1
 *
 * Return: how many bytes there are before the NUL, or a negative errno.
 */
ssize_t file_read(const char *path, char *buffer, size_t size);

/**
 * file_read_at() - the same, from a folder
 * @folder:	its descriptor
 * @path:	the file's path from there; see file_read() for the rest
 */
ssize_t file_read_at(int folder, const char *path, char *buffer, size_t size);

/**
 * file_line() - read the first line of a file
 * @path:	its path
 * @text:	where it goes, without the newline; empty on failure
 * @size:	the room there, at least 1
 *
 * Return: 0, or a negative errno.
 */
int file_line(const char *path, char *text, size_t size);

/**
 * file_line_at() - the same, from a folder
 * @folder:	its descriptor
 * @path:	the file's path from there; see file_line() for the rest
 */
int file_line_at(int folder, const char *path, char *text, size_t size);

/**
 * value_of() - find a value in a text of lines NAME=VALUE or NAME="VALUE"
 * @text:	the lines, as of /etc/os-release or of a kernel's configuration
 * @name:	the name
 * @value:	its value, without the quotes; empty if no line has the name
 * @size:	the room there
 */
void value_of(const char *text, const char *name, char *value, size_t size);

#endif
