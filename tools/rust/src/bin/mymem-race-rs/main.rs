// SPDX-License-Identifier: GPL-2.0-only
//! mymem-race in Rust: let threads increment one counter in the device, and count what is
//! lost.
//!
//! What Rust refuses to compile is a race for memory: see tests/refused. A file is not
//! memory, and two threads that read, add and write it lose increments in Rust as well.

mod modes;
mod report;
mod run;

use std::{ffi::OsString, path::PathBuf, process};

use mymem_tools::{
    args::{self, Opt, Wants},
    constants::MYMEM_VERSION,
    device, exit, number,
    output::Tool,
    system,
};

use modes::{Mode, MODES};

const TOOL: Tool = Tool("mymem-race-rs");

const WORKERS_MAX: u64 = 4096;
const COUNTER_MAX: u64 = i64::MAX as u64;

/// What is the same in all modes.
pub struct Options {
    pub device: PathBuf,
    pub workers: u64,
    pub increments: u64,
    pub initial: u64,
    pub positioned: bool,
    /// A summary is printed if there are several.
    pub modes: Vec<&'static Mode>,
    pub json: bool,
    /// Or stdout, and then no text.
    pub json_file: Option<PathBuf>,
}

/// One after the other, until one fails or a signal comes.
fn run(options: &Options) -> i32 {
    let mut outcomes = Vec::new();
    let mut first_error = String::new();
    let mut ret = exit::OK;
    let mut complain = |error: &str| {
        TOOL.warn(error);
        if first_error.is_empty() {
            first_error = error.to_string();
        }
    };

    for mode in &options.modes {
        let (outcome, code) = run::race(options, mode);
        let possible = outcome.lacks.is_none();
        if possible && !outcome.error.is_empty() {
            complain(&outcome.error);
        }
        outcomes.push(outcome);
        if possible && code != exit::OK {
            ret = code;
        }
        if ret == exit::FAILED || system::signal().is_some() {
            break;
        }
    }
    // What is not possible here fails only if nothing else is possible.
    let ran = outcomes.iter().any(|outcome| outcome.ran.is_some());
    if !ran && ret == exit::OK {
        complain(&outcomes[0].error);
        ret = exit::FAILED;
    }

    let mut printed = true;
    if ran && (!options.json || options.json_file.is_some()) {
        printed = match (&options.modes[..], &outcomes[0].ran) {
            ([_], Some(numbers)) => TOOL.print(&report::text(numbers)),
            _ => TOOL.print(&report::summary(options, &outcomes)),
        };
    }
    if options.json {
        let document = report::json(options, &outcomes, &first_error);
        printed &= TOOL.print_json(&document, options.json_file.as_deref());
    }
    if !printed && ret == exit::OK {
        ret = exit::FAILED;
    }
    ret
}

fn help() -> String {
    let path = device::default_path();
    let mut text = format!(
        "
Usage:
 mymem-race-rs [options]

Let threads increment the counter in the first 8 bytes of {path},
and count what is lost. This is mymem-race in Rust, with some of its modes.

Options:
 -d, --device PATH   the device, or a plain file (default {path})
 -m, --mode LIST     how the workers increment it: one of the modes below,
                       several with commas between, or all (default none)
 -w, --workers W     how many workers (default 30)
 -n, --increments N  increments by each of them (default 100000)
 -i, --initial I     the counter's initial value (default 69)
     --pread         pread and pwrite, not seek, read, seek and write
     --json[=FILE]   print JSON, or write it to FILE and print the text

 -h, --help          print this and exit
 -V, --version       print the version and exit

Modes:
"
    );

    for mode in MODES {
        let verdict = if mode.right { "right" } else { "wrong" };
        text += &format!(" {:<12}  {verdict:<6}  {}\n", mode.name, mode.what);
    }
    text + " all                   all of these, and a summary\n"
}

const OPTIONS: &[Opt] = &[
    Opt::new(Some('d'), "device", Wants::Argument),
    Opt::new(Some('m'), "mode", Wants::Argument),
    Opt::new(Some('w'), "workers", Wants::Argument),
    Opt::new(Some('n'), "increments", Wants::Argument),
    Opt::new(Some('i'), "initial", Wants::Argument),
    Opt::new(None, "pread", Wants::Nothing),
    Opt::new(None, "json", Wants::MaybeArgument),
    Opt::new(Some('h'), "help", Wants::Nothing),
    Opt::new(Some('V'), "version", Wants::Nothing),
];

