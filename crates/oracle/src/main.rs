//! What may leave, said several times: by the program, by a plain specification, and, where it is built in, by
//! policies for Cedar that are generated from the same grants. Any difference is a fault of one of them.

mod case;
#[cfg(feature = "cedar")]
mod cedar;
mod spec;

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use clinicos_consent::{Decisions, Standing, may_leave, opted_in};

use crate::case::{Case, Random};

/// Fields that are asked for under one grant.
const FIELDS: u64 = 4;
/// Differences that are shown.
const SHOWN_MAX: u64 = 5;

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// What was asked, and how often the answers differed.
#[derive(Debug, Default)]
struct Tally {
    cases: u64,
    allowed: u64,
    against_spec: u64,
    against_cedar: u64,
}

fn run(arguments: &[String]) -> Result<bool> {
    let (mut cases, mut seed) = (100_000, 1);
    for pair in arguments.chunks(2) {
        let [name, value] = pair else { bail!("`{}` needs a number", pair.concat()) };
        let number: u64 = value.parse().with_context(|| format!("`{name}` needs a number"))?;
        match name.as_str() {
            "--cases" => cases = number,
            "--seed" => seed = number,
            _ => bail!("wants --cases N and --seed S, not `{name}`"),
        }
    }
    let tally = compare(cases, &mut Random::new(seed))?;
    let other = if cfg!(feature = "cedar") { tally.against_cedar.to_string() } else { "not built in".to_owned() };
    say(&format!(
        "{} cases from seed {seed}: {} may leave, {} may not; differences from the specification {}, from Cedar {other}",
        tally.cases,
        tally.allowed,
        tally.cases - tally.allowed,
        tally.against_spec,
    ));
    Ok(tally.against_spec + tally.against_cedar == 0)
}

fn compare(cases: u64, random: &mut Random) -> Result<Tally> {
    let mut tally = Tally::default();
    while tally.cases < cases {
        let mut case = Case::draw(random);
        #[cfg(feature = "cedar")]
        let judge = cedar::Judge::new(&case)?;
        for _ in 0..FIELDS.min(cases - tally.cases) {
            let (ours, spec) = (decided(&case), spec::may_leave(&case));
            tally.cases += 1;
            tally.allowed += u64::from(ours);
            if ours != spec {
                tally.against_spec += 1;
                show(&tally, "the specification", ours, &case);
            }
            #[cfg(feature = "cedar")]
            if judge.may_leave(&case)? != ours {
                tally.against_cedar += 1;
                show(&tally, "Cedar", ours, &case);
            }
            case.ask_of_another_field(random);
        }
    }
    Ok(tally)
}

/// As the program decides.
fn decided(case: &Case) -> bool {
    let standing = Standing::new(Arc::clone(&case.rules), case.recipient.clone());
    let owners: Vec<Decisions> = case.owners.iter().map(|said| Decisions::new(said.clone())).collect();
    let consented = standing.shown(&owners, case.patient, case.now);
    may_leave(case.category, case.is_figure, opted_in(&case.opt_ins, case.recipient.purpose, case.now), consented)
}

fn show(tally: &Tally, other: &str, ours: bool, case: &Case) {
    if tally.against_spec + tally.against_cedar <= SHOWN_MAX {
        say(&format!("case {}: the program says {ours}, {other} does not: {case:#?}", tally.cases));
    }
}

#[expect(clippy::print_stdout, reason = "a command tells what it found")]
fn say(text: &str) {
    println!("{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_decides_as_the_specification_says() {
        let tally = compare(200_000, &mut Random::new(1)).unwrap();
        assert_eq!(tally.against_spec, 0);
        // Cases that are all alike would show nothing.
        assert!(tally.allowed > tally.cases / 10 && tally.allowed < tally.cases / 10 * 9, "{tally:?}");
    }

    #[test]
    fn the_same_seed_asks_the_same() {
        let draw = |seed| format!("{:?}", Case::draw(&mut Random::new(seed)));
        assert_eq!(draw(3), draw(3));
        assert_ne!(draw(3), draw(4));
    }
}
