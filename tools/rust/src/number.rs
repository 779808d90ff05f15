// SPDX-License-Identifier: GPL-2.0-only
//! Numbers and sizes as people write them, read as the tools in C read them.

/// A decimal number from `min` to `max`: no sign, no blanks.
pub fn number(text: &str, min: u64, max: u64) -> Option<u64> {
    let number = digits(text)?;

    (min..=max).contains(&number).then_some(number)
}

/// `str::parse()` would take a plus sign.
fn digits(text: &str) -> Option<u64> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// A size above 0: 64K, 64k and 64KiB are 65536.
pub fn size(text: &str) -> Option<u64> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let scale = match unit.strip_suffix("iB").unwrap_or(unit) {
        "" if unit.is_empty() => 1,
        "K" | "k" => 1 << 10,
        "M" | "m" => 1 << 20,
        "G" | "g" => 1 << 30,
        _ => return None,
    };

    digits(number)?.checked_mul(scale).filter(|&size| size > 0)
}

/// Sizes with commas between.
pub fn sizes(text: &str) -> Option<Vec<u64>> {
    text.split(',').map(size).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!(number("30", 1, 30), Some(30));
        assert_eq!(number("18446744073709551615", 0, u64::MAX), Some(u64::MAX));
        for text in [
            "",
            "31",
            "0",
            "+1",
            "-1",
            " 1",
            "1 ",
            "1x",
            "18446744073709551616",
        ] {
            assert_eq!(number(text, 1, 30), None, "{text}");
        }
    }

    #[test]
    fn sizes_and_units() {
        for text in ["65536", "64K", "64k", "64KiB", "64kiB"] {
            assert_eq!(size(text), Some(65536), "{text}");
        }
        assert_eq!(size("1G"), Some(1 << 30));
        assert_eq!(size("3M"), Some(3 << 20));
        for text in [
            "",
            "0",
            "0K",
            "K",
            "iB",
            "1iB",
            "1KB",
            "1T",
            "1.5M",
            "+1",
            "17179869184G",
        ] {
            assert_eq!(size(text), None, "{text}");
        }
    }

    #[test]
    fn lists() {
        assert_eq!(sizes("1,64K"), Some(vec![1, 65536]));
        for text in ["", ",", "1,", ",1", "1,,2", "1,0"] {
            assert_eq!(sizes(text), None, "{text}");
        }
    }
}
