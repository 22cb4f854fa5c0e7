//! Loads a page's data on the server; a failed load becomes an error page.

use super::problem::Problem;
use crate::error::ConsoleError;
use crate::status::SetStatus;
use leptos::prelude::*;
use std::future::Future;

/// Shows what `load` returns; an error becomes an error page with the matching HTTP status.
pub fn loaded<T, V>(
    load: impl Future<Output = Result<T, ConsoleError>> + Send + 'static,
    show: impl FnOnce(T) -> V + Send + 'static,
) -> impl IntoView
where
    V: IntoView + 'static,
{
    let status = use_context::<SetStatus>();
    Suspend::new(async move {
        match load.await {
            Ok(value) => show(value).into_any(),
            Err(error) => {
                if let Some(SetStatus(set)) = status {
                    set(error.status());
                }
                view! { <Problem error /> }.into_any()
            }
        }
    })
}
