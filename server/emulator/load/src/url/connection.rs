//! Connections, and names for what goes wrong with them.

use std::io;

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::prepared::Origin;

pub(super) type Sender = SendRequest<Full<Bytes>>;

/// Opens a connection. It ends when the sender is dropped.
///
/// # Errors
/// A kind of failure, for results.
pub(super) async fn open(origin: &Origin) -> Result<Sender, String> {
    let stream = TcpStream::connect((origin.host.as_str(), origin.port)).await;
    let stream = stream.map_err(|error| of_io(&error))?;
    // Without it, small requests would wait for acknowledgements.
    stream.set_nodelay(true).map_err(|error| of_io(&error))?;
    match &origin.tls {
        Some((connector, name)) => {
            let secure = connector.connect(name.clone(), stream).await;
            serve(secure.map_err(|error| of_io(&error))?).await
        }
        None => serve(stream).await,
    }
}

async fn serve<S>(stream: S) -> Result<Sender, String>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + 'static,
{
    let shake = http1::handshake(TokioIo::new(stream)).await;
    let (sender, connection) = shake.map_err(|error| of_hyper(&error))?;
    // Its errors reach the sender.
    tokio::task::spawn_local(async move { drop(connection.await) });
    Ok(sender)
}

/// The kind of a failure, with its cause where that helps.
fn of_io(error: &io::Error) -> String {
    /// `EMFILE` on Linux and macOS.
    const TOO_MANY_FILES: i32 = 24;
    if error.raw_os_error() == Some(TOO_MANY_FILES) {
        return "too many open files on the load generator's machine".to_owned();
    }
    if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return format!("TLS: {tls}");
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => "connection reset".to_owned(),
        io::ErrorKind::TimedOut => "connection timed out".to_owned(),
        io::ErrorKind::UnexpectedEof => "connection closed during the TLS handshake".to_owned(),
        io::ErrorKind::AddrNotAvailable => {
            "no free port on the load generator's machine".to_owned()
        }
        _ if error.to_string().contains("failed to lookup address") => {
            "host name not found".to_owned()
        }
        _ => error.to_string(),
    }
}

/// The kind of a failure after the connection was made.
pub(super) fn of_hyper(error: &hyper::Error) -> String {
    let source = std::error::Error::source(error);
    if let Some(error) = source.and_then(|source| source.downcast_ref::<io::Error>()) {
        return of_io(error);
    }
    if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
        return "connection closed before the response".to_owned();
    }
    if error.is_parse() || error.is_parse_too_large() {
        return "the response is not valid HTTP".to_owned();
    }
    error.to_string()
}
