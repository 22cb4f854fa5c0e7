//! Explanations of comparisons: with another type, with 200, with an endpoint's name.

use super::super::columns::{Type, column};
use super::super::tokens::Token;
use super::{Explanation, KEYWORDS, explanation, word};
use crate::name::EndpointName;
use crate::text::shortened;

/// Comparisons with one value. `=` alone defines a column.
const COMPARISONS: [&str; 8] = ["==", "!=", "=~", "!~", "<", "<=", ">", ">="];
/// Operators that are words. Those of texts accept texts only.
const WORD_COMPARISONS: [&str; 8] =
    ["has", "contains", "startswith", "endswith", "in", "has_cs", "contains_cs", "matches"];
/// Comparisons of a column with a literal of another type.
pub(super) fn types(found: &[(usize, Token<'_>)]) -> Vec<Explanation> {
    let mut all = Vec::new();
    for (place, (at, token)) in found.iter().enumerate() {
        let Some((name, of)) = word(token).and_then(|name| Some((name, column(name)?))) else {
            continue;
        };
        // `tostring(ResponseCode)` is another value.
        let is_converted = place > 0
            && matches!(found[place - 1].1, Token::Sign("("))
            && place > 1
            && word(&found[place - 2].1).is_some_and(|function| !KEYWORDS.contains(&function));
        let is_negated = matches!(found.get(place + 1), Some((_, Token::Sign("!"))));
        let sign_at = place + 1 + usize::from(is_negated);
        let sign = match found.get(sign_at) {
            Some((_, Token::Sign(sign))) if COMPARISONS.contains(sign) || sign.ends_with("in~") => {
                *sign
            }
            Some((_, Token::Word(word))) if WORD_COMPARISONS.contains(word) => *word,
            _ => continue,
        };
        let mut values = found[sign_at + 1..].iter().map(|(_, token)| token);
        let value = values.find(|token| !matches!(token, Token::Sign("(")));
        match (of, value) {
            _ if is_converted => {}
            (Type::Number, Some(Token::Text(text))) => {
                all.push(number_as_text(*at, name, sign, text));
            }
            (Type::Text, Some(Token::Number(number))) if COMPARISONS.contains(&sign) => {
                let what = format!(
                    "{name} is a text, but the query compares it with the number {}.",
                    shortened(number, 30)
                );
                all.push(explanation(
                    "text-as-number",
                    true,
                    *at,
                    what,
                    format!("Write {name} {sign} '{number}'."),
                ));
            }
            _ => {}
        }
    }
    all
}

fn number_as_text(at: usize, name: &str, sign: &str, text: &str) -> Explanation {
    let shown = shortened(text, 30);
    let what = format!(
        "{name} is a number, but the query compares it with the text '{shown}'. Some versions of the log's table reject this, \
         and then the rule never fires and nobody notices."
    );
    let todo = match text.trim().parse::<u32>() {
        Ok(number) if COMPARISONS.contains(&sign) => {
            format!("Write toint({name}) {sign} {number}, which works in all versions.")
        }
        _ => format!("Write tostring({name}) before the comparison, or compare with numbers."),
    };
    explanation("number-as-text", true, at, what, todo)
}

/// `ResponseCode != 200` also counts other successes.
pub(super) fn counts_successes(found: &[(usize, Token<'_>)]) -> Option<Explanation> {
    let tokens: Vec<_> = found.iter().map(|(_, token)| token).collect();
    let is_ok = |token: &&Token<'_>| matches!(token, Token::Text("200") | Token::Number("200"));
    let place = tokens.iter().position(|token| matches!(token, Token::Word("ResponseCode")))?;
    let mut rest =
        tokens[place + 1..].iter().copied().filter(|token| !matches!(token, Token::Sign(")")));
    let (sign, value) = (rest.next()?, rest.next()?);
    if *sign != Token::Sign("!=") || !is_ok(&value) {
        return None;
    }
    let what = "The query counts every answer that is not 200, also other successes such as 201 or 204, and answers without a \
                code of clients that gave up."
        .to_owned();
    let todo = "If only errors matter, write toint(ResponseCode) >= 400.".to_owned();
    Some(explanation("counts-successes", false, found[place].0, what, todo))
}

/// A comparison with another endpoint's name, or with another spelling of it.
pub(super) fn other_endpoint(
    found: &[(usize, Token<'_>)],
    endpoint: &EndpointName,
) -> Option<Explanation> {
    let place = found.iter().position(|(_, token)| *token == Token::Word("EndpointName"))?;
    let [(at, _), (_, Token::Sign(sign)), (_, Token::Text(name))] = found.get(place..place + 3)?
    else {
        return None;
    };
    let own = endpoint.as_str();
    let (what, is_fatal) = match *sign {
        "==" if *name == own => return None,
        "=~" if name.eq_ignore_ascii_case(own) => return None,
        "==" if name.eq_ignore_ascii_case(own) => (
            format!(
                "The query looks for the endpoint {name}, but the log has {own}, and == distinguishes capitals."
            ),
            true,
        ),
        "==" | "=~" => (
            format!("The query looks for the endpoint {}, not for {own}.", shortened(name, 60)),
            true,
        ),
        _ => return None,
    };
    Some(explanation(
        "other-endpoint",
        is_fatal,
        *at,
        what,
        format!("Write EndpointName =~ '{own}'."),
    ))
}
