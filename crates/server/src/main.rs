//! The binary `clinicos`. Clock, randomness and environment are read here, and nowhere below.

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser as _;
use clinicos_contract::{Clock, Entropy, Timestamp};
use clinicos_server::cli::{self, Cli, System};
use rand::Rng as _;
use tracing_subscriber::EnvFilter;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The system's clock.
struct SystemClock {
    started: std::time::Instant,
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Timestamp::from_micros(since.map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX)))
    }

    fn monotonic_ns(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

/// The system's randomness, through a generator that is fit for secrets and reseeds itself.
struct SystemEntropy;

#[expect(clippy::disallowed_methods, reason = "the one place that draws from the system's randomness")]
impl Entropy for SystemEntropy {
    fn fill(&self, out: &mut [u8]) {
        rand::rng().fill_bytes(out);
    }
}

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_env("CLINICOS_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    clinicos_server::panics::watch();
    let cli = Cli::parse();
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
    let clock = SystemClock { started: std::time::Instant::now() };
    let system = System { clock: Arc::new(clock), entropy: Arc::new(SystemEntropy) };
    let done = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(cli::run(cli, system)));
    match done {
        Ok(code) => code,
        Err(error) => {
            // A closed stderr leaves the exit code to tell.
            let _ = writeln!(std::io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
