// error: E0277
// SPDX-License-Identifier: GPL-2.0-only
//! A counter that can be changed through a shared reference, but not from two threads.

use std::cell::Cell;

fn main() {
    let counter = Cell::new(0_u64);

    std::thread::scope(|scope| {
        scope.spawn(|| counter.set(counter.get() + 1));
    });
}
