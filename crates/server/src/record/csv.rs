//! Lines of JSON as lines of a table.

use std::collections::HashMap;

use anyhow::Context as _;
use clinicos_console::web::csv::line;
use clinicos_contract::schema::Schema;
use serde_json::value::RawValue;

/// The names of the fields.
pub fn heading(schema: &Schema) -> String {
    line(&names(schema).map(str::to_owned).collect::<Vec<_>>())
}

fn names(schema: &Schema) -> impl Iterator<Item = &'static str> {
    schema.fields.iter().map(|field| field.name).filter(|name| *name != clinicos_clinic::standing::LEFT_OUT)
}

/// A table's lines for lines of JSON.
pub fn rows(schema: &Schema, lines: &[u8]) -> anyhow::Result<String> {
    let mut out = String::with_capacity(lines.len());
    for json in std::str::from_utf8(lines)?.lines() {
        let members: HashMap<&str, &RawValue> = serde_json::from_str(json).context("a record is no JSON")?;
        let cells: Vec<String> = names(schema).map(|name| cell(members.get(name).copied())).collect();
        out.push_str(&line(&cells));
    }
    Ok(out)
}

/// A text as it is; anything else as JSON, and nothing for nothing.
fn cell(value: Option<&RawValue>) -> String {
    let json = value.map_or("null", RawValue::get);
    match serde_json::from_str::<Option<String>>(json) {
        Ok(text) => text.unwrap_or_default(),
        Err(_) => json.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use clinicos_contract::Record as _;

    use super::*;

    #[test]
    fn cells_hold_texts_and_json_and_no_formula() {
        let schema = clinicos_clinic::appointment_types::model::AppointmentType::SCHEMA;
        let json = r#"{"id":"aty_1","name":"=1+\"x\"","species":["dog","cat"],"deposit_rule":null,"active":true}"#;
        let table = heading(schema) + &rows(schema, format!("{json}\n").as_bytes()).unwrap();
        let mut lines = table.split("\r\n");
        let names: Vec<&str> = lines.next().unwrap().split(',').collect();
        assert!(names.contains(&"\"name\"") && !names.contains(&"\"clinic_id\""), "{names:?}");
        let row = lines.next().unwrap();
        assert!(row.starts_with("\"aty_1\",\"'=1+\"\"x\"\"\","), "{row}");
        assert!(row.contains("\"[\"\"dog\"\",\"\"cat\"\"]\"") && row.contains("\"true\"") && !row.contains("null"), "{row}");
    }
}
