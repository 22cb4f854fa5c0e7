//! What the emulator keeps of Azure Load Testing, and its arithmetic: nothing here knows the state or the wire.
//! [`crate::load_testing`] has the service itself.

pub mod body;
pub mod criteria;
pub mod kept;
pub mod live;
pub mod metric_query;
pub mod metrics;
pub mod secrets;
pub mod series;
pub mod sign;
pub mod statistics;
pub mod unzip;
pub mod url_config;
pub mod url_plan;
