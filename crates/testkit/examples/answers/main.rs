//! Sends the example of each operation, and writes what it answers: the reference shows it.
//! Time stands still and randomness repeats; what is left of chance is written in a fixed way.
#![expect(clippy::unwrap_used, reason = "a run that fails says so by panicking")]

mod ordered;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use clinicos_contract::{Reply as Answers, id};
use clinicos_testkit::{BASE_URL, Engine, Samples, World};

use self::ordered::Ordered;

/// Where documentation says that the server is.
const BASE_URL_WRITTEN: &str = "http://127.0.0.1:8080";
/// How many characters of an id tell the time; the rest is chance.
const TIME_CHARS: usize = 10;
const KEY_START: &str = "cos_sandbox_";

fn main() {
    let path = std::env::args().nth(1).unwrap();
    clinicos_testkit::run(Engine::Sqlite, async |world| std::fs::write(path, answers(world).await).unwrap());
}

async fn answers(first: World) -> String {
    let mut page = String::from("# Answers\n\nWhat the example of each operation is answered with.\n");
    for spec in first.specs() {
        // A world for each, so that an operation more changes no other one's answer.
        let world = World::open(Engine::Sqlite).await;
        let samples = Samples::of(&world, &world.clinic, spec).await;
        let mut call = samples.ready(&world, spec).await;
        if matches!(spec.reply, Answers::List { .. }) {
            call = call.query("limit=1");
        }
        let reply = samples.caller(&world, spec).send(call).await;
        assert!(reply.status < 300, "{}: {}", spec.id, reply.json);
        writeln!(page, "\n## {} {}", spec.id, reply.status).unwrap();
        if !reply.bytes.is_empty() {
            let mut ids = BTreeMap::new();
            // One value, or one a line: the example prints the first.
            let mut answers = serde_json::Deserializer::from_slice(&reply.bytes).into_iter::<Ordered>();
            let mut answer = answers.next().unwrap().unwrap();
            answer.each_text(&mut |text| plain(text, &mut ids));
            writeln!(page, "\n```json\n{}\n```", answer.pretty()).unwrap();
        }
    }
    page
}

/// A text with ids by number, and without keys and cursors.
fn plain(text: &str, ids: &mut BTreeMap<String, usize>) -> String {
    if text.starts_with(KEY_START) {
        return format!("{KEY_START}…");
    }
    if let (Some((prefix, rest)), true) = (text.rsplit_once('_'), id::parse_any(text).is_some()) {
        let next = ids.len() + 1;
        let number = *ids.entry(text.to_owned()).or_insert(next);
        let time: String = rest.chars().take(TIME_CHARS).collect();
        return format!("{prefix}_{time}{number:0width$}", width = rest.len() - TIME_CHARS);
    }
    match text.split_once("cursor=") {
        Some((before, _)) => format!("{before}cursor=…").replace(BASE_URL, BASE_URL_WRITTEN),
        None => text.replace(BASE_URL, BASE_URL_WRITTEN),
    }
}
