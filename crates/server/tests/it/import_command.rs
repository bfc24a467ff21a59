//! `clinicos import` and `clinicos doctor`, as whoever runs the server sees them.

use std::path::Path;

use crate::command_line::{clinicos, json, serve, stop, told};

/// A clinic in a directory of its own; its id.
fn clinic(data: &Path) -> String {
    json(clinicos(data, &["init", "--empty"]).output().unwrap());
    let made =
        json(clinicos(data, &["clinic", "create", "--organization", "Harbor Group", "--name", "Harbor"]).output().unwrap());
    made["id"].as_str().unwrap().to_owned()
}

/// A dry run leaves nothing beside the files, and touches nothing that an import left there; what would be rejected is
/// told, and written where it is asked for.
#[test]
fn a_dry_run_leaves_no_files_unless_it_is_asked_to() {
    let dir = tempfile::tempdir().unwrap();
    let (data, files) = (dir.path().join("data"), dir.path().join("files"));
    let clinic = clinic(&data);
    std::fs::create_dir(&files).unwrap();
    let put = |name: &str, text: &str| std::fs::write(files.join(name), text).unwrap();
    put("owners.csv", "OwnerID,First Name,Last Name,Address,City,Phone\n1,Ann,Ames,,,\n2,,,,,\n");
    put("pets.csv", "PetID,Name,Birth Date,Species,OwnerID\n1,Leo,2020-01-01,cat,1\n2,Max,2020-01-01,cat,2\n");
    put("owners.rejects.csv", "of an import before");
    let run = |more: &[&str]| {
        let arguments = ["import", "--clinic", &clinic, "--mapping", "petclinic", files.to_str().unwrap()];
        told(&data, &[&arguments, more].concat())
    };
    let (_, words) = run(&["--dry-run"]);
    assert!(words.contains("owners.csv, line 3: ") && words.contains("with --rejects DIR"), "{words}");
    assert!(!words.contains("pets.csv, line 3"), "what waits for it is not told by itself: {words}");
    assert_eq!(std::fs::read_to_string(files.join("owners.rejects.csv")).unwrap(), "of an import before");
    let deep = dir.path().join("not/there/yet");
    let (_, words) = run(&["--dry-run", "--rejects", deep.to_str().unwrap()]);
    assert!(words.contains("owners.rejects.csv"), "{words}");
    let pets = std::fs::read_to_string(deep.join("pets.rejects.csv")).unwrap();
    assert!(
        pets.contains("held_back,3,OwnerID,\"`OwnerID`: line 3 of `owners.csv` was rejected\"")
            || pets.contains("held_back,3,OwnerID,`OwnerID`: line 3 of `owners.csv` was rejected"),
        "{pets}"
    );
    run(&[]);
    assert!(std::fs::read_to_string(files.join("owners.rejects.csv")).unwrap().contains("rejected,3,"), "the import itself does");
}

/// What can be read is proposed for, and what cannot is named with the reason.
#[test]
fn a_proposal_names_the_files_that_it_cannot_read() {
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    put("pets.csv", "PetID,Name,Species,OwnerID\n1,Le\0o,cat,1\n2,Max,dog,1\n");
    let wide: Vec<String> = (0..5_000).map(|number| format!("c{number}")).collect();
    put("wide.csv", &wide.join(","));
    let propose = || clinicos(dir.path(), &["import", "--propose", dir.path().to_str().unwrap()]).output().unwrap();
    let printed = propose();
    let text = String::from_utf8_lossy(&printed.stdout).into_owned();
    assert!(printed.status.success() && text.contains("name = \"pets.csv\""), "{text}");
    assert!(text.contains("# wide.csv is left out. Line 1 has too many columns (limit 1024)"), "{text}");
    std::fs::remove_file(dir.path().join("pets.csv")).unwrap();
    let nothing = propose();
    let words = String::from_utf8_lossy(&nothing.stderr).into_owned();
    assert!(!nothing.status.success() && words.contains("too many columns"), "{words}");
}

/// Beside a server nothing is checked, but whether that one is well is told.
#[test]
fn doctor_says_whether_the_server_had_faults() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    clinic(&data);
    let (server, _) = serve(&data);
    let (is_well, words) = told(&data, &["doctor"]);
    stop(server);
    assert!(!is_well && words.contains("is being served; stop the server first."), "{words}");
    assert!(words.contains("No call has ended in a fault of the program"), "{words}");
}
