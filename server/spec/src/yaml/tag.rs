//! Tags: some force a type, the others are refused.

use super::scalar::{Forced, short};
use crate::problem::{Mark, Problem};
use saphyr_parser::Tag;

const YAML_TAGS: &str = "tag:yaml.org,2002:";
/// Standard tags that PyYAML supports, but whose values JSON cannot represent.
const STANDARD: [&str; 4] = ["!!binary", "!!omap", "!!pairs", "!!set"];

/// The name of a tag, with `!!` for YAML's own prefix.
fn name_of(tag: &Tag) -> String {
    let whole = format!("{}{}", tag.handle, tag.suffix);
    whole.strip_prefix(YAML_TAGS).map_or_else(|| whole.clone(), |name| format!("!!{name}"))
}

/// The type that a scalar's tag forces. PyYAML ignores a lone `!`.
pub(super) fn forced(tag: Option<&Tag>, at: &Mark) -> Result<Option<Forced>, Problem> {
    let Some(name) = tag.map(name_of) else { return Ok(None) };
    match name.as_str() {
        "!" => Ok(None),
        "!!str" => Ok(Some(Forced::Text)),
        "!!int" => Ok(Some(Forced::Int)),
        "!!float" => Ok(Some(Forced::Float)),
        "!!bool" => Ok(Some(Forced::Bool)),
        "!!null" => Ok(Some(Forced::Null)),
        "!!timestamp" => Ok(Some(Forced::Timestamp)),
        name => Err(refused(name, at)),
    }
}

/// Checks that a collection has either no tag or the tag of its kind.
pub(super) fn expect(tag: Option<&Tag>, kind: &str, at: &Mark) -> Result<(), Problem> {
    match tag.map(name_of) {
        Some(name) if name != "!" && name != format!("!!{kind}") => Err(refused(&name, at)),
        _ => Ok(()),
    }
}

fn refused(name: &str, at: &Mark) -> Problem {
    let why = if STANDARD.contains(&name) {
        "is valid YAML, but Understudy does not support it. Write a string, a list or a mapping without it"
    } else {
        "is not supported by Azure's tools. Remove the tag, and keep the value"
    };
    at.problem("", format!("the tag {} {why}", short(name)))
}
