// SPDX-License-Identifier: GPL-2.0-only
//! A data race: two threads increment one counter.

fn main() {
    let mut counter = 0_u64;

    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| (0..1000).for_each(|_| counter += 1));
        }
    });
    println!("{counter}");
}
