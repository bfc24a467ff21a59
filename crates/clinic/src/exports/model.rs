//! The export: what is exported, in how many chunks, and how far it is.

use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Field, Problem, Shape, Timestamp, record};
use clinicos_gate::ClinicId;
use serde::Deserialize;

use crate::ids::ExportId;
use crate::standing::AnyStanding;
use crate::{document_list, object};

/// Most resources that a body names.
const RESOURCES_MAX: u32 = 100;

const SYSTEM: Field = Field::of(Category::RecordSystem);

object! {
    /// What is exported of one resource.
    pub struct ExportFile as "export_file" {
        /// The resource.
        resource: String, Shape::Text, false = SYSTEM;
        /// How many records it has, tombstones included.
        records: i64, Shape::Int, false = SYSTEM;
        /// The number of its first chunk.
        first_chunk: i64, Shape::Int, false = SYSTEM;
        /// How many chunks it has.
        chunks: i64, Shape::Int, false = SYSTEM;
    }
}
document_list! {
    /// What is exported, a resource after the other.
    ExportFiles of ExportFile, Shape::Object(ExportFile::SCHEMA)
}
object! {
    /// A document whose bytes are damaged or gone.
    pub struct LostContent as "lost_content" {
        /// The document.
        document_id: String, Shape::Id("doc"), false = SYSTEM;
    }
}
document_list! {
    /// Documents whose bytes are damaged or gone.
    LostContents of LostContent, Shape::Object(LostContent::SCHEMA)
}
document_list! {
    /// Names of resources.
    ResourceNames of String, Shape::Text
}

record! {
    /// A clinic's record on its way out, as it stood at one point in time.
    pub struct Export<'a> as "export" {
        /// Its identifier.
        id: ExportId = SYSTEM,
        /// The clinic whose record this is.
        clinic_id: ClinicId = SYSTEM,
        /// What is exported, such as `clients`; all that there is, unless given.
        resources: Doc<'a, ResourceNames> = SYSTEM.creatable().distinct().max(RESOURCES_MAX),
        /// The point in time; it is taken when the export is first looked at.
        as_of: Option<Timestamp> = SYSTEM,
        /// What there is of each resource, once the point in time is taken.
        files: Doc<'a, ExportFiles> = SYSTEM,
        /// How many records there are.
        records: i64 = SYSTEM,
        /// How many chunks there are, numbered from 0.
        chunks: i64 = SYSTEM,
        /// How many chunks were read.
        chunks_read: i64 = SYSTEM,
        /// Documents whose bytes are damaged or gone, as far as chunks were asked for. A chunk with one of them is
        /// refused; once its bytes are brought back, it can be read again.
        lost: Doc<'a, LostContents> = SYSTEM,
        /// The last number that was counted on to for an invoice.
        last_invoice_number: i64 = SYSTEM,
        /// When it began.
        created_at: Timestamp = SYSTEM,
        /// Always 1.
        version: i64 = SYSTEM,
    }
}

/// A body of `exports.create`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct NewExport {
    /// What to export.
    pub resources: Option<Vec<String>>,
}

/// The kinds of record that are asked for, in the order in which they name one another.
pub fn chosen(names: Option<&[String]>) -> Result<Vec<&'static dyn AnyStanding>, Problem> {
    let Some(names) = names else { return Ok(crate::record().collect()) };
    if let Some(at) = names.iter().position(|name| !crate::record().any(|kind| kind.name() == name)) {
        let known: Vec<&str> = crate::record().map(AnyStanding::name).collect();
        let detail = format!("must be one of {}", known.join(", "));
        return Err(Problem::rule(format!("/resources/{at}"), "unknown", detail));
    }
    Ok(crate::record().filter(|kind| names.iter().any(|name| name == kind.name())).collect())
}
