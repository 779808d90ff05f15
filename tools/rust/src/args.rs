// SPDX-License-Identifier: GPL-2.0-only
//! Reading a command line as getopt_long(3) does. Arguments are bytes, as paths are; what is
//! said of them has a replacement for what is no UTF-8.

use std::{
    ffi::{OsStr, OsString},
    os::unix::ffi::OsStrExt,
};

/// Whether an option wants an argument.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Wants {
    Nothing,
    Argument,
    /// `--name` or `--name=argument`
    MaybeArgument,
}

/// An option: its letter, if it has one, and its name.
pub struct Opt {
    pub short: Option<char>,
    pub long: &'static str,
    pub wants: Wants,
}

impl Opt {
    pub const fn new(short: Option<char>, long: &'static str, wants: Wants) -> Self {
        Self { short, long, wants }
    }
}

/// An option as it was given: its name, and its argument.
pub type Given = (&'static str, Option<OsString>);

fn find_long<'a>(options: &'a [Opt], name: &str) -> Result<&'a Opt, String> {
    if let Some(option) = options.iter().find(|option| option.long == name) {
        return Ok(option);
    }
    // A beginning will do, if it is that of one option only.
    let mut like = options
        .iter()
        .filter(|option| option.long.starts_with(name));
    match (like.next(), like.next()) {
        (Some(option), None) => Ok(option),
        (Some(_), Some(_)) => Err(format!("option '--{name}' is ambiguous")),
        _ => Err(format!("unrecognized option '--{name}'")),
    }
}

fn owned(bytes: &[u8]) -> OsString {
    OsStr::from_bytes(bytes).to_os_string()
}

fn parse_long(
    options: &[Opt],
    text: &[u8],
    rest: &mut dyn Iterator<Item = OsString>,
) -> Result<Given, String> {
    let (name, value) = match text.iter().position(|&byte| byte == b'=') {
        Some(i) => (&text[..i], Some(owned(&text[i + 1..]))),
        None => (text, None),
    };
    let option = find_long(options, &String::from_utf8_lossy(name))?;
    let long = option.long;

    match (option.wants, value) {
        (Wants::Nothing, Some(_)) => Err(format!("option '--{long}' doesn't allow an argument")),
        (Wants::Argument, None) => match rest.next() {
            Some(value) => Ok((long, Some(value))),
            None => Err(format!("option '--{long}' requires an argument")),
        },
        (_, value) => Ok((long, value)),
    }
}

/// The options of one argument such as `-w30` or `-hV`.
fn parse_short(
    options: &[Opt],
    text: &[u8],
    rest: &mut dyn Iterator<Item = OsString>,
) -> Result<Vec<Given>, String> {
    let mut given = Vec::new();

    for (i, &byte) in text.iter().enumerate() {
        let letter = String::from_utf8_lossy(&text[i..=i]);
        let option = options
            .iter()
            .find(|option| option.short == Some(char::from(byte)))
            .ok_or_else(|| format!("invalid option -- '{letter}'"))?;
        if option.wants == Wants::Nothing {
            given.push((option.long, None));
            continue;
        }
        let value = match &text[i + 1..] {
            [] => rest.next(),
            value => Some(owned(value)),
        };
        let value = value.ok_or_else(|| format!("option requires an argument -- '{letter}'"))?;
        given.push((option.long, Some(value)));
        break;
    }
    Ok(given)
}

/// Splits a command line, without the program's name, into options and other arguments.
pub fn parse(
    options: &[Opt],
    arguments: impl Iterator<Item = OsString>,
) -> Result<(Vec<Given>, Vec<OsString>), String> {
    let mut arguments = arguments;
    let mut given = Vec::new();
    let mut others = Vec::new();

    while let Some(argument) = arguments.next() {
        match argument.as_bytes() {
            b"--" => others.extend(&mut arguments),
            [b'-', b'-', text @ ..] => given.push(parse_long(options, text, &mut arguments)?),
            [b'-', text @ ..] if !text.is_empty() => {
                given.extend(parse_short(options, text, &mut arguments)?);
            }
            _ => others.push(argument),
        }
    }
    Ok((given, others))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: &[Opt] = &[
        Opt::new(Some('w'), "workers", Wants::Argument),
        Opt::new(None, "json", Wants::MaybeArgument),
        Opt::new(None, "just", Wants::Nothing),
        Opt::new(Some('h'), "help", Wants::Nothing),
    ];

    fn parse_words(words: &str) -> Result<(Vec<Given>, Vec<OsString>), String> {
        parse(OPTIONS, words.split_whitespace().map(OsString::from))
    }

    #[test]
    fn ways_to_say_it() {
        let expected = vec![("workers", Some("30".into())), ("help", None)];
        for words in [
            "-w 30 -h",
            "-w30 -h",
            "--workers 30 --help",
            "--workers=30 -h",
            "--work=30 --he",
        ] {
            assert_eq!(
                parse_words(words),
                Ok((expected.clone(), vec![])),
                "{words}"
            );
        }
        let (given, _) = parse_words("-hw30").unwrap();
        assert_eq!(given, [("help", None), ("workers", Some("30".into()))]);
    }

    #[test]
    fn argument_that_may_be() {
        assert_eq!(parse_words("--json").unwrap().0, [("json", None)]);
        let (given, others) = parse_words("--json=a b").unwrap();
        assert_eq!(given, [("json", Some("a".into()))]);
        assert_eq!(others, ["b"]);
    }

    #[test]
    fn wrong() {
        for words in ["-x", "--x", "-w", "--workers", "--help=1", "--j"] {
            assert!(parse_words(words).is_err(), "{words}");
        }
    }

    #[test]
    fn no_utf_8() {
        let bytes: [&[u8]; 4] = [b"-w\xff", b"--json=a=\xfe", b"-w", b"\xfd"];
        let (given, _) = parse(OPTIONS, bytes.iter().map(|word| owned(word))).unwrap();
        let values: Vec<_> = given.iter().map(|(_, value)| value.clone()).collect();
        assert_eq!(
            values,
            [b"\xff" as &[u8], b"a=\xfe", b"\xfd"].map(|word| Some(owned(word)))
        );

        for word in [b"-\xff" as &[u8], b"--\xff=1"] {
            assert!(parse(OPTIONS, [owned(word)].into_iter()).is_err());
        }
    }

    #[test]
    fn the_others() {
        let (given, others) = parse_words("- -- -h").unwrap();
        assert_eq!(given, []);
        assert_eq!(others, ["-", "-h"]);
    }
}
