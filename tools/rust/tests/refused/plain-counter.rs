// error: E0499
// SPDX-License-Identifier: GPL-2.0-only
//! Two threads add to one counter: the lab's race, for memory.

fn main() {
    let mut counter = 0_u64;

    std::thread::scope(|scope| {
        scope.spawn(|| counter += 1);
        scope.spawn(|| counter += 1);
    });
    println!("{counter}");
}
