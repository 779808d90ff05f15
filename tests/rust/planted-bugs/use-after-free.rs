// SPDX-License-Identifier: GPL-2.0-only
//! The block is freed, and then read by one who still has its address.

struct Device {
    block: Vec<u8>,
}

fn device_free(device: Device) {
    drop(device.block);
}

fn main() {
    let device = Device {
        block: vec![0; 4096],
    };
    let last = &device.block[4095];

    device_free(device);
    println!("{last}");
}
