//! What keeps a database from doing its work, as people need to know it.

use std::error::Error;
use std::fmt;

/// A trouble that has nothing to do with what was asked for, and passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It does not answer.
    Away,
    /// It is full, or read-only.
    TakesNoWrites,
}

/// PostgreSQL's codes for a server that ends or begins, beside the class of broken connections, 08
/// (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
const AWAY: [&str; 5] = ["57P01", "57P02", "57P03", "57P05", "53300"];
/// Its codes for a transaction that may only read, and for a full disk; SQLite's for the same.
const TAKES_NO_WRITES: [&str; 4] = ["25006", "53100", "8", "13"];

impl Trouble {
    /// The trouble behind an error; `None` when it is something else.
    #[must_use]
    pub fn behind(error: &(dyn Error + 'static)) -> Option<Self> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(error) = error.downcast_ref() {
                return Self::of(error);
            }
            cause = error.source();
        }
        None
    }

    fn of(error: &sqlx::Error) -> Option<Self> {
        match error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Some(Self::Away),
            sqlx::Error::Database(error) => {
                let code = error.code()?;
                let is_away = code.starts_with("08") || AWAY.contains(&code.as_ref());
                let is_full = TAKES_NO_WRITES.contains(&code.as_ref());
                is_away.then_some(Self::Away).or(is_full.then_some(Self::TakesNoWrites))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Away => {
                "The console cannot reach its database just now. If you sent something, look whether it was done \
                 before you send it again. What is under way in Azure goes on there, and the console goes on \
                 with it when the database is back."
            }
            Self::TakesNoWrites => {
                "The console's database takes no writes just now: it is full or read-only. Nothing of what you \
                 asked for was done, and runs wait where they are. Whoever looks after the database has to \
                 make room, or let it be written."
            }
        })
    }
}
