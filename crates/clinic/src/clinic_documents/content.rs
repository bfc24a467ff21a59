//! The content of a document: its bytes, in base64, so that any bytes can be sent and nothing of them
//! changes on the way.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clinicos_contract::schema::Schema;
use clinicos_contract::{Category, Field, Problem, Shape, record};
use clinicos_gate::ClinicId;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::ids::DocumentId;

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
    pub bytes: Vec<u8>,
    /// Their SHA-256, in small hexadecimal digits.
    pub sha256: String,
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
            let sha256 = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            Sent { bytes, sha256 }
        }))
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
        assert_eq!((sent.bytes.as_slice(), sent.sha256.as_str()), (b"abc".as_slice(), known));
        let wrong: NewContent = serde_json::from_str(r#"{"content":"YWJ"}"#).unwrap();
        assert_eq!(wrong.sent().unwrap_err().errors.first().map(|error| error.code), Some("format"));
    }
}
