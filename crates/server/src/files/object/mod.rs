//! Files in a store of objects, by the protocol of S3: for several nodes, and for disks that are small.
//!
//! An object is written whole or not at all, so that nothing is ever half there.

#[cfg(test)]
mod tests;
mod wire;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use clap::Args;
use clinicos_contract::Timestamp;
use clinicos_gate::ClinicId;
use clinicos_gate::files::{FileError, FileName, FilePlace};
use futures_util::TryStreamExt as _;
use futures_util::future::BoxFuture;
use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::{BackoffConfig, ObjectStore, ObjectStoreExt as _, PutPayload, RetryConfig};

use self::wire::Wire;

/// How long one request may take.
const CALL_MAX: Duration = Duration::from_secs(30);
/// The same where a lock of the database is held meanwhile, which the database ends after ten seconds.
const REMOVE_MAX: Duration = Duration::from_secs(8);
const RETRIES_MAX: usize = 2;

/// The bucket, and how it is reached.
#[derive(Args, Clone, Default)]
pub struct Bucket {
    /// Keep the bytes of documents in this bucket instead of the data directory
    #[arg(long = "documents-bucket", value_name = "NAME", env = "CLINICOS_DOCUMENTS_BUCKET", global = true)]
    bucket: Option<String>,
    /// Where the store of objects is reached, if it is not AWS: https://objects.example.org
    #[arg(long = "documents-endpoint", value_name = "URL", env = "CLINICOS_DOCUMENTS_ENDPOINT", global = true)]
    endpoint: Option<String>,
    /// The region of the bucket
    #[arg(
        long = "documents-region",
        value_name = "NAME",
        env = "CLINICOS_DOCUMENTS_REGION",
        default_value = "us-east-1",
        global = true
    )]
    region: String,
    /// What the names of objects begin with, if the bucket is not for this server alone
    #[arg(long = "documents-prefix", value_name = "TEXT", env = "CLINICOS_DOCUMENTS_PREFIX", default_value = "", global = true)]
    prefix: String,
    /// Authorities that the store's certificate may come from, as PEM; the system's, unless given
    #[arg(long = "documents-ca", value_name = "FILE", env = "CLINICOS_DOCUMENTS_CA", global = true)]
    authorities: Option<PathBuf>,
    /// Who this server is to the store
    #[arg(
        long = "documents-key-id",
        value_name = "ID",
        env = "CLINICOS_DOCUMENTS_KEY_ID",
        hide_env_values = true,
        global = true
    )]
    key_id: Option<String>,
    /// The secret of that key: better in the environment, where other people of the machine cannot read it
    #[arg(
        long = "documents-key-secret",
        value_name = "SECRET",
        env = "CLINICOS_DOCUMENTS_KEY_SECRET",
        hide_env_values = true,
        global = true
    )]
    key_secret: Option<String>,
}

impl Bucket {
    /// The place, if a bucket is named.
    pub fn open(&self) -> anyhow::Result<Option<Objects>> {
        let Some(bucket) = self.bucket.as_deref().filter(|bucket| !bucket.is_empty()) else { return Ok(None) };
        let (Some(id), Some(secret)) = (&self.key_id, &self.key_secret) else {
            bail!("to reach the bucket `{bucket}`, set CLINICOS_DOCUMENTS_KEY_ID and CLINICOS_DOCUMENTS_KEY_SECRET");
        };
        let plain = self.endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        if let Some(endpoint) = self.endpoint.as_deref().filter(|endpoint| plain && !is_of_this_machine(endpoint)) {
            bail!("`{endpoint}` would send the bytes of documents over a network as they are; use `https://`");
        }
        let backoff = BackoffConfig { init_backoff: Duration::from_millis(100), max_backoff: Duration::from_secs(2), base: 2.0 };
        let retry = RetryConfig { backoff, max_retries: RETRIES_MAX, retry_timeout: REMOVE_MAX };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_region(&self.region)
            .with_access_key_id(id)
            .with_secret_access_key(secret)
            .with_retry(retry)
            .with_allow_http(plain)
            // Not every store knows these.
            .with_disable_bulk_delete(true)
            .with_disable_tagging(true)
            .with_http_connector(Wire::new(self.authorities.as_deref(), plain)?);
        if let Some(endpoint) = &self.endpoint {
            builder = builder.with_endpoint(endpoint.trim_end_matches('/'));
        }
        let store = builder.build().context("the bucket for documents cannot be used")?;
        let shown = format!("s3://{bucket}/{}", self.prefix.trim_matches('/'));
        Ok(Some(Objects { store: Arc::new(store), prefix: self.prefix.trim_matches('/').to_owned(), shown }))
    }
}

