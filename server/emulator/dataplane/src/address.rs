//! The address at which an instance listens, and connections to it.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

/// The longest path that fits into a socket address on every system (Linux allows 108 bytes, macOS 104).
const SOCKET_PATH_BYTES_MAX: usize = 100;

/// A Unix socket, which is cheaper, or a loopback port if the path would be too long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    Unix(PathBuf),
    Tcp(SocketAddr),
}

/// A connection to an instance, of either kind.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl Address {
    /// The address for a new instance.
    pub(crate) fn for_instance(work_dir: &Path, file_name: &str) -> Address {
        let path = work_dir.join(file_name);
        if path.as_os_str().len() <= SOCKET_PATH_BYTES_MAX {
            Address::Unix(path)
        } else {
            Address::Tcp(SocketAddr::from(([127, 0, 0, 1], 0)))
        }
    }

    pub(crate) async fn connect(&self) -> io::Result<Box<dyn Stream>> {
        match self {
            Address::Unix(path) => Ok(Box::new(UnixStream::connect(path).await?)),
            Address::Tcp(address) => {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Unix(path) => write!(f, "unix:{}", path.display()),
            Address::Tcp(address) => write!(f, "{address}"),
        }
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Address, String> {
        match text.strip_prefix("unix:") {
            Some(path) => Ok(Address::Unix(PathBuf::from(path))),
            None => text
                .parse()
                .map(Address::Tcp)
                .map_err(|_| format!("{text:?} is neither unix:PATH nor ADDRESS:PORT")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_survive_the_command_line() {
        for text in ["unix:/tmp/a socket", "127.0.0.1:0"] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
        assert!("nowhere".parse::<Address>().is_err());
    }

    #[test]
    fn a_long_path_falls_back_to_a_port() {
        let deep = PathBuf::from(format!("/{}", "x".repeat(120)));
        assert!(matches!(Address::for_instance(&deep, "a"), Address::Tcp(_)));
        assert!(matches!(Address::for_instance(Path::new("/tmp"), "a"), Address::Unix(_)));
    }
}
