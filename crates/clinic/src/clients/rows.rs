//! Statements on clients.

use std::collections::{HashMap, HashSet};

use clinicos_contract::wire::IntoStatic;
use clinicos_contract::{Timestamp, View, Writer};
use clinicos_gate::ClinicId;
use clinicos_store::page::{LinkSql, ListSql};
use clinicos_store::{Conn, Row, StoreError, Value};

use super::model::Client;
use super::model::parts::{AccountStatus, Channel, ReferralSource};
use crate::ids::ClientId;
use crate::{batch, decode};

macro_rules! columns {
    () => {
        "c.id, c.clinic_id, c.given_name, c.family_name, c.organization_name, c.emails, c.phones, c.address, \
         c.preferred_channel, c.language, c.account_status, c.referral_source, c.tags, c.marketing_opt_in, c.balance, \
         c.credit, c.currency, c.external_ids, c.created_at, c.updated_at, c.version, c.deleted_at, \
         c.merged_into"
    };
}

/// A page: `$1` is the clinic, `$2` is `all` to see tombstones.
pub static LIST: ListSql = ListSql {
    columns: columns!(),
    column_count: 23,
    table: "clients",
    alias: "c",
    scope: "c.clinic_id = $1 AND ($2 = 'all' OR c.deleted_at IS NULL)",
    id: "c.id",
    expressions: &[],
    indexed: &["family_name"],
    worklist: None,
    through: &[],
};

/// Who pays invoices.
pub static OF_INVOICES: LinkSql = LinkSql {
    from: "invoices i JOIN clients c ON c.clinic_id = i.clinic_id AND c.id = i.client_id",
    clinic: "i.clinic_id",
    record: "i.id",
    ..COLUMNS
};

/// Who made payments.
pub static OF_PAYMENTS: LinkSql = LinkSql {
    from: "payments p JOIN clients c ON c.clinic_id = p.clinic_id AND c.id = p.client_id",
    clinic: "p.clinic_id",
    record: "p.id",
    ..COLUMNS
};

/// Who owns patients now.
pub static OF_PATIENTS: LinkSql = LinkSql {
    from: "patient_ownerships o JOIN clients c ON c.clinic_id = o.clinic_id AND c.id = o.client_id AND o.to_day IS NULL",
    clinic: "o.clinic_id",
    record: "o.patient_id",
    order: "o.position",
    ..COLUMNS
};

const COLUMNS: LinkSql = LinkSql { columns: columns!(), column_count: 23, from: "", clinic: "", record: "", order: "c.id" };

const FIND: &str = concat!("SELECT ", columns!(), " FROM clients c WHERE c.clinic_id = $1 AND c.id = $2");
const LOCK: &str = concat!("SELECT ", columns!(), " FROM clients c WHERE c.clinic_id = $1 AND c.id = $2 FOR UPDATE");
const UPDATE: &str = "UPDATE clients SET given_name = $3, family_name = $4, organization_name = $5, emails = $6, phones = $7, \
    address = $8, preferred_channel = $9, language = $10, account_status = $11, referral_source = $12, tags = $13, \
    marketing_opt_in = $14, external_ids = $15, updated_at = $16, version = $17, deleted_at = $18 \
    WHERE clinic_id = $1 AND id = $2";
// Who owes again, or has credit again, is a client again: a payment can fail after the client was
// deleted, and the books must show who owes.
const ADJUST: &str = "UPDATE clients SET balance = balance + $3, credit = credit + $4, \
    deleted_at = CASE WHEN balance + $3 <> 0 OR credit + $4 <> 0 THEN NULL ELSE deleted_at END, \
    updated_at = $5, version = version + 1 WHERE clinic_id = $1 AND id = $2 RETURNING version";

/// The table and columns that [`values`] fills, for one row or many.
pub const INSERT: &str = "INSERT INTO clients (clinic_id, id, given_name, family_name, organization_name, emails, phones, \
    address, preferred_channel, language, account_status, referral_source, tags, marketing_opt_in, balance, credit, currency, \
    external_ids, created_at, updated_at, version, deleted_at, merged_into) VALUES ";
/// How many columns [`INSERT`] names.
pub const INSERT_WIDTH: usize = 23;