/// Whether a URL without encryption leads to this machine alone.
fn is_of_this_machine(endpoint: &str) -> bool {
    let authority = endpoint.trim_start_matches("http://").split('/').next().unwrap_or_default();
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|host| authority == *host || authority.starts_with(&format!("{host}:")))
}

/// A store of objects.
pub struct Objects {
    store: Arc<dyn ObjectStore>,
    prefix: String,
    shown: String,
}

impl Objects {
    fn path(&self, below: &str) -> Path {
        if self.prefix.is_empty() { Path::from(below) } else { Path::from(format!("{}/{below}", self.prefix)) }
    }

    /// What stands in a path below the prefix.
    fn below<'p>(&self, path: &'p str) -> Option<&'p str> {
        path.strip_prefix(&self.prefix).map(|rest| rest.trim_start_matches('/'))
    }

    async fn clinics_there(&self) -> object_store::Result<Vec<ClinicId>> {
        let above = (!self.prefix.is_empty()).then(|| Path::from(self.prefix.as_str()));
        let listed = self.store.list_with_delimiter(above.as_ref()).await?;
        Ok(listed.common_prefixes.iter().filter_map(|path| ClinicId::parse(self.below(path.as_ref())?)).collect())
    }

    async fn files_before(&self, clinic: ClinicId, before: Timestamp) -> object_store::Result<Vec<FileName>> {
        let (mut found, above) = (Vec::new(), self.path(&clinic.to_string()));
        let mut listed = self.store.list(Some(&above));
        while let Some(object) = listed.try_next().await? {
            if object.last_modified.timestamp_micros() < before.as_micros() {
                found.extend(self.below(object.location.as_ref()).and_then(FileName::parse));
            }
        }
        Ok(found)
    }
}

/// Bounds a request, and says what went wrong as the gate knows it.
async fn within<T>(limit: Duration, work: impl Future<Output = object_store::Result<T>>) -> Result<T, FileError> {
    match tokio::time::timeout(limit, work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(object_store::Error::NotFound { .. })) => Err(FileError::Missing),
        Ok(Err(error)) => Err(FileError::Unavailable(format!("the store of objects: {error}"))),
        Err(_) => Err(FileError::Unavailable(format!("the store of objects did not answer within {} seconds", limit.as_secs()))),
    }
}

impl FilePlace for Objects {
    fn put<'f>(&'f self, name: &'f FileName, bytes: Bytes) -> BoxFuture<'f, Result<(), FileError>> {
        let path = self.path(&name.path());
        Box::pin(async move { within(CALL_MAX, self.store.put(&path, PutPayload::from(bytes))).await.map(drop) })
    }

    fn get<'f>(&'f self, name: &'f FileName) -> BoxFuture<'f, Result<Bytes, FileError>> {
        let path = self.path(&name.path());
        Box::pin(within(CALL_MAX, async move { self.store.get(&path).await?.bytes().await }))
    }

    fn has<'f>(&'f self, name: &'f FileName) -> BoxFuture<'f, Result<bool, FileError>> {
        let path = self.path(&name.path());
        Box::pin(async move {
            match within(REMOVE_MAX, self.store.head(&path)).await {
                Err(FileError::Missing) => Ok(false),
                other => other.map(|_| true),
            }
        })
    }

    fn remove<'f>(&'f self, name: &'f FileName) -> BoxFuture<'f, Result<(), FileError>> {
        let path = self.path(&name.path());
        Box::pin(async move {
            match within(REMOVE_MAX, self.store.delete(&path)).await {
                Err(FileError::Missing) => Ok(()),
                other => other,
            }
        })
    }

    fn clinics(&self) -> BoxFuture<'_, Result<Vec<ClinicId>, FileError>> {
        Box::pin(within(CALL_MAX, self.clinics_there()))
    }

    fn list(&self, clinic: ClinicId, before: Timestamp) -> BoxFuture<'_, Result<Vec<FileName>, FileError>> {
        // A large clinic takes many requests, each with bounds of its own.
        Box::pin(within(CALL_MAX * 20, self.files_before(clinic, before)))
    }

    fn tidy(&self, _before: Timestamp) -> BoxFuture<'_, Result<(), FileError>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn shown(&self) -> String {
        self.shown.clone()
    }

    fn is_of_this_node(&self) -> bool {
        false
    }
}
