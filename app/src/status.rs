//! The HTTP status of a page, which only the server can set.

use leptos::prelude::use_context;
use std::sync::Arc;

/// Sets the status of the response that is being rendered. The server provides it in the page's context.
#[derive(Clone)]
pub struct SetStatus(pub Arc<dyn Fn(u16) + Send + Sync>);

/// Sets the status, where there is a response to set it on.
pub fn set_status(status: u16) {
    if let Some(SetStatus(set)) = use_context::<SetStatus>() {
        set(status);
    }
}
