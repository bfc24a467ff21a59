//! Where the bytes of documents are: in the data directory, or in a store of objects.

mod disk;
pub mod keep;
#[cfg(feature = "object-storage")]
pub mod object;
mod place;

pub use self::disk::Disk;
pub use self::place::Documents;

/// More than any file has: what is larger is not read to its end.
const FILE_BYTES_MAX: u64 = 64 << 20;

#[cfg(test)]
pub(crate) mod tests {
    use bytes::Bytes;
    use clinicos_contract::Timestamp;
    use clinicos_gate::ClinicId;
    use clinicos_gate::files::{FileError, FileName, FilePlace};

    /// What must hold in any place.
    pub(crate) async fn keeps_files(place: &dyn FilePlace, clinic: ClinicId) {
        let ever = Timestamp::from_micros(i64::MAX);
        let (name, bytes) = (FileName::of(clinic, b"abc"), Bytes::from_static(b"abc"));
        assert!(matches!(place.get(&name).await, Err(FileError::Missing)));
        assert!(!place.has(&name).await.unwrap());
        place.remove(&name).await.unwrap();
        assert_eq!(place.list(clinic, ever).await.unwrap(), []);
        for _ in 0..2 {
            place.put(&name, bytes.clone()).await.unwrap();
            assert_eq!((place.get(&name).await.unwrap(), place.has(&name).await.unwrap()), (bytes.clone(), true));
        }
        let other = ClinicId::from_bytes([8; 16]);
        assert_eq!(place.clinics().await.unwrap(), [clinic]);
        assert_eq!(place.list(other, ever).await.unwrap(), [], "no other clinic has it");
        assert!(!place.has(&FileName::of(other, b"abc")).await.unwrap());
        assert_eq!(place.list(clinic, ever).await.unwrap(), std::slice::from_ref(&name));
        assert_eq!(place.list(clinic, Timestamp::from_micros(0)).await.unwrap(), [], "it is too young");
        place.tidy(ever).await.unwrap();
        assert!(place.has(&name).await.unwrap(), "what is finished stays");
        place.remove(&name).await.unwrap();
        assert!(matches!(place.get(&name).await, Err(FileError::Missing)));
        assert_eq!(place.list(clinic, ever).await.unwrap(), []);
    }
}
