// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands of uapi/linux/mymem.h: what they do, and what they refuse.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/mymem.h>

#include "device.h"

#define OPS 8

static int fd;

static int setup(void **state)
{
	(void)state;
	fd = device_open(0);
	device_fill(fd);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	return close(fd);
}

static void put(uint64_t offset, uint64_t value)
{
	assert_int_equal(pwrite(fd, &value, 8, offset), 8);
}

static uint64_t get(uint64_t offset)
{
	uint64_t value;

	assert_int_equal(pread(fd, &value, 8, offset), 8);
	return value;
}

static struct mymem_atomic atomic_arg(uint32_t op, uint64_t offset,
				      uint64_t operand, uint64_t expected)
{
	return (struct mymem_atomic){
		.size = sizeof(struct mymem_atomic),
		.op = op,
		.offset = offset,
		.operand = operand,
		.expected = expected,
		.old = 0xdeadbeef,
	};
}

/* A command that fails leaves its argument and the device as they were. */
static void assert_refused(struct mymem_atomic a, int error)
{
	struct mymem_atomic before = a;
	uint64_t word = get(0);

	assert_fails(ioctl(fd, MYMEM_IOC_ATOMIC, &a), error);
	assert_memory_equal(&a, &before, sizeof(a));
	assert_int_equal(get(0), word);
}

static void info(void **state)
{
	struct mymem_info i;
	int other = open(device_path(), O_WRONLY);

	(void)state;
	memset(&i, 0xff, sizeof(i));
	i.size = sizeof(i);
	assert_int_equal(ioctl(fd, MYMEM_IOC_INFO, &i), 0);
	assert_int_equal(i.size, sizeof(i));
	assert_int_equal(i.abi, MYMEM_ABI);
	assert_int_equal(i.bytes, device_size(fd));
	assert_int_equal(i.features, MYMEM_FEATURE_MAP | MYMEM_FEATURE_ATOMIC |
					     MYMEM_FEATURE_ATOMIC_MAP);
	assert_int_equal(ioctl(other, MYMEM_IOC_INFO, &i), 0);
	close(other);
}

static void operations(void **state)
{
	static const uint64_t values[] = { 0,
					   1,
					   0xff00ff00ff00ff00,
					   0x7fffffffffffffff,
					   0x8000000000000000,
					   0xffffffffffffffff };
	const size_t n = sizeof(values) / sizeof(*values);
	size_t size = device_size(fd);
	const uint64_t offsets[] = { 0, 8, 16384 - 8, 16384, size - 8 };

	(void)state;
	for (size_t o = 0; o < 5; o++)
		for (size_t i = 0; i < n * n * OPS; i++) {
			uint32_t op = i % OPS;
			uint64_t was = values[i / OPS % n];
			uint64_t operand = op ? values[i / OPS / n] : 0;
			const uint64_t becomes[OPS] = {
				was,	       operand,	      was + operand,
				was & operand, was | operand, was ^ operand,
				operand,       operand
			};
			struct mymem_atomic a = atomic_arg(
				op, offsets[o], operand,
				op == MYMEM_OP_COMPARE_EXCHANGE ? was : 0);

			put(offsets[o], was);
			assert_int_equal(ioctl(fd, MYMEM_IOC_ATOMIC, &a), 0);
			assert_int_equal(a.old, was);
			assert_int_equal(get(offsets[o]), becomes[op]);
		}
}

static void comparison_that_fails(void **state)
{
	struct mymem_atomic a = atomic_arg(MYMEM_OP_COMPARE_EXCHANGE, 0, 5, 6);

	(void)state;
	put(0, 7);
	assert_int_equal(ioctl(fd, MYMEM_IOC_ATOMIC, &a), 0);
	assert_int_equal(a.old, 7);
	assert_int_equal(get(0), 7);
}

static void neighbours_untouched(void **state)
{
	struct mymem_atomic a = atomic_arg(MYMEM_OP_EXCHANGE, 4096, -1ULL, 0);
	unsigned char byte;

	(void)state;
	assert_int_equal(ioctl(fd, MYMEM_IOC_ATOMIC, &a), 0);
	assert_int_equal(pread(fd, &byte, 1, 4095), 1);
	assert_int_equal(byte, byte_at(4095));
	assert_int_equal(pread(fd, &byte, 1, 4104), 1);
	assert_int_equal(byte, byte_at(4104));
}

