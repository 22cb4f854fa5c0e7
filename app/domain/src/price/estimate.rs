//! Costs of deployments, and what a plan adds or saves.

use super::table::{Currency, PriceTable};
use crate::decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Hours of a month, as Azure's price calculator counts them: 365 days × 24 hours / 12.
pub const HOURS_PER_MONTH: u64 = 730;

/// The cost of some instances per hour.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Cost {
    /// The known part, in the table's currency.
    pub per_hour: Decimal,
    /// Why a part is unknown, one sentence each. If empty, `per_hour` is all of it.
    pub unknown: BTreeSet<String>,
}

/// Instances to be paid.
#[derive(Debug, Clone, Copy)]
pub struct Instances<'a> {
    /// Azure's name of the machine size; `None` if not read.
    pub instance_type: Option<&'a str>,
    /// `None` if not read.
    pub count: Option<u32>,
}

impl Cost {
    /// The cost of instances. Without a table, a size, a count or a price it is unknown, not 0.
    #[must_use]
    pub fn of(table: Option<&PriceTable>, region: &str, instances: Instances<'_>) -> Self {
        let unknown = |why: String| Self { per_hour: Decimal::whole(0), unknown: [why].into() };
        let Some(table) = table else {
            return unknown("The configuration has no price table.".to_owned());
        };
        let (size, count) = match (instances.instance_type, instances.count) {
            (Some(_), Some(0)) => return Self::default(),
            (Some(size), Some(count)) => (size, count),
            (None, _) => return unknown("Azure did not report the machine size.".to_owned()),
            (_, None) => {
                return unknown("Azure did not report the number of instances.".to_owned());
            }
        };
        match table.per_hour(size, region) {
            Some(price) => {
                Self { per_hour: price.times(u64::from(count)), unknown: BTreeSet::new() }
            }
            None => unknown(format!("The price table has no price of {size} in {region}.")),
        }
    }

    /// Whether all parts are known.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.unknown.is_empty()
    }

    /// The known part per month of [`HOURS_PER_MONTH`] hours.
    #[must_use]
    pub fn per_month(&self) -> Decimal {
        self.per_hour.times(HOURS_PER_MONTH)
    }

    /// The sum. Unknown parts stay unknown.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let unknown = self.unknown.union(&other.unknown).cloned().collect();
        Self { per_hour: add(self.per_hour, other.per_hour), unknown }
    }

    /// `0.88 EUR per hour, 641.67 EUR per month`, `at least 0.88 EUR per hour, …` or `unknown`.
    #[must_use]
    pub fn words(&self, currency: Currency) -> String {
        let (hour, month) = (amount(self.per_hour), amount(self.per_month()));
        match (self.is_known(), self.per_hour == Decimal::whole(0)) {
            (false, true) => "unknown".to_owned(),
            (true, true) => "nothing".to_owned(),
            (false, false) => {
                format!("at least {hour} {currency} per hour, {month} {currency} per month")
            }
            (true, false) => format!("{hour} {currency} per hour, {month} {currency} per month"),
        }
    }
}

/// An amount with two decimals, or with four if it is below a hundredth.
#[must_use]
pub fn amount(number: Decimal) -> String {
    let value = number.value();
    if value > 0.0 && value < 0.01 { format!("{value:.4}") } else { format!("{value:.2}") }
}

fn add(one: Decimal, other: Decimal) -> Decimal {
    // Beyond the largest decimal, the larger one is the best that can be said.
    Decimal::try_from(((one.value() + other.value()) * 10_000.0).round() / 10_000.0)
        .unwrap_or(one.max(other))
}

fn subtract(one: Decimal, other: Decimal) -> Decimal {
    let parts = ((one.value() - other.value()) * 10_000.0).round() / 10_000.0;
    Decimal::try_from(parts.max(0.0)).unwrap_or(one)
}

/// What a plan changes of the costs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Difference {
    /// What it adds per hour.
    pub added: Cost,
    /// What it saves per hour.
    pub saved: Cost,
}

impl Difference {
    /// Adds instances that a plan creates.
    #[must_use]
    pub fn adding(mut self, cost: &Cost) -> Self {
        self.added = self.added.plus(cost);
        self
    }

    /// Adds instances that a plan deletes.
    #[must_use]
    pub fn saving(mut self, cost: &Cost) -> Self {
        self.saved = self.saved.plus(cost);
        self
    }

