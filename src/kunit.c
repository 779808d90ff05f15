// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of what is computed and touches nothing: sizes, ends, stripes, chunks. And of
 * what other modules call, on the device that is loaded.
 *
 * A module of its own, for kernels with KUnit: see tests/kunit.test.
 */
#include <kunit/test.h>
#include <linux/module.h>

#include "inkernel.h"
#include "lock.h"
#include "mymem.h"

/* Not exported, and this is another module. */
#include "size.c"

struct size_case {
	const char *text;
	int ret;
	u64 bytes;
};

static const struct size_case size_cases[] = {
	{ "1", 0, 1 },
	{ "524288", 0, 524288 },
	{ "512K", 0, 524288 },
	{ "512k", 0, 524288 },
	{ "512KiB", 0, 524288 },
	{ "3M", 0, 3 << 20 },
	{ "2g", 0, 2ULL << 30 },
	{ "007", 0, 7 },
	{ "18446744073709551615", 0, U64_MAX },
	{ "17179869183G", 0, 17179869183ULL << 30 },
	{ "17179869184G", -ERANGE },
	{ "18446744073709551616", -ERANGE },
	{ "99999999999999999999999", -ERANGE },
	{ "", -EINVAL },
	{ "0", -EINVAL },
	{ "0K", -EINVAL },
	{ "-1", -EINVAL },
	{ "+1", -EINVAL },
	{ " 1", -EINVAL },
	{ "1 ", -EINVAL },
	{ "1 K", -EINVAL },
	{ "K", -EINVAL },
	{ "1KB", -EINVAL },
	{ "1Ki", -EINVAL },
	{ "1T", -EINVAL },
	{ "0x10", -EINVAL },
	{ "12 apples", -EINVAL },
	{ "1.5M", -EINVAL },
};

static void parse_size(struct kunit *test)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(size_cases); i++) {
		const struct size_case *c = &size_cases[i];
		u64 bytes = 42;

		KUNIT_EXPECT_EQ_MSG(test, mymem_parse_size(c->text, &bytes),
				    c->ret, "\"%s\"", c->text);
		KUNIT_EXPECT_EQ_MSG(test, bytes, c->ret ? 42 : c->bytes,
				    "\"%s\"", c->text);
	}
}

static void clamp_to_the_end(struct kunit *test)
{
	const struct mymem m = { .size = 4096 };

	KUNIT_EXPECT_EQ(test, mymem_clamp(&m, 0, 1), 1);
	KUNIT_EXPECT_EQ(test, mymem_clamp(&m, 0, 4096), 4096);
	KUNIT_EXPECT_EQ(test, mymem_clamp(&m, 0, 4097), 4096);
	KUNIT_EXPECT_EQ(test, mymem_clamp(&m, 4095, 2), 1);
	KUNIT_EXPECT_EQ(test, mymem_clamp(&m, 4095, SIZE_MAX), 1);
	KUNIT_EXPECT_EQ(test, mymem_clamp(&m, 4096, 1), 0);
	KUNIT_EXPECT_EQ(test, mymem_clamp(&m, U64_MAX, 1), 0);
	KUNIT_EXPECT_EQ(test, mymem_clamp(&m, 1ULL << 32, 1), 0);
	KUNIT_EXPECT_EQ(test, mymem_clamp(&m, 10, 0), 0);
}

/* All stripes together cover the block, and the locks suffice for them. */
static void stripes_cover(struct kunit *test)
{
	static const size_t sizes[] = {
		4096,		16384,	       16384 + 4096,
		524288,		524288 + 4096, 1048576,
		1048576 + 4096, 1UL << 30,     SIZE_MAX & ~4095UL,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct mymem m = { .size = sizes[i] };
		struct mymem_range all;

		m.stripe_shift = mymem_stripe_shift(sizes[i]);
		all = mymem_range(&m, 0, sizes[i]);
		KUNIT_EXPECT_EQ(test, all.first, 0U);
		KUNIT_EXPECT_LT(test, all.last, (u32)MYMEM_STRIPES_MAX);
		KUNIT_EXPECT_GE(test, m.stripe_shift,
				(u32)MYMEM_STRIPE_SHIFT_MIN);
		/* No larger than they have to be. */
		if (m.stripe_shift > MYMEM_STRIPE_SHIFT_MIN)
			KUNIT_EXPECT_GE(test, all.last,
					(u32)MYMEM_STRIPES_MAX / 2);
	}
	KUNIT_EXPECT_EQ(test, mymem_stripe_shift(524288), 14U);
	KUNIT_EXPECT_EQ(test, mymem_stripe_shift(524288 + 4096), 15U);
}

