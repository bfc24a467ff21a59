//! `clinicos init`

use clap::{Args, ValueEnum};
use clinicos_contract::{CategorySet, admit};
use clinicos_gate::Environment;
use serde_json::{Value, json};

use super::client::{Client, open_store};
use super::{Place, System, clinic, output, user};
use crate::compose;
use crate::data_dir::{DATABASE_FILE, DataDir};

/// What `init` takes.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    place: Place,
    /// Real data, or synthetic data; it cannot be changed later
    #[arg(long, value_enum, default_value = "live")]
    environment: Kind,
    /// The first clinic
    #[arg(long, value_name = "NAME", default_value = "My clinic")]
    clinic: String,
    /// Who runs it; the clinic's name, if left out
    #[arg(long, value_name = "NAME")]
    organization: Option<String>,
    /// Where it is, as an IANA time zone
    #[arg(long, default_value = "America/New_York")]
    time_zone: String,
    /// The first admin's e-mail address, with which they sign in
    #[arg(long, value_name = "EMAIL", default_value = "admin@clinic.example")]
    admin_email: String,
    /// Where the server will be reached, for the link
    #[arg(long, value_name = "URL", default_value = user::BASE_URL)]
    public_url: String,
    /// Make no clinic and invite nobody yet
    #[arg(long, conflicts_with_all = ["clinic", "organization", "admin_email"])]
    empty: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Live,
    Sandbox,
}

impl From<Kind> for Environment {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Live => Self::Live,
            Kind::Sandbox => Self::Sandbox,
        }
    }
}

/// Makes a data directory and its database.
pub async fn run(arguments: &Arguments, system: &System) -> anyhow::Result<()> {
    let place = &arguments.place;
    let shown = place.data_dir.display();
    if DataDir::exists(&place.data_dir) {
        anyhow::bail!("`{shown}` is a data directory already; nothing was changed");
    }
    if place.data_dir.join(DATABASE_FILE).exists() {
        anyhow::bail!(
            "`{shown}` holds a database, but its `keyring.json` is missing: bring that back from its copy; a new one would open nothing"
        );
    }
    check(arguments)?;
    let dir = DataDir::create(&place.data_dir, arguments.environment.into(), place.database_url.clone(), &*system.entropy)?;
    open_store(&dir, system).await?.close().await?;
    let first = if arguments.empty { None } else { Some(first_admin(arguments, system).await?) };
    if place.json {
        let mut told = json!({"data_dir": shown.to_string(), "environment": dir.environment().name()});
        if let (Value::Object(members), Some(First { clinic_id, setup_url })) = (&mut told, first) {
            members.extend([("clinic_id".to_owned(), json!(clinic_id)), ("setup_url".to_owned(), json!(setup_url))]);
        }
        output::json(&told);
        return Ok(());
    }
    output::line(&format!("made the {} data directory `{shown}`", dir.environment().name()));
    output::line("keep a copy of its `keyring.json` apart from copies of the database: neither is worth anything alone");
    let at = format!("--data-dir {shown}{}", place.database_url.as_deref().map(url_option).unwrap_or_default());
    output::line("next:");
    match first {
        Some(First { clinic_id, setup_url }) => {
            output::line(&format!("  clinicos serve {at}"));
            output::line(&format!("  open {setup_url}"));
            output::line(&format!("    it works once, for 7 days, and makes {} the admin of {clinic_id}", arguments.admin_email));
        }
        None => {
            output::line(&format!("  clinicos clinic create {at} --organization \"Your practice\" --name \"Your clinic\""));
            output::line(&format!("  clinicos user invite {at} --clinic CLINIC_ID --email YOU --name \"Your name\""));
            output::line(&format!("  clinicos serve {at}"));
        }
    }
    Ok(())
}

