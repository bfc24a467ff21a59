//! `/v1/changes`: records of many resources in one answer.
//!
//! Which resources those are the catalogue says: those whose records the API reads one by one, as
//! records of a clinic. Whose changes a caller is told of is decided as if it read each of them by
//! that very operation, and each record is read by it: what a change shows is what a direct read
//! answers.

use std::fmt::Write as _;
use std::sync::Arc;

use clinicos_contract::schema::Schema;
use clinicos_contract::wire::Embedded;
use clinicos_contract::{AnyId, CategorySet, FieldError, Method, Problem, Reach, Reply, Shape, View, Writer, id, json, problem};
use clinicos_store::Conn;
use serde_json::Value;

use crate::call::{Ask, Found, Inner};
use crate::consents::Holds;
use crate::cx::Cx;
use crate::decide::Reasons;
use crate::facts::Snapshot;
use crate::ids::{ClinicId, ConnectionId};
use crate::operation::{Admitted, AnyOperation, Outcome};
use crate::permit::{Caller, ClinicFacts, Permit};
use crate::services::Services;
use crate::several::{Open, Part};
use crate::trail::Trail;

/// How records of one kind are read directly.
#[derive(Clone, Copy)]
pub struct Direct {
    /// The letters before the underscore in their ids.
    pub prefix: &'static str,
    /// Their fields; its name is the type that callers name.
    pub schema: &'static Schema,
    /// The operation that reads one.
    pub operation: &'static dyn AnyOperation,
    parameter: &'static str,
}

impl Direct {
    /// What the operation is given to read this record.
    pub(crate) fn input(&self, id: AnyId) -> Admitted {
        Admitted { path: vec![(self.parameter, id.to_string())], ..Admitted::default() }
    }
}

impl std::fmt::Debug for Direct {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.operation.spec().id)
    }
}

/// Every resource whose changes are told of: a clinic's records, which have external ids and the
/// time of their last change, with an operation that reads one of them by its id alone.
pub(crate) fn directs(operations: &[&'static dyn AnyOperation]) -> Vec<Direct> {
    operations.iter().filter_map(|operation| direct(*operation)).collect()
}

fn direct(operation: &'static dyn AnyOperation) -> Option<Direct> {
    let spec = operation.spec();
    let is_read = spec.route.method == Method::Get && spec.is_public() && spec.reach == Reach::Clinic && !spec.is_operators();
    let Reply::One { schema, .. } = spec.reply else { return None };
    let is_record = ["updated_at", "external_ids", "version"].iter().all(|name| schema.field(name).is_some());
    let Some(Shape::Id(prefix)) = schema.field("id").map(|(_, field)| field.shape) else { return None };
    let mut parameters = spec.route.parameters();
    let parameter = parameters.next().filter(|name| spec.route.path.ends_with(&format!("/{{{name}}}")))?;
    let is_alone = parameters.next().is_none();
    (is_read && is_record && is_alone).then_some(Direct { prefix, schema, operation, parameter })
}

/// A resource that this caller may read directly, and so follow.
#[derive(Debug)]
pub(crate) struct Followed {
    direct: Direct,
    permit: Permit,
    view: View,
}

/// A clinic whose changes a caller is told of, and of which.
#[derive(Debug)]
pub struct FollowedClinic {
    pub(crate) clinic: ClinicFacts,
    /// Who follows it.
    pub(crate) caller: Caller,
    /// Why it allows that.
    pub(crate) reasons: Reasons,
    kinds: Vec<Followed>,
}

/// A record as it is now, as its direct read shows it.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Its id.
    pub id: AnyId,
    /// The record.
    pub record: Embedded,
    /// Whether only a tombstone is left of it.
    pub is_tombstone: bool,
    /// Whether what is stored of it cannot be read. Nothing else is known then.
    pub is_unreadable: bool,
    /// The record that it was merged into, if it was.
    pub merged_into: Option<String>,
}

