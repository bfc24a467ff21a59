//! How the content of documents goes out and in as it stands: a line for each, beside the documents.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use clinicos_contract::record::{JsonError, Value as Json};
use clinicos_contract::wire::{IntoStatic, ValueWriter};
use clinicos_contract::{Category, Field, FieldError, Shape, Timestamp, View, Wire, Writer, record};
use clinicos_gate::ClinicId;
use clinicos_gate::files::{FileName, NewFile, WantedFile, sha256_of};
use clinicos_store::page::ListSql;
use clinicos_store::{Conn, Row, StoreError, Value};
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::content::text_of;
use super::rows;
use crate::documents::ExternalIds;
use crate::ids::DocumentId;
use crate::standing::{Part, Place, Standing};
use crate::sums::Sums;

const SYSTEM: Field = Field::of(Category::RecordSystem);
const CLINICAL: Field = Field::of(Category::Clinical);

record! {
    /// A document's bytes, as they are kept.
    pub struct KeptContent<'a> as "kept_document_content" {
        /// The document.
        id: DocumentId = SYSTEM,
        /// The clinic whose record this is.
        clinic_id: ClinicId = SYSTEM,
        /// The bytes, in base64.
        content: Kept<'a> = CLINICAL,
        /// When they came.
        created_at: Timestamp = SYSTEM,
        /// Always 1: content stays as it came.
        version: i64 = SYSTEM,
    }
}

/// Bytes that are base64 on the wire.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Kept<'a>(std::borrow::Cow<'a, [u8]>);

impl Kept<'_> {
    /// They.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl<'a> From<&'a [u8]> for Kept<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self(bytes.into())
    }
}

impl TryFrom<String> for Kept<'_> {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        STANDARD.decode(text).map(|bytes| Self(bytes.into())).map_err(|_| "must be base64")
    }
}

impl From<Kept<'_>> for String {
    fn from(kept: Kept<'_>) -> Self {
        text_of(&kept.0)
    }
}

impl IntoStatic for Kept<'_> {
    type Static = Kept<'static>;
    fn into_static(self) -> Kept<'static> {
        Kept(self.0.into_owned().into())
    }
}

impl Wire for Kept<'_> {
    const SHAPE: Shape = Shape::Text;
    type Static = Kept<'static>;
    fn into_static(self) -> Kept<'static> {
        IntoStatic::into_static(self)
    }
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.plain_text(&text_of(&self.0));
    }
    fn read(json: Json) -> Result<Kept<'static>, JsonError> {
        Kept::deserialize(json)
    }
}

impl Standing for KeptContent<'static> {
    const READS: &'static str = "documents.get_content";
    const LIST: &'static ListSql = &rows::CONTENTS;
    // Each has up to 10 MiB, and a chunk is in memory as a whole.
    const AT_ONCE: i64 = 4;
    const HAS_FILES: bool = true;

    fn scope(place: Place) -> Vec<Value<'static>> {
        vec![place.clinic.into()]
    }
    fn emit(_row: &dyn Row, _out: &mut Writer, _view: &View) -> Result<(), StoreError> {
        Err(StoreError::Statement("a row does not hold what is in its file".to_owned()))
    }
    fn insert<'c>(conn: &'c mut dyn Conn, new: &'c [Self]) -> BoxFuture<'c, Result<(), StoreError>> {
        Box::pin(async move {
            let named = |kept: &Self| (kept.clinic_id, kept.id, sha256_of(kept.content.bytes()), kept.created_at);
            rows::insert_some(conn, &new.iter().map(named).collect::<Vec<_>>()).await
        })
    }
    fn external_ids(&self) -> ExternalIds {
        ExternalIds::default()
    }
    fn weigh(&self, sums: &mut Sums) -> Vec<FieldError> {
        let bytes = self.content.bytes();
        sums.content(self.id.any(), bytes.len(), &sha256_of(bytes)).into_iter().collect()
    }
    fn file(self) -> Option<NewFile> {
        let bytes = Bytes::from(self.content.0.into_owned());
        Some(NewFile { name: FileName::of(self.clinic_id, &bytes), bytes })
    }
    fn files<'c>(conn: &'c mut dyn Conn, part: &'c Part) -> BoxFuture<'c, Result<Vec<WantedFile>, StoreError>> {
        Box::pin(async move {
            let mut wanted = Vec::new();
            for content in rows::some(conn, part).await? {
                let Some(name) = content.file()? else { continue };
                wanted.push(WantedFile { name, record: content.document.any() });
            }
            Ok(wanted)
        })
    }
    fn write<'c>(
        conn: &'c mut dyn Conn,
        part: &'c Part,
        out: &'c mut Writer,
        view: &'c View,
        files: &'c [Bytes],
    ) -> BoxFuture<'c, Result<(), StoreError>> {
        Box::pin(async move {
            let mut files = files.iter();
            for content in rows::some(conn, part).await? {
                let in_file = if content.bytes.is_none() { files.next() } else { None };
                let bytes = content.bytes.as_deref().or(in_file.map(|bytes| &**bytes));
                let bytes = bytes.ok_or_else(|| StoreError::Corrupt("the bytes of a document were not read".to_owned()))?;
                let (id, clinic_id, created_at) = (content.document, content.clinic, content.created_at);
                // The bytes name nobody; the document does whose they are.
                let document = rows::get(conn, clinic_id, id).await?;
                out.stand_within(&document.map(|document| document.subjects()).unwrap_or_default());
                out.record(&KeptContent { id, clinic_id, content: Kept::from(bytes), created_at, version: 1 }, view);
                out.raw("\n");
            }
            Ok(())
        })
    }
}
