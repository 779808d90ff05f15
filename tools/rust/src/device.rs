// SPDX-License-Identifier: GPL-2.0-only
//! The device, or the file that stands in for it.

use std::{
    fs::{File, OpenOptions},
    io::{self, Seek, SeekFrom},
    path::Path,
};

use crate::constants::{MYMEM_DEFAULT_SIZE, MYMEM_NAME};

/// The device's path.
pub fn default_path() -> String {
    format!("/dev/{MYMEM_NAME}")
}

/// Opens it to read and write; the error is a line without the path.
pub fn open(path: &Path) -> Result<File, String> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .map_err(|error| advice(path, &error))
}

/// Why it could not be opened, and what to do about it.
fn advice(path: &Path, error: &io::Error) -> String {
    let number = error.raw_os_error().unwrap_or(0);

    match number {
        libc::EACCES | libc::EPERM => {
            "permission denied: the device is for members of its group, a file for its owner; \
             'mymemctl doctor' says more"
                .to_string()
        }
        libc::ENOENT | libc::ENXIO | libc::ENODEV if path == Path::new(&default_path()) => format!(
            "the module is not loaded; run 'sudo modprobe {MYMEM_NAME}', \
             or 'sudo insmod src/{MYMEM_NAME}.ko' in a source tree; 'mymemctl doctor' says more"
        ),
        libc::ENOENT => {
            format!("no such file; make one with 'truncate -s {MYMEM_DEFAULT_SIZE} FILE'")
        }
        libc::EMFILE | libc::ENFILE => format!(
            "{}; have fewer do it, or raise 'ulimit -Hn'",
            crate::system::error_text(error)
        ),
        _ => format!(
            "{}; name the device or a plain file with -d",
            crate::system::error_text(error)
        ),
    }
}

/// How many bytes it can hold: the size of a device that has one, and no limit for all else.
pub fn capacity(mut file: &File) -> u64 {
    let end = file.seek(SeekFrom::End(0)).unwrap_or(0);
    let regular = file.metadata().map_or(true, |metadata| metadata.is_file());

    if end == 0 || regular {
        u64::MAX
    } else {
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_do() {
        let advice = |path, number| advice(Path::new(path), &io::Error::from_raw_os_error(number));
        assert!(advice("/dev/mymem", libc::ENOENT).contains("modprobe mymem"));
        assert!(advice("x", libc::ENOENT).contains("truncate -s 524288 FILE"));
        assert!(advice("x", libc::EACCES).contains("permission denied"));
        assert!(advice("x", libc::EMFILE).contains("raise 'ulimit -Hn'"));
        assert!(advice("x", libc::EISDIR).starts_with("Is a directory; name"));
    }
}
