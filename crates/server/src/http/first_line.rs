//! The first line of a head, as it comes off a connection. The parser drops a `#` of its target with all behind it and
//! tells nobody, so what was called would be another address than the one that was written.

/// How far it was read.
#[derive(Debug, Default)]
pub(super) struct FirstLine {
    /// How many calls had begun when it was read.
    begun: u64,
    at: At,
}

/// Where what is read next stands.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum At {
    /// In front of it, where blank lines may be.
    #[default]
    Before,
    Within,
    Behind,
}

impl FirstLine {
    /// Whether these bytes, which were read, have a `#` in the first line of a head. `begun` is how many calls have begun,
    /// if all of them are answered: what is sent behind a call before that is not looked at, because it can be its
    /// body as well.
    pub(super) fn has_fragment(&mut self, begun: Option<u64>, bytes: &[u8]) -> bool {
        if let Some(begun) = begun.filter(|begun| *begun != self.begun) {
            (self.begun, self.at) = (begun, At::Before);
        }
        let mut has_fragment = false;
        for byte in bytes {
            self.at = match (self.at, byte) {
                (At::Behind, _) => break,
                (At::Before, b'\r' | b'\n') => At::Before,
                (At::Within, b'\n') => At::Behind,
                (At::Before | At::Within, _) => At::Within,
            };
            has_fragment |= *byte == b'#';
        }
        has_fragment
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_line_is_looked_at() {
        let mut line = FirstLine::default();
        assert!(!line.has_fragment(Some(0), b"\r\nGET /v1"));
        assert!(line.has_fragment(Some(0), b"/x#y HTTP/1.1\r\n"));
        assert!(!line.has_fragment(Some(0), b"X: #\r\n\r\n#"), "another line");
        assert!(!line.has_fragment(None, b"POST /#"), "it can be a body");
        assert!(line.has_fragment(Some(1), b"POST /#"), "the next one");
    }
}
