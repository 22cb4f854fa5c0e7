//! Compares two JSON answers value by value. The result has the place and kind of each difference but no values,
//! because answers may contain personal data.

use crate::decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The maximum number of differing fields that are listed. All of them are counted.
pub const FIELDS_MAX: usize = 20;
/// The maximum length of a field's place, in characters.
const PLACE_CHARS_MAX: usize = 120;

/// A field in which two answers differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldDifference {
    /// The field's JSON pointer (RFC 6901), cut after 120 characters with an ellipsis; empty for the whole answer.
    pub field: String,
    /// How the field differs, without its values: `is 10.0 % apart`.
    pub says: String,
}

/// The result of comparing two answers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Compared {
    /// The number of compared values.
    pub values: u32,
    /// The number of values that differ.
    pub differences: u32,
    /// The first differences, at most [`FIELDS_MAX`].
    pub fields: Vec<FieldDifference>,
    /// The number of differences that are not in `fields`; `None` in evidence of earlier versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_listed: Option<u32>,
}

/// Compares two answers value by value. Numbers are equal if they differ by at most `tolerance`, relative to the
/// larger one. Arrays are compared element by element.
#[must_use]
pub fn compare(live: &Value, shadow: &Value, tolerance: Decimal) -> Compared {
    let mut found = Compared::default();
    walk(live, shadow, tolerance.value(), &mut String::new(), &mut found);
    let listed = u32::try_from(found.fields.len()).unwrap_or(u32::MAX);
    found.not_listed = Some(found.differences.saturating_sub(listed));
    found
}

fn walk(live: &Value, shadow: &Value, tolerance: f64, place: &mut String, found: &mut Compared) {
    match (live, shadow) {
        (Value::Object(one), Value::Object(other)) => {
            let mut keys: Vec<&String> = one.keys().chain(other.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                let part = key.replace('~', "~0").replace('/', "~1");
                inside(place, &part, |place| {
                    both(one.get(key), other.get(key), tolerance, place, found);
                });
            }
        }
        (Value::Array(one), Value::Array(other)) => {
            for at in 0..one.len().max(other.len()) {
                inside(place, &at.to_string(), |place| {
                    both(one.get(at), other.get(at), tolerance, place, found);
                });
            }
        }
        (one, other) => found.value(place, differ(one, other, tolerance)),
    }
}

fn inside(place: &mut String, part: &str, look: impl FnOnce(&mut String)) {
    let length = place.len();
    place.push('/');
    place.push_str(part);
    look(place);
    place.truncate(length);
}

fn both(
    live: Option<&Value>,
    shadow: Option<&Value>,
    tolerance: f64,
    place: &mut String,
    found: &mut Compared,
) {
    match (live, shadow) {
        (Some(live), Some(shadow)) => walk(live, shadow, tolerance, place, found),
        (Some(_), None) => found.value(place, Some("is missing".to_owned())),
        (None, _) => found.value(place, Some("is new".to_owned())),
    }
}

impl Compared {
    fn value(&mut self, place: &str, differs: Option<String>) {
        self.values = self.values.saturating_add(1);
        let Some(says) = differs else { return };
        self.differences = self.differences.saturating_add(1);
        if self.fields.len() < FIELDS_MAX {
            let mut field: String = place.chars().take(PLACE_CHARS_MAX).collect();
            if place.chars().nth(PLACE_CHARS_MAX).is_some() {
                field.push('…');
            }
            self.fields.push(FieldDifference { field, says });
        }
    }
}

/// How two values differ; `None` if they are equal.
fn differ(live: &Value, shadow: &Value, tolerance: f64) -> Option<String> {
    if let (Some(one), Some(other)) = (live.as_f64(), shadow.as_f64()) {
        let (apart, larger) = ((one - other).abs(), one.abs().max(other.abs()));
        let share = apart / larger * 100.0;
        let is_far = larger > 0.0 && apart > tolerance * larger;
        return is_far.then(|| format!("is {share:.1} % apart"));
    }
    if live == shadow {
        return None;
    }
    let (was, is) = (kind(live), kind(shadow));
    Some(if was == is {
        format!("is {is} with another value")
    } else {
        format!("is {is}, not {was}")
    })
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a flag",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const TENTH_OF_A_PERCENT: Decimal = Decimal::parts(10);

    fn fields(live: &Value, shadow: &Value) -> Vec<String> {
        let found = compare(live, shadow, TENTH_OF_A_PERCENT);
        found.fields.iter().map(|one| format!("{} {}", one.field, one.says)).collect()
    }

    #[test]
    fn answers_are_compared_value_by_value() {
        for (live, shadow, expected) in [
            (json!({"a": 1.0}), json!({"a": 1.0009}), vec![]),
            (json!({"a": 1}), json!({"a": 1.0}), vec![]),
            (json!({"a": 100}), json!({"a": 90}), vec!["/a is 10.0 % apart"]),
            (json!({"a": 0}), json!({"a": 0.0}), vec![]),
            (json!({"a": [1, 2]}), json!({"a": [1]}), vec!["/a/1 is missing"]),
            (json!({"a/b": "x"}), json!({"c": 1}), vec!["/a~1b is missing", "/c is new"]),
            (json!({"a": "x"}), json!({"a": "y"}), vec!["/a is a text with another value"]),
            (json!({"a": 1}), json!({"a": {"b": 1}}), vec!["/a is an object, not a number"]),
            (json!(null), json!([]), vec![" is a list, not null"]),
        ] {
            assert_eq!(fields(&live, &shadow), expected, "{live} {shadow}");
        }
    }

    #[test]
    fn differences_that_are_not_listed_are_counted() {
        for (count, listed, not_listed) in [(0, 0, 0), (20, 20, 0), (21, 20, 1), (300, 20, 280)] {
            let list = |value: i32| json!(vec![value; count]);
            let found = compare(&list(1), &list(2), TENTH_OF_A_PERCENT);
            assert_eq!((found.fields.len(), found.not_listed), (listed, Some(not_listed)));
            assert_eq!(found.differences, u32::try_from(listed).expect("few") + not_listed);
            let record = serde_json::to_value(&found).expect("JSON");
            assert_eq!(record["not_listed"], not_listed);
        }
        let deep = json!({ "k".repeat(130): 1 });
        let found = compare(&deep, &json!({}), TENTH_OF_A_PERCENT);
        assert!(found.fields[0].field.ends_with("k…"), "{found:?}");
        let old = r#"{"values":1,"differences":0,"fields":[]}"#;
        let read: Compared = serde_json::from_str(old).expect("older evidence");
        assert_eq!(serde_json::to_string(&read).expect("JSON"), old, "its hash is of these bytes");
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            (-1e6..1e6_f64).prop_map(Value::from),
            "[a-z~/]{0,4}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map("[a-z~/]{0,3}", inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn equal_answers_have_no_differences_and_the_order_does_not_matter(one in value(), other in value()) {
            prop_assert_eq!(compare(&one, &one, Decimal::whole(0)).differences, 0);
            let (there, back) = (compare(&one, &other, TENTH_OF_A_PERCENT), compare(&other, &one, TENTH_OF_A_PERCENT));
            prop_assert_eq!((there.values, there.differences), (back.values, back.differences));
            prop_assert!(there.fields.len() <= FIELDS_MAX && there.differences <= there.values);
            let places: Vec<_> = there.fields.iter().map(|one| &one.field).collect();
            prop_assert_eq!(places, back.fields.iter().map(|one| &one.field).collect::<Vec<_>>());
        }
    }
}
