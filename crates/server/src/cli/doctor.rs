//! `clinicos doctor`: checks what must hold in a data directory that is not being served.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use clinicos_contract::Clock;
use clinicos_store::check;
use serde_json::{Value, json};

use super::client::{Client, open_store};
use super::{Place, System, output};
use crate::compose;
use crate::data_dir::DataDir;
use crate::files::keep::{self, Lost};
use crate::http::{Left, Validity, certificate_validity};

/// What `doctor` takes.
#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    place: Place,
    /// The certificate that `serve` uses, as PEM: says when it ends, and fails if it has
    #[arg(long, value_name = "FILE", env = "CLINICOS_TLS_CERT")]
    tls_cert: Option<PathBuf>,
    /// Also read the bytes of all documents and compare them with their hashes, which takes as long as copying them
    #[arg(long)]
    read_documents: bool,
}

/// Opens the store, which recovers it, and counts what must be zero.
pub async fn run(arguments: &Arguments, system: &System) -> anyhow::Result<()> {
    let place = &arguments.place;
    let (dir, _keyring) = DataDir::open(&place.data_dir, place.database_url.clone())?;
    let Some(_lock) = dir.lock()? else {
        let panics = Client::open(place, system.clone()).await?.panics().await;
        return Err(served(&place.data_dir, panics.ok()));
    };
    let store = open_store(&dir, system).await?;
    let health = check::run(&store).await?;
    let events_without_rows = crate::doctor::events_without_rows(&store).await?;
    let files = compose::files(place.documents.place(&dir, &system.entropy)?, &store);
    let documents = keep::look(&files, &store, None, arguments.read_documents).await?;
    let note = keep::note(&files, &store);
    store.close().await?;
    let faults = [
        ("doubled_entries", health.doubled_entries),
        ("position_gaps", health.position_gaps),
        ("sequence_gaps", health.sequence_gaps),
        ("event_gaps", health.event_gaps),
        ("events_without_rows", events_without_rows.unsigned_abs()),
        ("documents_without_files", documents.lost),
    ];
    let sound = faults.iter().all(|(_, count)| *count == 0);
    // What is wrong with the certificate is told after what was found in the store.
    let certificate = arguments.tls_cert.as_deref().map(|path| Certificate::look(path, &*system.clock));
    if place.json {
        let mut report = json!({"audit_entries": health.audit_entries, "events": health.events, "sound": sound});
        if let Value::Object(members) = &mut report {
            members.extend(faults.iter().map(|(name, count)| ((*name).to_owned(), json!(count))));
            members.insert("lost_documents".to_owned(), documents.named.iter().map(lost_json).collect());
            members.extend(certificate.iter().map(|found| match found {
                Ok(one) => ("certificate_ends".to_owned(), json!(one.validity.end)),
                Err(error) => ("certificate_fault".to_owned(), json!(format!("{error:#}"))),
            }));
        }
        output::json(&report);
    } else {
        output::line(&format!("{} audit entries, {} events", health.audit_entries, health.events));
        faults.iter().for_each(|(name, count)| output::line(&format!("{name}: {count}")));
        documents.named.iter().for_each(|lost| output::line(&lost_line(lost)));
        note.iter().for_each(|note| output::line(note));
        certificate.iter().for_each(|found| match found {
            Ok(one) => output::line(&format!("the certificate ends at {}", one.validity.end)),
            Err(error) => output::line(&format!("the certificate cannot be used: {error:#}")),
        });
    }
    anyhow::ensure!(sound, "`{}` is not sound", place.data_dir.display());
    match certificate {
        Some(certificate) => certificate.context("the certificate cannot be used")?.check(),
        None => Ok(()),
    }
}

/// Why nothing is checked beside a server, and whether that server itself is well.
fn served(data_dir: &Path, panics: Option<u64>) -> anyhow::Error {
    let health = match panics {
        Some(0) => " No call has ended in a fault of the program since it was started.".to_owned(),
        Some(1) => " One call has ended in a fault of the program since it was started; its log tells where.".to_owned(),
        Some(count) => format!(" {count} calls have ended in a fault of the program since it was started; its log tells where."),
        None => String::new(),
    };
    anyhow::anyhow!("`{}` is being served; stop the server first.{health}", data_dir.display())
}

fn lost_json(Lost { clinic, document, title, what }: &Lost) -> Value {
    json!({"clinic_id": clinic, "document_id": document, "title": title, "what": what})
}

fn lost_line(Lost { clinic, document, title, what }: &Lost) -> String {
    format!("the bytes of `{document}` (“{title}”) of `{clinic}` are {what}: bring them back from a back-up")
}

/// The certificate that `serve` uses, and what is left of its time.
struct Certificate {
    validity: Validity,
    left: Left,
}

impl Certificate {
    fn look(path: &Path, clock: &dyn Clock) -> anyhow::Result<Self> {
        let validity = certificate_validity(path)?.with_context(|| format!("`{}` does not say when it ends", path.display()))?;
        Ok(Self { validity, left: Left::of(validity, clock.now()) })
    }

    /// Fails if it ended; a warning is no fault yet.
    fn check(&self) -> anyhow::Result<()> {
        let warning = self.left.warning(self.validity);
        match (self.left, warning) {
            (Left::Over | Left::NotYet, Some(warning)) => anyhow::bail!(warning),
            (_, Some(warning)) => tracing::warn!("{warning}"),
            (_, None) => {}
        }
        Ok(())
    }
}
