//! The numbers of YAML 1.1.

use super::short;

/// Removes one sign.
fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

fn all(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    text.bytes().all(allowed)
}

fn digits(text: &str) -> bool {
    all(text, |c| c.is_ascii_digit())
}

fn digits_or_lines(text: &str) -> bool {
    all(text, |c| c.is_ascii_digit() || c == b'_')
}

/// Whether these are the further parts of a base-60 number: `30`, `30:15`.
fn is_sixties(parts: &str) -> bool {
    !parts.is_empty()
        && parts.split(':').all(|part| match part.as_bytes() {
            [one] => one.is_ascii_digit(),
            [ten, one] => (b'0'..=b'5').contains(ten) && one.is_ascii_digit(),
            _ => false,
        })
}

/// Whether PyYAML reads a plain scalar as an integer.
pub(super) fn looks_int(text: &str) -> bool {
    let text = unsigned(text);
    if let Some(rest) = text.strip_prefix("0b") {
        return !rest.is_empty() && all(rest, |c| matches!(c, b'0' | b'1' | b'_'));
    }
    if let Some(rest) = text.strip_prefix("0x") {
        return !rest.is_empty() && all(rest, |c| c.is_ascii_hexdigit() || c == b'_');
    }
    match text.as_bytes() {
        [] => false,
        [b'0', rest @ ..] => rest.iter().all(|c| matches!(c, b'0'..=b'7' | b'_')),
        [b'1'..=b'9', ..] => match text.split_once(':') {
            None => digits_or_lines(text),
            Some((first, rest)) => digits_or_lines(first) && is_sixties(rest),
        },
        _ => false,
    }
}

/// Whether PyYAML reads a plain scalar as a float.
pub(super) fn looks_float(text: &str) -> bool {
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let bare = unsigned(text);
    if matches!(bare, ".inf" | ".Inf" | ".INF") {
        return true;
    }
    let starts_with_digit = |text: &str| text.bytes().next().is_some_and(|c| c.is_ascii_digit());
    let Some((whole, rest)) = bare.split_once('.') else { return false };
    if let Some((first, sixties)) = whole.split_once(':') {
        return starts_with_digit(first)
            && digits_or_lines(first)
            && is_sixties(sixties)
            && digits_or_lines(rest);
    }
    let (fraction, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    let exponent_fits = exponent.is_none_or(|exponent| {
        let power = exponent.strip_prefix(['-', '+']);
        power.is_some_and(|power| !power.is_empty() && digits(power))
    });
    let mantissa_fits = if whole.is_empty() {
        // `.5` has no sign in YAML 1.1.
        bare.len() == text.len() && starts_with_digit(fraction)
    } else {
        starts_with_digit(whole)
    };
    exponent_fits && mantissa_fits && digits_or_lines(whole) && digits_or_lines(fraction)
}

/// Converts a text like PyYAML.
pub(super) fn int(text: &str) -> Result<i128, String> {
    let wrong = || {
        format!(
            "“{}” is not an integer of at most 38 digits. Write one such as 3, or quote the value if it is a text",
            short(text)
        )
    };
    let bare = text.replace('_', "");
    let (sign, bare) = match bare.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, bare.strip_prefix('+').unwrap_or(&bare)),
    };
    let radix = |digits: &str, radix| {
        let plain = digits.chars().all(|c| c.is_digit(radix));
        i128::from_str_radix(digits, radix).ok().filter(|_| plain)
    };
    let value = if bare == "0" {
        Some(0)
    } else if let Some(rest) = bare.strip_prefix("0b") {
        radix(rest, 2)
    } else if let Some(rest) = bare.strip_prefix("0x") {
        radix(rest, 16)
    } else if bare.starts_with('0') {
        radix(bare, 8)
    } else if bare.contains(':') {
        bare.split(':')
            .try_fold(0_i128, |sum, part| sum.checked_mul(60)?.checked_add(radix(part, 10)?))
    } else {
        radix(bare, 10)
    };
    value.map(|value| sign * value).ok_or_else(wrong)
}

/// Converts a text like PyYAML.
pub(super) fn float(text: &str) -> Result<f64, String> {
    let wrong = || {
        format!(
            "“{}” is not a number. Write one such as 0.5, or quote the value if it is a text",
            short(text)
        )
    };
    let bare = text.replace('_', "").to_lowercase();
    let (sign, bare) = match bare.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, bare.strip_prefix('+').unwrap_or(&bare)),
    };
    let plain = |text: &str| text.parse::<f64>().map_err(|_| wrong());
    let value = match bare {
        ".inf" => f64::INFINITY,
        ".nan" => f64::NAN,
        sixties if sixties.contains(':') => {
            let mut sum = 0.0;
            for part in sixties.split(':') {
                sum = sum * 60.0 + plain(part)?;
            }
            sum
        }
        other => plain(other)?,
    };
    Ok(sign * value)
}
