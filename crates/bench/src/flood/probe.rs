//! A health check that connects anew each time, and one client who behaves: both are timed.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Target;
use super::socket::{call, connect, get};
use crate::histogram::Histogram;

const PROBE_EVERY: Duration = Duration::from_millis(25);
/// Ten calls a second: half of what the client may make.
const CLIENT_EVERY: Duration = Duration::from_millis(100);
const PROBE_FROM: Ipv4Addr = Ipv4Addr::new(127, 0, 3, 1);
const CLIENT_FROM: Ipv4Addr = Ipv4Addr::new(127, 0, 3, 2);
/// After this long, a call has failed.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// What was seen since the last look.
#[derive(Default)]
pub(super) struct Timings {
    health: Histogram,
    failed_probes: u64,
    client: Histogram,
    served: u64,
    not_served: u64,
    server_errors: u64,
}

impl Timings {
    /// All but the rest of the probes took at most this long.
    pub(super) fn health_ms(&self, part: f64) -> f64 {
        self.health.at(part) as f64 / 1_000.0
    }

    pub(super) fn client_ms(&self, part: f64) -> f64 {
        self.client.at(part) as f64 / 1_000.0
    }

    pub(super) fn probes(&self) -> u64 {
        self.health.count()
    }

    pub(super) fn failed_probes(&self) -> u64 {
        self.failed_probes
    }

    pub(super) fn server_errors(&self) -> u64 {
        self.server_errors
    }

    /// The part of the client's calls that were answered with 200.
    pub(super) fn served_part(&self) -> f64 {
        self.served as f64 / (self.served + self.not_served).max(1) as f64
    }
}

/// The probes that run.
pub(super) struct Watched(Arc<Mutex<Timings>>);

impl Watched {
    /// Starts them.
    pub(super) fn start(target: &Target) -> Self {
        let seen = Arc::<Mutex<Timings>>::default();
        tokio::spawn(probe(target.clone(), seen.clone()));
        tokio::spawn(behave(target.clone(), seen.clone()));
        Self(seen)
    }

    /// What was seen since the last look.
    pub(super) fn take(&self) -> Timings {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One probe, from the first packet to the last; `None` if it failed.
async fn health(target: &Target) -> Option<Duration> {
    let begun = Instant::now();
    let asked = async { call(&mut connect(PROBE_FROM, target.address).await?, &get("/health/live", None)).await };
    match tokio::time::timeout(ANSWER_MAX, asked).await {
        Ok(Ok(200)) => Some(begun.elapsed()),
        _ => None,
    }
}

async fn probe(target: Target, seen: Arc<Mutex<Timings>>) {
    let mut turns = tokio::time::interval(PROBE_EVERY);
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        turns.tick().await;
        let took = health(&target).await;
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        match took {
            Some(took) => seen.health.add(took),
            None => seen.failed_probes += 1,
        }
    }
}

async fn behave(target: Target, seen: Arc<Mutex<Timings>>) {
    let request = get("/v1/invoices?limit=20", Some(&target.financial_key));
    let mut turns = tokio::time::interval(CLIENT_EVERY);
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut stream = None;
    loop {
        turns.tick().await;
        let begun = Instant::now();
        let asked = async {
            let mut open = match stream.take() {
                Some(open) => open,
                None => connect(CLIENT_FROM, target.address).await?,
            };
            let status = call(&mut open, &request).await?;
            std::io::Result::Ok((open, status))
        };
        let answered = tokio::time::timeout(ANSWER_MAX, asked).await;
        let took = begun.elapsed();
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        match answered {
            Ok(Ok((open, status))) => {
                stream = Some(open);
                seen.client.add(took);
                seen.served += u64::from(status == 200);
                seen.not_served += u64::from(status != 200);
                seen.server_errors += u64::from(status >= 500);
            }
            _ => seen.not_served += 1,
        }
    }
}

/// How long it takes until so many probes in a row are answered fast enough; the first of them counts.
pub(super) async fn recovery(target: &Target, calm_ms: f64, probes: usize, wait: Duration) -> Option<Duration> {
    let begun = Instant::now();
    let (mut calm, mut since) = (0, Duration::ZERO);
    while calm < probes {
        if begun.elapsed() > wait {
            return None;
        }
        let at = begun.elapsed();
        if health(target).await.is_some_and(|took| took.as_secs_f64() * 1_000.0 <= calm_ms) {
            since = if calm == 0 { at } else { since };
            calm += 1;
        } else {
            calm = 0;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Some(since)
}
