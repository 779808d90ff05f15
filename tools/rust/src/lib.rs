// SPDX-License-Identifier: GPL-2.0-only
//! What mymem-bench-rs and mymem-race-rs share, as the tools in C do.

pub mod args;
pub mod device;
pub mod json;
pub mod number;
pub mod output;
pub mod stats;
pub mod system;

/// What the C headers say.
pub mod constants {
    include!(concat!(env!("OUT_DIR"), "/constants.rs"));
}

/// What the tools' exit codes mean.
pub mod exit {
    pub const OK: i32 = 0;
    /// Something went wrong; a line on stderr says what.
    pub const FAILED: i32 = 1;
    /// The command line is wrong; nothing was done.
    pub const USAGE: i32 = 2;
    /// What was read is not what was written.
    pub const WRONG_DATA: i32 = 4;
}
