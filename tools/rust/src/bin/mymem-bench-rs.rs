// SPDX-License-Identifier: GPL-2.0-only
//! mymem-bench in Rust: time reads and writes of the device, by size.
//!
//! It is the lab's timing test: seek to 0 and time one read, seek to 0 and time one write.
//! In each round every kind of call is repeated, in an order that is drawn anew. What would
//! disturb the times is done before or between them: the buffers have been touched, and what
//! was read is compared, after each call, with what was written before.

use std::{
    ffi::OsString,
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::PathBuf,
    process,
    time::{Instant, SystemTime},
};

use mymem_tools::{
    args::{self, Opt, Wants},
    constants::*,
    device, exit,
    json::Value,
    number,
    output::{json_end, json_new, Tool},
    stats::{median, Stats},
    system::{self, error_text, Untouched},
};

const TOOL: Tool = Tool("mymem-bench-rs");

const SIZES_DEFAULT: &str = "1,64,1024,65536,524288";
const SIZE_LIMIT: u64 = 1 << 30;
const CALLS_MAX: u64 = 10_000_000;
const REPETITIONS_MAX: u64 = 100_000;

struct Options {
    device: PathBuf,
    sizes: Vec<u64>,
    calls: u64,
    repetitions: u64,
    seed: u64,
    lab_table: bool,
    json: bool,
    /// Or stdout, and then no table.
    json_file: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Read,
    Write,
    /// As the lab's test in Rust did it: a new buffer for each read, so that the faults of
    /// its pages are in the time; and at each call, not only until the allocator has enough
    /// that was given back.
    FirstTouch,
}

impl Kind {
    const ALL: [Self; 3] = [Self::Read, Self::Write, Self::FirstTouch];

    fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::FirstTouch => "first-touch",
        }
    }
}

/// One thing that is measured.
struct Cell {
    kind: Kind,
    size: usize,
    /// Nanoseconds of a call.
    samples: Vec<u64>,
    /// Of the samples of each repetition.
    medians: Vec<f64>,
    /// Page faults of all calls, of those that are the first touch.
    faults: u64,
}

impl Cell {
    fn new(kind: Kind, size: u64) -> Self {
        Self {
            kind,
            size: size as usize,
            samples: Vec::new(),
            medians: Vec::new(),
            faults: 0,
        }
    }
}

/// Why it is not whole or not right, and the code to exit with.
type Failure = (i32, String);

fn failed(text: String) -> Failure {
    (exit::FAILED, text)
}

/// Numbers that are different each time and good enough to shuffle: xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

/// Fills a buffer so that every byte differs from one round to the next.
fn fill(buffer: &mut [u8], round: u64) {
    let mut word = round.wrapping_mul(0x0101_0101_0101_0101);

    for chunk in buffer.chunks_mut(8) {
        chunk.copy_from_slice(&word.to_ne_bytes()[..chunk.len()]);
        word = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    }
}

struct Bench<'a> {
    options: &'a Options,
    file: File,
    /// What the device holds.
    stored: Vec<u8>,
    /// Where what is read arrives.
    arrived: Vec<u8>,
    round: u64,
}