/// Reads [`columns`].
pub fn decode(row: &dyn Row) -> Result<Client<'_>, StoreError> {
    let currency = decode::currency(row, 16)?;
    Ok(Client {
        id: decode::id(row, 0)?,
        clinic_id: decode::id(row, 1)?,
        given_name: decode::opt_text(row, 2)?,
        family_name: decode::opt_text(row, 3)?,
        organization_name: decode::opt_text(row, 4)?,
        emails: decode::doc(row, 5)?,
        phones: decode::doc(row, 6)?,
        address: decode::opt_doc(row, 7)?,
        preferred_channel: decode::opt_word(row, 8, Channel::parse)?,
        language: decode::opt_text(row, 9)?,
        account_status: decode::word(row, 10, AccountStatus::parse)?,
        referral_source: decode::opt_word(row, 11, ReferralSource::parse)?,
        tags: decode::doc(row, 12)?,
        marketing_opt_in: decode::boolean(row, 13)?,
        balance: decode::money(row, 14, currency)?,
        credit: decode::money(row, 15, currency)?,
        external_ids: decode::doc(row, 17)?,
        created_at: decode::time(row, 18)?,
        updated_at: decode::time(row, 19)?,
        version: row.int(20)?,
        deleted_at: decode::opt_time(row, 21)?,
        merged_into: decode::opt_id(row, 22)?,
    })
}

/// Writes one row of a page.
pub fn emit(row: &dyn Row, out: &mut Writer, view: &View) -> Result<(), StoreError> {
    out.record(&decode(row)?, view);
    Ok(())
}

/// One client of the clinic.
pub async fn find(conn: &mut dyn Conn, clinic: ClinicId, id: ClientId) -> Result<Option<Client<'static>>, StoreError> {
    conn.one(FIND, &[clinic.into(), id.into()], |row| Ok(decode(row)?.into_static())).await
}

/// The same, held until the transaction ends.
pub async fn lock(conn: &mut dyn Conn, clinic: ClinicId, id: ClientId) -> Result<Option<Client<'static>>, StoreError> {
    conn.one(LOCK, &[clinic.into(), id.into()], |row| Ok(decode(row)?.into_static())).await
}

/// Many clients, tombstones included, held until the transaction ends.
pub async fn lock_many(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    ids: &[ClientId],
) -> Result<HashMap<ClientId, Client<'static>>, StoreError> {
    const HEAD: &str = concat!("SELECT ", columns!(), " FROM clients c WHERE c.clinic_id = $1 AND c.id IN ");
    let values: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
    let mut found = HashMap::with_capacity(ids.len());
    batch::among(conn, HEAD, " ORDER BY c.id FOR UPDATE", &[clinic.into()], &values, &mut |row| {
        let client = decode(row)?.into_static();
        found.insert(client.id, client);
        Ok(())
    })
    .await?;
    Ok(found)
}

/// Those of these clients that the clinic has, tombstones left out.
pub async fn existing(conn: &mut dyn Conn, clinic: ClinicId, ids: &[ClientId]) -> Result<HashSet<ClientId>, StoreError> {
    const HEAD: &str = "SELECT id FROM clients WHERE clinic_id = $1 AND deleted_at IS NULL AND id IN ";
    let values: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
    let mut found = HashSet::with_capacity(ids.len());
    batch::among(conn, HEAD, "", &[clinic.into()], &values, &mut |row| {
        found.insert(decode::id(row, 0)?);
        Ok(())
    })
    .await?;
    Ok(found)
}

/// Whether the clinic has this client, and not only its tombstone.
pub async fn exists(conn: &mut dyn Conn, clinic: ClinicId, id: ClientId) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT 1 FROM clients WHERE clinic_id = $1 AND id = $2 AND deleted_at IS NULL";
    Ok(conn.one(SQL, &[clinic.into(), id.into()], |_| Ok(())).await?.is_some())
}

/// Whether the client has invoices that were never issued.
pub async fn has_drafts(conn: &mut dyn Conn, clinic: ClinicId, id: ClientId) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT 1 FROM invoices WHERE clinic_id = $1 AND client_id = $2 AND stage = 'draft' \
        AND deleted_at IS NULL LIMIT 1";
    Ok(conn.one(SQL, &[clinic.into(), id.into()], |_| Ok(())).await?.is_some())
}

/// Whether the client is an owner of a patient now, in whatever role.
pub async fn has_patients(conn: &mut dyn Conn, clinic: ClinicId, id: ClientId) -> Result<bool, StoreError> {
    const SQL: &str = "SELECT 1 FROM patient_ownerships o JOIN patients t ON t.clinic_id = o.clinic_id AND t.id = o.patient_id \
        WHERE o.clinic_id = $1 AND o.client_id = $2 AND o.to_day IS NULL AND t.deleted_at IS NULL LIMIT 1";
    Ok(conn.one(SQL, &[clinic.into(), id.into()], |_| Ok(())).await?.is_some())
}

