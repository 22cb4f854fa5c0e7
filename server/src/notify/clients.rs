//! The HTTP clients for webhooks: what a name leads to is looked at whenever something is sent, so that a name that
//! changes its mind reaches nothing inside.

use super::address::Address;
use crate::azure::http;
use crate::outside::address::Reach;

/// One for each reach that a webhook may have.
#[derive(Debug)]
pub struct Clients {
    public: reqwest::Client,
    own: reqwest::Client,
}

impl Clients {
    /// Makes them.
    ///
    /// # Errors
    /// When the TLS provider cannot be set up.
    pub fn new() -> reqwest::Result<Self> {
        Ok(Self { public: http::held_to(Reach::PUBLIC)?, own: http::held_to(Reach::OWN)? })
    }

    /// The one for a webhook.
    #[must_use]
    pub fn of(&self, address: &Address) -> &reqwest::Client {
        if address.reach() == Reach::OWN { &self.own } else { &self.public }
    }
}
