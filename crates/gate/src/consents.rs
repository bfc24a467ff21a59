//! What the clients of a clinic decided about their data, in memory, and how an answer is looked at
//! through that.
//!
//! Clients who said nothing are not here, nor are patients none of whose owners did: for them holds
//! what the rules of the clinic's jurisdiction say. A row costs the look-ups of those whom it names.

pub(crate) mod named;
pub(crate) mod rows;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock};

use clinicos_consent::{Decisions, Standing};
use clinicos_contract::wire::{Lens, SUBJECTS};
use clinicos_contract::{AnyId, Category, CategorySet, Field, Method, Problem, Schema, Spec, Timestamp, View, Writer};

use crate::operation::AnyRecord;
use crate::permit::Permit;

/// The 16 bytes of a client's or a patient's id.
pub(crate) type Subject = [u8; 16];

const CLIENT: &str = SUBJECTS[0];
const PATIENT: &str = SUBJECTS[1];

/// A security change: what a client decided is another thing now. Its subject is the client.
pub const CLIENT_DECIDED: &str = "client.decided";
/// A security change: others own a patient now. Its subject is the patient.
pub const PATIENT_OWNED: &str = "patient.owned";
/// A security change: a patient came whose owners decided something. No record was of that patient before, so nothing
/// that others hold became more or less.
pub const PATIENT_CAME: &str = "patient.came";
/// A security change: records came with what was decided about them. Its subject is the clinic.
pub const CLIENTS_CAME: &str = "clients.came";

pub(crate) fn is_about_clients(kind: &str) -> bool {
    [CLIENT_DECIDED, PATIENT_OWNED, PATIENT_CAME, CLIENTS_CAME].contains(&kind)
}

/// Nobody said anything.
pub(crate) static NOBODY: LazyLock<Arc<Consents>> = LazyLock::new(Arc::default);

/// What the clients of one clinic decided.
#[derive(Debug, Default, Clone)]
pub struct Consents {
    /// The number of the last security change that changed any of it.
    pub(crate) seq: i64,
    /// The number of the last one by which others may hold more or less than before.
    pub(crate) held_seq: i64,
    /// By client; those who said something.
    decided: HashMap<Subject, Arc<Decisions>>,
    /// The owners of each patient one of whose owners said something.
    owners: HashMap<Subject, Arc<[Subject]>>,
    /// When something that was said begins or ends, and how many times that is so.
    bounds: BTreeMap<Timestamp, usize>,
}

impl Consents {
    /// What a client decided.
    pub fn of(&self, client: Subject) -> Option<&Arc<Decisions>> {
        self.decided.get(&client)
    }

    /// The owners of a patient, if any of them decided something.
    pub fn owners_of(&self, patient: Subject) -> &[Subject] {
        self.owners.get(&patient).map(|owners| &**owners).unwrap_or_default()
    }

    /// How many clients decided something.
    pub fn len(&self) -> usize {
        self.decided.len()
    }

    /// Whether nobody decided anything.
    pub fn is_empty(&self) -> bool {
        self.decided.is_empty()
    }

    pub(crate) fn put(&mut self, client: Subject, decisions: Decisions) {
        bounds_of(&decisions).for_each(|bound| *self.bounds.entry(bound).or_default() += 1);
        let before =
            if decisions.is_empty() { self.decided.remove(&client) } else { self.decided.insert(client, Arc::new(decisions)) };
        for bound in before.iter().flat_map(|before| bounds_of(before)) {
            if let Entry::Occupied(mut times) = self.bounds.entry(bound) {
                *times.get_mut() -= 1;
                if *times.get() == 0 {
                    times.remove();
                }
            }
        }
    }

    /// When something that was said last began or ended. From then on it lets others see other things, though nobody
    /// said anything.
    pub(crate) fn last_bound(&self, now: Timestamp) -> Option<Timestamp> {
        self.bounds.range(..=now).next_back().map(|(bound, _)| *bound)
    }

