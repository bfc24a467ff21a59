//! Step 1 of a call: who asks.

use std::sync::Arc;

use clinicos_contract::{Problem, Shown, Spec, problem};

use crate::admit::Ready;
use crate::call::{Found, Inner, Who};
use crate::credential::{self, Malformed};
use crate::decide::Reason;
use crate::facts::{KeyFacts, Snapshot};
use crate::ids::{ClinicId, UserId};
use crate::limits::Charge;
use crate::people::{SessionFacts, UserFacts, UserState};
use crate::permit::{Caller, Permit};
use crate::request::{Behalf, Credential, Request};
use crate::several::Part;
use crate::sign_in::{Denied, Factor, Typed, WRONG, Worked, email_key};
use crate::trail::Trail;

impl Inner {
    /// Who asks, checked as far as that goes without a grant. A password is checked here: what
    /// follows knows the person.
    pub(crate) async fn who(&self, request: &Request, trail: &mut Trail) -> Result<Who, Problem> {
        let spec = request.operation.spec();
        if spec.is_open() {
            return Ok(Who::Stranger);
        }
        let fits = match (&request.credential, spec.shown) {
            (Credential::Password { .. }, shown) => shown == Shown::Password,
            (Credential::Invitation(_), shown) => shown == Shown::Invitation,
            (Credential::Session(_), shown) => matches!(shown, Shown::Standing | Shown::Person | Shown::Own),
            (Credential::Operator, shown) => matches!(shown, Shown::Standing | Shown::Person),
            // Nothing at all, and anything else that does not belong here, is told so below.
            (_, shown) => shown == Shown::Standing,
        };
        if !fits {
            return Err(unknown(trail, "this operation takes another kind of credential"));
        }
        let Credential::Password { email, password, code, device } = &request.credential else {
            return self.shown(&request.credential, trail);
        };
        let snapshot = self.facts.current().clone();
        let found = snapshot.user_by_email(&email_key(email));
        let typed = Typed { email, password, code: code.as_deref(), device: device.as_deref(), address: request.origin.address };
        match self.sign_ins.check(&self.services, found, typed).await {
            Ok((user, factor)) => Ok(Who::Person(user.id, factor, user.proof())),
            Err(Denied::Wrong) => Err(unknown(trail, WRONG)),
            Err(Denied::TooMany(charge)) => Err(too_many(&charge, trail)),
        }
    }

    /// A person's own password and codes are guessed only so often.
    pub(crate) fn charge_guess(&self, permit: &Permit, spec: &Spec, trail: &mut Trail) -> Result<Option<UserId>, Problem> {
        let Caller::User { user, .. } = *permit.caller() else { return Ok(None) };
        if !spec.guessable {
            return Ok(None);
        }
        self.sign_ins.charge_guess(&self.services, user).map_err(|charge| too_many(&charge, trail))?;
        Ok(Some(user))
    }

    /// Works on the passwords of a body, which its transaction must not wait for.
    pub(crate) async fn passwords(&self, request: &Request, ready: &Ready, found: &Found) -> Worked {
        let stored = match found {
            Found::Person(user, ..) => user.password_hash.clone(),
            Found::Operator | Found::Stranger | Found::Connection(..) | Found::Several(_) => None,
        };
        self.sign_ins.work(request.operation.passwords(&ready.input.body), stored, &self.services.entropy).await
    }

    /// What a credential claims, without a look-up.
    pub(crate) fn shown(&self, credential: &Credential, trail: &mut Trail) -> Result<Who, Problem> {
        let detail = match credential {
            Credential::Operator => return Ok(Who::Operator),
            Credential::Behalf(Behalf::Key(key)) => return Ok(Who::KeyOf(*key)),
            Credential::Behalf(Behalf::User(user)) => return Ok(Who::PersonOf(*user)),
            Credential::Session(token) => return Ok(Who::Session(self.services.keyring.credential_hash(token))),
            Credential::Invitation(token) => return Ok(Who::Invited(self.services.keyring.credential_hash(token))),
            Credential::None | Credential::Password { .. } => "send a key as `Authorization: Bearer`",
            Credential::Unreadable => "the Authorization header is not `Bearer` and a key",
            Credential::Bearer(key) => match credential::check(key, self.services.environment) {
                Ok(()) => return Ok(Who::Key(self.services.keyring.credential_hash(key))),
                Err(Malformed::Prefix) => "this is not a key of this server: keys start with `cos_live_` or `cos_sandbox_`",
                Err(Malformed::Checksum) => "the key is cut short or mistyped: its checksum does not fit",
                Err(Malformed::Environment) => match self.services.environment.name() {
                    "live" => "this is a sandbox key, and this server holds live data",
                    _ => "this is a live key, and this server is a sandbox",
                },
            },
        };
        Err(unknown(trail, detail))
    }

    /// Who is behind the credential, and whether it still counts. `clinic` chooses among those that
    /// let a key in.
    pub(crate) fn authenticate(
        &self,
        snapshot: &Snapshot,
        who: Who,
        clinic: Option<&str>,
        trail: &mut Trail,
    ) -> Result<Found, Problem> {
        match who {
            Who::Operator => {
                trail.caller(Caller::Operator);
                Ok(Found::Operator)
            }
            Who::Stranger => {
                trail.caller(Caller::Stranger);
                Ok(Found::Stranger)
            }
            Who::Key(hash) => self.key(snapshot, snapshot.key(&hash), clinic, trail),
            Who::PersonOf(user) => self.person(snapshot, user, None, None, trail),
            Who::KeyOf(id) => self.key(snapshot, snapshot.key_with_id(id), clinic, trail),
            Who::Session(hash) => match snapshot.session(&hash).cloned() {
                Some(session) => self.person(snapshot, session.user, Some(&session), None, trail),
                None => Err(unknown(trail, "you are not signed in")),
            },
            Who::Person(user, factor, proof) => match snapshot.user(user) {
                // Another password or another second factor than was shown is wrong by now.
                Some(now) if now.proof() != proof => Err(unknown(trail, WRONG)),
                _ => self.person(snapshot, user, None, factor, trail),
            },
            Who::Invited(hash) => self.invited(snapshot, &hash, trail),
        }
    }

