//! Accepts connections, and stops when told.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use futures_util::FutureExt as _;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::watch;
use tower::ServiceExt as _;

use super::adapter::Peer;
use super::bounds::{Bounds, Slots};
use super::handshakes::Handshakes;
use super::heads::{self, Flawed};
use super::patient::Patient;
use super::proxy::Trusted;
use super::tls::Tls;
use super::unread::{self, Calls, Charged, Overheard, Unread};

/// Most bytes of a request's head.
/// The router refuses smaller ones already; what does not fit in here never becomes a request, and the
/// router answers in the parser's place (`unread.rs`). Both have a problem and an entry in the journal.
const HEAD_BYTES_MAX: usize = 64 << 10;
/// Most headers, in the same way.
const HEADERS_MAX: usize = 400;
/// How long a TLS handshake may take.
const HANDSHAKE_SECONDS_MAX: u64 = 10;
/// How long calls that are under way may take after the server was told to stop.
const DRAIN_SECONDS_MAX: u64 = 10;

/// What is known of the network that connections come from.
#[derive(Debug, Clone)]
pub struct Network {
    /// The certificate, if connections are encrypted here.
    pub tls: Option<Arc<Tls>>,
    /// The proxies that say who their caller is.
    pub trusted: Trusted,
}

/// Where connections come in.
pub enum Listener {
    /// From the network.
    Tcp(TcpListener, Network),
    /// From this machine's operator.
    Control(UnixListener),
}

impl Listener {
    /// Listens on an address.
    pub async fn tcp(address: SocketAddr, network: Network) -> io::Result<Self> {
        Ok(Self::Tcp(TcpListener::bind(address).await?, network))
    }

    /// Listens on a socket file that only its owner can open. One that was left behind is replaced.
    pub fn control(path: &Path) -> io::Result<Self> {
        use std::os::unix::fs::PermissionsExt as _;
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(path)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        Ok(Self::Control(listener))
    }

    /// The address, if there is one.
    pub fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(listener, _) => listener.local_addr().ok(),
            Self::Control(_) => None,
        }
    }
}

/// Serves until `stop` turns true, then lets calls that are under way finish.
pub async fn serve(listener: Listener, router: Router, stop: watch::Receiver<bool>) {
    serve_within(Bounds::DEFAULT, listener, router, stop).await;
}

