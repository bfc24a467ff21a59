//! `GET /v1/activity`

use clinicos_contract::schema::Schema;
use clinicos_contract::wire::{Doc, Document};
use clinicos_contract::{
    Access, Agents, Category, Field, Problem, RateClass, Record as _, Reply, Route, Shape, Spec, Timestamp, record,
};
use clinicos_gate::{ClinicId, Cx, Input, One, Operation, OrProblem as _};
use clinicos_store::journal::audit::usage::{Usage, by_hour};
use serde::{Deserialize, Serialize};

use super::RESOURCE;
use super::model::{self as used, US_PER_HOUR};

const HOURS: i64 = 24;

/// The calls of one hour.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hour {
    begins_at: Timestamp,
    calls: i64,
    refused: i64,
    records: i64,
}

/// The calls of each hour.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hours(pub Vec<Hour>);

static HOUR: Schema = Schema {
    name: "hour_of_calls",
    doc: "The calls of one hour.",
    fields: &[
        Field::of(Category::Practice).named("begins_at", "When it begins.", Shape::Time, false),
        Field::of(Category::Practice).named("calls", "Calls, refused ones included.", Shape::Int, false),
        Field::of(Category::Practice).named("refused", "Calls that were refused.", Shape::Int, false),
        Field::of(Category::Practice).named("records", "Records in the answers.", Shape::Int, false),
    ],
};

impl Document for Hours {
    const SHAPE: Shape = Shape::List(&Shape::Object(&HOUR));
    const EMPTY: &'static str = "[]";
}

record! {
    /// What a clinic's connections called in the last 24 hours.
    pub struct ClinicActivity<'a> as "activity" {
        /// The clinic.
        id: ClinicId = Field::of(Category::RecordSystem),
        /// The current hour and the 23 before it, oldest first.
        hours: Doc<'a, Hours> = Field::of(Category::Practice),
        /// Always 1.
        version: i64 = Field::of(Category::RecordSystem),
    }
}

/// Tells how much the clinic's connections called.
pub struct Activity;

impl Operation for Activity {
    const SPEC: Spec = Spec {
        id: "usage.activity",
        route: Route::get("/v1/activity"),
        summary: "Get the activity of all connections",
        description: "Calls, refusals and records of the last 24 hours, by hour.",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        agents: Agents::Allowed,
        reply: Reply::one(ClinicActivity::SCHEMA),
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = One<ClinicActivity<'static>>;

    async fn run(cx: &mut Cx<'_>, _input: Input<()>) -> Result<Self::Output, Problem> {
        let (clinic, since) = (cx.clinic_id()?, used::since(cx.now(), HOURS));
        let services = cx.services();
        let mut sums = by_hour(cx.conn(), &services.tail, clinic.to_bytes(), since).await.or_problem()?;
        let first = since / US_PER_HOUR;
        let hour = |hour: i64| {
            let Usage { calls, refused, records, .. } = sums.remove(&hour).unwrap_or_default();
            Hour { begins_at: Timestamp::from_micros(hour * US_PER_HOUR), calls, refused, records }
        };
        let hours = Hours((first..first + HOURS).map(hour).collect());
        Ok(One(ClinicActivity { id: clinic, hours: Doc::of(&hours), version: 1 }))
    }
}
