//! The tests of the product as a whole.

mod tidy;
