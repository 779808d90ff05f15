// SPDX-License-Identifier: GPL-2.0-only
/*
 * The interface of the device, in C and C++: what stands here cannot change any
 * more, as programs were built with it. Compiled by header.sh, not run.
 */
#include <linux/mymem.h>

#ifdef __cplusplus
#define CHECK(expression) static_assert(expression, #expression)
#else
#define CHECK(expression) _Static_assert(expression, #expression)
#endif

#define AT(type, member, offset) \
	CHECK(__builtin_offsetof(struct type, member) == (offset))

struct mymem_info info;
struct mymem_atomic word;

/* The members lie side by side, and the structure ends with the last. */
AT(mymem_info, size, 0);
CHECK(sizeof(info.size) == 4);
AT(mymem_info, abi, 4);
CHECK(sizeof(info.abi) == 4);
AT(mymem_info, bytes, 8);
CHECK(sizeof(info.bytes) == 8);
AT(mymem_info, features, 16);
CHECK(sizeof(info.features) == 8);
CHECK(sizeof(struct mymem_info) == 24);

AT(mymem_atomic, size, 0);
CHECK(sizeof(word.size) == 4);
AT(mymem_atomic, op, 4);
CHECK(sizeof(word.op) == 4);
AT(mymem_atomic, flags, 8);
CHECK(sizeof(word.flags) == 4);
AT(mymem_atomic, reserved, 12);
CHECK(sizeof(word.reserved) == 4);
AT(mymem_atomic, offset, 16);
CHECK(sizeof(word.offset) == 8);
AT(mymem_atomic, operand, 24);
CHECK(sizeof(word.operand) == 8);
AT(mymem_atomic, expected, 32);
CHECK(sizeof(word.expected) == 8);
AT(mymem_atomic, old, 40);
CHECK(sizeof(word.old) == 8);
CHECK(sizeof(struct mymem_atomic) == 48);

/* Aligned alike for 32-bit callers, who would align 64 bits to 4 bytes */
CHECK(__alignof__(struct mymem_info) == 8);
CHECK(__alignof__(struct mymem_atomic) == 8);

CHECK(MYMEM_IOC_INFO == 0xbb00);
CHECK(MYMEM_IOC_ATOMIC == 0xbb01);
CHECK(MYMEM_ABI >= 1);

CHECK(MYMEM_FEATURE_MAP == 1);
CHECK(MYMEM_FEATURE_ATOMIC == 2);
CHECK(MYMEM_FEATURE_ATOMIC_MAP == 4);

CHECK(MYMEM_OP_LOAD == 0);
CHECK(MYMEM_OP_STORE == 1);
CHECK(MYMEM_OP_ADD == 2);
CHECK(MYMEM_OP_AND == 3);
CHECK(MYMEM_OP_OR == 4);
CHECK(MYMEM_OP_XOR == 5);
CHECK(MYMEM_OP_EXCHANGE == 6);
CHECK(MYMEM_OP_COMPARE_EXCHANGE == 7);
