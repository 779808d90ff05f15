// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioctl(): the device's commands, and what is none.
 */
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

static const char *const op_names[] = {
	[MYMEM_OP_LOAD] = "load",
	[MYMEM_OP_STORE] = "store",
	[MYMEM_OP_ADD] = "add",
	[MYMEM_OP_AND] = "and",
	[MYMEM_OP_OR] = "or",
	[MYMEM_OP_XOR] = "xor",
	[MYMEM_OP_EXCHANGE] = "exchange",
	[MYMEM_OP_COMPARE_EXCHANGE] = "compare-exchange",
};

const char *op_name(enum mymem_op op)
{
	return op < sizeof(op_names) / sizeof(*op_names) ? op_names[op] : "?";
}

uint64_t operated(enum mymem_op op, uint64_t old, uint64_t operand,
		  uint64_t expected)
{
	switch (op) {
	case MYMEM_OP_LOAD:
		return old;
	case MYMEM_OP_STORE:
	case MYMEM_OP_EXCHANGE:
		return operand;
	case MYMEM_OP_ADD:
		return old + operand;
	case MYMEM_OP_AND:
		return old & operand;
	case MYMEM_OP_OR:
		return old | operand;
	case MYMEM_OP_XOR:
		return old ^ operand;
	default:
		return old == expected ? operand : old;
	}
}

