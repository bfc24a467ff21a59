//! Identifiers: a prefix that names the kind, then a UUIDv7 in Crockford base32.
//!
//! `inv_01jd3vq9z4e8rb6k0w2m5x7t1c` sorts by time as text, fits a URL, and can be told
//! from any other kind at a glance. The 26 characters are kept as text because that is
//! how rows hold them and how answers show them; the audit journal asks for the 16 bytes.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use crate::short::ShortText;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Characters of the encoded UUID, without the prefix.
pub const ENCODED_CHARS: usize = 26;

/// Crockford's alphabet in lower case (<https://www.crockford.com/base32.html>).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// What an identifier names. Implemented by empty enums, one for each kind of record.
pub trait Kind: 'static {
    /// The letters before the underscore.
    const PREFIX: &'static str;
}

/// An identifier of one kind of record.
pub struct Id<K> {
    text: [u8; ENCODED_CHARS],
    kind: PhantomData<fn() -> K>,
}

impl<K: Kind> Id<K> {
    /// The identifier that holds these 16 bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self { text: encode(bytes), kind: PhantomData }
    }

    /// Reads `prefix_…`. `None` for another prefix or anything but the canonical spelling.
    pub fn parse(text: &str) -> Option<Self> {
        let encoded = text.strip_prefix(K::PREFIX)?.strip_prefix('_')?;
        let text: [u8; ENCODED_CHARS] = encoded.as_bytes().try_into().ok()?;
        decode(&text)?;
        Some(Self { text, kind: PhantomData })
    }

    /// Reads an identifier that this program stored: the shape is checked, not each character.
    pub fn from_stored(text: &str) -> Option<Self> {
        let encoded = text.strip_prefix(K::PREFIX)?.strip_prefix('_')?;
        Some(Self { text: encoded.as_bytes().try_into().ok()?, kind: PhantomData })
    }

    /// The 16 bytes of the UUID.
    pub fn to_bytes(self) -> [u8; 16] {
        decode(&self.text).unwrap_or_default()
    }

    /// The same identifier without its kind in the type.
    pub fn any(self) -> AnyId {
        AnyId { prefix: K::PREFIX, bytes: self.to_bytes() }
    }

    /// `prefix_…`, without an allocation.
    pub fn text(&self) -> ShortText {
        const { assert!(K::PREFIX.len() <= 5, "an id fits a short text") };
        ShortText::of(&[K::PREFIX, "_", encoded(&self.text)]).unwrap_or_default()
    }

    /// Appends `prefix_…` to `out`.
    pub fn write_text(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(K::PREFIX.as_bytes());
        out.push(b'_');
        out.extend_from_slice(&self.text);
    }
}

/// An identifier whose kind is known only at run time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct AnyId {
    /// The letters before the underscore.
    pub prefix: &'static str,
    /// The UUID.
    pub bytes: [u8; 16],
}

impl fmt::Display for AnyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.prefix)?;
        f.write_str("_")?;
        f.write_str(encoded(&encode(self.bytes)))
    }
}

/// The 26 characters for these bytes, without a prefix.
pub fn text_of(bytes: [u8; 16]) -> String {
    encoded(&encode(bytes)).to_owned()
}

/// Reads any `prefix_…` spelled canonically; the prefix is returned as it stands.
pub fn parse_any(text: &str) -> Option<(&str, [u8; 16])> {
    let (prefix, encoded) = text.split_once('_')?;
    let encoded: [u8; ENCODED_CHARS] = encoded.as_bytes().try_into().ok()?;
    Some((prefix, decode(&encoded)?))
}

fn encoded(text: &[u8; ENCODED_CHARS]) -> &str {
    std::str::from_utf8(text).unwrap_or_default()
}

fn encode(bytes: [u8; 16]) -> [u8; ENCODED_CHARS] {
    let mut rest = u128::from_be_bytes(bytes);
    let mut text = [b'0'; ENCODED_CHARS];
    for slot in text.iter_mut().rev() {
        *slot = ALPHABET.get((rest & 31) as usize).copied().unwrap_or(b'0');
        rest >>= 5;
    }
    text
}

