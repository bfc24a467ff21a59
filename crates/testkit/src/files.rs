//! A directory of files beside which something else happens.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use clinicos_contract::Timestamp;
use clinicos_gate::ClinicId;
use clinicos_gate::files::{FileError, FileName, FilePlace};
use clinicos_server::files::Disk;
use futures_util::future::BoxFuture;

/// What happens before the next file is read, once.
#[derive(Clone, Default)]
pub struct Meanwhile(Arc<Mutex<Option<BoxFuture<'static, ()>>>>);

impl Meanwhile {
    /// Happens before the next file is read.
    pub fn next(&self, work: impl Future<Output = ()> + Send + 'static) {
        *self.0.lock().unwrap() = Some(Box::pin(work));
    }

    async fn happen(&self) {
        let work = self.0.lock().unwrap().take();
        if let Some(work) = work {
            work.await;
        }
    }
}

pub(crate) struct Watched {
    pub(crate) disk: Disk,
    pub(crate) meanwhile: Meanwhile,
}

impl FilePlace for Watched {
    fn put<'f>(&'f self, name: &'f FileName, bytes: Bytes) -> BoxFuture<'f, Result<(), FileError>> {
        self.disk.put(name, bytes)
    }
    fn get<'f>(&'f self, name: &'f FileName) -> BoxFuture<'f, Result<Bytes, FileError>> {
        Box::pin(async move {
            self.meanwhile.happen().await;
            self.disk.get(name).await
        })
    }
    fn has<'f>(&'f self, name: &'f FileName) -> BoxFuture<'f, Result<bool, FileError>> {
        self.disk.has(name)
    }
    fn remove<'f>(&'f self, name: &'f FileName) -> BoxFuture<'f, Result<(), FileError>> {
        self.disk.remove(name)
    }
    fn clinics(&self) -> BoxFuture<'_, Result<Vec<ClinicId>, FileError>> {
        self.disk.clinics()
    }
    fn list(&self, clinic: ClinicId, before: Timestamp) -> BoxFuture<'_, Result<Vec<FileName>, FileError>> {
        self.disk.list(clinic, before)
    }
    fn tidy(&self, before: Timestamp) -> BoxFuture<'_, Result<(), FileError>> {
        self.disk.tidy(before)
    }
    fn shown(&self) -> String {
        self.disk.shown()
    }
    fn is_of_this_node(&self) -> bool {
        self.disk.is_of_this_node()
    }
}
