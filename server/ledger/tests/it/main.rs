//! Tests of the ledger's formats and of tampering.

mod form;
mod ledger;
mod tampering;
