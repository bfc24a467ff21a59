//! What a running operation can do: read and write through its transaction, announce events,
//! mint ids. It cannot commit, answer, or reach beyond its permit.

use std::sync::Arc;

use clinicos_contract::event::EventType;
use clinicos_contract::time::Date;
use clinicos_contract::{AnyId, Entropy, Id, Kind, Problem, Timestamp, problem, source};
use clinicos_store::journal::{outbox, security};
use clinicos_store::{Conn, StoreError, Value};
use serde_json::{Map, Value as Json};

use crate::admit::Ready;
use crate::consents::{self, Consents};
use crate::explain::Explaining;
use crate::files::FileName;
use crate::follow::{FollowedClinic, Reading};
use crate::held::Held;
use crate::ids::{ClinicId, EventId};
use crate::permit::{ClinicFacts, Permit};
use crate::preview::{Preview, Previewed};
use crate::services::Services;

/// The context of one run.
pub struct Cx<'c> {
    permit: &'c Permit,
    services: &'c Services,
    conn: &'c mut dyn Conn,
    pub(crate) held: Option<Arc<Held>>,
    pub(crate) events: Vec<outbox::Event>,
    pub(crate) security: Vec<security::Change>,
    pub(crate) let_go: Option<String>,
    pub(crate) dropped: Vec<FileName>,
    /// Other clinics that the call is about: their logs have its entry, too.
    pub(crate) also_at: Vec<ClinicId>,
    followed: &'c [FollowedClinic],
    explaining: Option<Arc<Explaining>>,
    preview: Option<Arc<Preview>>,
    consents: Arc<Consents>,
    pub(crate) is_dry_run: bool,
}

/// An event about to be announced.
#[derive(Debug)]
pub struct Announcement {
    kind: &'static EventType,
    record: AnyId,
    sequence: i64,
    clinic: Option<ClinicId>,
    data: Map<String, Json>,
}

impl Announcement {
    /// Something happened to this record, whose version is now `version`.
    pub fn new(kind: &'static EventType, record: AnyId, version: i64) -> Self {
        Self { kind, record, sequence: version, clinic: None, data: Map::new() }
    }

    /// Adds an id or a word. Events carry no personal values.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.data.insert(name.to_owned(), Json::String(value.to_string()));
        self
    }

    /// Says whose record it is, where the call addresses no clinic.
    #[must_use]
    pub fn of_clinic(self, clinic: ClinicId) -> Self {
        Self { clinic: Some(clinic), ..self }
    }

    /// Names the fields that changed.
    #[must_use]
    pub fn changed<'f>(mut self, fields: impl IntoIterator<Item = &'f str>) -> Self {
        let fields = fields.into_iter().map(|field| Json::String(field.to_owned())).collect();
        self.data.insert("changed".to_owned(), Json::Array(fields));
        self
    }
}

impl<'c> Cx<'c> {
    pub(crate) fn new(permit: &'c Permit, services: &'c Services, conn: &'c mut dyn Conn) -> Self {
        Self {
            permit,
            services,
            conn,
            held: None,
            events: Vec::new(),
            security: Vec::new(),
            let_go: None,
            dropped: Vec::new(),
            also_at: Vec::new(),
            followed: &[],
            explaining: None,
            preview: None,
            consents: consents::NOBODY.clone(),
            is_dry_run: false,
        }
    }

    /// With what the clinic's clients decided.
    pub(crate) fn knowing(self, consents: Arc<Consents>) -> Self {
        Self { consents, ..self }
    }

    /// With the clinics whose changes the call tells of.
    pub(crate) fn telling_of(self, followed: &'c [FollowedClinic]) -> Self {
        Self { followed, ..self }
    }

    /// With what is known about others, for an operation that says that it tells of that.
    pub(crate) fn explaining(self, ready: &Ready) -> Self {
        Self { explaining: ready.explaining.clone(), preview: ready.preview.clone(), ..self }
    }

