//! Every sample of code in the documentation runs as it stands.
//!
//! Pages are found as a reader finds them, in `/llms.txt`. The blocks of a page run in order in
//! one shell, beside a demo of their own. A block says what is to come of it:
//!
//! - a refusal that it provokes stands in a comment, such as `# 403`; any other one fails;
//! - a `json` or `text` block is what the block before it printed: the same members and types,
//!   the same text but for digits. A `json` block by itself must be JSON.
//!
//! Configuration of other programs is for them to read ([`FOR_OTHERS`]). A block of another kind
//! fails: nothing is left out without a word.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use clinicos_testkit::Engine;
use serde_json::Value;

use crate::program::{Demo, clean};

/// What the address of the server is in pages that no server gives out.
const BASE_URL_WRITTEN: &str = "http://127.0.0.1:8080";
/// How a page says that it goes on from where a reader has set these.
const AS_BEFORE: &str = "`BASE` and `KEY` as in [Get started](/docs/get-started)";
/// Kinds that other programs read, which need not be here.
const FOR_OTHERS: [&str; 3] = ["nginx", "caddyfile", "toml"];
/// How many pages run at a time.
const AT_A_TIME: usize = 3;

/// Notes what each `curl` was answered, and stops what would serve for good as soon as it serves.
const PRELUDE: &str = r#"
set -euo pipefail
curl() { command curl --max-time 60 --trace-ascii "$(mktemp "traces/$BLOCK/$(date +%s%N)-XXXXXX")" "$@"; }
clinicos() {
  if [ "$1" != serve ]; then command clinicos "$@"; return; fi
  local first word words=()
  for word in "$@"; do
    # Another address than the one that a page is about: it may be nobody's, or taken.
    if [ "${#words[@]}" -gt 0 ] && [ "${words[-1]}" = --listen ]; then word=127.0.0.1:0; fi
    words+=("$word")
  done
  case " ${words[*]} " in *" --listen "*) ;; *) words+=(--listen 127.0.0.1:0) ;; esac
  exec 3< <(exec clinicos "${words[@]}")
  local server=$!
  read -r first <&3
  kill -TERM "$server"
  # The next block may serve the same directory: it is free when this one has ended.
  wait "$server" || :
  case "$first" in *serving*) ;; *) return 1 ;; esac
}
"#;

#[derive(Debug)]
struct Block {
    kind: String,
    text: String,
}

