//! The price table.

use crate::decimal::Decimal;
use crate::text::{is_blank, shortened};
use crate::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// Maximum number of prices in a table: our own limit, far above the number of machine sizes in all regions of a team.
pub const PRICES_MAX: usize = 5_000;
/// The highest price of a machine per hour: our own limit, far above every machine. Guards against misplaced points.
const PER_HOUR_MAX: Decimal = Decimal::whole(10_000);
/// Prices older than this many days are shown as old. Azure changes prices a few times a year.
const OLD_DAYS: i64 = 180;
const DAY_MS: i64 = 86_400_000;

/// A currency by its ISO 4217 code: three capitals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl TryFrom<String> for Currency {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match *text.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) => Ok(Self([a, b, c])),
            _ => Err(format!(
                "“{}” is not a currency. Write its code, such as EUR",
                shortened(&text, 20)
            )),
        }
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.to_string()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|letter| write!(f, "{}", char::from(*letter)))
    }
}

/// The price of one machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Azure's name of the machine size: `Standard_DS3_v2`. Case is ignored.
    pub instance_type: String,
    /// The region: `westeurope` or `West Europe`.
    pub region: String,
    /// In the table's currency, above 0, with at most four decimals.
    pub per_hour: Decimal,
}

/// Prices of machines, as a person or a script wrote them down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceTable {
    pub currency: Currency,
    /// The day on which the prices were read: `2026-11-30`.
    pub read: String,
    /// Where they are from: `https://prices.azure.com` or a contract.
    pub source: String,
    pub prices: Vec<Price>,
}

/// A region in one spelling: lower case without spaces.
fn spelled(region: &str) -> String {
    region.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

impl PriceTable {
    /// The price of one machine per hour; `None` if it is not in the table.
    #[must_use]
    pub fn per_hour(&self, instance_type: &str, region: &str) -> Option<Decimal> {
        let region = spelled(region);
        let is_it = |price: &&Price| {
            price.instance_type.eq_ignore_ascii_case(instance_type)
                && spelled(&price.region) == region
        };
        self.prices.iter().find(is_it).map(|price| price.per_hour)
    }

    /// The start of the day on which the prices were read; `None` if the day is not valid.
    #[must_use]
    pub fn read_at(&self) -> Option<Timestamp> {
        let is_day = self.read.len() == 10;
        Timestamp::parse_utc(&format!("{}T00:00", self.read)).filter(|_| is_day)
    }

    /// `Prices of 2026-11-30 from https://prices.azure.com`, with a hint if they are old.
    #[must_use]
    pub fn origin(&self, now: Timestamp) -> String {
        let days = self.read_at().map_or(0, |read| now.since(read) / DAY_MS);
        let old = match days > OLD_DAYS {
            true => format!(". They are {days} days old and may have changed"),
            false => String::new(),
        };
        format!("Prices of {} from {}{old}", self.read, self.source)
    }

    /// The problem with the table and its key; `None` if it is valid.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        if self.read_at().is_none() {
            let read = shortened(&self.read, 20);
            return Some(format!("read: “{read}” is not a day. Write it as 2026-11-30"));
        }
        if is_blank(&self.source) {
            return Some("source: it is empty. Write where the prices are from".to_owned());
        }
        let count = self.prices.len();
        if !(1..=PRICES_MAX).contains(&count) {
            return Some(format!("prices: there are {count}, but a table has 1 to {PRICES_MAX}"));
        }
        let mut seen = BTreeSet::new();
        self.prices.iter().enumerate().find_map(|(at, price)| {
            let Price { instance_type, region, per_hour } = price;
            let name = shortened(instance_type, 60);
            if is_blank(instance_type) || is_blank(region) {
                Some(format!("prices[{at}]: the machine size or the region is empty"))
            } else if *per_hour == Decimal::whole(0) {
                Some(format!("prices[{at}]: {name} has the price 0, which would hide its cost. Leave it out if it is unknown"))
            } else if *per_hour > PER_HOUR_MAX {
                Some(format!("prices[{at}]: {name} has the price {per_hour} per hour, which is above {PER_HOUR_MAX}. Check the \
                     decimal point"))
            } else if !seen.insert((instance_type.to_lowercase(), spelled(region))) {
                Some(format!("prices[{at}]: {name} occurs twice in {}. Remove one", shortened(region, 40)))
            } else {
                None
            }
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::price) fn table() -> PriceTable {
        let json = r#"{"currency":"EUR","read":"2026-11-30","source":"https://prices.azure.com","prices":[
            {"instance_type":"Standard_DS3_v2","region":"West Europe","per_hour":0.293},
            {"instance_type":"Standard_F4s_v2","region":"westeurope","per_hour":0.194}]}"#;
        serde_json::from_str(json).expect("a table")
    }

    #[test]
    fn a_price_is_found_in_any_spelling() {
        let table = table();
        assert_eq!(table.problem(), None);
        for (size, region, found) in [
            ("standard_ds3_V2", "westeurope", true),
            ("Standard_F4s_v2", "West Europe", true),
            ("Standard_F4s_v2", "northeurope", false),
            ("Standard_F4s", "westeurope", false),
        ] {
            assert_eq!(table.per_hour(size, region).is_some(), found, "{size} {region}");
        }
    }

    #[test]
    fn a_table_that_could_mislead_is_refused() {
        let change = |change: &dyn Fn(&mut PriceTable)| {
            let mut table = table();
            change(&mut table);
            table.problem().expect("a problem")
        };
        for (problem, part) in [
            (change(&|table| table.read = "yesterday".to_owned()), "is not a day"),
            (change(&|table| table.read = "2026-02-30".to_owned()), "is not a day"),
            (change(&|table| table.source = " ".to_owned()), "source: it is empty"),
            (change(&|table| table.prices.clear()), "there are 0"),
            (change(&|table| table.prices[0].per_hour = Decimal::whole(0)), "would hide its cost"),
            (change(&|table| table.prices[0].per_hour = Decimal::whole(10_001)), "decimal point"),
            (
                change(&|table| {
                    table.prices[1] =
                        Price { region: "WestEurope".to_owned(), ..table.prices[0].clone() }
                }),
                "occurs twice",
            ),
            (change(&|table| table.prices[0].instance_type = String::new()), "is empty"),
        ] {
            assert!(problem.contains(part), "{problem}");
        }
        for wrong in ["eur", "EURO", "€", ""] {
            assert!(Currency::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
        let negative = r#"{"instance_type":"a","region":"b","per_hour":-1}"#;
        assert!(serde_json::from_str::<Price>(negative).is_err());
    }

    #[test]
    fn old_prices_say_so() {
        let table = table();
        let read = table.read_at().expect("a day");
        let after = |days: i64| table.origin(Timestamp(read.0 + days * DAY_MS));
        assert_eq!(after(180), "Prices of 2026-11-30 from https://prices.azure.com");
        assert!(
            after(181).ends_with("They are 181 days old and may have changed"),
            "{}",
            after(181)
        );
    }
}
