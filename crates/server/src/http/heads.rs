//! What is wrong with a head that the parser lets through: headers about which a proxy and a server could disagree.
//! It is looked at where a request comes off a connection, because what is asked within this process has no `Host`.

use std::net::Ipv6Addr;

use clinicos_contract::{Problem, problem};
use http::header::{AUTHORIZATION, CONNECTION, HOST, HeaderMap, TRANSFER_ENCODING};
use http::uri::Authority;
use http::{HeaderValue, Request, Response, Version};

/// What is wrong with a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flawed {
    /// It names no host.
    NoHost,
    /// It names two.
    TwoHosts,
    /// What it names is no host.
    NoHostName,
    /// Its target is a whole address, of another host than it names.
    OtherHost,
    /// It shows two keys.
    TwoKeys,
    /// Its body is coded in another way than in chunks.
    Coding,
}

impl Flawed {
    /// What is wrong with the head of a request, if something is.
    pub(super) fn of<B>(request: &Request<B>) -> Option<Self> {
        let headers = request.headers();
        let mut hosts = headers.get_all(HOST).iter();
        let host = match (hosts.next(), hosts.next()) {
            (None, _) if request.version() == Version::HTTP_11 => return Some(Self::NoHost),
            (None, _) => None,
            (Some(_), Some(_)) => return Some(Self::TwoHosts),
            (Some(host), None) => match authority(host) {
                None => return Some(Self::NoHostName),
                host => host,
            },
        };
        // A target that is a whole address would count, and not `Host`. Where both say the same, nobody can be misled.
        if let (Some(target), Some(host)) = (request.uri().authority(), host)
            && !target.as_str().eq_ignore_ascii_case(host.as_str())
        {
            return Some(Self::OtherHost);
        }
        if headers.get_all(AUTHORIZATION).iter().nth(1).is_some() {
            return Some(Self::TwoKeys);
        }
        is_coded(headers).then_some(Self::Coding)
    }

    /// The same as a problem.
    pub(super) fn problem(self) -> Problem {
        let refuse =
            |header: &str, code: &'static str, detail: &str| Problem::new(&problem::INVALID_HEADER, detail).about(header, code);
        match self {
            Self::NoHost => refuse("host", "required", "an HTTP/1.1 request has a `Host` header: send the host of the address"),
            Self::TwoHosts => refuse("host", "repeated", "the header `Host` is repeated"),
            Self::NoHostName => {
                refuse("host", "format", "the header `Host` is no host: send the host of the address, and its port if it has one")
            }
            Self::OtherHost => refuse(
                "host",
                "format",
                "the header `Host` names another host than the target of the request: send one host, or a target that begins with `/`",
            ),
            Self::TwoKeys => refuse("authorization", "repeated", "the header `Authorization` is repeated"),
            Self::Coding => refuse(
                "transfer-encoding",
                "format",
                "the header `Transfer-Encoding`, if there is one, must be `chunked`: nothing else is taken",
            ),
        }
    }
}

/// The answer of a call; behind that of a head that could be read in two ways nothing more is read.
pub(super) fn last_if<B>(is_flawed: bool, mut answer: Response<B>) -> Response<B> {
    if is_flawed {
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}

/// A host, with its port if one is named.
fn authority(host: &HeaderValue) -> Option<Authority> {
    let authority = Authority::try_from(host.as_bytes()).ok()?;
    let name = authority.host();
    let is_name = match name.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']').is_some_and(|inner| inner.parse::<Ipv6Addr>().is_ok()),
        None => !name.is_empty(),
    };
    let port = authority.as_str().strip_prefix(name)?;
    let is_port = port.is_empty() || port == ":" || authority.port_u16().is_some();
    (is_name && is_port).then_some(authority)
}

/// Whether a body is coded otherwise than in chunks.
fn is_coded(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(TRANSFER_ENCODING).iter();
    match (values.next(), values.next()) {
        (None, _) => false,
        (Some(one), None) => !one.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked"),
        (Some(_), Some(_)) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_and_perhaps_a_port() {
        let is_host = |text: &str| authority(&HeaderValue::from_str(text).unwrap()).is_some();
        for host in ["a", "A.example", "a:80", "a:", "127.0.0.1:7070", "[::1]", "[::1]:80"] {
            assert!(is_host(host), "{host}");
        }
        for none in ["", "a b/", "a/", "a b", "me@a", "a:b", "a:70000", ":80", "[x]", "http://a", "a?b", "a#b", "a,"] {
            assert_eq!(is_host(none), none == "a,", "{none}: a comma is a letter of a name");
        }
    }

    /// A target that is a whole address is taken if it says what `Host` says.
    #[test]
    fn a_target_and_a_host_say_the_same() {
        let of = |target: &str, host: &str| Flawed::of(&Request::builder().uri(target).header("host", host).body(()).unwrap());
        assert_eq!((of("http://a.example/v1", "A.example"), of("/v1", "a")), (None, None));
        for (target, host) in [("http://a/v1", "b"), ("http://a:81/v1", "a"), ("a:443", "b")] {
            assert_eq!(of(target, host), Some(Flawed::OtherHost), "{target}");
        }
        let two = Request::builder().header("host", "a").header("authorization", "Bearer a").header("authorization", "Bearer b");
        assert_eq!(Flawed::of(&two.body(()).unwrap()), Some(Flawed::TwoKeys));
    }

    #[test]
    fn heads_that_could_be_read_in_two_ways_are_told() {
        let of = |version: Version, lines: &[(&'static str, &'static str)]| {
            let mut request = Request::new(());
            *request.version_mut() = version;
            for (name, value) in lines {
                request.headers_mut().append(*name, value.parse().unwrap());
            }
            Flawed::of(&request)
        };
        assert_eq!(of(Version::HTTP_11, &[("host", "a")]), None);
        assert_eq!(of(Version::HTTP_11, &[]), Some(Flawed::NoHost));
        assert_eq!(of(Version::HTTP_10, &[]), None, "there was none then");
        assert_eq!(of(Version::HTTP_11, &[("host", "a"), ("host", "a")]), Some(Flawed::TwoHosts));
        for (coding, flaw) in
            [("chunked", None), ("Chunked", None), ("gzip, chunked", Some(Flawed::Coding)), ("identity", Some(Flawed::Coding))]
        {
            assert_eq!(of(Version::HTTP_11, &[("host", "a"), ("transfer-encoding", coding)]), flaw, "{coding}");
        }
        assert_eq!(Flawed::NoHost.problem().errors[0].pointer, "host");
    }
}
