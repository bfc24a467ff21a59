//! The token that a page's forms carry, as it stands in the page: behind a pad that is new in each
//! answer. Whoever sees how well answers compress learns nothing of it by having guesses of their
//! own repeated in them.

use clinicos_contract::{Entropy, source};
use clinicos_gate::keyring::{from_hex, to_hex};
use subtle::ConstantTimeEq as _;

/// Bytes of a token.
pub const BYTES: usize = 32;
/// Hexadecimal digits of one, or of a pad.
const DIGITS: usize = 2 * BYTES;

/// A token as a page shows it: a pad, and the token with the pad over it.
pub fn mask(token: [u8; BYTES], entropy: &dyn Entropy) -> String {
    let pad = source::random::<BYTES>(entropy);
    to_hex(&pad) + &to_hex(&over(token, pad))
}

/// Whether what a form sent is this token. It takes the same time wherever the two differ.
pub fn fits(sent: &str, token: [u8; BYTES]) -> bool {
    let Some((pad, masked)) = sent.split_at_checked(DIGITS) else { return false };
    let (Some(pad), Some(masked)) = (from_hex::<BYTES>(pad), from_hex::<BYTES>(masked)) else { return false };
    over(masked, pad).ct_eq(&token).into()
}

fn over(token: [u8; BYTES], pad: [u8; BYTES]) -> [u8; BYTES] {
    let mut both = token;
    both.iter_mut().zip(pad).for_each(|(byte, pad)| *byte ^= pad);
    both
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::*;

    /// Each byte is another one.
    struct Counting(AtomicU8);
    impl Entropy for Counting {
        fn fill(&self, out: &mut [u8]) {
            out.iter_mut().for_each(|byte| *byte = self.0.fetch_add(1, Ordering::Relaxed));
        }
    }

    #[test]
    fn a_token_looks_different_in_each_answer_and_fits() {
        let (token, entropy) = ([7; BYTES], Counting(AtomicU8::new(1)));
        let [one, other] = [mask(token, &entropy), mask(token, &entropy)];
        let plain = to_hex(&token);
        let ((pad, masked), (other_pad, other_masked)) = (one.split_at(DIGITS), other.split_at(DIGITS));
        assert!(pad != other_pad && masked != other_masked);
        assert!(!one.contains(&plain) && !other.contains(&plain));
        assert!(fits(&one, token) && fits(&other, token) && !fits(&one, [8; BYTES]));
        let crossed = format!("{pad}{other_masked}");
        for wrong in [
            "",
            "0",
            &plain,
            &crossed,
            one.split_at(1).1,
            one.split_at(one.len() - 1).0,
            &format!("{one}0"),
            &one.replace('0', "g"),
            &"é".repeat(DIGITS),
        ] {
            assert!(!fits(wrong, token), "{wrong}");
        }
    }
}