impl Reading {
    fn unreadable(id: AnyId) -> Self {
        Self { id, record: Embedded::default(), is_tombstone: false, is_unreadable: true, merged_into: None }
    }
}

/// Members of records that say whether they are still there.
const STANDING: &[&str] = &["deleted_at", "merged_into"];

impl Inner {
    /// What the caller may follow: what it asked for, or else all that it may read, of each clinic that
    /// the call is about. What it asked for and may not read anywhere is refused as a direct read of it
    /// is.
    pub(crate) fn followed(
        &self,
        snapshot: &Snapshot,
        ask: &Ask,
        found: &Found,
        permit: &Permit,
        types: &[String],
        trail: &mut Trail,
    ) -> Result<Arc<[FollowedClinic]>, Problem> {
        let all = self.catalogue.followed();
        let unknown = types.iter().find(|name| all.iter().all(|direct| direct.schema.name != name.as_str()));
        if let Some(unknown) = unknown {
            let names: Vec<&str> = all.iter().map(|direct| direct.schema.name).collect();
            let detail = format!("`{}` cannot be followed; there are: {}", json::shorten(unknown), names.join(", "));
            return Err(Problem::parameters(vec![FieldError::new("types", "unknown", detail)]));
        }
        if let Found::Several(parts) = found {
            return self.followed_at_all(snapshot, ask, parts, types, trail);
        }
        let kinds = self.kinds(snapshot, ask, found, types, types, trail)?;
        // It reaches a clinic, and so nobody gets here without one.
        let clinic = permit.clinic().cloned();
        let followed = clinic.map(|clinic| FollowedClinic { clinic, caller: *permit.caller(), reasons: trail.reasons, kinds });
        Ok(followed.into_iter().collect())
    }

    /// The same of each clinic that lets a key follow it now, in the order of their ids.
    fn followed_at_all(
        &self,
        snapshot: &Snapshot,
        ask: &Ask,
        parts: &[Part],
        types: &[String],
        trail: &mut Trail,
    ) -> Result<Arc<[FollowedClinic]>, Problem> {
        let reasons = trail.reasons;
        let open = self.open(snapshot, ask, parts, trail)?;
        let decided = open.iter().map(|Open { part, clinic, reasons, .. }| {
            // A refusal stands in the log of the clinic that refuses, by its own connection.
            trail.at(snapshot, part);
            let kinds = self.kinds(snapshot, ask, &part.found(), types, &[], trail)?;
            let clinic = ClinicFacts::clone(clinic);
            Ok(FollowedClinic { clinic, caller: part.caller(), reasons: *reasons, kinds })
        });
        let followed = those_that_allow(decided)?;
        if let Some(first) = open.first() {
            let is_read = |name: &&String| followed.iter().any(|one| one.kinds.iter().any(|kind| kind.name() == name.as_str()));
            trail.at(snapshot, first.part);
            // What no clinic lets it read is refused, as the first of them does.
            if !types.iter().all(|name| is_read(&name)) {
                self.kinds(snapshot, ask, &first.part.found(), types, types, trail)?;
            }
        }
        trail.reasons = reasons;
        Ok(followed.into())
    }

