//! Values that are sent, and looked for where they must not be.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::console_browser::encoded;

/// Nothing shorter is looked for.
const START_BYTES: usize = 6;

/// Everything that this process logs from now on, at the finest level.
#[derive(Clone)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub fn start() -> Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        let start = || {
            let log = Self(Arc::default());
            let writer = log.clone();
            // Without times: their digits could be those of a code.
            let lines = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).without_time().with_ansi(false);
            lines.with_writer(move || writer.clone()).init();
            log
        };
        LOG.get_or_init(start).clone()
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What must not be found, by what it is.
#[derive(Default)]
pub struct Canaries(pub BTreeMap<String, String>);

impl Canaries {
    /// Adds one.
    pub fn add(&mut self, what: &str, value: &str) {
        assert!(value.len() >= START_BYTES, "{what} is too short to be looked for: `{value}`");
        self.0.insert(value.to_owned(), what.to_owned());
    }

    /// The canaries that stand in some bytes, in any of the usual spellings. One pass: there are
    /// hundreds of spellings, and megabytes to look through.
    pub fn found_in(&self, bytes: &[u8]) -> Vec<String> {
        let mut by_start: HashMap<&[u8], Vec<(&str, &str, &str)>> = HashMap::new();
        let all: Vec<_> = self.0.iter().map(|(value, what)| (what, spellings(value))).collect();
        let mut starts = vec![false; 1 << 16];
        for (what, spellings) in &all {
            for (spelling, text) in spellings {
                by_start.entry(&text.as_bytes()[..START_BYTES]).or_default().push((what, spelling, text));
                starts[pair(text.as_bytes())] = true;
            }
        }
        let mut found = BTreeSet::new();
        for at in 0..bytes.len().saturating_sub(START_BYTES - 1) {
            let rest = &bytes[at..];
            if starts[pair(rest)] {
                for (what, spelling, text) in by_start.get(&rest[..START_BYTES]).into_iter().flatten() {
                    if rest.starts_with(text.as_bytes()) {
                        found.insert(format!("{what}, {spelling}"));
                    }
                }
            }
        }
        found.into_iter().collect()
    }
}

fn pair(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

/// A value as it is, for an address, for a form, as JSON, in hex, and in base64 wherever it starts.
fn spellings(value: &str) -> Vec<(&'static str, String)> {
    let hex = |upper: bool| value.bytes().map(|byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") }).collect();
    let mut all = vec![
        ("plain", value.to_owned()),
        ("percent-encoded", encoded(value)),
        ("as a form", value.replace(' ', "+").replace('@', "%40")),
        (
            "percent-encoded where it must be",
            value.replace(' ', "%20").replace('@', "%40").replace('(', "%28").replace(')', "%29"),
        ),
        ("in hex", hex(false)),
        ("in hex", hex(true)),
    ];
    for offset in 0..3 {
        let shifted = [vec![b'x'; offset], value.as_bytes().to_vec()].concat();
        let text = base64(&shifted);
        // The first and last letters depend on what stands around.
        let sure = text.get([0, 2, 3][offset]..(shifted.len() * 4 / 3)).unwrap_or_default().to_owned();
        all.push(("in base64", sure.replace('+', "-").replace('/', "_")));
        all.push(("in base64", sure));
    }
    all.retain(|(_, text)| text.len() >= START_BYTES);
    all
}

pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        text.extend((0..=chunk.len()).map(|at| char::from(LETTERS[(bits >> (18 - 6 * at) & 63) as usize])));
    }
    text
}

/// A canary is found in each spelling, or nothing could ever be.
#[test]
fn l5_a_canary_is_found_however_it_is_spelled() {
    let mut canaries = Canaries::default();
    canaries.add("it", "a secret & more");
    let plain = |text: &str| !canaries.found_in(text.as_bytes()).is_empty();
    assert!(
        plain("x a secret & more x") && plain("a%20secret%20%26%20more") && plain("61207365637265742026206d6f7265"),
        "{:?}",
        spellings("a secret & more")
    );
    for before in ["", "1", "22", "333", "4444"] {
        assert!(plain(&base64(format!("{before}a secret & more and on").as_bytes())), "{before}");
    }
    assert!(!plain("a secret") && !plain(&base64(b"something else altogether")));
}

/// A file to import, of a length that base64 needs no filling for.
pub fn file_of(person: &str) -> String {
    let mut file = format!("OwnerID,First Name,Last Name,Address,City,Phone\n1,{person},Ames,,,\n");
    while !file.len().is_multiple_of(3) {
        file.push('\n');
    }
    file
}

/// The forms that `secrets.rs` uses are all that there are.
#[test]
fn l5_every_form_is_used() {
    let source = include_str!("secrets.rs");
    for (path, _) in clinicos_console::web::ROUTES.iter().filter(|(_, methods)| methods.contains("POST")) {
        let written = path
            .replace("/console/connections/{id}", "{one}")
            .replace("/console/keys/{id}", "{own}")
            .replace("/console/import/{id}", "{import}")
            .replace("/console/export/{id}", "{export}")
            .replace("/console/people/{id}", "{person}");
        assert!(source.contains(&format!("\"{written}\"")), "no secret is typed into the form of {path}");
    }
}
