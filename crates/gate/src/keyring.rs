//! Secrets that live outside the database, each with an id and room for rotation.
//!
//! A copy of the database alone can neither forge a key nor read a sealed value.

use chacha20poly1305::aead::{Aead, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use clinicos_contract::{Entropy, source};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

const NONCE_BYTES: usize = 24;
const SECRET_BYTES: usize = 32;

/// The keyring as its file holds it.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct KeyringFile {
    /// The environment that the keyring belongs to.
    pub environment: String,
    pepper: Secret,
    cursor: Secret,
    sealing: Secret,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct Secret {
    id: u8,
    /// 32 bytes in hexadecimal.
    secret: String,
}

/// What the key of the journal's hashes is derived for.
const JOURNAL: &[u8] = b"clinicos audit journal";

/// The keyring in use.
pub struct Keyring {
    pepper: Hmac<Sha256>,
    journal: Hmac<Sha256>,
    cursor: Sealer,
    sealing: Sealer,
}

struct Sealer {
    id: u8,
    cipher: XChaCha20Poly1305,
}

/// What a value is sealed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seal {
    /// A cursor, or something else in a client's hands.
    Cursor,
    /// A value in the database.
    Row,
}

impl KeyringFile {
    /// New secrets.
    pub fn generate(environment: &str, entropy: &dyn Entropy) -> Self {
        let secret = || Secret { id: 1, secret: to_hex(&source::random::<SECRET_BYTES>(entropy)) };
        Self { environment: environment.to_owned(), pepper: secret(), cursor: secret(), sealing: secret() }
    }

    /// The keyring in use. `None` if a secret is not 32 bytes in hexadecimal.
    pub fn unlock(&self) -> Option<Keyring> {
        let sealer = |secret: &Secret| {
            Some(Sealer { id: secret.id, cipher: XChaCha20Poly1305::new(&from_hex::<SECRET_BYTES>(&secret.secret)?.into()) })
        };
        let pepper: Hmac<Sha256> = Hmac::new_from_slice(&from_hex::<SECRET_BYTES>(&self.pepper.secret)?).ok()?;
        let of_journal = pepper.clone().chain_update(JOURNAL).finalize().into_bytes();
        Some(Keyring {
            pepper,
            journal: Hmac::new_from_slice(&of_journal).ok()?,
            cursor: sealer(&self.cursor)?,
            sealing: sealer(&self.sealing)?,
        })
    }
}

impl Keyring {
    /// The keyed hash under which a credential is stored: HMAC-SHA256 with the pepper.
    pub fn credential_hash(&self, credential: &str) -> [u8; 32] {
        let mut mac = self.pepper.clone();
        mac.update(credential.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// The keyed hash that the journal keeps of a value: the first 16 bytes of HMAC-SHA256 over the
    /// entry's salt and the value. Without the keyring nobody finds the value by trying.
    pub fn journal_hash(&self, salt: &[u8; 16], value: &[u8]) -> [u8; 16] {
        let digest: [u8; 32] = self.journal.clone().chain_update(salt).chain_update(value).finalize().into_bytes().into();
        let (half, _) = digest.split_at(16);
        half.try_into().unwrap_or_default()
    }

    /// Seals bytes; `bound` must be the same when they are opened. The first byte is the key's id.
    pub fn seal(&self, seal: Seal, plain: &[u8], bound: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        let sealer = self.sealer(seal);
        let nonce = source::random::<NONCE_BYTES>(entropy);
        // Encrypting in memory fails only for messages of many gigabytes; nothing then opens.
        let sealed = sealer.cipher.encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: bound }).unwrap_or_default();
        let mut out = Vec::with_capacity(1 + NONCE_BYTES + sealed.len());
        out.push(sealer.id);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        out
    }

    /// Opens what [`Keyring::seal`] sealed. `None` if it was changed or bound to something else.
    pub fn open(&self, seal: Seal, sealed: &[u8], bound: &[u8]) -> Option<Vec<u8>> {
        let sealer = self.sealer(seal);
        let (id, rest) = sealed.split_first()?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_BYTES)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        if *id != sealer.id {
            return None;
        }
        sealer.cipher.decrypt(&XNonce::from(nonce), Payload { msg: sealed, aad: bound }).ok()
    }

    fn sealer(&self, seal: Seal) -> &Sealer {
        match seal {
            Seal::Cursor => &self.cursor,
            Seal::Row => &self.sealing,
        }
    }
}

/// Lower-case hexadecimal.
pub fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads hexadecimal of exactly `N` bytes.
pub fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; N];
    for (slot, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *slot = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Same(u8);
    impl Entropy for Same {
        fn fill(&self, out: &mut [u8]) {
            out.fill(self.0);
        }
    }

    #[test]
    fn a_hash_of_the_journal_needs_keyring_salt_and_value() {
        let keyring = |byte| KeyringFile::generate("sandbox", &Same(byte)).unlock().unwrap();
        let hash = keyring(1).journal_hash(&[7; 16], b"192.0.2.1");
        assert_eq!(hash, keyring(1).journal_hash(&[7; 16], b"192.0.2.1"));
        assert_ne!(hash, keyring(2).journal_hash(&[7; 16], b"192.0.2.1"));
        assert_ne!(hash, keyring(1).journal_hash(&[8; 16], b"192.0.2.1"));
        assert_ne!(hash, keyring(1).journal_hash(&[7; 16], b"192.0.2.2"));
    }
}
