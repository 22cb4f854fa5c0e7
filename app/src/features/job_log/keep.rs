//! What the browser remembers. A browser that keeps nothing changes nothing else.

use leptos::prelude::*;
use web_sys::Storage;

fn local() -> Option<Storage> {
    window().local_storage().ok()?
}

fn session() -> Option<Storage> {
    window().session_storage().ok()?
}

/// Remembers a setting.
pub fn setting(key: &str, on: bool) {
    if let Some(storage) = local() {
        _ = storage.set_item(key, if on { "on" } else { "off" });
    }
}

/// A setting, if it is remembered.
#[must_use]
pub fn setting_of(key: &str) -> Option<bool> {
    Some(local()?.get_item(key).ok()?? == "on")
}

/// Remembers a text until the tab is closed.
pub fn for_session(key: &str, text: &str) {
    if let Some(storage) = session() {
        _ = storage.set_item(key, text);
    }
}

/// A text that is remembered until the tab is closed.
#[must_use]
pub fn of_session(key: &str) -> Option<String> {
    session()?.get_item(key).ok()?
}
