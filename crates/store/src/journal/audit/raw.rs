//! Byte fields as byte strings: serde's way with arrays is one call for each byte, which
//! made up half of the cost of an entry.

use std::fmt;

use serde::de::{Error, Visitor};

struct Bytes<T>(fn(&[u8]) -> Option<T>);

impl<'de, T> Visitor<'de> for Bytes<T> {
    type Value = T;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a byte string of the right length")
    }
    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<T, E> {
        (self.0)(bytes).ok_or_else(|| E::invalid_length(bytes.len(), &self))
    }
}

/// 16 bytes.
pub(super) mod id {
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(id: &[u8; 16], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(id)
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 16], D::Error> {
        deserializer.deserialize_bytes(super::Bytes(|bytes| bytes.try_into().ok()))
    }
}

/// 16 bytes, or none: an empty string.
pub(super) mod opt_id {
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(id: &Option<[u8; 16]>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(id.as_ref().map_or(&[], <[u8; 16]>::as_slice))
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<[u8; 16]>, D::Error> {
        deserializer.deserialize_bytes(super::Bytes(|bytes| match bytes {
            [] => Some(None),
            bytes => bytes.try_into().ok().map(Some),
        }))
    }
}

/// Any number of bytes.
pub(super) mod bytes {
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        deserializer.deserialize_bytes(super::Bytes(|bytes| Some(bytes.to_vec())))
    }
}
