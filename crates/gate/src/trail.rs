//! The trail of a call: gathers what its audit entry will say.

use std::sync::Arc;

use clinicos_contract::wire::{self, Written};
use clinicos_contract::{AnyId, Problem, Spec, Timestamp, id, source};
use clinicos_store::journal::audit::{Actor, ActorKind, Entry, RecordGroup, Told};

use crate::decide::{Reason, Reasons};
use crate::facts::ConnectionFacts;
use crate::follow::FollowedClinic;
use crate::ids::RequestId;
use crate::limits::Charge;
use crate::permit::{Caller, ClinicFacts};
use crate::request::{Body, Origin};
use crate::services::Services;

/// What is known of a call so far.
#[derive(Clone)]
pub(crate) struct Trail {
    pub(crate) request_id: RequestId,
    pub(crate) reasons: Reasons,
    pub(crate) charge: Option<(Charge, &'static str)>,
    pub(crate) version: &'static str,
    /// The origin of the page that a browser calls for, if it is another site's.
    pub(crate) page: Option<Arc<str>>,
    /// Whether that page may read the answer.
    pub(crate) page_may_read: bool,
    /// When the key ends that was shown, if that is soon.
    pub(crate) key_ends: Option<Timestamp>,
    /// Whether a page asked by itself.
    pub(crate) unattended: bool,
    arrived_ns: u64,
    address: Option<std::net::IpAddr>,
    entry: Entry,
}

impl Trail {
    /// A call of `operation` (or a label, for what reaches none) arrived.
    pub(crate) fn start(services: &Services, operation: &str, route: String, origin: &Origin) -> Self {
        let now: Timestamp = services.clock.now();
        let request_id: RequestId = source::mint(now, &*services.entropy);
        let salt: [u8; 16] = source::random(&*services.entropy);
        let hash = |value: &[u8]| services.keyring.journal_hash(&salt, value);
        let entry = Entry {
            request_id: request_id.to_bytes(),
            at: now.as_micros(),
            environment: services.environment.name().to_owned(),
            operation: operation.to_owned(),
            route,
            salt,
            request_hash: Some(hash(origin.target.as_bytes())),
            source_hash: origin.address.map(|address| hash(address.to_string().as_bytes())),
            ..Entry::default()
        };
        Self {
            request_id,
            reasons: Reasons::default(),
            charge: None,
            version: clinicos_contract::version::LATEST,
            page: origin.page.as_deref().map(Arc::from),
            page_may_read: false,
            key_ends: None,
            unattended: origin.unattended,
            arrived_ns: origin.arrived_ns,
            address: origin.address,
            entry,
        }
    }

    /// Takes a new request id: an answer was journaled, and then had to be withheld. Its entry
    /// stays, since it says no less than what happened; what is sent instead gets its own.
    pub(crate) fn renew(&mut self, services: &Services) {
        self.request_id = source::mint(services.clock.now(), &*services.entropy);
        self.entry.request_id = self.request_id.to_bytes();
    }

    /// Notes what was sent, but where that is a password: not even its keyed hash is kept.
    pub(crate) fn body(&mut self, services: &Services, spec: &Spec, body: &Body) {
        if !body.bytes.is_empty() && !spec.takes_passwords() {
            self.entry.body_hash = Some(services.keyring.journal_hash(&self.entry.salt, &body.bytes));
        }
    }

    pub(crate) fn caused_by(&mut self, event: [u8; 16], depth: u8) {
        self.entry.caused_by = Some(event);
        self.entry.depth = depth;
    }

    pub(crate) fn caller(&mut self, caller: Caller) {
        self.entry.actor = match caller {
            Caller::Operator => Actor { kind: ActorKind::Operator, ..Actor::default() },
            Caller::Stranger => Actor::default(),
            Caller::Connection { connection, key, .. } => Actor {
                kind: ActorKind::Connection,
                connection: Some(connection.to_bytes()),
                credential: Some(key.to_bytes()),
                on_behalf_of: None,
            },
            Caller::User { user, session, .. } => Actor {
                kind: ActorKind::User,
                connection: None,
                credential: session.map(|session| session.to_bytes()),
                on_behalf_of: Some(user.to_bytes()),
            },
        };
    }

    /// Notes whether the page that a browser calls for may read what comes of it.
    pub(crate) fn page_of(&mut self, connection: &ConnectionFacts) {
        self.page_may_read = self.page.as_deref().is_some_and(|origin| connection.takes_pages_of(origin));
    }

