//! A clinic that was made up, read back from its lines.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use clinicos_contract::time::{Date, parse_date, zone};
use clinicos_contract::{Currency, Schema, Timestamp};
use clinicos_gate::{ClinicFacts, ClinicId, OrganizationId};
use clinicos_synth::plan::UNTIL;
use clinicos_synth::{Ended, Life, Plan};
use serde_json::{Map, Value};

/// Seeds that are looked at.
pub const SEEDS: std::ops::Range<u64> = 0..8;

/// The clinic of each of them, made once for all tests.
static MADE: LazyLock<Vec<Made>> = LazyLock::new(|| SEEDS.map(make).collect());

/// Everything of a clinic, in the order of an export.
pub struct Record {
    pub ended: Ended,
    pub kinds: Vec<Kind>,
}

/// The lines of one kind.
pub struct Kind {
    pub resource: &'static str,
    pub schema: &'static Schema,
    lines: BTreeMap<[u8; 16], Vec<u8>>,
}

impl Kind {
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.lines.values().map(Vec::as_slice)
    }
}

/// Lives the years of a clinic, and holds all of them.
pub fn generate(plan: &Plan) -> Record {
    let mut kinds: Vec<Kind> = clinicos_synth::kinds()
        .map(|kind| Kind { resource: kind.resource, schema: kind.schema, lines: BTreeMap::new() })
        .collect();
    let mut life = Life::of(plan);
    while let Some(run) = life.next_run() {
        assert!(run.lines().is_sorted_by(|one, next| one.0 < next.0), "a run is in the order of ids");
        for (id, line) in run.lines() {
            assert!(kinds[run.kind].lines.insert(id, line.to_owned()).is_none(), "an id is one record's");
        }
    }
    Record { ended: life.end(), kinds }
}

/// The members of a record.
pub type Members = Map<String, Value>;

/// A clinic.
pub struct Made {
    pub record: Record,
    pub time_zone: &'static str,
    pub kinds: BTreeMap<&'static str, Vec<Members>>,
}

/// A small one.
pub fn plan(seed: u64) -> Plan {
    let visits_per_day = 2 + u32::try_from(seed % 4).unwrap();
    Plan { seed, clinic: u32::try_from(seed % 3).unwrap(), years: 1 + u16::from(seed == 0), until: until(), visits_per_day }
}

pub fn until() -> Date {
    parse_date(UNTIL).unwrap()
}

/// The clinic of a seed.
pub fn made(seed: u64) -> &'static Made {
    &MADE[usize::try_from(seed).unwrap()]
}

fn make(seed: u64) -> Made {
    let record = generate(&plan(seed));
    let read = |line: &[u8]| serde_json::from_slice(line).unwrap();
    let kinds = record.kinds.iter().map(|kind| (kind.resource, kind.lines().map(read).collect())).collect();
    Made { record, time_zone: plan(seed).practice().time_zone, kinds }
}

impl Made {
    /// The records of a kind.
    pub fn all(&self, kind: &str) -> &[Members] {
        self.kinds.get(kind).unwrap_or_else(|| panic!("there is no kind {kind}"))
    }

    /// What the rules of records want to know of the clinic.
    pub fn facts(&self) -> ClinicFacts {
        ClinicFacts {
            id: ClinicId::from_bytes([1; 16]),
            organization: OrganizationId::from_bytes([1; 16]),
            zone: zone(self.time_zone).unwrap(),
            currency: Currency::USD,
            takes_calls: true,
            writes_stopped: false,
            record_comes_in: false,
        }
    }

    /// The day of a time, by the clinic's calendar.
    pub fn day(&self, at: Timestamp) -> Date {
        at.day_in(&self.facts().zone)
    }
}

/// A text of a record; empty if it is null.
pub fn text<'m>(members: &'m Members, name: &str) -> &'m str {
    members.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A time of a record.
pub fn time(members: &Members, name: &str) -> Option<Timestamp> {
    members.get(name).and_then(Value::as_str).and_then(Timestamp::parse)
}

/// A day of a record.
pub fn day(members: &Members, name: &str) -> Option<Date> {
    members.get(name).and_then(Value::as_str).and_then(parse_date)
}

/// The cents of an amount; zero if it is null.
pub fn cents(value: &Value) -> i64 {
    value.get("amount").and_then(Value::as_i64).unwrap_or(0)
}

/// The items of a list.
pub fn items<'m>(members: &'m Members, name: &str) -> &'m [Value] {
    members.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
