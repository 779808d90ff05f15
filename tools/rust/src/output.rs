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

/// A line on stderr; if it cannot be written there is nowhere else to say so.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Puts a file there, whole or not at all. What is no plain file is written to as it stands.
fn save(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if matches!(fs::metadata(path), Ok(metadata) if !metadata.is_file()) {
        return fs::write(path, bytes);
    }

    // The one that a link leads to
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}", std::process::id()));
    let new = path.with_file_name(name);
    let result = fs::File::create(&new)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&new, &path));
    if result.is_err() {
        let _ = fs::remove_file(&new);
    }
    result
}

/// A tool, as it calls itself.
#[derive(Clone, Copy)]
pub struct Tool(pub &'static str);

impl Tool {
    /// A line on stderr.
    pub fn warn(self, text: &str) {
        say(&format!("{}: {text}", self.0));
    }

    /// Says what is wrong with the command line, and returns the code to exit with.
    pub fn usage_error(self, text: &str) -> i32 {
        self.warn(text);
        say(&format!("Try '{} --help' for more information.", self.0));
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
        let result = save(path, text.as_bytes());

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
