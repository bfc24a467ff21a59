//! The mappings that come with the program, and the resources that can be imported.

use anyhow::Context as _;
use clinicos_contract::{Schema, Shape};
use clinicos_gate::Catalogue;
use clinicos_intake::Mapping;

/// Mappings by name.
pub const BUILT_IN: &[(&str, &str)] = &[
    ("northwind", include_str!("../../../../mappings/northwind.toml")),
    ("petclinic", include_str!("../../../../mappings/petclinic.toml")),
];

/// What the operation is called that imports rows of a resource.
const IMPORT: &str = "import";

/// The text of a mapping that comes with the program.
pub fn built_in(name: &str) -> Option<&'static str> {
    BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// Reads a mapping and checks it against the resources of the catalogue.
pub fn read(text: &str, catalogue: &Catalogue) -> Result<Mapping, clinicos_intake::Broken> {
    Mapping::parse(text, &|resource| row_schema(catalogue, resource))
}

/// Where rows of a resource go.
pub fn path(catalogue: &Catalogue, resource: &str) -> anyhow::Result<&'static str> {
    let operation = catalogue.find(&format!("{resource}.{IMPORT}"));
    Ok(operation.with_context(|| format!("`{resource}` cannot be imported"))?.spec().route.path)
}

/// The schema of the rows of a resource, if it can be imported.
fn row_schema(catalogue: &Catalogue, resource: &str) -> Option<&'static Schema> {
    let body = catalogue.find(&format!("{resource}.{IMPORT}"))?.spec().body?;
    body.schema.fields.iter().find_map(|field| match field.shape {
        Shape::Rows(schema) => Some(schema),
        _ => None,
    })
}
