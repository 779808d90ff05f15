// SPDX-License-Identifier: GPL-2.0-only

//! The device: what is done to an open file, and positions, ends and flags.
//!
//! User memory is touched without a lock only: what comes from it is copied into the kernel
//! before, and what goes to it after. So no fault is taken under a lock.

use core::mem::MaybeUninit;

use kernel::{
    alloc::Flags,
    fs::{
        File,
        Kiocb, //
    },
    iov::{
        IovIterDest,
        IovIterSource, //
    },
    miscdevice::{
        MiscDevice,
        MiscDeviceRegistration, //
    },
    mm::virt::VmaNew,
    page::PAGE_SIZE,
    prelude::*,
    sync::{
        Arc,
        ArcBorrow, //
    },
};

use crate::{
    block::Block,
    constants::*,
    ioctl,
    lock::{
        Wait,
        EXCLUSIVE,
        SHARED, //
    },
    memory::Memory,
    node::Node, //
};

/// Up to so many bytes go through the stack.
const SMALL: usize = MYMEM_SMALL as usize;

/// Memory for as long as a call, for which the caller's own cgroup pays.
fn memory(len: usize, wait: Wait) -> Result<KVVec<u8>> {
    // It has no name of its own in the kernel's Rust.
    let account = GFP_KERNEL_ACCOUNT & !GFP_KERNEL;
    let (flags, error): (Flags, Error) = match wait {
        Wait::Yes => (GFP_KERNEL, ENOMEM),
        Wait::No => (GFP_NOWAIT, EAGAIN),
    };

    KVVec::with_capacity(len, flags | account | __GFP_NOWARN).map_err(|_| error)
}

/// What is behind the node.
#[pin_data]
pub(crate) struct Device {
    #[pin]
    block: Block,
}

impl Device {
    /// Gets the memory for a device of so many bytes.
    pub(crate) fn new(bytes: u64) -> Result<Arc<Self>> {
        let memory = Memory::new(bytes)?;

        Arc::pin_init(pin_init!(Self { block <- Block::new(memory) }), GFP_KERNEL)
    }

    /// Bytes in the block.
    pub(crate) fn size(&self) -> usize {
        self.block.memory().size()
    }

    pub(crate) fn block(&self) -> &Block {
        &self.block
    }

    /// How many of `len` bytes at `pos` are before the end.
    fn clamp(&self, pos: usize, len: usize) -> usize {
        len.min(self.size().saturating_sub(pos))
    }

    fn read_staged(
        &self,
        pos: usize,
        to: &mut IovIterDest<'_>,
        stage: &mut [MaybeUninit<u8>],
        wait: Wait,
    ) -> Result<usize> {
        let held = self.block.hold::<SHARED>(pos, stage.len(), wait)?;
        let bytes = held.read(stage)?;
        drop(held);

        match to.copy_to_iter(bytes) {
            0 => Err(EFAULT),
            copied => Ok(copied),
        }
    }

    #[inline(never)]
    fn read_small(
        &self,
        pos: usize,
        len: usize,
        to: &mut IovIterDest<'_>,
        wait: Wait,
    ) -> Result<usize> {
        let mut stage = [MaybeUninit::uninit(); SMALL];

        self.read_staged(pos, to, &mut stage[..len], wait)
    }

    fn read(&self, pos: usize, len: usize, to: &mut IovIterDest<'_>, wait: Wait) -> Result<usize> {
        if len <= SMALL {
            return self.read_small(pos, len, to, wait);
        }

        let mut stage = memory(len, wait)?;
        self.read_staged(pos, to, &mut stage.spare_capacity_mut()[..len], wait)
    }

