//! Cursors: what was sealed opens as it was, and nothing else opens.

use std::sync::OnceLock;

use clinicos_contract::Entropy;
use clinicos_contract::query::Operand;
use clinicos_gate::cursor::{open_after, seal_after};
use clinicos_gate::{Keyring, KeyringFile, Seal};
use clinicos_store::page::After;

/// Bound to nothing that a fuzzer would hit upon.
const BOUND: &[u8] = b"sandbox\ncon_0\ninvoices.list\n\nNone";
/// Longest cursor that is looked at.
const CURSOR_CHARS_MAX: usize = 2_048;

/// Bytes that count up: the same in each run.
struct Counting;
impl Entropy for Counting {
    fn fill(&self, out: &mut [u8]) {
        for (byte, slot) in (7_u8..).zip(out.iter_mut()) {
            *slot = byte;
        }
    }
}

fn keyring() -> &'static Keyring {
    static KEYRING: OnceLock<Keyring> = OnceLock::new();
    KEYRING.get_or_init(|| KeyringFile::generate("sandbox", &Counting).unlock().expect("a new keyring can be used"))
}

/// The one cursor that opens; it is in the corpus, so that mutations start from it.
pub fn sealed() -> &'static str {
    static SEALED: OnceLock<String> = OnceLock::new();
    let after = || After { sort: Some(Operand::Int(1_795_330_800)), id: "inv_01jd3vq9z4e8rb6k0w2m5x7t1c".to_owned() };
    SEALED.get_or_init(|| seal_after(keyring(), &Counting, BOUND, &after()))
}

/// A cursor as a caller sends it; and the same bytes as what a cursor holds.
///
/// - No text opens but the one that was sealed, letter by letter.
/// - What is sealed opens as it was, with what it is bound to and not without.
/// - What a sealed value holds is read without a panic, whatever it is.
pub fn cursor(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        let opened = open_after(keyring(), BOUND, text);
        assert_eq!(opened.is_some(), text == sealed(), "`{text}` opens as {opened:?}");
        let (id, sort) = text.split_once('\n').unwrap_or((text, ""));
        for sort in [None, Some(Operand::Text(sort.to_owned())), Some(Operand::Int(data.len() as i64 - 5))] {
            opens_as_it_was(&After { sort, id: id.to_owned() }, data);
        }
    }
    // What only a holder of the keyring could have made.
    let odd = keyring().seal(Seal::Cursor, data, BOUND, &Counting);
    if let Some(after) = open_after(keyring(), BOUND, &base64(&odd)) {
        opens_as_it_was(&after, data);
    }
}

fn opens_as_it_was(after: &After, data: &[u8]) {
    let sealed = seal_after(keyring(), &Counting, data, after);
    if sealed.len() > CURSOR_CHARS_MAX {
        return;
    }
    assert_eq!(open_after(keyring(), data, &sealed).as_ref(), Some(after));
    let other = [data, b"x"].concat();
    assert_eq!(open_after(keyring(), &other, &sealed), None, "opens for another question");
    let at = data.len() % sealed.len();
    let changed: String = sealed
        .chars()
        .enumerate()
        .map(|(place, one)| if place == at { if one == 'A' { 'B' } else { 'A' } } else { one })
        .collect();
    assert_eq!(open_after(keyring(), data, &changed), None, "opens although it was changed");
}

/// The alphabet of cursors (RFC 4648, section 5), without padding.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + 3);
    for chunk in bytes.chunks(3) {
        let all = chunk.iter().chain([&0; 2]).take(3).fold(0_u32, |all, byte| (all << 8) | u32::from(*byte));
        for place in 0..=chunk.len() {
            let digit = (all >> (18 - 6 * place)) & 63;
            text.extend(ALPHABET.get(digit as usize).map(|letter| char::from(*letter)));
        }
    }
    text
}
