//! Autoscale settings of Azure Monitor (`Microsoft.Insights/autoscaleSettings`), and what is wrong with them.
//!
//! * [`setting`]: the resource as ARM has it. Fields that this console does not know survive a round trip.
//! * [`metrics`]: the metrics of online endpoints and deployments, by which rules can scale.
//! * [`lint`]: rules about settings, as a table.

pub mod lint;
pub mod metrics;
pub mod setting;

#[cfg(test)]
mod fixtures;
