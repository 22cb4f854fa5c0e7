//! `env`, `secrets` and `certificates`.

use super::list::at_key;
use super::model::VaultReference;
use crate::problem::Problem;
use crate::reader::{Field, Fields, Keys, Reader};
use crate::yaml::{Typed, short};
use std::collections::BTreeSet;

const KEYS: Keys = Keys { known: &["name", "value"], ignored: &[] };
/// Our own limit; the service documents none.
const PARAMETERS_MAX: usize = 500;
/// The hosts of Key Vault in all clouds, after the vault's name: those that the CLI accepts.
const VAULT_HOSTS: [&str; 5] = [
    "vault.azure.net",
    "vault.azure.cn",
    "vault.usgovcloudapi.net",
    "vault.microsoftazure.de",
    "vault-int.azure-int.net",
];

impl Reader<'_> {
    /// `env`. Values become strings, as the service converts them. Reports values that do not keep their spelling.
    pub(super) fn env(
        &mut self,
        fields: &Fields<'_>,
        warnings: &mut Vec<Problem>,
    ) -> Vec<(String, String)> {
        let items = self.mappings_of(fields, "env", PARAMETERS_MAX, KEYS);
        let mut all = Vec::new();
        for item in &items {
            let name = self.needed_of(item, "name");
            let value = match self.optional(item, "value") {
                Some(field) => self.variable(&field, warnings),
                None => Some(String::new()),
            };
            all.extend(name.zip(value));
        }
        self.distinct(fields, "env", all.iter().map(|(name, _)| name.as_str()));
        all
    }

    fn variable(&mut self, field: &Field<'_>, warnings: &mut Vec<Problem>) -> Option<String> {
        let typed = field.node.scalar().and_then(|scalar| scalar.typed().ok());
        let sent = match typed {
            Some(Typed::Text(text)) => return Some(text),
            Some(Typed::Bool(flag)) => flag.to_string(),
            Some(Typed::Int(number)) => number.to_string(),
            Some(Typed::Float(number)) if number.is_finite() => number.to_string(),
            _ => {
                let kind = field.node.kind();
                let message = format!("this must be a string, but is {kind}. Put it in quotes");
                return self.refuse(field.problem(message));
            }
        };
        let written = field.node.text().unwrap_or_default();
        if sent != written {
            let message = format!(
                "without quotes, YAML reads {} as {}, and the plan gets that. Put the value in quotes to keep its spelling",
                short(written),
                short(&sent)
            );
            warnings.push(field.problem(message));
        }
        Some(sent)
    }

    /// `secrets`: names with addresses in Key Vault.
    pub(super) fn secrets(&mut self, fields: &Fields<'_>) -> Vec<VaultReference> {
        let items = self.mappings_of(fields, "secrets", PARAMETERS_MAX, KEYS);
        let all: Vec<_> =
            items.iter().filter_map(|item| self.vault_reference(item, "secrets")).collect();
        self.distinct(fields, "secrets", all.iter().map(|one| one.name.as_str()));
        all
    }

    /// `certificates`, of which the service supports one.
    pub(super) fn certificate(&mut self, fields: &Fields<'_>) -> Option<VaultReference> {
        let items = self.mappings_of(fields, "certificates", 1, KEYS);
        self.vault_reference(items.first()?, "certificates")
    }

    /// A name with an address. The value is never shown, because it may be the secret itself.
    fn vault_reference(&mut self, item: &Fields<'_>, folder: &str) -> Option<VaultReference> {
        let name = self.needed_of(item, "name");
        let field = self.optional(item, "value");
        if field.is_none() {
            self.push(at_key(item, "value", "the key value is missing. Add it"));
        }
        let field = field?;
        let address = field.node.text().filter(|text| is_vault_address(text, folder));
        let Some(address) = address else {
            let message = format!(
                "this is not an address in Key Vault. Write https://{{vault}}.vault.azure.net/{folder}/{{name}}. Never write \
                 the value itself here"
            );
            return self.refuse(field.problem(message));
        };
        Some(VaultReference { name: name?, address: address.to_owned() })
    }

    fn distinct<'a>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        names: impl Iterator<Item = &'a str>,
    ) {
        let mut seen = BTreeSet::new();
        for name in names {
            if !seen.insert(name) {
                let message = format!("the name {} occurs twice. Remove one", short(name));
                self.push(at_key(fields, key, message));
            }
        }
    }
}

/// Whether a text is the address of an item in a vault's folder, with or without a version.
fn is_vault_address(text: &str, folder: &str) -> bool {
    const SCHEME: &str = "https://";
    let is_word = |text: &str| {
        !text.is_empty()
            && text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_')
    };
    let Some(scheme) = text.get(..SCHEME.len()) else { return false };
    let mut parts = text[SCHEME.len()..].split('/');
    let host = parts.next().unwrap_or_default().to_lowercase();
    let Some((vault, domain)) = host.split_once('.') else { return false };
    let is_folder = parts.next().is_some_and(|part| part.eq_ignore_ascii_case(folder));
    let rest: Vec<&str> = parts.collect();
    scheme.eq_ignore_ascii_case(SCHEME)
        && is_word(vault)
        && VAULT_HOSTS.contains(&domain)
        && is_folder
        && (1..=2).contains(&rest.len())
        && rest.iter().all(|part| is_word(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_in_key_vault_are_references() {
        for good in [
            "https://akv-contoso.vault.azure.net/secrets/MySecret/abc1234567890def12345",
            "https://kv-a.vault.azure.net/secrets/api-key-anet-ep",
            "HTTPS://kv.vault.usgovcloudapi.net/Secrets/x",
        ] {
            assert!(is_vault_address(good, "secrets"), "{good}");
        }
        for wrong in [
            "",
            "hunter2",
            "http://kv.vault.azure.net/secrets/x",
            "https://kv.vault.azure.net.evil.example/secrets/x",
            "https://evil.example/kv.vault.azure.net/secrets/x",
            "https://kv@evil.vault.azure.net/secrets/x",
            "https://kv.vault.azure.net/certificates/x",
            "https://kv.vault.azure.net/secrets/",
            "https://kv.vault.azure.net/secrets/x/1/2",
            "https://kv.vault.azure.net/secrets/../keys",
            "https://kv.vault.azure.net/secrets/x?api-version=7.5",
            "ähttps",
        ] {
            assert!(!is_vault_address(wrong, "secrets"), "{wrong}");
        }
    }
}
