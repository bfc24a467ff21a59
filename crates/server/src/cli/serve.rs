//! `clinicos serve`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use clinicos_contract::Clock;
use clinicos_gate::limits::Policy;
use clinicos_gate::{Door, Environment, Gate};
use clinicos_store::Store;
use ipnet::IpNet;
use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::client::open_store;
use super::{Place, System, output};
use crate::compose::{self, Settings};
use crate::data_dir::{DataDir, Lock};
use crate::files::keep;
use crate::http::{Bounds, Files, LOOK_SECONDS, Listener, Network, Tls, Trusted, Who, network, router, serve, serve_within};
use crate::import::job::Jobs;
use crate::open_files;

/// What `serve` takes.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The address to listen on
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Where the server is reached from outside, for links: https://api.example.org
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    #[command(flatten)]
    transport: Transport,
}

/// How connections are encrypted, and by whom.
#[derive(Args, Clone, Default)]
pub struct Transport {
    /// Encrypt here: the certificate and its chain, as PEM. Taken up again when the file changes
    #[arg(long, value_name = "FILE", env = "CLINICOS_TLS_CERT", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The private key of the certificate, as PEM
    #[arg(long, value_name = "FILE", env = "CLINICOS_TLS_KEY", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// A proxy in front ends TLS: listen on any address, and take a caller's address from
    /// `X-Forwarded-For` as trusted proxies write it
    #[arg(long)]
    behind_proxy: bool,
    /// A proxy whose `X-Forwarded-For` is believed, as an address or a network; can be repeated.
    /// Proxies on this very machine, if none is named
    #[arg(long = "trusted-proxy", value_name = "CIDR", env = "CLINICOS_TRUSTED_PROXIES", value_delimiter = ',',
          value_parser = network, requires = "behind_proxy")]
    trusted_proxies: Vec<IpNet>,
    /// Most connections at once from one address, or from one IPv6 network of 64 bits; 1,000 unless
    /// given. Trusted proxies have no such bound
    #[arg(long, value_name = "N")]
    connections_per_address: Option<usize>,
}

/// A server that is ready to serve.
pub struct Ready {
    /// Where it is reached.
    pub base_url: String,
    /// Live or sandbox.
    pub environment: Environment,
    gate: Arc<Gate>,
    store: Store,
    listener: Listener,
    control: Listener,
    bounds: Bounds,
    tls: Option<Arc<Tls>>,
    lock: Lock,
    stop: Stop,
}

/// What a server is started with.
pub struct Start<'s> {
    /// Where the data is.
    pub place: &'s Place,
    /// The address to listen on.
    pub listen: SocketAddr,
    /// Where it is reached from outside.
    pub public_url: Option<String>,
    /// How connections are encrypted, and by whom.
    pub transport: Transport,
    /// How much callers may ask for.
    pub limits: Policy,
}

/// Serves a data directory.
pub async fn run(arguments: &Arguments, system: System) -> anyhow::Result<()> {
    let start = Start {
        place: &arguments.place,
        listen: arguments.listen,
        public_url: arguments.public_url.clone(),
        transport: arguments.transport.clone(),
        limits: Policy::DEFAULT,
    };
    let ready = prepare(start, system).await?;
    if arguments.place.json {
        output::json(&json!({"base_url": ready.base_url, "environment": ready.environment.name()}));
    } else {
        output::line(&format!(
            "serving the {} data of `{}` at {}",
            ready.environment.name(),
            arguments.place.data_dir.display(),
            ready.base_url
        ));
    }
    ready.serve().await
}

