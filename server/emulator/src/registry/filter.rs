//! The OData filter of a list of runs (`RunFilter` in the specification): comparisons joined by `and`, and
//! `contains(OutputImageManifests, '…')`, with which azure-cli searches for an image.

use serde_json::Value;

use super::order::bad;
use crate::protocol::error::ArmError;
use crate::when;

#[derive(Debug, PartialEq)]
struct Term {
    field: String,
    operator: String,
    value: String,
}

/// A filter; without terms it keeps every run.
#[derive(Debug, Default)]
pub struct Filter(Vec<Term>);

const TEXTS: [&str; 5] = ["runid", "runtype", "status", "taskname", "agentpoolname"];
const TIMES: [&str; 2] = ["createtime", "finishtime"];

/// Splits at ` and ` outside quotes.
fn terms(text: &str) -> Vec<String> {
    let (mut all, mut term, mut is_quoted) = (Vec::new(), String::new(), false);
    for word in text.split_inclusive(' ') {
        if !is_quoted && word.trim().eq_ignore_ascii_case("and") {
            all.push(std::mem::take(&mut term));
            continue;
        }
        is_quoted ^= word.matches('\'').count() % 2 == 1;
        term.push_str(word);
    }
    all.push(term);
    all
}

/// A value in quotes, in which a quote is doubled, or a single word.
fn unquoted(value: &str) -> Option<String> {
    let value = value.trim();
    match value.strip_prefix('\'').and_then(|value| value.strip_suffix('\'')) {
        Some(inner) => {
            let inner = inner.replace("''", "\0");
            (!inner.contains('\'')).then(|| inner.replace('\0', "'"))
        }
        None => (!value.contains(['\'', ' ']) && !value.is_empty()).then(|| value.to_owned()),
    }
}

fn term(text: &str) -> Option<Term> {
    let text = text.trim();
    let contains = text.to_lowercase().starts_with("contains(");
    let (field, operator, value) = if contains {
        let inside = text["contains(".len()..].strip_suffix(')')?;
        let (field, value) = inside.split_once(',')?;
        (field, "contains", value)
    } else {
        let (field, rest) = text.split_once(' ')?;
        let (operator, value) = rest.trim_start().split_once(' ')?;
        (field, operator, value)
    };
    let field = field.trim().to_lowercase();
    let operator = operator.to_lowercase();
    let value = unquoted(value)?;
    let is_legal = match operator.as_str() {
        "contains" => field == "outputimagemanifests",
        "eq" | "ne" => {
            TEXTS.contains(&&*field)
                || TIMES.contains(&&*field)
                || field == "isarchiveenabled"
                || field == "outputimagemanifests"
        }
        "ge" | "gt" | "le" | "lt" => TIMES.contains(&&*field),
        _ => false,
    };
    let is_time = TIMES.contains(&&*field);
    (is_legal && (!is_time || when::parse(&value).is_some())).then_some(Term {
        field,
        operator,
        value,
    })
}

impl Filter {
    /// Reads `$filter`.
    ///
    /// # Errors
    /// The filter is not understood.
    pub fn read(text: &str) -> Result<Self, ArmError> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let read = terms(text).iter().map(|text| term(text)).collect::<Option<Vec<_>>>();
        read.map(Self).ok_or_else(|| {
            bad(
                "The $filter must compare RunId, RunType, Status, TaskName, AgentPoolName, IsArchiveEnabled, \
                 CreateTime or FinishTime with eq or ne (times also with ge, gt, le, lt), joined by and; for example \
                 Status eq 'Failed'.",
            )
        })
    }

    /// Whether a run, as a GET shows it, is kept.
    pub fn keeps(&self, run: &Value) -> bool {
        self.0.iter().all(|term| term.holds(&run["properties"]))
    }
}

impl Term {
    fn holds(&self, properties: &Value) -> bool {
        let value = &self.value;
        let named = |name: &str| properties[name].as_str().unwrap_or_default();
        let is_equal = |is_equal: bool| is_equal == (self.operator != "ne");
        match self.field.as_str() {
            "outputimagemanifests" => {
                let images = properties["outputImages"].as_array().into_iter().flatten();
                let mut names = images.map(|image| {
                    let part = |name: &str| image[name].as_str().unwrap_or_default().to_owned();
                    format!("{}@{}", part("repository"), part("digest"))
                });
                is_equal(names.any(|name| name == *value || name.contains(value.as_str())))
            }
            "isarchiveenabled" => {
                is_equal(properties["isArchiveEnabled"].to_string().eq_ignore_ascii_case(value))
            }
            "createtime" => self.compares(named("createTime")),
            "finishtime" => self.compares(named("finishTime")),
            "status" => is_equal(named("status").eq_ignore_ascii_case(value)),
            "runtype" => is_equal(named("runType").eq_ignore_ascii_case(value)),
            "runid" => is_equal(named("runId").eq_ignore_ascii_case(value)),
            // Tasks and agent pools do not exist.
            _ => is_equal(value.is_empty()),
        }
    }

    fn compares(&self, time: &str) -> bool {
        let Some((time, value)) = when::parse(time).zip(when::parse(&self.value)) else {
            return self.operator == "ne";
        };
        match self.operator.as_str() {
            "eq" => time == value,
            "ne" => time != value,
            "ge" => time >= value,
            "gt" => time > value,
            "le" => time <= value,
            _ => time < value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn runs_are_kept_if_every_comparison_holds() {
        let run = json!({ "properties": {
            "runId": "cb1", "status": "Failed", "createTime": "2026-01-01T00:00:00.0000000+00:00",
            "isArchiveEnabled": false,
            "outputImages": [{ "repository": "app", "digest": "sha256:1" }],
        }});
        let check = |filter: &str, expect: bool| {
            assert_eq!(Filter::read(filter).expect(filter).keeps(&run), expect, "{filter}");
        };
        check("", true);
        check("RunId eq 'cb1'", true);
        check("runid eq 'CB1' and Status eq 'Failed'", true);
        check("Status eq 'Succeeded'", false);
        check("Status ne 'Succeeded' AND IsArchiveEnabled eq false", true);
        check("createTime ge 2026-01-01T00:00:00Z and createTime lt 2026-01-02T00:00:00Z", true);
        check("createTime gt '2026-01-01T00:00:00Z'", false);
        check("finishTime gt 2025-01-01T00:00:00Z", false);
        check("contains(OutputImageManifests, 'app@sha256:1')", true);
        check("contains(OutputImageManifests, 'other@sha256:1')", false);
        check("TaskName eq 'nightly'", false);
    }

    #[test]
    fn other_filters_are_refused() {
        for filter in [
            "Status",
            "Status eq",
            "Status gt 'Failed'",
            "Colour eq 'red'",
            "createTime ge yesterday",
            "Status eq 'a' or Status eq 'b'",
            "contains(Status, 'a')",
            "and",
        ] {
            assert!(Filter::read(filter).is_err(), "{filter}");
        }
    }
}