uint64_t operate_mapped(uint64_t *word, enum mymem_op op, uint64_t operand,
			uint64_t expected)
{
	switch (op) {
	case MYMEM_OP_LOAD:
		return __atomic_load_n(word, __ATOMIC_SEQ_CST);
	case MYMEM_OP_STORE:
	case MYMEM_OP_EXCHANGE:
		return __atomic_exchange_n(word, operand, __ATOMIC_SEQ_CST);
	case MYMEM_OP_ADD:
		return __atomic_fetch_add(word, operand, __ATOMIC_SEQ_CST);
	case MYMEM_OP_AND:
		return __atomic_fetch_and(word, operand, __ATOMIC_SEQ_CST);
	case MYMEM_OP_OR:
		return __atomic_fetch_or(word, operand, __ATOMIC_SEQ_CST);
	case MYMEM_OP_XOR:
		return __atomic_fetch_xor(word, operand, __ATOMIC_SEQ_CST);
	default:
		__atomic_compare_exchange_n(word, &expected, operand, false,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
		return expected;
	}
}

/* A structure as a program of another version has it, larger or smaller. */
struct padded {
	union {
		__u32 size;
		struct mymem_info info;
		struct mymem_atomic atomic;
	};
	unsigned char more[8192];
};

/*
 * Makes it of another size, and the bytes behind what the kernel knows something,
 * sometimes. What the kernel must say of that, or 0.
 */
static long pick_size(struct worker *w, struct padded *s, size_t known)
{
	unsigned char *bytes = (unsigned char *)s;

	switch (below(w, 12)) {
	case 0:
		s->size = below(w, known);
		return -EINVAL;
	case 1:
		s->size = w->fuzz->page + 1 + below(w, 1000);
		return -E2BIG;
	case 2:
	case 3:
		s->size = known + 1 + below(w, w->fuzz->page - known);
		return 0;
	case 4:
		s->size = known + 1 + below(w, w->fuzz->page - known);
		bytes[known + below(w, s->size - known)] = 1 + below(w, 255);
		return -E2BIG;
	default:
		s->size = known;
		return 0;
	}
}

void do_info(struct worker *w)
{
	const __u64 needed = MYMEM_FEATURE_MAP | MYMEM_FEATURE_ATOMIC;
	struct descriptor *d = pick_descriptor(w);
	struct padded s = { .info = { .abi = 99, .bytes = 99 } };
	long expected = pick_size(w, &s, sizeof(s.info));
	__u32 size = s.size;

	if (!is_open(d->file))
		expected = -EBADF;
	call(w, "ioctl(fd %d of flags 0%o, MYMEM_IOC_INFO, size %u)", d->fd,
	     d->file->flags, s.size);
	expect(w, result(ioctl(d->fd, MYMEM_IOC_INFO, &s)), expected);
	expect(w, s.size, size);
	expect(w, s.info.abi, expected ? 99 : MYMEM_ABI);
	expect(w, s.info.bytes, expected ? 99 : (long)w->fuzz->size);
	if (!expected)
		expect(w, s.info.features & needed, needed);
}

/* A word of the process's range, and something to do with it. */
static void pick_atomic(struct worker *w, struct mymem_atomic *a)
{
	uint64_t word;

	*a = (struct mymem_atomic){
		.size = sizeof(*a),
		.op = below(w, MYMEM_OP_COMPARE_EXCHANGE + 1),
		.offset = pick_offset(w) / 8 * 8,
		.old = 4711,
	};
	memcpy(&word, model_at(w, a->offset), sizeof(word));
	if (a->op != MYMEM_OP_LOAD)
		a->operand = next(w);
	if (a->op == MYMEM_OP_COMPARE_EXCHANGE)
		a->expected = once_in(w, 2) ? word : next(w);
}

static void name_atomic(struct worker *w, const struct descriptor *d,
			const struct mymem_atomic *a)
{
	call(w,
	     "MYMEM_IOC_ATOMIC(fd %d of flags 0%o, size %u, %s (%u), flags %#x, reserved %#x"
	     ", offset %" PRIu64 ", operand %#" PRIx64 ", expected %#" PRIx64
	     ")",
	     d->fd, d->file->flags, a->size, op_name(a->op), a->op, a->flags,
	     a->reserved, (uint64_t)a->offset, (uint64_t)a->operand,
	     (uint64_t)a->expected);
}

static long expected_rights(const struct descriptor *d, enum mymem_op op)
{
	if (!is_readable(d->file))
		return -EBADF;
	return op == MYMEM_OP_LOAD || is_writable(d->file) ? 0 : -EBADF;
}

/* Whether the word that it tells is the one that was there. */
static void expect_old(struct worker *w, uint64_t came, uint64_t expected)
{
	char text[40];

	snprintf(text, sizeof(text), "the old word %#" PRIx64, expected);
	if (came != expected)
		differ(w, text, "%#" PRIx64, came);
}

void do_atomic(struct worker *w)
{
	struct descriptor *d = pick_descriptor(w);
	struct padded s = { 0 };
	uint64_t old, new;
	long expected;

	pick_atomic(w, &s.atomic);
	expected = pick_size(w, &s, sizeof(s.atomic));
	if (!is_open(d->file))
		expected = -EBADF;
	else if (!expected)
		expected = expected_rights(d, s.atomic.op);
	name_atomic(w, d, &s.atomic);
	expect(w, result(ioctl(d->fd, MYMEM_IOC_ATOMIC, &s)), expected);

	memcpy(&old, model_at(w, s.atomic.offset), sizeof(old));
	expect_old(w, s.atomic.old, expected ? 4711 : old);
	if (expected)
		return;
	new = operated(s.atomic.op, old, s.atomic.operand, s.atomic.expected);
	model_put(w, s.atomic.offset, &new, sizeof(new));
}

/* One thing is wrong with it. Nothing may happen. */
void do_bad_atomic(struct worker *w)
{
	static const uint64_t far[] = { 0, 8, 4096, UINT64_C(1) << 32,
					UINT64_C(1) << 63 };
	struct descriptor *d = &w->descriptors[0];
	long expected = -EINVAL;
	struct mymem_atomic a, *arg = &a;

	w->used = d;
	pick_atomic(w, &a);
	w->dirty_begin = a.offset;
	w->dirty_end = a.offset + 8;
	switch (below(w, 8)) {
	case 0:
		a.flags = 1U << below(w, 32);
		break;
	case 1:
		a.reserved = 1U << below(w, 32);
		break;
	case 2:
		a.op = MYMEM_OP_COMPARE_EXCHANGE + 1 + below(w, 1000);
		break;
	case 3:
		a.offset += 1 + below(w, 7);
		break;
	case 4:
		a.offset = w->fuzz->size + far[below(w, 5)];
		break;
	case 5:
		if (a.op == MYMEM_OP_LOAD)
			a.operand = 1;
		else if (a.op == MYMEM_OP_COMPARE_EXCHANGE)
			a.flags = 1;
		else
			a.expected = 1;
		break;
	case 6:
		/* Nothing of it there, or not all. */
		arg = (void *)(w->cliff - below(w, sizeof(a)));
		memcpy(arg, &a, w->cliff - (unsigned char *)arg);
		expected = -EFAULT;
		break;
	case 7:
		/* The old word cannot be told. */
		arg = (void *)w->sealed;
		mprotect(arg, w->fuzz->page, PROT_READ | PROT_WRITE);
		*arg = a;
		mprotect(arg, w->fuzz->page, PROT_READ);
		expected = -EFAULT;
		break;
	}
	name_atomic(w, d, &a);
	expect(w, result(ioctl(d->fd, MYMEM_IOC_ATOMIC, arg)), expected);
	expect_old(w, a.old, 4711);
}

/* The kernel has commands for any file; but none with this letter. */
void do_bad_ioctl(struct worker *w)
{
	struct descriptor *d = pick_descriptor(w);
	struct padded s = { .size = sizeof(s.atomic) };
	unsigned int nr = below(w, 256);
	unsigned int command = _IOC(nr < 2 ? 1 + below(w, 3) : below(w, 4),
				    MYMEM_IOC_TYPE, nr, below(w, 1 << 13));

	call(w, "ioctl(fd %d of flags 0%o, %#x)", d->fd, d->file->flags,
	     command);
	expect(w, result(ioctl(d->fd, command, &s)),
	       is_open(d->file) ? -ENOTTY : -EBADF);
}