static void no_such_word(void **state)
{
	uint64_t size = device_size(fd);

	(void)state;
	for (uint32_t op = 0; op < OPS; op++) {
		for (int i = 1; i < 8; i++) {
			assert_refused(atomic_arg(op, i, 0, 0), EINVAL);
			assert_refused(atomic_arg(op, size - i, 0, 0), EINVAL);
		}
		assert_refused(atomic_arg(op, size, 0, 0), EINVAL);
		assert_refused(atomic_arg(op, 1ULL << 63, 0, 0), EINVAL);
		assert_refused(atomic_arg(op, -8ULL, 0, 0), EINVAL);
		/* What would be 0 if it were cut off. */
		assert_refused(atomic_arg(op, 1ULL << 32, 0, 0), EINVAL);
	}
}

static void unknown(void **state)
{
	struct mymem_atomic a = atomic_arg(MYMEM_OP_ADD, 0, 1, 0);
	int n;

	(void)state;
	for (int bit = 0; bit < 32; bit++) {
		a.flags = 1U << bit;
		assert_refused(a, EINVAL);
		a.flags = 0;
		a.reserved = 1U << bit;
		assert_refused(a, EINVAL);
		a.reserved = 0;
	}
	assert_refused(atomic_arg(OPS, 0, 0, 0), EINVAL);
	assert_refused(atomic_arg(0x80000001, 0, 0, 0), EINVAL);
	assert_refused(atomic_arg(-1U, 0, 0, 0), EINVAL);
	assert_refused(atomic_arg(MYMEM_OP_LOAD, 0, 1, 0), EINVAL);
	for (uint32_t op = 0; op < MYMEM_OP_COMPARE_EXCHANGE; op++)
		assert_refused(atomic_arg(op, 0, 0, 1), EINVAL);

	assert_fails(ioctl(fd, 0, &a), ENOTTY);
	assert_fails(ioctl(fd, TCGETS, &n), ENOTTY);
	for (int number = 2; number < 256; number++)
		assert_fails(ioctl(fd, _IO(MYMEM_IOC_TYPE, number), &a),
			     ENOTTY);
	assert_fails(ioctl(fd, _IOWR(MYMEM_IOC_TYPE, 1, struct mymem_atomic),
			   &a),
		     ENOTTY);
}

/* Every size a caller's structure can have, from nothing to more than a page. */
static void sizes(void **state)
{
	unsigned char *bytes = pages(8192);
	struct mymem_atomic *a = (void *)bytes;
	struct mymem_info *i = (void *)bytes;

	(void)state;
	for (uint32_t size = 0; size <= 4100; size++) {
		int error = size < sizeof(*a) ? EINVAL : E2BIG;

		memset(bytes, 0, 8192);
		put(0, 41);
		*a = atomic_arg(MYMEM_OP_ADD, 0, 1, 0);
		a->size = size;
		if (size < sizeof(*a) || size > 4096) {
			assert_fails(ioctl(fd, MYMEM_IOC_ATOMIC, a), error);
			assert_int_equal(get(0), 41);
		} else {
			assert_int_equal(ioctl(fd, MYMEM_IOC_ATOMIC, a), 0);
			assert_int_equal(get(0), 42);
			assert_int_equal(a->old, 41);
		}

		if (size > sizeof(*a) && size <= 4096) {
			/* Something that this kernel does not know. */
			bytes[size - 1] = 1;
			assert_fails(ioctl(fd, MYMEM_IOC_ATOMIC, a), E2BIG);
			assert_int_equal(get(0), 42);
		}

		memset(bytes, 0, 8192);
		i->size = size;
		if (size < sizeof(*i) || size > 4096) {
			error = size < sizeof(*i) ? EINVAL : E2BIG;
			assert_fails(ioctl(fd, MYMEM_IOC_INFO, i), error);
			assert_int_equal(i->bytes, 0);
		} else {
			assert_int_equal(ioctl(fd, MYMEM_IOC_INFO, i), 0);
			assert_int_equal(i->size, size);
			assert_int_equal(i->bytes, device_size(fd));
			for (size_t b = sizeof(*i); b < 8192; b++)
				assert_int_equal(bytes[b], 0);
		}
	}
	munmap(bytes, 8192);
}