/// The fenced blocks of a page.
fn blocks(markdown: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in markdown.lines() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(kind), None) => open = Some(Block { kind: kind.to_owned(), text: String::new() }),
            (Some(_), Some(block)) => blocks.push(block),
            (None, Some(mut block)) => {
                block.text += line;
                block.text += "\n";
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

/// The refusals that a block says it provokes.
fn announced(text: &str) -> Vec<u16> {
    let comments = text.lines().filter_map(|line| line.rsplit_once("# ").map(|(_, comment)| comment));
    let numbers = comments.filter_map(|comment| comment.split_whitespace().next()?.parse().ok());
    numbers.filter(|status| (400..600).contains(status)).collect()
}

/// The refusals that a block's calls were answered with, in order.
fn provoked(traces: &Path) -> Vec<u16> {
    let mut files: Vec<_> = fs::read_dir(traces).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let statuses = files.iter().map(|file| {
        let trace = String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned();
        let status = trace.lines().find_map(|line| line.split_once(": HTTP/1.1 ")?.1.get(..3)?.parse().ok());
        status.unwrap_or_else(|| panic!("a call was not answered:\n{trace}"))
    });
    statuses.filter(|status| *status >= 400).collect()
}

/// Members of a problem that are shown word for word.
const WORDS: [&str; 6] = ["type", "code", "title", "status", "detail", "pointer"];

/// Where two JSON values differ in shape, and two problems in what they say. What is null in one
/// may be anything in the other.
fn shape_differs(shown: &Value, real: &Value, at: &str) -> Option<String> {
    match (shown, real) {
        (Value::Null, _) | (_, Value::Null) => None,
        // A map, with nothing in it at the time.
        (Value::Object(map), Value::Object(_)) | (Value::Object(_), Value::Object(map)) if map.is_empty() => None,
        (Value::Object(shown), Value::Object(real)) => {
            let is_problem =
                ["decision_id", "pointer"].iter().any(|name| shown.contains_key(*name)) && shown.contains_key("code");
            if let Some(name) = WORDS.iter().find(|name| is_problem && shown.get(**name) != real.get(**name)) {
                return Some(format!("{at}/{name} is answered as {:?}", real.get(*name)));
            }
            let missing = real.keys().find(|name| !shown.contains_key(*name)).map(|name| format!("{at}/{name} is not shown"));
            missing.or_else(|| {
                shown.iter().find_map(|(name, value)| match real.get(name) {
                    Some(real) => shape_differs(value, real, &format!("{at}/{name}")),
                    None => Some(format!("{at}/{name} is not answered")),
                })
            })
        }
        (Value::Array(shown), Value::Array(real)) => {
            let pairs = real.iter().filter_map(|real| Some((shown.first()?, real)));
            pairs.into_iter().find_map(|(shown, real)| shape_differs(shown, real, &format!("{at}/0")))
        }
        (Value::Number(_), Value::Number(_)) | (Value::String(_), Value::String(_)) | (Value::Bool(_), Value::Bool(_)) => None,
        _ => Some(format!("{at} is shown as {shown} and answered as {real}")),
    }
}

/// Text with every run of digits as one `0`.
fn without_digits(text: &str) -> String {
    let mut plain: Vec<char> = text.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    plain.dedup_by(|next, before| *next == '0' && *before == '0');
    let plain: String = plain.into_iter().filter(|letter| *letter != '\r').collect();
    plain.trim().to_owned()
}

/// What is wrong with a block that shows what the one before it printed.
fn differs(block: &Block, printed: Option<&str>) -> Option<String> {
    if block.kind == "text" {
        let Some(printed) = printed else { return Some("no block before it prints anything".to_owned()) };
        let same = without_digits(&block.text) == without_digits(printed);
        return (!same).then(|| format!("shows\n{}but it printed\n{printed}", block.text));
    }
    let shown: Value = match serde_json::from_str(&block.text) {
        Ok(shown) => shown,
        Err(error) => return Some(format!("is no JSON: {error}")),
    };
    match serde_json::from_str::<Value>(printed?) {
        Ok(real) => shape_differs(&shown, &real, ""),
        Err(error) => Some(format!("follows what printed no JSON ({error}): {printed:?}")),
    }
}

/// The script that runs a page's blocks in order in one shell.
fn script(blocks: &[Block], directory: &Path) -> Result<String, String> {
    let mut script = PRELUDE.to_owned();
    for (at, block) in blocks.iter().enumerate() {
        let (extension, run) = match block.kind.as_str() {
            "sh" => ("sh", "source"),
            "python" => ("py", "python3"),
            "js" => ("mjs", "node"),
            "json" | "text" => continue,
            other if FOR_OTHERS.contains(&other) => continue,
            other => return Err(format!("nothing runs a block of the kind `{other}`")),
        };
        fs::write(directory.join(format!("block-{at}.{extension}")), &block.text).unwrap();
        fs::create_dir_all(directory.join(format!("traces/{at}"))).unwrap();
        writeln!(script, "BLOCK={at}\n{run} ./block-{at}.{extension} > printed-{at}").unwrap();
    }
    Ok(script)
}

/// Runs a page; gives what is wrong with it, and how many blocks there were.
fn run(demo: &Demo, markdown: &str) -> (Vec<String>, usize) {
    let directory = demo.directory();
    let blocks = blocks(markdown);
    let script = match script(&blocks, directory) {
        Ok(script) => script,
        Err(wrong) => return (vec![wrong], blocks.len()),
    };
    fs::write(directory.join("page.sh"), script).unwrap();
    let mut shell = clean("bash", directory);
    if markdown.contains(AS_BEFORE) {
        shell.env("BASE", demo.made("base_url")).env("KEY", demo.made("financial_key"));
    }
    let output = shell.args(["--noprofile", "--norc", "page.sh"]).stdin(std::process::Stdio::null()).output().unwrap();
    if !output.status.success() {
        let wrong = String::from_utf8_lossy(&output.stderr).into_owned();
        return (vec![format!("{}: {wrong}", output.status)], blocks.len());
    }
    let mut wrong = Vec::new();
    let mut printed: Option<String> = None;
    for (at, block) in blocks.iter().enumerate() {
        if FOR_OTHERS.contains(&block.kind.as_str()) {
            continue;
        }
        if matches!(block.kind.as_str(), "json" | "text") {
            wrong.extend(differs(block, printed.take().as_deref()).map(|text| format!("block {at}: {text}")));
            continue;
        }
        printed = fs::read_to_string(directory.join(format!("printed-{at}"))).ok().filter(|text| !text.is_empty());
        let (announced, provoked) = (announced(&block.text), provoked(&directory.join(format!("traces/{at}"))));
        if announced != provoked {
            wrong.push(format!("block {at} says {announced:?} and is refused with {provoked:?}:\n{}{printed:?}", block.text));
        }
    }
    (wrong, blocks.len())
}

/// Reads what is at an address, as everybody can.
fn fetch(demo: &Demo, url: &str) -> String {
    let output = clean("curl", demo.directory()).args(["--silent", "--show-error", "--fail", url]).output().unwrap();
    assert!(output.status.success(), "{url}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The path of every page's Markdown twin, but of the pages about problems: those have no samples.
fn pages(demo: &Demo) -> Vec<String> {
    let list = fetch(demo, &format!("{}/llms.txt", demo.made("base_url")));
    let links = list.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let own = links.filter_map(|link| link.strip_prefix(demo.made("base_url"))).filter(|path| path.ends_with(".md"));
    let own = own.filter(|path| !path.starts_with("/docs/problems/"));
    own.map(str::to_owned).collect()
}

/// Every page, each beside a demo of its own.
fn every_page_runs(engine: Engine) {
    let left = Mutex::new(pages(&Demo::start(engine)));
    let found = Mutex::new((Vec::new(), 0));
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let Some(path) = left.lock().unwrap().pop() else { break };
                    let demo = Demo::start(engine);
                    let (wrong, blocks) = run(&demo, &fetch(&demo, &format!("{}{path}", demo.made("base_url"))));
                    let mut found = found.lock().unwrap();
                    found.0.extend(wrong.into_iter().map(|text| format!("{path} {text}")));
                    found.1 += blocks;
                }
            });
        }
    });
    let (wrong, blocks) = found.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} samples do not run as they stand:\n{}", wrong.len(), wrong.join("\n\n"));
    assert!(blocks > 100, "only {blocks} samples were found");
}

