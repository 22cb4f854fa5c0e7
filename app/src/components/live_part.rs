//! A part of a page that only shows. The server renders it again when it changes and sends its HTML, so the browser
//! needs neither the data nor the code that renders it.

use super::connection::ConnectionNotice;
use crate::live::{Clock, listen};
use crate::port::{Beat, RenderedPart};
use domain::timestamp::Timestamp;
use leptos::{html, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// The elements that can have the focus in a part.
const FOCUSABLE: &str = "a, button, input, select, textarea, summary, [tabindex]";

/// Replaces its children by what the stream at `url` sends as `part` events.
///
/// Children keep the focus and open `<details>` stay open as long as the new HTML has them too. Elements with an `id`
/// are recognized by it, others by their text.
#[island]
pub fn LivePart(
    /// The page's event stream.
    url: String,
    now: Timestamp,
    /// What the part says to people who listen to the page. Only changes are read out.
    said: String,
    children: Children,
) -> impl IntoView {
    let clock = Clock::new(now);
    let (data, said) = (RwSignal::new(now), RwSignal::new(said));
    let part = NodeRef::<html::Div>::new();
    let events = url.clone();
    Effect::new(move |_| {
        let Some(part) = part.get() else { return };
        let shown = StoredValue::new_local(Vec::new());
        listen(&events, "part", move |next: RenderedPart| {
            clock.sync(next.now);
            data.set(next.now);
            said.set(next.said);
            shown.update_value(|shown| *shown = replace(&part, shown, &next.html));
        });
        listen(&events, "beat", move |beat: Beat| {
            clock.sync(beat.now);
            data.set(beat.now);
        });
    });
    view! {
        <ConnectionNotice url data=data now=clock.now() />
        <p class="unseen" role="status">{said}</p>
        <div class="live-part" node_ref=part>{children()}</div>
    }
}

/// Renders a part for its stream.
pub fn rendered<V: IntoView>(
    now: Timestamp,
    said: String,
    part: impl FnOnce() -> V,
) -> RenderedPart {
    // The task of a stream has no owner of its own.
    let html = Owner::new_root(None).with(|| part().into_view().to_html());
    RenderedPart { now, html, said }
}

/// Replaces the top-level elements that differ from what was sent last. Returns what was sent, element by element.
///
/// What was sent is compared, and not what the page has: ages on the page change every second.
fn replace(part: &HtmlElement, shown: &[String], html: &str) -> Vec<String> {
    let inert = part.query_selector("leptos-children").ok().flatten();
    let root: Element = inert.unwrap_or_else(|| part.clone().into());
    let Ok(fresh) = document().create_element("div") else { return Vec::new() };
    fresh.set_inner_html(html);
    let next: Vec<Element> = elements(&fresh);
    let sent: Vec<String> = next.iter().map(Element::outer_html).collect();
    let old: Vec<Element> = elements(&root);
    let focus = focused(&root);
    let open = open_details(&root);
    if old.len() == next.len() && shown.len() == next.len() {
        let changed = shown.iter().zip(&sent).map(|(before, now)| before != now);
        for (_, (old, next)) in changed.zip(old.iter().zip(&next)).filter(|(changed, _)| *changed) {
            _ = old.replace_with_with_node_1(next);
        }
    } else {
        root.set_inner_html(html);
    }
    for details in all(&root, "details") {
        if open.contains(&key(&details)) {
            _ = details.set_attribute("open", "");
        }
    }
    if let Some(focus) = focus
        && focused(&root).is_none()
        && let Some(found) = all(&root, FOCUSABLE).into_iter().find(|found| key(found) == focus)
        && let Some(found) = found.dyn_ref::<HtmlElement>()
    {
        _ = found.focus();
    }
    sent
}

fn elements(of: &Element) -> Vec<Element> {
    let children = of.children();
    (0..children.length()).filter_map(|at| children.item(at)).collect()
}

fn all(of: &Element, selector: &str) -> Vec<Element> {
    let Ok(found) = of.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|at| found.get(at)?.dyn_into().ok()).collect()
}

/// What has the focus inside of the part.
fn focused(root: &Element) -> Option<String> {
    let active = document().active_element()?;
    root.contains(Some(&active)).then(|| key(&active))
}

fn open_details(root: &Element) -> Vec<String> {
    all(root, "details[open]").iter().map(key).collect()
}

/// Recognizes an element in the next rendering: by its `id`, or by its name, target and text.
fn key(element: &Element) -> String {
    let named = |name: &str| element.get_attribute(name).unwrap_or_default();
    match element.id() {
        id if !id.is_empty() => id,
        _ if element.tag_name() == "DETAILS" => {
            let summary = element.query_selector("summary").ok().flatten();
            summary.and_then(|summary| summary.text_content()).unwrap_or_default()
        }
        _ => {
            let text = element.text_content().unwrap_or_default();
            format!("{} {} {} {text}", element.tag_name(), named("href"), named("name"))
        }
    }
}
