// SPDX-License-Identifier: GPL-2.0-only
/*
 * The block of memory: where it comes from, and where its bytes are.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include "mymem.h"

/* The largest chunk that is tried: the default block is then a single one. */
#define CHUNK_SHIFT_MAX 19

/* DIV_ROUND_UP() would overflow, if size_t is as short as the size is long. */
static size_t nr_chunks(const struct mymem *m)
{
	return ((m->size - 1) >> m->chunk_shift) + 1;
}

/**
 * mymem_free() - give the block's memory back
 * @m:	the device, without a node
 *
 * Context: Process context, may sleep. Undoes mymem_alloc().
 */
void mymem_free(struct mymem *m)
{
	size_t i;

	for (i = 0; i < nr_chunks(m) && m->chunks[i]; i++) {
		free_pages_exact(m->chunks[i], mymem_chunk_len(m, i));
		cond_resched();
	}
	kvfree(m->chunks);
	m->chunks = NULL;
}

/* Gets the whole block in chunks of 1 << m->chunk_shift bytes, or nothing. */
static int alloc_chunks(struct mymem *m)
{
	/* No OOM killer and no stack trace: to be refused is an answer. */
	gfp_t gfp = GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL;
	size_t i;

	m->chunks = kvcalloc(nr_chunks(m), sizeof(*m->chunks), gfp);
	if (!m->chunks)
		return -ENOMEM;

	gfp |= __GFP_ZERO;
	/* If less will do as well, do not make room for more at any price. */
	if (m->chunk_shift > PAGE_SHIFT)
		gfp = (gfp & ~__GFP_RETRY_MAYFAIL) | __GFP_NORETRY;
	for (i = 0; i < nr_chunks(m); i++) {
		if (fatal_signal_pending(current)) {
			mymem_free(m);
			return -EINTR;
		}
		m->chunks[i] = alloc_pages_exact(mymem_chunk_len(m, i), gfp);
		if (!m->chunks[i]) {
			mymem_free(m);
			return -ENOMEM;
		}
		cond_resched();
	}
	return 0;
}

/* The most bytes that may be asked for, without taking it from everybody. */
static u64 available_bytes(void)
{
	struct sysinfo info;
	u64 pages;

	/* What is available may be high memory, of which there is none here. */
	si_meminfo(&info);
	pages = min_t(u64, si_mem_available(), info.totalram - info.totalhigh);
	return min_t(u64, pages << PAGE_SHIFT, SIZE_MAX & PAGE_MASK);
}

/**
 * mymem_alloc() - get the block's memory, zeroed
 * @m:		the device, not yet visible to anybody
 * @bytes:	how much, above 0; rounded up to whole pages
 *
 * The memory is taken from the linear map, in the largest chunks that can be
 * had. Where user copies are hardened, those out of vmalloc memory look its
 * area up each time.
 *
 * Context: Process context, may sleep.
 * Return: 0, or nothing is held and it is -ENOMEM or -EINTR (killed).
 */
int mymem_alloc(struct mymem *m, u64 bytes)
{
	int ret;

	if (bytes > available_bytes())
		return -ENOMEM;

	m->size = PAGE_ALIGN(bytes);
	m->chunk_shift = CHUNK_SHIFT_MAX;
	do
		ret = alloc_chunks(m);
	while (ret == -ENOMEM && m->chunk_shift-- > PAGE_SHIFT);
	return ret;
}
