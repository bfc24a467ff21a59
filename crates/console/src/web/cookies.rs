//! The console's cookies. Their names hold a mark of the installation, so that two servers on one
//! host, as sandbox and live, do not sign people out of one another: browsers tell hosts apart, not
//! ports. No script reads them, and no other site's form sends them.
//!
//! The session's is sent to every page, also to those that are nobody's own, which name who is
//! signed in. The API does not read it: a test calls every operation with it.

use clinicos_gate::{Services, keyring};
use http::HeaderValue;
use http::header::{COOKIE, HeaderMap, SET_COOKIE};

use super::respond::Response;

/// A longer one is not read.
pub const BYTES_MAX: usize = 1_024;
/// Letters of the mark.
const MARK_LETTERS: usize = 8;

/// What a cookie is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The session's token.
    Session,
    /// That somebody signed in with this browser before: it opens nothing.
    Device,
    /// Before sign-in: what forms are bound to.
    Visitor,
    /// What came of the last form, for the next page.
    Flash,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Device => "device",
            Self::Visitor => "visitor",
            Self::Flash => "flash",
        }
    }

    /// Where it is sent to.
    const fn path(self) -> &'static str {
        match self {
            Self::Session => "/",
            Self::Device | Self::Visitor | Self::Flash => "/console",
        }
    }
}

/// The cookies of an installation.
#[derive(Debug, Clone)]
pub struct Cookies {
    mark: String,
    is_encrypted: bool,
}

impl Cookies {
    /// Those of the installation that is reached there.
    pub fn of(services: &Services) -> Self {
        let installation = format!("cookies\n{}\n{}", services.environment.name(), services.base_url);
        let mut mark = keyring::to_hex(&services.keyring.credential_hash(&installation));
        mark.truncate(MARK_LETTERS);
        Self { mark, is_encrypted: services.base_url.starts_with("https://") }
    }

    /// A cookie's name. Where browsers come by TLS, it makes them refuse one that was not set so:
    /// RFC 6265bis, 4.1.3.
    pub fn name(&self, kind: Kind) -> String {
        let prefix = match (self.is_encrypted, kind.path()) {
            (false, _) => "",
            (true, "/") => "__Host-",
            (true, _) => "__Secure-",
        };
        format!("{prefix}clinicos_{}_{}", kind.word(), self.mark)
    }

    /// What a browser sent.
    pub fn read(&self, headers: &HeaderMap, kind: Kind) -> Option<String> {
        value(headers, &self.name(kind))
    }

    /// Sets one; for so many seconds, or until the browser is closed.
    pub fn set(&self, response: &mut Response, kind: Kind, value: &str, seconds: Option<i64>) {
        let secure = if self.is_encrypted { "; Secure" } else { "" };
        let age = seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        let cookie = format!("{}={value}; Path={}; HttpOnly; SameSite=Lax{secure}{age}", self.name(kind), kind.path());
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
    }

    /// Takes one away.
    pub fn end(&self, response: &mut Response, kind: Kind) {
        self.set(response, kind, "", Some(0));
    }
}

/// A cookie's value, if it comes once and holds nothing odd.
pub fn value(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let values = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut values = values.filter(|(key, _)| *key == name).map(|(_, value)| value);
    let value = values.next()?;
    let plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.%".contains(&byte));
    (values.next().is_none() && plain && value.len() <= BYTES_MAX).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(line: &str) -> HeaderMap {
        [(COOKIE, line.parse().unwrap())].into_iter().collect()
    }

    fn set(cookies: &Cookies, kind: Kind) -> String {
        let mut response = Response::default();
        cookies.set(&mut response, kind, "ab12", None);
        response.headers()[SET_COOKIE].to_str().unwrap().to_owned()
    }

    #[test]
    fn cookies_are_read_once() {
        let read = |line: &str| value(&headers(line), "clinicos_session");
        assert_eq!(read("a=1; clinicos_session=ab12").as_deref(), Some("ab12"));
        assert_eq!(read("clinicos_session=1; clinicos_session=2"), None);
        assert_eq!(read("clinicos_session=\"x y\""), None);
    }

    #[test]
    fn an_installation_reads_its_own_cookies_alone() {
        let [live, sandbox] = ["aaaa0000", "bbbb0000"].map(|mark| Cookies { mark: mark.to_owned(), is_encrypted: false });
        let both = headers(&[set(&live, Kind::Session).replace("ab12", "live"), set(&sandbox, Kind::Session)].join("; "));
        assert_eq!(live.read(&both, Kind::Session).as_deref(), Some("live"));
        assert_eq!(sandbox.read(&both, Kind::Session).as_deref(), Some("ab12"));
        assert_eq!(live.read(&both, Kind::Visitor), None);
    }

    #[test]
    fn names_say_what_browsers_must_hold_to() {
        let mark = "aaaa0000".to_owned();
        let plain = Cookies { mark: mark.clone(), is_encrypted: false };
        assert_eq!(set(&plain, Kind::Session), "clinicos_session_aaaa0000=ab12; Path=/; HttpOnly; SameSite=Lax");
        let encrypted = Cookies { mark, is_encrypted: true };
        assert_eq!(
            set(&encrypted, Kind::Session),
            "__Host-clinicos_session_aaaa0000=ab12; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
        for kind in [Kind::Device, Kind::Visitor, Kind::Flash] {
            let cookie = set(&encrypted, kind);
            assert!(
                cookie.starts_with("__Secure-clinicos_") && cookie.contains("; Path=/console; ") && cookie.ends_with("; Secure"),
                "{cookie}"
            );
        }
    }
}
