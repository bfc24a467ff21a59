//! Accepts connections, and stops when told.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::watch;
use tower::ServiceExt as _;

use super::adapter::Peer;
use super::bounds::{Bounds, Slots};
use super::patient::Patient;

/// Most bytes of a request's head.
const HEAD_BYTES_MAX: usize = 32 << 10;
/// How long calls that are under way may take after the server was told to stop.
const DRAIN_SECONDS_MAX: u64 = 10;

/// Where connections come in.
pub enum Listener {
    /// From the network.
    Tcp {
        /// Where.
        listener: TcpListener,
        /// Whether the peer is a proxy that says who its caller is.
        behind_proxy: bool,
    },
    /// From this machine's operator.
    Control(UnixListener),
}

impl Listener {
    /// Listens on an address.
    pub async fn tcp(address: SocketAddr, behind_proxy: bool) -> io::Result<Self> {
        Ok(Self::Tcp { listener: TcpListener::bind(address).await?, behind_proxy })
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
            Self::Tcp { listener, .. } => listener.local_addr().ok(),
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
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = told(&mut stop) => break,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
        };
        match accepted {
            Ok((stream, accepted)) => {
                // Too many connections: this one is closed by being dropped.
                let Some(slot) = slots.take(accepted.and_then(Accepted::own_address)) else { continue };
                let (router, stop) = (router.clone(), stop.clone());
                let stream = Patient::new(stream, bounds.stall_wait);
                connections.spawn(async move {
                    connection(stream, accepted, router, (bounds, stop)).await;
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

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// Who is at the other end.
#[derive(Clone, Copy)]
struct Accepted {
    peer: Peer,
    behind_proxy: bool,
}

impl Accepted {
    /// The address that connections are counted by; a proxy speaks for many.
    fn own_address(self) -> Option<IpAddr> {
        (!self.behind_proxy).then_some(self.peer.0)
    }

    /// The caller: the peer, or whom the proxy that is known to stand in front names last. What
    /// stands before that in the header is the caller's own say.
    fn caller(self, headers: &http::HeaderMap) -> Peer {
        let named = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
        let last = named.and_then(|value| value.rsplit(',').next()).and_then(|address| address.trim().parse().ok());
        match last {
            Some(address) if self.behind_proxy => Peer(address),
            _ => self.peer,
        }
    }
}

async fn accept(listener: &Listener) -> io::Result<(Box<dyn Stream>, Option<Accepted>)> {
    match listener {
        Listener::Tcp { listener, behind_proxy } => {
            let (stream, peer) = listener.accept().await?;
            stream.set_nodelay(true)?;
            Ok((Box::new(stream), Some(Accepted { peer: Peer(peer.ip()), behind_proxy: *behind_proxy })))
        }
        Listener::Control(listener) => Ok((Box::new(listener.accept().await?.0), None)),
    }
}

async fn connection(
    stream: Patient<Box<dyn Stream>>,
    accepted: Option<Accepted>,
    router: Router,
    (bounds, mut stop): (Bounds, watch::Receiver<bool>),
) {
    let service = router.map_request(move |mut request: http::Request<Incoming>| {
        if let Some(accepted) = accepted {
            let caller = accepted.caller(request.headers());
            request.extensions_mut().insert(caller);
        }
        request.map(axum::body::Body::new)
    });
    let serving = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        // Who has sent all and closed its half still hears the answer.
        .half_close(true)
        .header_read_timeout(bounds.head_wait)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    let mut serving = std::pin::pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = told(&mut stop) => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_known_proxy_says_who_called() {
        let headers = |lines: &[&'static str]| {
            let mut headers = http::HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", line.parse().unwrap());
            }
            headers
        };
        let called = |behind_proxy, lines: &[&'static str]| {
            let peer = Peer([127, 0, 0, 1].into());
            Accepted { peer, behind_proxy }.caller(&headers(lines)).0.to_string()
        };
        assert_eq!(called(false, &["203.0.113.9"]), "127.0.0.1");
        assert_eq!(called(true, &[]), "127.0.0.1");
        assert_eq!(called(true, &["1.1.1.1, 203.0.113.9"]), "203.0.113.9");
        assert_eq!(called(true, &["1.1.1.1", "2001:db8::7"]), "2001:db8::7");
        assert_eq!(called(true, &["203.0.113.9, nobody"]), "127.0.0.1");
    }
}
