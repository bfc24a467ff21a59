//! The content of a document: its bytes, in base64, so that any bytes can be sent and nothing of them
//! changes on the way.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use clinicos_contract::schema::Schema;
use clinicos_contract::{Category, Field, Problem, Shape, Timestamp, record};
use clinicos_gate::ClinicId;
use clinicos_gate::files::{FileName, NewFile, sha256_of};
use clinicos_store::{Row, StoreError};
use serde::Deserialize;

use crate::decode;
use crate::ids::{ClientId, DocumentId, PatientId};

/// Most bytes of a document's content.
pub const CONTENT_BYTES_MAX: usize = 10 << 20;
/// The same in base64.
pub const CONTENT_TEXT_MAX: usize = CONTENT_BYTES_MAX.div_ceil(3) * 4;

const SYSTEM: Field = Field::of(Category::RecordSystem);
const CLINICAL: Field = Field::of(Category::Clinical);

record! {
    /// A document's bytes.
    pub struct DocumentContent<'a> as "document_content" {
        /// The document.
        id: DocumentId = SYSTEM,
        /// The clinic whose record this is.
        clinic_id: ClinicId = SYSTEM,
        /// The client that it is about.
        client_id: Option<ClientId> = CLINICAL,
        /// The patient that it is about.
        patient_id: Option<PatientId> = CLINICAL,
        /// Its media type.
        mime: Cow<'a, str> = CLINICAL,
        /// How many bytes it has.
        bytes: i64 = CLINICAL,
        /// Their SHA-256.
        sha256: Cow<'a, str> = CLINICAL,
        /// The bytes, in base64.
        content: Cow<'a, str> = CLINICAL.max(CONTENT_TEXT_MAX as u32),
        /// The version of the document.
        version: i64 = SYSTEM,
    }
}

/// A body of `documents.add_content`.
pub static BODY: Schema = Schema {
    name: "new_document_content",
    doc: "A document's bytes.",
    fields: &[CLINICAL.required().max(CONTENT_TEXT_MAX as u32).named(
        "content",
        "The bytes, in base64; at most 10 MiB of them.",
        Shape::Text,
        false,
    )],
};

/// Bytes that are sent, and their hash. Both are worked out while the body is read, so that no other write waits.
#[derive(Debug)]
pub struct Sent {
    /// The bytes.
    pub bytes: Bytes,
    /// Their SHA-256, in small hexadecimal digits.
    pub sha256: String,
}

/// What is kept of a document's content.
#[derive(Debug)]
pub struct Content {
    /// The document.
    pub document: DocumentId,
    /// Whose it is.
    pub clinic: ClinicId,
    /// The SHA-256 of its bytes, which is also what their file is called.
    pub sha256: String,
    /// The bytes themselves, if they came before there were files: they stay in their row until it goes.
    pub bytes: Option<Vec<u8>>,
    /// When they came.
    pub created_at: Timestamp,
}

impl Content {
    /// Reads a row of [`super::rows::CONTENTS`].
    pub fn read(row: &dyn Row) -> Result<Self, StoreError> {
        Ok(Self {
            document: decode::id(row, 0)?,
            clinic: decode::id(row, 1)?,
            sha256: row.text(2)?.to_owned(),
            bytes: row.opt_bytes(3)?.map(<[u8]>::to_vec),
            created_at: decode::time(row, 4)?,
        })
    }

    /// The file that its bytes are in, if they are in one.
    pub fn file(&self) -> Result<Option<FileName>, StoreError> {
        if self.bytes.is_some() {
            return Ok(None);
        }
        let named = FileName::new(self.clinic, &self.sha256);
        named.map(Some).ok_or_else(|| StoreError::Corrupt(format!("`{}` is no SHA-256", self.sha256)))
    }
}

/// What came of a body.
#[derive(Debug, Deserialize)]
#[serde(from = "Body")]
pub struct NewContent(Option<Sent>);

#[derive(Deserialize)]
struct Body {
    content: String,
}

impl From<Body> for NewContent {
    fn from(body: Body) -> Self {
        let bytes = STANDARD.decode(body.content.trim()).ok();
        Self(bytes.map(|bytes| {
            let sha256 = sha256_of(&bytes);
            Sent { bytes: bytes.into(), sha256 }
        }))
    }
}

impl Sent {
    /// The file of a clinic that they are.
    pub fn file(&self, clinic: ClinicId) -> Option<NewFile> {
        Some(NewFile { name: FileName::new(clinic, &self.sha256)?, bytes: self.bytes.clone() })
    }
}

impl NewContent {
    /// The bytes, if the text was base64.
    pub fn sent(&self) -> Result<&Sent, Problem> {
        let sent = self.0.as_ref().ok_or_else(|| Problem::rule("/content", "format", "must be base64"))?;
        if sent.bytes.len() > CONTENT_BYTES_MAX {
            return Err(Problem::rule("/content", "too_large", format!("must have at most {CONTENT_BYTES_MAX} bytes")));
        }
        Ok(sent)
    }
}

/// Bytes as an answer shows them.
pub fn text_of(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::NewContent;

    #[test]
    fn content_is_read_and_hashed() {
        let sent: NewContent = serde_json::from_str(r#"{"content":"YWJj"}"#).unwrap();
        let sent = sent.sent().unwrap();
        // The first example of FIPS 180-4's test vectors for SHA-256: the text `abc`.
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((&*sent.bytes, sent.sha256.as_str()), (&b"abc"[..], known));
        let wrong: NewContent = serde_json::from_str(r#"{"content":"YWJ"}"#).unwrap();
        assert_eq!(wrong.sent().unwrap_err().errors.first().map(|error| error.code), Some("format"));
    }
}
