// SPDX-License-Identifier: GPL-2.0-only
#include "ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../shared/device.h"
#include "../shared/exit.h"
#include "../shared/number.h"
#include "../shared/output.h"
#include "../shared/save.h"
#include "hexdump.h"

/* The kernel moves no more in one call; and one call is what is atomic. */
#define CALL_MAX 0x7ffff000

/* A dump holds no more in memory; a whole number of lines. */
#define DUMP_CALL 1048576

#define TO_THE_END UINT64_MAX

struct range {
	uint64_t offset;
	uint64_t length;
};

/* Of the arguments that there are: an offset, a length. */
static int range_parse(int argc, char **argv, struct range *range)
{
	int r;

	*range = (struct range){ .length = TO_THE_END };
	if (argc > 0) {
		r = ctl_offset(argv[0], &range->offset);
		if (r)
			return r;
	}
	if (argc > 1 &&
	    (offset_parse(argv[1], &range->length) || !range->length))
		return usage_error(
			"length %s: give a number of bytes from 1, as 4096, 4K or 0x1000",
			argv[1]);
	return 0;
}

/* Holds the range to what the file has, and sets the length if none was given. */
static int range_resolve(struct ctl *ctl, int fd, struct range *range)
{
	off_t end = lseek(fd, 0, SEEK_END);
	uint64_t size = end < 0 ? 0 : end;

	if (!size)
		return ctl_fail(
			ctl,
			"%s: it has no size: name the device, or a plain file that 'truncate -s %d' gave one, with -d",
			ctl->device, MYMEM_DEFAULT_SIZE);
	if (range->offset >= size)
		return ctl_fail(ctl,
				"%s: offset %" PRIu64 " is behind its %" PRIu64
				" bytes: give at most %" PRIu64,
				ctl->device, range->offset, size, size - 1);
	if (range->length == TO_THE_END)
		range->length = size - range->offset;
	if (range->length > size - range->offset)
		return ctl_fail(ctl,
				"%s: length %" PRIu64
				" goes beyond its %" PRIu64
				" bytes: from %" PRIu64 " give at most %" PRIu64
				", or none for all",
				ctl->device, range->length, size, range->offset,
				size - range->offset);
	return 0;
}

/* Opens the file, holds the range to it, and gets memory for what is there. */
static int range_open(struct ctl *ctl, int flags, struct range *range,
		      unsigned char **ret_buffer)
{
	int fd = ctl_open(ctl, flags);

	if (fd < 0)
		return fd;
	if (range_resolve(ctl, fd, range)) {
		close(fd);
		return -1;
	}
	*ret_buffer = malloc(range->length);
	if (!*ret_buffer) {
		ctl_fail(ctl,
			 "out of memory for %" PRIu64 " bytes: give a LENGTH",
			 range->length);
		close(fd);
		return -1;
	}
	return fd;
}

/*
 * By one call, if they are at most CALL_MAX. One that moves less is an error, and
 * not the first of several: the rest would be from another moment.
 */
static int range_move(struct ctl *ctl, int fd, const struct range *range,
		      unsigned char *buffer, bool writes)
{
	for (uint64_t done = 0; done < range->length;) {
		uint64_t left = range->length - done;
		size_t n = left < CALL_MAX ? left : CALL_MAX;
		off_t at = range->offset + done;
		ssize_t got = writes ? pwrite(fd, buffer + done, n, at) :
				       pread(fd, buffer + done, n, at);

		if (got < 0)
			return ctl_fail(ctl, "%s: cannot %s it: %s",
					ctl->device, writes ? "write" : "read",
					strerror(errno));
		if ((size_t)got != n)
			return ctl_fail(
				ctl,
				"%s: only %zd of %zu bytes could be %s; "
				"see to it, and run this again",
				ctl->device, got, n,
				writes ? "written" : "read");
		done += n;
	}
	return 0;
}

