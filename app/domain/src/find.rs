//! The search for endpoints by name.

use super::name::{EndpointName, StageName};
use super::route_form::FieldProblem;
use super::text::shortened;
use serde::{Deserialize, Serialize};

/// Maximum number of endpoints of a stage on one page.
pub const SHOWN_MAX: usize = 60;
/// Maximum length of the search text: that of an endpoint's name (Azure: 32 characters).
const CHARS_MAX: usize = 32;

/// A search: part of an endpoint's name in lower case (empty matches all), one stage or all, and the page of results.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Fields", into = "Fields")]
pub struct Find {
    name: String,
    stage: Option<StageName>,
    /// From 0.
    page: usize,
}

/// The serialized format, equal to the fields of the query.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Fields {
    find: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<StageName>,
    page: usize,
}

impl Find {
    /// Creates a search from typed text, without characters that names cannot have.
    #[must_use]
    pub fn new(typed: &str) -> Self {
        let can_occur = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
        let kept = typed.chars().filter(can_occur).map(|c| c.to_ascii_lowercase());
        Self { name: kept.take(CHARS_MAX).collect(), stage: None, page: 0 }
    }

    /// The same search on one stage, at a page counted from 1.
    #[must_use]
    pub fn on(&self, stage: StageName, page: usize) -> Self {
        Self { stage: Some(stage), page: page.max(1) - 1, ..self.clone() }
    }

    /// Reads a search from a URL query. Empty fields count as missing.
    ///
    /// # Errors
    /// All problems found, each with its field.
    pub fn read(field: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<FieldProblem>> {
        let given = |name: &str| field(name).filter(|text| !text.trim().is_empty());
        let find = Self::new(&field("find").unwrap_or_default());
        let mut problems = Vec::new();
        let stage = given("stage").map(|text| text.parse::<StageName>()).transpose();
        let stage = stage.unwrap_or_else(|error| {
            problems.push(FieldProblem::new("stage", format!("In the address, {error}")));
            None
        });
        let page = given("page").map(|text| match text.parse::<usize>() {
            Ok(page) if page > 0 => page,
            _ => {
                let text = shortened(&text, CHARS_MAX);
                let rule = "but must be a whole number from 1 on";
                let message = format!("In the address, “page” is “{text}”, {rule}");
                problems.push(FieldProblem::new("page", message));
                1
            }
        });
        match (stage, problems.is_empty()) {
            (_, false) => Err(problems),
            (Some(stage), true) => Ok(find.on(stage, page.unwrap_or(1))),
            (None, true) => Ok(find),
        }
    }

    /// The inverse of [`Self::read`]; empty for a search that matches everything.
    #[must_use]
    pub fn query(&self) -> String {
        let mut query = format!("?find={}", self.name);
        if let Some(stage) = &self.stage {
            query.push_str(&format!("&stage={stage}&page={}", self.page()));
        }
        if *self == Self::default() { String::new() } else { query }
    }

    /// The search text; safe in a URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// The page, counted from 1.
    #[must_use]
    pub fn page(&self) -> usize {
        self.page.saturating_add(1)
    }

    /// The number of results before the page.
    #[must_use]
    pub fn before(&self) -> usize {
        self.page.saturating_mul(SHOWN_MAX)
    }

    /// Whether the search matches everything on every stage.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.name.is_empty() && self.stage.is_none()
    }

    /// Whether the search includes a stage.
    #[must_use]
    pub fn is_on(&self, stage: &StageName) -> bool {
        self.stage.as_ref().is_none_or(|only| only == stage)
    }

    /// Whether a name matches, ignoring case as Azure does.
    #[must_use]
    pub fn finds(&self, name: &EndpointName) -> bool {
        self.name.is_empty() || name.as_str().to_ascii_lowercase().contains(&self.name)
    }
}

impl From<Fields> for Find {
    fn from(Fields { find, stage, page }: Fields) -> Self {
        match stage {
            Some(stage) => Self::new(&find).on(stage, page),
            None => Self::new(&find),
        }
    }
}

impl From<Find> for Fields {
    fn from(find: Find) -> Self {
        let page = find.page();
        Self { find: find.name, stage: find.stage, page }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_of_a_name_matches_ignoring_case() {
        let name: EndpointName = "Anet-Ep-Prod".parse().expect("a name");
        for (typed, found) in [
            ("", true),
            ("ep-p", true),
            (" EP-P ", true),
            ("anet-ep-prod", true),
            ("ep-d", false),
            ("<script>", false),
        ] {
            assert_eq!(Find::new(typed).finds(&name), found, "{typed}");
        }
    }

    #[test]
    fn typed_text_is_limited_and_sanitized() {
        let find = Find::new(&"a&b=ü/".repeat(1_000));
        assert_eq!(find.as_str(), "ab".repeat(CHARS_MAX / 2));
    }

    #[test]
    fn a_search_survives_round_trips_through_query_and_json() {
        let stage: StageName = "anet-prod".parse().expect("a stage");
        for find in [
            Find::default(),
            Find::new("ep"),
            Find::new("ep").on(stage.clone(), 3),
            Find::new("").on(stage.clone(), 1),
        ] {
            let query = find.query();
            let pairs: Vec<_> = query
                .trim_start_matches('?')
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .collect();
            let field = |name: &str| {
                let found = pairs.iter().find(|(field, _)| *field == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(Find::read(field), Ok(find.clone()), "{query}");
            let json = serde_json::to_string(&find).expect("JSON");
            assert_eq!(serde_json::from_str::<Find>(&json).expect("a find"), find, "{json}");
        }
        let wrong = |name: &str| Some(if name == "page" { "-1" } else { "a/b" }.to_owned());
        let problems = Find::read(wrong).expect_err("both are invalid");
        let said: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert!(said[0].starts_with("In the address, “a/b” is not a valid stage name"), "{said:?}");
        assert_eq!(
            said[1],
            "In the address, “page” is “-1”, but must be a whole number from 1 on."
        );
        assert_eq!(Find::read(|_| Some(String::new())), Ok(Find::default()));
        assert_eq!(Find::default().on(stage.clone(), usize::MAX).before(), usize::MAX);
        assert!(Find::default().on(stage.clone(), 0).is_on(&stage));
        assert!(!Find::default().on(stage, 1).is_on(&"anet-dev".parse().expect("a stage")));
    }
}
