//! Nobody can grant what they do not hold: not only scopes and categories, but also what an admin
//! took away or bounded in time.

use clinicos_consent::RecipientClass;
use clinicos_contract::{Problem, Purpose, Timestamp, problem};
use clinicos_gate::{Caller, Cx, OrNotFound as _, OrProblem as _};

use super::model::{Connection, Limits, Names, OptIn, Origins};
use super::rows;

/// What the connection that makes a call is itself bound by.
pub struct Holder {
    excluded: Names,
    limits: Limits,
    opt_ins: Vec<OptIn>,
    origins: Origins,
    purpose: Purpose,
    recipient: RecipientClass,
}

impl Holder {
    /// The caller's own bounds; `None` for the operator, who has none.
    pub async fn of(cx: &mut Cx<'_>) -> Result<Option<Self>, Problem> {
        let Caller::Connection { connection, .. } = *cx.permit().caller() else { return Ok(None) };
        let (clinic, now) = (cx.clinic_id()?, cx.now());
        let own = rows::get(cx.conn(), clinic, connection, now).await.or_problem()?.or_not_found()?;
        Ok(Some(Self {
            excluded: own.excluded_operations.value().unwrap_or_default(),
            limits: own.limits.value().unwrap_or_default(),
            opt_ins: own.opt_ins.value().unwrap_or_default().0,
            origins: own.browser_origins.value().unwrap_or_default(),
            purpose: own.purpose,
            recipient: own.recipient,
        }))
    }

    /// What is taken away from the holder is taken away from what it makes.
    pub fn excluded(&self) -> &Names {
        &self.excluded
    }

    /// Limits that were set for the holder hold for what it makes.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Until when the holder may see a category.
    pub fn until(&self, opt_in: &OptIn) -> Option<Timestamp> {
        self.opt_ins.iter().find(|own| own.category == opt_in.category).and_then(|own| own.expires_at)
    }

    /// Only an admin's own tool may grant for another purpose than its own.
    pub fn check_purpose(&self, purpose: Purpose) -> Result<(), Problem> {
        let own = self.purpose == Purpose::Operations || self.purpose == purpose;
        refuse_unless(own, "the purpose is not that of the credential that makes this call")
    }

    /// Only an admin's own tool may grant to another sort of recipient than itself.
    pub fn check_recipient(&self, recipient: RecipientClass) -> Result<(), Problem> {
        let admins = self.purpose == Purpose::Operations && self.recipient == RecipientClass::Clinic;
        let own = admins || self.recipient == recipient;
        refuse_unless(own, "the sort of recipient is not that of the credential that makes this call")
    }

    /// Only an admin's own tool may let in web pages that may not call with its own key.
    pub fn check_origins(&self, origins: &Origins) -> Result<(), Problem> {
        let own = self.purpose == Purpose::Operations || origins.0.iter().all(|origin| self.origins.0.contains(origin));
        refuse_unless(own, "web pages of some of these origins may not call with the credential that makes this call")
    }

    /// Whether a changed connection stays within the holder's own bounds.
    pub fn check(&self, changed: &Connection<'_>) -> Result<(), Problem> {
        let excluded = changed.excluded_operations.value().unwrap_or_default();
        let keeps = self.excluded.0.iter().all(|name| excluded.0.contains(name));
        refuse_unless(keeps, "the credential that makes this call may not call all of these operations itself")?;
        let limits = changed.limits.value().unwrap_or_default();
        let within = |class: &String, own: &i64| limits.0.get(class).is_some_and(|new| new <= own);
        let slow = self.limits.0.iter().all(|(class, own)| within(class, own));
        refuse_unless(slow, "the credential that makes this call has lower limits itself")?;
        let opt_ins = changed.opt_ins.value().unwrap_or_default().0;
        let ends = |new: &OptIn| self.until(new).is_none_or(|own| new.expires_at.is_some_and(|end| end <= own));
        refuse_unless(opt_ins.iter().all(ends), "an opt-in of the credential that makes this call ends earlier")
    }
}

fn refuse_unless(held: bool, detail: &str) -> Result<(), Problem> {
    if held { Ok(()) } else { Err(Problem::new(&problem::CANNOT_GRANT, detail)) }
}