int ctl_dump(struct ctl *ctl, int argc, char **argv)
{
	static unsigned char buffer[DUMP_CALL];
	struct hexdump dump = {};
	struct range range;
	int fd, ret = range_parse(argc, argv, &range);

	if (ret)
		return ret;
	fd = ctl_open(ctl, O_RDONLY);
	if (fd < 0)
		return EXIT_FAILED;
	ret = range_resolve(ctl, fd, &range);
	dump.offset = range.offset;
	while (!ret && range.length && !ctl->interrupted && !ferror(stdout)) {
		struct range part = range;

		if (part.length > DUMP_CALL)
			part.length = DUMP_CALL;
		ret = range_move(ctl, fd, &part, buffer, false);
		if (!ret)
			hexdump(&dump, buffer, part.length, stdout);
		range.offset += part.length;
		range.length -= part.length;
	}
	if (!ret)
		hexdump_end(&dump, stdout);
	close(fd);
	return ret;
}

static int fill(struct ctl *ctl, unsigned char byte, int argc, char **argv)
{
	unsigned char *buffer;
	struct range range;
	int fd, ret = range_parse(argc, argv, &range);

	if (ret)
		return ret;
	fd = range_open(ctl, O_WRONLY, &range, &buffer);
	if (fd < 0)
		return EXIT_FAILED;
	memset(buffer, byte, range.length);
	ret = range_move(ctl, fd, &range, buffer, true);
	free(buffer);
	close(fd);
	return ret;
}

int ctl_fill(struct ctl *ctl, int argc, char **argv)
{
	uint64_t byte;

	if (word_parse(argv[0], &byte) || byte > UINT8_MAX)
		return usage_error(
			"value %s: give a byte, from 0 to 255 or 0xff",
			argv[0]);
	return fill(ctl, byte, argc - 1, argv + 1);
}

int ctl_clear(struct ctl *ctl, int argc, char **argv)
{
	return fill(ctl, 0, argc, argv);
}

/*
 * Reads to the end of the file, or until there is one byte more than there is
 * @room for: it may be a pipe, whose end nobody knows before.
 */
static int load_read(struct ctl *ctl, const char *path, unsigned char *buffer,
		     size_t room, size_t *ret)
{
	bool is_stdin = !strcmp(path, "-");
	int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	size_t done = 0;
	ssize_t got;

	if (fd < 0)
		return ctl_fail(ctl, "cannot read %s: %s", path,
				strerror(errno));
	do {
		got = read(fd, buffer + done, room + 1 - done);
		if (got > 0)
			done += got;
	} while (got > 0 && done <= room);
	if (got < 0)
		ctl_fail(ctl, "cannot read %s: %s; nothing was written", path,
			 strerror(errno));
	else if (done > room)
		ctl_fail(
			ctl,
			"%s does not fit: there is room for %zu bytes; nothing was written",
			is_stdin ? "the input" : path, room);
	if (!is_stdin)
		close(fd);
	*ret = done;
	return ctl->error[0] ? EXIT_FAILED : 0;
}

int ctl_load(struct ctl *ctl, int argc, char **argv)
{
	unsigned char *buffer = NULL;
	struct range range;
	int fd, ret = range_parse(argc - 1, argv + 1, &range);
	size_t len = 0;

	if (ret)
		return ret;
	fd = ctl_open(ctl, O_WRONLY);
	if (fd < 0)
		return EXIT_FAILED;
	ret = range_resolve(ctl, fd, &range);
	if (!ret) {
		buffer = malloc(range.length + 1);
		if (!buffer)
			ret = ctl_fail(ctl,
				       "out of memory for %" PRIu64 " bytes",
				       range.length);
	}
	if (!ret)
		ret = load_read(ctl, argv[0], buffer, range.length, &len);
	if (!ret) {
		range.length = len;
		ret = range_move(ctl, fd, &range, buffer, true);
	}
	free(buffer);
	close(fd);
	return ret;
}

int ctl_save(struct ctl *ctl, int argc, char **argv)
{
	const char *path = argv[0];
	unsigned char *buffer;
	struct range range;
	int fd, r, ret = range_parse(argc - 1, argv + 1, &range);

	if (ret)
		return ret;
	fd = range_open(ctl, O_RDONLY, &range, &buffer);
	if (fd < 0)
		return EXIT_FAILED;
	ret = range_move(ctl, fd, &range, buffer, false);
	close(fd);
	if (!ret) {
		r = save_file(path, buffer, range.length);
		if (r)
			ret = ctl_fail(ctl, "cannot save to %s: %s", path,
				       strerror(-r));
	}
	free(buffer);
	return ret;
}
