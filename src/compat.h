/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MYMEM_COMPAT_H
#define MYMEM_COMPAT_H

/*
 * All that the driver has for kernels older than the newest. It is written for
 * the newest; without this file it could be sent upstream.
 *
 * Red Hat's 5.14 has what came by v6.0, at least in the later releases of 9: none could
 * be had here to try. Functions have names of our own here, and a macro with the
 * kernel's: who backported one has it twice, and not in conflict.
 */
#include <linux/version.h>

#include "version.h"

#if LINUX_VERSION_CODE < \
	KERNEL_VERSION(MYMEM_KERNEL_MIN_MAJOR, MYMEM_KERNEL_MIN_MINOR, 0)
#error "mymem needs a newer Linux: MYMEM_KERNEL_MIN_MAJOR and _MINOR say which"
#endif

/*
 * v6.19: mm_get_unmapped_area() is always about the process that asks. It came in v6.10,
 * in the place of a pointer.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#include <linux/mm_types.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

static inline unsigned long mymem_mm_get_unmapped_area(struct file *file,
						       unsigned long addr,
						       unsigned long len,
						       unsigned long pgoff,
						       unsigned long flags)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
	return current->mm->get_unmapped_area(file, addr, len, pgoff, flags);
#else
	return mm_get_unmapped_area(current->mm, file, addr, len, pgoff, flags);
#endif
}

#define mm_get_unmapped_area mymem_mm_get_unmapped_area
#endif

/* v6.5: copy_splice_read() took the place of generic_file_splice_read(). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#include <linux/fs.h>
#define copy_splice_read generic_file_splice_read
#endif

/* v6.3: iov_iter_extract_pages() pins; iov_iter_get_pages2() took references. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
#include <linux/mm.h>
#include <linux/uio.h>

/* Here for user memory that is the source of a copy, and nothing else. */
static inline ssize_t mymem_extract_pages(struct iov_iter *i,
					  struct page ***pages, size_t size,
					  unsigned int max, unsigned int flags,
					  size_t *offset)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 0, 0) && !defined(RHEL_RELEASE_CODE)
	ssize_t ret = iov_iter_get_pages(i, *pages, size, max, offset);

	if (ret > 0)
		iov_iter_advance(i, ret);
	return ret;
#else
	return iov_iter_get_pages2(i, *pages, size, max, offset);
#endif
}

#define iov_iter_extract_pages mymem_extract_pages
#define unpin_user_page put_page
#endif

/* v6.2: ITER_SOURCE took the place of WRITE. */
#include <linux/uio.h>
#ifndef ITER_SOURCE
#define ITER_SOURCE WRITE
#define ITER_DEST READ
#endif

/* v6.0: ITER_UBUF joined ITER_IOVEC, and user_backed_iter() asks for both. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 0, 0) && !defined(RHEL_RELEASE_CODE)
#include <linux/uio.h>
#define user_backed_iter(i) iter_is_iovec(i)
#endif

/* v5.16: fault_in_iov_iter_writeable() */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 16, 0) && !defined(RHEL_RELEASE_CODE)
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/uio.h>

/* Returns how many of the first @size bytes of @i could not be faulted in. */
static inline size_t mymem_fault_in_writeable(const struct iov_iter *i,
					      size_t size)
{
	size_t skip = i->iov_offset;
	const struct iovec *iov;

	for (iov = i->iov; size; iov++, skip = 0) {
		size_t len = min(size, iov->iov_len - skip);
		unsigned long addr = (unsigned long)iov->iov_base + skip;
		unsigned long end = addr + len;

		while (addr < end) {
			unsigned long next = min(PAGE_ALIGN(addr + 1), end);
			struct page *page;

			if (get_user_pages_fast(addr, 1, FOLL_WRITE, &page) !=
			    1)
				return size;
			put_page(page);
			cond_resched();
			size -= next - addr;
			addr = next;
		}
	}
	return 0;
}

#define fault_in_iov_iter_writeable mymem_fault_in_writeable
#endif

#endif /* MYMEM_COMPAT_H */
