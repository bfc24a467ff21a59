//! Keys: exactly what is well formed is accepted.

use clinicos_contract::Entropy;
use clinicos_gate::Environment;
use clinicos_gate::credential::{self, Malformed};
use clinicos_server::http::bearer;
use http::HeaderValue;

const SECRET_CHARS: usize = 43;
const CHECK_CHARS: usize = 6;
const ENVIRONMENTS: [(Environment, &str); 2] = [(Environment::Live, "cos_live_"), (Environment::Sandbox, "cos_sandbox_")];

/// The bytes of a fuzzer as randomness, over and over.
struct Given<'d>(&'d [u8]);
impl Given<'_> {
    fn generate(&self, environment: Environment) -> String {
        // `Entropy` lives as long as the program; a copy of these few bytes does, too.
        let bytes: [u8; 32] = std::array::from_fn(|at| self.0.get(at).copied().unwrap_or(at as u8));
        credential::generate(environment, &Fixed(bytes))
    }
}

struct Fixed([u8; 32]);
impl Entropy for Fixed {
    fn fill(&self, out: &mut [u8]) {
        for (slot, byte) in out.iter_mut().zip(self.0.iter().cycle()) {
            *slot = *byte;
        }
    }
}

/// A key as a caller sends it, an `Authorization` header, and randomness for a new key.
///
/// - A text is accepted if another reading of the rules accepts it, and only then.
/// - A key of one environment is none of the other.
/// - A bearer token has no white space around it, and is not empty.
/// - A new key is accepted, and its hint shows four characters of it.
pub fn key(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        for (environment, prefix) in ENVIRONMENTS {
            let accepted = credential::check(text, environment);
            assert_eq!(accepted.is_ok(), is_well_formed(text, prefix), "`{text}`: {accepted:?}");
            let _ = credential::hint(text);
        }
    }
    if let Ok(value) = HeaderValue::from_bytes(data)
        && let Some(token) = bearer(&value)
    {
        assert!(!token.is_empty() && token.trim() == token, "`{token}` from {value:?}");
        assert!(data.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer ")), "{value:?}");
        assert!(data.ends_with(token.as_bytes()) || data.trim_ascii_end().ends_with(token.as_bytes()), "{value:?}");
    }
    for (at, (environment, prefix)) in ENVIRONMENTS.into_iter().enumerate() {
        let new = Given(data).generate(environment);
        assert_eq!(credential::check(&new, environment), Ok(()));
        let other = ENVIRONMENTS.map(|(environment, _)| environment).into_iter().nth(1 - at);
        assert_eq!(other.map(|other| credential::check(&new, other)), Some(Err(Malformed::Environment)));
        let hint = credential::hint(&new);
        assert!(new.starts_with(&hint) && hint.len() == prefix.len() + 4, "the hint is `{hint}`");
    }
}

/// The rules once more, with other arithmetic than the server's.
fn is_well_formed(text: &str, prefix: &str) -> bool {
    let Some(rest) = text.strip_prefix(prefix) else { return false };
    let Some((secret, check)) = rest.split_at_checked(SECRET_CHARS).filter(|(_, check)| check.len() == CHECK_CHARS) else {
        return false;
    };
    let digits = check.bytes().map(|byte| match byte {
        b'0'..=b'9' => Some(u64::from(byte - b'0')),
        b'A'..=b'Z' => Some(u64::from(byte - b'A') + 10),
        b'a'..=b'z' => Some(u64::from(byte - b'a') + 36),
        _ => None,
    });
    let read =
        digits.map(|digit| digit.ok_or(())).try_fold(0_u64, |all, digit| digit.map(|digit| all * 62 + digit).map_err(drop));
    read == Ok(u64::from(crc32(&[prefix, secret].concat())))
}

/// CRC-32 (ISO 3309), bit by bit.
fn crc32(text: &str) -> u32 {
    !text.bytes().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 & (!(crc & 1)).wrapping_add(1)))
    })
}
