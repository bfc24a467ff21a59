//! The command line.

mod bar;
mod client;
mod clinic;
mod demo;
mod doctor;
mod export;
mod import;
mod import_record;
mod init;
pub mod key;
mod output;
mod serve;
mod spec;
mod synth;
mod user;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Parser, Subcommand};
use clinicos_contract::{Clock, Entropy};
use clinicos_store::store::WAITS_FOR_AUDIT;

use crate::files::Documents;

/// Clock and randomness of the system, made in `main` alone.
#[derive(Clone)]
pub struct System {
    /// The system's clock.
    pub clock: Arc<dyn Clock>,
    /// The system's randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// The open, self-hosted doorway to a veterinary clinic's data.
#[derive(Parser)]
#[command(name = "clinicos", version, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a data directory with a synthetic clinic, serve it, and print what to try
    Demo(demo::Arguments),
    /// Make a data directory
    Init(init::Arguments),
    /// Serve a data directory
    Serve(serve::Arguments),
    /// Create and list clinics
    #[command(subcommand)]
    Clinic(clinic::Command),
    /// Create, list and revoke keys
    #[command(subcommand)]
    Key(key::Command),
    /// Invite people to the console, and list them
    #[command(subcommand)]
    User(user::Command),
    /// Write the documents that derive from the catalogue
    Spec(spec::Arguments),
    /// Import files of another system
    Import(import::Arguments),
    /// Write a clinic's whole record into a directory
    Export(export::Arguments),
    /// Take a record that was exported into an empty clinic, as it stood
    ImportRecord(import_record::Arguments),
    /// Make up clinics with years of records, the same for the same seed, as exports or in a sandbox
    Synth(synth::Arguments),
    /// Check a data directory that is not being served
    Doctor(doctor::Arguments),
}

/// Where the data is.
#[derive(Args, Clone)]
pub struct Place {
    /// The data directory: keyring, control socket, and the database unless a URL is given
    #[arg(long, value_name = "DIR", default_value = "clinicos-data", global = true)]
    pub data_dir: PathBuf,
    /// A PostgreSQL database to use instead of a file in the data directory
    #[arg(long, value_name = "URL", env = "CLINICOS_DATABASE_URL", hide_env_values = true, global = true)]
    pub database_url: Option<String>,
    #[command(flatten)]
    pub documents: Documents,
    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,
}

/// Runs a command line.
pub async fn run(cli: Cli, system: System) -> anyhow::Result<ExitCode> {
    if !WAITS_FOR_AUDIT {
        anyhow::ensure!(
            matches!(cli.command, Command::Demo(_)),
            "this build answers before its audit entries are on disk; it runs `demo` alone, to be measured"
        );
        tracing::error!("THIS BUILD ANSWERS BEFORE ITS AUDIT ENTRIES ARE ON DISK: it is for measuring, never for data");
    }
    match cli.command {
        Command::Import(arguments) => return import::run(arguments, system).await,
        Command::Demo(arguments) => demo::run(arguments, system).await,
        Command::Init(arguments) => init::run(&arguments, &system).await,
        Command::Serve(arguments) => serve::run(&arguments, system).await,
        Command::Clinic(command) => clinic::run(command, system).await,
        Command::Key(command) => key::run(command, system).await,
        Command::User(command) => user::run(command, system).await,
        Command::Spec(arguments) => spec::run(&arguments),
        Command::Export(arguments) => export::run(arguments, system).await,
        Command::ImportRecord(arguments) => import_record::run(arguments, system).await,
        Command::Synth(arguments) => synth::run(arguments, system).await,
        Command::Doctor(arguments) => doctor::run(&arguments, &system).await,
    }
    .map(|()| ExitCode::SUCCESS)
}
