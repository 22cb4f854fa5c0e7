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
    /// Its disk fails, or what it holds is damaged.
    Damaged,
}

/// PostgreSQL's codes for a server that ends or begins, or takes too long, beside the class of broken
/// connections, 08 (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
const AWAY: [&str; 8] = ["57P01", "57P02", "57P03", "57P05", "53300", "57014", "55P03", "25P03"];
/// Its codes for a transaction that may only read, and for a full disk.
const TAKES_NO_WRITES: [&str; 3] = ["25006", "53100", "53000"];
/// Its codes for a disk that fails and for what is damaged.
const DAMAGED: [&str; 3] = ["58030", "XX001", "XX002"];

/// SQLite's result codes; in the longer ones, these are the lowest eight bits
/// (<https://www.sqlite.org/rescode.html>).
fn of_sqlite(code: u32) -> Option<Trouble> {
    match code & 0xff {
        // BUSY, LOCKED
        5 | 6 => Some(Trouble::Away),
        // READONLY, FULL, and CANTOPEN: a file beside the database cannot be made
        8 | 13 | 14 => Some(Trouble::TakesNoWrites),
        // IOERR, CORRUPT, NOTADB
        10 | 11 | 26 => Some(Trouble::Damaged),
        _ => None,
    }
}

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
                let code = code.as_ref();
                // PostgreSQL's have five characters, and SQLite's no more than four digits.
                if code.len() < 5 {
                    return of_sqlite(code.parse().ok()?);
                }
                let is_away = code.starts_with("08") || AWAY.contains(&code);
                let is_full = TAKES_NO_WRITES.contains(&code);
                let is_damaged = DAMAGED.contains(&code);
                let away = is_away.then_some(Self::Away);
                away.or(is_full.then_some(Self::TakesNoWrites))
                    .or(is_damaged.then_some(Self::Damaged))
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
                 asked for was done, and runs wait where they are. The database's administrator has to make \
                 room, or let it be written; the console then goes on by itself."
            }
            Self::Damaged => {
                "The console's database is damaged, or its disk fails. Nothing of what you asked for was done. The \
                 database's administrator has to stop the console, look at the disk, and restore a backup."
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_sqlites_codes_is_read_by_its_lowest_bits() {
        let table = [
            (5, Some(Trouble::Away)),
            (517, Some(Trouble::Away)),
            (8, Some(Trouble::TakesNoWrites)),
            (1544, Some(Trouble::TakesNoWrites)),
            (13, Some(Trouble::TakesNoWrites)),
            (14, Some(Trouble::TakesNoWrites)),
            (778, Some(Trouble::Damaged)),
            (11, Some(Trouble::Damaged)),
            (267, Some(Trouble::Damaged)),
            (26, Some(Trouble::Damaged)),
            (19, None),
            (2067, None),
            (1, None),
        ];
        for (code, trouble) in table {
            assert_eq!(of_sqlite(code), trouble, "{code}");
        }
    }
}
