//! The directory of an export: what `clinicos synth` wrote, with many more records of a few kinds.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value as Json, json};

use super::multiply;
use crate::process;

const MANIFEST: &str = "manifest.json";
const ORIGIN: &str = "origin.json";

/// What a manifest says of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// How many records it has.
    pub records: u64,
    /// How many bytes.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

/// Makes an export with at least so many records of these kinds.
pub fn widen(from: &Path, to: &Path, kinds: &[&str], records: u64) -> Result<()> {
    std::fs::create_dir_all(to)?;
    let mut manifest = read(&from.join(MANIFEST))?;
    for file in files_of(&mut manifest)? {
        let name = file.get("name").and_then(Json::as_str).context("a file has no name")?.to_owned();
        let resource = file.get("resource").and_then(Json::as_str).context("a file has no resource")?;
        if !kinds.contains(&resource) {
            std::fs::copy(from.join(&name), to.join(&name))?;
            continue;
        }
        let count = multiply::write(&from.join(&name), &to.join(&name), records)?;
        let members = file.as_object_mut().context("a file is no object")?;
        members.insert("records".to_owned(), json!(count));
        members.insert("bytes".to_owned(), json!(std::fs::metadata(to.join(&name))?.len()));
        members.insert("sha256".to_owned(), json!(sha256(&to.join(&name))?));
    }
    std::fs::write(to.join(MANIFEST), serde_json::to_string_pretty(&manifest)? + "\n")?;
    let mut origin = read(&from.join(ORIGIN))?;
    let members = origin.as_object_mut().context("the origin is no object")?;
    members.insert("manifest_sha256".to_owned(), json!(sha256(&to.join(MANIFEST))?));
    std::fs::write(to.join(ORIGIN), serde_json::to_string_pretty(&origin)? + "\n")?;
    Ok(())
}

/// The files of an export, by what their records are.
pub fn files(dir: &Path) -> Result<BTreeMap<String, File>> {
    let mut manifest = read(&dir.join(MANIFEST))?;
    let mut files = BTreeMap::new();
    for file in files_of(&mut manifest)? {
        let number = |name: &str| file.get(name).and_then(Json::as_u64).with_context(|| format!("a file has no `{name}`"));
        let text = |name: &str| file.get(name).and_then(Json::as_str).with_context(|| format!("a file has no `{name}`"));
        let (resource, sha256) = (text("resource")?.to_owned(), text("sha256")?.to_owned());
        files.insert(resource, File { records: number("records")?, bytes: number("bytes")?, sha256 });
    }
    Ok(files)
}

/// The value of a field that most records of a file have.
pub fn most_frequent(file: &Path, field: &str) -> Result<String> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for line in std::fs::read_to_string(file)?.lines() {
        let record: Json = serde_json::from_str(line)?;
        if let Some(value) = record.get(field).and_then(Json::as_str) {
            *counts.entry(value.to_owned()).or_default() += 1;
        }
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    most.map(|(value, _)| value).with_context(|| format!("no record of `{}` has a `{field}`", file.display()))
}

fn files_of(manifest: &mut Json) -> Result<&mut Vec<Json>> {
    manifest.get_mut("files").and_then(Json::as_array_mut).context("the manifest names no files")
}

fn read(path: &Path) -> Result<Json> {
    let text = std::fs::read_to_string(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}

fn sha256(path: &Path) -> Result<String> {
    let said = process::read(Command::new("sha256sum").arg("--binary").arg(path))?;
    match said.split_whitespace().next() {
        Some(digest) if digest.len() == 64 => Ok(digest.to_owned()),
        _ => bail!("`sha256sum` printed `{}`", said.trim()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIENT: &str = r#"{"id":"cli_01k8xfyj3rf0eb83098yte8qtb"}"#;
    const VISIT: &str =
        r#"{"id":"vis_01k8zmq9tgfxyvbms71wyy9nm7","status":"completed","starts_at":"2025-11-01T12:01:54.000000Z"}"#;

    #[test]
    fn the_manifest_tells_what_the_files_are() -> Result<()> {
        let home = std::env::temp_dir().join(format!("clinicos-bench-directory-{}", std::process::id()));
        let (from, to) = (home.join("from"), home.join("to"));
        std::fs::create_dir_all(&from)?;
        std::fs::write(from.join("clients.ndjson"), format!("{CLIENT}\n"))?;
        std::fs::write(from.join("visits.ndjson"), format!("{VISIT}\n"))?;
        let file = |resource: &str| json!({"name": format!("{resource}.ndjson"), "resource": resource, "records": 1, "bytes": 1, "sha256": "0"});
        std::fs::write(from.join(MANIFEST), json!({"files": [file("clients"), file("visits")]}).to_string())?;
        std::fs::write(from.join(ORIGIN), json!({"clinic_id": "c", "manifest_sha256": "0"}).to_string())?;
        widen(&from, &to, &["visits"], 3)?;
        let found = files(&to)?;
        let visits = found.get("visits").context("no visits")?;
        let text = std::fs::read_to_string(to.join("visits.ndjson"))?;
        assert_eq!((visits.records, visits.bytes), (3, text.len() as u64));
        assert_eq!(visits.sha256, sha256(&to.join("visits.ndjson"))?);
        assert_eq!(text.lines().count(), 3);
        assert_eq!(found.get("clients"), Some(&File { records: 1, bytes: 1, sha256: "0".to_owned() }), "it stays as it was");
        assert_eq!(std::fs::read_to_string(to.join("clients.ndjson"))?, format!("{CLIENT}\n"));
        assert_eq!(read(&to.join(ORIGIN))?["manifest_sha256"], json!(sha256(&to.join(MANIFEST))?));
        assert_eq!(most_frequent(&to.join("visits.ndjson"), "status")?, "completed");
        std::fs::remove_dir_all(&home)?;
        Ok(())
    }
}
