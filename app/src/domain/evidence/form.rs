//! The fields of the forms that capture evidence. What a request is sent to, and its body, have the names that
//! they have in a test request's form.

/// What kind.
pub const KIND: &str = "kind";
/// Of which deployment; for a shadow comparison.
pub const DEPLOYMENT: &str = "deployment";
/// The request's body; a sample stands there before anybody has written another one.
pub const BODY: &str = "body";
/// The change to lead back to; may be missing.
pub const CHANGE: &str = "change";
