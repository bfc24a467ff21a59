//! Encrypted connections and proxies in front, through real sockets.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use clinicos_contract::Timestamp;
use clinicos_gate::limits::Policy;
use clinicos_server::http::{
    Files, HANDSHAKES_PER_ADDRESS_MAX, Listener, Network, Tls, Trusted, Unusable, WARN_DAYS, network, serve,
};
use clinicos_testkit::{World, on_both_engines};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use rcgen::{CertificateParams, CertifiedKey, KeyPair};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, crypto};

/// Longer than anything here takes, and shorter than every limit of the server.
const PATIENCE: Duration = Duration::from_secs(5);
/// Handshakes above the limit of an address.
const TOO_MANY: usize = 8;

/// A certificate for `localhost` that signs itself.
fn certificate() -> CertifiedKey<KeyPair> {
    rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap()
}

/// The same, that ends at the beginning of a day.
pub fn certificate_until(year: i32, month: u8, day: u8) -> CertifiedKey<KeyPair> {
    let mut parameters = CertificateParams::new(["localhost".to_owned()]).unwrap();
    parameters.not_after = rcgen::date_time_ymd(year, month, day);
    let signing_key = KeyPair::generate().unwrap();
    CertifiedKey { cert: parameters.self_signed(&signing_key).unwrap(), signing_key }
}

fn files(dir: &Path) -> Files {
    Files { certificate: dir.join("cert.pem"), key: dir.join("key.pem") }
}

pub fn put(dir: &Path, made: &CertifiedKey<KeyPair>) -> Files {
    let files = files(dir);
    std::fs::write(&files.certificate, made.cert.pem()).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    files
}

/// A server that listens.
struct Served {
    address: SocketAddr,
    tls: Option<Arc<Tls>>,
    _stop: watch::Sender<bool>,
}

async fn listening(world: &World, tls: Option<Tls>, trusted: Trusted) -> Served {
    let tls = tls.map(Arc::new);
    let network = Network { tls: tls.clone(), trusted };
    let listener = Listener::tcp("127.0.0.1:0".parse().unwrap(), network).await.unwrap();
    let address = listener.address().unwrap();
    let (stop, stopped) = watch::channel(false);
    tokio::spawn(serve(listener, world.as_nobody().router().clone(), stopped));
    Served { address, tls, _stop: stop }
}

/// A client that believes in one certificate.
fn client(root: &CertificateDer<'static>, version: &'static SupportedProtocolVersion) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

async fn encrypted(served: &Served, root: &CertifiedKey<KeyPair>) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(served.address).await?;
    client(root.cert.der(), &TLS13).connect(ServerName::try_from("localhost").unwrap(), stream).await
}

/// Sends a call and reads the whole answer.
async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, headers: &str) -> String {
    let request = format!("GET /v1/invoices HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// Whether the other side ends a connection soon, without having said anything of HTTP.
async fn is_closed(mut stream: TcpStream) -> bool {
    let mut rest = Vec::new();
    // A reset is an end as well.
    let ended = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await.is_ok();
    ended && !String::from_utf8_lossy(&rest).contains("HTTP")
}

/// A connection from another address of this machine.
async fn from_address(host: u8, served: &Served) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, host], 0))).unwrap();
    socket.connect(served.address).await.unwrap()
}

