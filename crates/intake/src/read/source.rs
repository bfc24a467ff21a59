//! The bytes of a file, read on and looked at again.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read};

use crate::RECORD_BYTES_MAX;

/// Bytes in which the end of a record is looked for that a quote took in by half.
const AHEAD_BYTES_MAX: u64 = 16 << 10;

/// Bytes, and where they stand.
pub(super) struct Source {
    pub(super) file: BufReader<File>,
    pub(super) position: u64,
    /// Line breaks before the position: `\n`, `\r`, and both together as one.
    pub(super) breaks: u64,
    /// Whether a `\r` stands before the position.
    pub(super) after_return: bool,
}

impl Source {
    pub(super) fn consume(&mut self, count: usize) -> std::io::Result<()> {
        let buffer = self.file.fill_buf()?;
        let taken = buffer.get(..count).unwrap_or(buffer);
        (self.breaks, self.after_return) = count_breaks(taken, self.breaks, self.after_return);
        let taken = taken.len();
        self.file.consume(taken);
        self.position += taken as u64;
        Ok(())
    }

    /// Passes line breaks.
    pub(super) fn skip_breaks(&mut self) -> std::io::Result<()> {
        while let Some(b'\n' | b'\r') = self.file.fill_buf()?.first() {
            self.consume(1)?;
        }
        Ok(())
    }

    /// What stands between an earlier place and this one; `None` if it is more than a record may have.
    pub(super) fn since(&mut self, offset: u64) -> std::io::Result<Option<Vec<u8>>> {
        let length = self.position.saturating_sub(offset);
        let mut bytes = match usize::try_from(length) {
            Ok(length) if length <= RECORD_BYTES_MAX => vec![0; length],
            _ => return Ok(None),
        };
        self.file.seek_relative(-i64::try_from(length).unwrap_or_default())?;
        self.file.read_exact(&mut bytes)?;
        Ok(Some(bytes))
    }

    /// Some of what follows, and whether it is all.
    pub(super) fn ahead(&mut self) -> std::io::Result<(Vec<u8>, bool)> {
        let mut bytes = Vec::new();
        Read::by_ref(&mut self.file).take(AHEAD_BYTES_MAX).read_to_end(&mut bytes)?;
        self.file.seek_relative(-i64::try_from(bytes.len()).unwrap_or_default())?;
        let is_all = (bytes.len() as u64) < AHEAD_BYTES_MAX;
        Ok((bytes, is_all))
    }

    /// Takes so many bytes.
    pub(super) fn pass(&mut self, mut count: usize) -> std::io::Result<()> {
        while count > 0 {
            let some = self.file.fill_buf()?.len().min(count);
            if some == 0 {
                break;
            }
            self.consume(some)?;
            count -= some;
        }
        Ok(())
    }

    pub(super) fn seek(&mut self, offset: u64, line: u64) -> std::io::Result<()> {
        let by = i64::try_from(offset).unwrap_or(i64::MAX) - i64::try_from(self.position).unwrap_or(i64::MAX);
        self.file.seek_relative(by)?;
        self.position = offset;
        self.breaks = line.saturating_sub(1);
        self.after_return = false;
        Ok(())
    }
}

/// Adds the line breaks of these bytes, and tells whether they end with a `\r`.
pub(crate) fn count_breaks(bytes: &[u8], mut breaks: u64, mut after_return: bool) -> (u64, bool) {
    for byte in bytes {
        breaks += u64::from(*byte == b'\r' || (*byte == b'\n' && !after_return));
        after_return = *byte == b'\r';
    }
    (breaks, after_return)
}
