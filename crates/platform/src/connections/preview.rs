//! `GET /v1/connections/{connection_id}/records/{record_id}`

use std::borrow::Cow;

use clinicos_contract::schema::Schema;
use clinicos_contract::wire::{AnyIdText, Doc, Document, Embedded};
use clinicos_contract::{
    Access, Agents, Category, Explains, Field, Problem, RateClass, Record as _, Reply, Route, Shape, Spec, problem, record,
};
use clinicos_gate::preview::{LeftOut, Previewed};
use clinicos_gate::{ConnectionId, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};
use serde::{Deserialize, Serialize};

use super::{RESOURCE, rows};

const PRACTICE: Field = Field::of(Category::Practice);

/// What is left out of a record, and why.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Redaction {
    path: String,
    category: String,
    reason: String,
    because: String,
}

/// All that is left out.
#[derive(Debug, Clone, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Redactions(Vec<Redaction>);

static REDACTION: Schema = Schema {
    name: "preview_redaction",
    doc: "What is left out of a record, and why.",
    fields: &[
        PRACTICE.named("path", "Where it would stand in the record, as a JSON pointer.", Shape::Text, false),
        PRACTICE.named("category", "The category of data.", Shape::Enum(Category::WORDS), false),
        PRACTICE.named(
            "reason",
            "`not_opted_in` if the clinic did not opt in, `client_consent` if it is kept as the client or a rule says.",
            Shape::Text,
            false,
        ),
        PRACTICE.named("because", "The same in a sentence.", Shape::Text, false),
    ],
};

impl Document for Redactions {
    const SHAPE: Shape = Shape::List(&Shape::Object(&REDACTION));
    const EMPTY: &'static str = "[]";
}

record! {
    /// A record as a connection sees it.
    pub struct ConnectionPreview<'a> as "connection_preview" {
        /// The connection's id.
        id: ConnectionId = Field::of(Category::RecordSystem),
        /// The record.
        record_id: AnyIdText = Field::of(Category::RecordSystem),
        /// What kind of record it is.
        r#type: Cow<'a, str> = PRACTICE,
        /// Whether the connection can see such records at all.
        can_see: bool = PRACTICE,
        /// The code of the refusal that it is answered with, if it cannot.
        refused_by: Option<Cow<'a, str>> = PRACTICE,
        /// The same in words.
        refusal: Option<Cow<'a, str>> = PRACTICE,
        /// The record as its own operation answers it to the connection, and no more of it than the caller sees. Null if
        /// the connection cannot see it.
        record: Option<Embedded> = Field::of(Category::RecordSystem),
        /// What is left out of the record, those within it included.
        redactions: Doc<'a, Redactions> = PRACTICE,
        /// Always 1.
        version: i64 = Field::of(Category::RecordSystem),
    }
}

/// Shows a record as a connection sees it.
pub struct Preview;

impl Operation for Preview {
    const SPEC: Spec = Spec {
        id: "connections.preview",
        route: Route::get("/v1/connections/{connection_id}/records/{record_id}"),
        summary: "Preview a record as a connection sees it",
        description: "The record is read by the operation that the connection would call, and written as it would be answered: with \
                      what the clinic opted in to and what its clients allow. Nobody sees more by it than they may read \
                      themselves. It is refused to a connection that clients' words bind.",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        agents: Agents::Allowed,
        reply: Reply::one(ConnectionPreview::SCHEMA),
        explains: Explains::Record,
        problems: &[&problem::NOT_FOUND],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = One<ConnectionPreview<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Self::Output, Problem> {
        let (clinic, id, now) = (cx.clinic_id()?, input.id("connection_id")?, cx.now());
        rows::get(cx.conn(), clinic, id, now).await.or_problem()?.or_not_found()?;
        let Previewed { id: record_id, kind, seen } = cx.preview().await?;
        let (record, left_out, refused) = match seen {
            Ok((record, left_out)) => (Some(record), left_out, None),
            Err(refused) => (None, Vec::new(), Some(refused)),
        };
        Ok(One(ConnectionPreview {
            id,
            record_id: record_id.into(),
            r#type: Cow::Borrowed(kind),
            can_see: refused.is_none(),
            refused_by: refused.as_ref().map(|refused| Cow::Borrowed(refused.code)),
            refusal: refused.map(|refused| Cow::Owned(refused.detail)),
            record,
            redactions: Doc::of(&Redactions(left_out.into_iter().map(redaction).collect())),
            version: 1,
        }))
    }
}

fn redaction(left_out: LeftOut) -> Redaction {
    let words = Category::parse(&left_out.category).map_or("this kind of data", Category::words);
    let because = match left_out.reason.as_str() {
        "client_consent" => format!("The client, or a rule where the client decided nothing, keeps {words} from it."),
        _ => format!("The clinic has not allowed it {words}, or you may not see that yourself."),
    };
    Redaction { path: left_out.path, category: left_out.category, reason: left_out.reason, because }
}