impl Bench<'_> {
    fn seek(&mut self) -> Result<(), Failure> {
        self.file
            .seek(SeekFrom::Start(0))
            .map(|_| ())
            .map_err(|error| failed(format!("cannot seek to 0: {}", error_text(&error))))
    }

    fn check_call(what: &str, size: usize, result: io::Result<usize>) -> Result<(), Failure> {
        match result {
            Ok(n) if n == size => Ok(()),
            Ok(n) => Err(failed(format!(
                "a {what} of {size} bytes gave only {n}: the file cannot hold them"
            ))),
            Err(error) => Err(failed(format!(
                "a {what} of {size} bytes failed: {}",
                error_text(&error)
            ))),
        }
    }

    fn check_data(&self, size: usize) -> Result<(), Failure> {
        let (is, was) = (&self.arrived[..size], &self.stored[..size]);

        if is == was {
            return Ok(());
        }
        let i = (0..size).find(|&i| is[i] != was[i]).unwrap_or(0);
        Err((
            exit::WRONG_DATA,
            format!(
                "wrong data: byte {i} of a read of {size} is {:#04x} and was written as {:#04x}; \
                 does somebody else write to {}?",
                is[i],
                was[i],
                self.options.device.display()
            ),
        ))
    }

    fn write(&mut self, size: usize) -> Result<u64, Failure> {
        self.round += 1;
        fill(&mut self.stored[..size], self.round);
        self.seek()?;
        let start = Instant::now();
        let result = self.file.write(&self.stored[..size]);
        let ns = start.elapsed().as_nanos() as u64;

        Self::check_call("write", size, result)?;
        Ok(ns)
    }

    fn read(&mut self, size: usize) -> Result<u64, Failure> {
        self.arrived[..size].fill(!self.stored[0]);
        self.seek()?;
        let start = Instant::now();
        let result = self.file.read(&mut self.arrived[..size]);
        let ns = start.elapsed().as_nanos() as u64;

        Self::check_call("read", size, result)?;
        self.check_data(size)?;
        Ok(ns)
    }

    /// Its time, and its page faults.
    fn first_touch(&mut self, size: usize) -> Result<(u64, u64), Failure> {
        let mut fresh = Untouched::new(size).map_err(|error| {
            failed(format!(
                "no memory for a buffer of {size} bytes: {}; give smaller sizes with -s",
                error_text(&error)
            ))
        })?;
        self.seek()?;
        let faults = system::page_faults();
        let start = Instant::now();
        let result = self.file.read(fresh.bytes());
        let ns = start.elapsed().as_nanos() as u64;
        let faults = system::page_faults() - faults;

        Self::check_call("read", size, result)?;
        self.arrived[..size].copy_from_slice(fresh.bytes());
        self.check_data(size)?;
        Ok((ns, faults))
    }

    /// One repetition of a cell. False if a signal came.
    fn repeat(&mut self, cell: &mut Cell) -> Result<bool, Failure> {
        let mut samples = Vec::with_capacity(self.options.calls as usize);
        let mut faults = 0;

        // What is read has to be what was written, at this size.
        self.write(cell.size)?;
        for _ in 0..self.options.calls {
            if system::signal().is_some() {
                return Ok(false);
            }
            samples.push(match cell.kind {
                Kind::Read => self.read(cell.size)?,
                Kind::Write => self.write(cell.size)?,
                Kind::FirstTouch => {
                    let (ns, of_call) = self.first_touch(cell.size)?;
                    faults += of_call;
                    ns
                }
            });
        }
        self.read(cell.size)?;
        cell.faults += faults;
        cell.samples.extend_from_slice(&samples);
        cell.medians.push(median(&mut samples));
        Ok(true)
    }
}

/// Memory that is touched, by not being zeros.
fn touched(size: usize, byte: u8) -> Result<Vec<u8>, Failure> {
    let mut memory = Vec::new();

    memory
        .try_reserve_exact(size)
        .map_err(|_| failed(format!("out of memory for calls of {size} bytes")))?;
    memory.resize(size, byte);
    Ok(memory)
}

fn run(options: &Options, cells: &mut [Cell]) -> Result<(), Failure> {
    let file = device::open(&options.device)
        .map_err(|advice| failed(format!("{}: {advice}", options.device.display())))?;
    let capacity = device::capacity(&file);
    let largest = options.sizes.iter().copied().max().unwrap_or(0);

    if largest > capacity {
        return Err(failed(format!(
            "{} holds only {capacity} bytes: give sizes up to that with -s, or load the module \
             with a larger size=",
            options.device.display()
        )));
    }

    let mut random = Random(options.seed | 1);
    let mut bench = Bench {
        options,
        file,
        stored: touched(largest as usize, 1)?,
        arrived: touched(largest as usize, 2)?,
        round: 0,
    };
    let mut order: Vec<usize> = (0..cells.len()).collect();
    for _ in 0..options.repetitions {
        random.shuffle(&mut order);
        for &i in &order {
            if !bench.repeat(&mut cells[i])? {
                return Err((exit::OK, "interrupted".to_string()));
            }
        }
    }
    Ok(())
}