    pub(crate) fn clinic(&mut self, clinic: &ClinicFacts) {
        self.entry.clinic = Some(clinic.id.to_bytes());
        self.entry.organization = Some(clinic.organization.to_bytes());
    }

    pub(crate) fn replayed(&mut self) {
        self.entry.replayed = true;
    }

    /// The entry of an answer that discloses this.
    pub(crate) fn allowed(&self, services: &Services, status: u16, written: &Written) -> Entry {
        let mut reasons = self.reasons;
        if written.lacks_opt_ins {
            reasons.push(Reason::FieldsLeftOut);
        }
        if written.is_narrowed {
            reasons.push(Reason::ClientsKeepFields);
        }
        Entry {
            status,
            reasons: reasons.numbers().to_vec(),
            records: group(&written.ids),
            disclosed: written.disclosed.bits(),
            redacted: written.hidden.bits(),
            told: written.told.iter().map(told).collect(),
            consents: written.consents.iter().map(|consent| consent.bytes).collect(),
            bytes: written.bytes.len() as u64,
            latency_us: self.latency_us(services),
            ..self.entry.clone()
        }
    }

    /// The entry of an answer that is the same for everybody, of so many bytes.
    pub(crate) fn public(&self, services: &Services, status: u16, bytes: usize) -> Entry {
        Entry { bytes: bytes as u64, ..self.allowed(services, status, &Written::default()) }
    }

    /// The entry of an answer about several clinics, in the log of one of them: what it discloses of
    /// that one.
    pub(crate) fn allowed_at(&self, services: &Services, status: u16, written: &Written, at: &FollowedClinic) -> Entry {
        let mut trail = self.clone();
        trail.caller(at.caller);
        trail.clinic(&at.clinic);
        trail.reasons = at.reasons;
        trail.allowed(services, status, written)
    }

    /// The entry of a refusal.
    pub(crate) fn refused(&self, services: &Services, problem: &Problem, bytes: usize) -> Entry {
        let for_its_address = self.reasons.numbers().contains(&(Reason::AddressNotAllowed as u8));
        Entry {
            status: problem.code.status,
            problem: Some(problem.code.name.to_owned()),
            reasons: self.reasons.numbers().to_vec(),
            bytes: bytes as u64,
            source_key: self.source_key(services),
            latency_us: self.latency_us(services),
            // Whoever mends the list of addresses needs to know which one is missing. Of all other
            // calls a keyed hash is enough.
            refused_address: self.address.filter(|_| for_its_address).map(|address| address.to_canonical()),
            ..self.entry.clone()
        }
    }

    /// Tells sources of refusals apart while they are folded; it is not stored.
    fn source_key(&self, services: &Services) -> u64 {
        let hash = self.address.map(|address| services.keyring.credential_hash(&address.to_string()));
        hash.and_then(|hash| hash.first_chunk().copied()).map_or(0, u64::from_be_bytes)
    }

    fn latency_us(&self, services: &Services) -> u32 {
        let ns = services.clock.monotonic_ns().saturating_sub(self.arrived_ns);
        u32::try_from(ns / 1_000).unwrap_or(u32::MAX)
    }
}

/// Names the records of a path as well: what was deleted or merged away is in no answer.
pub(crate) fn name_also<'i>(groups: &mut Vec<RecordGroup>, path: impl Iterator<Item = &'i str>) {
    for (prefix, bytes) in path.filter_map(id::parse_any) {
        match groups.iter_mut().find(|group| group.prefix == prefix) {
            Some(group) if group.ids.chunks(bytes.len()).any(|id| id == bytes) => {}
            Some(group) => group.ids.extend_from_slice(&bytes),
            None => groups.push(RecordGroup { prefix: prefix.to_owned(), ids: bytes.to_vec() }),
        }
    }
}

fn told(told: &wire::Told) -> Told {
    Told { categories: told.categories.bits(), subjects: group(&told.subjects) }
}

fn group(ids: &[AnyId]) -> Vec<RecordGroup> {
    let mut groups: Vec<RecordGroup> = Vec::new();
    for id in ids {
        match groups.iter_mut().find(|group| group.prefix == id.prefix) {
            Some(group) => group.ids.extend_from_slice(&id.bytes),
            None => groups.push(RecordGroup { prefix: id.prefix.to_owned(), ids: id.bytes.to_vec() }),
        }
    }
    groups
}
