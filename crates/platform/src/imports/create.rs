//! `POST /v1/imports`

use clinicos_contract::schema::Schema;
use clinicos_contract::{Body, Category, Field, Problem, RateClass, Record as _, Reply, Route, Shape, Spec, Verb, problem};
use clinicos_gate::{Cx, Input, One, Operation, OrProblem as _, Services};
use clinicos_intake::Mapping;
use serde::Deserialize;

use super::model::{Import, MAPPING_CHARS_MAX, New, State};
use super::{RESOURCE, rows};
use crate::grantor::{grantor, maker};

const PRACTICE: Field = Field::of(Category::Practice);

static BODY: Schema = Schema {
    name: "new_import",
    doc: "An import that waits for its files.",
    fields: &[
        PRACTICE.required().max(120).named("name", "What people will call it.", Shape::Text, false),
        PRACTICE.required().max(MAPPING_CHARS_MAX).named(
            "mapping",
            "The mapping, as TOML, or the name of one that comes with the program: `petclinic`, `northwind`.",
            Shape::Text,
            false,
        ),
        PRACTICE.creatable().named("dry_run", "Only tell what would happen.", Shape::Bool, false),
    ],
};

/// An import to be made.
#[derive(Debug, Deserialize)]
pub struct NewImport {
    name: String,
    mapping: String,
    #[serde(default)]
    dry_run: bool,
}

/// Makes an import that waits for its files.
pub struct Create;

impl Operation for Create {
    const SPEC: Spec = Spec {
        id: "imports.create",
        route: Route::post("/v1/imports"),
        summary: "Create an import",
        description: "The mapping is checked at once; a wrong one is refused with the line of what is wrong. Then add its files and start it. Its rows are written as the key that started it, batch by batch.",
        resource: &RESOURCE,
        rate: RateClass::Write,
        body: Some(Body { schema: &BODY, verb: Verb::Create }),
        reply: Reply::created(Import::SCHEMA),
        problems: &[&problem::RULE_BROKEN],
        idempotent: true,
        example: r#"{"name": "Owners of the old system", "mapping": "system = \"old\"\n\n[[file]]\nname = \"owners.csv\"\nresource = \"clients\"\nkey = \"id\"\n\n[file.fields]\nfamily_name = \"name\"\n"}"#,
        ..Spec::DEFAULT
    };
    type Body = NewImport;
    type Output = One<Import<'static>>;

    /// Refuses a mapping by which nothing could be imported, before anybody sends files for it.
    fn check(services: &Services, body: &NewImport) -> Result<(), Problem> {
        check_mapping(services, &body.mapping)
    }

    async fn run(cx: &mut Cx<'_>, input: Input<NewImport>) -> Result<Self::Output, Problem> {
        let NewImport { name, mapping, dry_run } = input.body;
        let new = New {
            id: cx.mint(),
            clinic: cx.clinic_id()?,
            name,
            mapping: Some(mapping),
            dry_run,
            state: State::Uploading,
            started_by: grantor(cx),
            made_by: maker(cx),
            now: cx.now(),
        };
        let import = new.record();
        rows::insert(cx.conn(), &import, "").await.or_problem()?;
        Ok(One(import))
    }
}

/// Refuses a mapping by which nothing could be imported.
pub(super) fn check_mapping(services: &Services, mapping: &str) -> Result<(), Problem> {
    read_mapping(services, mapping).map(drop)
}

/// Reads a mapping, or the one of this name that comes with the program.
pub(super) fn read_mapping(services: &Services, mapping: &str) -> Result<Mapping, Problem> {
    let read =
        clinicos_intake::text_of(mapping).and_then(|text| Mapping::of_operations(text, &|id| services.specs.get(id).copied()));
    read.map_err(|wrong| Problem::rule("/mapping", "mapping", wrong.to_string()))
}
