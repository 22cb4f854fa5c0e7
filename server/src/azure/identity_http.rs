//! The HTTP client for `azure_identity`, which talks to Entra and to the machine's identity service. It has the same
//! caps as the console's other clients; the default client would read responses of any size.

use super::http;
use crate::outside::caps::ENTRA_BYTES_MAX;
use azure_core::Result;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::{AsyncRawResponse, ClientOptions, HttpClient, Request, Transport};
use futures::StreamExt as _;
use std::sync::Arc;

#[derive(Debug)]
struct Capped(reqwest::Client);

/// Client options for a credential.
///
/// # Errors
/// If the TLS provider cannot be set up.
pub(super) fn options() -> reqwest::Result<ClientOptions> {
    let transport = Transport::new(Arc::new(Capped(http::client()?)));
    Ok(ClientOptions { transport: Some(transport), ..ClientOptions::default() })
}

#[async_trait::async_trait]
impl HttpClient for Capped {
    async fn execute_request(&self, request: &Request) -> Result<AsyncRawResponse> {
        let answer = self.0.execute_request(request).await?;
        let (status, headers, mut body) = answer.deconstruct();
        let mut bytes = Vec::new();
        while let Some(chunk) = body.next().await {
            let chunk = chunk?;
            if bytes.len() + chunk.len() > ENTRA_BYTES_MAX {
                let message = format!("a token response has more than {ENTRA_BYTES_MAX} bytes");
                return Err(Error::with_message(ErrorKind::Credential, message));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(AsyncRawResponse::from_bytes(status, headers, bytes))
    }
}
