//! Every page, with every text replaced by something nasty, and the bounds that a page keeps.

#![expect(clippy::unwrap_used, clippy::string_slice, reason = "helpers of tests may panic")]

#[path = "../examples/gallery/samples/mod.rs"]
mod samples;

use std::io::Write as _;

use clinicos_console::Template as _;
use flate2::Compression;
use flate2::write::GzEncoder;
use samples::Say;

/// Most bytes of a page on the wire.
const PAGE_GZIP_BYTES_MAX: usize = 40 * 1024;

/// Texts that must not work as HTML, nor hide what follows them.
const NASTY: [&str; 7] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' autofocus onfocus=alert(1) x='",
    "</title></textarea></style><svg onload=alert(1)>",
    "\u{202e}gpj.exe\u{2066}\u{0}",
    "{{ 7 * 7 }} {% raw %} &lt;b&gt;",
    "javascript:alert(1)//`${1}`",
];

fn pages(text: &dyn Fn(&str) -> String) -> Vec<(&'static str, String)> {
    samples::pages(&Say { text, theme: None }).unwrap()
}

fn gzip_bytes(html: &str) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(html.as_bytes()).unwrap();
    encoder.finish().unwrap().len()
}

/// A tag: its name and its attributes, as a browser's parser finds them.
#[derive(Debug, PartialEq)]
struct Tag {
    name: String,
    attributes: Vec<(String, String)>,
}

/// Reads the tags of a page. Values are quoted everywhere, which the parser insists on.
fn tags(html: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let name: String = rest.chars().take_while(|next| !next.is_whitespace() && !matches!(next, '>' | '/')).collect();
        if rest.starts_with('/') || rest.starts_with('!') {
            continue;
        }
        rest = &rest[name.len()..];
        let mut attributes = Vec::new();
        loop {
            rest = rest.trim_start_matches(|next: char| next.is_whitespace() || next == '/');
            if let Some(after) = rest.strip_prefix('>') {
                rest = after;
                break;
            }
            let end = rest.find(|next: char| next.is_whitespace() || matches!(next, '=' | '>' | '/')).unwrap();
            let attribute = rest[..end].to_owned();
            rest = &rest[end..];
            let mut value = String::new();
            if let Some(after) = rest.strip_prefix('=') {
                let quote = after.chars().next().unwrap();
                assert!(matches!(quote, '"' | '\''), "an attribute without quotes: {attribute} in <{name}>");
                let close = after[1..].find(quote).unwrap();
                value = after[1..=close].to_owned();
                rest = &after[close + 2..];
            }
            attributes.push((attribute, value));
        }
        found.push(Tag { name, attributes });
    }
    found
}

/// The shape of a page: tags and the names of their attributes, without any value.
fn shape(html: &str) -> Vec<(String, Vec<String>)> {
    let names = |tag: Tag| (tag.name, tag.attributes.into_iter().map(|(name, _)| name).collect());
    tags(html).into_iter().map(names).collect()
}

#[test]
fn no_text_changes_the_shape_of_a_page() {
    let plain = pages(&|text| format!("{text} x"));
    for nasty in NASTY {
        for ((name, expected), (_, html)) in plain.iter().zip(pages(&|text| format!("{text} {nasty}"))) {
            assert_eq!(shape(&html), shape(expected), "{name} with {nasty}");
        }
    }
}

#[test]
fn nasty_text_is_seen_and_does_nothing() {
    for nasty in NASTY {
        let spoilt = nasty.contains(['<', '\'', '"', '\u{202e}']);
        for (name, html) in pages(&|text| format!("{text}{nasty}")) {
            assert!(!spoilt || !html.contains(nasty), "{name} holds {nasty} as it is");
            assert!(!html.contains(['\u{202e}', '\u{2066}', '\u{0}']), "{name} holds marks that turn the text");
            assert!(!html.contains("<script>"), "{name} runs {nasty}");
        }
    }
}

#[test]
fn long_text_is_kept_whole() {
    let long = "ä".repeat(10_000);
    for (name, html) in pages(&|_| long.clone()) {
        assert!(html.contains(&long), "{name}");
    }
}