static void range_of_stripes(struct kunit *test)
{
	static const struct {
		size_t pos;
		size_t len;
		struct mymem_range range;
	} cases[] = {
		{ 0, 1, { 0, 0 } },	  { 16383, 1, { 0, 0 } },
		{ 16384, 1, { 1, 1 } },	  { 16383, 2, { 0, 1 } },
		{ 0, 16384, { 0, 0 } },	  { 0, 16385, { 0, 1 } },
		{ 8, 16384, { 0, 1 } },	  { 524287, 1, { 31, 31 } },
		{ 0, 524288, { 0, 31 } }, { 100000, 200000, { 6, 18 } },
	};
	const struct mymem m = { .size = 524288, .stripe_shift = 14 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mymem_range range =
			mymem_range(&m, cases[i].pos, cases[i].len);

		KUNIT_EXPECT_EQ(test, range.first, cases[i].range.first);
		KUNIT_EXPECT_EQ(test, range.last, cases[i].range.last);
	}
}

/* Three chunks, of which the last is a page. */
static void pieces(struct kunit *test)
{
	char memory[3][8];
	void *chunks[] = { memory[0], memory[1], memory[2] };
	const struct mymem m = {
		.size = 2 * 16384 + 4096,
		.chunk_shift = 14,
		.chunks = chunks,
	};
	size_t n;

	KUNIT_EXPECT_EQ(test, mymem_chunk_len(&m, 0), (size_t)16384);
	KUNIT_EXPECT_EQ(test, mymem_chunk_len(&m, 1), (size_t)16384);
	KUNIT_EXPECT_EQ(test, mymem_chunk_len(&m, 2), (size_t)4096);

	n = 10;
	KUNIT_EXPECT_PTR_EQ(test, mymem_piece(&m, 5, &n), chunks[0] + 5);
	KUNIT_EXPECT_EQ(test, n, (size_t)10);
	n = 10;
	KUNIT_EXPECT_PTR_EQ(test, mymem_piece(&m, 16380, &n),
			    chunks[0] + 16380);
	KUNIT_EXPECT_EQ(test, n, (size_t)4);
	n = 16385;
	KUNIT_EXPECT_PTR_EQ(test, mymem_piece(&m, 16384, &n), chunks[1]);
	KUNIT_EXPECT_EQ(test, n, (size_t)16384);
	n = 5000;
	KUNIT_EXPECT_PTR_EQ(test, mymem_piece(&m, 32768 + 96, &n),
			    chunks[2] + 96);
	KUNIT_EXPECT_EQ(test, n, (size_t)4000);
}

static void other_modules(struct kunit *test)
{
	const size_t size = mymem_kernel_size();
	char bytes[8] = "1234567";
	u64 word = 40, old;

	KUNIT_EXPECT_EQ(test, mymem_kernel_write(size - 3, bytes, 8),
			(ssize_t)3);
	KUNIT_EXPECT_EQ(test, mymem_kernel_write(size, bytes, 1),
			(ssize_t)-ENOSPC);
	KUNIT_EXPECT_EQ(test, mymem_kernel_write(SIZE_MAX, bytes, 8),
			(ssize_t)-ENOSPC);
	KUNIT_EXPECT_EQ(test, mymem_kernel_write(size, bytes, 0), (ssize_t)0);
	memset(bytes, 0, sizeof(bytes));
	KUNIT_EXPECT_EQ(test, mymem_kernel_read(size - 3, bytes, 8),
			(ssize_t)3);
	KUNIT_EXPECT_STREQ(test, bytes, "123");
	KUNIT_EXPECT_EQ(test, mymem_kernel_read(size, bytes, 8), (ssize_t)0);
	KUNIT_EXPECT_EQ(test, mymem_kernel_read(SIZE_MAX, bytes, 8),
			(ssize_t)0);

	KUNIT_EXPECT_EQ(test, mymem_kernel_write(size - 8, &word, 8),
			(ssize_t)8);
	KUNIT_EXPECT_EQ(test, mymem_kernel_fetch_add(size - 8, 2, &old), 0);
	KUNIT_EXPECT_EQ(test, old, (u64)40);
	KUNIT_EXPECT_EQ(test, mymem_kernel_read(size - 8, &word, 8),
			(ssize_t)8);
	KUNIT_EXPECT_EQ(test, word, (u64)42);
	KUNIT_EXPECT_EQ(test, mymem_kernel_fetch_add(size, 1, &old), -EINVAL);
	KUNIT_EXPECT_EQ(test, mymem_kernel_fetch_add(4, 1, &old), -EINVAL);
	KUNIT_EXPECT_EQ(test, old, (u64)40);
}

static struct kunit_case cases[] = { KUNIT_CASE(parse_size),
				     KUNIT_CASE(clamp_to_the_end),
				     KUNIT_CASE(stripes_cover),
				     KUNIT_CASE(range_of_stripes),
				     KUNIT_CASE(pieces),
				     KUNIT_CASE(other_modules),
				     {} };

static struct kunit_suite suite = {
	.name = "mymem",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_AUTHOR("The mymem authors");
MODULE_DESCRIPTION("KUnit tests of mymem");
MODULE_LICENSE("GPL");
