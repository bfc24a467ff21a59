//! Secrets that live outside the database, each with an id and room for rotation.
//!
//! A copy of the database alone can neither forge a key nor read a sealed value.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use clinicos_contract::{Entropy, source};
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

const NONCE_BYTES: usize = 24;

/// The secrets of one environment.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct Keyring {
    /// The environment that the keyring belongs to.
    pub environment: String,
    pepper: Secret,
    cursor: Secret,
    sealing: Secret,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct Secret {
    id: u32,
    /// Hexadecimal, 32 bytes.
    bytes: String,
}

/// What a value is sealed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seal {
    /// A cursor in a client's hands.
    Cursor,
    /// A value in the database.
    Row,
}

impl Keyring {
    /// New secrets.
    pub fn generate(environment: &str, entropy: &dyn Entropy) -> Self {
        let secret = || Secret { id: 1, bytes: hex(&source::random::<32>(entropy)) };
        Self { environment: environment.to_owned(), pepper: secret(), cursor: secret(), sealing: secret() }
    }

    /// The keyed hash under which a credential is stored: HMAC-SHA256 with the pepper.
    pub fn credential_hash(&self, credential: &str) -> [u8; 32] {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.pepper.key()) else { return [0; 32] };
        mac.update(credential.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// Seals bytes; `bound` must be the same when they are opened. The first byte is the key's id.
    pub fn seal(&self, seal: Seal, plain: &[u8], bound: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        let secret = self.secret(seal);
        let nonce = source::random::<NONCE_BYTES>(entropy);
        let cipher = XChaCha20Poly1305::new(&secret.key().into());
        let sealed = cipher.encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: bound }).unwrap_or_default();
        let mut out = Vec::with_capacity(1 + NONCE_BYTES + sealed.len());
        out.push(secret.id as u8);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        out
    }

    /// Opens what [`Keyring::seal`] sealed. `None` if it was changed or bound to something else.
    pub fn open(&self, seal: Seal, sealed: &[u8], bound: &[u8]) -> Option<Vec<u8>> {
        let secret = self.secret(seal);
        let (id, rest) = sealed.split_first()?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_BYTES)?;
        let nonce: [u8; NONCE_BYTES] = nonce.try_into().ok()?;
        if u32::from(*id) != secret.id {
            return None;
        }
        let cipher = XChaCha20Poly1305::new(&secret.key().into());
        cipher.decrypt(&XNonce::from(nonce), Payload { msg: sealed, aad: bound }).ok()
    }

    fn secret(&self, seal: Seal) -> &Secret {
        match seal {
            Seal::Cursor => &self.cursor,
            Seal::Row => &self.sealing,
        }
    }
}

impl Secret {
    fn key(&self) -> [u8; 32] {
        let mut key = [0; 32];
        for (slot, pair) in key.iter_mut().zip(self.bytes.as_bytes().chunks(2)) {
            *slot = std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()).unwrap_or(0);
        }
        key
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
