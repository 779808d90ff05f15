// error: none
// SPDX-License-Identifier: GPL-2.0-only
//! And what Rust does not refuse: a race for what is in a file, which is not memory to it.

use std::{fs::File, os::unix::fs::FileExt, sync::Arc};

fn main() {
    let file = Arc::new(File::open("/dev/mymem").unwrap());

    for _ in 0..2 {
        let file = Arc::clone(&file);
        std::thread::spawn(move || {
            let mut counter = [0; 8];
            file.read_at(&mut counter, 0).unwrap();
            let counter = u64::from_ne_bytes(counter) + 1;
            file.write_at(&counter.to_ne_bytes(), 0).unwrap();
        });
    }
}
