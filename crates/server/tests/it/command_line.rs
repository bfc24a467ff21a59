//! The command line beside a running server.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::transport::{certificate_until, put};

const CLINICOS: &str = env!("CARGO_BIN_EXE_clinicos");

pub fn clinicos(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(CLINICOS);
    command
        .args(arguments)
        .arg("--data-dir")
        .arg(dir)
        .arg("--json")
        .env_remove("CLINICOS_DATABASE_URL")
        .env_remove("CLINICOS_TLS_CERT");
    command
}

/// What a person is told, and whether it went well.
pub fn told(dir: &Path, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(CLINICOS);
    let output = command.args(arguments).arg("--data-dir").arg(dir).env_remove("CLINICOS_DATABASE_URL").output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

pub fn json(output: Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A server on a free port, and where it says that it is reached.
pub fn serve(dir: &Path) -> (Child, String) {
    let mut server = clinicos(dir, &["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    (server, said["base_url"].as_str().unwrap().to_owned())
}

pub fn stop(mut server: Child) {
    let told = Command::new("kill").arg(server.id().to_string()).status().unwrap();
    assert!(told.success() && server.wait().unwrap().success());
}

/// Sends bytes, and gives what came back.
fn raw(base_url: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(base_url.strip_prefix("http://").unwrap()).unwrap();
    // What is too large is answered before it was sent whole, and then the connection is closed.
    let _ = stream.write_all(request.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// Whoever forgets the URL would get a new, empty file, and think that everything was gone.
#[test]
fn a_directory_of_postgresql_is_not_served_from_a_new_file() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("data");
    // It fails, because nobody answers there; whose the directory is stands there all the same.
    let nobody = ["init", "--empty", "--database-url", "postgres://someone@127.0.0.1:1/none"];
    assert!(!clinicos(&dir, &nobody).output().unwrap().status.success());
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["doctor"]] {
        let output = clinicos(&dir, command).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && told.contains("PostgreSQL") && told.contains("--database-url"), "{told}");
    }
    assert!(!dir.join("clinicos.db").exists());
}

#[test]
fn an_invitation_leads_to_the_server_that_runs() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("data");
    json(clinicos(&dir, &["init", "--empty"]).output().unwrap());
    let made =
        json(clinicos(&dir, &["clinic", "create", "--organization", "Harbor Group", "--name", "Harbor"]).output().unwrap());
    let clinic = made["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
    let invite = |email: &str| {
        let arguments = ["user", "invite", "--clinic", &clinic, "--email", email, "--name", "Sam"];
        json(clinicos(&dir, &arguments).output().unwrap())["setup_url"].as_str().unwrap().to_owned()
    };
    let begins = |url: &str, base: &str| assert!(url.starts_with(&format!("{base}/console/welcome?token=")), "{url} {base}");
    begins(&invite("never@clinic.example"), "http://127.0.0.1:8080");
    let (server, base_url) = serve(&dir);
    let url = invite("running@clinic.example");
    for (head, status) in [(40 << 10, "431"), (60, "401"), (200 << 10, "431")] {
        let answer = raw(
            &base_url,
            &format!("GET /v1/invoices HTTP/1.1\r\nHost: x\r\nX-Much: {}\r\nConnection: close\r\n\r\n", "x".repeat(head)),
        );
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{head}: {answer}");
        assert!(answer.contains("application/problem+json"), "{head}: {answer}");
    }
    stop(server);
    begins(&url, &base_url);
    begins(&invite("stopped@clinic.example"), &base_url);
    let off = ["user", "second-factor-off", "--clinic", &clinic, "--email", "running@clinic.example"];
    let refused = clinicos(&dir, &off).output().unwrap();
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("no second factor is on"));
}

#[test]
fn people_are_invited_anew_and_let_go() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("data");
    json(clinicos(&dir, &["init", "--empty"]).output().unwrap());
    let made =
        json(clinicos(&dir, &["clinic", "create", "--organization", "Harbor Group", "--name", "Harbor"]).output().unwrap());
    let clinic = made["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
    let (server, base_url) = serve(&dir);
    let user = |verb: &str, email: &str, more: &[&str]| {
        let arguments = [&["user", verb, "--clinic", &clinic, "--email", email], more].concat();
        clinicos(&dir, &arguments).output().unwrap()
    };
    let link = |output: Output| json(output)["setup_url"].as_str().unwrap().strip_prefix(&base_url).unwrap().to_owned();
    let opens = |path: &str| {
        let answer = raw(&base_url, &format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        answer.split(' ').nth(1).unwrap().parse::<u16>().unwrap()
    };
    let first = link(user("invite", "sam@clinic.example", &["--name", "Sam"]));
    assert_eq!(opens(&first), 200);
    // However the address is written.
    let second = link(user("reinvite", "SAM@clinic.example", &[]));
    assert_eq!((opens(&first), opens(&second)), (404, 200), "the new link takes the place of the old one");
    let disabled = json(user("disable", "sam@clinic.example", &[]));
    assert_eq!((&disabled["state"], &disabled["email"]), (&Value::from("disabled"), &Value::from("sam@clinic.example")));
    assert_eq!(opens(&second), 404, "who was let go has no way in");
    let third = link(user("reinvite", "sam@clinic.example", &[]));
    assert_eq!((opens(&second), opens(&third)), (404, 200));
    for verb in ["reinvite", "disable"] {
        let refused = user(verb, "nobody@clinic.example", &[]);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && said.contains("nobody at this clinic signs in as"), "{verb}: {said}");
        assert!(refused.stdout.is_empty());
    }
    let people = json(clinicos(&dir, &["user", "list", "--clinic", &clinic]).output().unwrap());
    assert_eq!(
        people["data"].as_array().map(|people| people.iter().map(|one| one["state"].as_str().unwrap()).collect()),
        Some(vec!["invited"])
    );
    stop(server);
}

#[test]
fn an_ended_certificate_is_told_of() {
    let dir = tempfile::tempdir().unwrap();
    let (data, log) = (dir.path().join("data"), dir.path().join("log"));
    json(clinicos(&data, &["init", "--empty"]).output().unwrap());
    let path = |file: PathBuf| file.to_str().unwrap().to_owned();
    let doctor = |certificate: &str| clinicos(&data, &["doctor", "--tls-cert", certificate]).output().unwrap();
    let ended = put(dir.path(), &certificate_until(2000, 1, 2));
    let (certificate, key) = (path(ended.certificate), path(ended.key));
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--tls-cert", &certificate, "--tls-key", &key];
    let mut server = clinicos(&data, &arguments).stdout(Stdio::piped()).stderr(File::create(&log).unwrap()).spawn().unwrap();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
    stop(server);
    let said = "the certificate ended at 2000-01-02T00:00:00.000000Z";
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains(said), "{log}");
    let found = doctor(&certificate);
    assert!(!found.status.success() && String::from_utf8_lossy(&found.stderr).contains(said), "{found:?}");
    let report: Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!(
        (&report["sound"], &report["certificate_ends"]),
        (&Value::Bool(true), &Value::from("2000-01-02T00:00:00.000000Z"))
    );
    put(dir.path(), &certificate_until(2190, 1, 1));
    let found = doctor(&certificate);
    assert!(found.stderr.is_empty(), "{}", String::from_utf8_lossy(&found.stderr));
    assert_eq!(json(found)["certificate_ends"], "2190-01-01T00:00:00.000000Z");
    assert!(json(clinicos(&data, &["doctor"]).output().unwrap()).get("certificate_ends").is_none());
    // One that cannot be read is one line of a whole report.
    std::fs::write(&certificate, "no certificate").unwrap();
    for (path, said) in [(&*certificate, "holds no certificate in PEM"), ("nowhere.pem", "`nowhere.pem` cannot be read")] {
        let found = doctor(path);
        assert!(!found.status.success() && String::from_utf8_lossy(&found.stderr).contains(said), "{found:?}");
        let report: Value = serde_json::from_slice(&found.stdout).unwrap();
        assert!(report["sound"] == true && report["certificate_fault"].as_str().unwrap().contains(said), "{report}");
    }
}

/// Every argument is checked before anything is made, and each wrong one is named as it was typed.
#[test]
fn init_with_wrong_arguments_makes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("data");
    let wrong = ["init", "--time-zone", "Mars/Phobos", "--admin-email", "bad", "--clinic", " ", "--public-url", "clinic"];
    let refused = clinicos(&dir, &wrong).output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success());
    for option in ["--time-zone", "--admin-email", "--clinic", "--public-url"] {
        assert!(said.contains(&format!("{option}: ")), "{option}: {said}");
    }
    assert!(!said.contains("/timezone") && !said.contains("--organization"), "{said}");
    assert!(!dir.exists());
    json(clinicos(&dir, &["init", "--time-zone", "America/Chicago", "--admin-email", "sam@clinic.example"]).output().unwrap());
}

