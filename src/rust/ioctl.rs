// SPDX-License-Identifier: GPL-2.0-only

//! The commands of uapi/linux/mymem.h: what comes from user space and goes there.

use kernel::{
    fs::{
        file::flags,
        File, //
    },
    page::PAGE_SIZE,
    prelude::*,
    sync::{
        atomic::{
            Acquire,
            Atomic,
            Full, //
        },
        barrier::smp_mb,
    },
    uaccess::UserSlice, //
};
use zerocopy_derive::Immutable;

use crate::{
    constants::*,
    device::Device,
    lock::{
        Wait,
        EXCLUSIVE,
        SHARED, //
    },
};

/// `struct mymem_info`
#[derive(FromBytes, Immutable, IntoBytes)]
#[repr(C)]
struct Info {
    size: u32,
    abi: u32,
    bytes: u64,
    features: u64,
}

/// `struct mymem_atomic`
#[derive(FromBytes)]
#[repr(C)]
struct Operation {
    size: u32,
    op: u32,
    flags: u32,
    reserved: u32,
    offset: u64,
    operand: u64,
    expected: u64,
    old: u64,
}

// What C says of the structures.
const INFO_SIZE: usize = MYMEM_INFO_SIZE as usize;
const OPERATION_SIZE: usize = MYMEM_ATOMIC_SIZE as usize;
const OLD_OFFSET: usize = MYMEM_ATOMIC_OLD as usize;
const WORD: usize = size_of::<u64>();

static_assert!(size_of::<Info>() == INFO_SIZE);
static_assert!(size_of::<Operation>() == OPERATION_SIZE);
static_assert!(core::mem::offset_of!(Operation, old) == OLD_OFFSET);

/// Copies the caller's structure in, of which this kernel knows `N` bytes. It begins with its
/// size in the caller's eyes; what the caller's has behind `N` bytes has to be zeros.
fn copy_in<const N: usize>(arg: UserPtr) -> Result<[u8; N]> {
    let size = UserSlice::new(arg, size_of::<u32>())
        .reader()
        .read::<u32>()? as usize;
    if size < N {
        return Err(EINVAL);
    }
    if size > PAGE_SIZE {
        return Err(E2BIG);
    }

    let mut known = [0; N];
    let mut reader = UserSlice::new(arg, size).reader();
    reader.read_slice(&mut known)?;
    while !reader.is_empty() {
        let mut unknown = [0; 64];
        let n = reader.len().min(unknown.len());
        reader.read_slice(&mut unknown[..n])?;
        if unknown.iter().any(|&byte| byte != 0) {
            return Err(E2BIG);
        }
    }
    Ok(known)
}

fn copy_out(arg: UserPtr, bytes: &[u8]) -> Result {
    UserSlice::new(arg, bytes.len()).writer().write_slice(bytes)
}

fn info(device: &Device, arg: UserPtr) -> Result {
    let bytes = copy_in::<INFO_SIZE>(arg)?;
    let mut info = Info::read_from_bytes(&bytes).map_err(|_| EINVAL)?;

    info.abi = MYMEM_ABI;
    info.bytes = device.size() as u64;
    info.features = u64::from(MYMEM_FEATURE_MAP | MYMEM_FEATURE_ATOMIC);
    // Else an `Atomic<u64>` is a spinlock's work, and no instruction's.
    if !cfg!(CONFIG_GENERIC_ATOMIC64) {
        info.features |= u64::from(MYMEM_FEATURE_ATOMIC_MAP);
    }
    copy_out(arg, info.as_bytes())
}

/// Does it to a word, and returns what that was before.
///
/// It is ordered as `__ATOMIC_SEQ_CST`. The kernel's atomic operations are, but for a
/// comparison that fails.
fn apply(word: &Atomic<u64>, a: &Operation) -> u64 {
    match a.op {
        MYMEM_OP_STORE | MYMEM_OP_EXCHANGE => word.xchg(a.operand, Full),
        MYMEM_OP_ADD => word.fetch_add(a.operand, Full),
        MYMEM_OP_AND => update(word, |old| old & a.operand),
        MYMEM_OP_OR => update(word, |old| old | a.operand),
        MYMEM_OP_XOR => update(word, |old| old ^ a.operand),
        _ => {
            smp_mb(Full);
            let old = match word.cmpxchg(a.expected, a.operand, Full) {
                Ok(old) | Err(old) => old,
            };
            smp_mb(Full);
            old
        }
    }
}

/// What the kernel's `Atomic` has no operation for.
fn update(word: &Atomic<u64>, new: impl Fn(u64) -> u64) -> u64 {
    let mut old = word.load(Acquire);

    // Only somebody with a mapping can come between, and then has done something.
    while let Err(other) = word.cmpxchg(old, new(old), Full) {
        old = other;
    }
    old
}

fn atomic(device: &Device, file: &File, arg: UserPtr) -> Result {
    let bytes = copy_in::<OPERATION_SIZE>(arg)?;
    let a = Operation::read_from_bytes(&bytes).map_err(|_| EINVAL)?;
    let load = a.op == MYMEM_OP_LOAD;
    let compares = a.op == MYMEM_OP_COMPARE_EXCHANGE;

    if a.flags != 0 || a.reserved != 0 || a.op > MYMEM_OP_COMPARE_EXCHANGE {
        return Err(EINVAL);
    }
    if (a.operand != 0 && load) || (a.expected != 0 && !compares) {
        return Err(EINVAL);
    }
    match file.flags() & flags::O_ACCMODE {
        flags::O_RDWR => {}
        flags::O_RDONLY if load => {}
        _ => return Err(EBADF),
    }

    // What has been done cannot be undone: see first that it can be told.
    let old = arg.wrapping_byte_add(OLD_OFFSET);
    copy_out(old, a.old.as_bytes())?;
    let pos = usize::try_from(a.offset).map_err(|_| EINVAL)?;
    let block = device.block();
    let was = if load {
        block.hold::<SHARED>(pos, WORD, Wait::Yes)?.load()?
    } else {
        apply(block.hold::<EXCLUSIVE>(pos, WORD, Wait::Yes)?.word()?, &a)
    };
    copy_out(old, was.as_bytes())
}

/// Does a command; see uapi/linux/mymem.h for its errors.
pub(crate) fn ioctl(device: &Device, file: &File, cmd: u32, arg: usize) -> Result<isize> {
    let arg = UserPtr::from_addr(arg);

    match cmd {
        MYMEM_IOC_INFO => info(device, arg)?,
        MYMEM_IOC_ATOMIC => atomic(device, file, arg)?,
        _ => return Err(ENOTTY),
    }
    Ok(0)
}
