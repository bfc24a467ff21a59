//! Ctrl-C for programs in a process group of their own. A terminal tells our group alone, so whoever
//! waits for such a group asks here whether to end it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

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

/// Hears of SIGINT and SIGTERM from now on. They end this program no more: whoever asks does.
pub fn listen() -> Result<&'static Stop> {
    static TOLD: Stop = Stop(AtomicBool::new(false));
    static EARS: OnceLock<Runtime> = OnceLock::new();
    if EARS.get().is_some() {
        return Ok(&TOLD);
    }
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_io().build().context("signals cannot be heard")?;
    for kind in [SignalKind::interrupt(), SignalKind::terminate()] {
        let _within = runtime.enter();
        let mut told = signal(kind).context("signals cannot be heard")?;
        runtime.spawn(async move {
            while told.recv().await.is_some() {
                TOLD.tell();
            }
        });
    }
    // Whoever was faster hears as well as we do.
    let _ = EARS.set(runtime);
    Ok(&TOLD)
}
