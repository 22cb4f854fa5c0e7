//! Opens a database's sealed columns. All clones of the database share one vault, which is empty until the keys were
//! read.

use crate::secrets::{Closed, Of, Secrets};
use std::sync::{Arc, OnceLock};

/// The steps of a run.
pub const STEPS: Column = Column { table: "runs", column: "steps", name: "runs.steps" };
/// The intent of a change, under the name that the column had when the first rows were sealed.
pub const INTENT: Column = Column { table: "changes", column: "intent", name: "changes.wish" };
/// A change's plan.
pub const PLANNED: Column = Column { table: "changes", column: "planned", name: "changes.planned" };
/// A message to a webhook.
pub const MESSAGE: Column = Column { table: "outbox", column: "message", name: "outbox.message" };
/// The key for marks.
pub const OWN: Column = Column { table: "secrets", column: "sealed", name: "secrets.sealed" };

/// A sealed column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub table: &'static str,
    pub column: &'static str,
    name: &'static str,
}

impl Column {
    /// The column in one row.
    #[must_use]
    pub fn of(self, row: &str) -> Of<'_> {
        Of { column: self.name, row }
    }
}

/// A sealed value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The id of the key.
    pub by: String,
    /// The stored text.
    pub text: String,
}

/// The keys, after they were read.
#[derive(Debug, Clone, Default)]
pub struct Vault(Arc<OnceLock<Secrets>>);

impl Vault {
    /// The keys, if they were read.
    ///
    /// # Errors
    /// [`Closed::Locked`].
    pub fn open(&self) -> Result<&Secrets, Closed> {
        self.0.get().ok_or(Closed::Locked)
    }

    /// Stores the keys, once.
    pub(super) fn put(&self, secrets: Secrets) {
        // A second unlock has read the same keys.
        let _ = self.0.set(secrets);
    }

    /// Seals a text.
    ///
    /// # Errors
    /// When the keys have not been read.
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
