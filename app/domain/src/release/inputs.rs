//! A job's inputs.

use super::Question;
use super::input::{Given, Input};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An input that the file repeats with different capitalization. GitHub ignores case in names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Again {
    /// The second spelling.
    pub written: String,
    pub line: Option<u32>,
    pub first: String,
}

/// A job's inputs by key. Keys are case-insensitive, as on GitHub.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Wire")]
pub struct Inputs {
    all: BTreeMap<String, Input>,
    /// The spelling of names that have capitals, by lower-case key.
    written: BTreeMap<String, String>,
    twice: Vec<Again>,
}

/// The current storage format, and the format of earlier versions of the console.
#[derive(Deserialize)]
#[serde(untagged)]
enum Wire {
    Whole { all: BTreeMap<String, Input>, written: BTreeMap<String, String>, twice: Vec<Again> },
    Plain(BTreeMap<String, Input>),
}

impl From<Wire> for Inputs {
    fn from(wire: Wire) -> Self {
        match wire {
            Wire::Whole { all, written, twice } => Self { all, written, twice },
            Wire::Plain(all) => Self { all, ..Self::default() },
        }
    }
}

impl Inputs {
    /// No inputs.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets an input and its line in the file. Replaces an input with the same key.
    pub fn insert(
        &mut self,
        key: impl Into<String>,
        given: Given,
        line: Option<u32>,
    ) -> Option<Input> {
        self.put(&key.into(), Input { given, line, column: None })
    }

    fn put(&mut self, key: &str, input: Input) -> Option<Input> {
        let plain = key.to_ascii_lowercase();
        if plain == key {
            self.written.remove(&plain);
        } else {
            self.written.insert(plain.clone(), key.to_owned());
        }
        self.all.insert(plain, input)
    }

    /// Adds an input from a file with its line and column. A duplicate goes to [`Self::twice`].
    pub fn add(&mut self, key: &str, given: Given, (line, column): (u32, u32)) {
        if self.get(key).is_some() {
            let first = self.written(key).to_owned();
            self.twice.push(Again { written: key.to_owned(), line: Some(line), first });
        } else {
            self.put(key, Input { given, line: Some(line), column: Some(column) });
        }
    }

    /// Removes an input.
    pub fn remove(&mut self, key: &str) -> Option<Input> {
        self.all.remove(&key.to_ascii_lowercase())
    }

    /// The input with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Input> {
        self.all.get(&key.to_ascii_lowercase())
    }

    /// The file's spelling of a key.
    #[must_use]
    pub fn written<'a>(&'a self, key: &'a str) -> &'a str {
        self.written.get(&key.to_ascii_lowercase()).map_or(key, String::as_str)
    }

    /// The duplicates in the file.
    #[must_use]
    pub fn twice(&self) -> &[Again] {
        &self.twice
    }

    /// All inputs, sorted by lower-case key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Input)> {
        self.all.iter().map(|(key, input)| (key.as_str(), input))
    }

    /// The number of inputs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there are no inputs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// A copy in which `answers` replace or extend the inputs.
    #[must_use]
    pub fn with(&self, answers: &Self) -> Self {
        let mut all = self.clone();
        for (key, input) in answers.iter() {
            all.put(answers.written(key), input.clone());
            all.twice.retain(|again| !again.written.eq_ignore_ascii_case(key));
        }
        all
    }

    /// The inputs that are expressions, which a person must answer.
    #[must_use]
    pub fn questions(&self) -> Vec<Question> {
        let mut questions = Vec::new();
        for (key, input) in &self.all {
            if let Given::Expression(expression) = &input.given {
                let expression = expression.clone();
                questions.push(Question { key: key.clone(), line: input.line, expression });
            }
        }
        questions
    }
}

impl FromIterator<(String, Given)> for Inputs {
    fn from_iter<I: IntoIterator<Item = (String, Given)>>(all: I) -> Self {
        let mut inputs = Self::default();
        for (key, given) in all {
            inputs.put(&key, Input { given, line: None, column: None });
        }
        inputs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_ignore_case_and_duplicates_are_kept_apart() {
        let mut inputs = Inputs::new();
        inputs.add("Environment", Given::text("anet-dev"), (6, 7));
        inputs.add("environment", Given::text("anet-prod"), (7, 7));
        assert_eq!(inputs.len(), 1);
        assert_eq!(inputs.written("environment"), "Environment");
        let first = inputs.get("ENVIRONMENT").map(|input| (input.given.clone(), input.column));
        assert_eq!(first, Some((Given::text("anet-dev"), Some(7))));
        assert_eq!(inputs.twice().len(), 1);
        let answer = [("environment".to_owned(), Given::text("x"))].into_iter().collect();
        assert_eq!(inputs.with(&answer).twice(), [], "an answer resolves the duplicate");
    }

    #[test]
    fn inputs_stored_by_an_earlier_version_are_read() {
        let old = r#"{"deploy":{"given":{"bool":true},"line":4}}"#;
        let inputs: Inputs = serde_json::from_str(old).expect("inputs");
        assert_eq!(inputs.get("deploy").map(|input| input.line), Some(Some(4)));
        let again = serde_json::to_string(&inputs).expect("JSON");
        assert_eq!(serde_json::from_str::<Inputs>(&again).expect("inputs"), inputs);
    }
}
