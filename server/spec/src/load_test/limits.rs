//! The number of engines, their regions, and when a run stops by itself.

use super::list::at_key;
use super::model::{AutoStop, Region};
use crate::reader::{Fields, Keys, Reader};
use crate::yaml::{Value, short};

/// Maximum number of engines of one run (Azure Load Testing: service limits).
pub const ENGINES_MAX: u32 = 400;
/// The CLI's and the action's default.
const ENGINES: u32 = 1;
/// The longest window for errors, in seconds: the longest test (service limits: 24 hours).
const WINDOW_S_MAX: u32 = 86_400;

const AUTO_STOP: Keys = Keys {
    known: &["errorPercentage", "timeWindow", "maximumVirtualUsersPerEngine"],
    ignored: &[],
};
const REGION: Keys = Keys { known: &["region", "engineInstances"], ignored: &[] };

impl Reader<'_> {
    /// `engineInstances` and `regionalLoadTestConfig`.
    pub(super) fn engines(&mut self, fields: &Fields<'_>) -> (u32, Vec<Region>) {
        let engines = self.count_of(fields, "engineInstances", 1..=ENGINES_MAX);
        let list = self.optional(fields, "regionalLoadTestConfig");
        let regions = self.mappings_of(fields, "regionalLoadTestConfig", 100, REGION);
        let read: Vec<_> = regions.iter().filter_map(|region| self.region(region)).collect();
        let engines = engines.unwrap_or(ENGINES);
        if list.is_none() || regions.len() != read.len() || !self.is_clean() {
            return (engines, read);
        }
        let sum: u32 = read.iter().map(|region| region.engines).sum();
        let twice =
            |region: &&Region| read.iter().filter(|one| one.name == region.name).count() > 1;
        let message = if read.len() < 2 {
            "a test in several regions needs at least two. Add one, or remove the key".to_owned()
        } else if let Some(region) = read.iter().find(twice) {
            format!(
                "the region {} is listed twice. Add its engines up in one item",
                short(&region.name)
            )
        } else if sum != engines {
            format!(
                "the regions have {sum} engines together, but engineInstances is {engines}. Write engineInstances: {sum}, \
                 or change the regions"
            )
        } else {
            return (engines, read);
        };
        self.push(at_key(fields, "regionalLoadTestConfig", message));
        (engines, read)
    }

    fn region(&mut self, fields: &Fields<'_>) -> Option<Region> {
        let name = self.needed_of(fields, "region");
        if self.optional(fields, "engineInstances").is_none() {
            self.push(at_key(
                fields,
                "engineInstances",
                "the key engineInstances is missing. Add it",
            ));
        }
        let engines = self.count_of(fields, "engineInstances", 1..=ENGINES_MAX);
        let name = name?.to_lowercase();
        if !name.bytes().all(|c| c.is_ascii_alphanumeric()) {
            let message = format!(
                "“{}” is not a region. Write its short name, such as westeurope",
                short(&name)
            );
            return self.refuse(at_key(fields, "region", message));
        }
        Some(Region { name, engines: engines? })
    }

    /// `autoStop`: `disable`, or limits.
    pub(super) fn auto_stop(&mut self, fields: &Fields<'_>) -> Option<AutoStop> {
        let field = self.optional(fields, "autoStop")?;
        if !matches!(field.node.value, Value::Map(_)) {
            if field.node.text().is_some_and(|text| text.eq_ignore_ascii_case("disable")) {
                return Some(AutoStop::Disabled);
            }
            let message = "this is neither “disable” nor limits. Write errorPercentage: 90 and timeWindow: 60 below";
            return self.refuse(field.problem(message));
        }
        let fields = self.fields(&field, AUTO_STOP)?;
        Some(AutoStop::At {
            error_percent: self.number_of(&fields, "errorPercentage", 0.0..=100.0),
            window_s: self.count_of(&fields, "timeWindow", 1..=WINDOW_S_MAX),
            users_per_engine: self.count_of(&fields, "maximumVirtualUsersPerEngine", 1..=u32::MAX),
        })
    }
}
