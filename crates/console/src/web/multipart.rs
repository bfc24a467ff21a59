//! Forms with files (RFC 7578), as browsers send them.

use bytes::Bytes;

/// Most parts of a form.
const PARTS_MAX: usize = 200;
const HEAD_BYTES_MAX: usize = 8 << 10;

/// A file that was sent with a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentFile {
    /// Its name, without a path.
    pub name: String,
    /// What is in it.
    pub bytes: Bytes,
}

/// What divides the parts, if a `Content-Type` says so.
pub fn boundary(kind: &str) -> Option<String> {
    let rest = kind.strip_prefix("multipart/form-data")?;
    let value = rest.split(';').find_map(|part| part.trim().strip_prefix("boundary="))?;
    let value = value.trim_matches('"');
    (!value.is_empty() && value.len() <= 70).then(|| value.to_owned())
}

/// Fields, and the files beside them.
pub type Form = (Vec<(String, String)>, Vec<SentFile>);

/// Fields and files; `None` if the form is cut short.
pub fn read(body: &Bytes, boundary: &str) -> Option<Form> {
    let mark = format!("--{boundary}");
    let (mut fields, mut files) = (Vec::new(), Vec::new());
    let mut rest = body.slice(find(body, mark.as_bytes())? + mark.len()..);
    let between = format!("\r\n{mark}");
    for _ in 0..PARTS_MAX {
        if rest.starts_with(b"--") {
            return Some((fields, files));
        }
        let start = rest.strip_prefix(b"\r\n").map(|_| 2)?;
        let head_end = find(rest.get(start..rest.len().min(start + HEAD_BYTES_MAX))?, b"\r\n\r\n")? + start;
        let head = String::from_utf8_lossy(rest.get(start..head_end)?).into_owned();
        let content = rest.slice(head_end + 4..);
        let end = find(&content, between.as_bytes())?;
        let value = content.slice(..end);
        rest = content.slice(end + between.len()..);
        let name = parameter(&head, "name")?;
        match parameter(&head, "filename") {
            Some(file) if file.is_empty() && value.is_empty() => {}
            Some(file) => files.push(SentFile { name: plain(&file), bytes: value }),
            None => fields.push((name, String::from_utf8_lossy(&value).into_owned())),
        }
    }
    None
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut from = 0;
    while let Some(at) = bytes.get(from..)?.iter().position(|byte| *byte == first) {
        if bytes.get(from + at..)?.starts_with(wanted) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

/// A parameter of `Content-Disposition`.
fn parameter(head: &str, name: &str) -> Option<String> {
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
    let start = format!("{name}=\"");
    let parts = line.split(';').map(str::trim);
    let part = parts.into_iter().find_map(|part| part.strip_prefix(start.as_str()))?;
    Some(part.trim_end_matches('"').replace("%22", "\""))
}

/// Some browsers send a path along.
fn plain(name: &str) -> String {
    name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Option<Form> {
        read(&Bytes::from(text.replace('\n', "\r\n")), "xYz")
    }

    #[test]
    fn fields_and_files_come_out() {
        let text = "--xYz\nContent-Disposition: form-data; name=\"csrf\"\n\nabc\n--xYz\nContent-Disposition: form-data; \
                    name=\"file\"; filename=\"C:\\data\\a.csv\"\nContent-Type: text/csv\n\nid\n--xY\n1\n\n--xYz\n\
                    content-disposition: form-data; name=\"file\"; filename=\"\"\n\n\n--xYz--\n";
        let (fields, files) = form(text).unwrap();
        assert_eq!(fields, [("csrf".to_owned(), "abc".to_owned())]);
        assert_eq!(files.len(), 1, "a file that was not chosen is none");
        assert_eq!((files[0].name.as_str(), &files[0].bytes[..]), ("a.csv", &b"id\r\n--xY\r\n1\r\n"[..]));
    }

    #[test]
    fn what_is_cut_short_is_refused() {
        let whole = "--xYz\nContent-Disposition: form-data; name=\"a\"\n\nabc\n--xYz--";
        assert!(form(whole).is_some());
        for length in 0..whole.len() {
            assert!(form(whole.get(..length).unwrap()).is_none(), "{length}");
        }
    }

    #[test]
    fn boundaries_are_read() {
        assert_eq!(boundary("multipart/form-data; boundary=ab").as_deref(), Some("ab"));
        assert_eq!(boundary("multipart/form-data; charset=x; boundary=\"a b\"").as_deref(), Some("a b"));
        assert_eq!(boundary("multipart/form-data"), None);
        assert_eq!(boundary("application/json; boundary=ab"), None);
    }
}