/// What reading the clock takes, which is in every time.
fn clock_cost_ns() -> f64 {
    let batch = |_| {
        let start = Instant::now();
        for _ in 1..100 {
            let _ = Instant::now();
        }
        start.elapsed().as_nanos() as u64
    };
    let mut batches: Vec<u64> = (0..101).map(batch).collect();

    median(&mut batches) / 100.0
}

fn find(cells: &[Cell], kind: Kind, size: u64) -> Option<Stats> {
    let cell = cells
        .iter()
        .find(|cell| cell.kind == kind && cell.size as u64 == size)?;

    Stats::of(&mut cell.samples.clone())
}

/// A time in microseconds to the nanosecond, or a dash if there is none.
fn us(ns: Option<f64>) -> String {
    match ns {
        Some(ns) if ns.is_finite() => format!("{:9.3}", ns / 1000.0),
        _ => format!("{:>9}", "-"),
    }
}

fn table(options: &Options, cells: &[Cell], clock_ns: f64) -> String {
    let mut text = format!(
        "{}, {} repetitions of {} calls of each kind per size, times in µs\n\
         reading the clock takes {clock_ns:.0} ns, which is in every time\n\n\
         {:>10} | {:<39} | {:<39} | first touch\n{:>10}",
        options.device.display(),
        options.repetitions,
        options.calls,
        "",
        "read",
        "write",
        "size"
    );

    for _ in Kind::ALL {
        text += &format!(" | {:>9} {:>9} {:>9} {:>9}", "mean", "median", "p99", "min");
    }
    text.push('\n');
    for &size in &options.sizes {
        text += &format!("{size:>10}");
        for kind in Kind::ALL {
            let stats = find(cells, kind, size);
            text += " |";
            for value in [
                stats.map(|s| s.mean),
                stats.map(|s| s.median),
                stats.map(|s| s.p99),
                stats.map(|s| s.min),
            ] {
                text += &format!(" {}", us(value));
            }
        }
        text.push('\n');
    }
    text
}

/// The table of the lab that this comes from: mean times only.
fn lab_table(options: &Options, cells: &[Cell], error: &str) -> String {
    let mut text = format!("{:>10} {:>12} {:>12}\n", "bytes", "read us", "write us");

    for &size in &options.sizes {
        let mean = |kind| us(find(cells, kind, size).map(|stats| stats.mean));
        let (read, write) = (mean(Kind::Read), mean(Kind::Write));
        text += &format!("{size:>10} {read:>12} {write:>12}\n");
    }
    if !error.is_empty() {
        text += &format!("partial: {error}\n");
    }
    text
}

fn json_cell(options: &Options, cell: &Cell) -> Value {
    let stats = Stats::of(&mut cell.samples.clone());
    let number = |of: fn(&Stats) -> f64| stats.as_ref().map_or(f64::NAN, of).into();
    let medians = cell.medians.iter().map(|&median| median.into());

    let mut members = vec![
        ("target", "device".into()),
        ("path", options.device.to_string_lossy()[..].into()),
        ("operation", cell.kind.name().into()),
        ("size", (cell.size as u64).into()),
        ("threads", 1_u64.into()),
        ("samples", (cell.samples.len() as u64).into()),
        ("mean_ns", number(|s| s.mean)),
        ("min_ns", number(|s| s.min)),
        ("median_ns", number(|s| s.median)),
        ("p99_ns", number(|s| s.p99)),
        ("max_ns", number(|s| s.max)),
        ("repetition_median_ns", Value::Array(medians.collect())),
    ];
    if cell.kind == Kind::FirstTouch {
        let faults = cell.faults as f64 / cell.samples.len() as f64;
        members.push(("faults", faults.into()));
    }
    Value::Object(members)
}

