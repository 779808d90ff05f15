// SPDX-License-Identifier: GPL-2.0-only
//! Memory that nobody has written to is shown: it has what others left in it.

use std::mem::MaybeUninit;

fn main() {
    let block: Box<[MaybeUninit<u8>; 4096]> = Box::new([MaybeUninit::uninit(); 4096]);
    let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();

    println!("{sum}");
}
