//! Abuse case L5, for the program itself: what it prints and logs, with everything logged.

use std::io::{Read as _, Write as _};

use clinicos_testkit::Engine;

use crate::canaries::Canaries;
use crate::console_browser::{encoded, hidden};
use crate::program::{CLINICOS, DATA_DIR, Demo, clean};

const PASSWORD: &str = "canary words kept apart";
const STAFF_NAME: &str = "Canarykeeper";
const DATABASE_PASSWORD: &str = "canaryOfTheDatabase";

/// The session that an answer begins.
fn session_in(answer: &str) -> &str {
    let (_, rest) = answer.split_once("clinicos_session_").unwrap_or_else(|| panic!("{answer}"));
    rest.split(['=', ';']).nth(1).unwrap()
}

/// The program itself, with all that it can print.
fn program_prints_no_secret(engine: Engine) {
    let with_password = |url: &str| url.replacen('@', &format!(":{DATABASE_PASSWORD}@"), 1);
    let mut demo = Demo::start_with(engine, &[("CLINICOS_LOG", "trace")], with_password);
    let mut secrets = Canaries::default();
    for name in ["admin_key", "financial_key"] {
        secrets.add(name, demo.made(name));
    }
    let setup = demo.made("setup_url").to_owned();
    secrets.add("the token of an invitation", setup.split_once("token=").unwrap().1);
    secrets.add("a password", PASSWORD);
    secrets.add("the database's password", DATABASE_PASSWORD);
    let base = demo.made("base_url").to_owned();
    let (admin, financial) = (demo.made("admin_key").to_owned(), demo.made("financial_key").to_owned());
    let curl = |demo: &Demo, arguments: &[&str]| {
        let output =
            clean("curl", demo.directory()).args(["-s", "-i", "-b", "jar", "-c", "jar"]).args(arguments).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let mut refusals = String::new();
    for key in [&admin, &financial] {
        for path in [
            "/v1/invoices?limit=1",
            "/v1/clients?limit=1",
            &format!("/v1/clients?api_key={key}"),
            &format!("/v1/invoices/{key}"),
            &format!("//{key}"),
        ] {
            let answer = curl(&demo, &["-H", &format!("Authorization: Bearer {key}"), &format!("{base}{path}")]);
            refusals += if answer.starts_with("HTTP/1.1 4") { &answer } else { "" };
            refusals += &curl(&demo, &["-H", &format!("Authorization: Basic {key}"), &format!("{base}{path}")]);
        }
    }
    let page = curl(&demo, &[&setup]);
    let csrf = hidden(&page, "csrf").unwrap();
    secrets.add("the token of a form", &csrf);
    let token = setup.split_once("token=").unwrap().1;
    let typed = format!("csrf={csrf}&token={token}&name={STAFF_NAME}&password={}", encoded(PASSWORD));
    let accepted = curl(&demo, &["--data", &typed, &format!("{base}/console/welcome")]);
    secrets.add("a session", session_in(&accepted));
    for page in ["/console", "/console/log", "/console/log.csv", "/console/account"] {
        refusals += &curl(&demo, &[&format!("{base}{page}")])
            .lines()
            .filter(|line| !line.contains("csrf") && !line.contains("cookie"))
            .collect::<String>();
    }
    let keys = clean(CLINICOS, demo.directory())
        .args(["key", "list", "--data-dir", DATA_DIR, "--clinic", demo.made("clinic_id")])
        .output()
        .unwrap();
    assert!(keys.status.success());
    // What is no HTTP is logged.
    let mut socket = std::net::TcpStream::connect(base.trim_start_matches("http://")).unwrap();
    socket.write_all(format!("{admin} {PASSWORD} ?\r\n\r\n").as_bytes()).unwrap();
    socket.read_to_end(&mut Vec::new()).unwrap();
    let printed = demo.stop();
    let log = demo.log();
    assert!(log.contains("DEBUG") && log.contains("a connection ended early"), "nothing is logged: {log}");
    for (place, text) in [
        ("log", &*log),
        ("output", &*printed),
        ("answers", &*refusals),
        ("list of keys", &*String::from_utf8_lossy(&keys.stdout)),
    ] {
        assert_eq!(secrets.found_in(text.as_bytes()), Vec::<String>::new(), "{place}");
    }
}

mod l5_the_program_prints_no_secret {
    use super::*;

    #[test]
    fn sqlite() {
        program_prints_no_secret(Engine::Sqlite);
    }

    #[test]
    fn postgres() {
        program_prints_no_secret(Engine::Postgres);
    }
}

/// A database that cannot be reached is named without the password in its address.
#[test]
fn l5_a_database_that_does_not_answer_is_told_of_without_its_password() {
    let directory = tempfile::tempdir().unwrap();
    let mut canaries = Canaries::default();
    canaries.add("the database's password", DATABASE_PASSWORD);
    for url in [
        format!("postgres://someone:{DATABASE_PASSWORD}@127.0.0.1:1/none"),
        format!("postgres://{DATABASE_PASSWORD}:{DATABASE_PASSWORD}@127.0.0.1:port/none"),
    ] {
        let mut init = clean(CLINICOS, directory.path());
        init.args(["init", "--data-dir", "there"]).env("CLINICOS_DATABASE_URL", &url).env("CLINICOS_LOG", "trace");
        let output = init.output().unwrap();
        assert!(!output.status.success());
        let printed = [output.stdout, output.stderr].concat();
        assert_eq!(canaries.found_in(&printed), Vec::<String>::new(), "{}", String::from_utf8_lossy(&printed));
        let _ = std::fs::remove_dir_all(directory.path().join("there"));
    }
}
