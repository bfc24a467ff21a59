//! How text gets into a page: with HTML's special characters escaped, and without characters
//! that nobody sees but that change how the rest is read.

use std::fmt::{self, Write};

use askama::filters::{Escaper, Html};

/// Stands where a character was taken out.
const REPLACEMENT: char = '\u{fffd}';

/// Escapes for HTML and replaces unseen characters. `askama.toml` names it for every template.
#[derive(Debug, Clone, Copy, Default)]
pub struct Visible;

impl Escaper for Visible {
    fn write_escaped_str<W: Write>(&self, mut dest: W, text: &str) -> fmt::Result {
        for part in text.split_inclusive(is_unseen) {
            match part.char_indices().next_back() {
                Some((at, last)) if is_unseen(last) => {
                    Html.write_escaped_str(&mut dest, part.get(..at).unwrap_or_default())?;
                    dest.write_char(REPLACEMENT)?;
                }
                _ => Html.write_escaped_str(&mut dest, part)?,
            }
        }
        Ok(())
    }
}

/// Controls, and the marks that turn the direction of writing: with them, a name can look like
/// another one (Unicode Technical Report 36, section 2.5). Letters keep their own direction.
fn is_unseen(letter: char) -> bool {
    let keeps = matches!(letter, '\n' | '\t');
    let turns = matches!(letter, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (letter.is_control() && !keeps)
}

#[cfg(test)]
mod tests {
    use askama::filters::Escaper;

    use super::Visible;

    fn escaped(text: &str) -> String {
        let mut html = String::new();
        Visible.write_escaped_str(&mut html, text).unwrap();
        html
    }

    #[test]
    fn marks_of_html_are_escaped() {
        assert_eq!(escaped("a < b & \"c\" 'd' >"), "a &#60; b &#38; &#34;c&#34; &#39;d&#39; &#62;");
        assert_eq!(escaped("Søren בלה 🐕\n"), "Søren בלה 🐕\n");
    }

    #[test]
    fn unseen_marks_are_replaced() {
        assert_eq!(escaped("\u{202e}exe.<b>\u{0}\u{2066}"), "\u{fffd}exe.&#60;b&#62;\u{fffd}\u{fffd}");
        assert_eq!(escaped(""), "");
    }
}
