/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device, or the file that stands in for it.
 */
#ifndef MYMEM_DEVICE_H
#define MYMEM_DEVICE_H

#include <stddef.h>
#include <stdint.h>

#include <linux/mymem.h>

#define DEVICE_DEFAULT "/dev/" MYMEM_NAME

/**
 * device_open() - open the device, or a plain file, to read and write
 * @path:	its path
 *
 * Return: a descriptor, or a negative errno.
 */
int device_open(const char *path);

/**
 * device_open_many() - be allowed to open it as often as anybody is
 *
 * Raises the limit of descriptors, which is low for the sake of select() alone.
 */
void device_open_many(void);

/**
 * device_advice() - say why device_open() failed and what to do about it
 * @path:	the path that could not be opened
 * @error:	what device_open() returned
 * @text:	where the sentence goes: one line, without the path
 * @size:	the room there
 */
void device_advice(const char *path, int error, char *text, size_t size);

/**
 * device_capacity() - how many bytes the file can hold
 * @fd:		an open descriptor; its position is 0 afterwards
 *
 * Return: the size of a device that has one and does not grow, UINT64_MAX for
 * everything else.
 */
uint64_t device_capacity(int fd);

#endif
