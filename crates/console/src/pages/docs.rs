//! A page of documentation.

use askama::Template;

use crate::frame::Frame;

/// HTML that the project itself made from its own Markdown. The only text that is not escaped:
/// nothing that comes from a request or from data may be put here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedHtml(String);

impl TrustedHtml {
    /// Takes the HTML of a page. What may be wider than a small screen becomes an area that
    /// scrolls by itself and can be reached by keyboard.
    pub fn of_own_markdown(html: &str) -> Self {
        let scroll = "<div class=\"scroll\" role=\"group\" aria-label=\"Table\" tabindex=\"0\"><table>";
        let html = html.replace("<pre>", "<pre tabindex=\"0\">").replace("<table>", scroll).replace("</table>", "</table></div>");
        Self(html)
    }

    /// The HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A link to another page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocLink {
    /// The page's title.
    pub title: String,
    /// Its address on this site.
    pub href: String,
    /// Whether it is this page.
    pub current: bool,
}

/// A group of pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocSection {
    /// Its title.
    pub title: String,
    /// Its pages.
    pub links: Vec<DocLink>,
}

/// `/docs` and below.
#[derive(Debug, Clone, Template)]
#[template(path = "docs.html")]
pub struct Docs {
    /// What surrounds the page.
    pub frame: Frame,
    /// The page's title, which is its `h1`: the body starts below it.
    pub title: String,
    /// All pages.
    pub sections: Vec<DocSection>,
    /// The content.
    pub body: TrustedHtml,
    /// The page before.
    pub previous: Option<DocLink>,
    /// The page after.
    pub next: Option<DocLink>,
    /// The address of the same as Markdown.
    pub markdown_href: Option<String>,
}
