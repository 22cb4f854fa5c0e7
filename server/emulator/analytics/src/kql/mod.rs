//! The text of a query: tokens, a syntax tree, and the errors that say where they are.

mod cursor;
pub(crate) mod error;
mod expression;
mod literal;
mod operator;
mod parser;
pub(crate) mod syntax;
mod token;

pub(crate) use parser::parse;