/// Takes the directory, opens the store and the door, and starts to listen.
pub async fn prepare(start: Start<'_>, system: System) -> anyhow::Result<Ready> {
    let place = start.place;
    let (dir, keyring) = DataDir::open(&place.data_dir, place.database_url.clone())?;
    let Some(lock) = dir.lock()? else {
        bail!("`{}` is being served already", place.data_dir.display());
    };
    let network = start.transport.network()?;
    let tls = network.tls.clone();
    tls.iter().for_each(|tls| warn_of_end(tls, &*system.clock));
    check_exposure(start.listen, start.public_url.as_deref(), tls.is_some(), start.transport.behind_proxy)?;
    let listener = Listener::tcp(start.listen, network).await.with_context(|| format!("cannot listen on {}", start.listen))?;
    let control = Listener::control(&dir.control_socket()).context("the control socket cannot be made")?;
    let address = listener.address().context("the listener has no address")?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let base_url = start.public_url.unwrap_or_else(|| format!("{scheme}://{address}")).trim_end_matches('/').to_owned();
    dir.keep_base_url(&base_url).context("the data directory cannot be written")?;
    let store = open_store(&dir, &system).await?;
    let environment = dir.environment();
    let files = place.documents.place(&dir, &system.entropy)?;
    let settings = Settings {
        clock: system.clock,
        entropy: system.entropy,
        keyring,
        environment,
        base_url: base_url.clone(),
        limits: start.limits,
        files,
    };
    let gate = Arc::new(compose::open_gate(settings, store.clone()).await?);
    let files = &gate.services().files;
    if let Some(note) = keep::note(files, &store) {
        tracing::info!("{note}");
    }
    if let Some(warning) = keep::warning(files, &store).await {
        tracing::warn!("{warning}");
    }
    let bounds = Bounds {
        connections_max: Bounds::DEFAULT.connections_max.min(open_files::raise()),
        connections_per_address_max: start
            .transport
            .connections_per_address
            .unwrap_or(Bounds::DEFAULT.connections_per_address_max),
        ..Bounds::DEFAULT
    };
    Ok(Ready { base_url, environment, gate, store, listener, control, bounds, tls, lock, stop: Stop::listen()? })
}

impl Transport {
    /// Reads the certificate, if there is one, and says whom to believe.
    fn network(&self) -> anyhow::Result<Network> {
        let tls = match (&self.tls_cert, &self.tls_key) {
            (Some(certificate), Some(key)) => {
                Some(Arc::new(Tls::open(Files { certificate: certificate.clone(), key: key.clone() })?))
            }
            _ => None,
        };
        let trusted = if self.behind_proxy { Trusted::of(&self.trusted_proxies) } else { Trusted::nobody() };
        Ok(Network { tls, trusted })
    }
}

/// Refuses what would send keys and passwords over a network as they are.
fn check_exposure(listen: SocketAddr, public_url: Option<&str>, is_encrypted: bool, behind_proxy: bool) -> anyhow::Result<()> {
    if !listen.ip().is_loopback() && !is_encrypted && !behind_proxy {
        bail!(
            "`{listen}` can be reached from outside, and keys and passwords would travel unencrypted. Either encrypt here, with \
             `--tls-cert FILE --tls-key FILE`; or put a proxy that ends TLS in front, and say `--behind-proxy` and, if it runs on \
             another machine, `--trusted-proxy ADDRESS`; or listen on a loopback address, such as `--listen 127.0.0.1:{}`",
            listen.port()
        );
    }
    if let Some(url) = public_url.filter(|url| is_encrypted && !url.starts_with("https://")) {
        bail!("with `--tls-cert` this server is reached by `https://`, but `--public-url` is `{url}`");
    }
    // Links would lead to where nobody can follow them: to the next page, to a sign-in, to a document.
    if public_url.is_none() && (behind_proxy || listen.ip().is_unspecified()) {
        let why = if behind_proxy { "behind a proxy" } else { "on every address of this machine" };
        bail!("{why}, this server cannot know where it is reached; say it, for links: `--public-url https://…`");
    }
    Ok(())
}

impl Ready {
    /// The door that it serves.
    pub fn door(&self) -> Arc<dyn Door> {
        self.gate.clone()
    }

