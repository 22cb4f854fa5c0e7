//! Decrypted values: for the service itself, and for other services that read a secret by its URL.

use crate::inner::Inner;
use crate::vaults::kept::{Secret, Vault, Version};
use crate::vaults::reference::Reference;

/// Where a value belongs: it can be decrypted for no other version.
pub fn place(vault: &str, name: &str, version: &str) -> String {
    format!("{vault}/{}/{version}", name.to_lowercase())
}

/// Why a value cannot be read.
#[derive(Debug)]
pub enum Unreadable {
    /// There is no such secret or version.
    Missing,
    Disabled,
    /// It was encrypted with another key.
    Sealed,
}

/// A version with its value; the newest one for an empty id.
pub fn value(
    inner: &Inner,
    vault: &Vault,
    name: &str,
    id: &str,
) -> Result<(Secret, Version, String), Unreadable> {
    let secret = vault.secret(name).ok_or(Unreadable::Missing)?;
    let version = secret.version(id).ok_or(Unreadable::Missing)?;
    if !version.is_enabled {
        return Err(Unreadable::Disabled);
    }
    let place = place(&vault.name.to_lowercase(), &secret.name, &version.id);
    let value = inner.vaults.sealer.open_sealed(&place, &version.sealed);
    Ok((secret.clone(), version.clone(), value.ok_or(Unreadable::Sealed)?))
}

/// The value of a secret, or in words why it cannot be read.
pub fn read(inner: &Inner, at: &Reference) -> Result<String, String> {
    if let Some(refusal) = inner.vaults.refusals.of(&at.vault) {
        return Err(refusal.message("the load testing resource", &at.vault));
    }
    let found = inner.store.read(|state| {
        let vault = state.vaults.get(&at.vault);
        vault.map(|vault| value(inner, vault, &at.name, &at.version))
    });
    match found {
        None => Err(format!("there is no vault {}", at.vault)),
        Some(Ok((_, _, value))) => Ok(value),
        Some(Err(Unreadable::Missing)) => Err(format!(
            "the vault {} has no secret {}; it may be deleted and recoverable",
            at.vault, at.name
        )),
        Some(Err(Unreadable::Disabled)) => Err(format!("the secret {} is disabled", at.name)),
        Some(Err(Unreadable::Sealed)) => {
            Err(format!("the secret {} was encrypted with another key; write it again", at.name))
        }
    }
}
