//! Replays the corpus of the fuzz targets and, from a seed, mutations of it: what fuzzing found
//! stays found, in every build and without a fuzzer.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that fails says so by panicking")]

use std::path::{Path, PathBuf};

/// Mutations of each input.
const MUTATIONS: u64 = 60;
/// What mutations put in: what parsers trip over.
const PIECES: [&[u8]; 22] = [
    b"\0",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xe2\x80\xae",
    b"\"",
    b"\\",
    b"\\ud800",
    b"{",
    b"[",
    b"]",
    b"}",
    b":",
    b",",
    b"null",
    b"-0",
    b"1e400",
    b"9223372036854775808",
    b"%00",
    b"&",
    b"=",
    b"[gte]",
];

fn corpus(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(name);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

/// SplitMix64.
struct Random(u64);
impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

fn mutated(random: &mut Random, input: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len() + 1);
        match random.below(5) {
            0 => bytes.truncate(at),
            1 => drop(bytes.splice(at..at, PIECES[random.below(PIECES.len())].iter().copied())),
            2 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            3 if at < bytes.len() => drop(bytes.remove(at)),
            _ => drop(bytes.splice(at.., other.iter().copied().skip(random.below(other.len() + 1)))),
        }
    }
    bytes
}

#[test]
fn what_must_hold_for_any_input_holds_for_the_corpus_and_its_mutations() {
    for (name, property) in clinicos_properties::ALL {
        let inputs = corpus(name);
        assert!(!inputs.is_empty(), "`{name}` has no corpus");
        let mut random = Random(1);
        for (path, input) in &inputs {
            let replay = std::panic::catch_unwind(|| property(input));
            assert!(replay.is_ok(), "{} is a finding of `{name}`", path.display());
            for _ in 0..MUTATIONS {
                let other = random.below(inputs.len());
                let mutation = mutated(&mut random, input, &inputs[other].1);
                let found = std::panic::catch_unwind(|| property(&mutation));
                assert!(found.is_ok(), "`{}` is a finding of `{name}`", mutation.escape_ascii());
            }
        }
    }
}

/// Whoever adds a property adds its fuzz target and its corpus, and the other way round.
#[test]
fn properties_targets_and_corpora_have_the_same_names() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let names = |directory: &str| {
        let entries = std::fs::read_dir(fuzz.join(directory)).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect();
        names.sort();
        names
    };
    let properties: Vec<&str> = clinicos_properties::ALL.iter().map(|(name, _)| *name).collect();
    assert_eq!(names("fuzz_targets"), properties);
    assert_eq!(names("corpus"), properties);
}
