// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bytes in and out of the block, whole.
 *
 * Every call is atomic to every other that overlaps it, because each holds the
 * data locks of all that it touches from its first byte to its last. Two rules
 * keep that from doing harm:
 *
 * - User memory is never faulted in under a data lock: a fault can take as long
 *   as user space likes (userfaultfd, FUSE), and everybody else would wait.
 * - A write never shows half of itself, so its source is within the kernel's
 *   reach before it takes a lock. A read may fail half way and start again: it
 *   changes nothing that others see.
 */
#include <linux/bvec.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "compat.h"
#include "lock.h"
#include "mymem.h"

/*
 * How often a read lets the pages of its buffer be faulted in before it goes
 * through kernel memory: somebody may take them away as fast as they come.
 */
#define READ_TRIES 4

/* So many pages are pinned at a time. */
#define PIN_BATCH 64

/**
 * mymem_copy_out() - copy bytes out of the block into kernel memory, atomically
 * @m:		the device
 * @pos:	offset in bytes
 * @to:		where to
 * @len:	how many, above 0 and not beyond the end
 * @call:	see struct mymem_call
 *
 * Context: Process context, may sleep. Takes and releases data locks.
 * Return: 0, -EAGAIN, or -EINTR (killed while waiting).
 */
int mymem_copy_out(struct mymem *m, size_t pos, void *to, size_t len,
		   struct mymem_call *call)
{
	struct mymem_range range = mymem_range(m, pos, len);
	int ret;

	ret = mymem_lock_shared(m, range, call);
	if (ret)
		return ret;

	while (len) {
		size_t n = len;
		void *from = mymem_piece(m, pos, &n);

		memcpy(to, from, n);
		pos += n;
		to += n;
		len -= n;
		cond_resched();
	}
	mymem_unlock_shared(m, range);
	return 0;
}

/**
 * mymem_copy_in() - copy bytes from kernel memory into the block, atomically
 * @m:		the device
 * @pos:	offset in bytes
 * @from:	where from
 * @len:	how many, above 0 and not beyond the end
 * @call:	see struct mymem_call
 *
 * Context and return as for mymem_copy_out().
 */
int mymem_copy_in(struct mymem *m, size_t pos, const void *from, size_t len,
		  struct mymem_call *call)
{
	struct mymem_range range = mymem_range(m, pos, len);
	int ret;

	ret = mymem_lock_exclusive(m, range, call);
	if (ret)
		return ret;

	while (len) {
		size_t n = len;
		void *to = mymem_piece(m, pos, &n);

		memcpy(to, from, n);
		pos += n;
		from += n;
		len -= n;
		cond_resched();
	}
	mymem_unlock_exclusive(m, range);
	return 0;
}

/* Each processor keeps a page for the next call that has to stage as much. */
static DEFINE_PER_CPU(void *, spare_stage);

/*
 * Kernel memory for the bytes of one call, to be given back by stage_free(). If it
 * is more than a page, the caller's own cgroup pays. Not kvmalloc(), which either
 * makes room at any price for memory in one piece, or calls the OOM killer for
 * memory in many.
 */
static void *stage_alloc(size_t len, bool nowait)
{
	const gfp_t gfp = __GFP_ACCOUNT | __GFP_NOWARN;
	void *stage;

	if (len <= PAGE_SIZE) {
		stage = this_cpu_xchg(spare_stage, NULL);
		return stage ?:
			       kmalloc(PAGE_SIZE,
				       nowait ? GFP_NOWAIT | __GFP_NOWARN :
						GFP_KERNEL);
	}
	if (nowait)
		return kmalloc(len, GFP_NOWAIT | gfp);
	/* Not __GFP_RETRY_MAYFAIL: Linux 6.19 and 7.0 warn of it in vmalloc(). */
	stage = kmalloc(len, GFP_KERNEL | __GFP_NORETRY | gfp);
	return stage ?: __vmalloc(len, GFP_KERNEL | __GFP_NORETRY | gfp);
}

/* To the processor that it runs on now, unless that has one to spare. */
static void stage_free(void *stage, size_t len)
{
	if (len > PAGE_SIZE || this_cpu_cmpxchg(spare_stage, NULL, stage))
		kvfree(stage);
}

