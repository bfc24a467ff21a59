//! Prints the words of the API as a dictionary for libFuzzer.

use std::collections::BTreeSet;
use std::io::Write as _;

use clinicos_contract::Shape;

fn main() -> std::io::Result<()> {
    let mut words: BTreeSet<String> =
        ["clinic_id", "fields", "limit", "cursor", "sort", "[gt]", "[gte]", "[lt]", "[lte]"].map(str::to_owned).into();
    for spec in clinicos_properties::catalogue().operations().map(|operation| operation.spec()) {
        let schemas = [spec.reply_schema(), spec.body.as_ref().map(|body| body.schema)];
        for field in schemas.into_iter().flatten().flat_map(|schema| schema.fields) {
            words.insert(field.name.to_owned());
            collect(&field.shape, &mut words);
        }
    }
    let mut out = std::io::stdout().lock();
    words.iter().try_for_each(|word| writeln!(out, "\"{word}\""))
}

fn collect(shape: &Shape, words: &mut BTreeSet<String>) {
    match shape {
        Shape::Enum(named) => words.extend(named.iter().map(|word| word.name.to_owned())),
        Shape::IntMap(names) => words.extend(names.iter().map(|name| (*name).to_owned())),
        Shape::Id(prefix) => drop(words.insert(format!("{prefix}_"))),
        Shape::List(inner) => collect(inner, words),
        Shape::Object(schema) | Shape::Record(schema) => {
            for field in schema.fields {
                words.insert(field.name.to_owned());
                collect(&field.shape, words);
            }
        }
        _ => {}
    }
}
