//! Connections from many addresses of this machine, and single calls on them.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

/// Most bytes of an answer's head that are looked at.
const HEAD_BYTES_MAX: usize = 16 << 10;

/// Connects from an address of the loopback network.
pub async fn connect(from: Ipv4Addr, to: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((from, 0)))?;
    let stream = socket.connect(to).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The same, with the smallest buffer for what comes.
pub async fn connect_narrow(from: Ipv4Addr, to: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(4 << 10)?;
    socket.bind(SocketAddr::from((from, 0)))?;
    socket.connect(to).await
}

/// Sends a request and reads its answer to the end; the status.
pub async fn call(stream: &mut TcpStream, request: &str) -> io::Result<u16> {
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::with_capacity(4 << 10);
    let end = loop {
        if stream.read_buf(&mut bytes).await? == 0 || bytes.len() > HEAD_BYTES_MAX {
            return Err(io::Error::other("the answer has no end of its head"));
        }
        if let Some(end) = crate::answer::head_end(&bytes) {
            break end;
        }
    };
    let head = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    let length = length.ok_or_else(|| io::Error::other("the answer has no length"))?;
    while bytes.len() < end + length {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::Error::other("the answer ended early"));
        }
    }
    crate::answer::status(&bytes).ok_or_else(|| io::Error::other("the answer has no status"))
}

/// A GET.
pub fn get(target: &str, key: Option<&str>) -> String {
    let key = key.map(|key| format!("authorization: Bearer {key}\r\n")).unwrap_or_default();
    format!("GET {target} HTTP/1.1\r\nhost: 127.0.0.1\r\n{key}\r\n")
}