/**
 * mymem_transfer_exit() - give back what is kept between calls
 *
 * Context: Process context, after the last call.
 */
void mymem_transfer_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		kfree(per_cpu(spare_stage, cpu));
}

static int stage_error(const struct mymem_call *call)
{
	return call->nowait ? -EAGAIN : -ENOMEM;
}

/*
 * stage_alloc() for what can be done in part: if the call may not wait, and so much
 * cannot be had at once (more than KMALLOC_MAX_SIZE never can), a page will do. @len
 * is then that.
 */
static void *stage_alloc_some(size_t *len, bool nowait)
{
	void *stage = stage_alloc(*len, nowait);

	if (stage || !nowait || *len <= PAGE_SIZE)
		return stage;
	*len = PAGE_SIZE;
	return stage_alloc(*len, nowait);
}

/*
 * A read through kernel memory: @stage has room for @len bytes. It ends, whatever
 * happens to the buffer.
 */
static ssize_t read_staged(struct mymem *m, size_t pos, size_t len,
			   struct iov_iter *to, void *stage,
			   struct mymem_call *call)
{
	int ret;

	ret = mymem_copy_out(m, pos, stage, len, call);
	if (ret)
		return ret;
	return copy_to_iter(stage, len, to) ?: -EFAULT;
}

static noinline_for_stack ssize_t read_small(struct mymem *m, size_t pos,
					     size_t len, struct iov_iter *to,
					     struct mymem_call *call)
{
	u8 stage[MYMEM_SMALL] __uninitialized; /* or else zeroed each time */

	return read_staged(m, pos, len, to, stage, call);
}

/*
 * Copies @len bytes at @pos to @to, as far as its pages are there: with page
 * faults disabled, a missing one ends the copy. Returns the bytes copied.
 */
static size_t copy_to_present(struct mymem *m, size_t pos, size_t len,
			      struct iov_iter *to)
{
	size_t done = 0;

