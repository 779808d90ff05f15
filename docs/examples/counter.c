// SPDX-License-Identifier: GPL-2.0-only
/*
 * Count in /dev/mymem, in two ways that see each other: by a call into the driver,
 * and by an instruction on memory that this program shares with it. Start it as
 * often as you like, also at once: nothing is lost.
 *
 * To build it: gcc counter.c; in the source tree, with -I src/uapi.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/mymem.h>

/* Where the counter stands: the first of the 64-bit words in the device. */
#define COUNTER 0

static int failed(const char *what)
{
	fprintf(stderr, "counter: %s: %s\n", what, strerror(errno));
	return 1;
}

int main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : "/dev/" MYMEM_NAME;
	struct mymem_info info;
	struct mymem_atomic add;
	uint64_t *words, seen;
	int fd;

	fd = open(path, O_RDWR);
	if (fd < 0)
		return failed(path);

	/*
	 * Each structure says how large it is: so the driver knows which version
	 * of it this program was built with.
	 */
	memset(&info, 0, sizeof(info));
	info.size = sizeof(info);
	if (ioctl(fd, MYMEM_IOC_INFO, &info))
		return failed("what is this device?");
	printf("%llu bytes\n", (unsigned long long)info.bytes);
	if (!(info.features & MYMEM_FEATURE_ATOMIC_MAP)) {
		fprintf(stderr, "counter: the mapping is not atomic here\n");
		return 1;
	}

	/*
	 * The first way. The driver adds; all that is not named here is 0, and has
	 * to be.
	 */
	memset(&add, 0, sizeof(add));
	add.size = sizeof(add);
	add.op = MYMEM_OP_ADD;
	add.offset = COUNTER;
	add.operand = 1;
	if (ioctl(fd, MYMEM_IOC_ATOMIC, &add))
		return failed("add");
	printf("the driver found  %llu\n", (unsigned long long)add.old);

	/*
	 * The second way. The device's memory is mapped into this program's, and
	 * the processor adds. words[0]++ would lose what others add between its
	 * reading and its writing.
	 */
	words = (uint64_t *)mmap(NULL, info.bytes, PROT_READ | PROT_WRITE,
				 MAP_SHARED, fd, 0);
	if (words == MAP_FAILED)
		return failed("map");
	seen = __atomic_fetch_add(&words[COUNTER / sizeof(*words)], 1,
				  __ATOMIC_SEQ_CST);
	printf("the program found %llu\n", (unsigned long long)seen);

	/* Both counted in the same word: what was seen later is more. */
	if (seen <= add.old) {
		fprintf(stderr, "counter: the two ways do not agree\n");
		return 1;
	}
	munmap(words, info.bytes);
	close(fd);
	return 0;
}
