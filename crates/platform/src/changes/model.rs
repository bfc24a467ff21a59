//! A change, as followers are told of it.

use std::borrow::Cow;

use clinicos_contract::wire::{AnyIdText, Embedded};
use clinicos_contract::{AnyId, Category, Field, Timestamp, record, words};
use clinicos_gate::follow::Reading;
use clinicos_gate::{ClinicId, EventId, Telling};
use clinicos_store::journal::outbox::Told;

/// The event of an item that tells of a gap.
const GAP: &str = "changes.gap";

words! {
    /// What a follower does with a change.
    ChangeKind {
        /// Keep `record` in place of what is held under its id.
        Record = "record",
        /// Drop what is held under `record_id`.
        Tombstone = "tombstone",
        /// Keep what is held under `record_id` as it is: what the server has stored of it is damaged. It is told again when
        /// that is mended.
        Unreadable = "unreadable",
        /// Drop everything of `clinic_id`, or everything if that is null, and read its lists again before
        /// going on from `next_cursor`.
        Gap = "gap",
    }
}

const SYSTEM: Field = Field::of(Category::RecordSystem);

record! {
    /// Something that happened to a record, and the record as it is now.
    pub struct Change<'a> as "change" {
        /// The event's id. A change that is told again has the same one.
        id: EventId = SYSTEM,
        /// What to do.
        kind: ChangeKind = SYSTEM,
        /// What happened, such as `invoice.paid`. Of a record of which a client hides something from the caller: that it was
        /// created, updated or deleted.
        event: Cow<'a, str> = SYSTEM,
        /// The clinic that it happened at. Null for a gap that is about all clinics that are followed.
        clinic_id: Option<ClinicId> = SYSTEM,
        /// What kind of record it happened to. Null for a gap.
        r#type: Option<Cow<'a, str>> = SYSTEM,
        /// The record. Null for a gap.
        record_id: Option<AnyIdText> = SYSTEM,
        /// The record's version after this change. The record may have changed again since. Null for a gap.
        sequence: Option<i64> = SYSTEM,
        /// When it happened.
        occurred_at: Timestamp = SYSTEM,
        /// The record that this one was merged into, if it was.
        merged_into: Option<Cow<'a, str>> = SYSTEM.sparse(),
        /// The record as it is now, as its own operation answers it. Null for a tombstone, for a gap, and
        /// where it cannot be read.
        record: Option<Embedded> = SYSTEM,
        /// Always 1: what happened does not change.
        version: i64 = SYSTEM,
    }
}

/// What happened to a record of which a client hides something, and no more: `message.opted_out` says what stands in it.
fn plainly(name: &str) -> String {
    let (of, verb) = name.split_once('.').unwrap_or((name, ""));
    let is_plain = ["created", "updated", "deleted"].contains(&verb);
    format!("{of}.{}", if is_plain { verb } else { "updated" })
}

impl Change<'static> {
    /// What happened to a record, and what has become of it.
    pub fn of(clinic: ClinicId, told: Told, kind: &'static str, now: Reading) -> Option<Self> {
        Some(Self {
            id: EventId::from_stored(&told.id)?,
            kind: match (now.is_unreadable, now.is_tombstone) {
                (true, _) => ChangeKind::Unreadable,
                (false, true) => ChangeKind::Tombstone,
                (false, false) => ChangeKind::Record,
            },
            event: if now.record.is_narrowed() { plainly(&told.name) } else { told.name }.into(),
            clinic_id: Some(clinic),
            r#type: Some(kind.into()),
            record_id: Some(AnyId::into(now.id)),
            sequence: Some(told.sequence),
            occurred_at: Timestamp::from_micros(told.at),
            merged_into: now.merged_into.map(Cow::Owned),
            record: (!now.is_tombstone && !now.is_unreadable).then_some(now.record),
            version: 1,
        })
    }

    /// The change, as it is told.
    pub fn told(self) -> Telling {
        Telling { clinic: self.clinic_id, event: self.event.to_string(), change: Box::new(self) }
    }

    /// Something cannot be told: the follower reads everything of a clinic again, or of all.
    pub fn gap(id: EventId, clinic: Option<ClinicId>, at: Timestamp) -> Self {
        Self {
            id,
            kind: ChangeKind::Gap,
            event: GAP.into(),
            clinic_id: clinic,
            r#type: None,
            record_id: None,
            sequence: None,
            occurred_at: at,
            merged_into: None,
            record: None,
            version: 1,
        }
    }
}
