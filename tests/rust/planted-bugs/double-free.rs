// SPDX-License-Identifier: GPL-2.0-only
//! An error path that frees what its caller frees as well.

fn device_register(block: Vec<u8>, fails: bool) -> Result<(), ()> {
    if fails {
        drop(block);
        return Err(());
    }
    Ok(())
}

fn main() {
    let block = vec![0; 4096];

    if device_register(block, std::env::args().count() > 0).is_err() {
        println!("not registered");
    }
    drop(block);
}
