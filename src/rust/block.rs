// SPDX-License-Identifier: GPL-2.0-only

//! The block: its memory, its locks, and bytes in and out of it.
//!
//! Every call is atomic to every other that overlaps it, because it holds the locks of all
//! that it touches from its first byte to its last. They are taken in ascending order, so that
//! no two calls can wait for each other.

use core::{
    mem::MaybeUninit,
    slice, //
};

use kernel::{
    bindings,
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Full, //
        },
        barrier::smp_mb,
    },
    types::NotThreadSafe, //
};

use crate::{
    constants::{
        MYMEM_STRIPES_MAX,
        MYMEM_STRIPE_SHIFT_MIN, //
    },
    lock::{
        RwSem,
        Wait,
        EXCLUSIVE,
        SHARED, //
    },
    memory::Memory,
};

const STRIPES: usize = MYMEM_STRIPES_MAX as usize;

/// The memory, and the locks of its stripes.
#[pin_data]
pub(crate) struct Block {
    memory: Memory,
    stripe_shift: u32,
    #[pin]
    stripes: [RwSem; STRIPES],
}

impl Block {
    pub(crate) fn new(memory: Memory) -> impl PinInit<Self> {
        let mut stripe_shift = MYMEM_STRIPE_SHIFT_MIN;
        while (memory.size() - 1) >> stripe_shift >= STRIPES {
            stripe_shift += 1;
        }

        pin_init!(Self {
            memory,
            stripe_shift,
            stripes <- pin_init::pin_init_array_from_fn(|_| RwSem::new()),
        })
    }

    pub(crate) fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Takes the locks of `len` bytes at `pos`, of which there is at least one; an error if
    /// not all of them are in the block.
    pub(crate) fn hold<const MODE: bool>(
        &self,
        pos: usize,
        len: usize,
        wait: Wait,
    ) -> Result<Held<'_, MODE>> {
        self.memory.at(pos, len)?;
        let last = (pos + len).checked_sub(1).ok_or(EINVAL)? >> self.stripe_shift;
        let first = pos >> self.stripe_shift;
        let mut held = Held {
            block: self,
            pos,
            len,
            first,
            end: first,
            _thread: NotThreadSafe,
        };

        // If one of them cannot be had, `held` gives back the others.
        while held.end <= last {
            self.stripes[held.end].lock::<MODE>(wait)?;
            held.end += 1;
        }
        Ok(held)
    }
}

/// Bytes of the block whose locks are held: shared, or exclusively.
///
/// # Invariants
///
/// There are `len` bytes at `pos`. This thread holds the locks of the stripes from `first` on
/// and before `end`.
pub(crate) struct Held<'a, const MODE: bool> {
    block: &'a Block,
    pos: usize,
    len: usize,
    first: usize,
    end: usize,
    _thread: NotThreadSafe,
}

impl<const MODE: bool> Held<'_, MODE> {
    /// Copies the first of the bytes out, and returns them.
    pub(crate) fn read<'to>(&self, to: &'to mut [MaybeUninit<u8>]) -> Result<&'to mut [u8]> {
        let len = to.len().min(self.len);
        let from = self.block.memory.at(self.pos, len)?;
        let to = to.as_mut_ptr().cast::<u8>();

        // SAFETY: There are `len` bytes at both, by `at()` and by the slice, which cannot be of
        // the block: there are no references to its bytes. Users who write through a mapping race
        // with a function that is not Rust's.
        unsafe { bindings::memcpy(to.cast(), from.as_ptr().cast(), len) };
        // SAFETY: These bytes of the slice have just been written.
        Ok(unsafe { slice::from_raw_parts_mut(to, len) })
    }

    /// The 64-bit word that these bytes begin with; an error if they do not. It must not be
    /// changed but by who holds it exclusively, as others copy it meanwhile.
    fn atomic(&self) -> Result<&Atomic<u64>> {
        if self.pos % size_of::<u64>() != 0 || self.len < size_of::<u64>() {
            return Err(EINVAL);
        }
        let word = self.block.memory.at(self.pos, size_of::<u64>())?;

        // SAFETY: It is in the block, for as long as `self` is borrowed, and aligned, as the
        // block is. Both callers see to it that no call copies it while another changes it. What
        // user space does to it through a mapping is nothing that Rust knows of, and an `Atomic`
        // may change at any time.
        Ok(unsafe { Atomic::from_ptr(word.as_ptr().cast()) })
    }
}

impl Held<'_, SHARED> {
    /// Loads the 64-bit word that these bytes begin with, ordered as `__ATOMIC_SEQ_CST`; an
    /// error if they do not.
    pub(crate) fn load(&self) -> Result<u64> {
        let word = self.atomic()?;

        smp_mb(Full);
        Ok(word.load(Acquire))
    }
}

impl Held<'_, EXCLUSIVE> {
    /// The 64-bit word that these bytes begin with; an error if they do not.
    pub(crate) fn word(&mut self) -> Result<&Atomic<u64>> {
        self.atomic()
    }

    /// Copies bytes in, no more than are held.
    pub(crate) fn write(&mut self, from: &[u8]) -> Result {
        if from.len() > self.len {
            return Err(EINVAL);
        }
        let to = self.block.memory.at(self.pos, from.len())?;

        // SAFETY: As in `read()`; no other call writes there, as the locks are held exclusively.
        unsafe { bindings::memcpy(to.as_ptr().cast(), from.as_ptr().cast(), from.len()) };
        Ok(())
    }
}

impl<const MODE: bool> Drop for Held<'_, MODE> {
    fn drop(&mut self) {
        for stripe in &self.block.stripes[self.first..self.end] {
            // SAFETY: By the type's invariant, it is held, and nobody can have moved this to
            // another thread.
            unsafe { stripe.unlock::<MODE>() };
        }
    }
}
