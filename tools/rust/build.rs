// SPDX-License-Identifier: GPL-2.0-only
//! Takes what stands in the C headers from there: numbers, names, the version.

use std::{env, fs, path::Path};

const HEADERS: [&str; 2] = ["../../src/version.h", "../../src/uapi/linux/mymem.h"];

/// `#define NAME value` and `NAME = value,` as Rust's constants; what is no plain number or
/// text is left out.
fn constant(line: &str) -> Option<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (name, value) = match words[..] {
        ["#define", name, value] => (name, value),
        [name, "=", value] => (name, value.trim_end_matches(',')),
        _ => return None,
    };

    if !name.starts_with("MYMEM_") {
        None
    } else if value.starts_with('"') {
        Some(format!("pub const {name}: &str = {value};\n"))
    } else if value.starts_with(|first: char| first.is_ascii_digit()) {
        Some(format!("pub const {name}: u64 = {value};\n"))
    } else {
        None
    }
}

fn main() {
    let mut constants = String::new();

    for header in HEADERS {
        let text = fs::read_to_string(header).unwrap_or_else(|error| panic!("{header}: {error}"));
        constants.extend(text.lines().filter_map(constant));
        println!("cargo:rerun-if-changed={header}");
    }
    let folder = env::var_os("OUT_DIR").expect("cargo says where to");
    fs::write(Path::new(&folder).join("constants.rs"), constants).expect("it can be written to");
}
