//! The HTTP clients for webhooks. They check the resolved addresses of a host on every connection, so a DNS name that
//! later resolves to a private address reaches nothing.

use crate::azure::http;
use crate::messages::address::Address;
use crate::outside::address::Reach;

/// One client for each [`Reach`].
#[derive(Debug)]
pub struct Clients {
    public: reqwest::Client,
    own: reqwest::Client,
}

impl Clients {
    /// Makes the clients.
    ///
    /// # Errors
    /// When the TLS provider cannot be set up.
    pub fn new() -> reqwest::Result<Self> {
        Ok(Self { public: http::held_to(Reach::PUBLIC)?, own: http::held_to(Reach::OWN)? })
    }

    /// The client for a webhook.
    #[must_use]
    pub fn of(&self, address: &Address) -> &reqwest::Client {
        if address.reach() == Reach::OWN { &self.own } else { &self.public }
    }
}
