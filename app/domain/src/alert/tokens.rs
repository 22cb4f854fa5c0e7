//! Splits a query in the Kusto query language into tokens. It understands enough to explain mistakes, and nothing more.

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'q> {
    /// A name or a keyword.
    Word(&'q str),
    /// A text without its quotes.
    Text(&'q str),
    /// A number, a duration such as `5m`, or a time.
    Number(&'q str),
    /// An operator or a bracket.
    Sign(&'q str),
}

/// Why a query has no tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// A text has no closing quote. The place is in bytes.
    OpenText(usize),
    /// A bracket has no partner. The place is in bytes.
    Bracket(usize),
    Long,
}

/// Maximum length of a query, in bytes: our own limit, far above a rule's query.
pub(super) const BYTES_MAX: usize = 16 * 1024;

/// Operators of more than one character, the longest first.
const SIGNS: [&str; 10] = ["!in~", "!=", "==", "=~", "!~", "<=", ">=", "in~", "..", "!"];

/// All tokens of a query, without comments, with their places in bytes.
pub(super) fn tokens(query: &str) -> Result<Vec<(usize, Token<'_>)>, Broken> {
    if query.len() > BYTES_MAX {
        return Err(Broken::Long);
    }
    let (mut all, mut at) = (Vec::new(), 0);
    let mut open: Vec<(char, usize)> = Vec::new();
    while let Some(rest) = query.get(at..).filter(|rest| !rest.is_empty()) {
        let first = rest.chars().next().unwrap_or(' ');
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if first.is_whitespace() {
            first.len_utf8()
        } else if let Some((length, text)) = text(rest) {
            let text = text.ok_or(Broken::OpenText(at))?;
            all.push((at, Token::Text(text)));
            length
        } else if first.is_alphabetic() || first == '_' {
            let length = run(rest, |c| c.is_alphanumeric() || c == '_');
            all.push((at, Token::Word(&rest[..length])));
            length
        } else if first.is_ascii_digit() {
            let length = run(rest, |c| c.is_alphanumeric() || c == '.');
            all.push((at, Token::Number(&rest[..length])));
            length
        } else {
            let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
            let length = sign.map_or(first.len_utf8(), str::len);
            bracket(&mut open, first, at)?;
            all.push((at, Token::Sign(&rest[..length])));
            length
        };
        at += length;
    }
    open.pop().map_or(Ok(all), |(_, at)| Err(Broken::Bracket(at)))
}

fn run(text: &str, is_part: impl Fn(char) -> bool) -> usize {
    text.find(|c| !is_part(c)).unwrap_or(text.len())
}

/// A text at the beginning: its length with quotes, and its content unless it is not closed. `@` switches escapes off.
fn text(rest: &str) -> Option<(usize, Option<&str>)> {
    let prefix = ["@", "h@", "h", "H"]
        .into_iter()
        .find(|prefix| rest.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(['\'', '"'])));
    let start = prefix.map_or(0, str::len);
    let quote = rest[start..].chars().next().filter(|c| ['\'', '"'].contains(c))?;
    let has_escapes = !prefix.is_some_and(|prefix| prefix.ends_with('@'));
    let mut is_escaped = false;
    for (at, c) in rest[start + 1..].char_indices() {
        if c == '\n' {
            break;
        }
        if c == quote && !is_escaped {
            let end = start + 1 + at;
            return Some((end + 1, Some(&rest[start + 1..end])));
        }
        is_escaped = has_escapes && c == '\\' && !is_escaped;
    }
    Some((rest.len(), None))
}

fn bracket(open: &mut Vec<(char, usize)>, sign: char, at: usize) -> Result<(), Broken> {
    match sign {
        '(' | '[' | '{' => open.push((sign, at)),
        ')' | ']' | '}' => {
            let partner = open.pop().map(|(partner, _)| partner);
            let fits =
                matches!((partner, sign), (Some('('), ')') | (Some('['), ']') | (Some('{'), '}'));
            if !fits {
                return Err(Broken::Bracket(at));
            }
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_query_is_split_into_tokens() {
        let query = "T | where Code != '20\\'0' and a=~@\"x\\\" // b\n| take 5m";
        let found: Vec<_> =
            tokens(query).expect("sound").into_iter().map(|(_, token)| token).collect();
        use Token::{Number, Sign, Text, Word};
        assert_eq!(
            found,
            [
                Word("T"),
                Sign("|"),
                Word("where"),
                Word("Code"),
                Sign("!="),
                Text("20\\'0"),
                Word("and"),
                Word("a"),
                Sign("=~"),
                Text("x\\"),
                Sign("|"),
                Word("take"),
                Number("5m")
            ]
        );
        assert_eq!(tokens("T | where a == 'x"), Err(Broken::OpenText(15)));
        assert_eq!(tokens("T | where (a"), Err(Broken::Bracket(10)));
        assert_eq!(tokens("T)"), Err(Broken::Bracket(1)));
        assert_eq!(tokens(&"x".repeat(BYTES_MAX + 1)), Err(Broken::Long));
    }

    proptest! {
        #[test]
        fn any_text_has_tokens_or_is_broken(query in ".{0,200}") {
            if let Ok(found) = tokens(&query) {
                prop_assert!(found.windows(2).all(|pair| pair[0].0 < pair[1].0));
            }
        }
    }
}