    pub(crate) fn put_owners(&mut self, patient: Subject, owners: Vec<Subject>) {
        if owners.iter().any(|owner| self.decided.contains_key(owner)) {
            self.owners.insert(patient, owners.into());
        } else {
            self.owners.remove(&patient);
        }
    }
}

/// The moments at which one of these begins or ends.
fn bounds_of(decisions: &Decisions) -> impl Iterator<Item = Timestamp> {
    decisions.iter().flat_map(|statement| [statement.from, statement.until]).flatten()
}

/// What a decision lets a caller see.
#[derive(Debug, Clone)]
pub(crate) struct Sees {
    /// The categories that the clinic lets it see.
    pub(crate) visible: CategorySet,
    /// How it looks at records of clients, where they have a say.
    pub(crate) looking: Option<Arc<Looking>>,
}

/// Whether what was read may be shown, by what is known after it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Holds {
    /// It may.
    Yes,
    /// A client decided something meanwhile: it has to be read anew.
    Anew,
    /// The grant was narrowed.
    No,
}

impl Sees {
    /// What of a schema an answer may show.
    pub(crate) fn view(&self, schema: &'static Schema, picked: Option<&[&str]>) -> View {
        let lens = self.looking.clone().map(|looking| looking as Arc<dyn Lens>);
        View::new(schema, self.visible, picked).through(lens.as_ref())
    }

    /// Whether what this let a caller see may be shown by what is decided now.
    pub(crate) fn holds(&self, now: &Self) -> Holds {
        if !now.visible.covers(self.visible) {
            return Holds::No;
        }
        match (&self.looking, &now.looking) {
            (_, None) => Holds::Yes,
            (Some(before), Some(now)) if before.is_same_as(now) => Holds::Yes,
            _ => Holds::Anew,
        }
    }
}

/// How one connection sees the records of a clinic, at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Looking {
    pub(crate) standing: Arc<Standing>,
    pub(crate) consents: Arc<Consents>,
    pub(crate) now: Timestamp,
    /// What may leave where a client decided nothing.
    unsaid: CategorySet,
}

impl Looking {
    /// `None` if no client's word changes anything for this connection.
    pub(crate) fn new(standing: &Arc<Standing>, consents: &Arc<Consents>, now: Timestamp) -> Option<Self> {
        if standing.is_bound_by_nobody() {
            return None;
        }
        let unsaid = standing.unsaid();
        Some(Self { standing: standing.clone(), consents: consents.clone(), now, unsaid })
    }

    /// The categories that no client can hide.
    pub(crate) fn open(&self) -> CategorySet {
        self.standing.open()
    }

    /// Whether another one shows the same of every record.
    pub(crate) fn is_same_as(&self, other: &Self) -> bool {
        let same_consents = Arc::ptr_eq(&self.consents, &other.consents) || self.consents.seq == other.consents.seq;
        same_consents && (Arc::ptr_eq(&self.standing, &other.standing) || self.standing.is_same_as(&other.standing))
    }

    /// Whether those whom an id names let its field say so, in whatever record it stands.
    pub(crate) fn may_name(&self, subject: AnyId, category: Category) -> bool {
        let decided = self.consents.of(subject.bytes).filter(|_| subject.prefix == CLIENT);
        let patients: Vec<AnyId> = decided.into_iter().flat_map(|all| all.iter().filter_map(|said| said.patient)).collect();
        self.named(&[subject], &patients).contains(category)
    }

    /// The same for who asks why, whether clients' words bind the connection or not.
    pub(crate) fn of_any(standing: &Arc<Standing>, consents: &Arc<Consents>, now: Timestamp) -> Self {
        Self { standing: standing.clone(), consents: consents.clone(), now, unsaid: standing.unsaid() }
    }

    /// What one client decided, who said something.
    pub(crate) fn decided(&self, voice: Voice) -> Option<&Decisions> {
        voice.client.and_then(|client| self.consents.of(client)).map(|decisions| &**decisions)
    }

