//! `appComponents`: Azure resources whose metrics the service records.

use super::list::at_key;
use super::model::{AppComponent, Metric};
use super::resource::ResourceId;
use crate::reader::{Fields, Keys, Reader};
use crate::yaml::short;

/// Maximum number of components of one test (Azure Load Testing: service limits).
const COMPONENTS_MAX: usize = 100;
/// Our own limit; the service documents none.
const METRICS_MAX: usize = 100;
const KEYS: Keys = Keys { known: &["resourceId", "resourceName", "kind", "metrics"], ignored: &[] };
const METRIC: Keys = Keys { known: &["name", "namespace", "aggregation"], ignored: &[] };

impl Reader<'_> {
    /// All components. Items of one resource are joined, as the service stores one of each.
    pub(super) fn components(&mut self, fields: &Fields<'_>) -> Option<Vec<AppComponent>> {
        self.optional(fields, "appComponents")?;
        let items = self.mappings_of(fields, "appComponents", COMPONENTS_MAX, KEYS);
        let mut all: Vec<AppComponent> = Vec::new();
        for item in &items {
            let Some(component) = self.component(item) else { continue };
            let same = |known: &&mut AppComponent| {
                known.resource.eq_ignore_ascii_case(&component.resource)
            };
            match all.iter_mut().find(same) {
                Some(known) => component
                    .metrics
                    .into_iter()
                    .for_each(|metric| join(&mut known.metrics, metric)),
                None => all.push(component),
            }
        }
        Some(all)
    }

    fn component(&mut self, fields: &Fields<'_>) -> Option<AppComponent> {
        let resource = self.resource_of(fields, "resourceId");
        let name = self.words_of(fields, "resourceName");
        let kind = self.words_of(fields, "kind");
        let items = self.mappings_of(fields, "metrics", METRICS_MAX, METRIC);
        let resource = resource?;
        let id = ResourceId::parse(&resource)?;
        let mut metrics = Vec::new();
        for item in &items {
            if let Some(metric) = self.metric(item, id.kind) {
                join(&mut metrics, metric);
            }
        }
        let name = name.unwrap_or_else(|| id.name.to_owned());
        Some(AppComponent { resource, name, kind, metrics })
    }

    fn metric(&mut self, fields: &Fields<'_>, kind: &str) -> Option<Metric> {
        let (name, aggregation) =
            (self.needed_of(fields, "name"), self.needed_of(fields, "aggregation"));
        let namespace = self.words_of(fields, "namespace").unwrap_or_else(|| kind.to_owned());
        let (name, aggregation) = name.zip(aggregation)?;
        if aggregation.split(',').any(|word| word.trim().is_empty()) {
            let message = format!(
                "“{}” is not an aggregation. Write Average, Total or another",
                short(&aggregation)
            );
            return self.refuse(at_key(fields, "aggregation", message));
        }
        Some(Metric { name, namespace, aggregation })
    }
}

/// Adds a metric. Several aggregations of one metric are one item, as in the action.
fn join(metrics: &mut Vec<Metric>, metric: Metric) {
    let same = |known: &&mut Metric| {
        known.name.eq_ignore_ascii_case(&metric.name)
            && known.namespace.eq_ignore_ascii_case(&metric.namespace)
    };
    match metrics.iter_mut().find(same) {
        Some(known) if known.aggregation.split(',').any(|one| one == metric.aggregation) => {}
        Some(known) => known.aggregation = format!("{},{}", known.aggregation, metric.aggregation),
        None => metrics.push(metric),
    }
}