    /// In a snapshot that is held over several calls.
    pub(crate) fn holding(self, held: Option<Arc<Held>>) -> Self {
        Self { held, ..self }
    }

    /// The clinics whose changes the call tells of: those that allow it, in the order of their ids.
    pub fn followed(&self) -> &'c [FollowedClinic] {
        self.followed
    }

    /// Why data may leave, for an operation that says that it explains it.
    pub fn why(&self) -> Result<Arc<Explaining>, Problem> {
        self.explaining.clone().ok_or_else(|| Problem::unavailable("the operation asked why, and does not declare it"))
    }

    /// The record that the path names as its connection sees it, for an operation that says that it shows that.
    pub async fn preview(&mut self) -> Result<Previewed, Problem> {
        let preview = self.preview.clone();
        let preview =
            preview.ok_or_else(|| Problem::unavailable("the operation asked for a preview that it does not declare"))?;
        preview.read(self.services, self.conn).await
    }

    /// Whether the call is about all clinics that let its key in, and not about one that it names.
    pub fn follows_all(&self) -> bool {
        self.permit.clinic().is_none()
    }

    /// A record of a clinic that the caller follows, as its direct read answers it now; `None` if that
    /// finds none.
    pub async fn read_followed(&mut self, clinic: &FollowedClinic, id: &str) -> Result<Option<Reading>, Problem> {
        clinic.read(self.services, self.conn, id).await
    }

    /// The transaction.
    pub fn conn(&mut self) -> &mut dyn Conn {
        self.conn
    }

    /// The snapshot that it reads in, where the operation says that it is held over several calls.
    pub fn held(&self) -> Result<Arc<Held>, Problem> {
        self.held.clone().ok_or_else(|| Problem::unavailable("the operation asked for a snapshot that it does not declare"))
    }

    /// What the call may do.
    pub fn permit(&self) -> &'c Permit {
        self.permit
    }

    /// What does not change while the server runs.
    pub fn services(&self) -> &'c Services {
        self.services
    }

    /// The clinic that the call addresses.
    pub fn clinic(&self) -> Result<&'c ClinicFacts, Problem> {
        // An operation with clinic reach never gets here without one; others must not ask.
        self.permit.clinic().ok_or_else(|| Problem::unavailable("the operation asked for a clinic that its permit does not name"))
    }

    /// The id of that clinic.
    pub fn clinic_id(&self) -> Result<ClinicId, Problem> {
        Ok(self.clinic()?.id)
    }

    /// The same as a parameter of a statement.
    pub fn clinic_param(&self) -> Result<Value<'static>, Problem> {
        Ok(Value::from(self.clinic_id()?))
    }

    /// Security time: when something really happened.
    pub fn now(&self) -> Timestamp {
        self.services.clock.now()
    }

    /// The clinic's calendar day, in business time.
    pub fn today(&self) -> Result<Date, Problem> {
        Ok(self.services.clock.business_now().day_in(&self.clinic()?.zone))
    }

    /// A new identifier.
    pub fn mint<K: Kind>(&self) -> Id<K> {
        source::mint(self.now(), &*self.services.entropy)
    }

    /// The source of secrets.
    pub fn entropy(&self) -> &'c dyn Entropy {
        &*self.services.entropy
    }

    /// Lets go of the snapshot of this id, if it is the caller's own, once this is committed. Gives what it was.
    pub fn let_go(&mut self, id: AnyId) -> Result<Arc<Held>, Problem> {
        let held = self.services.held.find(&id.to_string(), self.permit, self.services.clock.monotonic_ns())?;
        self.let_go = Some(id.to_string());
        Ok(held)
    }

    /// Announces an event. It is committed with the rows, or not at all.
    pub fn emit(&mut self, announcement: Announcement) {
        let id: EventId = self.mint();
        self.events.push(outbox::Event {
            id: id.to_string(),
            name: announcement.kind.name,
            version: announcement.kind.version,
            clinic_id: announcement.clinic.or(self.permit.clinic().map(|clinic| clinic.id)).map(|clinic| clinic.to_string()),
            record_id: announcement.record.to_string(),
            sequence: announcement.sequence,
            payload: Json::Object(announcement.data).to_string(),
            at: self.now().as_micros(),
        });
    }

    /// A row named this file and does not any more. Once that is committed, the file goes, too, unless another
    /// row of the clinic names it.
    pub fn drop_file(&mut self, name: FileName) {
        self.dropped.push(name);
    }

    /// The call changes something at another clinic of the organization: its entry stands in that one's log, too.
    pub fn also_at(&mut self, clinic: ClinicId) {
        self.also_at.push(clinic);
    }

    /// Says that the call only tells what would happen. Its entry in the journal says so, too.
    pub fn tells_only(&mut self) {
        self.is_dry_run = true;
    }

    /// What a client decided is another thing now.
    pub fn client_decided(&mut self, client: AnyId) -> Result<(), Problem> {
        let clinic = self.clinic_id()?;
        self.security_change(consents::CLIENT_DECIDED, Some(clinic), client);
        Ok(())
    }

    /// These own a patient now, which may be new. It matters to nobody else where none of them, nor of those before,
    /// decided anything.
    pub fn patient_owned(
        &mut self,
        patient: AnyId,
        is_new: bool,
        owners: impl IntoIterator<Item = AnyId>,
    ) -> Result<(), Problem> {
        let decided = |owner: AnyId| self.consents.of(owner.bytes).is_some();
        if !self.consents.owners_of(patient.bytes).is_empty() || owners.into_iter().any(decided) {
            let clinic = self.clinic_id()?;
            let kind = if is_new { consents::PATIENT_CAME } else { consents::PATIENT_OWNED };
            self.security_change(kind, Some(clinic), patient);
        }
        Ok(())
    }

    /// Whether any client of the clinic decided something. While none did, it matters to nobody who owns which patient.
    pub fn clients_decided(&self) -> bool {
        !self.consents.is_empty()
    }

    /// Records of clients and patients came as they were, with what was decided about them.
    pub fn clients_came(&mut self, clinic: ClinicId) {
        self.security_change(consents::CLIENTS_CAME, Some(clinic), clinic.any());
    }

    /// Records a change to who may do what. It is in force before the caller hears of it.
    pub fn security_change(&mut self, kind: &'static str, clinic: Option<ClinicId>, subject: AnyId) {
        self.security.push(security::Change {
            kind,
            clinic_id: clinic.map(|clinic| clinic.to_string()).unwrap_or_default(),
            subject_id: subject.to_string(),
            at: self.now().as_micros(),
        });
    }
}