on_both_engines! {
    async fn calls_are_answered_through_tls(world: World) {
        let (dir, made) = (TempDir::new().unwrap(), certificate());
        let served = listening(&world, Some(Tls::open(put(dir.path(), &made)).unwrap()), Trusted::nobody()).await;
        let key = world.key(&["invoices:read"]).await;
        for version in [&TLS12, &TLS13] {
            let stream = TcpStream::connect(served.address).await.unwrap();
            let name = ServerName::try_from("localhost").unwrap();
            let stream = client(made.cert.der(), version).connect(name, stream).await.unwrap();
            assert_eq!(stream.get_ref().1.protocol_version(), Some(version.version));
            let answer = ask(stream, &format!("authorization: Bearer {}\r\n", key.secret)).await;
            assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("\"has_more\""), "{answer}");
        }
        assert!(encrypted(&served, &certificate()).await.is_err(), "another certificate is not believed");
    }

    async fn plain_http_on_the_encrypted_port_ends_at_once(world: World) {
        let dir = TempDir::new().unwrap();
        let served = listening(&world, Some(Tls::open(put(dir.path(), &certificate())).unwrap()), Trusted::nobody()).await;
        for said in ["GET /v1/invoices HTTP/1.1\r\nhost: localhost\r\n\r\n", "\r\n\r\n\r\n\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n"] {
            let mut stream = TcpStream::connect(served.address).await.unwrap();
            stream.write_all(said.as_bytes()).await.unwrap();
            assert!(is_closed(stream).await, "{said:?}");
        }
    }

    /// Who begins handshakes and finishes none takes the room of its own address.
    async fn half_open_connections_harm_nobody_else(world: World) {
        let (dir, made) = (TempDir::new().unwrap(), certificate());
        let served = listening(&world, Some(Tls::open(put(dir.path(), &made)).unwrap()), Trusted::nobody()).await;
        let mut held = FuturesUnordered::new();
        for number in 0..HANDSHAKES_PER_ADDRESS_MAX + TOO_MANY {
            let mut stream = from_address(2, &served).await;
            if number % 2 == 0 {
                // The head of a record that never comes.
                stream.write_all(&[0x16, 0x03, 0x01, 0x02, 0x00]).await.unwrap();
            }
            held.push(is_closed(stream));
        }
        for _ in 0..TOO_MANY {
            assert_eq!(held.next().await, Some(true), "there is room for more than the limit");
        }
        let stream = from_address(3, &served).await;
        let name = ServerName::try_from("localhost").unwrap();
        let stream = client(made.cert.der(), &TLS13).connect(name, stream).await.unwrap();
        assert!(ask(stream, "").await.starts_with("HTTP/1.1 401 "));
        drop(held);
    }

    /// A renewed certificate is used by the next connection, a broken one by none.
    async fn a_renewed_certificate_is_taken_up(world: World) {
        let (dir, first, second) = (TempDir::new().unwrap(), certificate(), certificate());
        let served = listening(&world, Some(Tls::open(put(dir.path(), &first)).unwrap()), Trusted::nobody()).await;
        let tls = served.tls.clone().unwrap();
        let before = encrypted(&served, &first).await.unwrap();
        assert!(!tls.look_again(false).unwrap(), "nothing changed");
        put(dir.path(), &second);
        assert!(tls.look_again(false).unwrap());
        assert!(encrypted(&served, &first).await.is_err());
        assert!(ask(encrypted(&served, &second).await.unwrap(), "").await.starts_with("HTTP/1.1 401 "));
        assert!(ask(before, "").await.starts_with("HTTP/1.1 401 "), "a connection that stands goes on");

        std::fs::write(files(dir.path()).key, first.signing_key.serialize_pem()).unwrap();
        assert!(matches!(tls.look_again(false), Err(Unusable::Mismatch { .. })));
        assert!(!tls.look_again(false).unwrap(), "it is told of once");
        assert!(matches!(tls.look_again(true), Err(Unusable::Mismatch { .. })), "who asks is told again");
        std::fs::remove_file(files(dir.path()).certificate).unwrap();
        assert!(matches!(tls.look_again(false), Err(Unusable::File { .. })));
        assert!(encrypted(&served, &second).await.is_ok(), "what was in use stays in use");
        put(dir.path(), &first);
        assert!(tls.look_again(false).unwrap());
        assert!(encrypted(&served, &first).await.is_ok());
        assert!(tls.look_again(true).unwrap());
    }

    /// Abuse case R2: the coarse limit counts whom trusted proxies name, and else the peer.
    async fn r2_only_a_trusted_proxy_names_the_caller(world: World) {
        let quotas = Policy { address: 3, ..Policy::UNLIMITED };
        let small = World::open_with(world.store.engine(), quotas).await;
        let statuses = async |trusted: Trusted| {
            let served = listening(&small, None, trusted).await;
            let mut limited = 0;
            for number in 0..12 {
                let stream = TcpStream::connect(served.address).await.unwrap();
                let answer = ask(stream, &format!("x-forwarded-for: 192.0.2.1, 203.0.113.{number}\r\n")).await;
                limited += usize::from(answer.starts_with("HTTP/1.1 429 "));
            }
            limited
        };
        assert_eq!(statuses(Trusted::of(&[])).await, 0, "each caller has its own budget");
        assert_eq!(statuses(Trusted::of(&[network("10.0.0.0/8").unwrap()])).await, 9, "the peer is no trusted proxy");
        assert_eq!(statuses(Trusted::nobody()).await, 12, "there is no proxy, and the budget is spent");
    }

    /// Abuse case R2: what a proxy passes on and nobody can read spends neither its budget nor that of a caller.
    async fn r2_heads_that_nobody_can_read_lock_no_others_out(world: World) {
        let quotas = Policy { address: 3, ..Policy::UNLIMITED };
        let small = World::open_with(world.store.engine(), quotas).await;
        let served = listening(&small, None, Trusted::of(&[])).await;
        let say = async |request: &str| {
            let mut stream = TcpStream::connect(served.address).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
            String::from_utf8_lossy(&answer).into_owned()
        };
        let mut told = Vec::new();
        for _ in 0..8 {
            told.push(say("nonsense\r\n\r\n").await);
        }
        let begins = |status: &str| told.iter().filter(|answer| answer.starts_with(&format!("HTTP/1.1 {status} "))).count();
        assert_eq!((begins("400"), begins("429")), (3, 5), "they have a bound of their own: {told:?}");
        // The proxy itself calls: it looks whether the server is well, or a program beside it asks.
        let own = say("GET /v1/invoices HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await;
        assert!(own.starts_with("HTTP/1.1 401 "), "{own}");
    }
}