fn json(options: &Options, cells: &[Cell], clock_ns: f64, error: &str) -> Value {
    let mut members = json_new("mymem-bench/2");
    let method = vec![
        ("calls", options.calls.into()),
        ("repetitions", options.repetitions.into()),
    ];
    let clock = vec![
        ("name", "CLOCK_MONOTONIC".into()),
        ("cost_ns", clock_ns.into()),
    ];

    json_end(&mut members, error);
    members.push(("seed", options.seed.into()));
    members.push(("clock", Value::Object(clock)));
    members.push(("method", Value::Object(method)));
    let measured = cells.iter().filter(|cell| !cell.samples.is_empty());
    let cells = measured.map(|cell| json_cell(options, cell));
    members.push(("cells", Value::Array(cells.collect())));
    Value::Object(members)
}

fn bench(options: &Options) -> i32 {
    let clock_ns = clock_cost_ns();
    let sizes = &options.sizes;
    let mut cells: Vec<Cell> = Kind::ALL
        .iter()
        .flat_map(|&kind| sizes.iter().map(move |&size| Cell::new(kind, size)))
        .collect();
    let (mut code, error) = match run(options, &mut cells) {
        Ok(()) => (exit::OK, String::new()),
        Err(failure) => failure,
    };
    let mut printed = true;

    if !error.is_empty() {
        TOOL.warn(&error);
    }
    let measured = cells.iter().any(|cell| !cell.samples.is_empty());
    if measured && (!options.json || options.json_file.is_some()) {
        printed = TOOL.print(&if options.lab_table {
            lab_table(options, &cells, &error)
        } else {
            table(options, &cells, clock_ns)
        });
    }
    if options.json {
        let document = json(options, &cells, clock_ns, &error);
        printed &= TOOL.print_json(&document, options.json_file.as_deref());
    }
    if !printed && code == exit::OK {
        code = exit::FAILED;
    }
    code
}

fn help() -> String {
    let path = device::default_path();

    format!(
        "
Usage:
 mymem-bench-rs [options]

Time reads and writes of {path}, by size. Its content is overwritten.
This is mymem-bench in Rust, with some of its options.

Options:
 -d, --device PATH      the device, or a plain file (default {path})
 -s, --sizes LIST       bytes per call, as 1,64K,1M
                        (default {SIZES_DEFAULT})
 -n, --calls N          calls in a repetition (default 100)
 -r, --repetitions N    of each (default 20)
     --seed N           of the random order
     --lab-table        print only the mean times
     --json[=FILE]      print JSON, or write it to FILE and print the table

 -h, --help             print this and exit
 -V, --version          print the version and exit

Besides reads and writes it times reads into a new buffer each (first touch).
"
    )
}

const OPTIONS: &[Opt] = &[
    Opt::new(Some('d'), "device", Wants::Argument),
    Opt::new(Some('s'), "sizes", Wants::Argument),
    Opt::new(Some('n'), "calls", Wants::Argument),
    Opt::new(Some('r'), "repetitions", Wants::Argument),
    Opt::new(None, "seed", Wants::Argument),
    Opt::new(None, "lab-table", Wants::Nothing),
    Opt::new(None, "json", Wants::MaybeArgument),
    Opt::new(Some('h'), "help", Wants::Nothing),
    Opt::new(Some('V'), "version", Wants::Nothing),
];

fn parse_sizes(text: &str) -> Option<Vec<u64>> {
    let mut sizes = number::sizes(text)?;
    sizes.sort_unstable();
    (sizes.last() <= Some(&SIZE_LIMIT)).then_some(sizes)
}

