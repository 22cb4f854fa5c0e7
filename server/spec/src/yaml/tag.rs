//! Tags: those that force a type, and why the others are refused.

use super::scalar::{Forced, short};
use crate::problem::{Mark, Problem};
use saphyr_parser::Tag;

const YAML_TAGS: &str = "tag:yaml.org,2002:";
/// Of YAML itself, and read by PyYAML; what they make has no plain word in JSON.
const STANDARD: [&str; 4] = ["!!binary", "!!omap", "!!pairs", "!!set"];

/// A tag without the prefix that `!!` stands for.
fn name_of(tag: &Tag) -> String {
    let whole = format!("{}{}", tag.handle, tag.suffix);
    whole.strip_prefix(YAML_TAGS).map_or_else(|| whole.clone(), |name| format!("!!{name}"))
}

/// The type that a scalar's tag forces. PyYAML takes a lone `!` for no tag at all.
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

/// Checks that a collection has no tag but its own.
pub(super) fn expect(tag: Option<&Tag>, kind: &str, at: &Mark) -> Result<(), Problem> {
    match tag.map(name_of) {
        Some(name) if name != "!" && name != format!("!!{kind}") => Err(refused(&name, at)),
        _ => Ok(()),
    }
}

fn refused(name: &str, at: &Mark) -> Problem {
    let why = if STANDARD.contains(&name) {
        "is YAML's own, and Azure's tools read it; it is not read here. Write a text, a list or a mapping without it"
    } else {
        "is not one that Azure's tools read. Remove it"
    };
    at.problem("", format!("the tag {} {why}", short(name)))
}
