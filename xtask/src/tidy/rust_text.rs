//! Rust source, cut into code, strings and comments: enough to look for words in the right one.

use std::iter::Peekable;
use std::str::Chars;

/// What a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Code, without strings and comments; never longer than a line.
    Code,
    /// The inside of a string, as it is written.
    Text,
    /// A comment with its slashes.
    Comment,
}

/// A piece of source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: Kind,
    /// The line that it starts on.
    pub line: usize,
    /// The source of it.
    pub text: String,
}

/// A file of Rust.
#[derive(Debug)]
pub struct RustFile {
    /// From the root of the repository.
    pub path: String,
    /// All of it, in order.
    pub pieces: Vec<Piece>,
    /// How many pieces stand in front of its test module; all if it has none.
    product_pieces: usize,
}

impl RustFile {
    /// Cuts it.
    pub fn new(path: &str, source: &str) -> Self {
        let pieces = pieces(source);
        let product_pieces = if super::is_test_path(path) { 0 } else { test_module(&pieces).unwrap_or(pieces.len()) };
        Self { path: path.to_owned(), pieces, product_pieces }
    }

    /// The pieces that are no tests.
    pub fn product(&self) -> impl Iterator<Item = &Piece> {
        self.pieces.iter().take(self.product_pieces)
    }

    /// The code that is no test.
    pub fn code(&self) -> impl Iterator<Item = &Piece> {
        self.product().filter(|piece| piece.kind == Kind::Code)
    }
}

/// Where `#[cfg(test)] mod … {` starts. The house keeps it at the end of a file.
fn test_module(pieces: &[Piece]) -> Option<usize> {
    let code = || pieces.iter().enumerate().filter(|(_, piece)| piece.kind == Kind::Code && !piece.text.trim().is_empty());
    code().zip(code().skip(1)).find_map(|((place, attribute), (_, next))| {
        let is_test = attribute.text.contains("#[cfg(test)]");
        (is_test && (next.text.contains("mod ") && next.text.contains('{'))).then_some(place)
    })
}

struct Cutter<'s> {
    rest: Peekable<Chars<'s>>,
    line: usize,
    code: String,
    pieces: Vec<Piece>,
}

fn pieces(source: &str) -> Vec<Piece> {
    let mut cutter = Cutter { rest: source.chars().peekable(), line: 1, code: String::new(), pieces: Vec::new() };
    while let Some(next) = cutter.rest.next() {
        cutter.step(next);
    }
    cutter.end_code();
    cutter.pieces
}

