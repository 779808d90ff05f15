// SPDX-License-Identifier: GPL-2.0-only
//! mymem-race in Rust: let threads increment one counter in the device, and count what is
//! lost.
//!
//! What Rust refuses to compile is a race for memory: see tests/refused. A file is not
//! memory, and two threads that read, add and write it lose increments in Rust as well.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    os::unix::fs::FileExt,
    process,
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc, Barrier, Mutex,
    },
    thread,
    time::Instant,
};

use mymem_tools::{
    args::{self, Opt, Wants},
    constants::*,
    device, exit,
    json::Value,
    number,
    output::{json_end, json_new, Tool},
    system::{self, error_text},
};

const TOOL: Tool = Tool("mymem-race-rs");

const WORKERS_MAX: u64 = 4096;
const COUNTER_MAX: u64 = i64::MAX as u64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    None,
    Shared,
    Mutex,
    Atomic,
    Cas,
}

/// How the workers increment the counter.
#[derive(Debug)]
struct Mode {
    way: Way,
    name: &'static str,
    what: &'static str,
    right: bool,
}

const MODES: &[Mode] = &[
    Mode {
        way: Way::None,
        name: "none",
        what: "each worker its own descriptor, no lock",
        right: false,
    },
    Mode {
        way: Way::Shared,
        name: "shared",
        what: "one descriptor for all workers, no lock: Arc<File>",
        right: false,
    },
    Mode {
        way: Way::Mutex,
        name: "mutex",
        what: "a mutex around each increment: Arc<Mutex<File>>",
        right: true,
    },
    Mode {
        way: Way::Atomic,
        name: "atomic",
        what: "the device's atomic add, by ioctl",
        right: true,
    },
    Mode {
        way: Way::Cas,
        name: "cas",
        what: "the device's compare-exchange, until it succeeds",
        right: true,
    },
];

struct Options {
    device: String,
    workers: u64,
    increments: u64,
    initial: u64,
    positioned: bool,
    /// A summary is printed if there are several.
    modes: Vec<&'static Mode>,
    json: bool,
    /// Or stdout, and then no text.
    json_file: Option<String>,
}

/// What came out in one mode.
struct Outcome {
    mode: &'static Mode,
    /// The numbers, if there was a race.
    ran: Option<Numbers>,
    /// Why this mode is not possible here.
    lacks: Option<&'static str>,
    /// Why it is not whole or not right; else empty.
    error: String,
}

#[derive(Default)]
struct Numbers {
    increments: u64,
    target: u64,
    actual: u64,
    wall_s: f64,
    user_s: f64,
    system_s: f64,
}

impl Numbers {
    /// Right also if the counter went through 0.
    fn lost(&self) -> i64 {
        self.target.wrapping_sub(self.actual) as i64
    }

    fn lost_percent(&self) -> f64 {
        match self.increments {
            0 => 0.0,
            n => 100.0 * self.lost() as f64 / n as f64,
        }
    }

    fn speed(&self) -> f64 {
        if self.wall_s > 0.0 {
            self.increments as f64 / self.wall_s
        } else {
            0.0
        }
    }
}

