//! The statements that read what the gate decides from.

use std::collections::HashMap;
use std::sync::Arc;

use clinicos_consent::{Recipient, RecipientClass, Rules, Standing};
use clinicos_contract::{Category, Currency, Purpose, Timestamp, time};
use clinicos_store::{Conn, Row, StoreError, Value};

use crate::addresses::AllowList;
use crate::facts::{ConnectionFacts, ConnectionState, KeyFacts, OptIn, Snapshot};
use crate::ids::{ClinicId, ConnectionId, KeyId, SessionId, UserId};
use crate::keyring::from_hex;
use crate::limits::{Account, BucketTable};
use crate::people::{LastUsedTable, Role, SessionFacts, UserFacts, UserState};
use crate::permit::ClinicFacts;
use crate::seen::SeenTable;
use clinicos_contract::scope::ScopeTable;

type Result<T> = std::result::Result<T, StoreError>;

const CLINICS: &str = "SELECT id, organization_id, timezone, currency, status, writes_stopped_at, record_comes_in, jurisdiction FROM clinics -- all clinics: the gate knows each clinic that it guards";
const CLINIC: &str = "SELECT id, organization_id, timezone, currency, status, writes_stopped_at, record_comes_in, jurisdiction FROM clinics WHERE id = $1 -- clinic_id is the id here";
const CONNECTIONS: &str = "SELECT clinic_id, id, purpose, state, scopes, excluded_operations, writes_enabled, limits, pinned_version, paused_until, \
     browser_origins, allowed_addresses, name, former_names, recipient FROM connections -- all clinics: loaded at start";
const CONNECTIONS_OF: &str = "SELECT clinic_id, id, purpose, state, scopes, excluded_operations, writes_enabled, limits, pinned_version, paused_until, \
     browser_origins, allowed_addresses, name, former_names, recipient FROM connections WHERE clinic_id = $1";
const OPT_INS: &str = "SELECT connection_id, category, purpose, expires_at FROM opt_ins -- all clinics: loaded at start";
const OPT_INS_OF: &str = "SELECT connection_id, category, purpose, expires_at FROM opt_ins WHERE clinic_id = $1";
const KEYS: &str = "SELECT id, connection_id, hash, expires_at, revoked_at, ends_at, scopes, allowed_addresses, clinic_id, for_organization \
     FROM keys -- all clinics: loaded at start";
const KEYS_OF: &str = "SELECT id, connection_id, hash, expires_at, revoked_at, ends_at, scopes, allowed_addresses, clinic_id, for_organization \
     FROM keys WHERE clinic_id = $1";

const USERS: &str = "SELECT clinic_id, id, email_key, role, state, password_hash, totp_sealed, totp_confirmed_at, invitation_hash, \
     invitation_expires_at, totp_last_step FROM users -- all clinics: loaded at start";
const USERS_OF: &str = "SELECT clinic_id, id, email_key, role, state, password_hash, totp_sealed, totp_confirmed_at, invitation_hash, \
     invitation_expires_at, totp_last_step FROM users WHERE clinic_id = $1";
const RECOVERY: &str = "SELECT user_id, hash FROM recovery_codes -- all clinics: loaded at start";
const RECOVERY_OF: &str = "SELECT user_id, hash FROM recovery_codes WHERE clinic_id = $1";
// Sessions that are over are of no use to a decision: one that is not found is refused just the same.
const SESSIONS: &str =
    "SELECT id, user_id, hash, expires_at FROM sessions WHERE ended_at IS NULL -- all clinics: loaded at start";
const SESSIONS_OF: &str = "SELECT id, user_id, hash, expires_at FROM sessions WHERE clinic_id = $1 AND ended_at IS NULL";

/// What outlives each reading of the grants.
pub(crate) struct Remembered {
    buckets: BucketTable,
    last_used: LastUsedTable,
    seen: Arc<SeenTable>,
}

impl Remembered {
    pub(crate) fn new(seen: Arc<SeenTable>) -> Self {
        Self { buckets: BucketTable::default(), last_used: LastUsedTable::default(), seen }
    }

    /// Forgets what belongs to nothing that is known any more.
    pub(crate) fn keep(&self, known: &Snapshot) {
        self.buckets.keep(known);
        self.last_used.keep(&known.session_ids());
    }
}

/// A user, and by what one is found.
pub(crate) struct LoadedUser {
    pub(crate) facts: UserFacts,
    pub(crate) email: String,
    pub(crate) invitation: Option<[u8; 32]>,
}

/// What was read of one clinic, or of all.
#[derive(Default)]
pub(crate) struct Loaded {
    pub(crate) clinics: Vec<ClinicFacts>,
    pub(crate) connections: Vec<ConnectionFacts>,
    pub(crate) keys: Vec<([u8; 32], KeyFacts)>,
    pub(crate) users: Vec<LoadedUser>,
    pub(crate) sessions: Vec<([u8; 32], SessionFacts)>,
}

