//! `keyVaultReferenceIdentity` and `referenceIdentities`.

use super::list::at_key;
use super::model::{EngineIdentity, Identity};
use super::resource::is_of;
use crate::reader::{Fields, Keys, Reader};
use crate::yaml::short;

const KEYS: Keys = Keys { known: &["kind", "type", "value"], ignored: &[] };
const USER_IDENTITY: &str = "Microsoft.ManagedIdentity/userAssignedIdentities";
/// Our own limit; the service documents none.
const IDENTITIES_MAX: usize = 50;

/// The identities of a test.
#[derive(Debug, Default)]
pub(super) struct Identities {
    pub(super) vault: Identity,
    pub(super) metrics: Identity,
    pub(super) engine: Option<EngineIdentity>,
}

/// One item of `referenceIdentities`.
struct Item {
    kind: &'static str,
    /// `None` for the type `None`, which only engines have.
    identity: Option<Identity>,
}

impl Reader<'_> {
    /// All identities.
    pub(super) fn identities(&mut self, fields: &Fields<'_>) -> Identities {
        let mut all = Identities::default();
        let outside = self.vault_identity(fields);
        let items = self.mappings_of(fields, "referenceIdentities", IDENTITIES_MAX, KEYS);
        let items: Vec<_> = items.iter().filter_map(|item| self.identity_item(item)).collect();
        for kind in ["KeyVault", "Metrics"] {
            let count = items.iter().filter(|item| item.kind == kind).count();
            let is_outside = kind == "KeyVault" && outside.is_some();
            if count + usize::from(is_outside) > 1 {
                let message = match is_outside {
                    true => "the identity for Key Vault is also in keyVaultReferenceIdentity. Remove one".to_owned(),
                    false => format!("{count} items have the kind {kind}, which may occur once. Remove one"),
                };
                self.push(at_key(fields, "referenceIdentities", message));
            }
        }
        all.vault = outside.unwrap_or_default();
        for Item { kind, identity } in items {
            match (kind, identity) {
                ("KeyVault", Some(identity)) => all.vault = identity,
                ("Metrics", Some(identity)) => all.metrics = identity,
                (_, identity) => self.engine(fields, &mut all.engine, identity),
            }
        }
        all
    }

    /// `keyVaultReferenceIdentity` with its type: the older way.
    fn vault_identity(&mut self, fields: &Fields<'_>) -> Option<Identity> {
        const ID: &str = "keyVaultReferenceIdentity";
        let words = ["SystemAssigned", "UserAssigned"];
        let kind = self.exact_of(fields, "keyVaultReferenceIdentityType", &words);
        let id = self.words_of(fields, ID).filter(|id| self.is_user_identity(fields, ID, id));
        match (kind, id) {
            (Some("SystemAssigned"), Some(_)) => {
                let message = "keyVaultReferenceIdentityType is SystemAssigned, so this must be left out. Remove one";
                self.refuse(at_key(fields, ID, message))
            }
            (Some("UserAssigned"), None)
                if fields.raw(ID).is_none_or(|field| field.node.is_null()) =>
            {
                let message = "keyVaultReferenceIdentityType is UserAssigned, so this must name the identity. Add its ARM id";
                self.refuse(at_key(fields, ID, message))
            }
            (_, Some(id)) => Some(Identity::User(id)),
            (Some(_), None) => Some(Identity::System),
            (None, None) => None,
        }
    }

    fn is_user_identity(&mut self, fields: &Fields<'_>, key: &str, id: &str) -> bool {
        let is_one = is_of(id, USER_IDENTITY);
        if !is_one {
            let message = format!(
                "“{}” is not the ARM id of a user-assigned identity. Write \
                 /subscriptions/…/resourceGroups/…/providers/{USER_IDENTITY}/{{name}}",
                short(id)
            );
            self.push(at_key(fields, key, message));
        }
        is_one
    }

    fn identity_item(&mut self, item: &Fields<'_>) -> Option<Item> {
        for key in ["kind", "type"] {
            if self.optional(item, key).is_none() {
                self.push(at_key(item, key, format!("the key {key} is missing. Add it")));
            }
        }
        let kind = self.exact_of(item, "kind", &["KeyVault", "Metrics", "Engine"]);
        let of = self.exact_of(item, "type", &["SystemAssigned", "UserAssigned", "None"]);
        let value = self.words_of(item, "value");
        let (kind, of) = kind.zip(of)?;
        let identity = match (of, value) {
            ("UserAssigned", Some(id)) => {
                self.is_user_identity(item, "value", &id).then_some(Some(Identity::User(id)))?
            }
            ("UserAssigned", None) => {
                let message = "a user-assigned identity needs its ARM id. Add the key value";
                return self.refuse(at_key(item, "value", message));
            }
            (_, Some(_)) => {
                let message =
                    format!("the type {of} has no value. Remove it, or write type: UserAssigned");
                return self.refuse(at_key(item, "value", message));
            }
            ("None", None) if kind != "Engine" => {
                let message =
                    format!("only the kind Engine can have the type None, but this is {kind}");
                return self.refuse(at_key(item, "type", message));
            }
            ("None", None) => None,
            (_, None) => Some(Identity::System),
        };
        Some(Item { kind, identity })
    }

    /// Adds one more identity of the engines, which are all of one type.
    fn engine(
        &mut self,
        fields: &Fields<'_>,
        engine: &mut Option<EngineIdentity>,
        identity: Option<Identity>,
    ) {
        let next = match (engine.take(), identity) {
            (None, None) => EngineIdentity::None,
            (None, Some(Identity::System)) => EngineIdentity::System,
            (None, Some(Identity::User(id))) => EngineIdentity::User(vec![id]),
            (Some(EngineIdentity::User(mut ids)), Some(Identity::User(id))) => {
                ids.push(id);
                EngineIdentity::User(ids)
            }
            (Some(before), _) => {
                let message = "the engines have either one system-assigned identity, or user-assigned ones, or none. Keep \
                               one kind of them";
                self.push(at_key(fields, "referenceIdentities", message));
                before
            }
        };
        *engine = Some(next);
    }
}
