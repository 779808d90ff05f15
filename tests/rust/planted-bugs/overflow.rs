// SPDX-License-Identifier: GPL-2.0-only
//! A length that is checked without the offset: a write beyond the block.

const SIZE: usize = 4096;

fn block_write(block: &mut [u8], pos: usize, from: &[u8]) -> Result<(), ()> {
    if from.len() > SIZE {
        return Err(());
    }
    block[pos..pos + from.len()].copy_from_slice(from);
    Ok(())
}

fn main() {
    let mut block = vec![0; SIZE];
    let pos = SIZE - 4 + std::env::args().count();

    println!("{:?}", block_write(&mut block, pos, b"12345678"));
}
