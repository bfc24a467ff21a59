//! A copy against what the server lists.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::copy::Copy;
use super::writers::LISTS;
use crate::http::Client;

/// Compares every record of every list; tells how many there are.
pub fn equal(base_url: &str, key: &str, copy: &Copy) -> Result<usize> {
    let mut client = Client::connect(base_url, key)?;
    let mut there = BTreeSet::new();
    for list in LISTS {
        let mut next = Some(format!("/v1/{list}?limit=200"));
        while let Some(target) = next {
            let page = client.get(&target)?.success()?;
            for row in page.get("data").and_then(Value::as_array).into_iter().flatten() {
                let id = row.get("id").and_then(Value::as_str).context("a row without an id")?;
                let held = copy.records.get(id).with_context(|| format!("{id} is listed, and the copy lacks it"))?;
                same(&mut client, list, row, held).with_context(|| format!("{id} differs"))?;
                there.insert(id.to_owned());
            }
            let url = page.get("next_page_url").and_then(Value::as_str);
            next = url.and_then(|url| Some(url.get(base_url.len()..)?.to_owned()));
        }
    }
    let extra = copy.records.keys().find(|id| !there.contains(*id));
    ensure!(extra.is_none(), "the copy holds {extra:?}, which is not listed");
    Ok(there.len())
}

/// A list leaves out what only a record read alone shows; then that is read.
fn same(client: &mut Client, list: &str, row: &Value, held: &Value) -> Result<()> {
    let members = |value: &Value| value.as_object().map(|members| members.keys().cloned().collect::<Vec<_>>());
    let id = row.get("id").and_then(Value::as_str).unwrap_or_default();
    if members(row) == members(held) {
        ensure!(row == held, "listed as {row}, held as {held}");
        return Ok(());
    }
    let whole = client.get(&format!("/v1/{list}/{id}"))?.success()?;
    ensure!(whole == *held, "there as {whole}, held as {held}");
    let differs = row.as_object().into_iter().flatten().find(|(name, value)| whole.get(*name) != Some(value));
    ensure!(differs.is_none(), "listed with {differs:?}, and read alone as {whole}");
    Ok(())
}
