//! What the emulator keeps of Azure Key Vault. [`crate::key_vault`] has the service itself.

pub mod kept;
pub mod reference;
pub mod refusal;
pub mod seal;

use std::path::Path;

use refusal::Refusals;
use seal::Sealer;

/// What is not part of the state: the key of the secrets, and the vaults that refuse for now.
#[derive(Debug)]
pub struct Vaults {
    pub sealer: Sealer,
    pub refusals: Refusals,
}

impl Vaults {
    /// With the key in `dir`, or a new key that is lost at the end.
    ///
    /// # Errors
    /// The key cannot be read or created.
    pub fn open(dir: Option<&Path>) -> anyhow::Result<Self> {
        Ok(Self { sealer: Sealer::open(dir)?, refusals: Refusals::default() })
    }
}
