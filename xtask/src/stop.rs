//! SIGINT and SIGTERM, for us and for the programs that we run. Those are in process groups of their
//! own, and whoever told us to stop told us alone: whoever waits for a program asks here whether to
//! end it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

/// Most time until this program ends that was told to stop: whoever waits for a program has long
/// asked by then. What is busy with something else is ended without being asked.
const END_MAX: Duration = Duration::from_secs(30);
/// The exit code of a failure.
const FAILED: i32 = 1;

/// Whether this program was told to stop.
#[derive(Debug, Default)]
pub struct Stop(AtomicBool);

impl Stop {
    /// Whether it was.
    pub fn is_told(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// It is.
    pub fn tell(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Hears of SIGINT and SIGTERM from now on. They end this program through whoever asks, and without
/// being asked if nobody does or if it is told twice.
pub fn listen() -> Result<&'static Stop> {
    static TOLD: Stop = Stop(AtomicBool::new(false));
    static EARS: OnceLock<Runtime> = OnceLock::new();
    if EARS.get().is_some() {
        return Ok(&TOLD);
    }
    let runtime =
        Builder::new_multi_thread().worker_threads(1).enable_io().enable_time().build().context("signals cannot be heard")?;
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        let _within = runtime.enter();
        let mut told = signal(kind).context("signals cannot be heard")?;
        runtime.spawn(async move {
            if told.recv().await.is_none() {
                return;
            }
            TOLD.tell();
            let _ = tokio::time::timeout(END_MAX, told.recv()).await;
            eprintln!("error: stopped at once");
            std::process::exit(FAILED);
        });
    }
    // Whoever was faster hears as well as we do.
    let _ = EARS.set(runtime);
    Ok(&TOLD)
}