/// Reads one clinic's grants, or everybody's.
pub(crate) async fn load(
    conn: &mut dyn Conn,
    only: Option<&str>,
    scopes: &ScopeTable,
    remembered: &Remembered,
) -> Result<Loaded> {
    let params: Vec<Value<'_>> = only.map(Value::from).into_iter().collect();
    let pick = |all: &'static str, one: &'static str| if only.is_some() { one } else { all };
    let clinics = conn.all(pick(CLINICS, CLINIC), &params, clinic).await?;
    let rules: HashMap<ClinicId, Arc<Rules>> = clinics.iter().map(|(clinic, rules)| (clinic.id, rules.clone())).collect();
    let clinics = clinics.into_iter().map(|(clinic, _)| clinic).collect();
    let opt_ins = conn.all(pick(OPT_INS, OPT_INS_OF), &params, opt_in).await?;
    let mut by_connection: HashMap<ConnectionId, Vec<(Purpose, OptIn)>> = HashMap::new();
    for (connection, purpose, opt_in) in opt_ins {
        by_connection.entry(connection).or_default().push((purpose, opt_in));
    }
    let mut connections =
        conn.all(pick(CONNECTIONS, CONNECTIONS_OF), &params, |row| connection(row, scopes, &remembered.buckets, &rules)).await?;
    for one in &mut connections {
        let given = by_connection.remove(&one.id).unwrap_or_default();
        let (own, other): (Vec<_>, Vec<_>) = given.into_iter().partition(|(purpose, _)| *purpose == one.purpose);
        one.opt_ins = own.into_iter().map(|(_, opt_in)| opt_in).collect();
        one.for_other_purposes = other.into_iter().map(|(_, opt_in)| opt_in.category).collect();
    }
    let keys = conn.all(pick(KEYS, KEYS_OF), &params, |row| key(row, scopes, &remembered.seen)).await?;
    let mut recovery: HashMap<UserId, Vec<[u8; 32]>> = HashMap::new();
    for (user, hash) in conn.all(pick(RECOVERY, RECOVERY_OF), &params, recovery_code).await? {
        recovery.entry(user).or_default().push(hash);
    }
    let mut users = conn.all(pick(USERS, USERS_OF), &params, |row| user(row, &remembered.buckets)).await?;
    for one in &mut users {
        one.facts.recovery = recovery.remove(&one.facts.id).unwrap_or_default();
    }
    let sessions = conn.all(pick(SESSIONS, SESSIONS_OF), &params, |row| session(row, &remembered.last_used)).await?;
    Ok(Loaded { clinics, connections, keys, users, sessions })
}

/// A clinic, and by which rules its clients decide.
fn clinic(row: &dyn Row) -> Result<(ClinicFacts, Arc<Rules>)> {
    let zone = row.text(2)?;
    let facts = ClinicFacts {
        id: id(row, 0)?,
        organization: id(row, 1)?,
        zone: time::zone(zone).ok_or_else(|| corrupt("timezone"))?,
        currency: Currency::from_stored(row.text(3)?).ok_or_else(|| corrupt("currency"))?,
        takes_calls: ["active", "onboarding"].contains(&row.text(4)?),
        writes_stopped: row.opt_int(5)?.is_some(),
        record_comes_in: row.int(6)? != 0,
    };
    Ok((facts, clinicos_consent::rules_of(row.text(7)?)))
}

