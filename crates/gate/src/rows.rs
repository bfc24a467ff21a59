//! The statements that read what the gate decides from.

use std::collections::HashMap;

use clinicos_contract::{Category, Currency, Purpose, Timestamp, time};
use clinicos_store::{Conn, Row, StoreError, Value};

use crate::facts::{ConnectionFacts, ConnectionState, KeyFacts, OptIn};
use crate::ids::{ClinicId, ConnectionId};
use crate::keyring::from_hex;
use crate::limits::BucketTable;
use crate::permit::ClinicFacts;
use clinicos_contract::scope::ScopeTable;

type Result<T> = std::result::Result<T, StoreError>;

const CLINICS: &str = "SELECT id, organization_id, timezone, currency, status FROM clinics -- all clinics: the gate knows each clinic that it guards";
const CLINIC: &str =
    "SELECT id, organization_id, timezone, currency, status FROM clinics WHERE id = $1 -- clinic_id is the id here";
const CONNECTIONS: &str = "SELECT clinic_id, id, purpose, state, scopes, excluded_operations, writes_enabled, limits, pinned_version \
     FROM connections -- all clinics: loaded at start";
const CONNECTIONS_OF: &str = "SELECT clinic_id, id, purpose, state, scopes, excluded_operations, writes_enabled, limits, pinned_version \
     FROM connections WHERE clinic_id = $1";
const OPT_INS: &str = "SELECT connection_id, category, purpose, expires_at FROM opt_ins -- all clinics: loaded at start";
const OPT_INS_OF: &str = "SELECT connection_id, category, purpose, expires_at FROM opt_ins WHERE clinic_id = $1";
const KEYS: &str = "SELECT id, connection_id, hash, expires_at, revoked_at FROM keys -- all clinics: loaded at start";
const KEYS_OF: &str = "SELECT id, connection_id, hash, expires_at, revoked_at FROM keys WHERE clinic_id = $1";

/// What was read of one clinic, or of all.
#[derive(Default)]
pub(crate) struct Loaded {
    pub(crate) clinics: Vec<ClinicFacts>,
    pub(crate) connections: Vec<ConnectionFacts>,
    pub(crate) keys: Vec<([u8; 32], KeyFacts)>,
}

/// Reads one clinic's grants, or everybody's.
pub(crate) async fn load(conn: &mut dyn Conn, only: Option<&str>, scopes: &ScopeTable, buckets: &BucketTable) -> Result<Loaded> {
    let params: Vec<Value<'_>> = only.map(Value::from).into_iter().collect();
    let pick = |all: &'static str, one: &'static str| if only.is_some() { one } else { all };
    let clinics = conn.all(pick(CLINICS, CLINIC), &params, clinic).await?;
    let opt_ins = conn.all(pick(OPT_INS, OPT_INS_OF), &params, opt_in).await?;
    let mut by_connection: HashMap<ConnectionId, Vec<(Purpose, OptIn)>> = HashMap::new();
    for (connection, purpose, opt_in) in opt_ins {
        by_connection.entry(connection).or_default().push((purpose, opt_in));
    }
    let mut connections = conn.all(pick(CONNECTIONS, CONNECTIONS_OF), &params, |row| connection(row, scopes, buckets)).await?;
    for one in &mut connections {
        let given = by_connection.remove(&one.id).unwrap_or_default();
        one.opt_ins = given.into_iter().filter(|(purpose, _)| *purpose == one.purpose).map(|(_, opt_in)| opt_in).collect();
    }
    let keys = conn.all(pick(KEYS, KEYS_OF), &params, key).await?;
    Ok(Loaded { clinics, connections, keys })
}

fn clinic(row: &dyn Row) -> Result<ClinicFacts> {
    let zone = row.text(2)?;
    Ok(ClinicFacts {
        id: id(row, 0)?,
        organization: id(row, 1)?,
        zone: time::zone(zone).ok_or_else(|| corrupt("timezone"))?,
        currency: Currency::from_stored(row.text(3)?).ok_or_else(|| corrupt("currency"))?,
        takes_calls: ["active", "onboarding"].contains(&row.text(4)?),
    })
}

fn connection(row: &dyn Row, scopes: &ScopeTable, buckets: &BucketTable) -> Result<ConnectionFacts> {
    let granted: Vec<String> = json(row, 4)?;
    let limits: HashMap<String, u32> = json(row, 7)?;
    let id: ConnectionId = id(row, 1)?;
    let clinic: ClinicId = self::id(row, 0)?;
    let (own, share) = buckets.connection(id);
    Ok(ConnectionFacts {
        id,
        clinic,
        purpose: Purpose::parse(row.text(2)?).ok_or_else(|| corrupt("purpose"))?,
        state: ConnectionState::parse(row.text(3)?).ok_or_else(|| corrupt("state"))?,
        scopes: scopes.set(granted.iter().map(String::as_str)),
        opt_ins: Vec::new(),
        excluded_operations: json(row, 5)?,
        writes_enabled: row.int(6)? != 0,
        pinned_version: clinicos_contract::version::parse(row.text(8)?).unwrap_or(clinicos_contract::version::LATEST),
        account: crate::limits::Account {
            own,
            share,
            clinic: buckets.clinic(clinic),
            set: clinicos_contract::RateClass::ALL
                .iter()
                .map(|class| limits.get(class.name()).copied())
                .collect::<Vec<_>>()
                .try_into()
                .unwrap_or_default(),
            neighbours: 1,
        },
    })
}

fn opt_in(row: &dyn Row) -> Result<(ConnectionId, Purpose, OptIn)> {
    let category = Category::parse(row.text(1)?).ok_or_else(|| corrupt("category"))?;
    let purpose = Purpose::parse(row.text(2)?).ok_or_else(|| corrupt("purpose"))?;
    Ok((id(row, 0)?, purpose, OptIn { category, expires_at: row.opt_int(3)?.map(Timestamp::from_micros) }))
}

fn key(row: &dyn Row) -> Result<([u8; 32], KeyFacts)> {
    let hash = from_hex(row.text(2)?).ok_or_else(|| corrupt("hash"))?;
    let facts = KeyFacts {
        id: id(row, 0)?,
        connection: id(row, 1)?,
        expires_at: row.opt_int(3)?.map(Timestamp::from_micros),
        revoked: row.opt_int(4)?.is_some(),
    };
    Ok((hash, facts))
}

/// An id in a column.
pub fn id<K: clinicos_contract::Kind>(row: &dyn Row, column: usize) -> Result<clinicos_contract::Id<K>> {
    clinicos_contract::Id::from_stored(row.text(column)?).ok_or_else(|| corrupt("id"))
}

fn json<T: serde::de::DeserializeOwned>(row: &dyn Row, column: usize) -> Result<T> {
    serde_json::from_str(row.text(column)?).map_err(|_| corrupt("json"))
}

fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(format!("a grant's {what} cannot be read"))
}
