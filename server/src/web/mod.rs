//! The HTTP edge: who asks, may they, which page or event stream answers.

pub mod attach;
pub mod changes;
mod cookie;
pub mod documents;
mod entra;
mod events;
pub mod evidence;
pub mod forms;
mod gate;
pub mod glass;
pub mod guard;
pub mod headers;
mod health;
pub mod history;
mod host;
pub mod pages;
pub mod request;
pub mod router;
pub mod runs;
mod sent;
pub mod session;
pub mod sessions;
pub mod sign_in;
pub mod table;
pub mod words;

use crate::console::Services;
use crate::limits::Limits;
use crate::store::readiness::Readiness;
use leptos::config::LeptosOptions;
use std::path::PathBuf;
use std::sync::Arc;

/// What the edge's handlers share.
#[derive(Debug, Clone)]
pub struct Edge {
    /// The product.
    pub services: Arc<Services>,
    /// Sign-in at Entra.
    pub entra: Arc<Entra>,
    /// Whether the store takes writes.
    pub readiness: Arc<Readiness>,
    /// Session rules.
    pub sessions: session::Rules,
    /// What browsers keep of started sign-ins.
    pub seal: Arc<sign_in::sealed::Seal>,
    /// How much one person and one address may have at once.
    pub limits: Arc<Limits>,
    /// Where the browser reaches the console.
    pub public_url: url::Url,
    /// Leptos' own settings.
    pub leptos: LeptosOptions,
    /// The folder with the browser's half.
    pub site: PathBuf,
}

impl axum::extract::FromRef<Edge> for LeptosOptions {
    fn from_ref(edge: &Edge) -> Self {
        edge.leptos.clone()
    }
}

pub use cookie::Cookies;
pub use entra::{Entra, Registration};
