//! Files for a spreadsheet, written page by page: a page is asked of the door when the browser has
//! taken the one before, so that memory holds one page, and each page has its entry before its bytes
//! leave.

use axum::body::Body;
use bytes::Bytes;
use clinicos_intake::formula;
use futures_util::stream::unfold;

use super::respond::{Refused, Response, download};

/// Where the pages of a file come from.
pub trait Pages: Send + 'static {
    /// The lines of the next page, and whether another one follows.
    fn next(&mut self) -> impl Future<Output = Result<(String, bool), Box<Refused>>> + Send;
}

/// A file of these pages. A refusal of the first one is an answer of its own; one of a later page
/// stands at the end of the file, because the answer has begun.
pub async fn file(name: &str, mut pages: impl Pages) -> Result<Response, Box<Refused>> {
    let (first, more) = pages.next().await?;
    let rest = unfold(more.then_some(pages), |pages| async {
        let mut pages = pages?;
        let (text, more) = match pages.next().await {
            Ok(page) => page,
            Err(refused) => (line(&[format!("{CUT_SHORT} {}", refused.sentences().join(". "))]), false),
        };
        Some((text, more.then_some(pages)))
    });
    let first = futures_util::stream::iter([first]);
    // Whoever compresses a body may ask once more after its end.
    let lines = futures_util::StreamExt::fuse(futures_util::StreamExt::chain(first, rest));
    let bytes = futures_util::StreamExt::map(lines, |text| Ok::<_, std::convert::Infallible>(Bytes::from(text)));
    Ok(download("text/csv; charset=utf-8", name, Body::from_stream(bytes)))
}

/// What ends a file of which a part could not be read.
const CUT_SHORT: &str = "The rest is missing.";

/// A line of these cells.
pub fn line(cells: &[String]) -> String {
    line_with(',', cells)
}

/// The same with another sign between them.
pub fn line_with(delimiter: char, cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    format!("{}\r\n", cells.join(&delimiter.to_string()))
}

/// The fields of a record as one line of a table, in which nothing is done for spreadsheets: it becomes one cell.
pub fn plain_line(fields: &[String]) -> String {
    let quoted = |field: &String| match field.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", field.replace('"', "\"\"")),
        false => field.clone(),
    };
    fields.iter().map(quoted).collect::<Vec<_>>().join(",")
}

/// A cell that no spreadsheet takes for a formula.
fn quoted(cell: &str) -> String {
    format!("\"{}\"", formula::escaped(cell).replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::FutureExt as _;
    use http_body_util::BodyExt as _;
    use serde_json::json;

    use super::*;

    #[test]
    fn cells_are_no_formulas() {
        for formula in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(1)",
            "\tx",
            "\rx",
            "\nx",
            " =1",
            "\u{a0}=1",
            "|cmd",
            "\u{ff1d}1",
            "\u{ff0b}1",
            "\u{ff0d}1",
            "\u{ff20}1",
        ] {
            assert_eq!(quoted(formula), format!("\"'{formula}\""), "{formula:?}");
        }
        assert_eq!(quoted("=\"a\""), "\"'=\"\"a\"\"\"");
        assert_eq!(quoted("say \"hi\""), "\"say \"\"hi\"\"\"");
        assert_eq!(quoted("plain"), "\"plain\"");
    }

    /// So many pages, and how many of them were asked for; the last one is refused.
    struct Few(usize, Arc<AtomicUsize>);

    impl Pages for Few {
        async fn next(&mut self) -> Result<(String, bool), Box<Refused>> {
            let page = self.1.fetch_add(1, Ordering::SeqCst) + 1;
            if page == self.0 {
                return Err(Refused::of_door(429, &json!({"detail": "the budget is spent"}), String::new()));
            }
            Ok((line(&[format!("page {page}")]), true))
        }
    }

    #[test]
    fn a_page_is_asked_for_when_the_one_before_was_taken() {
        let asked = Arc::new(AtomicUsize::new(0));
        let response = file("a.csv", Few(4, asked.clone())).now_or_never().unwrap().ok().unwrap();
        assert_eq!(asked.load(Ordering::SeqCst), 1, "nobody has taken anything yet");
        let mut body = response.into_body();
        for (taken, asked_for) in [
            ("\"page 1\"\r\n", 1),
            ("\"page 2\"\r\n", 2),
            ("\"page 3\"\r\n", 3),
            ("\"The rest is missing. The budget is spent\"\r\n", 4),
        ] {
            let frame = body.frame().now_or_never().unwrap().unwrap().unwrap();
            assert_eq!((frame.into_data().unwrap(), asked.load(Ordering::SeqCst)), (Bytes::from(taken), asked_for));
        }
        for _ in 0..2 {
            assert!(body.frame().now_or_never().unwrap().is_none(), "however often the end is asked for");
        }
        let refused = file("a.csv", Few(1, Arc::default())).now_or_never().unwrap();
        assert_eq!(refused.err().map(|refused| refused.status), Some(429), "what begins with a refusal is one");
    }
}
