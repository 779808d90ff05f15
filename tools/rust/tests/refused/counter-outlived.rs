// error: E0373
// SPDX-License-Identifier: GPL-2.0-only
//! A thread that may outlive the counter that it adds to.

fn main() {
    let mut counter = 0_u64;

    let worker = std::thread::spawn(|| counter += 1);
    worker.join().unwrap();
}
