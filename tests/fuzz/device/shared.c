// SPDX-License-Identifier: GPL-2.0-only
/*
 * The range that is everybody's, where nobody knows what others do meanwhile. Two
 * things are known all the same:
 *
 * - Words, which all do atomic operations on, of all kinds and by both ways. Each
 *   operation tells what the word was, so what it added to the word is known. Since
 *   each began where another ended, all that was added makes up what the word is in
 *   the end. An update that is lost, or was not atomic, is missing there.
 *
 * - Records, which are written whole, all their words being a stamp: the writer, and
 *   how often it has written. Who reads one, or a part of it, finds a single stamp
 *   there, and, of no writer, an older one than before.
 */
#include "fuzz.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#define STAMP_BITS 48

/* So many at a time, or hardly two processes would be here at once. */
#define BURST 100
#define MAPPED_BURST 2000

/* From small to large, over several stripes; none begins at a multiple of a page. */
static const struct {
	size_t offset;
	size_t words;
} records[RECORDS] = {
	{ 4200, 60 },
	{ 4808, 300 },
	{ 16384 - 2000, 500 },
	{ 24584, 5000 },
};

off_t word_offset(unsigned int word)
{
	return (off_t)word * WORD_STEP;
}

/* Whole pages, behind the last record's end. */
size_t common_size(const struct fuzz *fuzz)
{
	size_t end = records[RECORDS - 1].offset +
		     records[RECORDS - 1].words * sizeof(uint64_t);

	return (end + fuzz->page - 1) / fuzz->page * fuzz->page;
}

bool words_are_right(const struct fuzz *fuzz, int fd)
{
	bool right = true;

	for (unsigned int i = 0; i < WORDS; i++) {
		uint64_t sum = 0, word = 0;

		for (unsigned int p = 0; p < fuzz->options->processes; p++)
			sum += fuzz->reports[p].added[i];
		if (pread(fd, &word, sizeof(word), word_offset(i)) !=
			    sizeof(word) ||
		    word != sum) {
			printf("# word %u: expected %#" PRIx64
			       " of all operations, came %#" PRIx64 "\n",
			       i, sum, word);
			right = false;
		}
	}
	return right;
}

/* What to do to a word, and what it probably is. */
static void pick(struct worker *w, unsigned int *word, enum mymem_op *op,
		 uint64_t *operand, uint64_t *expected)
{
	/* Mostly the same few, so that others are there at the same time. */
	*word = once_in(w, 2) ? below(w, 2) : below(w, WORDS);
	*op = below(w, MYMEM_OP_COMPARE_EXCHANGE + 1);
	*operand = *op == MYMEM_OP_LOAD ? 0 : next(w);
	*expected = 0;
	if (*op == MYMEM_OP_COMPARE_EXCHANGE)
		*expected = __atomic_load_n(
			(uint64_t *)(w->common + word_offset(*word)),
			__ATOMIC_SEQ_CST);
}

static void note(struct worker *w, unsigned int word, enum mymem_op op,
		 uint64_t old, uint64_t operand, uint64_t expected)
{
	w->report->added[word] += operated(op, old, operand, expected) - old;
}

void do_shared_atomic(struct worker *w)
{
	struct mymem_atomic a = { .size = sizeof(a) };
	uint64_t operand, expected;
	enum mymem_op op;
	unsigned int word;

	for (int i = 0; i < BURST; i++) {
		pick(w, &word, &op, &operand, &expected);
		a.op = op;
		a.offset = word_offset(word);
		a.operand = operand;
		a.expected = expected;
		call(w, "ioctl(MYMEM_IOC_ATOMIC, %s, shared word %u)",
		     op_name(op), word);
		expect(w, result(ioctl(w->home, MYMEM_IOC_ATOMIC, &a)), 0);
		note(w, word, op, a.old, operand, expected);
	}
}

void do_shared_mapped_atomic(struct worker *w)
{
	uint64_t operand, expected, old;
	enum mymem_op op;
	unsigned int word;

	call(w, "%d operations of the processor on shared words", MAPPED_BURST);
	for (int i = 0; i < MAPPED_BURST; i++) {
		pick(w, &word, &op, &operand, &expected);
		old = operate_mapped(
			(uint64_t *)(w->common + word_offset(word)), op,
			operand, expected);
		note(w, word, op, old, operand, expected);
	}
}