static void bad_memory(void **state)
{
	unsigned char *p = pages_before_hole(1);
	struct mymem_atomic *a;

	(void)state;
	put(0, 41);
	assert_fails(ioctl(fd, MYMEM_IOC_ATOMIC, NULL), EFAULT);
	assert_fails(ioctl(fd, MYMEM_IOC_INFO, NULL), EFAULT);
	assert_fails(ioctl(fd, MYMEM_IOC_ATOMIC, p + 4096), EFAULT);
	for (size_t cut = 1; cut <= sizeof(*a); cut++) {
		struct mymem_atomic whole = atomic_arg(MYMEM_OP_ADD, 0, 1, 0);
		unsigned char *at = p + 4096 - sizeof(*a) + cut;

		memcpy(at, &whole, sizeof(*a) - cut);
		assert_fails(ioctl(fd, MYMEM_IOC_ATOMIC, at), EFAULT);
		assert_int_equal(get(0), 41);
	}

	/* One that can be read and not written: nothing may be done, either. */
	a = (void *)p;
	*a = atomic_arg(MYMEM_OP_ADD, 0, 1, 0);
	assert_int_equal(mprotect(p, 4096, PROT_READ), 0);
	assert_fails(ioctl(fd, MYMEM_IOC_ATOMIC, a), EFAULT);
	assert_int_equal(get(0), 41);

	assert_int_equal(mprotect(p, 4096, PROT_READ | PROT_WRITE), 0);
	memset(p, 0, 4096);
	*(struct mymem_info *)p = (struct mymem_info){ .size = 24 };
	assert_int_equal(mprotect(p, 4096, PROT_READ), 0);
	assert_fails(ioctl(fd, MYMEM_IOC_INFO, p), EFAULT);
}

/* Its structure may be in the device's own memory, the word itself in it. */
static void argument_in_the_device(void **state)
{
	struct mymem_atomic *a =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	(void)state;
	assert_ptr_not_equal(a, MAP_FAILED);
	*a = atomic_arg(MYMEM_OP_ADD, offsetof(struct mymem_atomic, expected),
			3, 0);
	assert_int_equal(ioctl(fd, MYMEM_IOC_ATOMIC, a), 0);
	assert_int_equal(a->old, 0);
	assert_int_equal(a->expected, 3);
	munmap(a, 4096);
}

static void rights_of_the_descriptor(void **state)
{
	int r = open(device_path(), O_RDONLY),
	    w = open(device_path(), O_WRONLY);

	(void)state;
	put(0, 41);
	for (uint32_t op = 0; op < OPS; op++) {
		struct mymem_atomic a = atomic_arg(op, 0, 0, 0);

		assert_fails(ioctl(w, MYMEM_IOC_ATOMIC, &a), EBADF);
		if (op == MYMEM_OP_LOAD)
			assert_int_equal(ioctl(r, MYMEM_IOC_ATOMIC, &a), 0);
		else
			assert_fails(ioctl(r, MYMEM_IOC_ATOMIC, &a), EBADF);
	}
	assert_int_equal(get(0), 41);
	close(r);
	close(w);
}

#define ADDS 20000

static uint64_t *mapped;
static volatile bool stop;

static void *adder(void *arg)
{
	(void)arg;
	for (int i = 0; i < ADDS; i++) {
		struct mymem_atomic a = atomic_arg(MYMEM_OP_ADD, 0, 1, 0);

		if (ioctl(fd, MYMEM_IOC_ATOMIC, &a))
			return (void *)1;
	}
	return NULL;
}