/// The options, or the code to exit with.
fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Options, i32> {
    let usage = |text: String| TOOL.usage_error(&text);
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let mut options = Options {
        device: device::default_path().into(),
        sizes: parse_sizes(SIZES_DEFAULT).expect("they are sizes"),
        calls: 100,
        repetitions: 20,
        seed: since_1970.map_or(1, |time| time.as_nanos() as u64 >> 1),
        lab_table: false,
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
            "sizes" => {
                options.sizes = parse_sizes(text).ok_or_else(|| {
                    usage(format!(
                        "--sizes {text}: give sizes of 1 to 1G with commas between, as 1,64K,1M"
                    ))
                })?;
            }
            "calls" => options.calls = number(name, text, 1, CALLS_MAX)?,
            "repetitions" => options.repetitions = number(name, text, 1, REPETITIONS_MAX)?,
            "seed" => options.seed = number(name, text, 0, i64::MAX as u64)?,
            "lab-table" => options.lab_table = true,
            "json" => {
                options.json = true;
                options.json_file = value.filter(|value| value != "-").map(PathBuf::from);
            }
            "help" => return Err(TOOL.print_and_end(&help())),
            _ => return Err(TOOL.print_and_end(&format!("mymem-bench-rs {MYMEM_VERSION}\n"))),
        }
    }
    if let Some(pair) = options.sizes.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(usage(format!(
            "--sizes: {} is there twice, and would be shown once: leave one out",
            pair[0]
        )));
    }
    match others.first() {
        Some(other) => Err(usage(format!(
            "{}: no argument was expected; name a file with -d",
            other.to_string_lossy()
        ))),
        None => Ok(options),
    }
}

fn main() {
    let code = match parse(std::env::args_os().skip(1)) {
        Ok(options) => {
            system::catch_interrupts();
            bench(&options)
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
        parse(words.split_whitespace().map(OsString::from))
    }

    #[test]
    fn options_and_their_limits() {
        let options = parse_words("-s 1,64K -n 9 -r3 --seed 4 --lab-table --json").unwrap();
        assert_eq!(options.sizes, [1, 65536]);
        assert_eq!(
            (options.calls, options.repetitions, options.seed),
            (9, 3, 4)
        );
        assert!(options.lab_table && options.json && options.json_file.is_none());

        for words in [
            "-s 0",
            "-s 2G",
            "-s 1,",
            "-n 0",
            "-r 0",
            "-n 10000001",
            "x",
            "--x",
        ] {
            assert_eq!(parse_words(words).err(), Some(exit::USAGE), "{words}");
        }
    }

    #[test]
    fn no_round_is_like_another() {
        let (mut a, mut b) = ([0; 100], [0; 100]);
        fill(&mut a, 1);
        fill(&mut b, 2);
        assert!(a.iter().zip(&b).all(|(a, b)| a != b));
    }

    #[test]
    fn shuffled_is_complete() {
        let mut items: Vec<u32> = (0..50).collect();
        Random(1).shuffle(&mut items);
        assert_ne!(items, (0..50).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..50).collect::<Vec<_>>());
    }

    #[test]
    fn on_a_file() {
        let path = std::env::temp_dir().join(format!("mymem-bench-rs.{}", process::id()));
        let mut options = parse_words("-s 1,513 -n 7 -r 3").unwrap();
        options.device = path.clone();
        std::fs::write(&path, [0; 1024]).unwrap();

        let mut cells: Vec<Cell> = [(Kind::Read, 513), (Kind::Write, 1), (Kind::FirstTouch, 513)]
            .map(|(kind, size)| Cell::new(kind, size))
            .into();
        run(&options, &mut cells).unwrap();
        for cell in &cells {
            assert_eq!((cell.samples.len(), cell.medians.len()), (21, 3));
        }
        assert_eq!(find(&cells, Kind::Read, 513).unwrap().n, 21);
        assert!(find(&cells, Kind::Read, 1).is_none());
        std::fs::remove_file(path).unwrap();

        // It keeps nothing.
        options.device = "/dev/zero".into();
        assert_eq!(run(&options, &mut cells).unwrap_err().0, exit::WRONG_DATA);
    }
}
