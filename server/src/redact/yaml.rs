//! Secrets in a team's YAML, recognised by the names of their variables.
//!
//! Only sections that set variables count: elsewhere a key such as `key_vault_name` is not a secret.

use super::{Values, is_secret_name};
use spec::yaml::{Limits, Node, Value, parse};

/// The sections in which deployments and workflows set variables.
const VARIABLES: [&str; 3] = ["environment_variables", "env", "secrets"];

/// The values of a file's secret variables; none if the file is not valid YAML.
#[must_use]
pub fn secrets(bytes: &[u8]) -> Values {
    let mut values = Values::default();
    if let Ok(root) = parse("", bytes, Limits::default()) {
        walk(&root, &mut values);
    }
    values
}

fn walk(node: &Node, values: &mut Values) {
    match &node.value {
        Value::Map(map) => {
            for entry in &map.entries {
                if VARIABLES.contains(&entry.key.text.as_str()) {
                    variables(&entry.value, values);
                }
                walk(&entry.value, values);
            }
        }
        Value::List(items) => items.iter().for_each(|item| walk(item, values)),
        Value::Scalar(_) => {}
    }
}

fn variables(node: &Node, values: &mut Values) {
    for entry in node.map().into_iter().flat_map(|map| &map.entries) {
        // `${{ secrets.TOKEN }}` refers to a secret but does not contain it.
        let value = entry.value.text().filter(|text| !text.contains("${{"));
        if let Some(value) = value.filter(|_| is_secret_name(&entry.key.text)) {
            values.add(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_variables_are_recognised_by_name() {
        let yaml = "\
key_vault_name: kv-of-the-team
environment_variables: { API_KEY: kanarien-vogel, LOG_LEVEL: warning-level }
jobs:
  build:
    env:
      HF_TOKEN: noch-ein-vogel
      OTHER_TOKEN: ${{ secrets.OTHER }}
";
        let values = secrets(yaml.as_bytes());
        let shown = values.hide(yaml);
        assert!(!shown.contains("vogel"), "{shown}");
        for kept in ["kv-of-the-team", "warning-level", "${{ secrets.OTHER }}", "HF_TOKEN"] {
            assert!(shown.contains(kept), "{kept}: {shown}");
        }
        assert!(secrets(b"{").is_empty());
    }
}
