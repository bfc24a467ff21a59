//! Measures the door, the console, and large records. `cargo xtask bench` runs it.
//!
//! The program is its own cast: `door` and `profile` direct, and start the same program again
//! as `load` and as `bare`, each pinned to a core. What is measured is the real server, built
//! as it is shipped and reached through HTTP.

mod answer;
mod bare;
mod binaries;
mod client;
mod consent;
mod console;
mod demo;
mod disk;
mod door;
mod flood;
mod histogram;
mod import;
mod load;
mod postgres;
mod process;
mod profile;
mod records;
mod report;
mod rounds;
mod sample;
mod scaling;
mod sides;
mod starts;

use std::process::ExitCode;

use clap::Parser;

/// The allocator of the server, so that the bare one has no other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(name = "clinicos-bench", about = "Measures the door and the console")]
enum Command {
    /// Measure everything, hold it to the bars and write docs/benchmarks/
    Door(door::DoorArgs),
    /// Measure the pages of the console, hold them to the bars and write docs/benchmarks/
    Console(console::ConsoleArgs),
    /// Measure what it costs to ask clients, and hold it to the bar
    Consent(consent::ConsentArgs),
    /// Run the server under load and print what it costs and where its time goes
    Profile(profile::ProfileArgs),
    /// Import a million invoices while others read
    Import(import::ImportArgs),
    /// Measure lists over a million rows and the export, hold them to the bars and write docs/benchmarks/
    Records(records::RecordsArgs),
    /// Hold ten thousand slow connections, ask ten times too often, and measure who behaves
    Flood(flood::FloodArgs),
    /// Run the load that stands on the standard input
    #[command(hide = true)]
    Load,
    /// Serve without a door
    #[command(hide = true)]
    Bare(bare::BareArgs),
}

fn main() -> ExitCode {
    let done = match Command::parse() {
        Command::Door(args) => door::run(&args),
        Command::Console(args) => console::run(&args),
        Command::Consent(args) => consent::run(&args),
        Command::Profile(args) => profile::run(&args).map(|()| true),
        Command::Import(args) => import::run(&args),
        Command::Records(args) => records::run(&args),
        Command::Flood(args) => flood::run(&args),
        Command::Load => load::serve_one().map(|()| true),
        Command::Bare(args) => bare::serve(args).map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("error: a bar does not hold");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
