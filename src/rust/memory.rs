// SPDX-License-Identifier: GPL-2.0-only

//! The memory of the block: where it comes from, and its pages.

use core::ptr::NonNull;

use kernel::{
    alloc::allocator::Vmalloc,
    bindings,
    mm::virt::VmaMixedMap,
    page::{
        page_align,
        PAGE_SIZE, //
    },
    prelude::*,
};

/// Whole pages of memory, which can be mapped.
///
/// User space writes to them as it likes. To Rust, memory behind a reference does not change
/// like that, unless it is an `Atomic`, so there is never a reference to a byte of it, but its
/// address only.
///
/// # Invariants
///
/// `address` and `capacity` are those of a `VVec<u8>` that belongs to this, and the first
/// `size` bytes of it have been initialised. `size` is a multiple of `PAGE_SIZE`.
pub(crate) struct Memory {
    address: NonNull<u8>,
    size: usize,
    capacity: usize,
}

// SAFETY: The memory belongs to no thread.
unsafe impl Send for Memory {}
// SAFETY: What `&Memory` gives away of it are addresses.
unsafe impl Sync for Memory {}

impl Memory {
    /// Gets so many bytes, rounded up to whole pages, which are zeroed.
    pub(crate) fn new(bytes: u64) -> Result<Self> {
        // SAFETY: It has no requirements.
        let available = unsafe { bindings::si_mem_available() };
        let size = usize::try_from(bytes)
            .ok()
            .and_then(page_align)
            .ok_or(ENOMEM)?;
        // Without taking from everybody what they need.
        if size / PAGE_SIZE > usize::try_from(available).unwrap_or(0) {
            return Err(ENOMEM);
        }

        let memory = VVec::<u8>::zeroed(size, GFP_KERNEL | __GFP_NOWARN)?;
        let (address, size, capacity) = memory.into_raw_parts();
        // INVARIANT: They have just come from such a vector, which is forgotten.
        Ok(Self {
            address: NonNull::new(address).ok_or(ENOMEM)?,
            size,
            capacity,
        })
    }

    /// How many bytes there are.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// The address of `len` bytes at `pos`; an error if not all of them are there.
    pub(crate) fn at(&self, pos: usize, len: usize) -> Result<NonNull<u8>> {
        if pos > self.size || len > self.size - pos {
            return Err(EINVAL);
        }
        // SAFETY: It is in the memory or at its end, as was just checked.
        Ok(unsafe { self.address.add(pos) })
    }

    /// Whether there are `n` pages from page `first` on.
    pub(crate) fn has_pages(&self, first: usize, n: usize) -> bool {
        let pages = self.size / PAGE_SIZE;

        first < pages && n <= pages - first
    }

    /// Maps `n` pages from page `first` on at `address`; an error if there are not so many.
    pub(crate) fn map(&self, first: usize, n: usize, to: &VmaMixedMap, address: usize) -> Result {
        if !self.has_pages(first, n) {
            return Err(EINVAL);
        }

        for i in 0..n {
            let byte = self.at((first + i) * PAGE_SIZE, PAGE_SIZE)?;
            // SAFETY: By the type's invariant, it is in memory of `Vmalloc`, which is there
            // for as long as `self` is borrowed. A mapping has references of its own.
            let page = unsafe { Vmalloc::to_page(byte) };
            to.vm_insert_page(address + i * PAGE_SIZE, &page)?;
        }
        Ok(())
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: By the type's invariant, they are those of a vector; that it has no elements
        // any more is as good, and makes no reference.
        drop(unsafe { VVec::<u8>::from_raw_parts(self.address.as_ptr(), 0, self.capacity) });
    }
}
