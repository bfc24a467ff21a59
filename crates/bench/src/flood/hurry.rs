//! Callers who ask far more often than they may: with a key, without one, and with wrong ones.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::Target;
use super::socket::{call, connect, get};

/// Calls a minute that a connection may make, and that an address may make.
const CONNECTION_LIMIT: u32 = 1_200;
const ADDRESS_LIMIT: u32 = 6_000;
/// Connections that each flood asks on.
const CONNECTIONS: u32 = 20;
/// Well formed, but nobody's: the check is right, so that it must be looked up.
const UNKNOWN_KEY: &str = "cos_sandbox_000000000000000000000000000000000000000000000000";

type Statuses = Arc<Mutex<BTreeMap<&'static str, BTreeMap<u16, u64>>>>;

/// The floods.
pub(super) struct Floods(Statuses);

/// What they were answered.
pub(super) struct Tally(BTreeMap<&'static str, BTreeMap<u16, u64>>);

impl Floods {
    pub(super) fn tally(&self) -> Tally {
        Tally(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl Tally {
    pub(super) fn by_kind(&self) -> impl Iterator<Item = (&'static str, String)> {
        let words = |statuses: &BTreeMap<u16, u64>| {
            let each = statuses.iter().map(|(status, count)| match status {
                0 => format!("no answer: {count}"),
                status => format!("{status}: {count}"),
            });
            each.collect::<Vec<_>>().join(", ")
        };
        self.0.iter().map(move |(kind, statuses)| (*kind, words(statuses)))
    }

    pub(super) fn server_errors(&self) -> u64 {
        self.0.values().flatten().filter(|(status, _)| **status >= 500).map(|(_, count)| count).sum()
    }
}

/// One flood.
#[derive(Clone, Copy)]
struct Flood {
    name: &'static str,
    from: Ipv4Addr,
    /// Calls a minute.
    rate: u32,
}

/// Starts them.
pub(super) fn start(target: &Target, times: u32, stop: &watch::Receiver<bool>) -> Floods {
    let statuses = Statuses::default();
    let flood = |name, host, limit: u32| Flood { name, from: Ipv4Addr::new(127, 0, 2, host), rate: limit * times };
    let floods = [
        (flood("with a key", 1, CONNECTION_LIMIT), get("/v1/invoices?limit=50", Some(&target.admin_key))),
        (flood("without a key", 2, ADDRESS_LIMIT), get("/v1/invoices", None)),
        (flood("with a key that nobody has", 3, ADDRESS_LIMIT), get("/v1/invoices", Some(UNKNOWN_KEY))),
    ];
    for (flood, request) in floods {
        for _ in 0..CONNECTIONS {
            let (target, request, mut stop, statuses) = (target.clone(), request.clone(), stop.clone(), statuses.clone());
            tokio::spawn(async move {
                tokio::select! {
                    () = ask(flood, &target, &request, &statuses) => {}
                    _ = stop.wait_for(|stop| *stop) => {}
                }
            });
        }
    }
    Floods(statuses)
}

/// Asks at its rate, as far as answers come.
async fn ask(flood: Flood, target: &Target, request: &str, statuses: &Statuses) {
    let mut turns = tokio::time::interval(Duration::from_secs(60) * CONNECTIONS / flood.rate.max(1));
    let mut stream = None;
    loop {
        turns.tick().await;
        let mut open = match stream.take() {
            Some(open) => open,
            None => match connect(flood.from, target.address).await {
                Ok(open) => open,
                Err(_) => continue,
            },
        };
        let answered = call(&mut open, request).await;
        let status = answered.as_ref().copied().unwrap_or(0);
        *statuses.lock().unwrap_or_else(PoisonError::into_inner).entry(flood.name).or_default().entry(status).or_default() += 1;
        stream = answered.is_ok().then_some(open);
    }
}
