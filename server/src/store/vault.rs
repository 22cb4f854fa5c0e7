//! What opens a database's sealed texts: one place for all of its clones, empty until the keys were read.

use crate::secrets::{Closed, Of, Secrets};
use std::sync::{Arc, OnceLock};

/// What a run sends.
pub const STEPS: Column = Column { table: "runs", column: "steps", name: "runs.steps" };
/// What a change is to do.
pub const WISH: Column = Column { table: "changes", column: "wish", name: "changes.wish" };
/// A change's plan.
pub const PLANNED: Column = Column { table: "changes", column: "planned", name: "changes.planned" };
/// A message to a webhook.
pub const MESSAGE: Column = Column { table: "outbox", column: "message", name: "outbox.message" };
/// What the sealing itself needs.
pub const OWN: Column = Column { table: "secrets", column: "sealed", name: "secrets.sealed" };

/// A column whose texts are sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its table.
    pub table: &'static str,
    /// Its name there.
    pub column: &'static str,
    name: &'static str,
}

impl Column {
    /// The text of one row.
    #[must_use]
    pub fn of(self, row: &str) -> Of<'_> {
        Of { column: self.name, row }
    }
}

/// A sealed text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The id of the key.
    pub by: String,
    /// The text as it is stored.
    pub text: String,
}

/// The keys, once they were read.
#[derive(Debug, Clone, Default)]
pub struct Vault(Arc<OnceLock<Secrets>>);

impl Vault {
    /// The keys.
    ///
    /// # Errors
    /// [`Closed::Locked`].
    pub fn open(&self) -> Result<&Secrets, Closed> {
        self.0.get().ok_or(Closed::Locked)
    }

    /// Takes the keys, once.
    pub(super) fn put(&self, secrets: Secrets) {
        // Who unlocks a second time has come to the same keys.
        let _ = self.0.set(secrets);
    }

    /// Seals a text.
    ///
    /// # Errors
    /// When the keys were not read.
    pub fn seal(&self, of: Of<'_>, text: &str) -> sqlx::Result<Sealed> {
        let secrets = self.open().map_err(closed)?;
        let by = secrets.ring().sealing().to_owned();
        Ok(Sealed { by, text: secrets.ring().seal(of, text).map_err(closed)? })
    }

    /// Opens a text.
    ///
    /// # Errors
    /// When it cannot be opened; the error names the column and the row.
    pub fn unseal(&self, of: Of<'_>, text: &str) -> sqlx::Result<String> {
        let opened = self.open().and_then(|secrets| secrets.ring().open(of, text));
        opened.map_err(|why| {
            let Of { column, row } = of;
            sqlx::Error::Decode(format!("{column} of {row} cannot be opened: {why}").into())
        })
    }
}

fn closed(why: Closed) -> sqlx::Error {
    sqlx::Error::Encode(why.into())
}
