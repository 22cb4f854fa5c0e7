//! The model that instances serve: which question should this student get next?
//!
//! A model file contains the parameters of a two-parameter logistic item-response model. It is small but
//! real: two versions rank the same questions differently, so comparing them is meaningful.

mod ability;
mod answer;
mod file;

pub use answer::{Ranked, ScoreAnswer, ScoreFailure};
pub use file::{Item, LoadFailure, Loaded, Model};

/// The first version of the next-best-question model.
pub const NBQ_1: &str = include_str!("../models/nbq-1.json");

/// The second version: the same questions, recalibrated.
pub const NBQ_2: &str = include_str!("../models/nbq-2.json");

/// A request that both versions can answer.
pub const EXAMPLE_REQUEST: &str = r#"{"student":{"answers":[{"item":"q1","correct":true},{"item":"q9","correct":true},{"item":"q17","correct":false}]},"candidates":["q3","q12","q20","q26","q33"],"top":3}"#;
