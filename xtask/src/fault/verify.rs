//! Asks a server that was started again whether it kept its word.

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::fault::load::{Memory, Write};
use crate::fault::server::Server;
use crate::http::Client;

/// Connections that ask at once.
const ASKERS: usize = 4;
/// Most complaints of one kind that are told.
const TOLD_MAX: usize = 20;

/// What is wrong, in words.
pub fn verify(server: &Server, memory: &Memory) -> Result<Vec<String>> {
    let mut complaints = in_parallel(server, &memory.writes, check_write)?;
    complaints.extend(in_parallel(server, &memory.answered, |client, id| check_entry(client, id))?);
    Ok(complaints)
}

fn in_parallel<T: Sync>(
    server: &Server,
    items: &[T],
    check: impl Fn(&mut Client, &T) -> Result<Vec<String>> + Sync,
) -> Result<Vec<String>> {
    let share = items.len().div_ceil(ASKERS).max(1);
    let answers = std::thread::scope(|scope| {
        let askers: Vec<_> = items
            .chunks(share)
            .map(|part| {
                let check = &check;
                scope.spawn(move || -> Result<Vec<String>> {
                    let mut client = Client::connect(&server.base_url, &server.admin_key)?;
                    let mut complaints = Vec::new();
                    for item in part {
                        complaints.extend(check(&mut client, item)?);
                    }
                    Ok(complaints)
                })
            })
            .collect();
        askers.into_iter().map(|asker| asker.join().unwrap_or_else(|_| anyhow::bail!("an asker panicked"))).collect::<Vec<_>>()
    });
    let mut complaints = Vec::new();
    for answer in answers {
        complaints.extend(answer?);
    }
    complaints.truncate(TOLD_MAX);
    Ok(complaints)
}

/// An acknowledged write is there once, and its replay says so. One without an answer happened
/// once or not at all, and the first replay settles it.
fn check_write(client: &mut Client, write: &Write) -> Result<Vec<String>> {
    let mut complaints = Vec::new();
    let first = replay(client, write)?;
    let second = replay(client, write)?;
    if let (Some(told), Ok(now)) = (&write.id, &first)
        && told != now
    {
        complaints.push(format!("{}: told {told}, a replay tells {now}: lost or doubled", write.key));
    }
    match (&first, &second) {
        (Ok(one), Ok(other)) if one == other => complaints.extend(check_record(client, write, one)?),
        (Ok(one), Ok(other)) => complaints.push(format!("{}: replays tell {one} and {other}", write.key)),
        (Err(why), _) | (_, Err(why)) => complaints.push(format!("{}: a replay was refused: {why}", write.key)),
    }
    Ok(complaints)
}

/// The id that a repeated request is answered with, or why it was refused.
fn replay(client: &mut Client, write: &Write) -> Result<Result<String, String>> {
    let answer = client.post(&write.path, &write.key, &write.body)?;
    Ok(match answer.success() {
        Ok(body) => text(&body, "id")
            .with_context(|| format!("{}: an answer without an id", write.key))
            .map_err(|error| format!("{error:#}")),
        Err(error) => Err(format!("{error:#}")),
    })
}

fn check_record(client: &mut Client, write: &Write, id: &str) -> Result<Vec<String>> {
    let mut complaints = Vec::new();
    let answer = client.get(&format!("{}/{id}", write.path))?;
    if answer.status != 200 {
        complaints.push(format!("{}: {id} answers {}", write.key, answer.status));
    }
    if let Some(name) = text(&write.body, "family_name") {
        let found = client.get(&format!("/v1/clients?family_name={}", name.replace(' ', "%20")))?;
        let count = found.success()?.get("data").and_then(Value::as_array).map_or(0, Vec::len);
        if count != 1 {
            complaints.push(format!("{}: {count} clients have the name of one", write.key));
        }
    }
    Ok(complaints)
}

fn check_entry(client: &mut Client, request_id: &str) -> Result<Vec<String>> {
    let answer = client.get(&format!("/v1/audit_entries?request_id={request_id}"))?.success()?;
    let count = answer.get("data").and_then(Value::as_array).map_or(0, Vec::len);
    Ok(if count == 1 { Vec::new() } else { vec![format!("{request_id} was answered and has {count} audit entries")] })
}

fn text(body: &Value, field: &str) -> Option<String> {
    body.get(field).and_then(Value::as_str).map(str::to_owned)
}
