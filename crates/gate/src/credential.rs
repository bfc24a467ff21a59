//! Keys: how they look, how one is made, and how a wrong one is told without a look-up.
//!
//! `cos_live_` or `cos_sandbox_`, then 43 base62 characters that carry 256 random bits, then 6
//! base62 characters of the CRC-32 of all that stands before. A key that was cut short or
//! mistyped is refused before anything is hashed.

use clinicos_contract::{Entropy, source};

use crate::services::Environment;

const SECRET_CHARS: usize = 43;
const CHECK_CHARS: usize = 6;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Why a text is not a key of this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// It does not start like a key.
    Prefix,
    /// It is cut short, too long, or mistyped.
    Checksum,
    /// It is a key of the other environment.
    Environment,
}

/// A new key of this environment.
pub fn generate(environment: Environment, entropy: &dyn Entropy) -> String {
    let mut key = prefix(environment).to_owned();
    push_base62(&mut key, &source::random::<32>(entropy), SECRET_CHARS);
    let check = crc32(key.as_bytes());
    push_base62(&mut key, &check.to_be_bytes(), CHECK_CHARS);
    key
}

/// Checks the shape of a key, without a look-up.
pub fn check(key: &str, environment: Environment) -> Result<(), Malformed> {
    let known = [Environment::Live, Environment::Sandbox].into_iter().find(|one| key.starts_with(prefix(*one)));
    let found = known.ok_or(Malformed::Prefix)?;
    let split = key.len().checked_sub(CHECK_CHARS).ok_or(Malformed::Checksum)?;
    let (body, check) = key.split_at_checked(split).ok_or(Malformed::Checksum)?;
    let mut expected = String::with_capacity(CHECK_CHARS);
    push_base62(&mut expected, &crc32(body.as_bytes()).to_be_bytes(), CHECK_CHARS);
    if key.len() != prefix(found).len() + SECRET_CHARS + CHECK_CHARS || check != expected {
        return Err(Malformed::Checksum);
    }
    if found != environment {
        return Err(Malformed::Environment);
    }
    Ok(())
}

/// The part of a key that may be shown: its prefix and first four characters.
pub fn hint(key: &str) -> String {
    let secret_at = key.rfind('_').map_or(0, |at| at + 1);
    key.chars().take(secret_at + 4).collect()
}

/// A text with whatever could be a key in it cut to its first characters, with a prefix or without
/// one: for texts that people send about keys. A commit's hash is shorter, and stays.
pub fn masked(text: &str) -> String {
    const SHOWN_CHARS: usize = 4;
    let in_key = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let is_key = in_key(next);
        let end = rest.find(|c| in_key(c) != is_key).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        if is_key && run.len() >= SECRET_CHARS {
            out.extend(run.chars().take(SHOWN_CHARS));
            out.push('…');
        } else {
            out.push_str(run);
        }
        rest = after;
    }
    out
}

fn prefix(environment: Environment) -> &'static str {
    match environment {
        Environment::Live => "cos_live_",
        Environment::Sandbox => "cos_sandbox_",
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}

/// Appends a big-endian number in base 62, padded to `chars`.
fn push_base62(out: &mut String, bytes: &[u8], chars: usize) {
    let mut number = bytes.to_vec();
    let mut digits = vec![b'0'; chars];
    for slot in digits.iter_mut().rev() {
        let mut remainder = 0u32;
        for byte in &mut number {
            let value = (remainder << 8) | u32::from(*byte);
            *byte = (value / 62) as u8;
            remainder = value % 62;
        }
        *slot = BASE62.get(remainder as usize).copied().unwrap_or(b'0');
    }
    out.extend(digits.into_iter().map(char::from));
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;
    impl Entropy for Counting {
        fn fill(&self, out: &mut [u8]) {
            for (index, byte) in out.iter_mut().enumerate() {
                *byte = index as u8 ^ 0xa5;
            }
        }
    }

    #[test]
    fn a_key_has_its_documented_shape() {
        let key = generate(Environment::Live, &Counting);
        assert_eq!(key.len(), "cos_live_".len() + 49);
        assert_eq!(check(&key, Environment::Live), Ok(()));
        assert_eq!(check(&key, Environment::Sandbox), Err(Malformed::Environment));
        assert_eq!(hint(&key), key.get(..13).unwrap());
    }

    #[test]
    fn what_could_be_a_key_is_cut() {
        let key = generate(Environment::Live, &Counting);
        let secret = key.strip_prefix("cos_live_").unwrap();
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let text = format!("https://example.org/{commit}/{key}?a={secret}&b={key}{key}&c=cos%5Flive%5F{secret} ünd so on");
        let cut = masked(&text);
        assert_eq!(
            cut,
            format!(
                "https://example.org/{commit}/cos_…?a={a}…&b=cos_…&c=cos%5Flive%5F{b}… ünd so on",
                a = secret.get(..4).unwrap(),
                b = secret.get(..2).unwrap()
            )
        );
        assert_eq!(masked(""), "");
    }

    /// Abuse case C13: every truncation, extension and change of one character is refused.
    #[test]
    fn c13_no_other_text_passes_for_a_key() {
        let key = generate(Environment::Sandbox, &Counting);
        for length in 0..key.len() {
            assert!(check(key.get(..length).unwrap(), Environment::Sandbox).is_err(), "cut to {length}");
        }
        for extra in ["0", "a", " ", "\u{e9}"] {
            assert!(check(&format!("{key}{extra}"), Environment::Sandbox).is_err());
        }
        for at in 0..key.len() {
            let mut changed = key.clone().into_bytes();
            changed[at] = if changed[at] == b'x' { b'y' } else { b'x' };
            assert!(check(&String::from_utf8(changed).unwrap(), Environment::Sandbox).is_err(), "changed at {at}");
        }
    }
}
