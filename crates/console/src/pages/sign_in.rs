//! The doors: signing in, and setting up access from an invitation.

use askama::Template;

use crate::faults::Faults;
use crate::frame::Frame;

/// `/console/sign-in`. The form sends `email`, `password`, `code`, `next`, `kept`.
#[derive(Debug, Clone, Template)]
#[template(path = "sign_in.html")]
pub struct SignIn {
    /// What surrounds the page.
    pub frame: Frame,
    /// Why the last try failed.
    pub error: Option<String>,
    /// Why one must sign in, if that is not what one came for.
    pub notice: Option<String>,
    /// The address that was typed in last.
    pub email: String,
    /// Where to go afterwards: an address on this site, checked again when it comes back.
    pub next: String,
    /// A form that waits to be sent until then; empty if there is none.
    pub kept: String,
}

/// `/console/welcome?token=…`. The form sends `token`, `name`, `password`.
#[derive(Debug, Clone, Template)]
#[template(path = "welcome.html")]
pub struct Welcome {
    /// What surrounds the page.
    pub frame: Frame,
    /// What must be mended.
    pub faults: Faults,
    /// The invitation's secret.
    pub token: String,
    /// Who sent it.
    pub invited_by: String,
    /// The role that it gives, in words with an article: `an administrator`.
    pub role: String,
    /// What that role is and may do, in a sentence.
    pub role_means: String,
    /// The address that it went to.
    pub email: String,
    /// The name that was typed in last.
    pub name: String,
}

/// In its place, if the link works no more or never did.
#[derive(Debug, Clone, Template)]
#[template(path = "link_gone.html")]
pub struct LinkGone {
    /// What surrounds the page.
    pub frame: Frame,
    /// What happened, in a sentence or two.
    pub what: String,
    /// The call's id, for support.
    pub request_id: Option<String>,
}
