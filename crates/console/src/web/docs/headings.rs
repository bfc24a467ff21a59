//! Headings that can be linked to: each has an id made of its words, in the way that most readers of
//! Markdown make it.

use std::collections::BTreeMap;

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

/// The id of a heading: its words in lower case, with hyphens between them.
pub(super) fn slug(title: &str) -> String {
    let plain = title.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    plain.map(|c| if c == ' ' { '-' } else { c }).flat_map(char::to_lowercase).collect()
}

/// Gives every heading an id. A second one of the same words has a number behind it.
pub(super) fn with_ids<'e>(events: impl Iterator<Item = Event<'e>>) -> Vec<Event<'e>> {
    let mut events: Vec<Event<'e>> = events.collect();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut title = String::new();
    let mut ids = Vec::new();
    for event in &events {
        match event {
            Event::Start(Tag::Heading { .. }) => title.clear(),
            Event::Text(text) | Event::Code(text) => title.push_str(text),
            Event::End(TagEnd::Heading(_)) => {
                let slug = slug(&title);
                let times = seen.entry(slug.clone()).and_modify(|times| *times += 1).or_default();
                ids.push(if *times == 0 { slug } else { format!("{slug}-{times}") });
            }
            _ => {}
        }
    }
    let mut ids = ids.into_iter();
    for event in &mut events {
        if let Event::Start(Tag::Heading { id, .. }) = event {
            *id = ids.next().map(CowStr::from);
        }
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_found_by_their_words() {
        assert_eq!(slug("The fields of `import_job`"), "the-fields-of-import_job");
        assert_eq!(slug("Pause, then revoke"), "pause-then-revoke");
        let mut html = String::new();
        let markdown = "## Try `it`\n\ntext\n\n## Try it\n";
        pulldown_cmark::html::push_html(&mut html, with_ids(pulldown_cmark::Parser::new(markdown)).into_iter());
        assert!(html.contains("<h2 id=\"try-it\">") && html.contains("<h2 id=\"try-it-1\">"), "{html}");
    }
}
