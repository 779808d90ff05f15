// error: E0133
// SPDX-License-Identifier: GPL-2.0-only
//! A global counter as in C, which takes an `unsafe` to touch.

static mut COUNTER: u64 = 0;

fn main() {
    std::thread::spawn(|| COUNTER += 1).join().unwrap();
}