/// What is typed wrong is answered with what there is.
#[test]
fn what_does_not_exist_is_answered_with_what_does() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("data");
    let made = json(clinicos(&dir, &["init", "--clinic", "Elm Street Vets"]).output().unwrap());
    let clinic = made["clinic_id"].as_str().unwrap();
    let refused = |arguments: &[&str]| {
        let output = clinicos(&dir, arguments).output().unwrap();
        assert!(!output.status.success(), "{arguments:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let key = ["key", "create", "--clinic", clinic, "--name", "Till", "--reason", "Takes payments"];
    for (arguments, said) in [
        (&["user", "invite", "--clinic", clinic, "--email", "foo", "--name", "Foo"][..], &["--email: must be"][..]),
        (&["key", "list", "--clinic", "cln_elm"][..], &["no clinic `cln_elm`", clinic, "Elm Street Vets"][..]),
        (&["user", "list", "--clinic", "elm"], &["no clinic `elm`", clinic]),
        (&["key", "revoke", "--clinic", clinic, "key_1"], &["no key `key_1`", "clinicos key list", clinic]),
        (&["key", "rotate", "--clinic", clinic, "key_1"], &["no key `key_1`", "clinicos key list", clinic]),
        (
            &["user", "invite", "--clinic", clinic, "--email", "a@b.example", "--name", "A", "--role", "Vet"],
            &["DVM", "InventoryManager", "Admin"],
        ),
        (
            &["import", "--clinic", clinic, "--mapping", "nothwind", "files"],
            &["--mapping: there is no file `nothwind`", "northwind or petclinic"],
        ),
        (&["import", "--clinic", clinic, "--mapping", "northwind", "nowhere"], &["in `nowhere`", "`customers.csv`"]),
        (&[&key[..], &["--purpose", "paymnt", "--scope", "invoices:read"]].concat(), &["payment", "marketing", "'payment'"]),
        (&[&key[..], &["--purpose", "payment", "--scope", "invoice:read"]].concat(), &["'invoices:read'"]),
        (&["key", "create", "--purpos", "payment"], &["'--purpose'"]),
        (&["key", "craete"], &["'create'"]),
    ] {
        let told = refused(arguments);
        for words in said {
            assert!(told.contains(words), "{arguments:?} lacks {words}: {told}");
        }
    }
    let help = clinicos(&dir, &["key", "create", "--help"]).output().unwrap();
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    assert!(help.contains("to bill, collect and keep the books") && help.contains("payments:refund"), "{help}");
}

/// Takes a call of the control socket, and gives the stream to answer on.
fn taken(control: &UnixListener) -> UnixStream {
    let (mut stream, _) = control.accept().unwrap();
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |length| length.parse().unwrap());
    stream.read_exact(&mut vec![0; length]).unwrap();
    stream
}

