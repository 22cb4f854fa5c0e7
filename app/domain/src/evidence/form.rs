//! The fields of the forms that capture evidence. The target and the body of a request have the same names as in the
//! form for a test request.

/// The kind of evidence.
pub const KIND: &str = "kind";
/// The deployment of a shadow comparison.
pub const DEPLOYMENT: &str = "deployment";
/// The request's body. The form is prefilled with a sample.
pub const BODY: &str = "body";
/// The change to return to; optional.
pub const CHANGE: &str = "change";
