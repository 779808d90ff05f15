// SPDX-License-Identifier: GPL-2.0-only
//! A call that can fail, and whose result nobody looks at.

fn copy(to: &mut u8, from: Option<u8>) -> Result<(), ()> {
    *to = from.ok_or(())?;
    Ok(())
}

fn main() {
    let mut byte = 0;

    copy(&mut byte, std::env::args().nth(1).map(|text| text.as_bytes()[0]));
    println!("{byte}");
}