fn connection(
    row: &dyn Row,
    scopes: &ScopeTable,
    buckets: &BucketTable,
    rules: &HashMap<ClinicId, Arc<Rules>>,
) -> Result<ConnectionFacts> {
    let granted: Vec<String> = json(row, 4)?;
    let limits: HashMap<String, u32> = json(row, 7)?;
    let origins: Vec<String> = json(row, 10)?;
    let id: ConnectionId = id(row, 1)?;
    let clinic: ClinicId = self::id(row, 0)?;
    let (own, share) = buckets.connection(id);
    let purpose = Purpose::parse(row.text(2)?).ok_or_else(|| corrupt("purpose"))?;
    Ok(ConnectionFacts {
        id,
        clinic,
        purpose,
        state: ConnectionState::parse(row.text(3)?).ok_or_else(|| corrupt("state"))?,
        scopes: scopes.set(granted.iter().map(String::as_str)),
        opt_ins: Vec::new(),
        for_other_purposes: clinicos_contract::CategorySet::NONE,
        excluded_operations: json(row, 5)?,
        writes_enabled: row.int(6)? != 0,
        pinned_version: clinicos_contract::version::parse(row.text(8)?).unwrap_or(clinicos_contract::version::LATEST),
        paused_until: row.opt_int(9)?.map(Timestamp::from_micros),
        browser_origins: origins.iter().map(|origin| Arc::from(origin.as_str())).collect(),
        allowed: allowed(row, 11)?,
        standing: standing(row, id, purpose, rules.get(&clinic))?,
        account: Account {
            own,
            share,
            clinic: buckets.clinic(clinic),
            jobs: buckets.jobs(clinic),
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

/// How clients' consents see it. A connection of a clinic that is not known stands by the strictest rules.
fn standing(row: &dyn Row, id: ConnectionId, purpose: Purpose, rules: Option<&Arc<Rules>>) -> Result<Arc<Standing>> {
    let former: Vec<String> = json(row, 13)?;
    let recipient = Recipient {
        connection: id.to_string().into(),
        name: row.text(12)?.into(),
        former_names: former.into_iter().map(Into::into).collect(),
        partner: None,
        class: RecipientClass::parse(row.text(14)?).ok_or_else(|| corrupt("recipient"))?,
        purpose,
    };
    let rules = rules.cloned().unwrap_or_else(|| clinicos_consent::rules_of(""));
    Ok(Arc::new(Standing::new(rules, recipient)))
}

fn opt_in(row: &dyn Row) -> Result<(ConnectionId, Purpose, OptIn)> {
    let category = Category::parse(row.text(1)?).ok_or_else(|| corrupt("category"))?;
    let purpose = Purpose::parse(row.text(2)?).ok_or_else(|| corrupt("purpose"))?;
    Ok((id(row, 0)?, purpose, OptIn { category, expires_at: row.opt_int(3)?.map(Timestamp::from_micros) }))
}

fn key(row: &dyn Row, scopes: &ScopeTable, seen: &SeenTable) -> Result<([u8; 32], KeyFacts)> {
    let hash = from_hex(row.text(2)?).ok_or_else(|| corrupt("hash"))?;
    let held: Option<Vec<String>> = row.opt_text(6)?.map(|_| json(row, 6)).transpose()?;
    let (id, connection): (KeyId, ConnectionId) = (id(row, 0)?, id(row, 1)?);
    let facts = KeyFacts {
        id,
        clinic: self::id(row, 8)?,
        connection,
        for_organization: row.int(9)? != 0,
        expires_at: row.opt_int(3)?.map(Timestamp::from_micros),
        replaced_at: row.opt_int(5)?.map(Timestamp::from_micros),
        revoked: row.opt_int(4)?.is_some(),
        scopes: held.map(|names| scopes.set(names.iter().map(String::as_str))),
        allowed: allowed(row, 7)?,
        seen: seen.of(connection, id),
    };
    Ok((hash, facts))
}

fn user(row: &dyn Row, buckets: &BucketTable) -> Result<LoadedUser> {
    let (clinic, id): (ClinicId, UserId) = (id(row, 0)?, id(row, 1)?);
    let (own, share) = buckets.user(id);
    let facts = UserFacts {
        id,
        clinic,
        role: Role::parse(row.text(3)?).ok_or_else(|| corrupt("role"))?,
        state: UserState::parse(row.text(4)?).ok_or_else(|| corrupt("state"))?,
        password_hash: row.opt_text(5)?.map(Into::into),
        totp_sealed: row.opt_bytes(6)?.filter(|_| matches!(row.opt_int(7), Ok(Some(_)))).map(Into::into),
        totp_last_step: u64::try_from(row.int(10)?).unwrap_or_default(),
        recovery: Vec::new(),
        invitation_expires_at: row.opt_int(9)?.map(Timestamp::from_micros),
        account: Account {
            own,
            share,
            clinic: buckets.clinic(clinic),
            jobs: buckets.jobs(clinic),
            set: [None; 4],
            neighbours: 1,
        },
    };
    let invitation = row.opt_text(8)?.map(|hash| from_hex(hash).ok_or_else(|| corrupt("invitation"))).transpose()?;
    Ok(LoadedUser { facts, email: row.text(2)?.to_owned(), invitation })
}

fn recovery_code(row: &dyn Row) -> Result<(UserId, [u8; 32])> {
    Ok((id(row, 0)?, from_hex(row.text(1)?).ok_or_else(|| corrupt("recovery code"))?))
}

fn session(row: &dyn Row, last_used: &LastUsedTable) -> Result<([u8; 32], SessionFacts)> {
    let id: SessionId = id(row, 0)?;
    let facts = SessionFacts {
        id,
        user: self::id(row, 1)?,
        expires_at: Timestamp::from_micros(row.int(3)?),
        last_used: last_used.of(id),
    };
    Ok((from_hex(row.text(2)?).ok_or_else(|| corrupt("session"))?, facts))
}

fn allowed(row: &dyn Row, column: usize) -> Result<AllowList> {
    let texts: Vec<String> = json(row, column)?;
    AllowList::parse(&texts).map_err(|_| corrupt("allow-list"))
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