/// Makes problems of what goes wrong in the store while an operation runs.
///
/// A conflict travels on as a private source, so that the gate repeats the transaction.
pub fn store_problem(error: StoreError) -> Problem {
    match error {
        StoreError::Constraint(_) => Problem::rule("", "already_exists", "a record with the same value exists already"),
        damage @ StoreError::Corrupt(_) => Problem::damage(damage),
        other => Problem::unavailable(other),
    }
}

/// Turns a store's result into an operation's.
pub trait OrProblem<T> {
    /// The value, or the problem that the caller reads.
    fn or_problem(self) -> Result<T, Problem>;
}

impl<T> OrProblem<T> for Result<T, StoreError> {
    fn or_problem(self) -> Result<T, Problem> {
        self.map_err(store_problem)
    }
}

/// Turns an absent row into the one 404.
pub trait OrNotFound<T> {
    /// The value, or 404.
    fn or_not_found(self) -> Result<T, Problem>;
}

impl<T> OrNotFound<T> for Option<T> {
    fn or_not_found(self) -> Result<T, Problem> {
        self.ok_or_else(Problem::not_found)
    }
}

/// Refuses a change of a record that is in no state for it.
pub fn conflict(detail: impl Into<String>) -> Problem {
    Problem::new(&problem::CONFLICT, detail)
}
