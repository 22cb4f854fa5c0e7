//! The `identity` of an endpoint.

use crate::reader::{Field, Keys, Reader};
use crate::yaml::Value;
use serde_json::{Map, Value as Json, json};

const KEYS: Keys = Keys {
    known: &["type", "principal_id", "tenant_id", "user_assigned_identities"],
    ignored: &[],
};
const TYPES: [&str; 3] = ["system_assigned", "user_assigned", "none"];
/// Azure ML's limit.
const USER_IDENTITIES_MAX: usize = 1;

impl Reader<'_> {
    /// The REST body's `identity`; system-assigned by default.
    pub(crate) fn identity(&mut self, field: Option<Field<'_>>) -> Option<Json> {
        let Some(field) = field else { return Some(json!({ "type": "SystemAssigned" })) };
        let fields = self.fields(&field, KEYS)?;
        // Both are read-only in Azure, so they are checked but not sent.
        self.text_of(&fields, "principal_id");
        self.text_of(&fields, "tenant_id");
        let users = self.field(&fields, "user_assigned_identities");
        let users = users.and_then(|field| self.user_identities(&field)).unwrap_or_default();
        self.required(&fields, "type")?;
        let kind = match self.snake_of(&fields, "type", &TYPES)? {
            "system_assigned" => "SystemAssigned",
            "user_assigned" => "UserAssigned",
            _ => "None",
        };
        let mut all = Map::new();
        all.insert("type".to_owned(), json!(kind));
        if !users.is_empty() {
            all.insert("userAssignedIdentities".to_owned(), Json::Object(users));
        }
        Some(Json::Object(all))
    }

    fn user_identities(&mut self, field: &Field<'_>) -> Option<Map<String, Json>> {
        let Value::List(items) = &field.node.value else {
            return self.refuse(
                field.problem("this is not a list. Write - resource_id: /subscriptions/…"),
            );
        };
        if items.len() > USER_IDENTITIES_MAX {
            let message = format!(
                "Azure ML supports one user-assigned identity, but there are {} here",
                items.len()
            );
            return self.refuse(field.problem(message));
        }
        let mut all = Map::new();
        for (n, node) in items.iter().enumerate() {
            let item = Field { path: format!("{}[{n}]", field.path), node };
            if node.is_null() {
                self.push(item.problem("this is empty. Give a resource_id"));
            }
            let mut id = None;
            for (key, field) in self.entries(&item) {
                let text = self.text(Some(field));
                if key == "resource_id" {
                    id = text;
                }
            }
            match id {
                Some(id) => {
                    all.insert(id, json!({}));
                }
                None => self.push(
                    item.problem("the key resource_id is missing. Add the identity's ARM id"),
                ),
            }
        }
        Some(all)
    }
}