/// The same, within other bounds.
pub async fn serve_within(bounds: Bounds, listener: Listener, router: Router, mut stop: watch::Receiver<bool>) {
    let slots = Slots::new(bounds);
    let handshakes = Arc::new(Handshakes::default());
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = told(&mut stop) => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
        };
        match accepted {
            Ok((stream, from)) => {
                // Too many connections: this one is closed by being dropped.
                let Some(slot) = slots.take(from.as_ref().and_then(Remote::own_address)) else { continue };
                let (router, mut stop, handshakes) = (router.clone(), stop.clone(), handshakes.clone());
                let stream: Box<dyn Stream> = Box::new(Patient::new(stream, bounds.stall_wait));
                connections.spawn(async move {
                    let stream = tokio::select! {
                        stream = secured(stream, from.as_ref(), &handshakes) => stream,
                        () = told(&mut stop) => None,
                    };
                    if let Some(stream) = stream {
                        connection(stream, from, router, (bounds, stop)).await;
                    }
                    drop(slot);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
    let drained = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(Duration::from_secs(DRAIN_SECONDS_MAX), drained).await.is_err() {
        tracing::warn!("some connections did not finish in time");
    }
}

async fn told(stop: &mut watch::Receiver<bool>) {
    // An error means that whoever could tell is gone, which is the same news.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// A way to send bytes back and forth.
pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Who is at the other end of a network.
#[derive(Clone)]
struct Remote {
    peer: IpAddr,
    network: Network,
}

impl Remote {
    /// The address that connections are counted by; a proxy speaks for many.
    fn own_address(&self) -> Option<IpAddr> {
        (!self.network.trusted.holds(self.peer)).then_some(self.peer)
    }
}

async fn accept(listener: &Listener) -> io::Result<(Box<dyn Stream>, Option<Remote>)> {
    match listener {
        Listener::Tcp(listener, network) => {
            let (stream, peer) = listener.accept().await?;
            stream.set_nodelay(true)?;
            Ok((Box::new(stream), Some(Remote { peer: peer.ip().to_canonical(), network: network.clone() })))
        }
        Listener::Control(listener) => Ok((Box::new(listener.accept().await?.0), None)),
    }
}

/// The connection as it is to be read, after the handshake if there must be one; nothing if that fails.
async fn secured(stream: Box<dyn Stream>, from: Option<&Remote>, handshakes: &Arc<Handshakes>) -> Option<Box<dyn Stream>> {
    let Some((from, tls)) = from.and_then(|from| Some((from, from.network.tls.as_ref()?))) else { return Some(stream) };
    let _one = handshakes.begin(from.peer, from.network.trusted.holds(from.peer))?;
    match tls.accept(stream, Duration::from_secs(HANDSHAKE_SECONDS_MAX)).await {
        Ok(stream) => Some(Box::new(stream)),
        Err(error) => {
            tracing::debug!(%error, "a TLS handshake failed");
            None
        }
    }
}

async fn connection(
    stream: Box<dyn Stream>,
    from: Option<Remote>,
    router: Router,
    (bounds, mut stop): (Bounds, watch::Receiver<bool>),
) {
    let calls = Arc::new(Calls::default());
    let (called, routes) = (calls.clone(), router.clone());
    let caller = from.clone();
    let service = hyper::service::service_fn(move |mut request: http::Request<Incoming>| {
        let flawed = caller.as_ref().and_then(|_| Flawed::of(&request));
        if let Some(from) = &caller {
            let peer = Peer(from.network.trusted.caller(from.peer, request.headers()));
            request.extensions_mut().insert(peer);
            if let Some(flawed) = flawed {
                request.extensions_mut().insert(flawed);
            }
        }
        called.begin();
        let (called, answer) = (called.clone(), routes.clone().oneshot(request.map(axum::body::Body::new)));
        async move { answer.await.map(|answer| called.until_sent(heads::last_if(flawed.is_some(), answer))) }.boxed()
    });
    let mut serving = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        // Who has sent all and closed its half still hears the answer.
        .half_close(true)
        .header_read_timeout(bounds.head_wait)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(Overheard::new(stream, calls.clone())), service);
    let ended = tokio::select! {
        ended = &mut serving => ended,
        () = told(&mut stop) => {
            std::pin::Pin::new(&mut serving).graceful_shutdown();
            (&mut serving).await
        }
    };
    let heard = serving.into_parts().io.into_inner();
    // What the parser said went out: who was told already is not told again.
    let was_told = heard.was_told();
    let (mut stream, unread) = heard.into_parts();
    if let Err(error) = &ended {
        tracing::debug!(%error, "a connection ended early");
    }
    let unread = match &ended {
        // Another protocol is told nothing by the parser.
        Err(error) if error.is_parse() && calls.are_over() && !was_told => Some(unread.unwrap_or(Unread::HEAD)),
        _ => unread,
    };
    let closed = match (ended, unread) {
        (_, Some(unread)) => unread::answer(&mut stream, refused(unread, from.as_ref(), router).await).await,
        (Ok(()), None) => stream.shutdown().await,
        (Err(_), None) => return,
    };
    if let Err(error) = closed {
        tracing::debug!(%error, "a connection could not be closed");
    }
}

/// What the router says of a request that the parser could not read.
async fn refused(unread: Unread, from: Option<&Remote>, router: Router) -> http::Response<axum::body::Body> {
    let mut request = http::Request::new(axum::body::Body::empty());
    // Nobody knows what it would have been, or of what.
    *request.uri_mut() = http::Uri::from_static("*");
    *request.method_mut() = http::Method::from_bytes(b"UNREAD").unwrap_or_default();
    if let Some(from) = from {
        request.extensions_mut().insert(Peer(from.peer));
        if from.network.trusted.holds(from.peer) {
            request.extensions_mut().insert(Charged::NOBODY);
        }
    }
    request.extensions_mut().insert(unread);
    match router.oneshot(request).await {
        Ok(answer) => answer,
    }
}
