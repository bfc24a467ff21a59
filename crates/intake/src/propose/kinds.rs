//! What a file is that is no table, seen from its first bytes.

const EXCEL: &str = "It is an Excel workbook, not a table as text. Open it in Excel, and save each sheet as “CSV UTF-8 (Comma delimited)”: then send those files.";
const SHEETS: &str = "It is a spreadsheet of LibreOffice, not a table as text. Open it, and save each sheet as “Text CSV” with the character set UTF-8: then send those files.";
const ZIP: &str = "It is a ZIP archive. Unpack it, and send the CSV files that are in it.";
const PICTURE: &str = "It is a picture, not a table. Records come in CSV files: let the other program export them as CSV.";
const PDF: &str =
    "It is a PDF, made for printing. Let the other program export the same as CSV, or as an Excel workbook to be saved as CSV.";
const UTF_16: &str = "It begins as a text in UTF-16 and does not go on as one. Open it, and save it as “CSV UTF-8” (in a text editor: with the encoding UTF-8).";
const NO_TEXT: &str =
    "It is no text: its bytes mean nothing to a reader of tables. Send CSV files whose first line names the columns.";

/// What some bytes are that are no table, and what to do about it, in sentences.
pub fn no_table(bytes: &[u8]) -> Option<&'static str> {
    let starts = |with: &[u8]| bytes.starts_with(with);
    let has = |word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
    match () {
        () if starts(b"PK\x03\x04") && has(b"xl/") => Some(EXCEL),
        () if starts(b"PK\x03\x04") && has(b"opendocument.spreadsheet") => Some(SHEETS),
        () if starts(b"PK\x03\x04") => Some(ZIP),
        () if starts(b"\xD0\xCF\x11\xE0") => Some(EXCEL),
        () if starts(b"\x89PNG") || starts(b"\xFF\xD8\xFF") || starts(b"GIF8") => Some(PICTURE),
        () if starts(b"%PDF") => Some(PDF),
        () if starts(b"\xFF\xFE") || starts(b"\xFE\xFF") => Some(UTF_16),
        () if is_no_text(bytes) => Some(NO_TEXT),
        () => None,
    }
}

/// Whether bytes are no text: there is a NUL among the names of columns, or they are full of them. A single one in a
/// record is a fault of that record.
fn is_no_text(bytes: &[u8]) -> bool {
    let head = bytes.get(..1_024).unwrap_or(bytes);
    let nuls = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == 0).count();
    let first = head.split(|byte| *byte == b'\n' || *byte == b'\r').next().unwrap_or_default();
    nuls(first) > 0 || nuls(head) * 8 > head.len().max(128)
}

/// A text of UTF-16 with its mark in front, as UTF-8; `None` if it is none.
pub fn from_utf16(bytes: &[u8]) -> Option<String> {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xFF, 0xFE, ..] => u16::from_le_bytes,
        [0xFE, 0xFF, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let (pairs, _) = bytes.get(2..)?.as_chunks::<2>();
    let mut units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    // The beginning of a file may end within a letter.
    units.pop_if(|last| (0xD800..0xDC00).contains(last));
    String::from_utf16(&units).ok()
}