/* By one of several calls, as a whole or in two segments. */
static long transfer(struct worker *w, bool write, void *buffer, size_t len,
		     off_t pos)
{
	size_t cut = below(w, len + 1);
	struct iovec parts[] = { { buffer, cut }, { buffer + cut, len - cut } };
	int way = below(w, 3);
	int flags = way == 2 ? RWF_NOWAIT : 0;
	long came;

	if (!way)
		return result(write ? pwrite(w->home, buffer, len, pos) :
				      pread(w->home, buffer, len, pos));
	came = result(write ? pwritev2(w->home, parts, 2, pos, flags) :
			      preadv2(w->home, parts, 2, pos, flags));
	if (came == -EAGAIN && flags) {
		w->report->again++;
		came = result(write ? pwritev(w->home, parts, 2, pos) :
				      preadv(w->home, parts, 2, pos));
	}
	return came;
}

static void write_record(struct worker *w, size_t r)
{
	size_t len = records[r].words * sizeof(uint64_t);
	uint64_t stamp = ++w->report->stamps;
	uint64_t *words = (uint64_t *)w->in;

	stamp |= (uint64_t)(w->process + 1) << STAMP_BITS;
	for (size_t i = 0; i < records[r].words; i++)
		words[i] = stamp;
	call(w, "write of shared record %zu, %zu bytes, stamp %#" PRIx64, r,
	     len, stamp);
	expect(w, transfer(w, true, words, len, records[r].offset), len);
}

static void check_stamp(struct worker *w, size_t r, uint64_t stamp)
{
	uint64_t number = stamp & ((UINT64_C(1) << STAMP_BITS) - 1);
	uint64_t writer = stamp >> STAMP_BITS, *seen;

	if (!stamp)
		return;
	if (!writer || writer > w->fuzz->options->processes ||
	    number > w->fuzz->reports[writer - 1].stamps)
		differ(w, "a stamp that somebody wrote", "%#" PRIx64, stamp);
	seen = &w->seen[r][writer - 1];
	if (number < *seen)
		differ(w, "nothing older than was seen before",
		       "stamp %#" PRIx64 " after number %#" PRIx64
		       " of its writer",
		       stamp, *seen);
	*seen = number;
}

/* All of it, or a part that begins elsewhere: who takes too few locks is seen there. */
static void read_record(struct worker *w, size_t r)
{
	size_t first = once_in(w, 2) ? 0 : below(w, records[r].words);
	size_t n = records[r].words - first, len = n * sizeof(uint64_t);
	off_t pos = records[r].offset + first * sizeof(uint64_t);
	uint64_t *words = (uint64_t *)w->in;

	call(w, "read of shared record %zu, %zu bytes from word %zu on", r, len,
	     first);
	expect(w, transfer(w, false, words, len, pos), len);
	for (size_t i = 1; i < n; i++)
		if (words[i] != words[0])
			differ(w, "one stamp all over",
			       "%#" PRIx64
			       " and, from word %zu of %zu on, %#" PRIx64,
			       words[0], i, n, words[i]);
	check_stamp(w, r, words[0]);
}

/* Operations that leave a word as it is: they must not see a write half done. */
static void operate_on_record(struct worker *w, size_t r)
{
	static const enum mymem_op ops[] = { MYMEM_OP_LOAD, MYMEM_OP_ADD,
					     MYMEM_OP_OR, MYMEM_OP_XOR };
	struct mymem_atomic a = { .size = sizeof(a), .op = ops[below(w, 4)] };

	for (int i = 0; i < 4; i++) {
		a.offset = records[r].offset +
			   8 * (i % 2 ? records[r].words - 1 : 0);
		call(w, "MYMEM_IOC_ATOMIC(%s, shared record %zu, its %s word)",
		     op_name(a.op), r, i % 2 ? "last" : "first");
		expect(w, result(ioctl(w->home, MYMEM_IOC_ATOMIC, &a)), 0);
		check_stamp(w, r, a.old);
	}
}

void do_shared_write(struct worker *w)
{
	for (int i = 0; i < BURST; i++)
		write_record(w, below(w, RECORDS));
}

void do_shared_read(struct worker *w)
{
	for (int i = 0; i < BURST; i++) {
		if (once_in(w, 3))
			operate_on_record(w, below(w, RECORDS));
		else
			read_record(w, below(w, RECORDS));
	}
}