fn decode(text: &[u8; ENCODED_CHARS]) -> Option<[u8; 16]> {
    let mut value: u128 = 0;
    for (index, byte) in text.iter().enumerate() {
        let digit = digit(*byte)?;
        // 26 characters carry 130 bits: the first one may only use the lower three.
        if index == 0 && digit > 7 {
            return None;
        }
        value = (value << 5) | u128::from(digit);
    }
    Some(value.to_be_bytes())
}

fn digit(byte: u8) -> Option<u8> {
    DIGITS.get(usize::from(byte)).copied().filter(|digit| *digit != NO_DIGIT)
}

const NO_DIGIT: u8 = 0xff;
const DIGITS: [u8; 256] = digits();

#[expect(clippy::indexing_slicing, reason = "evaluated at build time, where a bad index fails the build")]
const fn digits() -> [u8; 256] {
    let mut table = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 32 {
        table[ALPHABET[value] as usize] = value as u8;
        value += 1;
    }
    table
}

/// A UUIDv7 from a time in milliseconds and 10 random bytes (RFC 9562, section 5.7).
pub fn uuid_v7(unix_ms: i64, random: [u8; 10]) -> [u8; 16] {
    let millis = u128::from(unix_ms.max(0).unsigned_abs() & 0xffff_ffff_ffff);
    let mut tail = [0u8; 16];
    for (slot, byte) in tail.iter_mut().skip(6).zip(random) {
        *slot = byte;
    }
    let random_bits = u128::from_be_bytes(tail);
    let variant_cleared = random_bits & !(0xf000_u128 << 64) & !(0b11_u128 << 62);
    ((millis << 80) | variant_cleared | (0x7000_u128 << 64) | (0b10_u128 << 62)).to_be_bytes()
}

/// The millisecond that a UUIDv7 carries.
pub fn uuid_v7_ms(bytes: [u8; 16]) -> i64 {
    i64::try_from(u128::from_be_bytes(bytes) >> 80).unwrap_or(0)
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}
impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(K::PREFIX)?;
        f.write_str("_")?;
        f.write_str(encoded(&self.text))
    }
}
impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("not an identifier of this kind"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    enum Sample {}
    impl Kind for Sample {
        const PREFIX: &'static str = "smp";
    }

    #[test]
    fn text_and_bytes_are_two_forms_of_one_value() {
        for seed in 0..=255u8 {
            let bytes = uuid_v7(1_763_796_000_000 + i64::from(seed), [seed; 10]);
            let id = Id::<Sample>::from_bytes(bytes);
            assert_eq!(id.to_bytes(), bytes);
            assert_eq!(Id::<Sample>::parse(&id.to_string()), Some(id));
            assert_eq!(bytes[6] >> 4, 7, "the version of a UUIDv7");
            assert_eq!(bytes[8] >> 6, 2, "the variant of RFC 9562");
            assert_eq!(uuid_v7_ms(bytes), 1_763_796_000_000 + i64::from(seed));
        }
    }

    #[test]
    fn only_the_canonical_spelling_is_read() {
        let id = Id::<Sample>::from_bytes(uuid_v7(1, [7; 10])).to_string();
        let wrong = [
            id.to_uppercase(),
            id.replace("smp_", "inv_"),
            id.replace("smp_", "smp"),
            format!("{id}0"),
            format!(" {id}"),
            id.replacen('0', "o", 1),
            format!("smp_8{}", id.get(5..).unwrap()),
            "smp_".to_owned(),
            String::new(),
        ];
        for text in wrong {
            assert_eq!(Id::<Sample>::parse(&text), None, "{text}");
        }
    }

    #[test]
    fn identifiers_sort_by_time() {
        let earlier = Id::<Sample>::from_bytes(uuid_v7(1_000, [255; 10]));
        let later = Id::<Sample>::from_bytes(uuid_v7(1_001, [0; 10]));
        assert!(earlier < later);
        assert!(earlier.to_string() < later.to_string());
    }
}
