//! Ways in (abuse case C11): a form belongs to the browser that it was shown to, and a server
//! without all of its secrets does not start.

use clinicos_gate::{Environment, KeyringFile};
use clinicos_server::data_dir::DataDir;
use clinicos_testkit::{SeededEntropy, on_both_engines};
use serde_json::{Value, json};

use crate::console_browser::{Browser, PASSWORD, admin, encoded, invite, unmasked};

on_both_engines! {
    /// Abuse case C11: what one browser was shown, another one cannot send; it is signed in nowhere.
    async fn c11_a_form_of_one_browser_is_refused_in_another(world: World) {
        admin(&world).await;
        let token = invite(&world, "second@clinic.example", "Admin").await;
        let sign_in = format!("email=sam%40clinic.example&password={}", encoded(PASSWORD));
        let welcome = format!("token={token}&name=Eve&password={}", encoded(PASSWORD));
        for (path, page, fields) in [
            ("/console/sign-in", "/console/sign-in".to_owned(), sign_in),
            ("/console/welcome", format!("/console/welcome?token={token}"), welcome),
        ] {
            let (mut mine, mut theirs) = (Browser::new(&world), Browser::new(&world));
            mine.open(&page).await.expect(200);
            theirs.open(&page).await.expect(200);
            let (shown_to_me, shown_to_them) = (mine.csrf(), theirs.csrf());
            assert_ne!(unmasked(&shown_to_me), unmasked(&shown_to_them), "{path}");
            for (csrf, cookies) in [(&shown_to_me, theirs.cookies.clone()), (&shown_to_them, Default::default())] {
                let mut browser = Browser::new(&world);
                browser.cookies = cookies;
                let reply = browser.send_form(path, &format!("csrf={csrf}&{fields}")).await;
                assert_eq!(reply.status, 403, "{path}");
                assert!(browser.cookie("session").is_none(), "{path}");
            }
            // The form works where it was shown.
            theirs.send_form(path, &format!("csrf={shown_to_them}&{fields}")).await.expect(303);
            assert!(theirs.cookie("session").is_some(), "{path}");
        }
    }
}

/// Changes one thing in the keyring of a fresh directory, then opens it.
fn opens(change: impl FnOnce(&mut Value)) -> Result<(), String> {
    let dir = std::env::temp_dir().join(format!("clinicos-keyring-{}-{:?}", std::process::id(), std::thread::current().id()));
    let _ = std::fs::remove_dir_all(&dir);
    let entropy = SeededEntropy::new(7);
    DataDir::create(&dir, Environment::Sandbox, None, &entropy).map_err(|error| format!("{error:#}"))?;
    let path = dir.join("keyring.json");
    let mut keyring: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    change(&mut keyring);
    if keyring.is_null() {
        std::fs::remove_file(&path).unwrap();
    } else {
        std::fs::write(&path, keyring.to_string()).unwrap();
    }
    let opened = DataDir::open(&dir, None).map(drop).map_err(|error| format!("{error:#}"));
    std::fs::remove_dir_all(&dir).unwrap();
    opened
}

/// Abuse case C11: no secret is made up, guessed or left empty.
#[test]
fn c11_without_all_of_its_secrets_a_server_does_not_start() {
    assert_eq!(opens(|_| ()), Ok(()));
    assert!(opens(|keyring| *keyring = Value::Null).is_err_and(|said| said.contains("no data directory")));
    for name in ["pepper", "cursor", "sealing"] {
        assert!(opens(|keyring| drop(keyring.as_object_mut().unwrap().remove(name))).is_err_and(|said| said.contains("damaged")));
        let whole = "0123456789abcdef".repeat(4);
        for secret in
            ["", "00", &whole[..62], &whole[..63], &format!("{whole}00"), &whole.replace('0', "g"), &whole.replace('0', " ")]
        {
            let result = opens(|keyring| keyring[name]["secret"] = json!(secret));
            assert!(result.is_err_and(|said| said.contains("damaged secret")), "{name} `{secret}`");
        }
        for odd in [json!(null), json!(7), json!({}), json!([])] {
            assert!(opens(|keyring| keyring[name] = odd.clone()).is_err(), "{name} {odd}");
        }
    }
    assert!(opens(|keyring| keyring["environment"] = json!("")).is_err());
}

/// Abuse case C11: each directory has secrets of its own.
#[test]
fn c11_secrets_are_random() {
    let of = |seed| serde_json::to_value(KeyringFile::generate("sandbox", &SeededEntropy::new(seed))).unwrap();
    let (one, other) = (of(1), of(2));
    for name in ["pepper", "cursor", "sealing"] {
        assert_ne!(one[name]["secret"], other[name]["secret"]);
    }
    assert_ne!(one["pepper"]["secret"], one["sealing"]["secret"]);
}
