//! Files in UTF-16, as spreadsheets save "Unicode text": they are read as their text in UTF-8.

use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind, Read, Seek as _, SeekFrom, Write as _};

use crate::Broken;

/// What stands in place of half a character.
const NONE: char = char::REPLACEMENT_CHARACTER;

/// The file itself, or its text in UTF-8 if it begins as UTF-16 does.
pub(super) fn plain(mut file: File, name: &str) -> Result<File, Broken> {
    let mut mark = Vec::new();
    Read::by_ref(&mut file).take(2).read_to_end(&mut mark).map_err(Broken::io(name))?;
    let unit: fn([u8; 2]) -> u16 = match mark.as_slice() {
        [0xFF, 0xFE] => u16::from_le_bytes,
        [0xFE, 0xFF] => u16::from_be_bytes,
        _ => {
            file.seek(SeekFrom::Start(0)).map_err(Broken::io(name))?;
            return Ok(file);
        }
    };
    let mut bytes = BufReader::new(file).bytes();
    let mut broken = None;
    let units = std::iter::from_fn(|| {
        let mut byte = || bytes.next().transpose().map_err(|why| broken = Some(why)).ok().flatten();
        let (first, second) = (byte()?, byte());
        if second.is_none() && broken.is_none() {
            broken = Some(std::io::Error::new(ErrorKind::UnexpectedEof, "it ends in the middle of a letter: it was cut short"));
        }
        Some(unit([first, second?]))
    });
    let mut out = BufWriter::new(tempfile::tempfile().map_err(Broken::io(name))?);
    for letter in char::decode_utf16(units) {
        let mut utf8 = [0; 4];
        let utf8 = letter.unwrap_or(NONE).encode_utf8(&mut utf8);
        out.write_all(utf8.as_bytes()).map_err(Broken::io(name))?;
    }
    if let Some(why) = broken {
        return Err(Broken::io(name)(why));
    }
    let mut text = out.into_inner().map_err(|error| Broken::io(name)(error.into_error()))?;
    text.seek(SeekFrom::Start(0)).map_err(Broken::io(name))?;
    Ok(text)
}
