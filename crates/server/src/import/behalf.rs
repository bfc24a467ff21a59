//! The way of whoever started an import: each batch is a call of its own, as them, with what they may
//! do by then.

use std::sync::Arc;

use anyhow::Context as _;
use clinicos_gate::{Behalf, Credential, Door};
use clinicos_store::Store;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::Value;

use super::call::Call;
use super::rows::{self, Waiting};
use super::tries::Tries;
use super::way::{Answer, Batch, Way};

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
        let (door, store, waiting, stop) = (self.door.clone(), self.store.clone(), self.waiting.clone(), self.stop.clone());
        let credential = Credential::Behalf(self.behalf);
        async move {
            let operation = door.catalogue().operations().find(|one| one.spec().route.path == batch.path);
            let operation = operation.context("there is no such operation")?.spec().id;
            check(&store, &waiting, &stop).await?;
            // A key for an organization says at which of its clinics it works.
            let (path, query) = (Vec::new(), format!("clinic_id={}", waiting.clinic));
            let call = Call { operation, credential, path, query, key: batch.key, body: batch.body };
            let (status, body) = Tries { door: &*door, store: &store, waiting: &waiting, stop }.answer(&call).await?;
            if status == 200 {
                return serde_json::from_value(body).context("the answer is not the one of an import");
            }
            let detail = body.get("detail").and_then(Value::as_str).unwrap_or("the batch was refused");
            anyhow::bail!("{detail} ({operation} was answered {status})")
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
