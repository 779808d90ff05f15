// SPDX-License-Identifier: GPL-2.0-only
//! An error path that keeps a lock.

use std::sync::Mutex;

static LOCK: Mutex<()> = Mutex::new(());

fn write_block(len: usize) -> Result<usize, ()> {
    let _guard = LOCK.lock().unwrap();

    if len > 4096 {
        return Err(());
    }
    Ok(len)
}

fn main() {
    let ret = write_block(4096 + std::env::args().count());

    if ret.is_err() && LOCK.try_lock().is_ok() {
        println!("harmless");
    }
}
