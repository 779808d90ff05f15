// error: E0505
// SPDX-License-Identifier: GPL-2.0-only
//! What a mutex protects, kept beyond the lock.

use std::sync::Mutex;

fn main() {
    let counter = Mutex::new(0_u64);
    let mut guard = counter.lock().unwrap();
    let inside = &mut *guard;

    drop(guard);
    *inside += 1;
}
