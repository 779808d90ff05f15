// SPDX-License-Identifier: GPL-2.0-only
//! What the tools print in the same way.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use crate::{
    constants::MYMEM_VERSION,
    exit,
    json::Value,
    system::error_text, //
};

/// A tool, as it calls itself.
#[derive(Clone, Copy)]
pub struct Tool(pub &'static str);

impl Tool {
    /// A line on stderr.
    pub fn warn(self, text: &str) {
        eprintln!("{}: {text}", self.0);
    }

    /// Says what is wrong with the command line, and returns the code to exit with.
    pub fn usage_error(self, text: &str) -> i32 {
        self.warn(text);
        eprintln!("Try '{} --help' for more information.", self.0);
        exit::USAGE
    }

    /// Prints text to stdout; a full disk is an error.
    pub fn print(self, text: &str) -> bool {
        let mut out = io::stdout().lock();
        let result = out.write_all(text.as_bytes()).and_then(|()| out.flush());

        if let Err(error) = &result {
            self.warn(&format!("cannot write the results: {}", error_text(error)));
        }
        result.is_ok()
    }

    /// Prints text, and returns the code to exit with.
    pub fn print_and_end(self, text: &str) -> i32 {
        if self.print(text) {
            exit::OK
        } else {
            exit::FAILED
        }
    }

    /// Prints a document, to a file or to stdout.
    pub fn print_json(self, document: &Value, path: Option<&Path>) -> bool {
        let text = document.document();
        let path = match path {
            Some(path) => path,
            None => return self.print(&text),
        };
        let result = fs::write(path, text);

        if let Err(error) = &result {
            self.warn(&format!(
                "cannot write the results to {}: {}",
                path.display(),
                error_text(error)
            ));
        }
        result.is_ok()
    }
}

/// The beginning of a document.
pub fn json_new(schema: &str) -> Vec<(&'static str, Value)> {
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();

    vec![
        ("schema", schema.into()),
        ("version", MYMEM_VERSION.into()),
        ("kernel", kernel.trim_end().into()),
    ]
}

/// Its end.
pub fn json_end(members: &mut Vec<(&'static str, Value)>, error: &str) {
    members.push(("complete", error.is_empty().into()));
    if !error.is_empty() {
        members.push(("error", error.into()));
    }
}
