// SPDX-License-Identifier: GPL-2.0-only
//! What Rust refuses to compile: the data race of the lab.
//!
//! Each file in tests/refused says in its first line which error the compiler has to give:
//! that one, and no other. "none" is for the programs that are as they should be: they have
//! to compile, and so prove that it is the race that is refused.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

fn programs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/refused");
    let mut programs: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();

    programs.sort();
    programs
}

/// The codes of the errors in a program.
fn errors(program: &Path) -> BTreeSet<String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .args(["--edition=2021", "--emit=metadata", "-Dwarnings", "-o"])
        .arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("refused.rmeta"))
        .arg(program)
        .output()
        .expect("there is a compiler");
    let text = String::from_utf8(output.stderr).unwrap();
    let codes: BTreeSet<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("error[")?.split(']').next())
        .map(String::from)
        .collect();

    assert_eq!(output.status.success(), codes.is_empty(), "{text}");
    codes
}

#[test]
fn each_for_its_reason() {
    let programs = programs();

    assert!(programs.len() >= 5);
    for program in programs {
        let text = fs::read_to_string(&program).unwrap();
        let expected: BTreeSet<String> = match text.lines().next().unwrap() {
            "// error: none" => BTreeSet::new(),
            line => [line.strip_prefix("// error: ").unwrap().to_string()].into(),
        };
        assert_eq!(errors(&program), expected, "{}", program.display());
    }
}
