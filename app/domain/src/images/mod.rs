//! Container images: what names one, and the rules for replacing and deleting one.

pub mod guards;
pub mod reference;

#[cfg(test)]
mod guards_tests;
#[cfg(test)]
mod reference_tests;
