//! Pages of the registry's own host: `n` items after `last`, and a `Link` to the next page.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, Uri, header};
use serde_json::Value;
use url::form_urlencoded::Serializer;

use super::refusal::Refusal;
use crate::protocol::call::{query, set};

/// The default length of a page, as in ACR.
const PAGE_ITEMS_DEFAULT: usize = 100;
/// The highest length of a page.
const PAGE_ITEMS_MAX: usize = 1_000;

/// The part of `items` that a request asks for, in their order, and the last name on the page if more follow.
pub fn part<T: Clone>(
    uri: &Uri,
    items: &[T],
    name: impl Fn(&T) -> String,
) -> Result<(Vec<T>, Option<String>), Refusal> {
    let query = query(uri.query().unwrap_or_default());
    let size = match query.get("n").map(|n| n.parse::<usize>()) {
        None => PAGE_ITEMS_DEFAULT,
        Some(Ok(size)) => size.min(PAGE_ITEMS_MAX),
        Some(Err(_)) => {
            let text = "invalid number of results requested";
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "PAGINATION_NUMBER_INVALID", text));
        }
    };
    // Items may have another order than by name, so the place of the last one is searched. If it is gone, what
    // follows it by name comes next.
    let start = query.get("last").filter(|last| !last.is_empty()).map_or(0, |last| {
        let place = items.iter().position(|item| name(item) == *last).map(|at| at + 1);
        let later = || items.iter().position(|item| name(item) > *last).unwrap_or(items.len());
        place.unwrap_or_else(later)
    });
    let page: Vec<T> = items.iter().skip(start).take(size).cloned().collect();
    let more = start + page.len() < items.len();
    let last = page.last().map(name).filter(|_| more);
    Ok((page, last))
}

/// A page as an answer; the link repeats the caller's other parameters.
pub fn answer(uri: &Uri, body: Value, last: Option<String>) -> Response {
    let mut response = Json(body).into_response();
    if let Some(last) = last {
        let mut next = Serializer::new(String::new());
        let given = query(uri.query().unwrap_or_default());
        for (name, value) in given.iter().filter(|(name, _)| *name != "last") {
            next.append_pair(name, value);
        }
        next.append_pair("last", &last);
        let link = format!("<{}?{}>; rel=\"next\"", uri.path(), next.finish());
        set(response.headers_mut(), header::LINK, &link);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_even_if_the_last_item_is_gone() {
        let items = ["a", "b", "d"];
        let check = |query: &str, expect: &[&str], last: Option<&str>| {
            let uri: Uri = format!("/v2/_catalog?{query}").parse().expect("a URI");
            let found = part(&uri, &items, |item| (*item).to_owned()).expect("a page");
            assert_eq!(found, (expect.to_vec(), last.map(str::to_owned)), "{query}");
        };
        check("", &["a", "b", "d"], None);
        check("n=2", &["a", "b"], Some("b"));
        check("n=2&last=b", &["d"], None);
        check("n=2&last=c", &["d"], None);
        check("last=d", &[], None);
        check("n=0", &[], None);
        let uri: Uri = "/v2/_catalog?n=many".parse().expect("a URI");
        assert!(part(&uri, &items, |item| (*item).to_owned()).is_err());
    }
}