/// A server that begins an import, and ends before it answers its first batch.
#[test]
fn a_server_that_ends_beneath_an_import_is_told_of() {
    let dir = tempfile::tempdir().unwrap();
    let (data, files) = (dir.path().join("data"), dir.path().join("files"));
    let clinic = json(clinicos(&data, &["init", "--clinic", "Elm Street Vets"]).output().unwrap())["clinic_id"].clone();
    std::fs::create_dir(&files).unwrap();
    let owners = "OwnerID,First Name,Last Name,Address,City,Phone\n1,Ann,Ames,,,\n2,Bea\n";
    std::fs::write(files.join("owners.csv"), owners).unwrap();
    std::fs::write(files.join("pets.csv"), "PetID,Name,Birth Date,Species,OwnerID\n").unwrap();
    // Whoever holds the lock is the server.
    let lock = File::options().write(true).open(data.join("lock")).unwrap();
    lock.lock().unwrap();
    let control = UnixListener::bind(data.join("control.sock")).unwrap();
    let arguments = ["import", "--clinic", clinic.as_str().unwrap(), "--mapping", "petclinic", files.to_str().unwrap()];
    let import = clinicos(&data, &arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = r#"{"id":"imp_1","version":1,"created_at":"2026-11-27T07:00:00.000000Z"}"#;
    let mut begin = taken(&control);
    write!(begin, "HTTP/1.1 201 Created\r\ncontent-length: {}\r\n\r\n{begun}", begun.len()).unwrap();
    let batch = taken(&control);
    drop(control);
    drop(batch);
    let ended = import.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(1), "{told}");
    for words in ["the server ended", "What was written stays", "give the same command again", "goes on where it was"] {
        assert!(told.contains(words), "lacks {words}: {told}");
    }
    let report: Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!((&report["files"][0]["rejected"], &report["files"][0]["created"]), (&Value::from(1), &Value::from(0)), "{report}");
}

