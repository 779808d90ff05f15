// SPDX-License-Identifier: GPL-2.0-only
//! An error path that does not free what it got.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering},
};

/// Counts what is allocated and not freed.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);

// SAFETY: It is the system's.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size(), Ordering::Relaxed);
        System.alloc(layout)
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        System.dealloc(memory, layout)
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn load(fails: bool) -> Result<usize, ()> {
    let block = vec![0_u8; 4096];

    if fails {
        return Err(());
    }
    Ok(block.len())
}

fn main() {
    let fails = std::env::args().count() > 0;
    let before = HELD.load(Ordering::Relaxed);
    let result = load(fails);

    if result.is_err() && HELD.load(Ordering::Relaxed) == before {
        println!("harmless");
    }
}
