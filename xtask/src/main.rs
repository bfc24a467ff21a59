//! The project's own commands. `cargo xtask` lists them.

mod bench;
mod ci;
mod fault;
mod flags;
mod fuzz;
mod generate;
mod http;
mod mutants;
mod oracle;
mod shell;
mod stop;
mod test;
mod tidy;

use std::process::ExitCode;

use anyhow::Result;

const HELP: &str = "\
cargo xtask test [filter..]                          every test, with the databases that it needs
cargo xtask test schemathesis [--seed N | --random] [--examples N]
                                                     the running API against its own document
cargo xtask fuzz [target..] [--seconds N]            inputs that nobody thought of; what must hold for any
cargo xtask test browser [--screenshots] [name..]    the console in a real browser alone
cargo xtask ci                                       everything that must hold before a merge
cargo xtask tidy                                     the rules of the house that a machine can check
cargo xtask generate [--check]                       writes generated/ from the catalogue
cargo xtask mutants [--quick] [case..]               puts known faults in; their tests must turn red
cargo xtask oracle [--cases N] [--seed S] [--cedar]  what may leave of a client's data, said in other ways
cargo xtask fault cut [--rounds N] [--seed N] [--no-sync] [--json]
                                                     power cuts that lose what was not synced
cargo xtask fault feed [--writes N] [--writers N] [--seed N] [--engine sqlite|postgres] [--release | --binary FILE]
                                                     kills a follower of the change feed, which must hold all
cargo xtask fault flood [--connections N] [--seconds S] [--times N]
                                                     slow connections and floods, held to bars
cargo xtask fault kill [--rounds N] [--seed N] [--release] [--json]
                                                     kills the server under load
cargo xtask fault import [--rounds N] [--seed N] [--release | --binary FILE]
                                                     kills an import, which must come out whole
cargo xtask bench door [--quick] [--noisy] [--json] [--date D] [--no-postgres]
                                                     the speed that is promised, held to its bars
cargo xtask bench console [--quick] [--noisy] [--json] [--date D] [--no-postgres]
                                                     how heavy and how fast each page of the console is
cargo xtask bench profile [list|get|/v1/..] [--connections N] [--seconds S]
                                                     what a call costs, and where its time goes
cargo xtask bench import [--invoices N] [--no-readers]
                                                     a million invoices, while others read
cargo xtask bench records [--rows N] [--quick] [--noisy] [--json] [--date D] [--no-postgres]
                                                     lists over a million rows, and the export of them";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    match dispatch(&command, arguments.collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: &str, arguments: Vec<String>) -> Result<()> {
    match command {
        "bench" => bench::run(arguments),
        "ci" => ci::run(arguments),
        "fault" => fault::run(arguments),
        "fuzz" => fuzz::run(arguments),
        "generate" => generate::run(arguments),
        "mutants" => mutants::run(arguments),
        "oracle" => oracle::run(arguments),
        "test" => test::run(arguments),
        "tidy" => tidy::run(arguments),
        "" | "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        other => anyhow::bail!("unknown command `{other}`\n\n{HELP}"),
    }
}
