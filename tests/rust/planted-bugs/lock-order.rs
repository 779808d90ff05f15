// SPDX-License-Identifier: GPL-2.0-only
//! Two locks that reading and writing take in opposite orders.

use std::sync::Mutex;

static POSITION: Mutex<u32> = Mutex::new(0);
static DATA: Mutex<u32> = Mutex::new(0);

fn do_read() {
    let position = POSITION.lock().unwrap();
    let data = DATA.lock().unwrap();

    println!("{position} {data}");
}

fn do_write() {
    let mut data = DATA.lock().unwrap();
    let mut position = POSITION.lock().unwrap();

    *data += 1;
    *position += 1;
}

// One after the other, so that they do not lock each other out just now.
fn main() {
    std::thread::spawn(do_read).join().unwrap();
    std::thread::spawn(do_write).join().unwrap();
}
