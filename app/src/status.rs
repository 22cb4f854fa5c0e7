//! The HTTP status of a page, which only the server can set.

use leptos::prelude::use_context;
use std::sync::Arc;

/// Sets the status of the current response. The server provides this in the page's context.
#[derive(Clone)]
pub struct SetStatus(pub Arc<dyn Fn(u16) + Send + Sync>);

/// Sets the status of the current response; does nothing in the browser.
pub fn set_status(status: u16) {
    if let Some(SetStatus(set)) = use_context::<SetStatus>() {
        set(status);
    }
}
