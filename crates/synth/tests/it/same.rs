//! The same seed gives the same bytes, in the form of an export.

use clinicos_synth::Plan;

use crate::made::{Record, SEEDS, generate, made, plan};

fn bytes(record: &Record) -> Vec<(&'static str, Vec<u8>)> {
    record.kinds.iter().map(|kind| (kind.resource, kind.lines().flatten().copied().collect())).collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_one_others() {
    let (one, again) = (generate(&plan(5)), generate(&plan(5)));
    assert!(bytes(&one) == bytes(&again));
    for other in [Plan { seed: 6, ..plan(5) }, Plan { clinic: 9, ..plan(5) }] {
        let other = generate(&other);
        assert_ne!(other.ended.clinic, one.ended.clinic);
        let pairs = bytes(&one).into_iter().zip(bytes(&other));
        assert!(pairs.into_iter().all(|((name, one), (_, other))| one != other || name == "document_contents"));
    }
}

/// If this fails, seeds give other clinics than they did: then say so in `changes/unreleased`, and write the new digest here.
#[test]
fn a_seed_gives_what_it_always_gave() {
    let all: Vec<u8> = bytes(&generate(&plan(1))).into_iter().flat_map(|(_, bytes)| bytes).collect();
    let digest = <sha2::Sha256 as sha2::Digest>::digest(&all);
    let digest: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digest, "911c7552fef1e192");
}

#[test]
fn every_kind_is_there_and_every_line_is_one_of_an_export() {
    for seed in SEEDS {
        let record = &made(seed).record;
        let names: Vec<&str> = clinicos_clinic::record().map(|kind| kind.name()).collect();
        assert_eq!(record.kinds.iter().map(|kind| kind.resource).collect::<Vec<_>>(), names);
        let mut sums = clinicos_clinic::sums::Sums::default();
        for (kind, lines) in clinicos_clinic::record().zip(&record.kinds) {
            assert!(lines.lines().count() > 0, "seed {seed} has no {}", kind.name());
            let mut texts = lines.lines().map(|line| std::str::from_utf8(line).unwrap());
            if let Err(wrong) = kind.check(&mut texts, 1, &mut sums) {
                let line = lines.lines().nth(wrong.at).map(String::from_utf8_lossy);
                panic!("seed {seed}, {}: {:?} {line:?}", kind.name(), wrong.errors);
            }
            assert!(lines.lines().all(|line| line.ends_with(b"\n")));
        }
        let wrong = sums.contradiction();
        assert!(wrong.is_none(), "seed {seed}: {wrong:?}");
    }
}
