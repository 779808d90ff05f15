// SPDX-License-Identifier: GPL-2.0-only
//! Saying what came out of the races.

use mymem_tools::{
    json::Value,
    output::{json_end, json_new},
};

use crate::{
    run::{Numbers, Outcome},
    Options,
};

/// What came out in one mode.
pub fn text(numbers: &Numbers) -> String {
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

/// And in several modes, a line each.
pub fn summary(options: &Options, outcomes: &[Outcome]) -> String {
    let mut text = format!(
        "{}, threads: W = {}, N = {}, I = {}\n\n{:<12}  {:<5}  {:>12} {:>12} {:>12} {:>8} {:>12}\n",
        options.device.display(),
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
    members.push(("device", options.device.to_string_lossy()[..].into()));
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

/// All of it as JSON; the error is why it is not whole or not right, else empty.
pub fn json(options: &Options, outcomes: &[Outcome], error: &str) -> Value {
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
