// SPDX-License-Identifier: GPL-2.0-only
/*
 * The block of memory: where it comes from, and how bytes get in and out of it
 * whole.
 *
 * Every call is atomic to every other, because each holds the data lock from
 * its first byte to its last. Two rules keep that from doing harm:
 *
 * - User memory is never faulted in under the lock: a fault can take as long as
 *   user space likes (userfaultfd, FUSE), and everybody else would wait.
 * - A write never shows half of itself, so its source is brought into kernel
 *   memory before the lock is taken. A read may fail half way and start again:
 *   it changes nothing that others see.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "compat.h"
#include "mymem.h"

/* The largest chunk that is tried: the default block is then a single one. */
#define CHUNK_SHIFT_MAX 19

/* A write up to this many bytes is staged on the stack. */
#define STAGE_ON_STACK 512

/*
 * How often a read lets the pages of its buffer be faulted in before it goes
 * through kernel memory: somebody may take them away as fast as they come.
 */
#define READ_TRIES 4

/* Bytes in chunk @i: all are full but the last. */
static size_t chunk_len(const struct mymem *m, size_t i)
{
	return min(m->size - (i << m->chunk_shift),
		   (size_t)1 << m->chunk_shift);
}

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
		free_pages_exact(m->chunks[i], chunk_len(m, i));
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
		m->chunks[i] = alloc_pages_exact(chunk_len(m, i), gfp);
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

/*
 * The address of byte @pos. @n is the number of bytes wanted from there, and
 * becomes the number of them that lie in one piece.
 */
static void *piece(const struct mymem *m, size_t pos, size_t *n)
{
	size_t i = pos >> m->chunk_shift;
	size_t offset = pos - (i << m->chunk_shift);

	*n = min(*n, chunk_len(m, i) - offset);
	return m->chunks[i] + offset;
}

/*
 * Copies @len bytes at @pos to @to, as far as its pages are there: with page
 * faults disabled a missing one ends the copy. Returns the bytes copied.
 */
static size_t copy_out(struct mymem *m, size_t pos, size_t len,
		       struct iov_iter *to)
{
	size_t done = 0;

	lockdep_assert_held_read(&m->lock);
	while (done < len) {
		size_t n = len - done;
		void *from = piece(m, pos + done, &n);
		size_t copied;

		pagefault_disable();
		copied = copy_to_iter(from, n, to);
		pagefault_enable();
		done += copied;
		if (copied < n)
			break;
		cond_resched();
	}
	return done;
}

static void copy_to_kernel(struct mymem *m, size_t pos, size_t len, void *to)
{
	lockdep_assert_held_read(&m->lock);
	while (len) {
		size_t n = len;
		void *from = piece(m, pos, &n);

		memcpy(to, from, n);
		pos += n;
		to += n;
		len -= n;
		cond_resched();
	}
}

static void copy_from_kernel(struct mymem *m, size_t pos, size_t len,
			     const void *from)
{
	lockdep_assert_held_write(&m->lock);
	while (len) {
		size_t n = len;
		void *to = piece(m, pos, &n);

		memcpy(to, from, n);
		pos += n;
		from += n;
		len -= n;
		cond_resched();
	}
}

static int lock_shared(struct mymem *m, bool nowait)
{
	if (nowait)
		return down_read_trylock(&m->lock) ? 0 : -EAGAIN;
	return down_read_killable(&m->lock);
}

static int lock_exclusive(struct mymem *m, bool nowait)
{
	if (nowait)
		return down_write_trylock(&m->lock) ? 0 : -EAGAIN;
	return down_write_killable(&m->lock);
}

/*
 * Kernel memory for the bytes of one call, to be freed by kvfree(); the caller's
 * own cgroup pays. Not kvmalloc(), which either makes room at any price for
 * memory in one piece, or calls the OOM killer for memory in many.
 */
static void *stage_alloc(size_t len, bool nowait)
{
	const gfp_t gfp = __GFP_ACCOUNT | __GFP_NOWARN;
	void *stage;

	if (nowait)
		return kmalloc(len, GFP_NOWAIT | gfp);
	stage = kmalloc(len, GFP_KERNEL | __GFP_NORETRY | gfp);
	return stage ?: __vmalloc(len, GFP_KERNEL | __GFP_RETRY_MAYFAIL | gfp);
}

