//! What the console and the documentation look like: data in, HTML out.
//!
//! A page is a struct with public fields and a template in `templates/`. It knows no HTTP, no
//! database and no clock: whoever serves it gathers the data, fills the struct and calls
//! `render` (of `askama::Template`, passed on here).
//!
//! Every text that reaches a page is escaped. The one exception is [`pages::docs::TrustedHtml`],
//! which holds documentation that the project itself wrote.
//!
//! Pages carry no inline script, no `style` attribute and no address of another origin, so the
//! strictest content security policy fits. All controls are links and forms; htmx only adds.

pub mod assets;
pub mod chart;
pub mod escape;
pub mod frame;
pub mod pages;
pub mod qr;
pub mod words;

pub use askama::{Error as RenderError, Template};

/// Fewest characters of a password.
pub const PASSWORD_CHARS_MIN: usize = 12;
