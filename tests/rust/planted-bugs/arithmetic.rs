// SPDX-License-Identifier: GPL-2.0-only
//! A sum that wraps round, and so passes the check of the end.

const SIZE: u64 = 4096;

fn fits(pos: u64, len: u64) -> bool {
    pos + len <= SIZE
}

fn main() {
    let pos = u64::MAX - 3 + std::env::args().count() as u64;

    println!("{}", fits(pos, 8));
}