/// The options, or the code to exit with.
fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Options, i32> {
    let usage = |text: String| TOOL.usage_error(&text);
    let mut options = Options {
        device: device::default_path().into(),
        workers: 30,
        increments: 100_000,
        initial: 69,
        positioned: false,
        modes: vec![&MODES[0]],
        json: false,
        json_file: None,
    };
    let (given, others) = args::parse(OPTIONS, arguments).map_err(usage)?;
    let number = |name: &str, text: &str, min, max| {
        number::number(text, min, max).ok_or_else(|| {
            usage(format!(
                "--{name} {text}: give a number from {min} to {max}"
            ))
        })
    };

    for (name, value) in given {
        let text = value.clone().unwrap_or_default();
        let text = &text.to_string_lossy()[..];
        match name {
            "device" => options.device = value.unwrap_or_default().into(),
            "mode" => {
                options.modes = modes::parse(text).ok_or_else(|| {
                    usage(format!("--mode {text}: no such mode; --help lists them"))
                })?;
            }
            "workers" => options.workers = number(name, text, 1, WORKERS_MAX)?,
            "increments" => options.increments = number(name, text, 1, COUNTER_MAX)?,
            "initial" => options.initial = number(name, text, 0, COUNTER_MAX)?,
            "pread" => options.positioned = true,
            "json" => {
                options.json = true;
                options.json_file = value.filter(|value| value != "-").map(PathBuf::from);
            }
            "help" => return Err(TOOL.print_and_end(&help())),
            _ => return Err(TOOL.print_and_end(&format!("mymem-race-rs {MYMEM_VERSION}\n"))),
        }
    }
    if let Some(other) = others.first() {
        return Err(usage(format!(
            "{}: no argument was expected; name a file with -d",
            other.to_string_lossy()
        )));
    }
    options
        .workers
        .checked_mul(options.increments)
        .and_then(|sum| sum.checked_add(options.initial))
        .filter(|&sum| sum <= COUNTER_MAX)
        .ok_or_else(|| {
            usage(format!(
                "initial value + workers * increments is more than {COUNTER_MAX}: \
                 give smaller numbers"
            ))
        })?;
    Ok(options)
}

fn main() {
    let code = match parse(std::env::args_os().skip(1)) {
        Ok(options) => {
            system::catch_interrupts();
            system::raise_file_limit();
            run(&options)
        }
        Err(code) => code,
    };

    match system::signal() {
        Some(signal) => system::die_of(signal),
        None => process::exit(code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use modes::Way;
    use run::{race, Numbers};

    fn parse_words(words: &str) -> Result<Options, i32> {
        parse(words.split_whitespace().map(OsString::from))
    }

    #[test]
    fn options_and_their_limits() {
        let options = parse_words("-w 4 -n9 -i 0 -m cas,none --pread --json=x").unwrap();
        assert_eq!(
            (options.workers, options.increments, options.initial),
            (4, 9, 0)
        );
        assert_eq!(options.modes.len(), 2);
        assert_eq!(options.modes[0].way, Way::Cas);
        assert!(options.positioned && options.json);
        assert_eq!(options.json_file, Some("x".into()));
        assert_eq!(parse_words("-m all").unwrap().modes.len(), MODES.len());

        for words in [
            "-w 0",
            "-w 4097",
            "-n 0",
            "-m x",
            "-m none,",
            "x",
            "-n 9223372036854775807",
        ] {
            assert_eq!(parse_words(words).err(), Some(exit::USAGE), "{words}");
        }
    }

    #[test]
    fn lost() {
        let numbers = |target, actual| Numbers {
            increments: 10,
            target,
            actual,
            ..Numbers::default()
        };
        assert_eq!(numbers(79, 74).lost(), 5);
        assert_eq!(numbers(79, 74).lost_percent(), 50.0);
        assert_eq!(numbers(4, u64::MAX).lost(), 5);
        assert_eq!(numbers(79, 80).lost(), -1);
        assert_eq!(Numbers::default().lost_percent(), 0.0);
        assert_eq!(Numbers::default().speed(), 0.0);
    }

    /// On a file of its own. The modes that are right lose nothing.
    #[test]
    fn mutex_loses_nothing() {
        let path = std::env::temp_dir().join(format!("mymem-race-rs.{}", process::id()));
        std::fs::write(&path, [0; 64]).unwrap();
        let mut options = parse_words("-w 4 -n 500 -m mutex").unwrap();
        options.device = path.clone();

        for positioned in [false, true] {
            options.positioned = positioned;
            let (outcome, code) = race(&options, options.modes[0]);
            let numbers = outcome.ran.unwrap();
            assert_eq!((code, outcome.error.as_str()), (exit::OK, ""));
            assert_eq!((numbers.target, numbers.actual), (2069, 2069));
        }

        options.modes = modes::parse("atomic").unwrap();
        let (outcome, code) = race(&options, options.modes[0]);
        assert_eq!(code, exit::FAILED);
        assert!(outcome.ran.is_none() && outcome.lacks.is_some());
        std::fs::remove_file(path).unwrap();
    }
}
