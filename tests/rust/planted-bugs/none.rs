// SPDX-License-Identifier: GPL-2.0-only
//! No error: what is said of this one would be said of all.

use std::sync::Mutex;

fn main() {
    let counter = Mutex::new(0_u64);

    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| *counter.lock().unwrap() += 1);
        }
    });
    println!("{}", counter.into_inner().unwrap());
}
