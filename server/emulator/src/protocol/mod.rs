//! What all of ARM's providers share: a request and its answer, fields of bodies, pages, and errors.

pub mod call;
pub mod error;
pub mod field;
pub mod paging;
