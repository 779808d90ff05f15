// error: E0596
// SPDX-License-Identifier: GPL-2.0-only
//! A file that all threads have by `Arc<File>`, used as one's own.

use std::{fs::File, io::Read, sync::Arc};

fn main() {
    let file = Arc::new(File::open("/dev/mymem").unwrap());

    std::thread::spawn(move || {
        let mut counter = [0; 8];
        file.read(&mut counter).unwrap()
    });
}