/// What failed, and how.
type Failure = (&'static str, io::Error);

fn counter_read(mut file: &File, positioned: bool) -> io::Result<Option<u64>> {
    let mut counter = [0; 8];
    let n = if positioned {
        file.read_at(&mut counter, 0)?
    } else {
        file.seek(SeekFrom::Start(0))?;
        file.read(&mut counter)?
    };

    Ok((n == counter.len()).then(|| u64::from_ne_bytes(counter)))
}

fn counter_write(mut file: &File, positioned: bool, counter: u64) -> io::Result<Option<()>> {
    let counter = counter.to_ne_bytes();
    let n = if positioned {
        file.write_at(&counter, 0)?
    } else {
        file.seek(SeekFrom::Start(0))?;
        file.write(&counter)?
    };

    Ok((n == counter.len()).then_some(()))
}

/// With one descriptor for all, others move the position between a seek and its read or
/// write, as far as the end: one more way to lose.
fn forgive<T>(result: io::Result<Option<T>>, shared: bool) -> io::Result<Option<T>> {
    match result {
        Ok(None) if !shared => Err(io::Error::from_raw_os_error(libc::EIO)),
        Err(error) if shared && error.raw_os_error() == Some(libc::ENOSPC) => Ok(None),
        result => result,
    }
}

fn increment_by_calls(file: &File, positioned: bool, shared: bool) -> Result<(), Failure> {
    let counter = forgive(counter_read(file, positioned), shared);

    if let Some(counter) = counter.map_err(|error| ("reading", error))? {
        let written = counter_write(file, positioned, counter.wrapping_add(1));
        forgive(written, shared).map_err(|error| ("writing", error))?;
    }
    Ok(())
}

fn increment_cas(file: &File) -> io::Result<()> {
    let mut old = system::atomic(file, MYMEM_OP_LOAD, 0, 0)?;

    // Who fails here has lost to one who did not: this ends.
    loop {
        let new = old.wrapping_add(1);
        let was = system::atomic(file, MYMEM_OP_COMPARE_EXCHANGE, new, old)?;
        if was == old {
            return Ok(());
        }
        old = was;
    }
}

type Increment = Box<dyn FnMut() -> Result<(), Failure> + Send>;

/// What each worker does, again and again. The first one's file is given; the others open
/// their own, or share it.
fn increments(options: &Options, way: Way, first: File) -> Result<Vec<Increment>, String> {
    let positioned = options.positioned;
    let n = options.workers as usize;
    let mut own = vec![first];

    if !matches!(way, Way::Shared | Way::Mutex) {
        for _ in 1..n {
            own.push(device::open(&options.device)?);
        }
    }
    let failed = |error| ("an atomic operation on", error);
    Ok(match way {
        Way::None => own
            .into_iter()
            .map(|file| -> Increment {
                Box::new(move || increment_by_calls(&file, positioned, false))
            })
            .collect(),
        Way::Shared => {
            let file = Arc::new(own.remove(0));
            let increment = |file: Arc<File>| -> Increment {
                Box::new(move || increment_by_calls(&file, positioned, true))
            };
            (0..n).map(|_| increment(Arc::clone(&file))).collect()
        }
        Way::Mutex => {
            let file = Arc::new(Mutex::new(own.remove(0)));
            let increment = |file: Arc<Mutex<File>>| -> Increment {
                Box::new(move || {
                    let file = file.lock().expect("no worker panics");
                    increment_by_calls(&file, positioned, false)
                })
            };
            (0..n).map(|_| increment(Arc::clone(&file))).collect()
        }
        Way::Atomic => own
            .into_iter()
            .map(|file| -> Increment {
                Box::new(move || {
                    let add = system::atomic(&file, MYMEM_OP_ADD, 1, 0);
                    add.map(|_| ()).map_err(failed)
                })
            })
            .collect(),
        Way::Cas => own
            .into_iter()
            .map(|file| -> Increment { Box::new(move || increment_cas(&file).map_err(failed)) })
            .collect(),
    })
}

/// Returns how many increments were tried, and why there are not more.
fn work(n: u64, mut increment: Increment, stop: &AtomicBool) -> (u64, Option<Failure>) {
    let mut done = 0;

    while done < n && !stop.load(Ordering::Relaxed) && system::signal().is_none() {
        match increment() {
            Ok(()) => done += 1,
            Err((_, error)) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(failure) => {
                stop.store(true, Ordering::Relaxed);
                return (done, Some(failure));
            }
        }
    }
    (done, None)
}

/// Starts the workers at once, and waits for them all.
fn run_workers(options: &Options, work_items: Vec<Increment>) -> Result<(Numbers, String), String> {
    let gate = Arc::new(Barrier::new(work_items.len() + 1));
    let stop = Arc::new(AtomicBool::new(false));
    let n = options.increments;
    let mut workers = Vec::new();

    for (i, increment) in work_items.into_iter().enumerate() {
        let (gate, stop) = (Arc::clone(&gate), Arc::clone(&stop));
        let worker = thread::Builder::new().spawn(move || {
            gate.wait();
            work(n, increment, &stop)
        });
        // Those at the gate end with this process.
        workers.push(worker.map_err(|error| {
            format!(
                "cannot start worker {}: {}; use fewer with -w, or raise 'ulimit -u'",
                i + 1,
                error_text(&error)
            )
        })?);
    }

    let (user_s, system_s) = system::cpu_times();
    let start = Instant::now();
    gate.wait();
    let mut numbers = Numbers::default();
    let mut error = String::new();
    for worker in workers {
        let (done, failure) = worker.join().expect("no worker panics");
        numbers.increments += done;
        match failure {
            Some((what, why)) if error.is_empty() => {
                error = format!("{what} {} failed: {}", options.device, error_text(&why));
            }
            _ => {}
        }
    }
    numbers.wall_s = start.elapsed().as_secs_f64();
    let (user_end_s, system_end_s) = system::cpu_times();
    numbers.user_s = user_end_s - user_s;
    numbers.system_s = system_end_s - system_s;
    numbers.target = options.initial + numbers.increments;
    Ok((numbers, error))
}

/// With one descriptor for all, each of the others can move the position by one word between
/// a worker's seek and its read or write. The words there become 0, so that whatever is read
/// and written, nothing is more than the target.
fn counter_set(options: &Options, way: Way, file: &File) -> Result<(), String> {
    let words = if way == Way::Shared {
        options.workers as usize + 1
    } else {
        1
    };
    let mut counter = vec![0; 8 * words];

    counter[..8].copy_from_slice(&options.initial.to_ne_bytes());
    let written = match file.write_at(&counter, 0) {
        Ok(n) if n == counter.len() => return Ok(()),
        Ok(_) => io::Error::from_raw_os_error(libc::ENOSPC),
        Err(error) => error,
    };
    Err(format!(
        "cannot write the initial value to {}: {}; name a file with room for {} bytes",
        options.device,
        error_text(&written),
        counter.len()
    ))
}

fn try_race(options: &Options, outcome: &mut Outcome) -> Result<(), (i32, String)> {
    let failed = |text| (exit::FAILED, text);
    let way = outcome.mode.way;
    let open = |path: &str| device::open(path).map_err(|advice| format!("{path}: {advice}"));
    let first = open(&options.device).map_err(failed)?;
    let reader = open(&options.device).map_err(failed)?;

    counter_set(options, way, &first).map_err(failed)?;
    if matches!(way, Way::Atomic | Way::Cas) {
        match system::atomic(&first, MYMEM_OP_LOAD, 0, 0) {
            Err(error) if error.raw_os_error() == Some(libc::ENOTTY) => {
                let lacks = "the file has no atomic operations";
                outcome.lacks = Some(lacks);
                return Err(failed(format!(
                    "mode {} is not possible on {}: {lacks}; name {} with -d, with a module as \
                     new as this tool, or choose another mode",
                    outcome.mode.name,
                    options.device,
                    device::default_path()
                )));
            }
            _ => {}
        }
    }

    let work_items = increments(options, way, first)
        .map_err(|advice| failed(format!("{}: {advice}", options.device)))?;
    let (mut numbers, error) = run_workers(options, work_items).map_err(failed)?;
    let actual = counter_read(&reader, true);
    if let Ok(Some(actual)) = actual {
        numbers.actual = actual;
    }
    let lost = numbers.lost();
    outcome.ran = Some(numbers);

    if !error.is_empty() {
        return Err(failed(error));
    }
    if !matches!(actual, Ok(Some(_))) {
        return Err(failed(format!(
            "cannot read the counter back from {}",
            options.device
        )));
    }
    if outcome.mode.right && lost != 0 {
        return Err((
            exit::WRONG_DATA,
            format!(
                "wrong sum in mode {}; does somebody else write to {}?",
                outcome.mode.name, options.device
            ),
        ));
    }
    if system::signal().is_some() {
        return Err((exit::OK, "interrupted".to_string()));
    }
    Ok(())
}

fn race(options: &Options, mode: &'static Mode) -> (Outcome, i32) {
    let mut outcome = Outcome {
        mode,
        ran: None,
        lacks: None,
        error: String::new(),
    };
    let code = match try_race(options, &mut outcome) {
        Ok(()) => exit::OK,
        Err((code, error)) => {
            outcome.error = error;
            code
        }
    };

    (outcome, code)
}

fn text(numbers: &Numbers) -> String {
    format!(
        "Target {}\nActual {}\nLost   {} of {} ({:.2} %)\nWall   {:.3} s\nUser   {:.3} s\nSystem {:.3} s\n",
        numbers.target,
        numbers.actual,
        numbers.lost(),
        numbers.increments,
        numbers.lost_percent(),
        numbers.wall_s,
        numbers.user_s,
        numbers.system_s
    )
}

fn summary(options: &Options, outcomes: &[Outcome]) -> String {
    let mut text = format!(
        "{}, threads: W = {}, N = {}, I = {}\n\n{:<12}  {:<5}  {:>12} {:>12} {:>12} {:>8} {:>12}\n",
        options.device,
        options.workers,
        options.increments,
        options.initial,
        "mode",
        "is",
        "target",
        "actual",
        "lost",
        "%",
        "per second"
    );

    for outcome in outcomes {
        let is = if outcome.mode.right { "right" } else { "wrong" };
        text += &format!("{:<12}  {is:<5}  ", outcome.mode.name);
        text += &match (&outcome.ran, outcome.lacks) {
            (_, Some(lacks)) => format!("not possible: {lacks}\n"),
            (None, None) => "did not run\n".to_string(),
            (Some(numbers), None) => format!(
                "{:12} {:12} {:12} {:8.2} {:12.0}\n",
                numbers.target,
                numbers.actual,
                numbers.lost(),
                numbers.lost_percent(),
                numbers.speed()
            ),
        };
    }
    text
}

type Members = Vec<(&'static str, Value)>;

fn json_options(options: &Options, members: &mut Members) {
    members.push(("device", options.device.as_str().into()));
    members.push(("processes", false.into()));
    members.push(("pread", options.positioned.into()));
    members.push(("workers", options.workers.into()));
    members.push(("increments", options.increments.into()));
    members.push(("initial", options.initial.into()));
}

fn json_outcome(outcome: &Outcome, members: &mut Members) {
    members.push(("mode", outcome.mode.name.into()));
    members.push(("right", outcome.mode.right.into()));
    members.push(("possible", outcome.lacks.is_none().into()));
    if let Some(numbers) = &outcome.ran {
        members.push(("target", numbers.target.into()));
        members.push(("actual", numbers.actual.into()));
        members.push(("lost", numbers.lost().into()));
        members.push(("increments_per_s", numbers.speed().into()));
        members.push(("wall_s", numbers.wall_s.into()));
        members.push(("user_s", numbers.user_s.into()));
        members.push(("system_s", numbers.system_s.into()));
    }
    json_end(members, &outcome.error);
}

fn json(options: &Options, outcomes: &[Outcome], error: &str) -> Value {
    if let ([_], [outcome]) = (&options.modes[..], outcomes) {
        let mut members = json_new("mymem-race/1");
        json_options(options, &mut members);
        json_outcome(outcome, &mut members);
        return Value::Object(members);
    }

    let mut members = json_new("mymem-race-summary/1");
    json_options(options, &mut members);
    let results = outcomes.iter().map(|outcome| {
        let mut members = Vec::new();
        json_outcome(outcome, &mut members);
        Value::Object(members)
    });
    members.push(("results", Value::Array(results.collect())));
    json_end(&mut members, error);
    Value::Object(members)
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
        let (outcome, code) = race(options, mode);
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
            ([_], Some(numbers)) => TOOL.print(&text(numbers)),
            _ => TOOL.print(&summary(options, &outcomes)),
        };
    }
    if options.json {
        let document = json(options, &outcomes, &first_error);
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

fn parse_modes(text: &str) -> Option<Vec<&'static Mode>> {
    if text == "all" {
        return Some(MODES.iter().collect());
    }
    text.split(',')
        .map(|name| MODES.iter().find(|mode| mode.name == name))
        .collect()
}

/// The options, or the code to exit with.
fn parse(arguments: impl Iterator<Item = String>) -> Result<Options, i32> {
    let usage = |text: String| TOOL.usage_error(&text);
    let mut options = Options {
        device: device::default_path(),
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
        let text = value.as_deref().unwrap_or("");
        match name {
            "device" => options.device = text.to_string(),
            "mode" => {
                options.modes = parse_modes(text).ok_or_else(|| {
                    usage(format!("--mode {text}: no such mode; --help lists them"))
                })?;
            }
            "workers" => options.workers = number(name, text, 1, WORKERS_MAX)?,
            "increments" => options.increments = number(name, text, 1, COUNTER_MAX)?,
            "initial" => options.initial = number(name, text, 0, COUNTER_MAX)?,
            "pread" => options.positioned = true,
            "json" => {
                options.json = true;
                options.json_file = value;
            }
            "help" => return Err(TOOL.print_and_end(&help())),
            _ => return Err(TOOL.print_and_end(&format!("mymem-race-rs {MYMEM_VERSION}\n"))),
        }
    }
    if let Some(other) = others.first() {
        return Err(usage(format!(
            "{other}: no argument was expected; name a file with -d"
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
    let code = match parse(std::env::args().skip(1)) {
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

    fn parse_words(words: &str) -> Result<Options, i32> {
        parse(words.split_whitespace().map(String::from))
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
        assert_eq!(options.json_file.as_deref(), Some("x"));
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
        options.device = path.to_str().unwrap().to_string();

        for positioned in [false, true] {
            options.positioned = positioned;
            let (outcome, code) = race(&options, options.modes[0]);
            let numbers = outcome.ran.unwrap();
            assert_eq!((code, outcome.error.as_str()), (exit::OK, ""));
            assert_eq!((numbers.target, numbers.actual), (2069, 2069));
        }

        options.modes = parse_modes("atomic").unwrap();
        let (outcome, code) = race(&options, options.modes[0]);
        assert_eq!(code, exit::FAILED);
        assert!(outcome.ran.is_none() && outcome.lacks.is_some());
        std::fs::remove_file(path).unwrap();
    }
}
