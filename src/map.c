// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mappings of the block: its own pages, given out one by one as they are touched.
 *
 * A fault takes no data lock: which pages the block has never changes, and no call can
 * hold it up. So a mapping sees the bytes of a call change in any order.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>

#include "compat.h"
#include "mymem.h"
#include "stats.h"

static vm_fault_t mymem_fault(struct vm_fault *vmf)
{
	struct mymem *m = vmf->vma->vm_private_data;
	struct mymem_stats *stats;
	size_t n = PAGE_SIZE;
	struct page *page;

	/* Where there is room behind a mapping, mremap() makes it longer unasked. */
	if (vmf->pgoff >= m->size >> PAGE_SHIFT)
		return VM_FAULT_SIGBUS;

	page = virt_to_page(mymem_piece(m, vmf->pgoff << PAGE_SHIFT, &n));
	get_page(page);
	vmf->page = page;

	stats = mymem_stats_begin();
	u64_stats_inc(&stats->faults);
	mymem_stats_end(stats);
	return 0;
}

/*
 * A mapping holds the file, the file the module, and the module the block. Who
 * keeps pages for longer than they are mapped has references of his own.
 */
static const struct vm_operations_struct mymem_vm_ops = {
	.fault = mymem_fault,
};

/**
 * mymem_get_unmapped_area() - find the addresses of a mapping, if it is one of the block
 * @file:	the open node
 * @addr:	the address that is wished
 * @len:	bytes, whole pages
 * @pgoff:	the first page
 * @flags:	of mmap()
 *
 * The kernel asks this of each mmap(), and mymem_mmap() only where it does not make a
 * mapping longer that ends where this one begins. So it is here that the end is looked at.
 *
 * Context: with the memory of the process locked (mmap_lock).
 * Return: the address, or -EINVAL if the mapping goes beyond the end of the block.
 */
unsigned long mymem_get_unmapped_area(struct file *file, unsigned long addr,
				      unsigned long len, unsigned long pgoff,
				      unsigned long flags)
{
	unsigned long pages = mymem_of(file)->size >> PAGE_SHIFT;

	if (pgoff >= pages || len >> PAGE_SHIFT > pages - pgoff)
		return -EINVAL;

	return mm_get_unmapped_area(file, addr, len, pgoff, flags);
}

/**
 * mymem_mmap() - map a part of the block, or all of it
 * @file:	the open node
 * @vma:	the mapping to be
 *
 * Return: 0.
 */
int mymem_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct mymem *m = mymem_of(file);

	vma->vm_private_data = m;
	vma->vm_ops = &mymem_vm_ops;
	return 0;
}
