// SPDX-License-Identifier: GPL-2.0-only
//! JSON documents, laid out as those of the tools in C.

use std::fmt::Write;

/// A value; the members of an object keep their order.
pub enum Value {
    Null,
    Bool(bool),
    Integer(i128),
    Real(f64),
    Text(String),
    Array(Vec<Value>),
    Object(Vec<(&'static str, Value)>),
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<u64> for Value {
    fn from(value: u64) -> Self {
        Self::Integer(value.into())
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value.into())
    }
}

/// JSON has no NaN, which becomes null.
impl From<f64> for Value {
    fn from(value: f64) -> Self {
        if value.is_finite() {
            Self::Real(value)
        } else {
            Self::Null
        }
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_string())
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

impl Value {
    /// As text, with a line's end behind it.
    pub fn document(&self) -> String {
        let mut out = String::new();

        self.print(0, &mut out);
        out.push('\n');
        out
    }

    fn print(&self, depth: usize, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Integer(value) => {
                let _ = write!(out, "{value}");
            }
            Self::Real(value) => {
                let _ = write!(out, "{value:?}");
            }
            Self::Text(value) => quote(value, out),
            Self::Array(values) => {
                items(depth, out, '[', ']', values, |value, out| {
                    value.print(depth + 1, out)
                });
            }
            Self::Object(members) => {
                items(depth, out, '{', '}', members, |(name, value), out| {
                    quote(name, out);
                    out.push_str(": ");
                    value.print(depth + 1, out);
                });
            }
        }
    }
}

fn items<T>(
    depth: usize,
    out: &mut String,
    open: char,
    close: char,
    items: &[T],
    print: impl Fn(&T, &mut String),
) {
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat(' ').take(2 * depth));
    };

    out.push(open);
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        line(out, depth + 1);
        print(item, out);
    }
    if !items.is_empty() {
        line(out, depth);
    }
    out.push(close);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout() {
        let value = Value::Object(vec![
            ("text", "a \"b\"\\\n\u{1}µ".into()),
            (
                "reals",
                Value::Array(vec![1.0.into(), 0.25.into(), f64::NAN.into()]),
            ),
            (
                "integers",
                Value::Array(vec![u64::MAX.into(), i64::MIN.into()]),
            ),
            ("none", Value::Array(vec![])),
            ("is", true.into()),
        ]);
        let expected = r#"{
  "text": "a \"b\"\\\n\u0001µ",
  "reals": [
    1.0,
    0.25,
    null
  ],
  "integers": [
    18446744073709551615,
    -9223372036854775808
  ],
  "none": [],
  "is": true
}
"#;
        assert_eq!(value.document(), expected);
    }
}