impl Cutter<'_> {
    fn step(&mut self, next: char) {
        match next {
            '/' if self.rest.peek() == Some(&'/') => self.line_comment(),
            '/' if self.rest.peek() == Some(&'*') => self.block_comment(),
            '"' => self.string(),
            'r' if self.starts_raw() => self.raw_string(),
            '\'' => self.quote(),
            '\n' => {
                self.end_code();
                self.line += 1;
            }
            other => self.code.push(other),
        }
    }

    fn end_code(&mut self) {
        let text = std::mem::take(&mut self.code);
        if !text.trim().is_empty() {
            self.pieces.push(Piece { kind: Kind::Code, line: self.line, text });
        }
    }

    fn push(&mut self, kind: Kind, line: usize, text: String) {
        self.pieces.push(Piece { kind, line, text });
    }

    fn line_comment(&mut self) {
        self.end_code();
        let mut text = String::from("/");
        while let Some(next) = self.rest.next_if(|next| *next != '\n') {
            text.push(next);
        }
        self.push(Kind::Comment, self.line, text);
    }

    fn block_comment(&mut self) {
        self.end_code();
        let (start, mut text, mut depth) = (self.line, String::from("/"), 0_usize);
        let mut before = '/';
        for next in self.rest.by_ref() {
            text.push(next);
            self.line += usize::from(next == '\n');
            match (before, next) {
                ('/', '*') => depth += 1,
                ('*', '/') => depth = depth.saturating_sub(1),
                _ => {}
            }
            // A pair is used up: `/*/` opens only.
            before = if matches!((before, next), ('/', '*') | ('*', '/')) { ' ' } else { next };
            if depth == 0 {
                break;
            }
        }
        self.push(Kind::Comment, start, text);
    }

    fn string(&mut self) {
        self.end_code();
        let (start, mut text) = (self.line, String::new());
        while let Some(next) = self.rest.next() {
            self.line += usize::from(next == '\n');
            match next {
                '"' => break,
                '\\' => {
                    text.push(next);
                    if let Some(escaped) = self.rest.next() {
                        self.line += usize::from(escaped == '\n');
                        text.push(escaped);
                    }
                }
                other => text.push(other),
            }
        }
        self.push(Kind::Text, start, text);
    }

    /// `r"` or `r#"`, not the end of a name and not `r#name`.
    fn starts_raw(&self) -> bool {
        let in_name = self.code.chars().next_back().is_some_and(|last| last.is_alphanumeric() || last == '_');
        let after_prefix = self.code.ends_with('b') || self.code.ends_with('c');
        let mut ahead = self.rest.clone();
        let mut hashes = 0_usize;
        while ahead.next_if_eq(&'#').is_some() {
            hashes += 1;
        }
        (!in_name || (after_prefix && hashes > 0)) && ahead.peek() == Some(&'"')
    }

    fn raw_string(&mut self) {
        self.end_code();
        let (start, mut text, mut hashes) = (self.line, String::new(), 0_usize);
        while self.rest.next_if_eq(&'#').is_some() {
            hashes += 1;
        }
        self.rest.next();
        let end = format!("\"{}", "#".repeat(hashes));
        for next in self.rest.by_ref() {
            self.line += usize::from(next == '\n');
            text.push(next);
            if text.ends_with(&end) {
                text.truncate(text.len() - end.len());
                break;
            }
        }
        self.push(Kind::Text, start, text);
    }

    /// A character or a lifetime.
    fn quote(&mut self) {
        let mut ahead = self.rest.clone();
        let (first, second) = (ahead.next(), ahead.next());
        if first != Some('\\') && second != Some('\'') {
            self.code.push('\'');
            return;
        }
        self.code.push(' ');
        if self.rest.next() == Some('\\') {
            self.rest.next();
        }
        for next in self.rest.by_ref() {
            if next == '\'' {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, RustFile, pieces};

    fn texts(source: &str, kind: Kind) -> Vec<(usize, String)> {
        pieces(source).into_iter().filter(|piece| piece.kind == kind).map(|piece| (piece.line, piece.text)).collect()
    }

    #[test]
    fn strings_and_comments_are_no_code() {
        let source = "let a = \"one \\\" // two\"; // three\n/* four /* five */ */ let b = r#\"six \" \"#;\n";
        assert_eq!(texts(source, Kind::Text), [(1, "one \\\" // two".to_owned()), (2, "six \" ".to_owned())]);
        assert_eq!(texts(source, Kind::Comment), [(1, "// three".to_owned()), (2, "/* four /* five */ */".to_owned())]);
        let code: String = texts(source, Kind::Code).into_iter().map(|(_, text)| text).collect();
        assert!(!code.contains("two") && !code.contains("five") && !code.contains("six"), "{code}");
    }

    #[test]
    fn characters_and_lifetimes_are_told_apart() {
        let source = "fn a<'a>(x: &'a str) { x.find('\"'); x.find('\\''); let s = \"text\"; }";
        assert_eq!(texts(source, Kind::Text), [(1, "text".to_owned())]);
    }

    #[test]
    fn lines_are_counted_through_long_strings() {
        let source = "a(\"one\ntwo\");\nb(\"three\");";
        assert_eq!(texts(source, Kind::Text), [(1, "one\ntwo".to_owned()), (3, "three".to_owned())]);
    }

    #[test]
    fn a_test_module_is_no_product() {
        let source = "fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() {}\n}\n";
        let file = RustFile::new("crates/a/src/a.rs", source);
        assert_eq!(file.code().count(), 1);
        assert_eq!(RustFile::new("crates/a/src/tests.rs", source).code().count(), 0);
        let outside = RustFile::new("crates/a/src/lib.rs", "#[cfg(test)]\nmod tests;\nfn a() {}\n");
        assert_eq!(outside.code().count(), 3, "a test module in another file ends nothing");
    }
}
