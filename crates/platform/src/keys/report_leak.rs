//! `POST /v1/leaked_keys`: anybody may report a key that they found.
//!
//! The answer is the same whether a key exists, worked until now, or never was. Who knows a key can
//! end it and learns nothing that the key itself would not have told.

use clinicos_contract::schema::Schema;
use clinicos_contract::{Body, Category, Field, Problem, RateClass, Reply, Route, Shape, Shown, Spec, Verb};
use clinicos_gate::{Cx, Input, Nothing, Operation, OrProblem as _, keyring};
use serde::Deserialize;

use super::leak::{Said, leaked};
use super::model::KeyState;
use super::{RESOURCE, events, rows};

/// Most keys of one report.
const KEYS_MAX: usize = 20;
/// More than any key has.
const KEY_CHARS_MAX: u32 = 200;
const BODY_BYTES_MAX: usize = 16 << 10;

/// Ends keys that somebody found.
pub struct ReportLeak;

// Whoever reports sees nothing of a clinic, and so writes nothing of one: the text is about a record
// of this system.
static REPORT: Schema = Schema {
    name: "leak_report",
    doc: "Keys that were found where they do not belong.",
    fields: &[
        Field::of(Category::RecordSystem).creatable().max(KEY_CHARS_MAX).named("key", "The key.", Shape::Text, false),
        Field::of(Category::RecordSystem).creatable().max(KEY_CHARS_MAX).named(
            "keys",
            "Several keys, at most 20.",
            Shape::List(&Shape::Text),
            false,
        ),
        Field::of(Category::RecordSystem).creatable().max(500).named(
            "source_url",
            "Where they were found. The clinic's admin reads it.",
            Shape::Text,
            true,
        ),
        Field::of(Category::RecordSystem).creatable().max(500).named(
            "note",
            "What else the clinic's admin should know.",
            Shape::Text,
            true,
        ),
    ],
};

/// A report. It is never printed: it holds secrets.
#[derive(Deserialize)]
pub struct Report {
    #[serde(default)]
    key: Option<String>,
    #[serde(default)]
    keys: Vec<String>,
    #[serde(default)]
    source_url: Option<String>,
    #[serde(default)]
    note: Option<String>,
}

impl Operation for ReportLeak {
    const SPEC: Spec = Spec {
        id: "keys.report_leak",
        route: Route::post("/v1/leaked_keys"),
        summary: "Report a leaked key",
        description: "For anybody who finds a key: no credential is needed, and what else is shown is not looked at. A key that \
                      works is revoked before this is answered, and the clinic's admin is told. The answer is the same for \
                      every key, so it does not tell whether one exists.",
        shown: Shown::Nothing,
        resource: &RESOURCE,
        rate: RateClass::Govern,
        body: Some(Body { schema: &REPORT, verb: Verb::Create }),
        body_bytes_max: BODY_BYTES_MAX,
        reply: Reply::Accepted,
        security: true,
        emits: &[&events::LEAKED, &events::REVOKED],
        example: r#"{"key": "cos_sandbox_0000000000000000000000000000000000000000000000000", "source_url": "https://example.org/paste/1"}"#,
        ..Spec::DEFAULT
    };
    type Body = Report;
    type Output = Nothing;

    async fn run(cx: &mut Cx<'_>, input: Input<Report>) -> Result<Nothing, Problem> {
        let report = input.body;
        let said = Said { source: report.source_url, note: report.note };
        let keys: Vec<String> = report.key.into_iter().chain(report.keys).collect();
        if keys.is_empty() {
            return Err(Problem::rule("/key", "required", "send the key in `key`, or several in `keys`"));
        }
        if keys.len() > KEYS_MAX {
            return Err(Problem::rule("/keys", "too_long", format!("send at most {KEYS_MAX} keys at once")));
        }
        let now = cx.now();
        for secret in keys {
            // Every text is looked up, whatever it looks like: the work tells no more than the answer.
            let hash = keyring::to_hex(&cx.services().keyring.credential_hash(secret.trim()));
            let found = rows::lock_by_hash(cx.conn(), &hash, now).await.or_problem()?;
            let live = found.into_iter().filter(|key| matches!(key.state, KeyState::Active | KeyState::Ending));
            for mut key in live {
                leaked(cx, &mut key, &said).await?;
            }
        }
        Ok(Nothing)
    }
}
