//! `clinicos demo` over data that it made before: what it prints is true now.

use std::path::Path;

use clinicos_testkit::Engine;
use serde_json::Value;

use crate::console_browser::{encoded, hidden};
use crate::program::{CLINICOS, DATA_DIR, Demo, clean};

const PASSWORD: &str = "seven words of a second start";

/// Runs a command of the shell, and gives what it printed.
fn shell(directory: &Path, line: &str) -> String {
    let output = clean("sh", directory).args(["-c", line]).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn curl(directory: &Path, arguments: &[&str]) -> String {
    let output = clean("curl", directory).args(["-s", "-i", "-b", "jar", "-c", "jar"]).args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Follows a link and chooses a password; says whether that was taken.
fn accept(demo: &Demo, link: &str) -> bool {
    let page = curl(demo.directory(), &[link]);
    let Some(csrf) = hidden(&page, "csrf") else { return false };
    let (welcome, token) = link.split_once("?token=").unwrap();
    let typed = format!("csrf={csrf}&token={token}&name=Alex&password={}", encoded(PASSWORD));
    curl(demo.directory(), &["--data", &typed, welcome]).contains("clinicos_session_")
}

/// The command that a line of the output gives, after a word.
fn command_after<'t>(told: &'t str, word: &str) -> &'t str {
    let at = told.find(word).unwrap_or_else(|| panic!("no `{word}` in {told}"));
    told[at..].lines().next().unwrap()
}

fn a_second_start_tells_what_is_true(engine: Engine) {
    let mut demo = Demo::start(engine);
    let first = demo.made("setup_url").to_owned();
    let (clinic, financial) = (demo.made("clinic_id").to_owned(), demo.made("financial_key").to_owned());
    // Nobody came in yet: the link of the second start works, and that of the first no more.
    demo.again();
    let (base, second) = (demo.made("base_url").to_owned(), demo.made("setup_url").to_owned());
    assert_eq!(demo.made("financial_key"), financial);
    assert!(!accept(&demo, &first.replacen(first.split("/console").next().unwrap(), &base, 1)));
    assert!(accept(&demo, &second));
    let keys = clean(CLINICOS, demo.directory())
        .args(["key", "list", "--json", "--data-dir", DATA_DIR, "--clinic", &clinic])
        .output()
        .unwrap();
    let keys: Value = serde_json::from_slice(&keys.stdout).unwrap();
    let books = keys["data"].as_array().unwrap().iter().find(|key| financial.starts_with(key["hint"].as_str().unwrap())).unwrap();
    shell(
        demo.directory(),
        &format!("clinicos key revoke --data-dir {DATA_DIR} --clinic {clinic} {}", books["id"].as_str().unwrap()),
    );

    let told = demo.again_for_people();
    assert!(!told.contains("token=") && !told.contains(&financial), "{told}");
    assert!(told.contains("/console as alex.morgan@harbor.example, with the password"), "{told}");
    assert!(told.contains("audit_entries"), "the admin's key works on: {told}");
    // What is said to help does.
    let made = shell(demo.directory(), command_after(&told, "clinicos key create"));
    assert!(made.contains("cos_sandbox_"), "{made}");
    let invited = shell(demo.directory(), command_after(&told, "clinicos user reinvite"));
    let link = invited.split_whitespace().find(|word| word.contains("/console/welcome?token=")).unwrap().to_owned();
    assert!(accept(&demo, &link));

    // Another admin may end the first one's access.
    let reinvite = command_after(&told, "clinicos user reinvite").to_owned();
    let other = reinvite.replace("reinvite", "invite --name Sam").replace("alex.morgan@", "sam@");
    let invited = shell(demo.directory(), &other);
    assert!(accept(&demo, invited.split_whitespace().find(|word| word.contains("/console/welcome?token=")).unwrap()));
    shell(demo.directory(), &reinvite.replace("reinvite", "disable"));
    demo.again();
    assert_eq!((&demo.made["financial_key"], demo.made.get("setup_url")), (&Value::Null, None));
    let told = demo.again_for_people();
    assert!(told.contains("was ended"), "{told}");
    assert!(shell(demo.directory(), command_after(&told, "clinicos user reinvite")).contains("/console/welcome?token="));
}

#[test]
fn a_second_demo_tells_what_is_true_on_sqlite() {
    a_second_start_tells_what_is_true(Engine::Sqlite);
}

#[test]
fn a_second_demo_tells_what_is_true_on_postgres() {
    a_second_start_tells_what_is_true(Engine::Postgres);
}
