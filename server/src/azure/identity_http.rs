//! How `azure_identity` speaks to Entra and to the machine's own identity service: through the one door, with the
//! same caps as everything else. Its own client would take any number of bytes.

use super::http;
use crate::outside::caps::ENTRA_BYTES_MAX;
use azure_core::Result;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::{AsyncRawResponse, ClientOptions, HttpClient, Request, Transport};
use futures::StreamExt as _;
use std::sync::Arc;

#[derive(Debug)]
struct Capped(reqwest::Client);

/// Options with which a credential uses it.
///
/// # Errors
/// When the TLS provider cannot be set up.
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
                let message =
                    format!("an answer about a token has more than {ENTRA_BYTES_MAX} bytes");
                return Err(Error::with_message(ErrorKind::Credential, message));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(AsyncRawResponse::from_bytes(status, headers, bytes))
    }
}
