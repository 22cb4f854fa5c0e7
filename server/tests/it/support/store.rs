//! The store on both databases, without a console.

use super::Postgres;
use domain::stage::EndpointKey;
use domain::timestamp::Timestamp;
use domain::user::User;
use server::entries::Principal;
use server::secrets::Keyring;
use server::secrets::file::KeyFile;
use server::store::Database;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::OnceLock;
use tempfile::TempDir;

/// The time of all events.
pub const NOW: Timestamp = Timestamp(1_700_000_000_000);

/// The key file for all databases of one server.
pub fn shared_key() -> PathBuf {
    static KEY: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, file) = KEY.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("secrets.key");
        server::secrets::file::make(&file, &Keyring::random()).expect("it is made");
        (folder, file)
    });
    file.clone()
}

/// Opens a server's database while a console uses it.
pub async fn beside(server: &Postgres) -> Database {
    let database = Database::at_server(&server.url()).await.expect("it opens");
    database.unlock(&KeyFile::at(shared_key())).await.expect("it has keys");
    database
}

/// Runs a test on SQLite, then on PostgreSQL.
pub async fn on_both(test: impl AsyncFn(Database)) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = Database::in_directory(folder.path()).await.expect("it opens");
    test(file.clone()).await;
    file.close().await;
    let server = Postgres::start().await;
    let database = beside(&server).await;
    test(database.clone()).await;
    database.close().await;
}

pub fn principal(name: &str) -> Principal {
    let user = User {
        tenant: "t".to_owned(),
        object: name.to_owned(),
        name: name.to_owned(),
        username: format!("{name}@example.org"),
        roles: BTreeSet::new(),
    };
    Principal { user, request: "r".to_owned() }
}

/// An endpoint on the production stage.
pub fn on_prod(endpoint: &str) -> EndpointKey {
    EndpointKey {
        stage: "anet-prod".parse().expect("a stage"),
        endpoint: endpoint.parse().expect("an endpoint"),
    }
}

/// Tries a statement on the database; returns the number of rows, or the error.
pub async fn tried(database: &Database, sql: &str) -> Result<u64, String> {
    let text = |error: sqlx::Error| error.to_string();
    match database {
        Database::Sqlite(pool, _) => {
            sqlx::query(sql).execute(pool).await.map(|done| done.rows_affected()).map_err(text)
        }
        Database::Postgres(pool, _) => {
            sqlx::query(sql).execute(pool).await.map(|done| done.rows_affected()).map_err(text)
        }
    }
}