    fn allowed_by(&self, voice: Voice) -> CategorySet {
        match self.decided(voice) {
            Some(decisions) => self.standing.shown([decisions], voice.patient, self.now),
            None => self.unsaid,
        }
    }

    /// Tells whose word counts for a record with these subjects. A record of patients is judged for each of them,
    /// so that what a client said of one animal counts for its records.
    pub(crate) fn voices(&self, subjects: &[AnyId], mut hear: impl FnMut(Voice)) {
        let patients = || subjects.iter().filter(|subject| subject.prefix == PATIENT);
        for patient in patients() {
            let owners = self.consents.owners_of(patient.bytes);
            if owners.is_empty() {
                hear(Voice { client: None, patient: Some(*patient) });
            }
            owners.iter().for_each(|owner| hear(Voice { client: Some(*owner), patient: Some(*patient) }));
        }
        for client in subjects.iter().filter(|subject| subject.prefix == CLIENT) {
            let mut alone = true;
            for patient in patients() {
                alone = false;
                hear(Voice { client: Some(client.bytes), patient: Some(*patient) });
            }
            if alone {
                hear(Voice { client: Some(client.bytes), patient: None });
            }
        }
    }
}

/// One whose word counts for a record: a client, in general or for the records of one patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Voice {
    /// Nobody, where none of the patient's owners decided anything.
    pub(crate) client: Option<Subject>,
    pub(crate) patient: Option<AnyId>,
}

impl Lens for Looking {
    /// Several subjects: what all of them allow.
    fn consented(&self, subjects: &[AnyId]) -> CategorySet {
        let mut all: Option<CategorySet> = None;
        let mut and = |one: CategorySet| all = Some(all.map_or(one, |so_far| so_far.and(one)));
        self.voices(subjects, |voice| and(self.allowed_by(voice)));
        // Where a record of clients' data names nobody, nobody is there who could allow it.
        all.unwrap_or_else(|| self.open())
    }

    /// Of clients also what they said of the patients whose record it is: whose they are tells of them.
    fn named(&self, named: &[AnyId], subjects: &[AnyId]) -> CategorySet {
        let clients = || named.iter().filter(|one| one.prefix == CLIENT);
        let of_patients = subjects.iter().filter(|subject| subject.prefix == PATIENT).flat_map(|patient| {
            clients().map(|client| self.allowed_by(Voice { client: Some(client.bytes), patient: Some(*patient) }))
        });
        of_patients.fold(self.consented(named), CategorySet::and)
    }

    fn each_word(&self, subjects: &[AnyId], each: &mut dyn FnMut(AnyId)) {
        if self.consents.is_empty() {
            return;
        }
        self.voices(subjects, |voice| {
            if let Some(decisions) = self.decided(voice) {
                self.standing.each_that_counts(decisions, voice.patient, self.now, |said, _| each(said.id));
            }
        });
    }
}

/// Refuses a change of fields that clients hide from the caller: whether it changed anything would tell what
/// stood there. It is asked of the record as it becomes; what it was and what the body names is asked before.
pub(crate) fn check_change(
    permit: &Permit,
    spec: &Spec,
    body: &serde_json::Value,
    record: &dyn AnyRecord,
) -> Result<(), Problem> {
    let (Some(schema), Method::Patch) = (spec.reply_schema(), spec.route.method) else { return Ok(()) };
    if permit.looking.is_none() {
        return Ok(());
    }
    let mut out = Writer::default();
    record.write(&mut out, &permit.view(schema, None));
    let is_hidden = |(index, field): &(usize, &Field)| out.looked().hides(*index) && body.get(field.name).is_some();
    match schema.fields.iter().enumerate().find(is_hidden) {
        Some((_, field)) => Err(Problem::consent_field(field.name, field.category)),
        None => Ok(()),
    }
}
