// error: none
// SPDX-License-Identifier: GPL-2.0-only
//! The same with a mutex, which compiles.

use std::sync::Mutex;

fn main() {
    let counter = Mutex::new(0_u64);

    std::thread::scope(|scope| {
        scope.spawn(|| *counter.lock().unwrap() += 1);
        scope.spawn(|| *counter.lock().unwrap() += 1);
    });
    println!("{}", counter.into_inner().unwrap());
}