/// The option that names a database, without what is secret in its URL: the terminal may be kept.
fn url_option(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
    let (person, place) = rest.rsplit_once('@').map_or((None, rest), |(person, place)| (Some(person), place));
    let person = person.map_or_else(String::new, |person| match person.split_once(':') {
        Some((name, _)) => format!("{name}:PASSWORD@"),
        None => format!("{person}@"),
    });
    let place = place.split_once('?').map_or_else(|| place.to_owned(), |(place, _)| format!("{place}?..."));
    format!(" --database-url '{scheme}://{person}{place}'")
}

/// Checks every argument as the operations will, before anything is made, and names the options.
fn check(arguments: &Arguments) -> anyhow::Result<()> {
    let new = new_clinic(arguments);
    let organization = arguments.organization.as_ref().map_or("--clinic", |_| "--organization");
    let catalogue = compose::catalogue()?;
    let mut wrong: Vec<String> = Vec::new();
    for (operation, body, options) in [
        ("organizations.create", clinic::organization_body(&new), vec![("/name", organization)]),
        // Whose it is stands nowhere in the arguments, and is left to the operation.
        ("clinics.create", clinic::clinic_body(&new, ""), vec![("/name", "--clinic"), ("/timezone", "--time-zone")]),
        ("users.invite", new_admin(arguments), vec![("/email", "--admin-email")]),
    ] {
        let declared = catalogue.find(operation).and_then(|operation| operation.spec().body);
        let Some(Err(problem)) = declared.map(|declared| admit::check_body(&declared, &body, CategorySet::ALL)) else { continue };
        for error in problem.errors {
            let option = options.iter().find(|(pointer, _)| *pointer == error.pointer);
            wrong.extend(option.map(|(_, option)| format!("{option}: {}", error.detail)));
        }
    }
    wrong.dedup();
    if !["http://", "https://"].iter().any(|scheme| arguments.public_url.starts_with(scheme)) {
        wrong.push("--public-url: must start with `https://` or `http://`".to_owned());
    }
    anyhow::ensure!(wrong.is_empty(), "nothing was made:\n  {}", wrong.join("\n  "));
    Ok(())
}

fn new_clinic(arguments: &Arguments) -> clinic::New {
    clinic::New {
        organization: arguments.organization.clone().unwrap_or_else(|| arguments.clinic.clone()),
        name: arguments.clinic.clone(),
        time_zone: arguments.time_zone.clone(),
        currency: "USD".to_owned(),
        country: "US".to_owned(),
    }
}

fn new_admin(arguments: &Arguments) -> Value {
    json!({"email": arguments.admin_email, "name": "Admin", "role": "Admin"})
}

/// The first clinic, and the link that makes its admin.
struct First {
    clinic_id: String,
    setup_url: String,
}

async fn first_admin(arguments: &Arguments, system: &System) -> anyhow::Result<First> {
    let client = Client::open(&arguments.place, system.clone()).await?;
    let clinic_id = output::text(&clinic::create(&client, &new_clinic(arguments)).await?, "id");
    let invited = user::invite(&client, &clinic_id, &new_admin(arguments)).await?;
    client.close().await?;
    let setup_url = user::link(&arguments.public_url, &output::text(&invited, "invitation"));
    Ok(First { clinic_id, setup_url })
}

#[cfg(test)]
mod tests {
    use super::url_option;

    #[test]
    fn a_database_is_named_without_its_password() {
        for (url, told) in [
            ("postgres://vet:s3cret@db.example:5432/clinic", "postgres://vet:PASSWORD@db.example:5432/clinic"),
            ("postgres://vet:s3@cr?et@db.example/clinic", "postgres://vet:PASSWORD@db.example/clinic"),
            ("postgresql://vet@localhost/clinic?password=s3cret", "postgresql://vet@localhost/clinic?..."),
            ("postgres://localhost/clinic", "postgres://localhost/clinic"),
        ] {
            assert_eq!(url_option(url), format!(" --database-url '{told}'"));
            assert!(!url_option(url).contains("s3"));
        }
    }
}