    /// Of these types, or of all, those that may be read at one clinic. What is `insisted` on and may
    /// not be read is refused.
    fn kinds(
        &self,
        snapshot: &Snapshot,
        ask: &Ask,
        found: &Found,
        types: &[String],
        insisted: &[String],
        trail: &mut Trail,
    ) -> Result<Vec<Followed>, Problem> {
        let all = self.catalogue.followed();
        let mut kinds = Vec::with_capacity(all.len());
        let names = |list: &[String], direct: &Direct| list.iter().any(|name| name == direct.schema.name);
        for direct in all.iter().filter(|direct| types.is_empty() || names(types, direct)) {
            match self.follow(snapshot, ask, found, *direct, trail) {
                Ok(one) => kinds.push(one),
                Err(refusal) if !names(insisted, direct) && refusal.code.status == 403 => {}
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(kinds)
    }

    fn follow(
        &self,
        snapshot: &Snapshot,
        ask: &Ask,
        found: &Found,
        direct: Direct,
        trail: &mut Trail,
    ) -> Result<Followed, Problem> {
        // The entry keeps the reasons of the call itself, unless it is this that refuses.
        let reasons = std::mem::take(&mut trail.reasons);
        let ask = Ask { spec: direct.operation.spec(), ..ask.clone() };
        let permit = self.decide(snapshot, &ask, found, trail);
        let refused = std::mem::replace(&mut trail.reasons, reasons);
        let permit = permit.map_err(|mut problem| {
            trail.reasons = refused;
            problem.detail = format!("to follow `{}`: {}", direct.schema.name, problem.detail);
            problem
        })?;
        let view = permit.view(direct.schema, None);
        Ok(Followed { direct, permit, view })
    }

    /// Whether what was told may still be shown, by what is known now.
    pub(crate) fn following_holds(&self, ask: &Ask, told: &[FollowedClinic], trail: &mut Trail) -> Result<Holds, Problem> {
        if told.is_empty() {
            return Ok(Holds::Yes);
        }
        let snapshot = self.facts.current().clone();
        let found = self.authenticate(&snapshot, ask.who, ask.clinic_id.as_deref(), trail)?;
        let Found::Several(parts) = &found else {
            return told
                .iter()
                .try_fold(Holds::Yes, |holds, one| Ok(holds.max(self.kinds_hold(&snapshot, ask, &found, one, trail)?)));
        };
        let open = self.open(&snapshot, ask, parts, trail)?;
        let mut all = Holds::Yes;
        for one in told {
            // Of a clinic that allows it no more nothing is shown, and the others are told anew.
            let still = open.iter().find(|open| open.clinic.id == one.clinic.id);
            let holds = still.map(|open| {
                trail.at(&snapshot, open.part);
                self.kinds_hold(&snapshot, ask, &open.part.found(), one, trail)
            });
            match holds {
                Some(Ok(holds)) => all = all.max(holds),
                _ => return Ok(Holds::No),
            }
        }
        Ok(all)
    }

    fn kinds_hold(
        &self,
        snapshot: &Snapshot,
        ask: &Ask,
        found: &Found,
        told: &FollowedClinic,
        trail: &mut Trail,
    ) -> Result<Holds, Problem> {
        told.kinds.iter().try_fold(Holds::Yes, |holds, one| {
            let again = self.follow(snapshot, ask, found, one.direct, trail)?;
            Ok(holds.max(one.permit.sees().holds(&again.permit.sees())))
        })
    }
}

/// What the clinics that allow it came to. One that refuses, for whatever reason, is left out, which its followers are
/// told of as a gap; it refuses for all only if no other is left.
fn those_that_allow<T>(decided: impl Iterator<Item = Result<T, Problem>>) -> Result<Vec<T>, Problem> {
    let (mut allowed, mut refused) = (Vec::new(), None);
    for one in decided {
        match one {
            Ok(one) => allowed.push(one),
            Err(problem) => refused = refused.or(Some(problem)),
        }
    }
    match refused {
        Some(problem) if allowed.is_empty() => Err(problem),
        _ => Ok(allowed),
    }
}

impl FollowedClinic {
    /// The clinic.
    pub fn id(&self) -> ClinicId {
        self.clinic.id
    }

    /// The connection that follows it, if one does.
    pub fn connection(&self) -> Option<ConnectionId> {
        match self.caller {
            Caller::Connection { connection, .. } => Some(connection),
            Caller::Operator | Caller::Stranger | Caller::User { .. } => None,
        }
    }

    /// Differs where the caller may read other resources of it, or other fields of them, or less of some client.
    pub fn digest(&self) -> String {
        let mut shown = String::new();
        for one in &self.kinds {
            // Writing into a `String` cannot fail.
            let _ = writeln!(shown, "{} {:08x}", one.direct.schema.name, one.view.fingerprint());
        }
        // What a client said since changes no record, and yet what may be held of some; so does what begins or ends
        // meanwhile, and by whose rules and for whom it is read.
        if let Some(looking) = self.kinds.iter().find_map(|one| one.permit.looking.as_ref()) {
            let (standing, bound) = (&looking.standing, looking.consents.last_bound(looking.now));
            let _ = writeln!(shown, "clients {} {bound:?}", looking.consents.held_seq);
            let _ = writeln!(shown, "for {:?} by {} {:?}", standing.recipient(), standing.rules().code, standing.unsaid());
        }
        format!("{:08x}", crc32fast::hash(shown.as_bytes()))
    }

    /// The type of the record with this id, if the caller may follow such records.
    pub fn type_of(&self, id: &str) -> Option<&'static str> {
        self.kinds.iter().find(|one| one.id(id).is_some()).map(Followed::name)
    }

    /// A record of it as its direct read answers it now; `None` if that finds none.
    pub(crate) async fn read(&self, services: &Services, conn: &mut dyn Conn, id: &str) -> Result<Option<Reading>, Problem> {
        for one in &self.kinds {
            if let Some(id) = one.id(id) {
                return one.read(services, conn, id).await;
            }
        }
        Ok(None)
    }
}

impl Followed {
    /// The type that callers name.
    pub(crate) fn name(&self) -> &'static str {
        self.direct.schema.name
    }

