//! Reads as much of an HTTP/1.1 answer as a load needs: the status, and where it ends.

use anyhow::{Context as _, Result, bail};

/// Longest head of an answer.
const HEAD_BYTES_MAX: usize = 16 << 10;

/// What a piece of an answer came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// There is more to come.
    Partial,
    /// The answer ended; its status.
    Complete(u16),
}

/// Counts answers off one connection. One is under way at a time.
#[derive(Debug, Default)]
pub struct Counter {
    /// The head as far as it came, if it did not come at once.
    head: Vec<u8>,
    status: u16,
    /// Bytes of the body that are still to come; `None` before the head is complete.
    missing: Option<usize>,
}

impl Counter {
    /// Takes the next bytes off the connection.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Step> {
        let body = match self.missing {
            Some(_) => bytes.len(),
            None if self.head.is_empty() => match self.read_head(bytes)? {
                Some(body) => body,
                None => return self.keep(bytes),
            },
            None => {
                let mut whole = std::mem::take(&mut self.head);
                whole.extend_from_slice(bytes);
                match self.read_head(&whole)? {
                    Some(body) => body,
                    None => return self.keep(&whole),
                }
            }
        };
        let missing = self.missing.unwrap_or_default();
        if body > missing {
            bail!("an answer is longer than its `content-length`");
        }
        if body < missing {
            self.missing = Some(missing - body);
            return Ok(Step::Partial);
        }
        self.missing = None;
        Ok(Step::Complete(self.status))
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<Step> {
        if bytes.len() > HEAD_BYTES_MAX {
            bail!("the head of an answer is longer than {HEAD_BYTES_MAX} bytes");
        }
        self.head = bytes.to_vec();
        Ok(Step::Partial)
    }

    /// Reads the head, if it is complete. How many bytes of the body follow it.
    fn read_head(&mut self, bytes: &[u8]) -> Result<Option<usize>> {
        let Some(end) = head_end(bytes) else { return Ok(None) };
        let head = bytes.get(..end).unwrap_or_default();
        let mut lines = head.split(|byte| *byte == b'\n');
        self.status = lines.next().and_then(status).context("an answer does not start with a status")?;
        let length = lines.find_map(content_length).context("an answer has no `content-length`")?;
        self.missing = Some(length);
        Ok(Some(bytes.len() - end))
    }
}

/// Where the body starts.
pub fn head_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

/// The status in `HTTP/1.1 200 OK`.
pub fn status(line: &[u8]) -> Option<u16> {
    std::str::from_utf8(line.strip_prefix(b"HTTP/1.1 ")?.get(..3)?).ok()?.parse().ok()
}

fn content_length(line: &[u8]) -> Option<usize> {
    let (name, value) = line.split_at_checked("content-length:".len())?;
    if !name.eq_ignore_ascii_case(b"content-length:") {
        return None;
    }
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Counter, Step};

    const ANSWER: &[u8] = b"HTTP/1.1 429 Too Many Requests\r\nx: y\r\nContent-Length: 5\r\n\r\nabcde";

    #[test]
    fn an_answer_ends_where_its_length_says() {
        assert_eq!(Counter::default().take(ANSWER).unwrap(), Step::Complete(429));
        let mut counter = Counter::default();
        for _ in 0..2 {
            for (place, byte) in ANSWER.iter().enumerate() {
                let expected = if place + 1 == ANSWER.len() { Step::Complete(429) } else { Step::Partial };
                assert_eq!(counter.take(&[*byte]).unwrap(), expected, "byte {place}");
            }
        }
    }

    #[test]
    fn what_cannot_be_counted_is_an_error() {
        assert!(Counter::default().take(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").is_err());
        assert!(Counter::default().take(b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab").is_err());
        assert!(Counter::default().take(b"nonsense\r\n\r\n").is_err());
    }
}