    fn write_staged(
        &self,
        pos: usize,
        from: &mut IovIterSource<'_>,
        stage: &mut [MaybeUninit<u8>],
        wait: Wait,
    ) -> Result<usize> {
        let bytes = from.copy_from_iter_raw(stage);
        let copied = bytes.len();
        if copied == 0 {
            return Err(EFAULT);
        }

        let held = self.block.hold::<EXCLUSIVE>(pos, copied, wait);
        if let Err(error) = held.and_then(|mut held| held.write(bytes)) {
            // Somebody may try again.
            // SAFETY: It has just been advanced by as many.
            unsafe { from.revert(copied) };
            return Err(error);
        }
        Ok(copied)
    }

    #[inline(never)]
    fn write_small(
        &self,
        pos: usize,
        len: usize,
        from: &mut IovIterSource<'_>,
        wait: Wait,
    ) -> Result<usize> {
        let mut stage = [MaybeUninit::uninit(); SMALL];

        self.write_staged(pos, from, &mut stage[..len], wait)
    }

    fn write(
        &self,
        pos: usize,
        len: usize,
        from: &mut IovIterSource<'_>,
        wait: Wait,
    ) -> Result<usize> {
        if len <= SMALL {
            return self.write_small(pos, len, from, wait);
        }

        let mut stage = memory(len, wait)?;
        self.write_staged(pos, from, &mut stage.spare_capacity_mut()[..len], wait)
    }
}

/// The position and the flags of a call. A position that is too large for memory is behind the
/// end, wherever that is.
fn call(kiocb: &Kiocb<'_, Arc<Device>>) -> (usize, u32) {
    // SAFETY: It is valid for as long as the call is, and nobody changes its flags.
    let flags = unsafe { (*kiocb.as_raw()).ki_flags };

    let pos = usize::try_from(kiocb.ki_pos()).unwrap_or(usize::MAX);
    (pos, flags as u32)
}

#[vtable]
impl MiscDevice for Device {
    type Ptr = Arc<Self>;

    fn open(file: &File, misc: &MiscDeviceRegistration<Self>) -> Result<Arc<Self>> {
        // Threads that share a descriptor wait for each other, as they do for a file, or they
        // would race on the position; and io_uring need not punt calls to a worker.
        // SAFETY: Until this returns, nobody else has the file.
        unsafe { (*file.as_ptr()).f_mode |= FMODE_ATOMIC_POS | FMODE_NOWAIT };

        Node::device(misc)
    }

    fn read_iter(mut kiocb: Kiocb<'_, Self::Ptr>, to: &mut IovIterDest<'_>) -> Result<usize> {
        let device = kiocb.file();
        let (pos, flags) = call(&kiocb);
        let len = device.clamp(pos, to.len());
        if len == 0 {
            return Ok(0);
        }

        let done = device.read(pos, len, to, Wait::of(flags))?;
        *kiocb.ki_pos_mut() += done as i64;
        Ok(done)
    }

    fn write_iter(mut kiocb: Kiocb<'_, Self::Ptr>, from: &mut IovIterSource<'_>) -> Result<usize> {
        let device = kiocb.file();
        let (pos, flags) = call(&kiocb);
        let len = device.clamp(pos, from.len());
        if from.is_empty() {
            return Ok(0);
        }
        // To append is to write at the end, where there is no room.
        if len == 0 || flags & IOCB_APPEND != 0 {
            return Err(ENOSPC);
        }

        let done = device.write(pos, len, from, Wait::of(flags))?;
        *kiocb.ki_pos_mut() += done as i64;
        Ok(done)
    }

    fn mmap(device: ArcBorrow<'_, Self>, _file: &File, vma: &VmaNew) -> Result {
        // SAFETY: It is being set up by this thread and no other.
        let first = unsafe { (*vma.as_ptr()).vm_pgoff };
        let pages = (vma.end() - vma.start()) / PAGE_SIZE;

        // If it grew, there would be nobody to give it the new pages.
        vma.set_dontexpand();
        let memory = device.block.memory();
        memory.map(first, pages, vma.set_mixedmap(), vma.start())
    }

    fn ioctl(device: ArcBorrow<'_, Self>, file: &File, cmd: u32, arg: usize) -> Result<isize> {
        ioctl::ioctl(&device, file, cmd, arg)
    }
}