	while (done < len) {
		size_t n = len - done;
		void *from = mymem_piece(m, pos + done, &n);
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

/*
 * A read to pages that do not come, or go as fast as they come. A few bytes tell
 * whether there is anything, before there is room for all.
 */
static noinline ssize_t read_absent(struct mymem *m, size_t pos, size_t len,
				    struct iov_iter *to,
				    struct mymem_call *call)
{
	void *stage;
	ssize_t ret;

	ret = read_small(m, pos, min_t(size_t, len, MYMEM_SMALL), to, call);
	if (ret < 0)
		return ret;
	iov_iter_revert(to, ret);

	stage = stage_alloc_some(&len, call->nowait);
	if (!stage)
		return stage_error(call);
	ret = read_staged(m, pos, len, to, stage, call);
	stage_free(stage, len);
	return ret;
}

/**
 * mymem_read() - copy bytes out of the block, atomically
 * @m:		the device
 * @pos:	offset in bytes
 * @len:	how many, above 0 and not beyond the end
 * @to:		where to, with room for them; advanced by what is copied
 * @call:	see struct mymem_call; the pages of the caller's own buffer are
 *		waited for in any case
 *
 * Context: Process context, may sleep. Takes and releases data locks.
 * Return: the bytes copied: @len, or what came before memory that cannot be
 * written, or less for want of memory if @call may not wait. Else -EFAULT (none
 * of it can be written), -EAGAIN, -EINTR (killed while waiting), -ENOMEM.
 */
ssize_t mymem_read(struct mymem *m, size_t pos, size_t len, struct iov_iter *to,
		   struct mymem_call *call)
{
	struct mymem_range range;
	size_t copied, missing;
	ssize_t ret;
	int tries;

	if (len <= MYMEM_SMALL)
		return read_small(m, pos, len, to, call);

	for (tries = 0; tries < READ_TRIES; tries++) {
		range = mymem_range(m, pos, len);
		ret = mymem_lock_shared(m, range, call);
		if (ret)
			return ret;
		copied = copy_to_present(m, pos, len, to);
		mymem_unlock_shared(m, range);

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
	return read_absent(m, pos, len, to, call);
}

static noinline ssize_t read_user_large(struct mymem *m, size_t pos, size_t len,
					char __user *to,
					struct mymem_call *call)
{
	struct iovec iov = { .iov_base = to, .iov_len = len };
	struct iov_iter iter;

	iov_iter_init(&iter, ITER_DEST, &iov, 1, len);
	return mymem_read(m, pos, len, &iter, call);
}

/**
 * mymem_read_user() - copy bytes out of the block to one place, atomically
 * @m:		the device
 * @pos:	offset in bytes
 * @len:	how many, above 0 and not beyond the end
 * @to:		where to
 * @call:	see struct mymem_call
 *
 * It is mymem_read() without the iterator, which is an eighth of the instructions
 * of a small call.
 *
 * Context and return as for mymem_read().
 */
ssize_t mymem_read_user(struct mymem *m, size_t pos, size_t len,
			char __user *to, struct mymem_call *call)
{
	u8 stage[MYMEM_SMALL] __uninitialized; /* or else zeroed each time */
	int ret;

	if (len > MYMEM_SMALL)
		return read_user_large(m, pos, len, to, call);

	ret = mymem_copy_out(m, pos, stage, len, call);
	if (ret)
		return ret;
	return len - copy_to_user(to, stage, len) ?: -EFAULT;
}

/*
 * Copies @len bytes of @from to @pos, without a page fault: what is not in user
 * memory, or is pinned there, needs none.
 */
static ssize_t write_present(struct mymem *m, size_t pos, size_t len,
			     struct iov_iter *from, struct mymem_call *call)
{
	struct mymem_range range = mymem_range(m, pos, len);
	size_t done = 0;
	int ret;

	ret = mymem_lock_exclusive(m, range, call);
	if (ret)
		return ret;

	while (done < len) {
		size_t n = len - done;
		void *to = mymem_piece(m, pos + done, &n);
		size_t copied = copy_from_iter(to, n, from);

		done += copied;
		if (copied < n)
			break;
		cond_resched();
	}
	mymem_unlock_exclusive(m, range);
	return done;
}

/* A write through kernel memory: @stage has room for @len bytes. */
static ssize_t write_staged(struct mymem *m, size_t pos, size_t len,
			    struct iov_iter *from, void *stage,
			    struct mymem_call *call)
{
	size_t copied = copy_from_iter(stage, len, from);
	int ret;

	if (!copied)
		return -EFAULT;
	ret = mymem_copy_in(m, pos, stage, copied, call);
	if (!ret)
		return copied;
	iov_iter_revert(from, copied);
	return ret;
}

static noinline_for_stack ssize_t write_small(struct mymem *m, size_t pos,
					      size_t len, struct iov_iter *from,
					      struct mymem_call *call)
{
	u8 stage[MYMEM_SMALL] __uninitialized;

	return write_staged(m, pos, len, from, stage, call);
}

/*
 * Pins the user pages that hold the next @len bytes of @from, as far as they can
 * be had and @pinned has room for @max of them, and advances @from by them.
 * Returns those bytes, and in @ret_nr the pages.
 */
static size_t pin(struct iov_iter *from, size_t len, struct bio_vec *pinned,
		  unsigned int max, unsigned int *ret_nr)
{
	struct page *batch[PIN_BATCH], **pages = batch;
	unsigned int nr = 0, i;
	size_t done = 0;

	while (done < len && nr < max) {
		unsigned int room = min_t(unsigned int, max - nr, PIN_BATCH);
		size_t offset;
		ssize_t bytes;

		bytes = iov_iter_extract_pages(from, &pages, len - done, room,
					       0, &offset);
		if (bytes <= 0)
			break;
		done += bytes;
		for (i = 0; bytes; i++) {
			size_t n = min_t(size_t, bytes, PAGE_SIZE - offset);

			pinned[nr++] = (struct bio_vec){ batch[i], n, offset };
			bytes -= n;
			offset = 0;
		}
	}
	*ret_nr = nr;
	return done;
}

/* Whether the next byte of @from can be read. */
static bool is_readable(struct iov_iter *from)
{
	u8 byte;

	if (!copy_from_iter(&byte, 1, from))
		return false;
	iov_iter_revert(from, 1);
	return true;
}

/*
 * A write straight out of the user's pages, as far as they can be read. Returns 0
 * if none can be pinned, or one that can be read cannot, or there is no memory for
 * a call that may not wait; @from is then where it was.
 */
static ssize_t write_pinned(struct mymem *m, size_t pos, size_t len,
			    struct iov_iter *from, struct mymem_call *call)
{
	unsigned int max = iov_iter_npages(from, INT_MAX), nr, i;
	size_t list = array_size(max, sizeof(struct bio_vec));
	struct bio_vec *pinned;
	struct iov_iter source;
	ssize_t ret = 0;
	size_t bytes;

	pinned = stage_alloc(list, call->nowait);
	if (!pinned)
		return call->nowait ? 0 : -ENOMEM;

	bytes = pin(from, len, pinned, max, &nr);
	if (bytes == len || (bytes && !is_readable(from))) {
		iov_iter_bvec(&source, ITER_SOURCE, pinned, nr, bytes);
		ret = write_present(m, pos, bytes, &source, call);
	}
	if (ret <= 0)
		iov_iter_revert(from, bytes);
	for (i = 0; i < nr; i++)
		unpin_user_page(pinned[i].bv_page);
	stage_free(pinned, list);
	return ret;
}

/**
 * mymem_write() - copy bytes into the block, atomically
 * @m:		the device
 * @pos:	offset in bytes
 * @len:	how many, above 0 and not beyond the end
 * @from:	where from; holds exactly them, and is advanced by what is copied
 * @call:	as for mymem_read()
 *
 * Context: Process context, may sleep. Takes and releases data locks.
 * Return: the bytes copied: @len, or what came before memory that cannot be
 * read, or less for want of memory if @call may not wait. Else -EFAULT (none of
 * it can be read), -EAGAIN, -EINTR (killed while waiting), -ENOMEM.
 */
ssize_t mymem_write(struct mymem *m, size_t pos, size_t len,
		    struct iov_iter *from, struct mymem_call *call)
{
	void *stage;
	ssize_t ret;

	if (len <= MYMEM_SMALL)
		return write_small(m, pos, len, from, call);
	if (!user_backed_iter(from))
		return write_present(m, pos, len, from, call);

	/* Up to a page, a second copy is less work. */
	if (len > PAGE_SIZE) {
		ret = write_pinned(m, pos, len, from, call);
		if (ret)
			return ret;
		/* So that no room is made for what is not there. */
		if (!is_readable(from))
			return -EFAULT;
	}

	stage = stage_alloc_some(&len, call->nowait);
	if (!stage)
		return stage_error(call);
	ret = write_staged(m, pos, len, from, stage, call);
	stage_free(stage, len);
	return ret;
}

static noinline ssize_t write_user_large(struct mymem *m, size_t pos,
					 size_t len, const char __user *from,
					 struct mymem_call *call)
{
	struct iovec iov = { .iov_base = (char __user *)from, .iov_len = len };
	struct iov_iter iter;

	iov_iter_init(&iter, ITER_SOURCE, &iov, 1, len);
	return mymem_write(m, pos, len, &iter, call);
}

/**
 * mymem_write_user() - copy bytes from one place into the block, atomically
 * @m:		the device
 * @pos:	offset in bytes
 * @len:	how many, above 0 and not beyond the end
 * @from:	where from
 * @call:	see struct mymem_call
 *
 * It is to mymem_write() what mymem_read_user() is to mymem_read().
 */
ssize_t mymem_write_user(struct mymem *m, size_t pos, size_t len,
			 const char __user *from, struct mymem_call *call)
{
	u8 stage[MYMEM_SMALL] __uninitialized;
	int ret;

	if (len > MYMEM_SMALL)
		return write_user_large(m, pos, len, from, call);

	len -= copy_from_user(stage, from, len);
	if (!len)
		return -EFAULT;
	ret = mymem_copy_in(m, pos, stage, len, call);
	return ret ?: len;
}
