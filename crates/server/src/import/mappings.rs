//! Mappings over the catalogue.

use anyhow::Context as _;
use clinicos_gate::Catalogue;
use clinicos_intake::{Broken, Mapping};

/// Reads a mapping, or the one of this name that comes with the program, and checks it against the
/// resources of the catalogue.
pub fn read(text: &str, catalogue: &Catalogue) -> Result<Mapping, Broken> {
    Mapping::of_operations(clinicos_intake::text_of(text)?, &|id| Some(catalogue.find(id)?.spec()))
}

/// Where rows of a resource go.
pub fn path(catalogue: &Catalogue, resource: &str) -> anyhow::Result<&'static str> {
    let operation = catalogue.find(&format!("{resource}.import"));
    Ok(operation.with_context(|| format!("`{resource}` cannot be imported"))?.spec().route.path)
}
