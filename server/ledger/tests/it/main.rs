//! The ledger from outside: its forms, and what happens to who changes them.

mod form;
mod ledger;
mod tampering;
