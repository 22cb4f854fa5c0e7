//! Log Analytics for the emulator: log tables on disk, and a reader of the Kusto Query Language (KQL). It knows nothing of
//! HTTP.
//!
//! # Data flow
//!
//! Rows: [`Schema::row`] → [`LogStore::append`] → log of the growing segment, and the same rows in memory → at 65,536 rows a
//! full segment, in which each column is one encoded block.
//!
//! Queries: text → tokens → syntax tree (`kql`) → typed plan (`plan`) → batches of rows (`run`) → [`Answer`].
//!
//! * **The plan** has columns by number and expressions with types. Errors of meaning are found here; running a plan fails
//!   only when its time or memory is used up, or a file is damaged.
//! * **Batches** are the rows of one segment. A column of a batch is read and decoded when an expression needs it, and a
//!   filter only notes which rows it kept. So no analysis of which columns a query needs is necessary: the others are never
//!   read.
//! * **Vectors** are plain arrays for numbers, and numbers into a dictionary for strings that repeat. A function of one
//!   dictionary is computed once for each of its strings.
//! * **Ingestion delay**: every row has a time from which on queries see it. The caller gives that time and `now`.
//!
//! # Why not an existing store
//!
//! SQLite, with whole numbers in place of strings and a covering index, took 7.6 s to count 10 million rows by deployment and
//! 5 minutes (2 cores of an EPYC, SQLite 3.40) and 1 GB of disk, because it visits each row; the key-value stores (redb, fjall)
//! visit each row too. DataFusion and Polars would do it, at the cost of some 300 crates, and arrow with parquet would bring only
//! the encodings, which are 400 lines here.
//!
//! # Measured
//!
//! `cargo run --package analytics --example requests` loads 10 million requests of one day with all columns. On 2 cores of an
//! EPYC that were busy with other work: 190,000 to 350,000 rows/s, 390 MB of disk, and at most 119 MB of memory. A day's
//! failed requests by deployment and 5 minutes took 0.15 to 0.5 s, percentiles of durations 0.7 to 1.5 s, one request by its id
//! 0.6 to 1.5 s, and the last 100 requests 0.3 to 0.4 s.
//!
//! # What differs from the service
//!
//! * `dcount()` and the percentiles are exact; the service estimates.
//! * Rows without an order come in the order in which they were appended.
//! * A string is compared with a number, a time or a bool by converting the string; [`Answer::remarks`] says where. Whether the
//!   service converts the string or the other side is not documented.
//! * `has` finds terms by scanning.
//! * Operators and functions that only the service knows are answered by [`QueryError::Unsupported`].
//! * Retention removes whole segments.
//!
//! # Limits
//!
//! A query has at most 1 MiB of text, 100 levels of parentheses, expressions 250 nodes deep, 200 operators in a pipeline and
//! 2,000 in all; a regular expression has 1 MiB when compiled, and a string that a function makes 1 MiB. A query that exceeds its
//! deadline or its memory ends with an error; an answer that exceeds the service's rows or bytes is cut, and says so.

mod answer;
mod functions;
mod kql;
mod plan;
mod query;
mod run;
mod schema;
mod store;
pub mod tables;
pub mod ticks;
mod types;
mod vector;

pub use answer::{Answer, Partial};
pub use kql::error::{Place, QueryError};
pub use plan::{Remark, Render};
pub use query::{BYTES_MAX, Checked, Options, ROWS_MAX, check, query, query_of};
pub use schema::{Column, Schema, SchemaError};
pub use store::{LogStore, StoreError};
pub use types::{Type, Value};
