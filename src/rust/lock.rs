// SPDX-License-Identifier: GPL-2.0-only

//! Read-write semaphores, of which the kernel's Rust has none.

use kernel::{
    bindings,
    error::to_result,
    prelude::*,
    sync::LockClassKey,
    types::Opaque, //
};

use crate::constants::IOCB_NOWAIT;

/// Whether a call may wait: for others, or for memory.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Wait {
    Yes,
    No,
}

impl Wait {
    /// By the flags of a call.
    pub(crate) fn of(flags: u32) -> Self {
        if flags & IOCB_NOWAIT != 0 {
            Self::No
        } else {
            Self::Yes
        }
    }
}

/// Side by side with others that are so.
pub(crate) const SHARED: bool = false;
/// With nobody beside.
pub(crate) const EXCLUSIVE: bool = true;

/// A `struct rw_semaphore`, with a lock class of its own.
#[pin_data]
pub(crate) struct RwSem {
    #[pin]
    key: LockClassKey,
    #[pin]
    sem: Opaque<bindings::rw_semaphore>,
}

// SAFETY: A semaphore belongs to no thread.
unsafe impl Send for RwSem {}
// SAFETY: It is made to be used by several threads.
unsafe impl Sync for RwSem {}

impl RwSem {
    pub(crate) fn new() -> impl PinInit<Self> {
        pin_init!(Self {
            key <- LockClassKey::new_dynamic(),
            sem <- Opaque::ffi_init(|slot| {
                // SAFETY: `slot` is for a semaphore, and `key` is a field of the same
                // structure, which is pinned: it goes when the semaphore does.
                unsafe { bindings::__init_rwsem(slot, c"mymem_rust".as_char_ptr(), key.as_ptr()) }
            }),
        })
    }

    /// Takes it. Who waits can be killed.
    pub(crate) fn lock<const MODE: bool>(&self, wait: Wait) -> Result {
        let sem = self.sem.get();

        if wait == Wait::No {
            // SAFETY: It has been initialised, by `new()`.
            let taken = unsafe {
                if MODE == EXCLUSIVE {
                    bindings::down_write_trylock(sem)
                } else {
                    bindings::down_read_trylock(sem)
                }
            };
            return if taken != 0 { Ok(()) } else { Err(EAGAIN) };
        }
        // SAFETY: The same.
        to_result(unsafe {
            if MODE == EXCLUSIVE {
                bindings::down_write_killable(sem)
            } else {
                bindings::down_read_killable(sem)
            }
        })
    }

    /// Gives it back.
    ///
    /// # Safety
    ///
    /// This thread has taken it by `lock::<MODE>()`, and has not given it back yet.
    pub(crate) unsafe fn unlock<const MODE: bool>(&self) {
        let sem = self.sem.get();

        // SAFETY: By this function's own requirements.
        unsafe {
            if MODE == EXCLUSIVE {
                bindings::up_write(sem)
            } else {
                bindings::up_read(sem)
            }
        }
    }
}
