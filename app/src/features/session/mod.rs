//! Who is signed in.

mod account;
pub mod api;
mod sign_in;

pub use account::AccountPage;
pub use sign_in::SignInPage;
