//! A client that sends any bytes at all over a real socket, and hears what comes back.

use std::net::SocketAddr;
use std::time::Duration;

use clinicos_server::http::{Bounds, Listener, Network, Trusted, serve_within};
use clinicos_testkit::World;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;

/// Longest wait for the end of a connection: only a server that hangs takes so long.
const CLOSED_MAX: Duration = Duration::from_secs(60);
/// Waits that tests can afford.
pub const SHORT: Bounds =
    Bounds { head_wait: Duration::from_millis(700), stall_wait: Duration::from_millis(700), ..Bounds::DEFAULT };

/// A server that listens.
pub struct Wire {
    /// Where.
    pub address: SocketAddr,
    _stop: watch::Sender<bool>,
}

/// An answer as it came.
#[derive(Debug, Default, Clone)]
pub struct Heard {
    pub status: u16,
    /// The head, in lower case.
    pub head: String,
    pub body: Vec<u8>,
}

impl Heard {
    /// The problem's code; empty if it is none.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A header's value; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        let line = |line: &'_ str| line.split_once(':').filter(|(known, _)| *known == name).map(|(_, value)| value.len());
        let found = self.head.lines().find_map(|text| line(text).map(|length| &text[text.len() - length..]));
        found.unwrap_or_default().trim()
    }
}

impl Wire {
    /// Serves a world to the network.
    pub async fn serve(world: &World, bounds: Bounds) -> Self {
        let listener = Listener::tcp(SocketAddr::from(([127, 0, 0, 1], 0)), Network { tls: None, trusted: Trusted::nobody() })
            .await
            .unwrap();
        let address = listener.address().unwrap();
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(serve_within(bounds, listener, world.as_nobody().router().clone(), stopped));
        Self { address, _stop: stop }
    }

    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends bytes on a connection of their own, and hears all answers until the server closes it.
    pub async fn say(&self, bytes: &[u8]) -> Vec<Heard> {
        let mut stream = self.connect().await;
        // The server may close before it has read all; what it said is there all the same.
        let _ = stream.write_all(bytes).await;
        hear(&mut stream).await
    }

    /// Sends a request that is followed by nothing; its one answer. The default if there is none.
    pub async fn ask(&self, request: &[u8]) -> Heard {
        self.say(request).await.into_iter().next_back().unwrap_or_default()
    }
}

/// Everything that comes until the server closes the connection.
pub async fn hear(stream: &mut TcpStream) -> Vec<Heard> {
    let mut bytes = Vec::new();
    let closed = tokio::time::timeout(CLOSED_MAX, stream.read_to_end(&mut bytes)).await;
    assert!(closed.is_ok(), "the connection was left open after {} bytes", bytes.len());
    parse(&bytes)
}

fn parse(mut bytes: &[u8]) -> Vec<Heard> {
    let mut answers = Vec::new();
    while let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4) {
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
        let mut heard = Heard { status, head, body: Vec::new() };
        let length = heard.header("content-length").parse::<usize>().unwrap_or_default();
        let rest = &bytes[end..];
        // An answer to HEAD has a length and no body.
        heard.body = rest[..length.min(rest.len())].to_vec();
        bytes = &rest[heard.body.len()..];
        answers.push(heard);
    }
    answers
}
