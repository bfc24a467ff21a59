//! Whether a clinic's record is on its way in: until it is whole, nothing else writes to it.

use clinicos_contract::{Problem, problem};

use super::{Gathered, Reason, Reasons};

/// Refuses whoever would write between the lines of an export. What comes in goes on where the record ends, so
/// one more record would end the import for good.
pub(super) fn decide(facts: &Gathered<'_>, reasons: &mut Reasons) -> Result<(), Problem> {
    let comes_in = facts.clinic.is_some_and(|clinic| clinic.record_comes_in);
    if !comes_in || !facts.of_record || !facts.spec.writes() {
        return Ok(());
    }
    reasons.push(Reason::RecordComesIn);
    let detail = "an exported record is being taken in into this clinic, and until it is whole nothing else is written to it; whoever \
                  runs the server finishes that with `clinicos import-record`, or gives it up with `--abandon`";
    Err(Problem::new(&problem::RECORD_COMES_IN, detail))
}
