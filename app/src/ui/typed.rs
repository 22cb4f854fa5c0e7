//! Keeps what a person typed into a field before hydration. Hydration resets each field to its rendered value, so the
//! typed text is read before and restored after.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, HtmlTextAreaElement};

/// An element of the page; `None` on the server.
fn element<E: JsCast>(id: &str) -> Option<E> {
    let found: Element = is_browser().then(|| document().get_element_by_id(id)).flatten()?;
    found.dyn_into().ok()
}

/// The `prop:value` for the text area with this id: `text`, which starts with what was typed. Call it in the body of an
/// island. The caret does not move, because the area is never set to a different text.
pub fn area(id: &str, text: RwSignal<String>) -> impl Fn() -> String + Copy + use<> {
    let typed = in_area(id);
    let first = StoredValue::new(typed.clone());
    Effect::new(move |_| {
        if let Some(typed) = &typed {
            text.set(typed.clone());
        }
    });
    move || {
        let text = text.get();
        first.try_update_value(Option::take).flatten().unwrap_or(text)
    }
}

/// The text of the text area with this id, if it differs from the rendered text.
fn in_area(id: &str) -> Option<String> {
    let area: HtmlTextAreaElement = element(id)?;
    let text = area.value();
    (area.default_value().is_ok_and(|rendered| rendered != text)).then_some(text)
}

/// The value of the input with this id, if it differs from the rendered value.
#[must_use]
pub fn in_input(id: &str) -> Option<String> {
    let input: HtmlInputElement = element(id)?;
    let value = input.value();
    (value != input.default_value()).then_some(value)
}

/// Whether the checkbox with this id is checked; `rendered` on the server.
#[must_use]
pub fn in_checkbox(id: &str, rendered: bool) -> bool {
    element::<HtmlInputElement>(id).map_or(rendered, |input| input.checked())
}

/// The selected value of the list with this id, if it differs from the rendered one.
#[must_use]
pub fn in_select(id: &str, rendered: &str) -> Option<String> {
    let select: web_sys::HtmlSelectElement = element(id)?;
    let value = select.value();
    (value != rendered).then_some(value)
}
