//! The HTTP edge: authentication, authorization, pages, forms and event streams.

pub mod auth;
mod authorize;
pub mod changes;
mod cookie;
pub mod csrf;
pub mod documents;
pub mod endpoints;
mod entra;
pub mod error_pages;
mod events;
pub mod evidence;
mod form;
pub mod glass;
pub mod headers;
mod health;
pub mod history;
mod host;
pub mod job_log;
pub mod jobs;
pub mod pages;
mod query;
pub mod request;
pub mod router;
pub mod runs;
pub mod session;
pub mod sessions;
pub mod sign_in;
pub mod table;

use crate::console::Services;
use crate::limits::Limits;
use crate::store::readiness::Readiness;
use leptos::config::LeptosOptions;
use std::path::PathBuf;
use std::sync::Arc;

/// State that the handlers share.
#[derive(Debug, Clone)]
pub struct Edge {
    pub services: Arc<Services>,
    pub entra: Arc<Entra>,
    /// Whether the store accepts writes.
    pub readiness: Arc<Readiness>,
    pub sessions: session::Rules,
    /// Encrypts the cookies of started sign-ins.
    pub seal: Arc<sign_in::sealed::Seal>,
    /// Concurrency limits per person and per address.
    pub limits: Arc<Limits>,
    pub public_url: url::Url,
    pub leptos: LeptosOptions,
    /// The folder with the built client assets.
    pub site: PathBuf,
}

impl axum::extract::FromRef<Edge> for LeptosOptions {
    fn from_ref(edge: &Edge) -> Self {
        edge.leptos.clone()
    }
}

pub use cookie::Cookies;
pub use entra::{Entra, Registration};