mod every_sample_of_the_documentation_runs {
    use super::*;

    #[test]
    fn sqlite() {
        every_page_runs(Engine::Sqlite);
    }

    #[test]
    fn postgres() {
        every_page_runs(Engine::Postgres);
    }
}

/// What the README tells a user to type.
#[test]
fn every_sample_of_the_readme_runs() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md")).unwrap();
    let sections = ["## The first ten minutes", "## A clinic of your own"];
    let parts = sections.map(|title| readme.split_once(title).unwrap().1.split("\n## ").next().unwrap());
    let demo = Demo::start(Engine::Sqlite);
    let (wrong, blocks) = run(&demo, &parts.join("\n").replace(BASE_URL_WRITTEN, demo.made("base_url")));
    assert!(wrong.is_empty() && blocks > 8, "{blocks} samples:\n{}", wrong.join("\n\n"));
}

/// The test itself must be able to fail.
#[test]
fn a_sample_that_does_not_run_is_found() {
    let wrong = |page: &str| run(&Demo::start(Engine::Sqlite), page).0.join("\n");
    let unanswered = "```sh\ncurl -s \"$BASE/v1/clients\"\n```\n";
    let with = |page: &str| format!("{AS_BEFORE}\n\n{page}");
    assert_eq!(wrong("```sh\ntrue\n```\n"), "");
    assert!(wrong("```sh\nfalse\n```\n").contains("exit status: 1"));
    assert!(wrong("```sh\necho \"$NOWHERE\"\n```\n").contains("NOWHERE: unbound variable"));
    assert!(wrong("```ruby\nputs 1\n```\n").contains("kind `ruby`"));
    assert!(wrong(&with(unanswered)).contains("says [] and is refused with [401]"));
    assert_eq!(wrong(&with("```sh\ncurl -s \"$BASE/v1/clients\"    # 401\n```\n")), "");
    assert!(wrong(&with("```sh\ncurl -s \"$BASE/health/live\"   # 403\n```\n")).contains("says [403] and is refused with []"));
    assert!(
        wrong("```sh\necho '{\"a\": 1}'\n```\n```json\n{\"a\": \"b\"}\n```\n").contains("/a is shown as \"b\" and answered as 1")
    );
    assert!(wrong("```sh\necho '{\"a\": 1}'\n```\n```json\n{\"b\": 1}\n```\n").contains("/a is not shown"));
    assert!(wrong("```sh\necho a 12\n```\n```text\nb 7\n```\n").contains("printed"));
    assert!(wrong("```json\n{\n```\n").contains("no JSON"));
}
