//! Clinics that are made up: the same bytes each time, and through the door like any export.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use clinicos_contract::time::parse_date;
use clinicos_server::record::made_up;
use clinicos_synth::Plan;
use clinicos_testkit::on_both_engines;
use serde_json::{Value, json};

use crate::exports::{bytes, export, import};
use crate::program::CLINICOS;

/// A clinic as small as can be. Its last day is that of the clock of the tests, because what an invoice is follows from the day.
fn small(seed: u64) -> Plan {
    Plan { seed, clinic: 0, years: 1, until: parse_date("2026-11-22").unwrap(), visits_per_day: 1 }
}

on_both_engines! {
    async fn a_made_up_clinic_comes_out_as_it_went_in(world: World) {
        let clinic = world.new_clinic("Made up").await;
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("record");
        let manifest = made_up::write(&dir, &small(11)).unwrap();
        let last = manifest.last_invoice_number;
        let records: u64 = manifest.files.iter().map(|file| file.records).sum();
        assert_eq!(import(&world, &clinic.clinic_id, &dir).await.unwrap(), records);
        let (out, _) = export(&world, &clinic.clinic_id).await;
        let (went_in, came_out) = (bytes(&dir), bytes(out.path()));
        for (name, file) in &went_in {
            assert!(came_out[name] == *file, "`{name}` is another one");
        }
        assert_eq!(went_in.len(), came_out.len());
        // Into a third clinic, which then has the same record.
        let next = world.new_clinic("Next").await;
        import(&world, &next.clinic_id, out.path()).await.unwrap();
        let (again, _) = export(&world, &next.clinic_id).await;
        assert!(bytes(again.path()) == came_out);
        // The product goes on from there by its own rules.
        let admin = world.as_key(&clinic.admin_key);
        let owed = admin.get("/v1/invoices?status=overdue&limit=1").await.expect(200).json["data"][0].clone();
        let path = format!("/v1/clients/{}", owed["client_id"].as_str().unwrap());
        let balance = |client: &Value| client["balance"]["amount"].as_i64().unwrap();
        let before = balance(&admin.get(&path).await.expect(200).json);
        let paid = json!({"amount": owed["balance"], "method": "cash"});
        admin.post(&format!("/v1/invoices/{}/payments", owed["id"].as_str().unwrap()), &paid).await.expect(201);
        let after = balance(&admin.get(&path).await.expect(200).json);
        assert_eq!(before - after, owed["balance"]["amount"].as_i64().unwrap());
        let new = admin.post("/v1/invoices", &json!({"client_id": owed["client_id"]})).await.expect(201);
        assert_eq!(new.json["number"], format!("INV-{:06}", last + 1));
    }
}

/// What is written bit by bit is what all of it, put in order at once, would be.
#[test]
fn runs_of_lines_become_one_file_in_the_order_of_ids() {
    let plan = Plan { visits_per_day: 6, ..small(12) };
    type Kind = (usize, BTreeMap<[u8; 16], Vec<u8>>);
    let mut kinds: Vec<Kind> = clinicos_synth::kinds().map(|_| Default::default()).collect();
    let mut life = clinicos_synth::Life::of(&plan);
    while let Some(run) = life.next_run() {
        let (runs, lines) = &mut kinds[run.kind];
        *runs += 1;
        lines.extend(run.lines().map(|(id, line)| (id, line.to_owned())));
    }
    assert!(kinds.iter().filter(|(runs, _)| *runs > 1).count() > 2, "some kinds have several runs");
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path().join("record");
    let manifest = made_up::write(&dir, &plan).unwrap();
    for (file, (_, lines)) in manifest.files.iter().zip(&kinds) {
        let written = std::fs::read(dir.join(&file.name)).unwrap();
        assert!(written == lines.values().flatten().copied().collect::<Vec<u8>>(), "{}", file.name);
        assert_eq!((file.records, file.bytes), (lines.len() as u64, written.len() as u64), "{}", file.name);
    }
    // Nothing is left of what was kept on the way.
    assert_eq!(std::fs::read_dir(&dir).unwrap().count(), manifest.files.len() + 2);
}

fn synth(arguments: &[&str]) -> Output {
    let small = ["--years", "1", "--visits-per-day", "1", "--json"];
    Command::new(CLINICOS).arg("synth").args(arguments).args(small).env_remove("CLINICOS_DATABASE_URL").output().unwrap()
}

fn told(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Every file of all clinics in a directory.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let clinics = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let files = clinics.flat_map(|clinic| std::fs::read_dir(clinic).unwrap().map(|entry| entry.unwrap().path()));
    files.map(|path| (path.strip_prefix(dir).unwrap().display().to_string(), std::fs::read(&path).unwrap())).collect()
}

#[test]
fn the_same_seed_writes_the_same_files() {
    let dir = tempfile::tempdir().unwrap();
    let to = |name: &str| dir.path().join(name);
    let write = |seed: &str, name: &str| synth(&["--seed", seed, "--clinics", "2", "--to", to(name).to_str().unwrap()]);
    let made = told(&write("3", "one"));
    assert_eq!(made["clinics"].as_array().unwrap().len(), 2, "{made}");
    told(&write("3", "again"));
    told(&write("4", "other"));
    let (one, again, other) = (files(&to("one")), files(&to("again")), files(&to("other")));
    assert!(one.contains_key("clinic-0002/origin.json") && one == again);
    assert_ne!(one["clinic-0001/clients.ndjson"], other["clinic-0001/clients.ndjson"]);
    assert_ne!(one["clinic-0001/clients.ndjson"], one["clinic-0002/clients.ndjson"]);
    // Where something is, nothing is written.
    let refused = write("3", "one");
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("is not empty"));
}

/// The page says that the same seed makes the same clinics: so its own numbers are those that are printed.
#[test]
fn the_page_prints_what_the_command_prints() {
    let page = include_str!("../../../../docs/site/synth.md");
    let line =
        page.lines().find_map(|line| line.strip_prefix("clinicos ").filter(|line| line.ends_with("--to made-up"))).unwrap();
    let shown = page.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let output = Command::new(CLINICOS).args(line.split(' ')).current_dir(dir.path()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), shown, "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn clinics_are_made_in_a_sandbox_and_nowhere_else() {
    let dir = tempfile::tempdir().unwrap();
    let nowhere = dir.path().join("sandbox");
    let told_of = String::from_utf8_lossy(&synth(&["--into", nowhere.to_str().unwrap()]).stderr).into_owned();
    assert!(told_of.contains(&format!("clinicos init --environment sandbox --data-dir {}`", nowhere.display())), "{told_of}");
    for (environment, is_taken) in [("sandbox", true), ("live", false)] {
        let data = dir.path().join(environment);
        let init = ["init", "--empty", "--environment", environment, "--data-dir", data.to_str().unwrap()];
        let made = Command::new(CLINICOS).args(init).env_remove("CLINICOS_DATABASE_URL").output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let output = synth(&["--into", data.to_str().unwrap()]);
        if is_taken {
            let clinic = &told(&output)["clinics"][0];
            assert!(
                clinic["where"].as_str().unwrap().starts_with("cln_") && clinic["records"].as_u64().unwrap() > 1_000,
                "{clinic}"
            );
        } else {
            assert!(String::from_utf8_lossy(&output.stderr).contains("go into a sandbox, and this server is live"));
            let list = ["clinic", "list", "--json", "--data-dir", data.to_str().unwrap()];
            let list = Command::new(CLINICOS).args(list).env_remove("CLINICOS_DATABASE_URL").output().unwrap();
            assert_eq!(told(&list)["data"], json!([]), "no clinic is left behind");
        }
    }
}
