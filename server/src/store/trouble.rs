//! Classifies failures of the database for messages to people.

use std::error::Error;
use std::fmt;

/// A failure of the database that has nothing to do with the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The database does not respond.
    Away,
    /// The database is full or read-only.
    TakesNoWrites,
    /// The disk fails, or the data is damaged.
    Damaged,
}

/// PostgreSQL's codes for a server that starts, stops or takes too long, besides class 08, broken connections
/// (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
const AWAY: [&str; 8] = ["57P01", "57P02", "57P03", "57P05", "53300", "57014", "55P03", "25P03"];
/// PostgreSQL's codes for a read-only transaction and a full disk.
const TAKES_NO_WRITES: [&str; 3] = ["25006", "53100", "53000"];
/// PostgreSQL's codes for a failing disk and damaged data.
const DAMAGED: [&str; 3] = ["58030", "XX001", "XX002"];

/// Classifies SQLite's result codes. The lowest eight bits of an extended code are its primary code
/// (<https://www.sqlite.org/rescode.html>).
fn of_sqlite(code: u32) -> Option<Trouble> {
    match code & 0xff {
        // BUSY, LOCKED
        5 | 6 => Some(Trouble::Away),
        // READONLY, FULL, and CANTOPEN: a file beside the database cannot be created
        8 | 13 | 14 => Some(Trouble::TakesNoWrites),
        // IOERR, CORRUPT, NOTADB
        10 | 11 | 26 => Some(Trouble::Damaged),
        _ => None,
    }
}

impl Trouble {
    /// The failure behind an error; `None` when the error has another cause.
    #[must_use]
    pub fn behind(error: &(dyn Error + 'static)) -> Option<Self> {
        let mut causes = std::iter::successors(Some(error), |&error| error.source());
        causes.find_map(<dyn Error>::downcast_ref::<sqlx::Error>).and_then(Self::of)
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
                // PostgreSQL's codes have five characters, SQLite's at most four digits.
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
                "The console cannot reach its database. If you sent a form, check whether it took effect before you \
                 send it again. Operations in progress in Azure continue, and the console resumes its runs when \
                 the database is back."
            }
            Self::TakesNoWrites => {
                "The console's database does not accept writes: it is full or read-only. Your request had no effect, \
                 and runs are paused. The database's administrator must free space or allow writes; the console \
                 then continues by itself."
            }
            Self::Damaged => {
                "The console's database is damaged, or its disk fails. Your request had no effect. The database's \
                 administrator must stop the console, check the disk, and restore a backup."
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlites_extended_codes_count_as_their_primary_codes() {
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