/* A read through kernel memory: it ends, whatever happens to the buffer. */
static ssize_t read_staged(struct mymem *m, size_t pos, size_t len,
			   struct iov_iter *to, bool nowait)
{
	void *stage = stage_alloc(len, nowait);
	ssize_t ret;

	if (!stage)
		return nowait ? -EAGAIN : -ENOMEM;

	ret = lock_shared(m, nowait);
	if (!ret) {
		copy_to_kernel(m, pos, len, stage);
		up_read(&m->lock);
		ret = copy_to_iter(stage, len, to) ?: -EFAULT;
	}
	kvfree(stage);
	return ret;
}

/**
 * mymem_read() - copy bytes out of the block, atomically
 * @m:		the device
 * @pos:	offset in bytes, not negative
 * @to:		where to; advanced by what is copied
 * @nowait:	fail rather than wait for another call or for memory; the pages of
 *		the caller's own buffer are waited for all the same
 *
 * Context: Process context, may sleep. Takes and releases the data lock.
 * Return: the bytes copied: what @to has room for, or what is left before the
 * end if that is less (0 at the end), or what came before memory that cannot be
 * written. Else -EFAULT (none of it can be written), -EAGAIN (@nowait, and there
 * is something to wait for), -EINTR (killed while waiting), -ENOMEM.
 */
ssize_t mymem_read(struct mymem *m, loff_t pos, struct iov_iter *to,
		   bool nowait)
{
	size_t len, copied, missing;
	int tries, ret;

	if (pos >= m->size)
		return 0;
	len = min_t(size_t, iov_iter_count(to), m->size - pos);
	if (!len)
		return 0;

	for (tries = 0; tries < READ_TRIES; tries++) {
		ret = lock_shared(m, nowait);
		if (ret)
			return ret;
		copied = copy_out(m, pos, len, to);
		up_read(&m->lock);

		if (copied == len)
			return len;
		/* A pipe that is full, say: no fault to mend. */
		if (!user_backed_iter(to))
			return copied ?: -EFAULT;

		iov_iter_revert(to, copied);
		missing = fault_in_iov_iter_writeable(to, len);
		/* Some mappings can be written, but not faulted in like this. */
		if (missing == len)
			break;
		len -= missing;
	}
	return read_staged(m, pos, len, to, nowait);
}

/**
 * mymem_write() - copy bytes into the block, atomically
 * @m:		the device
 * @pos:	offset in bytes, not negative
 * @from:	where from; advanced by what is copied
 * @nowait:	as for mymem_read()
 *
 * Context: Process context, may sleep. Takes and releases the data lock.
 * Return: the bytes copied: what @from holds, or what fits before the end if
 * that is less, or what came before memory that cannot be read. Else -ENOSPC
 * (@pos is at the end or behind it), -EFAULT (none of @from can be read),
 * -EAGAIN (@nowait, and there is something to wait for), -EINTR (killed while
 * waiting), -ENOMEM.
 */
ssize_t mymem_write(struct mymem *m, loff_t pos, struct iov_iter *from,
		    bool nowait)
{
	u8 small[STAGE_ON_STACK] __uninitialized; /* or else zeroed each time */
	void *stage = small;
	size_t copied;
	ssize_t ret;
	size_t len;

	if (!iov_iter_count(from))
		return 0;
	if (pos >= m->size)
		return -ENOSPC;

	len = min_t(size_t, iov_iter_count(from), m->size - pos);
	if (len > sizeof(small)) {
		/* Only a hint, but it saves the copy that would be in vain. */
		if (nowait && rwsem_is_locked(&m->lock))
			return -EAGAIN;
		stage = stage_alloc(len, nowait);
		if (!stage)
			return nowait ? -EAGAIN : -ENOMEM;
	}

	copied = copy_from_iter(stage, len, from);
	if (!copied) {
		ret = -EFAULT;
		goto out;
	}

	ret = lock_exclusive(m, nowait);
	if (ret) {
		iov_iter_revert(from, copied);
		goto out;
	}
	copy_from_kernel(m, pos, copied, stage);
	up_write(&m->lock);
	ret = copied;
out:
	if (stage != small)
		kvfree(stage);
	return ret;
}
