//! What `demo` prints when it is ready: where to go, what works, and how to get what does not.

use serde_json::{Value, json};

use super::partners::BOOKS;
use super::standing::{KeyState, Standing, WayIn};
use super::{ADMIN_EMAIL, ADMIN_KEY_NAME, ADMIN_KEY_RUN_BY, Arguments, Made};
use crate::cli::{output, user};

/// Tells it, as lines or as one line of JSON.
pub fn tell(base_url: &str, made: &Made, standing: &Standing, arguments: &Arguments) -> anyhow::Result<()> {
    if arguments.json {
        output::json(&as_json(base_url, made, standing)?);
    } else {
        let lines = as_lines(base_url, made, standing, &quoted(&arguments.data_dir.display().to_string()), arguments.still);
        lines.iter().for_each(|line| output::line(line));
    }
    Ok(())
}

/// A key that does not work is null, and there is a link only while one is open.
fn as_json(base_url: &str, made: &Made, standing: &Standing) -> anyhow::Result<Value> {
    let mut told = serde_json::to_value(made)?;
    let Value::Object(members) = &mut told else { return Ok(told) };
    members.remove("partners");
    members.insert("base_url".to_owned(), json!(base_url));
    for (name, state) in [("admin_key", standing.admin_key), ("financial_key", standing.financial_key)] {
        if state != KeyState::Works {
            members.insert(name.to_owned(), Value::Null);
        }
    }
    if let WayIn::Link(token) = &standing.way_in {
        members.insert("setup_url".to_owned(), json!(user::link(base_url, token)));
    }
    Ok(told)
}

/// A path as a shell takes it.
fn quoted(path: &str) -> String {
    let plain = path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
    if plain { path.to_owned() } else { format!("'{}'", path.replace('\'', "'\\''")) }
}

fn as_lines(base_url: &str, made: &Made, standing: &Standing, dir: &str, still: bool) -> Vec<String> {
    let clinic = &made.clinic_id;
    let mut lines = vec![
        format!("ClinicOS is ready at {base_url}"),
        format!("  data directory     {dir} (synthetic; remove it when you are done)"),
        format!("  clinic             {clinic}"),
    ];
    let another = format!("clinicos key create --data-dir {dir} --clinic {clinic} --reason \"Once more\"");
    let books = format!(
        "{another} --name \"{}\" --run-by \"{}\" --purpose {} --scope {}",
        BOOKS.name,
        BOOKS.run_by,
        BOOKS.purpose,
        BOOKS.scopes.join(",")
    );
    let admin = format!("{another} --name \"{ADMIN_KEY_NAME}\" --run-by \"{ADMIN_KEY_RUN_BY}\" --admin");
    lines.extend(key("  read-only key      ", &made.financial_key, standing.financial_key, base_url, &books));
    lines.extend(key("  admin key          ", &made.admin_key, standing.admin_key, base_url, &admin));
    lines.extend(console(base_url, standing, dir, clinic));
    lines.push(String::new());
    lines.extend(samples(base_url, made, standing, dir));
    if !still {
        lines
            .push("While it runs, its partners keep calling: stop one in the console, and see its next call refused.".to_owned());
    }
    lines.push("Stop the demo with Ctrl-C.".to_owned());
    lines
}

fn key(heading: &str, key: &str, state: KeyState, base_url: &str, another: &str) -> Vec<String> {
    match state {
        KeyState::Works => vec![format!("{heading}{key}")],
        KeyState::Paused => {
            vec![format!("{heading}{key}"), format!("    its connection is paused; resume it at {base_url}/console/connections")]
        }
        KeyState::Over => vec![
            format!("{heading}the first one works no more; while the demo runs, make another in a second terminal:"),
            format!("    {another}"),
        ],
    }
}

fn console(base_url: &str, standing: &Standing, dir: &str, clinic: &str) -> Vec<String> {
    let heading = "  console            ";
    let whom = format!("--data-dir {dir} --clinic {clinic} --email {ADMIN_EMAIL}");
    match &standing.way_in {
        WayIn::Link(token) => {
            vec![format!("{heading}{} (works once; then sign in as {ADMIN_EMAIL})", user::link(base_url, token))]
        }
        WayIn::Password { second_factor } => {
            let mut lines = vec![
                format!("{heading}sign in at {base_url}/console as {ADMIN_EMAIL}, with the password that you chose"),
                format!("    password lost? clinicos user reinvite {whom}"),
            ];
            if *second_factor {
                lines.push(format!("    phone lost, too? clinicos user second-factor-off {whom}"));
            }
            lines
        }
        WayIn::ShutOut => vec![
            format!("{heading}the access of {ADMIN_EMAIL} was ended; invite them anew in a second terminal:"),
            format!("    clinicos user reinvite {whom}"),
        ],
    }
}

/// What to try, of what works.
fn samples(base_url: &str, made: &Made, standing: &Standing, dir: &str) -> Vec<String> {
    let (financial, admin) = (&made.financial_key, &made.admin_key);
    let mut lines = Vec::new();
    if standing.financial_key == KeyState::Works {
        lines.extend([
            "For the samples of the documentation, in this directory:".to_owned(),
            format!("  export BASE={base_url} KEY=$(jq -r .financial_key {dir}/demo.json)"),
            "Pull invoices with the read-only key, and follow next_page_url:".to_owned(),
            format!("  curl -s -H 'Authorization: Bearer {financial}' '{base_url}/v1/invoices?limit=2'"),
            "Ask for clients with the same key: it was not granted, and the answer says what is missing:".to_owned(),
            format!("  curl -s -H 'Authorization: Bearer {financial}' '{base_url}/v1/clients'"),
        ]);
    }
    if standing.admin_key == KeyState::Works {
        lines.extend([
            "Read, as the clinic's admin, what was asked and what was shown:".to_owned(),
            format!("  curl -s -H 'Authorization: Bearer {admin}' '{base_url}/v1/audit_entries?limit=3'"),
        ]);
    }
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines
}