    /// The id, if a record of this kind has it.
    pub(crate) fn id(&self, text: &str) -> Option<AnyId> {
        let (prefix, bytes) = id::parse_any(text)?;
        (prefix == self.direct.prefix).then_some(AnyId { prefix: self.direct.prefix, bytes })
    }

    /// Reads a record as its direct read does; `None` if that answers that there is none.
    pub(crate) async fn read(&self, services: &Services, conn: &mut dyn Conn, id: AnyId) -> Result<Option<Reading>, Problem> {
        let input = self.direct.input(id);
        let mut cx = Cx::new(&self.permit, services, conn);
        let record = match self.direct.operation.run(&mut cx, &input, None).await {
            Ok(Outcome::One(record)) => record,
            Err(refusal) if refusal.code == &problem::NOT_FOUND => return Ok(None),
            // One damaged record must not keep a follower from all others.
            Err(refusal) if refusal.is_damage() => {
                tracing::error!(record = %id, source = refusal.source(), "a follower is told that {id} cannot be read");
                return Ok(Some(Reading::unreadable(id)));
            }
            Err(refusal) => return Err(refusal),
            Ok(_) => return Err(Problem::unavailable(format!("{:?} answered with no record", self.direct))),
        };
        let mut out = Writer::with_capacity(1024);
        record.write(&mut out, &self.view);
        let mut standing = Writer::default();
        record.write(&mut standing, &View::new(self.direct.schema, CategorySet::ALL, Some(STANDING)));
        let standing: Value = serde_json::from_slice(&standing.finish().bytes).unwrap_or_default();
        Ok(Some(Reading {
            id,
            record: out.finish().into(),
            is_unreadable: false,
            is_tombstone: standing.get("deleted_at").is_some_and(|at| !at.is_null()),
            merged_into: standing.get("merged_into").and_then(Value::as_str).map(str::to_owned),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clinic_that_refuses_takes_no_other_down() {
        let refusals =
            || [&problem::CONNECTION_PAUSED, &problem::RECORD_COMES_IN, &problem::UNAVAILABLE].map(|code| Problem::new(code, ""));
        for refusal in refusals() {
            let decided = [Ok(1), Err(refusal), Ok(3)];
            assert_eq!(those_that_allow(decided.into_iter()).unwrap(), [1, 3]);
        }
        let refused = those_that_allow(refusals().map(Err::<u8, _>).into_iter()).unwrap_err();
        assert_eq!(refused.code, &problem::CONNECTION_PAUSED, "if none allows it, the first says why");
        assert!(those_that_allow(std::iter::empty::<Result<u8, Problem>>()).unwrap().is_empty());
    }
}