/// The end of a certificate is told three weeks before, once a day, and until there is another one.
#[test]
fn the_end_of_a_certificate_is_told_in_time() {
    let (dir, day_s) = (TempDir::new().unwrap(), 86_400);
    let end = Timestamp::parse("2027-03-01T00:00:00Z").unwrap();
    let tls = Tls::open(put(dir.path(), &certificate_until(2027, 3, 1))).unwrap();
    let at = |days: i64| tls.warning(end.plus_seconds(-days * day_s)).unwrap_or_default();
    assert_eq!(at(WARN_DAYS + 1), "");
    assert!(at(WARN_DAYS).contains("ends at 2027-03-01T00:00:00.000000Z, in 21 days"));
    assert_eq!(tls.warning(end.plus_seconds(-WARN_DAYS * day_s + 3_600)), None, "it was said an hour ago");
    for (days, words) in [(20, "in 20 days"), (1, "in 1 day;"), (0, "ended at 2027-03-01"), (-400, "ended at 2027-03-01")] {
        let said = at(days);
        assert!(said.contains(words), "{days}: `{said}` does not say `{words}`");
    }
    put(dir.path(), &certificate_until(2027, 3, 2));
    assert!(tls.look_again(true).unwrap());
    assert!(tls.warning(end).unwrap().contains("in 1 day;"), "another certificate, another warning");
    put(dir.path(), &certificate_until(2037, 1, 1));
    assert!(tls.look_again(true).unwrap());
    assert_eq!(tls.warning(end.plus_seconds(day_s)), None);
}

#[test]
fn a_handshake_that_is_not_finished_in_time_fails() {
    let dir = TempDir::new().unwrap();
    let tls = Tls::open(put(dir.path(), &certificate())).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (_silent, stream) = tokio::io::duplex(64);
    let failed = runtime.block_on(tls.accept(Box::new(stream), Duration::ZERO)).err().unwrap();
    assert_eq!(failed.kind(), std::io::ErrorKind::TimedOut);
}

#[test]
fn what_is_wrong_with_a_certificate_is_told() {
    let (dir, made, other) = (TempDir::new().unwrap(), certificate(), certificate());
    let files = put(dir.path(), &made);
    let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let truncated: String = certificate.chars().take(200).collect();
    let damaged = certificate.replace("MII", "AAA");
    let told = |certificate: &str, key: &str| {
        std::fs::write(&files.certificate, certificate).unwrap();
        std::fs::write(&files.key, key).unwrap();
        Tls::open(files.clone()).unwrap_err().to_string()
    };
    for (found, words) in [
        (told("", &key), "cert.pem` holds no certificate in PEM: there is no `-----BEGIN CERTIFICATE-----`"),
        (told(&certificate, ""), "key.pem` holds no private key in PEM: there is no `-----BEGIN PRIVATE KEY-----`"),
        (told(&key, &key), "cert.pem` holds no certificate"),
        (told(&certificate, &certificate), "key.pem` holds no private key"),
        (told(&truncated, &key), "cert.pem` holds no certificate"),
        (told(&damaged, &key), "cannot be used"),
        (told(&certificate, &other.signing_key.serialize_pem()), "is not the key of the first certificate"),
        (told(&"x".repeat(2 << 20), &key), "larger than"),
    ] {
        assert!(found.contains(words), "`{found}` does not say `{words}`");
    }
    std::fs::remove_file(&files.certificate).unwrap();
    let missing = Tls::open(files.clone()).unwrap_err().to_string();
    assert!(missing.contains("cert.pem` cannot be read: No such file"), "{missing}");
}