#[test]
fn pages_fit_the_strictest_policy() {
    for (name, html) in pages(&str::to_owned) {
        for tag in tags(&html) {
            assert!(tag.name != "style", "{name}");
            for (attribute, value) in &tag.attributes {
                assert!(attribute != "style" && !attribute.starts_with("on"), "{name}: <{} {attribute}>", tag.name);
                let address = matches!(attribute.as_str(), "href" | "src" | "action" | "hx-get" | "xlink:href");
                let here = (value.starts_with('/') && !value.starts_with("//")) || value.starts_with(['#', '?']);
                assert!(!address || here, "{name}: {attribute}={value}");
            }
            let is_script = tag.name == "script";
            assert!(!is_script || tag.attributes.iter().any(|(attribute, _)| attribute == "src"), "{name}: an inline script");
        }
    }
}

#[test]
fn every_form_that_changes_something_carries_the_token() {
    for (name, html) in pages(&str::to_owned) {
        for form in html.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap();
            assert!(form.contains("method=\"get\"") || form.contains("name=\"csrf\" value=\"kQ3vT0y9bM\""), "{name}: {form}");
        }
    }
}

#[test]
fn a_page_has_one_title_and_every_input_a_label() {
    for (name, html) in pages(&str::to_owned) {
        if name == "activity" {
            continue;
        }
        let tags = tags(&html);
        let count = |wanted: &str| tags.iter().filter(|tag| tag.name == wanted).count();
        assert_eq!((count("h1"), count("main"), count("html")), (1, 1, 1), "{name}");
        let value = |tag: &Tag, wanted: &str| {
            tag.attributes.iter().find(|(attribute, _)| attribute == wanted).map_or_else(String::new, |(_, value)| value.clone())
        };
        let mut ids: Vec<String> = tags.iter().map(|tag| value(tag, "id")).filter(|id| !id.is_empty()).collect();
        let all = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), all, "{name} has an id twice");
        for tag in tags.iter().filter(|tag| matches!(tag.name.as_str(), "input" | "select" | "textarea")) {
            let kind = value(tag, "type");
            // What stands beside a labelled field (a time beside its date) names itself for those who cannot see that.
            let labelled = !value(tag, "aria-label").trim().is_empty()
                || tags.iter().any(|label| label.name == "label" && value(label, "for") == value(tag, "id"));
            assert!(kind == "hidden" || kind == "checkbox" || labelled, "{name}: {tag:?}");
        }
        for target in ["aria-labelledby", "aria-describedby", "for", "data-copy"] {
            let meant: Vec<String> = tags.iter().map(|tag| value(tag, target)).collect();
            let lost = meant.iter().flat_map(|all| all.split_whitespace()).find(|id| !ids.iter().any(|known| known == id));
            assert_eq!(lost, None, "{name}: {target}");
        }
    }
}

#[test]
fn pages_are_small() {
    for (name, html) in pages(&str::to_owned) {
        assert!(gzip_bytes(&html) <= PAGE_GZIP_BYTES_MAX / 4, "{name}: {} bytes", gzip_bytes(&html));
    }
    let say = Say { text: &str::to_owned, theme: None };
    let html = samples::connections::many(&say, 200).render().unwrap();
    assert_eq!(html.matches("<tr>").count(), 201);
    assert!(gzip_bytes(&html) <= PAGE_GZIP_BYTES_MAX, "{} bytes", gzip_bytes(&html));
}

#[test]
fn two_hundred_connections_without_a_text_in_common_are_small() {
    // Hardly compressible texts: the worst that real names can come to.
    let seed = std::cell::Cell::new(7_u32);
    let odd = |text: &str| {
        let noise = text.chars().map(|letter| {
            seed.set(seed.get().wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
            if letter == ' ' { ' ' } else { char::from(b'a' + (seed.get() >> 24) as u8 % 26) }
        });
        noise.collect()
    };
    let html = samples::connections::many(&Say { text: &odd, theme: None }, 200).render().unwrap();
    assert!(gzip_bytes(&html) <= PAGE_GZIP_BYTES_MAX, "{} bytes", gzip_bytes(&html));
}
