// SPDX-License-Identifier: GPL-2.0-only
/*
 * calls - what a read or write costs inside the kernel
 *
 * Usage: calls NAME=FILE...
 *
 * Lets the module loop.ko call pread and pwrite on each of the files, and prints
 * lines "NAME:CALL:SIZE NANOSECONDS". The files take turns, there and back, so
 * that what else happens on the machine hits all alike.
 */
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "loop.h"

#define REPETITIONS 100
#define ROOM 524288

/* A round takes a few milliseconds, which is many calls or few. */
static const struct {
	size_t size;
	unsigned int calls;
} rounds[] = { { 1, 20000 },
	       { 64, 20000 },
	       { 4096, 5000 },
	       { 65536, 500 },
	       { ROOM, 60 } };

#define N_ROUNDS (sizeof(rounds) / sizeof(*rounds))

static void round_of(int device, const char *name, const char *call,
		     struct loop *loop, bool show)
{
	if (ioctl(device, LOOP, loop))
		err(1, "%s: %s of %llu bytes", name, call,
		    (unsigned long long)loop->size);
	if (show)
		printf("%s:%s:%llu %.2f\n", name, call,
		       (unsigned long long)loop->size,
		       (double)loop->ns / loop->calls);
}

int main(int argc, char **argv)
{
	char *buffer = aligned_alloc(4096, ROOM);
	int device = open("/dev/loop", O_RDWR);
	int fds[argc];

	if (device < 0 || !buffer)
		err(1, "/dev/loop");
	memset(buffer, 1, ROOM);
	for (int i = 1; i < argc; i++) {
		char *path = strchr(argv[i], '=');

		if (!path)
			errx(2, "usage: calls NAME=FILE...");
		*path++ = '\0';
		fds[i] = open(path, O_RDWR | O_CREAT, 0600);
		if (fds[i] < 0)
			err(1, "%s", path);
		/* By the page, of which scull takes no more. */
		for (int at = 0; at < ROOM; at += 4096)
			if (pwrite(fds[i], buffer, 4096, at) != 4096)
				err(1, "%s", path);
	}

	/* The first time everything is cold: once more than is shown. */
	for (int i = -1; i < REPETITIONS; i++) {
		for (size_t j = 0; j < N_ROUNDS * 2; j++) {
			struct loop loop = {
				.write = j % 2,
				.buffer = (unsigned long)buffer,
				.size = rounds[j / 2].size,
				.calls = rounds[j / 2].calls,
			};

			for (int k = 1; k < argc; k++) {
				int f = i % 2 ? argc - k : k;

				loop.fd = fds[f];
				round_of(device, argv[f],
					 loop.write ? "pwrite" : "pread", &loop,
					 i >= 0);
			}
		}
	}
	return 0;
}
