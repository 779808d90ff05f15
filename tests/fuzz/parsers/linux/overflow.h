/* SPDX-License-Identifier: GPL-2.0-only */
/* What src/size.c wants of the kernel's headers. */
#include <stdint.h>
#include <string.h>

#define check_mul_overflow __builtin_mul_overflow
#define check_add_overflow __builtin_add_overflow
#define U64_MAX UINT64_MAX

typedef uint64_t u64;
