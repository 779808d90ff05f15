// SPDX-License-Identifier: GPL-2.0-only
#include "ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../shared/device.h"
#include "../shared/exit.h"
#include "../shared/number.h"
#include "../shared/output.h"

static int parse_offset(const char *text, struct mymem_atomic *word)
{
	uint64_t offset;
	int r = ctl_offset(text, &offset);

	if (r)
		return r;
	if (offset % sizeof(uint64_t))
		return usage_error(
			"offset %s: a word begins at a multiple of 8: give %" PRIu64
			", or use dump for single bytes",
			text, offset - offset % sizeof(uint64_t));
	word->offset = offset;
	return 0;
}

static int parse_value(const char *text, __u64 *ret)
{
	uint64_t value;

	if (word_parse(text, &value))
		return usage_error(
			"value %s: give a number of 64 bits, as 42, -1 or 0x2a",
			text);
	*ret = value;
	return 0;
}

/* A JSON number is exact up to 2^53 for most who read it: words are strings. */
static void document_word(struct ctl *ctl, const char *name, uint64_t value)
{
	json_object_set_new(ctl->document, name,
			    json_sprintf("%" PRIu64, value));
}

/* Why the kernel refused; the offset is a multiple of 8. */
static int fail_word(struct ctl *ctl, int fd, uint64_t offset, int error)
{
	intmax_t last = lseek(fd, 0, SEEK_END) - (intmax_t)sizeof(uint64_t);

	if (error == EINVAL && last >= 0 && offset > (uint64_t)last)
		return ctl_fail(ctl,
				"%s: offset %" PRIu64
				" is behind the last word: "
				"the device has %jd bytes, so give at most %jd",
				ctl->device, offset,
				last + (intmax_t)sizeof(uint64_t), last);
	return ctl_fail_command(ctl, error);
}

static int operate(struct ctl *ctl, struct mymem_atomic *word)
{
	int fd = ctl_open(ctl, word->op == MYMEM_OP_LOAD ? O_RDONLY : O_RDWR);
	int ret = EXIT_OK;

	if (fd < 0)
		return EXIT_FAILED;
	word->size = sizeof(*word);
	if (!ioctl(fd, MYMEM_IOC_ATOMIC, word)) {
		if (ctl_prints_text(ctl))
			printf("%" PRIu64 "\n", (uint64_t)word->old);
		json_object_set_new(ctl->document, "offset",
				    json_integer(word->offset));
		document_word(ctl, word->op == MYMEM_OP_LOAD ? "value" : "old",
			      word->old);
	} else {
		ret = fail_word(ctl, fd, word->offset, errno);
	}
	close(fd);
	return ret;
}

int ctl_get(struct ctl *ctl, int argc, char **argv)
{
	struct mymem_atomic word = { .op = MYMEM_OP_LOAD };
	int r = parse_offset(argv[0], &word);

	(void)argc;
	return r ? r : operate(ctl, &word);
}

static int change(struct ctl *ctl, enum mymem_op op, char **argv)
{
	struct mymem_atomic word = { .op = op };
	int r = parse_offset(argv[0], &word);

	if (!r)
		r = parse_value(argv[1], &word.operand);
	return r ? r : operate(ctl, &word);
}

int ctl_set(struct ctl *ctl, int argc, char **argv)
{
	(void)argc;
	return change(ctl, MYMEM_OP_EXCHANGE, argv);
}

int ctl_add(struct ctl *ctl, int argc, char **argv)
{
	(void)argc;
	return change(ctl, MYMEM_OP_ADD, argv);
}

int ctl_cas(struct ctl *ctl, int argc, char **argv)
{
	struct mymem_atomic word = { .op = MYMEM_OP_COMPARE_EXCHANGE };
	int r = parse_offset(argv[0], &word);
	bool swapped;

	(void)argc;
	if (!r)
		r = parse_value(argv[1], &word.expected);
	if (!r)
		r = parse_value(argv[2], &word.operand);
	if (!r)
		r = operate(ctl, &word);
	if (r)
		return r;

	/* A result, and no error: nothing is said on stderr. */
	swapped = word.old == word.expected;
	json_object_set_new(ctl->document, "swapped", json_boolean(swapped));
	return swapped ? EXIT_OK : EXIT_FAILED;
}
