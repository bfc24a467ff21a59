//! Which place it is: what the command line says.

use std::sync::Arc;

use clap::Args;
use clinicos_contract::Entropy;
use clinicos_gate::files::FilePlace;

use super::Disk;
use crate::data_dir::DataDir;

/// Where the bytes of documents are kept. In the data directory, unless a bucket is named.
#[derive(Args, Clone, Default)]
pub struct Documents {
    #[cfg(feature = "object-storage")]
    #[command(flatten)]
    bucket: super::object::Bucket,
}

impl Documents {
    /// The place.
    pub fn place(&self, dir: &DataDir, entropy: &Arc<dyn Entropy>) -> anyhow::Result<Arc<dyn FilePlace>> {
        #[cfg(feature = "object-storage")]
        if let Some(objects) = self.bucket.open()? {
            return Ok(Arc::new(objects));
        }
        Ok(Arc::new(Disk::new(dir.documents(), entropy.clone())))
    }
}