/// A key without an end is said to be one.
#[test]
fn a_key_of_the_command_line_says_when_it_ends() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("data");
    let made = json(clinicos(&dir, &["init", "--clinic", "Elm Street Vets"]).output().unwrap());
    let clinic = made["clinic_id"].as_str().unwrap();
    let create = |more: &[&str]| {
        let key = ["key", "create", "--clinic", clinic, "--name", "Till", "--reason", "Takes payments", "--admin"];
        told(&dir, &[&key, more].concat())
    };
    let (well, endless) = create(&[]);
    assert!(well && endless.contains("it never ends by itself") && endless.contains("--days 90"), "{endless}");
    let (well, ending) = create(&["--days", "90"]);
    assert!(well && ending.contains("it ends at 20") && !ending.contains("never"), "{ending}");
    let keys = json(clinicos(&dir, &["key", "list", "--clinic", clinic]).output().unwrap());
    let ends: Vec<bool> = keys["data"].as_array().unwrap().iter().map(|key| key["expires_at"].is_string()).collect();
    assert_eq!(ends.iter().filter(|ends| **ends).count(), 1, "{keys}");
    for wrong in [&["--days", "0"][..], &["--days", "9", "--expires-at", "2030-01-01T00:00:00Z"]] {
        assert!(!create(wrong).0, "{wrong:?}");
    }
}

/// Nobody waits for data that nobody can look at.
#[test]
fn a_demo_on_a_taken_port_makes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("demo");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = clinicos(&dir, &["demo", "--listen", &address]).output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains(&format!("another program listens on {address} already")), "{said}");
    assert!(!dir.exists());
}

/// One call for each clinic; what would stop a later one is found before the first.
#[test]
fn a_key_is_made_for_several_clinics() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("data");
    let made = json(clinicos(&dir, &["init", "--clinic", "Elm Street Vets"]).output().unwrap());
    let own = made["clinic_id"].as_str().unwrap();
    let clinics = json(clinicos(&dir, &["clinic", "list"]).output().unwrap());
    let organization = clinics["data"][0]["organization_id"].as_str().unwrap();
    let clinic = |organization: &str, name: &str| {
        let made = json(clinicos(&dir, &["clinic", "create", "--organization", organization, "--name", name]).output().unwrap());
        made["id"].as_str().unwrap().to_owned()
    };
    let (sister, other) = (clinic(organization, "Elm East"), clinic("Others", "Oak"));
    let create = |more: &[&str]| {
        let key = ["key", "create", "--name", "Group", "--reason", "Reports", "--purpose", "payment", "--scope", "invoices:read"];
        told(&dir, &[&key, more].concat())
    };
    let (well, told) = create(&["--clinic", own, "--clinic", &sister]);
    assert!(well && told.contains("shown this once") && told.contains(&format!("{sister} lets in key_")), "{told}");
    let keys = json(clinicos(&dir, &["key", "list", "--clinic", &sister]).output().unwrap());
    let id = keys["data"][0]["id"].as_str().unwrap();
    assert_eq!((&keys["data"][0]["clinic_count"], &keys["data"][0]["for_organization"]), (&2.into(), &true.into()), "{keys}");
    let (well, told) = create(&["--clinic", &other, "--existing", id]);
    assert!(!well && told.contains("no key was made") && told.contains("no such key"), "{told}");
    let (well, told) = create(&["--clinic", own, "--clinic", &other]);
    assert!(!well && told.contains("another organization") && !told.contains("shown this once"), "{told}");
    let (well, told) = create(&["--clinic", own, "--clinic", own]);
    assert!(!well && told.contains("given twice") && !told.contains("shown this once"), "{told}");
    assert!(!create(&["--clinic", own, "--existing", id, "--for-organization"]).0);
}

/// Clients decide by the law of where their clinic is; whoever runs the server says which that is.
#[test]
fn a_clinic_is_put_under_the_rules_of_its_state() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("data");
    let run = |arguments: &[&str]| clinicos(&dir, arguments).output().unwrap();
    let made = json(run(&["init", "--clinic", "Elm Street Vets"]));
    let clinic = made["clinic_id"].as_str().unwrap();
    let set = json(run(&["clinic", "set", "--clinic", clinic, "--jurisdiction", "US-NY"]));
    assert_eq!((set["id"].as_str(), set["jurisdiction"].as_str()), (Some(clinic), Some("US-NY")));
    let (went_well, said) = told(&dir, &["clinic", "set", "--clinic", clinic, "--jurisdiction", "US-XX"]);
    assert!(!went_well && said.contains("jurisdiction"), "{said}");
    let absent = "cln_01jd3vq9z4e8rb6k0w2m5x7t1c";
    let (went_well, said) = told(&dir, &["clinic", "set", "--clinic", absent, "--jurisdiction", "US-NY"]);
    assert!(!went_well && said.contains(clinic), "those that there are are named: {said}");
}
