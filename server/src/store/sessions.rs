//! Sessions in the store: tower-sessions' own tables, in whichever database it is.
//!
//! What stands in the cookie is not what stands in the table, but its hash: whoever reads the database, or
//! a copy of it, cannot take over a session.

use super::Database;
use async_trait::async_trait;
use sha2::{Digest as _, Sha256};
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Result, SessionStore};
use tower_sessions_sqlx_store::{PostgresStore, SqliteStore};

/// Where sessions are kept.
#[derive(Debug, Clone)]
pub enum Sessions {
    /// In the file.
    Sqlite(SqliteStore),
    /// On the server.
    Postgres(PostgresStore),
}

impl Sessions {
    /// On a database; makes the table.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn new(database: &Database) -> sqlx::Result<Self> {
        Ok(match database {
            Database::Sqlite(pool) => {
                let store = SqliteStore::new(pool.clone());
                store.migrate().await?;
                Self::Sqlite(store)
            }
            Database::Postgres(pool) => {
                let store = PostgresStore::new(pool.clone());
                store.migrate().await?;
                Self::Postgres(store)
            }
        })
    }

    fn table(&self) -> &dyn SessionStore {
        match self {
            Self::Sqlite(store) => store,
            Self::Postgres(store) => store,
        }
    }
}

/// The id under which a session stands in the table: the first 128 bits of its own id's SHA-256, which is as
/// long as an id is. Ids are random, so that no salt is needed.
fn hidden(id: &Id) -> Id {
    let digest: [u8; 32] = Sha256::digest(id.0.to_be_bytes()).into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Id(i128::from_be_bytes(bytes))
}

fn hide(record: &Record) -> Record {
    Record { id: hidden(&record.id), ..record.clone() }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        // The table's own way begins a transaction to draw another id when one is taken, which a hash of 128
        // random bits never is; and it is not to be begun by somebody who may hang up (`Database::begin`).
        self.table().save(&hide(record)).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.table().save(&hide(record)).await
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let kept = self.table().load(&hidden(id)).await?;
        Ok(kept.map(|record| Record { id: *id, ..record }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.table().delete(&hidden(id)).await
    }
}
