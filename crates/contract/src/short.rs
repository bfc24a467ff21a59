//! A short text without an allocation, for what is made by the thousand: ids and days.

use std::fmt;

/// Most bytes of one.
const BYTES_MAX: usize = 32;

/// A text of at most 32 bytes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct ShortText {
    bytes: [u8; BYTES_MAX],
    len: u8,
}

impl ShortText {
    /// The parts one behind the other; `None` if they are too long.
    pub fn of(parts: &[&str]) -> Option<Self> {
        let mut text = Self { bytes: [0; BYTES_MAX], len: 0 };
        for part in parts {
            let start = usize::from(text.len);
            let end = start + part.len();
            text.bytes.get_mut(start..end)?.copy_from_slice(part.as_bytes());
            text.len = u8::try_from(end).ok()?;
        }
        Some(text)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.bytes.get(..usize::from(self.len)).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

impl fmt::Write for ShortText {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        *self = Self::of(&[self.as_str(), part]).ok_or(fmt::Error)?;
        Ok(())
    }
}

impl fmt::Debug for ShortText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::ShortText;

    #[test]
    fn holds_what_fits() {
        let id = "01jd3vq9z4e8rb6k0w2m5x7t1c";
        assert_eq!(ShortText::of(&["inv", "_", id]).map(|text| text.as_str().to_owned()), Some(format!("inv_{id}")));
        assert_eq!(ShortText::of(&[]).map(|text| text.as_str().to_owned()), Some(String::new()));
        assert_eq!(ShortText::of(&["éé", "é"]).map(|text| text.as_str().to_owned()), Some("ééé".to_owned()));
        assert!(ShortText::of(&[&"x".repeat(32)]).is_some());
        assert_eq!(ShortText::of(&[&"x".repeat(32), "x"]), None);
        let mut text = ShortText::default();
        write!(text, "{}-{}", 1, 2).unwrap();
        assert_eq!(text.as_str(), "1-2");
        write!(text, "{}", "x".repeat(30)).unwrap_err();
        assert_eq!(text.as_str(), "1-2", "what does not fit changes nothing");
    }
}