    /// Serves until the process is told to stop, then lets calls finish and closes the store.
    pub async fn serve(mut self) -> anyhow::Result<()> {
        let (stop, stopped) = watch::channel(false);
        let door: Arc<dyn Door> = self.gate.clone();
        let clock = door.services().clock.clone();
        let jobs = tokio::spawn(Jobs::new(door.clone(), self.store.clone()).work(stopped.clone()));
        let sweep = tokio::spawn(keep::sweep(door.clone(), self.store.clone(), stopped.clone()));
        let control = tokio::spawn(serve(self.control, router(door.clone(), Who::Operator), stopped.clone()));
        let public = tokio::spawn(serve_within(self.bounds, self.listener, router(door, Who::Anyone), stopped));
        let certificate = self.tls.map(|tls| tokio::spawn(keep_certificate(tls, clock)));
        self.stop.told().await;
        self.gate.stop_waiting();
        stop.send_replace(true);
        if let Some(certificate) = certificate {
            certificate.abort();
        }
        let _ = tokio::join!(control, public, jobs, sweep);
        self.store.close().await?;
        drop(self.lock);
        Ok(())
    }
}

/// Says when the certificate ends soon, or ended.
fn warn_of_end(tls: &Tls, clock: &dyn Clock) {
    if let Some(warning) = tls.warning(clock.now()) {
        tracing::warn!("{warning}");
    }
}

/// Takes up a renewed certificate: when it is seen on disk, and at once on SIGHUP.
async fn keep_certificate(tls: Arc<Tls>, clock: Arc<dyn Clock>) {
    let mut hangup = signal(SignalKind::hangup()).inspect_err(|error| tracing::warn!(%error, "SIGHUP cannot be heard")).ok();
    loop {
        let told = async {
            match &mut hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        let anyway = tokio::select! {
            _ = told => true,
            () = tokio::time::sleep(Duration::from_secs(LOOK_SECONDS)) => false,
        };
        match tls.look_again(anyway) {
            Ok(false) => {}
            Ok(true) => tracing::info!("the certificate was read again; new connections use it"),
            Err(error) => tracing::error!(%error, "the certificate in use stays: {error}"),
        }
        warn_of_end(&tls, &*clock);
    }
}

/// What tells the process to stop. Heard from before it says that it is ready: who is told so may
/// stop it at once.
struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn told(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_do_not_travel_unencrypted() {
        let check = |listen: &str, public_url, is_encrypted, behind_proxy| {
            check_exposure(listen.parse().unwrap(), public_url, is_encrypted, behind_proxy).map_err(|error| error.to_string())
        };
        for listen in ["127.0.0.1:8080", "127.8.0.1:8080", "[::1]:8080"] {
            assert_eq!(check(listen, None, false, false), Ok(()), "{listen}");
        }
        for listen in ["0.0.0.0:8080", "[::]:8080", "192.0.2.1:8080", "[2001:db8::1]:8080"] {
            let refused = check(listen, None, false, false).unwrap_err();
            for way in ["--tls-cert FILE --tls-key FILE", "--behind-proxy", "--trusted-proxy", "--listen 127.0.0.1:8080"] {
                assert!(refused.contains(way), "{refused}");
            }
            let url = Some("https://api.example");
            assert_eq!(check(listen, url, true, false), Ok(()), "{listen}");
            assert_eq!(check(listen, url, false, true), Ok(()), "{listen}");
        }
        assert_eq!(check("0.0.0.0:8080", Some("https://api.example"), true, false), Ok(()));
        assert!(check("0.0.0.0:8080", Some("http://api.example"), true, false).unwrap_err().contains("--public-url"));
    }

    #[test]
    fn links_lead_to_where_the_server_is_reached() {
        let check = |listen: &str, public_url, is_encrypted, behind_proxy| {
            check_exposure(listen.parse().unwrap(), public_url, is_encrypted, behind_proxy).map_err(|error| error.to_string())
        };
        for (listen, is_encrypted, behind_proxy) in [
            ("0.0.0.0:8080", true, false),
            ("[::]:8080", true, false),
            ("127.0.0.1:8080", false, true),
            ("192.0.2.1:8080", true, true),
        ] {
            let refused = check(listen, None, is_encrypted, behind_proxy).unwrap_err();
            assert!(refused.contains("--public-url https://"), "{listen}: {refused}");
            assert_eq!(check(listen, Some("https://api.example"), is_encrypted, behind_proxy), Ok(()), "{listen}");
        }
        assert_eq!(check("192.0.2.1:8080", None, true, false), Ok(()), "an address that can be followed");
    }
}
