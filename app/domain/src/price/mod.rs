//! What deployments cost: a price table from the configuration, and sums over instances.
//!
//! Prices are those of the machine alone, without discounts, storage or network. A price that is not in the table is
//! unknown, never 0, and a sum with an unknown part is only a lower bound.

pub mod estimate;
pub mod table;
pub mod waste;

pub use estimate::{Cost, Difference, HOURS_PER_MONTH};
pub use table::{Currency, Price, PriceTable};
