//! Runs one statement on either database: on a pool, or on the connection of a transaction. The macros take what runs
//! it, the SQL, and the values for `$1` and so on; and compile each statement for both databases.

use domain::stage::EndpointKey;
use domain::target::Target;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;

/// What runs a statement.
#[derive(Debug)]
pub(crate) enum Executor<S, P> {
    Sqlite(S),
    Postgres(P),
}

/// A query with bound values, run by one of its methods.
macro_rules! run {
    ($query:ident, $run:ident, $on:expr, $sql:expr $(, $value:expr)*) => {
        match $on.executor() {
            $crate::store::statement::Executor::Sqlite(on) => {
                sqlx::$query($sql)$(.bind($value))*.$run(on).await
            }
            $crate::store::statement::Executor::Postgres(on) => {
                sqlx::$query($sql)$(.bind($value))*.$run(on).await
            }
        }
    };
}

/// Executes a statement; the number of rows that it changed.
macro_rules! execute {
    ($on:expr, $sql:expr $(, $value:expr)* $(,)?) => {
        match $on.executor() {
            $crate::store::statement::Executor::Sqlite(on) => {
                let done = sqlx::query($sql)$(.bind($value))*.execute(on).await;
                done.map(|done| done.rows_affected())
            }
            $crate::store::statement::Executor::Postgres(on) => {
                let done = sqlx::query($sql)$(.bind($value))*.execute(on).await;
                done.map(|done| done.rows_affected())
            }
        }
    };
}

macro_rules! fetch_one {
    ($($argument:expr),* $(,)?) => {
        $crate::store::statement::run!(query_as, fetch_one, $($argument),*)
    };
}

macro_rules! fetch_optional {
    ($($argument:expr),* $(,)?) => {
        $crate::store::statement::run!(query_as, fetch_optional, $($argument),*)
    };
}

macro_rules! fetch_all {
    ($($argument:expr),* $(,)?) => {
        $crate::store::statement::run!(query_as, fetch_all, $($argument),*)
    };
}

/// The first column of the only row.
macro_rules! scalar {
    ($($argument:expr),* $(,)?) => {
        $crate::store::statement::run!(query_scalar, fetch_one, $($argument),*)
    };
}

/// The first column of the only row, if there is one.
macro_rules! optional_scalar {
    ($($argument:expr),* $(,)?) => {
        $crate::store::statement::run!(query_scalar, fetch_optional, $($argument),*)
    };
}

/// The first column of all rows.
macro_rules! scalars {
    ($($argument:expr),* $(,)?) => {
        $crate::store::statement::run!(query_scalar, fetch_all, $($argument),*)
    };
}

pub(crate) use {
    execute, fetch_all, fetch_one, fetch_optional, optional_scalar, run, scalar, scalars,
};

/// A value as JSON. Never fails for the types that are stored: they have string keys and no floats.
pub(super) fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// A stored value that was read as JSON.
pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> sqlx::Result<T> {
    serde_json::from_str(text).map_err(bad)
}

/// The error for a stored value that is invalid.
pub(super) fn bad(error: impl Display) -> sqlx::Error {
    sqlx::Error::Decode(error.to_string().into())
}

/// The endpoint that two columns name.
pub(super) fn endpoint(stage: &str, endpoint: &str) -> sqlx::Result<EndpointKey> {
    let (stage, endpoint) = (stage.parse().map_err(bad)?, endpoint.parse().map_err(bad)?);
    Ok(EndpointKey { stage, endpoint })
}

/// The target that three columns name.
pub(super) fn target(key: &str, stage: &str, name: &str) -> sqlx::Result<Target> {
    match key.starts_with("image/") {
        true => Ok(Target::Image { stage: stage.parse().map_err(bad)?, name: name.to_owned() }),
        false => Ok(Target::Endpoint(endpoint(stage, name)?)),
    }
}

/// An index as a column value. The ledger never comes near the limit.
pub(super) fn signed(index: u64) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(index: i64) -> u64 {
    u64::try_from(index).unwrap_or_default()
}
