//! Numbers as GitHub reads them (YAML 1.2, core schema), and their conversion to strings.

/// Parses an unquoted value as GitHub does. Returns `None` for values that GitHub reads as strings (`1_000`, `1.2.3`).
/// `0001` is 1, `0x10` is 16, `0o17` is 15, `.5` is 0.5.
#[must_use]
pub fn read(text: &str) -> Option<Number> {
    if let Some(value) = special(text) {
        return Some(Number::Is(value));
    }
    for (prefix, radix, most) in [("0x", 16, 8), ("0o", 8, 11)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            let is_number = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
            return is_number.then(|| whole(digits, radix, most));
        }
    }
    is_decimal(text).then(|| text.parse().map_or(Number::TooLarge, Number::Is))
}

/// An unquoted value that GitHub reads as a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    Is(f64),
    /// A hexadecimal or octal number of more than 32 bits. GitHub rejects the whole file.
    TooLarge,
}

/// GitHub reads 32 bits as a signed integer.
fn whole(digits: &str, radix: u32, most: usize) -> Number {
    let digits = digits.trim_start_matches('0');
    let digits = if digits.is_empty() { "0" } else { digits };
    match u32::from_str_radix(digits, radix) {
        Ok(bits) if digits.len() <= most => Number::Is(f64::from(bits.cast_signed())),
        _ => Number::TooLarge,
    }
}

fn special(text: &str) -> Option<f64> {
    match text {
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Some(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        _ => None,
    }
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_decimal(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let power = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !power.is_empty() && digits(power)
    });
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", fraction)) => !fraction.is_empty() && digits(fraction),
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => !mantissa.is_empty() && digits(mantissa),
    };
    exponent_fits && mantissa_fits
}

/// Converts a number to a string as GitHub does: 15 significant digits (.NET's format `G15`).
#[must_use]
pub fn text(number: f64) -> String {
    const DIGITS: i32 = 15;
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let scientific = format!("{number:.14e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    let digits = digits.trim_end_matches('0');
    let digits = if digits.is_empty() { "0" } else { digits };
    if exponent >= DIGITS || exponent <= -5 {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        return format!("{sign}{first}{point}{rest}E{exponent_sign}{:02}", exponent.abs());
    }
    if exponent < 0 {
        let zeros = usize::try_from(-exponent - 1).unwrap_or_default();
        return format!("{sign}0.{}{digits}", "0".repeat(zeros));
    }
    let whole = usize::try_from(exponent).unwrap_or_default() + 1;
    if digits.len() <= whole {
        return format!("{sign}{digits}{}", "0".repeat(whole - digits.len()));
    }
    let (whole, fraction) = digits.split_at(whole);
    format!("{sign}{whole}.{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_read_as_github_reads_them() {
        for (written, value) in [
            ("20", 20.0),
            ("+7", 7.0),
            ("-1", -1.0),
            ("0001", 1.0),
            ("100.0", 100.0),
            ("1e2", 100.0),
            ("1E+2", 100.0),
            (".5", 0.5),
            ("1.", 1.0),
            ("0x10", 16.0),
            ("0xFFFFFFFF", -1.0),
            ("0o17", 15.0),
            ("-.inf", f64::NEG_INFINITY),
        ] {
            assert_eq!(read(written), Some(Number::Is(value)), "{written}");
        }
        for text in ["", "1_000", "1.2.3", "0x", "0o8", "1e", ".", "+", "e2", "12px", "1:30", "inf"]
        {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read("0x1FFFFFFFF"), Some(Number::TooLarge));
    }

    #[test]
    fn a_number_is_converted_to_a_string_as_github_does() {
        for (written, expected) in [
            ("2024", "2024"),
            ("1.10", "1.1"),
            ("2.0", "2"),
            ("0001", "1"),
            ("1e2", "100"),
            ("1e20", "1E+20"),
            ("0.1", "0.1"),
            ("0.00001", "1E-05"),
            ("0.0001", "0.0001"),
            ("-12.5", "-12.5"),
            ("0", "0"),
            ("123456789012345678", "1.23456789012346E+17"),
            ("0x10", "16"),
        ] {
            let Some(Number::Is(value)) = read(written) else { panic!("{written}") };
            assert_eq!(text(value), expected, "{written}");
        }
    }

    proptest! {
        #[test]
        fn whole_numbers_keep_their_digits(number in -999_999_999_999_999_i64..=999_999_999_999_999) {
            let Some(Number::Is(value)) = read(&number.to_string()) else { panic!("{number}") };
            prop_assert_eq!(text(value), number.to_string());
        }
    }
}