/* Through the mapping, for as long as the others do; notes how often. */
static void *mapped_adder(void *arg)
{
	uint64_t *n = arg;

	for (; !stop; ++*n)
		__atomic_fetch_add(mapped, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

static void adds_are_not_lost(void **state)
{
	pthread_t threads[3];
	uint64_t n = 0;
	void *failed;

	(void)state;
	put(0, 69);
	mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(mapped, MAP_FAILED);
	stop = false;
	assert_int_equal(pthread_create(&threads[0], NULL, mapped_adder, &n),
			 0);
	for (int i = 1; i <= 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, adder, NULL),
				 0);
	for (int i = 1; i <= 2; i++) {
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	stop = true;
	pthread_join(threads[0], NULL);
	assert_true(n > 0);
	assert_int_equal(get(0), 69 + 2 * ADDS + n);
	munmap(mapped, 4096);
}

#define ROUNDS 3000
#define WORDS 8192 /* of 64 KiB, several stripes */

/* Writes the same number into all words, a greater one each time. */
static void *uniform_writer(void *arg)
{
	uint64_t *words = arg;

	for (uint64_t n = 1; !stop; n++) {
		for (int i = 0; i < WORDS; i++)
			words[i] = n;
		if (pwrite(fd, words, 8 * WORDS, 0) != 8 * WORDS)
			return (void *)1;
	}
	return NULL;
}

/*
 * An operation comes before a write or after it. So who sees a write's first word
 * sees its last one, which is written last, as well.
 */
static void between_writes(uint32_t op)
{
	uint64_t *words = pages(8 * WORDS);
	pthread_t thread;
	void *failed;
	int torn = 0;

	assert_int_equal(pwrite(fd, words, 8 * WORDS, 0), 8 * WORDS);
	stop = false;
	assert_int_equal(pthread_create(&thread, NULL, uniform_writer, words),
			 0);
	for (int i = 0; i < ROUNDS; i++) {
		struct mymem_atomic first = atomic_arg(op, 0, 0, 0);
		struct mymem_atomic last =
			atomic_arg(op, 8 * (WORDS - 1), 0, 0);

		assert_int_equal(ioctl(fd, MYMEM_IOC_ATOMIC, &first), 0);
		assert_int_equal(ioctl(fd, MYMEM_IOC_ATOMIC, &last), 0);
		torn += last.old < first.old;
	}
	stop = true;
	pthread_join(thread, &failed);
	assert_null(failed);
	assert_int_equal(torn, 0);
	munmap(words, 8 * WORDS);
}

static void writes_are_whole(void **state)
{
	(void)state;
	between_writes(MYMEM_OP_LOAD);
	between_writes(MYMEM_OP_ADD);
}

/* Counts in the first word, and then in the last. */
static void *counter(void *arg)
{
	(void)arg;
	while (!stop) {
		struct mymem_atomic first = atomic_arg(MYMEM_OP_ADD, 0, 1, 0);
		struct mymem_atomic last =
			atomic_arg(MYMEM_OP_ADD, 8 * (WORDS - 1), 1, 0);

		if (ioctl(fd, MYMEM_IOC_ATOMIC, &first) ||
		    ioctl(fd, MYMEM_IOC_ATOMIC, &last))
			return (void *)1;
	}
	return NULL;
}

/* A read has both words as they were at one time. */
static void reads_are_whole(void **state)
{
	uint64_t *words = pages(8 * WORDS);
	pthread_t thread;
	void *failed;
	int torn = 0;

	(void)state;
	assert_int_equal(pwrite(fd, words, 8 * WORDS, 0), 8 * WORDS);
	stop = false;
	assert_int_equal(pthread_create(&thread, NULL, counter, NULL), 0);
	for (int i = 0; i < ROUNDS; i++) {
		assert_int_equal(pread(fd, words, 8 * WORDS, 0), 8 * WORDS);
		torn += words[0] - words[WORDS - 1] > 1;
	}
	stop = true;
	pthread_join(thread, &failed);
	assert_null(failed);
	assert_true(words[0] > 0);
	assert_int_equal(torn, 0);
	munmap(words, 8 * WORDS);
}

/* By the kernel's entry for 32-bit programs. */
static void from_32_bit(void **state)
{
#ifdef __x86_64__
	struct mymem_atomic *a = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				      MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT,
				      -1, 0);
	long result;

	(void)state;
	assert_ptr_not_equal(a, MAP_FAILED);
	put(8, 41);
	*a = atomic_arg(MYMEM_OP_ADD, 8, 1, 0);
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(54L /* ioctl() there */), "b"((long)fd),
			   "c"((long)MYMEM_IOC_ATOMIC), "d"(a)
			 : "memory", "r8", "r9", "r10", "r11");
	assert_int_equal(result, 0);
	assert_int_equal(a->old, 41);
	assert_int_equal(get(8), 42);
	munmap(a, 4096);
#else
	(void)state;
	skip();
#endif
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(info),
		TEST(operations),
		TEST(comparison_that_fails),
		TEST(neighbours_untouched),
		TEST(no_such_word),
		TEST(unknown),
		TEST(sizes),
		TEST(bad_memory),
		TEST(argument_in_the_device),
		TEST(rights_of_the_descriptor),
		TEST(adds_are_not_lost),
		TEST(writes_are_whole),
		TEST(reads_are_whole),
		TEST(from_32_bit),
	};

	return device_tests(tests);
}
