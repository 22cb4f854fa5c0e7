//! Scoring: takes a student's answers, and returns the best next questions.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::ability::{self, Estimate};
use super::file::{Item, Model};

const TOP_DEFAULT: usize = 5;

#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow)]
    student: Student<'a>,
    /// The questions to rank; by default, all that the student has not answered.
    #[serde(borrow, default)]
    candidates: Option<Vec<Name<'a>>>,
    #[serde(default)]
    top: Option<usize>,
}

#[derive(Deserialize)]
struct Student<'a> {
    #[serde(borrow, default)]
    answers: Vec<Answered<'a>>,
}

#[derive(Deserialize)]
struct Answered<'a> {
    #[serde(borrow)]
    item: Cow<'a, str>,
    correct: bool,
}

/// Serde borrows a `Cow` only if a field says so, and not inside a list.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScoreAnswer<'a> {
    pub model: &'a str,
    pub version: u32,
    /// The student's most probable ability; the population has mean 0 and standard deviation 1.
    pub ability: f64,
    pub standard_error: f64,
    /// The questions, with the most informative first.
    pub ranking: Vec<Ranked<'a>>,
}

/// One question in a ranking.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ranked<'a> {
    pub item: &'a str,
    pub construct: &'a str,
    /// The information that its answer would give about this student.
    pub information: f64,
    /// The probability of a correct answer.
    pub p_correct: f64,
}

/// Why the model cannot answer a request.
#[derive(Debug, thiserror::Error)]
pub enum ScoreFailure {
    #[error("the request is not of the form {{\"student\":{{\"answers\":[…]}}}}: {0}")]
    Malformed(#[from] serde_json::Error),
    #[error("the model has no item {0:?}")]
    UnknownItem(String),
    #[error("item {0:?} is answered twice")]
    AnsweredTwice(String),
}

impl Model {
    /// Answers one request body.
    pub fn score(&self, body: &[u8]) -> Result<ScoreAnswer<'_>, ScoreFailure> {
        let request: Request<'_> = serde_json::from_slice(body)?;
        let mut is_answered = vec![false; self.items.len()];
        let mut answers = Vec::with_capacity(request.student.answers.len());
        for answered in &request.student.answers {
            let index = self.index(&answered.item)?;
            if std::mem::replace(&mut is_answered[index], true) {
                return Err(ScoreFailure::AnsweredTwice(answered.item.to_string()));
            }
            answers.push((&self.items[index], answered.correct));
        }
        let estimate = ability::estimate(&answers);
        let mut ranking = match &request.candidates {
            Some(names) => names
                .iter()
                .map(|name| Ok(rank(&self.items[self.index(&name.0)?], estimate)))
                .collect::<Result<Vec<_>, ScoreFailure>>()?,
            None => {
                let open = self.items.iter().zip(&is_answered).filter(|(_, answered)| !**answered);
                open.map(|(item, _)| rank(item, estimate)).collect()
            }
        };
        // The sort is stable: questions with equal information stay in the given order.
        ranking.sort_by(|a, b| b.information.total_cmp(&a.information));
        ranking.truncate(request.top.unwrap_or(TOP_DEFAULT));
        Ok(ScoreAnswer {
            model: &self.name,
            version: self.version,
            ability: estimate.ability,
            standard_error: estimate.standard_error,
            ranking,
        })
    }

    fn index(&self, id: &str) -> Result<usize, ScoreFailure> {
        self.by_id.get(id).copied().ok_or_else(|| ScoreFailure::UnknownItem(id.to_owned()))
    }
}

fn rank(item: &Item, estimate: Estimate) -> Ranked<'_> {
    Ranked {
        item: &item.id,
        construct: &item.construct,
        information: ability::information(item, estimate.ability),
        p_correct: ability::p_correct(item, estimate.ability),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{EXAMPLE_REQUEST, NBQ_1, NBQ_2};
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rankings_are_sorted_open_and_short(
            answers in prop::collection::btree_map(1_usize..=44, any::<bool>(), 0..44),
            top in 0_usize..60,
        ) {
            let model = Model::parse(NBQ_1).unwrap();
            let answered: Vec<_> = answers
                .iter()
                .map(|(n, correct)| serde_json::json!({"item": format!("q{n}"), "correct": correct}))
                .collect();
            let body = serde_json::json!({"student": {"answers": answered}, "top": top}).to_string();
            let answer = model.score(body.as_bytes()).unwrap();
            prop_assert_eq!(answer.ranking.len(), top.min(44 - answers.len()));
            prop_assert!(answer.ranking.is_sorted_by(|a, b| a.information >= b.information));
            let is_open = |ranked: &Ranked<'_>| {
                let n: usize = ranked.item.trim_start_matches('q').parse().unwrap();
                !answers.contains_key(&n) && ranked.p_correct > 0.0 && ranked.p_correct < 1.0
            };
            prop_assert!(answer.ranking.iter().all(is_open));
        }

        #[test]
        fn no_request_body_causes_a_panic(body: Vec<u8>) {
            let _ = Model::parse(NBQ_1).unwrap().score(&body);
        }
    }

    #[test]
    fn the_versions_disagree_measurably() {
        let (one, two) = (Model::parse(NBQ_1).unwrap(), Model::parse(NBQ_2).unwrap());
        let body = br#"{"student":{"answers":[{"item":"q1","correct":true}]},"top":10}"#;
        let top = |model: &Model| {
            let answer = model.score(body).unwrap();
            answer.ranking.iter().map(|ranked| ranked.item.to_owned()).collect::<Vec<_>>()
        };
        let (first, second) = (top(&one), top(&two));
        let shared = first.iter().filter(|item| second.contains(item)).count();
        assert!(first != second && (3..10).contains(&shared), "{first:?} {second:?}");
    }

    #[test]
    fn both_versions_answer_the_example() {
        for text in [NBQ_1, NBQ_2] {
            let model = Model::parse(text).unwrap();
            assert_eq!(model.score(EXAMPLE_REQUEST.as_bytes()).unwrap().ranking.len(), 3);
        }
    }

    #[test]
    fn bad_requests_are_explained() {
        let model = Model::parse(NBQ_1).unwrap();
        for (body, reason) in [
            ("{}", "missing field `student`"),
            (r#"{"student":{"answers":[{"item":"q1"}]}}"#, "missing field `correct`"),
            (r#"{"student":{"answers":[{"item":"q999","correct":true}]}}"#, "no item \"q999\""),
            (r#"{"student":{"answers":[]},"candidates":["x"]}"#, "no item \"x\""),
            (
                r#"{"student":{"answers":[{"item":"q1","correct":true},{"item":"q1","correct":true}]}}"#,
                "answered twice",
            ),
        ] {
            let failure = model.score(body.as_bytes()).unwrap_err().to_string();
            assert!(failure.contains(reason), "{failure}");
        }
    }
}
