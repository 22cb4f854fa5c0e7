//! A URL plan, made ready for sending.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_LENGTH, HOST, TRANSFER_ENCODING, USER_AGENT};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, Request, Uri};
use http_body_util::Full;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::TlsConnector;

use crate::failure::LoadFailure;
use crate::plan::{UrlPlan, UrlRequest};

pub(super) struct Prepared {
    pub(super) plan: UrlPlan,
    pub(super) requests: Vec<Ready>,
    pub(super) origins: Vec<Origin>,
}

/// A request that is sent by copying it.
pub(super) struct Ready {
    pub(super) origin: usize,
    pub(super) url: String,
    /// Headers and body.
    pub(super) bytes: u64,
    method: Method,
    path: Uri,
    headers: HeaderMap,
    body: Bytes,
}

/// A server.
pub(super) struct Origin {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl Ready {
    pub(super) fn request(&self) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.path.clone();
        *request.headers_mut() = self.headers.clone();
        request
    }
}

impl Prepared {
    pub(super) fn new(plan: &UrlPlan) -> Result<Self, LoadFailure> {
        let mut connector = None;
        let mut origins: Vec<Origin> = Vec::new();
        let mut requests = Vec::new();
        for request in &plan.requests {
            let host = request.url.host().unwrap_or_default();
            let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
            let is_https = request.url.scheme_str() == Some("https");
            let port = request.url.port_u16().unwrap_or(if is_https { 443 } else { 80 });
            let known = origins.iter().position(|origin| {
                origin.host == host && origin.port == port && origin.tls.is_some() == is_https
            });
            let origin = match known {
                Some(at) => at,
                None => {
                    let tls = match is_https {
                        true => Some(tls(&mut connector, plan, &host)?),
                        false => None,
                    };
                    origins.push(Origin { host, port, tls });
                    origins.len() - 1
                }
            };
            requests.push(ready(request, origin)?);
        }
        Ok(Self { plan: plan.clone(), requests, origins })
    }
}

fn ready(request: &UrlRequest, origin: usize) -> Result<Ready, LoadFailure> {
    let invalid =
        || LoadFailure::Refused(format!("the URL of the request {:?} is not valid", request.name));
    let path = request.url.path_and_query().map_or("/", PathAndQuery::as_str);
    let path: Uri = path.parse().map_err(|_| invalid())?;
    // A password in the URL must not be part of the header.
    let authority = request.url.authority().ok_or_else(invalid)?.as_str();
    let authority = authority.rsplit('@').next().unwrap_or_default();
    let mut headers = HeaderMap::new();
    headers.insert(HOST, HeaderValue::from_str(authority).map_err(|_| invalid())?);
    headers.insert(USER_AGENT, HeaderValue::from_static("understudy-load"));
    headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    for (name, value) in &request.headers {
        // hyper sets these to what it sends.
        if name != CONTENT_LENGTH && name != TRANSFER_ENCODING {
            headers.insert(name, value.clone());
        }
    }
    let header_bytes: usize =
        headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    let line = request.method.as_str().len() + path.to_string().len() + 12;
    Ok(Ready {
        origin,
        url: request.url.to_string(),
        bytes: (line + header_bytes + 2 + request.body.len()) as u64,
        method: request.method.clone(),
        path,
        headers,
        body: request.body.clone(),
    })
}

fn tls(
    shared: &mut Option<TlsConnector>,
    plan: &UrlPlan,
    host: &str,
) -> Result<(TlsConnector, ServerName<'static>), LoadFailure> {
    let name = ServerName::try_from(host.to_owned());
    let name = name.map_err(|_| LoadFailure::Refused(format!("{host:?} is not a host name")))?;
    let connector = match shared {
        Some(connector) => connector.clone(),
        None => shared.insert(connector(&plan.extra_roots)?).clone(),
    };
    Ok((connector, name))
}

/// Trusts this machine's certificates and the plan's own. There is no way to skip the check.
fn connector(extra: &[Vec<u8>]) -> Result<TlsConnector, LoadFailure> {
    let failed = |error: rustls::Error| LoadFailure::Io(format!("cannot set up TLS: {error}"));
    let mut roots = rustls::RootCertStore::empty();
    // A machine may have certificates that nobody can read; the others count.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for der in extra {
        let added = roots.add(CertificateDer::from(der.clone()));
        added.map_err(|error| {
            LoadFailure::Refused(format!("an additional root certificate is not valid: {error}"))
        })?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider);
    let config = config.with_safe_default_protocol_versions().map_err(failed)?;
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}