/// Appends what [`INSERT`] needs for one row.
pub fn values<'a>(new: &'a Client<'_>, params: &mut Vec<Value<'a>>) {
    params.extend([
        new.clinic_id.into(),
        new.id.into(),
        new.given_name.as_deref().into(),
        new.family_name.as_deref().into(),
        new.organization_name.as_deref().into(),
        new.emails.text().into(),
        new.phones.text().into(),
        new.address.as_ref().map(|doc| doc.text()).into(),
        new.preferred_channel.map(Channel::name).into(),
        new.language.as_deref().into(),
        new.account_status.name().into(),
        new.referral_source.map(ReferralSource::name).into(),
        new.tags.text().into(),
        new.marketing_opt_in.into(),
        new.balance.amount.into(),
        new.credit.amount.into(),
    ]);
    params.extend([
        new.balance.currency.code().into(),
        new.external_ids.text().into(),
        new.created_at.into(),
        new.updated_at.into(),
        new.version.into(),
        new.deleted_at.into(),
        new.merged_into.into(),
    ]);
}

/// Adds some.
pub async fn insert(conn: &mut dyn Conn, new: &[Client<'_>]) -> Result<(), StoreError> {
    batch::insert(conn, INSERT, INSERT_WIDTH, new, values).await
}

/// Saves all that a caller can change.
pub async fn update(conn: &mut dyn Conn, changed: &Client<'_>) -> Result<(), StoreError> {
    let params: [Value<'_>; 18] = [
        changed.clinic_id.into(),
        changed.id.into(),
        changed.given_name.as_deref().into(),
        changed.family_name.as_deref().into(),
        changed.organization_name.as_deref().into(),
        changed.emails.text().into(),
        changed.phones.text().into(),
        changed.address.as_ref().map(|doc| doc.text()).into(),
        changed.preferred_channel.map(Channel::name).into(),
        changed.language.as_deref().into(),
        changed.account_status.name().into(),
        changed.referral_source.map(ReferralSource::name).into(),
        changed.tags.text().into(),
        changed.marketing_opt_in.into(),
        changed.external_ids.text().into(),
        changed.updated_at.into(),
        changed.version.into(),
        changed.deleted_at.into(),
    ];
    conn.execute(UPDATE, &params).await.map(drop)
}

/// Saves what a merge changes: the account, the identifiers elsewhere, and what became of the client.
pub async fn merge(conn: &mut dyn Conn, changed: &Client<'_>) -> Result<(), StoreError> {
    const SQL: &str = "UPDATE clients SET balance = $3, credit = $4, external_ids = $5, updated_at = $6, version = $7, \
        deleted_at = $8, merged_into = $9 WHERE clinic_id = $1 AND id = $2";
    let params: [Value<'_>; 9] = [
        changed.clinic_id.into(),
        changed.id.into(),
        changed.balance.amount.into(),
        changed.credit.amount.into(),
        changed.external_ids.text().into(),
        changed.updated_at.into(),
        changed.version.into(),
        changed.deleted_at.into(),
        changed.merged_into.into(),
    ];
    conn.execute(SQL, &params).await.map(drop)
}

/// What invoices and payments changed about a client's account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Adjustment {
    /// More (or less) is owed, in minor units.
    pub balance: i64,
    /// More (or less) is unallocated, in minor units.
    pub credit: i64,
}

impl Adjustment {
    /// The fields that it changes.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let changed = [("balance", self.balance != 0), ("credit", self.credit != 0)];
        changed.into_iter().filter(|(_, changes)| *changes).map(|(name, _)| name)
    }
}

/// Keeps balance and credit in step. Counts as a change of the client, so that who follows
/// `updated_at` sees it; tells the client's version after it, if anything changed.
pub async fn adjust(
    conn: &mut dyn Conn,
    clinic: ClinicId,
    id: ClientId,
    by: Adjustment,
    now: Timestamp,
) -> Result<Option<i64>, StoreError> {
    if by == Adjustment::default() {
        return Ok(None);
    }
    let params = [clinic.into(), id.into(), by.balance.into(), by.credit.into(), now.into()];
    conn.one(ADJUST, &params, |row| row.int(0)).await
}
