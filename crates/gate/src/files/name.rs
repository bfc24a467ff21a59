//! What a file is called.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::ids::ClinicId;

/// How many hexadecimal digits a SHA-256 has.
const DIGITS: usize = 64;
/// How many of them name a directory, so that none holds too many files.
const SHELF_DIGITS: usize = 2;

/// A file's name: whose it is, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName {
    clinic: ClinicId,
    sha256: String,
}

/// The SHA-256 of bytes, in small hexadecimal digits.
pub fn sha256_of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(DIGITS);
    for byte in Sha256::digest(bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

impl FileName {
    /// The file of a clinic with this SHA-256; `None` if that is none, in small hexadecimal digits.
    pub fn new(clinic: ClinicId, sha256: &str) -> Option<Self> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        (sha256.len() == DIGITS && sha256.bytes().all(is_digit)).then(|| Self { clinic, sha256: sha256.to_owned() })
    }

    /// The file that these bytes of a clinic are.
    pub fn of(clinic: ClinicId, bytes: &[u8]) -> Self {
        Self { clinic, sha256: sha256_of(bytes) }
    }

    /// Whose it is.
    pub fn clinic(&self) -> ClinicId {
        self.clinic
    }

    /// The SHA-256 of what is in it.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The directory that it is in: `<clinic>/<aa>`.
    pub fn shelf(&self) -> String {
        format!("{}/{}", self.clinic, self.sha256.get(..SHELF_DIGITS).unwrap_or_default())
    }

    /// Where it is: `<clinic>/<aa>/<sha256>`.
    pub fn path(&self) -> String {
        format!("{}/{}", self.shelf(), self.sha256)
    }

    /// Reads what [`FileName::path`] wrote.
    pub fn parse(path: &str) -> Option<Self> {
        let (clinic, rest) = path.split_once('/')?;
        let (_, sha256) = rest.split_once('/')?;
        Self::new(ClinicId::parse(clinic)?, sha256).filter(|name| name.path() == path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_was_written_and_leads_nowhere_else() {
        let clinic = ClinicId::from_bytes([7; 16]);
        let name = FileName::of(clinic, b"abc");
        // The first example of FIPS 180-4's test vectors for SHA-256: the text `abc`.
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(name.path(), format!("{clinic}/ba/{known}"));
        assert_eq!(FileName::parse(&name.path()), Some(name));
        let (short, outside) = (known.trim_start_matches('b'), known.replacen("ba7", "../", 1));
        for wrong in ["", "..", "ba", short, &known.to_uppercase(), &outside] {
            assert_eq!(FileName::new(clinic, wrong), None, "{wrong}");
        }
        for wrong in [format!("{clinic}/bb/{known}"), format!("{clinic}/{known}"), format!("../ba/{known}")] {
            assert_eq!(FileName::parse(&wrong), None, "{wrong}");
        }
    }
}
