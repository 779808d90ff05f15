// SPDX-License-Identifier: GPL-2.0-only
//! Letting the workers race.

use std::{
    fs::File,
    io,
    os::unix::fs::FileExt,
    path::Path,
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc, Barrier,
    },
    thread,
    time::Instant,
};

use mymem_tools::{
    constants::MYMEM_OP_LOAD,
    device, exit,
    system::{self, error_text},
};

use crate::{
    modes::{counter_read, increments, Failure, Increment, Mode, Way},
    Options,
};

/// What came out in one mode.
pub struct Outcome {
    pub mode: &'static Mode,
    /// The numbers, if there was a race.
    pub ran: Option<Numbers>,
    /// Why this mode is not possible here.
    pub lacks: Option<&'static str>,
    /// Why it is not whole or not right; else empty.
    pub error: String,
}

#[derive(Default)]
pub struct Numbers {
    pub increments: u64,
    pub target: u64,
    pub actual: u64,
    pub wall_s: f64,
    pub user_s: f64,
    pub system_s: f64,
}

impl Numbers {
    /// Right also if the counter went through 0.
    pub fn lost(&self) -> i64 {
        self.target.wrapping_sub(self.actual) as i64
    }

    pub fn lost_percent(&self) -> f64 {
        match self.increments {
            0 => 0.0,
            n => 100.0 * self.lost() as f64 / n as f64,
        }
    }

    pub fn speed(&self) -> f64 {
        if self.wall_s > 0.0 {
            self.increments as f64 / self.wall_s
        } else {
            0.0
        }
    }
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
                error = format!(
                    "{what} {} failed: {}",
                    options.device.display(),
                    error_text(&why)
                );
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
        options.device.display(),
        error_text(&written),
        counter.len()
    ))
}

fn try_race(options: &Options, outcome: &mut Outcome) -> Result<(), (i32, String)> {
    let failed = |text| (exit::FAILED, text);
    let way = outcome.mode.way;
    let open =
        |path: &Path| device::open(path).map_err(|advice| format!("{}: {advice}", path.display()));
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
                    options.device.display(),
                    device::default_path()
                )));
            }
            _ => {}
        }
    }

    let work_items = increments(options, way, first)
        .map_err(|advice| failed(format!("{}: {advice}", options.device.display())))?;
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
            options.device.display()
        )));
    }
    if outcome.mode.right && lost != 0 {
        return Err((
            exit::WRONG_DATA,
            format!(
                "wrong sum in mode {}; does somebody else write to {}?",
                outcome.mode.name,
                options.device.display()
            ),
        ));
    }
    if system::signal().is_some() {
        return Err((exit::OK, "interrupted".to_string()));
    }
    Ok(())
}

/// Lets the workers race in one mode, and returns the code to exit with as well.
pub fn race(options: &Options, mode: &'static Mode) -> (Outcome, i32) {
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
