//! Clients who hold a connection and do little with it. When the server closes it, they come back.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::Target;
use super::socket::{connect, connect_narrow, get};

/// Connections of one address.
const PER_ADDRESS: usize = 500;
/// Between two bytes of a slow head or body.
const BYTE_WAIT: Duration = Duration::from_secs(3);
/// Before a connection that was closed is opened again.
const RETURN_WAIT: Duration = Duration::from_millis(500);
/// How many connections are opened each turn, so that the accept queue is not what is measured.
const OPEN_AT_ONCE: usize = 200;
const OPEN_TURN: Duration = Duration::from_millis(50);
/// How long they may take to open.
const OPEN_TURNS_MAX: usize = 1_200;
/// When who never reads comes back without having seen that it was given up.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(25);
/// Answers that who never reads asks for.
const UNREAD: usize = 20;

/// What a slow client does.
#[derive(Clone, Copy)]
enum Kind {
    Drip,
    HalfHead,
    SlowBody,
    NeverReads,
    HalfClosed,
    Idle,
}

const KINDS: [(Kind, &str); 6] = [
    (Kind::Drip, "a byte of the head every 3 s"),
    (Kind::HalfHead, "half a head, then nothing"),
    (Kind::SlowBody, "a byte of the body every 3 s, with a key"),
    (Kind::NeverReads, "20 requests, answers never read"),
    (Kind::HalfClosed, "20 requests, half-closed, answers never read"),
    (Kind::Idle, "nothing at all"),
];

/// The slow clients.
pub(super) struct Slow {
    open: Arc<AtomicUsize>,
    opened: Arc<[AtomicUsize; 6]>,
}

/// How many connections there were.
pub(super) struct Tally([usize; 6]);

impl Tally {
    pub(super) fn by_kind(&self) -> impl Iterator<Item = (&'static str, usize)> {
        KINDS.iter().map(|(_, words)| *words).zip(self.0)
    }
}

/// Starts them, a few at a time.
pub(super) fn start(target: &Target, connections: usize, stop: &watch::Receiver<bool>) -> Slow {
    let (open, opened) = (Arc::<AtomicUsize>::default(), Arc::<[AtomicUsize; 6]>::default());
    let slow = Slow { open: open.clone(), opened: opened.clone() };
    let (target, stop) = (target.clone(), stop.clone());
    tokio::spawn(async move {
        for number in 0..connections {
            if number % OPEN_AT_ONCE == 0 {
                tokio::time::sleep(OPEN_TURN).await;
            }
            let (target, mut stop, open, opened) = (target.clone(), stop.clone(), open.clone(), opened.clone());
            tokio::spawn(async move {
                let held = hold(&target, number, &open, &opened);
                tokio::select! {
                    () = held => {}
                    _ = stop.wait_for(|stop| *stop) => {}
                }
            });
        }
    });
    slow
}

impl Slow {
    /// Waits until they are open; how many are.
    pub(super) async fn wait_until_open(&self, connections: usize) -> usize {
        for _ in 0..OPEN_TURNS_MAX {
            if self.open.load(Ordering::Relaxed) * 100 >= connections * 98 {
                break;
            }
            tokio::time::sleep(OPEN_TURN).await;
        }
        self.open.load(Ordering::Relaxed)
    }

    pub(super) fn tally(&self) -> Tally {
        Tally(std::array::from_fn(|kind| self.opened.get(kind).map_or(0, |opened| opened.load(Ordering::Relaxed))))
    }
}

/// Holds one connection after another.
async fn hold(target: &Target, number: usize, open: &AtomicUsize, opened: &[AtomicUsize; 6]) {
    let place = number % KINDS.len();
    let Some((kind, _)) = KINDS.get(place).copied() else { return };
    let from = Ipv4Addr::new(127, 0, 1, u8::try_from(1 + number / PER_ADDRESS).unwrap_or(250));
    loop {
        let stream = match kind {
            Kind::NeverReads | Kind::HalfClosed => connect_narrow(from, target.address).await,
            _ => connect(from, target.address).await,
        };
        if let Ok(stream) = stream {
            open.fetch_add(1, Ordering::Relaxed);
            if let Some(opened) = opened.get(place) {
                opened.fetch_add(1, Ordering::Relaxed);
            }
            // Whatever ends it, it is opened again.
            let _ = be_slow(kind, stream, target, number).await;
            open.fetch_sub(1, Ordering::Relaxed);
        }
        tokio::time::sleep(RETURN_WAIT).await;
    }
}

/// Ends when the server has closed the connection.
async fn be_slow(kind: Kind, mut stream: TcpStream, target: &Target, number: usize) -> io::Result<()> {
    let body = format!(
        "POST /v1/clients HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\nidempotency-key: slow-{number}\r\n\
         content-type: application/json\r\ncontent-length: 1000000\r\n\r\n{{\"family_name\":\"",
        target.admin_key
    );
    match kind {
        Kind::Drip => {
            stream.write_all(b"GET /v1/invoices HTTP/1.1\r\nhost: a\r\nx-slow: ").await?;
            drip(stream).await
        }
        Kind::HalfHead => {
            stream.write_all(b"GET /v1/invoices HTTP/1.1\r\nhost: a\r\n").await?;
            until_closed(stream).await
        }
        Kind::SlowBody => {
            stream.write_all(body.as_bytes()).await?;
            drip(stream).await
        }
        Kind::NeverReads => {
            stream.write_all(get("/v1/openapi.json", None).repeat(UNREAD).as_bytes()).await?;
            loop {
                // It fails once the server has given the connection up.
                tokio::time::sleep(BYTE_WAIT).await;
                stream.write_all(b"G").await?;
            }
        }
        Kind::HalfClosed => {
            stream.write_all(get("/v1/openapi.json", None).repeat(UNREAD).as_bytes()).await?;
            stream.shutdown().await?;
            // What the server does is not to be seen without reading; it waits less than this.
            tokio::time::sleep(GIVEN_UP_AFTER).await;
            Ok(())
        }
        Kind::Idle => until_closed(stream).await,
    }
}

async fn drip(stream: TcpStream) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let dripping = async {
        loop {
            tokio::time::sleep(BYTE_WAIT).await;
            write.write_all(b"a").await?;
        }
    };
    let mut read = read;
    let mut answer = [0; 512];
    tokio::select! {
        dripped = dripping => dripped,
        ended = async { while read.read(&mut answer).await? > 0 {} io::Result::Ok(()) } => ended,
    }
}

async fn until_closed(mut stream: TcpStream) -> io::Result<()> {
    let mut answer = [0; 512];
    while stream.read(&mut answer).await? > 0 {}
    Ok(())
}
