//! The way of whoever started an import: each batch is a call of its own, as them, with what they may
//! do by then.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clinicos_gate::{Behalf, Credential, Door};
use clinicos_store::Store;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::Value;

use super::call::Call;
use super::rows::{self, Waiting};
use super::way::{Answer, Batch, Way};

/// Tries of a batch before the import is given up.
const TRIES_MAX: u32 = 600;
/// Longest wait before the next try. A stop or a cancel is seen within a second.
const WAIT_MAX_S: u64 = 60;

/// It.
pub(super) struct OnBehalf {
    pub(super) door: Arc<dyn Door>,
    pub(super) store: Store,
    pub(super) waiting: Arc<Waiting>,
    pub(super) behalf: Behalf,
    pub(super) stop: tokio::sync::watch::Receiver<bool>,
}

impl Way for OnBehalf {
    fn send(&self, batch: Batch) -> BoxFuture<'static, anyhow::Result<Answer>> {
        let (door, store, waiting, mut stop) = (self.door.clone(), self.store.clone(), self.waiting.clone(), self.stop.clone());
        let credential = Credential::Behalf(self.behalf);
        async move {
            let operation = door.catalogue().operations().find(|one| one.spec().route.path == batch.path);
            let operation = operation.context("there is no such operation")?.spec().id;
            for _ in 0..TRIES_MAX {
                // Whatever came between, an import that was cancelled writes no more.
                check(&store, &waiting, &stop).await?;
                // A key for an organization says at which of its clinics it works.
                let (path, query) = (Vec::new(), format!("clinic_id={}", waiting.clinic));
                let (key, body) = (batch.key.clone(), batch.body.clone());
                let call = Call { operation, credential: credential.clone(), path, query, key, body };
                let (status, wait, body) = call.send(&*door).await;
                match status {
                    200 => return serde_json::from_value(body).context("the answer is not the one of an import"),
                    // The budget is spent, or the server is busy: it will go on.
                    409 | 429 | 503 => {
                        for _ in 0..wait.unwrap_or(1).clamp(1, WAIT_MAX_S) {
                            let _ = tokio::time::timeout(Duration::from_secs(1), stop.wait_for(|stop| *stop)).await;
                            check(&store, &waiting, &stop).await?;
                        }
                    }
                    _ => {
                        let detail = body.get("detail").and_then(Value::as_str).unwrap_or("the batch was refused").to_owned();
                        anyhow::bail!("{detail} ({operation} was answered {status})");
                    }
                }
            }
            anyhow::bail!("the budget for imports was spent for too long")
        }
        .boxed()
    }
}

/// Refuses to go on when the server stops, or somebody cancelled the import.
pub(super) async fn check(store: &Store, waiting: &Waiting, stop: &tokio::sync::watch::Receiver<bool>) -> anyhow::Result<()> {
    anyhow::ensure!(!*stop.borrow(), "the server stops");
    anyhow::ensure!(rows::still_runs(store, waiting).await?, "it was cancelled");
    Ok(())
}
