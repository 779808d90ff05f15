// SPDX-License-Identifier: GPL-2.0-only
//! How the workers increment the counter.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::FileExt,
    sync::{Arc, Mutex},
};

use mymem_tools::{constants::*, device, system};

use crate::Options;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    None,
    Shared,
    Mutex,
    Atomic,
    Cas,
}

/// How the workers increment the counter.
#[derive(Debug)]
pub struct Mode {
    pub way: Way,
    pub name: &'static str,
    pub what: &'static str,
    pub right: bool,
}

pub const MODES: &[Mode] = &[
    Mode {
        way: Way::None,
        name: "none",
        what: "each worker its own descriptor, no lock",
        right: false,
    },
    Mode {
        way: Way::Shared,
        name: "shared",
        what: "one descriptor for all workers, no lock: Arc<File>",
        right: false,
    },
    Mode {
        way: Way::Mutex,
        name: "mutex",
        what: "a mutex around each increment: Arc<Mutex<File>>",
        right: true,
    },
    Mode {
        way: Way::Atomic,
        name: "atomic",
        what: "the device's atomic add, by ioctl",
        right: true,
    },
    Mode {
        way: Way::Cas,
        name: "cas",
        what: "the device's compare-exchange, until it succeeds",
        right: true,
    },
];

/// What failed, and how.
pub type Failure = (&'static str, io::Error);

pub fn counter_read(mut file: &File, positioned: bool) -> io::Result<Option<u64>> {
    let mut counter = [0; 8];
    let n = if positioned {
        file.read_at(&mut counter, 0)?
    } else {
        file.seek(SeekFrom::Start(0))?;
        file.read(&mut counter)?
    };

    Ok((n == counter.len()).then(|| u64::from_ne_bytes(counter)))
}

fn counter_write(mut file: &File, positioned: bool, counter: u64) -> io::Result<Option<()>> {
    let counter = counter.to_ne_bytes();
    let n = if positioned {
        file.write_at(&counter, 0)?
    } else {
        file.seek(SeekFrom::Start(0))?;
        file.write(&counter)?
    };

    Ok((n == counter.len()).then_some(()))
}

/// With one descriptor for all, others move the position between a seek and its read or
/// write, as far as the end: one more way to lose.
fn forgive<T>(result: io::Result<Option<T>>, shared: bool) -> io::Result<Option<T>> {
    match result {
        Ok(None) if !shared => Err(io::Error::from_raw_os_error(libc::EIO)),
        Err(error) if shared && error.raw_os_error() == Some(libc::ENOSPC) => Ok(None),
        result => result,
    }
}

fn increment_by_calls(file: &File, positioned: bool, shared: bool) -> Result<(), Failure> {
    let counter = forgive(counter_read(file, positioned), shared);

    if let Some(counter) = counter.map_err(|error| ("reading", error))? {
        let written = counter_write(file, positioned, counter.wrapping_add(1));
        forgive(written, shared).map_err(|error| ("writing", error))?;
    }
    Ok(())
}

fn increment_cas(file: &File) -> io::Result<()> {
    let mut old = system::atomic(file, MYMEM_OP_LOAD, 0, 0)?;

    // Who fails here has lost to one who did not: this ends.
    loop {
        let new = old.wrapping_add(1);
        let was = system::atomic(file, MYMEM_OP_COMPARE_EXCHANGE, new, old)?;
        if was == old {
            return Ok(());
        }
        old = was;
    }
}

pub type Increment = Box<dyn FnMut() -> Result<(), Failure> + Send>;

/// What each worker does, again and again. The first one's file is given; the others open
/// their own, or share it.
pub fn increments(options: &Options, way: Way, first: File) -> Result<Vec<Increment>, String> {
    let positioned = options.positioned;
    let n = options.workers as usize;
    let mut own = vec![first];

    if !matches!(way, Way::Shared | Way::Mutex) {
        for _ in 1..n {
            own.push(device::open(&options.device)?);
        }
    }
    let failed = |error| ("an atomic operation on", error);
    Ok(match way {
        Way::None => own
            .into_iter()
            .map(|file| -> Increment {
                Box::new(move || increment_by_calls(&file, positioned, false))
            })
            .collect(),
        Way::Shared => {
            let file = Arc::new(own.remove(0));
            let increment = |file: Arc<File>| -> Increment {
                Box::new(move || increment_by_calls(&file, positioned, true))
            };
            (0..n).map(|_| increment(Arc::clone(&file))).collect()
        }
        Way::Mutex => {
            let file = Arc::new(Mutex::new(own.remove(0)));
            let increment = |file: Arc<Mutex<File>>| -> Increment {
                Box::new(move || {
                    let file = file.lock().expect("no worker panics");
                    increment_by_calls(&file, positioned, false)
                })
            };
            (0..n).map(|_| increment(Arc::clone(&file))).collect()
        }
        Way::Atomic => own
            .into_iter()
            .map(|file| -> Increment {
                Box::new(move || {
                    let add = system::atomic(&file, MYMEM_OP_ADD, 1, 0);
                    add.map(|_| ()).map_err(failed)
                })
            })
            .collect(),
        Way::Cas => own
            .into_iter()
            .map(|file| -> Increment { Box::new(move || increment_cas(&file).map_err(failed)) })
            .collect(),
    })
}

/// Modes by their names, with commas between, or all.
pub fn parse(text: &str) -> Option<Vec<&'static Mode>> {
    if text == "all" {
        return Some(MODES.iter().collect());
    }
    text.split(',')
        .map(|name| MODES.iter().find(|mode| mode.name == name))
        .collect()
}
