// SPDX-License-Identifier: GPL-2.0-only
/*
 * A 32-bit program on the kernel as it is: the same structures, the same numbers.
 *
 * It is built with -m32, for which there is no cmocka: hence its own TAP.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/mymem.h>

_Static_assert(sizeof(void *) == 4, "to be built with -m32");
_Static_assert(sizeof(off_t) == 8, "to be built with 64-bit offsets");
_Static_assert(sizeof(struct mymem_info) == 24, "as for 64-bit programs");
_Static_assert(sizeof(struct mymem_atomic) == 48, "as for 64-bit programs");

#define SIZE 524288

static int fd, tests, failed;
static unsigned char bytes[SIZE], back[SIZE];

/* Notes what is not as it should be; goes on. */
static bool holds(bool good, const char *what)
{
	if (!good)
		printf("# not so: %s (errno %d)\n", what, errno);
	return good;
}

#define HOLDS(condition) holds(condition, #condition)

static void result(bool good, const char *name)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++tests, name);
	failed += !good;
}

static bool info(void)
{
	struct mymem_info i = { .size = sizeof(i) };

	return HOLDS(!ioctl(fd, MYMEM_IOC_INFO, &i)) &&
	       HOLDS(i.size == sizeof(i)) && HOLDS(i.abi == MYMEM_ABI) &&
	       HOLDS(i.bytes == SIZE) &&
	       HOLDS(i.features & MYMEM_FEATURE_ATOMIC);
}

static bool atomics(void)
{
	struct mymem_atomic a = {
		.size = sizeof(a),
		.op = MYMEM_OP_STORE,
		.offset = SIZE - 8,
		.operand = 0x123456789abcdef0,
	};
	uint64_t word;
	bool good;

	good = HOLDS(!ioctl(fd, MYMEM_IOC_ATOMIC, &a));
	a.op = MYMEM_OP_ADD;
	a.operand = 0xf0000000f0000000;
	good &= HOLDS(!ioctl(fd, MYMEM_IOC_ATOMIC, &a));
	good &= HOLDS(a.old == 0x123456789abcdef0);
	a.op = MYMEM_OP_COMPARE_EXCHANGE;
	a.expected = 0x123456789abcdef0 + 0xf0000000f0000000;
	a.operand = 0xfedcba9876543210;
	good &= HOLDS(!ioctl(fd, MYMEM_IOC_ATOMIC, &a));
	good &= HOLDS(a.old == a.expected);
	good &= HOLDS(pread(fd, &word, 8, SIZE - 8) == 8);
	good &= HOLDS(word == 0xfedcba9876543210);
	/* An offset of more than 32 bits is not cut to one that there is. */
	a.offset = 1ULL << 32;
	good &= HOLDS(ioctl(fd, MYMEM_IOC_ATOMIC, &a) == -1 && errno == EINVAL);
	a.offset = 0;
	a.flags = 1;
	good &= HOLDS(ioctl(fd, MYMEM_IOC_ATOMIC, &a) == -1 && errno == EINVAL);
	good &= HOLDS(ioctl(fd, _IO(MYMEM_IOC_TYPE, 99), &a) == -1 &&
		      errno == ENOTTY);
	return good;
}

static bool reads_and_writes(void)
{
	struct iovec segments[] = { { back, 1000 },
				    { back + 1000, SIZE - 1000 } };
	void *volatile nothing = NULL;
	bool good;

	good = HOLDS(pwrite(fd, bytes, SIZE, 0) == SIZE);
	good &= HOLDS(pread(fd, back, SIZE, 0) == SIZE);
	good &= HOLDS(!memcmp(bytes, back, SIZE));
	memset(back, 0, SIZE);
	good &= HOLDS(preadv(fd, segments, 2, 0) == SIZE);
	good &= HOLDS(!memcmp(bytes, back, SIZE));
	good &= HOLDS(pwritev(fd, segments, 2, 100) == SIZE - 100);
	good &= HOLDS(pread(fd, back, 10, SIZE) == 0);
	good &= HOLDS(pwrite(fd, back, 10, SIZE) == -1 && errno == ENOSPC);
	/* These are less than the size, if their upper half is cut off. */
	good &= HOLDS(pread(fd, back, 10, 1LL << 32) == 0);
	good &= HOLDS(pwrite(fd, back, 10, 1LL << 32) == -1 && errno == ENOSPC);
	good &= HOLDS(pread(fd, nothing, 1, 0) == -1 && errno == EFAULT);
	nothing = (void *)0xfffff000;
	good &= HOLDS(pread(fd, nothing, 1, 0) == -1 && errno == EFAULT);
	return good;
}

static bool seeks(void)
{
	bool good;

	good = HOLDS(lseek(fd, 0, SEEK_END) == SIZE);
	good &= HOLDS(lseek(fd, -5, SEEK_CUR) == SIZE - 5);
	good &= HOLDS(read(fd, back, 10) == 5);
	good &= HOLDS(lseek(fd, 1LL << 32, SEEK_SET) == -1 && errno == EINVAL);
	good &= HOLDS(lseek(fd, 0, SEEK_CUR) == SIZE);
	good &= HOLDS(lseek(fd, 7, SEEK_SET) == 7);
	return good;
}

static bool maps(void)
{
	unsigned char *p =
		mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	uint64_t word = 41;
	bool good;

	if (!HOLDS(p != MAP_FAILED))
		return false;
	good = HOLDS(pwrite(fd, bytes, SIZE, 0) == SIZE);
	good &= HOLDS(!memcmp(p, bytes, SIZE));
	good &= HOLDS(pwrite(fd, &word, 8, 64) == 8);
	__atomic_fetch_add((uint64_t *)(p + 64), 1, __ATOMIC_SEQ_CST);
	good &= HOLDS(pread(fd, &word, 8, 64) == 8);
	good &= HOLDS(word == 42);
	good &= HOLDS(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, SIZE) ==
			      MAP_FAILED &&
		      errno == EINVAL);
	/* The last page that a 32-bit program can name. */
	good &= HOLDS(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd,
			   0xffffffffLL << 12) == MAP_FAILED &&
		      errno == EINVAL);
	/* Into its own mapping. */
	good &= HOLDS(pread(fd, p, SIZE / 2, SIZE / 2) == SIZE / 2);
	good &= HOLDS(!memcmp(p, bytes + SIZE / 2, SIZE / 2));
	munmap(p, SIZE);
	return good;
}

static bool polls(void)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };

	return HOLDS(poll(&p, 1, 0) == 1) &&
	       HOLDS(p.revents == (POLLIN | POLLOUT));
}

int main(void)
{
	const char *path = getenv("MYMEM_DEVICE");

	if (!path)
		path = "/dev/" MYMEM_NAME;
	fd = open(path, O_RDWR);
	if (fd < 0) {
		printf("Bail out! %s: errno %d\n", path, errno);
		return 1;
	}
	for (int i = 0; i < SIZE; i++)
		bytes[i] = i * 7 + (i >> 8) * 13 + (i >> 16) * 29;

	result(info(), "info");
	result(atomics(), "atomics");
	result(reads_and_writes(), "reads_and_writes");
	result(seeks(), "seeks");
	result(maps(), "maps");
	result(polls(), "polls");
	printf("1..%d\n", tests);
	return failed > 0;
}
