//! Signing in, the account and sessions.

mod account;
pub mod api;
mod menu;
mod sessions;
mod sign_in;

pub use account::AccountPage;
pub use menu::AccountMenu;
pub use sessions::SessionsPage;
pub use sign_in::SignInPage;
