//! Alert rules on an endpoint's log (`Microsoft.Insights/scheduledQueryRules`).
//!
//! * [`rule`]: an alert rule with Azure's allowed values, and the one that the workflow templates create.
//! * [`difference`]: what an edit changes, field by field.
//! * [`preview`]: when a rule would have fired on recorded traffic.
//! * [`query`]: explanations of queries that find nothing, or the wrong things; [`columns`] has the log's columns.

pub mod columns;
pub mod difference;
pub mod preview;
pub mod query;
pub mod rule;
mod tokens;
