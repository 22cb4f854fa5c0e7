//! The rules of this repository that can be checked by reading its sources. They are tests, and they build in
//! a second, so `make check` runs them before anything else.
//!
//! Clippy checks what needs the compiler. What is here needs only text: how long files and functions are, which
//! words they use, what has a doc comment, which folder imports which, and whether the server produces what guards
//! judge.
#![cfg(test)]

mod docs;
mod functions;
mod guards;
mod modules;
mod phrases;
mod sources;
mod tidy;
