//! What a write may not touch: records of which clients keep something from the caller.

use clinicos_contract::{AnyId, Problem, problem};
use clinicos_store::Conn;
use serde_json::Value;

use super::WriteCall;
use crate::consents::named::{hides, named_in};
use crate::cx::Cx;
use crate::follow::Direct;
use crate::operation::{AnyRecord, Outcome};

impl WriteCall {
    /// Refuses what is about a record that clients hide from the caller, or names one: what an operation says of it,
    /// whether it takes it, and what becomes of it would tell whose it is and what stands there.
    pub(super) async fn check_named(&self, conn: &mut dyn Conn) -> Result<(), Problem> {
        if self.permit.looking.is_none() {
            return Ok(());
        }
        let about = self.ready.input.path.iter().map(|(_, id)| Value::String(id.clone())).collect();
        if self.first_hidden(&Value::Array(about), conn).await?.is_some() {
            return Err(Problem::consent_record());
        }
        if self.ask.spec.hears_clients {
            return Ok(());
        }
        let hidden = self.first_hidden(&self.ready.input.body, conn).await?;
        hidden.map_or(Ok(()), |pointer| Err(Problem::consent_reference(pointer)))
    }

    /// Where the first record stands of which clients hide anything from the caller.
    async fn first_hidden(&self, named: &Value, conn: &mut dyn Conn) -> Result<Option<String>, Problem> {
        let direct = |prefix: &str| self.gate.catalogue.followed().iter().find(|direct| direct.prefix == prefix);
        for (pointer, id) in named_in(named, &|prefix| direct(prefix).map(|direct| direct.prefix)) {
            let Some(direct) = direct(id.prefix) else { continue };
            let record = self.standing(direct, id, conn).await?;
            if record.is_some_and(|record| hides(&self.permit, direct.schema, &*record)) {
                return Ok(Some(pointer));
            }
        }
        Ok(None)
    }

    /// A record as it stands; `None` if there is none.
    async fn standing(&self, direct: &Direct, id: AnyId, conn: &mut dyn Conn) -> Result<Option<Box<dyn AnyRecord>>, Problem> {
        let mut cx = Cx::new(&self.permit, &self.gate.services, conn);
        match direct.operation.run(&mut cx, &direct.input(id), None).await {
            Ok(Outcome::One(record)) => Ok(Some(record)),
            Err(refusal) if refusal.code == &problem::NOT_FOUND => Ok(None),
            Err(refusal) => Err(refusal),
            Ok(_) => Err(Problem::unavailable(format!("{direct:?} answered with no record"))),
        }
    }
}
