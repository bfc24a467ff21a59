//! `clinicos serve`

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::Args;
use clinicos_gate::limits::Policy;
use clinicos_gate::{Door, Environment, Gate};
use clinicos_store::Store;
use serde_json::json;
use tokio::sync::watch;

use super::client::open_store;
use super::{Place, System, output};
use crate::compose::{self, Settings};
use crate::data_dir::{DataDir, Lock};
use crate::http::{Listener, Who, router, serve};
use crate::import::job::Jobs;

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
    /// A proxy in front ends TLS: listen on any address, and take a caller's address from the
    /// last entry of `X-Forwarded-For`, which that proxy writes
    #[arg(long)]
    behind_proxy: bool,
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
    lock: Lock,
}

/// What a server is started with.
pub struct Start<'s> {
    /// Where the data is.
    pub place: &'s Place,
    /// The address to listen on.
    pub listen: SocketAddr,
    /// Where it is reached from outside.
    pub public_url: Option<String>,
    /// Whether a proxy in front ends TLS.
    pub behind_proxy: bool,
    /// How much callers may ask for.
    pub limits: Policy,
}

/// Serves a data directory.
pub async fn run(arguments: &Arguments, system: System) -> anyhow::Result<()> {
    let start = Start {
        place: &arguments.place,
        listen: arguments.listen,
        public_url: arguments.public_url.clone(),
        behind_proxy: arguments.behind_proxy,
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
    if !start.listen.ip().is_loopback() && !start.behind_proxy {
        bail!(
            "`{}` can be reached from outside, and keys and passwords would travel unencrypted: put a proxy that ends TLS in \
             front and say `--behind-proxy`, or listen on a loopback address",
            start.listen
        );
    }
    let listener =
        Listener::tcp(start.listen, start.behind_proxy).await.with_context(|| format!("cannot listen on {}", start.listen))?;
    let control = Listener::control(&dir.control_socket()).context("the control socket cannot be made")?;
    let address = listener.address().context("the listener has no address")?;
    let base_url = start.public_url.unwrap_or_else(|| format!("http://{address}")).trim_end_matches('/').to_owned();
    let store = open_store(&dir, &system).await?;
    let environment = dir.environment();
    let settings = Settings {
        clock: system.clock,
        entropy: system.entropy,
        keyring,
        environment,
        base_url: base_url.clone(),
        limits: start.limits,
    };
    let gate = Arc::new(compose::open_gate(settings, store.clone()).await?);
    Ok(Ready { base_url, environment, gate, store, listener, control, lock })
}

impl Ready {
    /// Serves until the process is told to stop, then lets calls finish and closes the store.
    pub async fn serve(self) -> anyhow::Result<()> {
        let (stop, stopped) = watch::channel(false);
        let door: Arc<dyn Door> = self.gate;
        let jobs = tokio::spawn(Jobs::new(door.clone(), self.store.clone()).work(stopped.clone()));
        let control = tokio::spawn(serve(self.control, router(door.clone(), Who::Operator), stopped.clone()));
        let public = tokio::spawn(serve(self.listener, router(door, Who::Anyone), stopped));
        told_to_stop().await?;
        stop.send_replace(true);
        let _ = tokio::join!(control, public, jobs);
        self.store.close().await?;
        drop(self.lock);
        Ok(())
    }
}

async fn told_to_stop() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
