// SPDX-License-Identifier: GPL-2.0-only
//! What std has no function for. All `unsafe` of the tools is in here.

use std::{
    fs::File,
    io,
    mem::MaybeUninit,
    os::unix::io::AsRawFd,
    ptr, slice,
    sync::atomic::{AtomicI32, Ordering},
};

use crate::constants::MYMEM_IOC_TYPE;

/// The signal that has come, or 0.
static SIGNAL: AtomicI32 = AtomicI32::new(0);

extern "C" fn interrupted(signal: libc::c_int) {
    SIGNAL.store(signal, Ordering::Relaxed);
}

/// Lets SIGINT and SIGTERM end the work in an orderly way: see [`signal()`].
pub fn catch_interrupts() {
    let handler = interrupted as extern "C" fn(libc::c_int);

    for number in [libc::SIGINT, libc::SIGTERM] {
        // SAFETY: All that the handler does is to store to an atomic.
        unsafe { libc::signal(number, handler as libc::sighandler_t) };
    }
}

/// The signal that has come, if one has.
pub fn signal() -> Option<i32> {
    match SIGNAL.load(Ordering::Relaxed) {
        0 => None,
        signal => Some(signal),
    }
}

/// Ends as the signal would have ended us, so that a shell or make stops too.
pub fn die_of(signal: i32) -> ! {
    // SAFETY: It takes the handler away, and nothing else.
    unsafe { libc::signal(signal, libc::SIG_DFL) };
    // SAFETY: It has no requirements.
    unsafe { libc::raise(signal) };
    // It may be blocked.
    std::process::exit(128 + signal)
}

fn usage(who: libc::c_int) -> libc::rusage {
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();

    // SAFETY: There is room for a `struct rusage`.
    unsafe { libc::getrusage(who, usage.as_mut_ptr()) };
    // SAFETY: It is made of numbers, and those that were not filled are zeros.
    unsafe { usage.assume_init() }
}

/// The time that this process has used, in user space and in the kernel, in seconds.
pub fn cpu_times() -> (f64, f64) {
    let usage = usage(libc::RUSAGE_SELF);
    let seconds = |t: libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 / 1e6;

    (seconds(usage.ru_utime), seconds(usage.ru_stime))
}

/// The page faults of this thread so far, those that wanted no disk.
pub fn page_faults() -> u64 {
    usage(libc::RUSAGE_THREAD).ru_minflt as u64
}

/// Memory behind which there are no pages yet. What an allocator gives has some, if somebody
/// had it before.
pub struct Untouched {
    address: *mut u8,
    len: usize,
}

impl Untouched {
    pub fn new(len: usize) -> io::Result<Self> {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;

        // SAFETY: It makes a new mapping, in a place that is free.
        let address = unsafe { libc::mmap(ptr::null_mut(), len, access, flags, -1, 0) };
        if address == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        // So that each page has a fault of its own. A kernel that knows no others says no.
        // SAFETY: It is this mapping, whose content it does not change.
        unsafe { libc::madvise(address, len, libc::MADV_NOHUGEPAGE) };
        Ok(Self {
            address: address.cast(),
            len,
        })
    }

    pub fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: So many are mapped there, for nobody else, until `self` is dropped.
        unsafe { slice::from_raw_parts_mut(self.address, self.len) }
    }
}

impl Drop for Untouched {
    fn drop(&mut self) {
        // SAFETY: It is the mapping that `new()` made, and nobody has a reference to it.
        unsafe { libc::munmap(self.address.cast(), self.len) };
    }
}

/// Lets this process have as many open files as it may.
pub fn raise_file_limit() {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };

    // SAFETY: It points to a `struct rlimit`.
    if unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) } == 0 {
        limit.rlim_cur = limit.rlim_max;
        // SAFETY: The same.
        unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) };
    }
}

/// `struct mymem_atomic`
#[repr(C)]
#[derive(Default)]
struct Atomic {
    size: u32,
    op: u32,
    flags: u32,
    reserved: u32,
    offset: u64,
    operand: u64,
    expected: u64,
    old: u64,
}

/// Does `op` to the first word of the device, and returns what that was before.
pub fn atomic(file: &File, op: u64, operand: u64, expected: u64) -> io::Result<u64> {
    // _IO(MYMEM_IOC_TYPE, 1)
    let command = MYMEM_IOC_TYPE << 8 | 1;
    let mut atomic = Atomic {
        size: std::mem::size_of::<Atomic>() as u32,
        op: op as u32,
        operand,
        expected,
        ..Atomic::default()
    };

    // SAFETY: The command takes a `struct mymem_atomic`, of the size that is in it; what
    // other devices make of the same number, those who name them have to answer for.
    match unsafe { libc::ioctl(file.as_raw_fd(), command as libc::c_ulong, &mut atomic) } {
        0 => Ok(atomic.old),
        _ => Err(io::Error::last_os_error()),
    }
}

/// What strerror(3) says: without the number that Rust puts behind it.
pub fn error_text(error: &io::Error) -> String {
    let text = error.to_string();

    match text.rfind(" (os error") {
        Some(end) => text[..end].to_string(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_as_in_c() {
        let text = |number| error_text(&io::Error::from_raw_os_error(number));
        assert_eq!(text(libc::ENOSPC), "No space left on device");
        assert_eq!(error_text(&io::Error::new(io::ErrorKind::Other, "x")), "x");
    }

    /// However often: what has been given back does not come again.
    #[test]
    fn each_page_has_its_fault() {
        const PAGE: usize = 4096;

        for _ in 0..5 {
            let mut memory = Untouched::new(64 * PAGE).unwrap();
            let before = page_faults();
            memory.bytes().iter_mut().step_by(PAGE).for_each(|b| *b = 1);
            assert!(page_faults() - before >= 64);
        }
    }

    #[test]
    fn no_operations_on_a_file() {
        let file = File::open("/dev/null").unwrap();
        let error = atomic(&file, 0, 0, 0).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::ENOTTY));
    }

    #[test]
    fn layout_is_that_of_c() {
        assert_eq!(std::mem::size_of::<Atomic>(), 48);
    }
}
