//! The console: the door's second adapter, and what its pages look like.
//!
//! [`web`] reads forms and cookies, calls the door as the person who is signed in, and fills
//! pages; it has no other way to any data. Everything else here is data in, HTML out: a page is a struct
//! with public fields and a template in `templates/`, which knows no HTTP, no database and no
//! clock.
//!
//! Every text that reaches a page is escaped. The one exception is [`pages::docs::TrustedHtml`],
//! which holds documentation that the project itself wrote.
//!
//! Pages carry no inline script, no `style` attribute and no address of another origin, so the
//! strictest content security policy fits. All controls are links and forms; htmx only adds.

pub mod assets;
pub mod chart;
pub mod escape;
pub mod faults;
pub mod frame;
pub mod pager;
pub mod pages;
pub mod qr;
pub mod web;
pub mod words;

pub use askama::{Error as RenderError, Template};

/// Fewest characters of a password.
pub const PASSWORD_CHARS_MIN: usize = 12;