    fn key(
        &self,
        snapshot: &Snapshot,
        keys: &[Arc<KeyFacts>],
        clinic: Option<&str>,
        trail: &mut Trail,
    ) -> Result<Found, Problem> {
        let unknown = |trail: &mut Trail| unknown(trail, "this key is not known here");
        let Some(first) = keys.first() else { return Err(unknown(trail)) };
        if !first.for_organization {
            let part = Part::of(snapshot, first).ok_or_else(|| unknown(trail))?;
            return self.part(snapshot, &part, trail);
        }
        let (parts, now): (Vec<Part>, _) =
            (keys.iter().filter_map(|key| Part::of(snapshot, key)).collect(), self.services.clock.now());
        let named = clinic.and_then(ClinicId::parse);
        let chosen = parts.iter().find(|part| Some(part.key.clinic) == named);
        // What names none of them stands in the log of the first that it lets in.
        let home = || parts.iter().find(|part| part.over(now).is_none()).or(parts.first());
        let part = chosen.or_else(home).ok_or_else(|| unknown(trail))?;
        let found = self.part(snapshot, part, trail)?;
        if clinic.is_some() {
            return Ok(found);
        }
        let parts: Vec<Part> = parts.into_iter().filter(|part| part.over(now).is_none()).collect();
        let page = trail.page.clone();
        trail.page_may_read = page.is_some_and(|page| parts.iter().any(|part| part.connection.takes_pages_of(&page)));
        trail.key_ends = parts.iter().filter_map(|part| part.ends_soon(now)).min();
        Ok(Found::Several(parts))
    }

    /// A key at one clinic.
    fn part(&self, snapshot: &Snapshot, part: &Part, trail: &mut Trail) -> Result<Found, Problem> {
        trail.at(snapshot, part);
        trail.page_of(&part.connection);
        let now = self.services.clock.now();
        if let Some((reason, detail)) = part.over(now) {
            return Err(over(trail, reason, detail));
        }
        // Whoever reads the answers of a key that is replaced, or ends soon, is told.
        trail.key_ends = part.ends_soon(now);
        Ok(part.found())
    }

    fn person(
        &self,
        snapshot: &Snapshot,
        user: UserId,
        session: Option<&SessionFacts>,
        factor: Option<Factor>,
        trail: &mut Trail,
    ) -> Result<Found, Problem> {
        let Some(user) = snapshot.user(user).cloned() else { return Err(unknown(trail, "you are not signed in")) };
        let session_id = session.map(|session| session.id);
        trail.caller(Caller::User { user: user.id, session: session_id, role: user.role });
        if let Some(clinic) = snapshot.clinic(user.clinic) {
            trail.clinic(clinic);
        }
        let over = session.is_some_and(|session| {
            let (now, now_ns) = (self.services.clock.now(), self.services.clock.monotonic_ns());
            let used = &session.last_used;
            now >= session.expires_at || !(if trail.unattended { used.look(now_ns) } else { used.touch(now_ns) })
        });
        if over {
            return Err(unknown(trail, "your session is over; sign in again"));
        }
        if user.state != UserState::Active {
            return Err(unknown(trail, "your access was ended by an admin of the clinic"));
        }
        Ok(Found::Person(user, session_id, factor))
    }

    fn invited(&self, snapshot: &Snapshot, hash: &[u8; 32], trail: &mut Trail) -> Result<Found, Problem> {
        let now = self.services.clock.now();
        let lasts = |user: &&Arc<UserFacts>| user.invitation_expires_at.is_some_and(|end| now < end);
        let waiting = snapshot.invited(hash).filter(|user| user.state == UserState::Invited);
        let open = waiting.filter(lasts).cloned();
        let Some(user) = open else {
            return Err(unknown(trail, "this link was used or has run out; ask an admin for a new one"));
        };
        trail.caller(Caller::User { user: user.id, session: None, role: user.role });
        if let Some(clinic) = snapshot.clinic(user.clinic) {
            trail.clinic(clinic);
        }
        Ok(Found::Person(user, None, None))
    }
}

/// Refuses further tries for a while.
fn too_many(charge: &Charge, trail: &mut Trail) -> Problem {
    trail.reasons.push(Reason::LimitReached);
    let seconds = charge.reset_s.max(1);
    let wait = match seconds {
        1 => "1 second".to_owned(),
        2..120 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    };
    let mut problem = Problem::new(&problem::RATE_LIMITED, format!("too many tries; wait {wait}, then try again"));
    problem.retry_after_s = Some(seconds);
    problem
}

fn unknown(trail: &mut Trail, detail: &str) -> Problem {
    over(trail, Reason::NoValidCredential, detail)
}

/// The same for a key that was known here once: the log says what became of it.
fn over(trail: &mut Trail, reason: Reason, detail: &str) -> Problem {
    trail.reasons.push(reason);
    Problem::new(&problem::UNAUTHENTICATED, detail)
}
