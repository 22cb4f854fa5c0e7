//! A server that answers every request without a body at once with the same few bytes.

use std::io::Write as _;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

pub async fn serve() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    std::io::stdout().flush()?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(answer(stream));
    }
}

async fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let (mut buffer, mut filled) = (vec![0; 16 << 10], 0);
    loop {
        match stream.read(&mut buffer[filled..]).await? {
            0 => return Ok(()),
            length => filled += length,
        }
        let mut begin = 0;
        let mut answers = Vec::new();
        while let Some(at) = buffer[begin..filled].windows(4).position(|four| four == b"\r\n\r\n") {
            answers.extend_from_slice(ANSWER);
            begin += at + 4;
        }
        buffer.copy_within(begin..filled, 0);
        filled -= begin;
        stream.write_all(&answers).await?;
    }
}
