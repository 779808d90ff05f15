// SPDX-License-Identifier: GPL-2.0-only
//! Reading a command line as getopt_long(3) does.

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
pub type Given = (&'static str, Option<String>);

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

fn parse_long(
    options: &[Opt],
    text: &str,
    rest: &mut dyn Iterator<Item = String>,
) -> Result<Given, String> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value.to_string())),
        None => (text, None),
    };
    let option = find_long(options, name)?;
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
    text: &str,
    rest: &mut dyn Iterator<Item = String>,
) -> Result<Vec<Given>, String> {
    let mut given = Vec::new();

    for (i, letter) in text.char_indices() {
        let option = options
            .iter()
            .find(|option| option.short == Some(letter))
            .ok_or_else(|| format!("invalid option -- '{letter}'"))?;
        if option.wants == Wants::Nothing {
            given.push((option.long, None));
            continue;
        }
        let value = match &text[i + letter.len_utf8()..] {
            "" => rest.next(),
            value => Some(value.to_string()),
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
    arguments: impl Iterator<Item = String>,
) -> Result<(Vec<Given>, Vec<String>), String> {
    let mut arguments = arguments;
    let mut given = Vec::new();
    let mut others = Vec::new();

    while let Some(argument) = arguments.next() {
        if argument == "--" {
            others.extend(&mut arguments);
        } else if let Some(text) = argument.strip_prefix("--") {
            given.push(parse_long(options, text, &mut arguments)?);
        } else if argument.len() > 1 && argument.starts_with('-') {
            given.extend(parse_short(options, &argument[1..], &mut arguments)?);
        } else {
            others.push(argument);
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

    fn parse_words(words: &str) -> Result<(Vec<Given>, Vec<String>), String> {
        parse(OPTIONS, words.split_whitespace().map(String::from))
    }

    #[test]
    fn ways_to_say_it() {
        let expected = vec![("workers", Some("30".to_string())), ("help", None)];
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
        assert_eq!(given, [("help", None), ("workers", Some("30".to_string()))]);
    }

    #[test]
    fn argument_that_may_be() {
        assert_eq!(parse_words("--json").unwrap().0, [("json", None)]);
        let (given, others) = parse_words("--json=a b").unwrap();
        assert_eq!(given, [("json", Some("a".to_string()))]);
        assert_eq!(others, ["b"]);
    }

    #[test]
    fn wrong() {
        for words in ["-x", "--x", "-w", "--workers", "--help=1", "--j"] {
            assert!(parse_words(words).is_err(), "{words}");
        }
    }

    #[test]
    fn the_others() {
        let (given, others) = parse_words("- -- -h").unwrap();
        assert_eq!(given, []);
        assert_eq!(others, ["-", "-h"]);
    }
}