    /// The difference in words: `Adds 0.29 EUR per hour (213.89 EUR per month).` Says what is unknown.
    #[must_use]
    pub fn words(&self, currency: Currency) -> String {
        let Self { added, saved } = self;
        let (verb, per_hour) = match added.per_hour >= saved.per_hour {
            true => ("Adds", subtract(added.per_hour, saved.per_hour)),
            false => ("Saves", subtract(saved.per_hour, added.per_hour)),
        };
        let (hour, month) = (amount(per_hour), amount(per_hour.times(HOURS_PER_MONTH)));
        let unknown: BTreeSet<_> =
            added.unknown.union(&saved.unknown).map(String::as_str).collect();
        let unknown = unknown.into_iter().collect::<Vec<_>>().join(" ");
        match (per_hour == Decimal::whole(0), unknown.is_empty()) {
            (true, true) => "Changes no costs.".to_owned(),
            (true, false) => format!("The change of costs is unknown. {unknown}"),
            (false, true) => {
                format!("{verb} {hour} {currency} per hour ({month} {currency} per month).")
            }
            (false, false) => format!(
                "{verb} {hour} {currency} per hour ({month} {currency} per month), without a part that is unknown. {unknown}"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::tests::table;
    use super::*;
    use proptest::prelude::*;

    fn cost(size: &str, count: u32) -> Cost {
        let table = table();
        let instances = Instances { instance_type: Some(size), count: Some(count) };
        Cost::of(Some(&table), "westeurope", instances)
    }

    #[test]
    fn a_cost_is_the_price_of_all_instances() {
        let three = cost("Standard_DS3_v2", 3);
        assert_eq!(three.words(table().currency), "0.88 EUR per hour, 641.67 EUR per month");
        assert_eq!(cost("Standard_DS3_v2", 0).words(table().currency), "nothing");
        let both = three.plus(&cost("Standard_F4s_v2", 1));
        assert_eq!(both.per_hour, Decimal::try_from(1.073).expect("a price"));
    }

    #[test]
    fn an_absent_price_is_not_zero() {
        let currency = table().currency;
        let odd = cost("Standard_NC6", 2);
        assert_eq!(odd.words(currency), "unknown");
        assert!(
            odd.unknown.iter().any(|why| why.contains("no price of Standard_NC6 in westeurope")),
            "{odd:?}"
        );
        let sum = odd.plus(&cost("Standard_F4s_v2", 1));
        assert_eq!(sum.words(currency), "at least 0.19 EUR per hour, 141.62 EUR per month");
        for (table, instance_type, count) in [
            (None, Some("Standard_F4s_v2"), Some(1)),
            (Some(&table()), None, Some(1)),
            (Some(&table()), Some("Standard_F4s_v2"), None),
        ] {
            let cost = Cost::of(table, "westeurope", Instances { instance_type, count });
            assert!(!cost.is_known());
        }
    }

    #[test]
    fn a_plan_says_what_it_adds_and_saves() {
        let currency = table().currency;
        let (small, large) = (cost("Standard_F4s_v2", 1), cost("Standard_DS3_v2", 1));
        let say = |difference: Difference| difference.words(currency);
        assert_eq!(say(Difference::default()), "Changes no costs.");
        assert_eq!(
            say(Difference::default().adding(&large)),
            "Adds 0.29 EUR per hour (213.89 EUR per month)."
        );
        assert_eq!(
            say(Difference::default().saving(&large).adding(&small)),
            "Saves 0.10 EUR per hour (72.27 EUR per month)."
        );
        assert_eq!(say(Difference::default().saving(&large).adding(&large)), "Changes no costs.");
        let odd = Difference::default().adding(&cost("Standard_NC6", 1));
        assert_eq!(
            say(odd.clone()),
            "The change of costs is unknown. The price table has no price of Standard_NC6 in westeurope."
        );
        assert!(say(odd.adding(&small)).contains("without a part that is unknown"));
    }

    proptest! {
        #[test]
        fn sums_do_not_depend_on_their_order(parts in prop::collection::vec(0_u32..1_000_000, 0..10)) {
            let cost = |parts: &u32| Cost { per_hour: Decimal::parts(*parts), unknown: BTreeSet::new() };
            let sum = |parts: &mut dyn Iterator<Item = &u32>| parts.map(cost).fold(Cost::default(), |sum, one| sum.plus(&one));
            let (there, back) = (sum(&mut parts.iter()), sum(&mut parts.iter().rev()));
            prop_assert_eq!(&there, &back);
            let exact: u32 = parts.iter().sum();
            prop_assert_eq!(there.per_hour, Decimal::parts(exact));
        }
    }
}
