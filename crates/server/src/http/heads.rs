//! What is wrong with a head that the parser lets through: headers about which a proxy and a server could disagree.
//! It is looked at where a request comes off a connection, because what is asked within this process has no `Host`.

use clinicos_contract::{Problem, problem};
use http::header::{CONNECTION, HOST, HeaderMap, TRANSFER_ENCODING};
use http::{HeaderValue, Request, Response, Version};

/// What is wrong with a head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flawed {
    /// It names no host.
    NoHost,
    /// It names two.
    TwoHosts,
    /// Its body is coded in another way than in chunks.
    Coding,
}

impl Flawed {
    /// What is wrong with the head of a request, if something is.
    pub(super) fn of<B>(request: &Request<B>) -> Option<Self> {
        let count = request.headers().get_all(HOST).iter().count();
        match count {
            0 if request.version() == Version::HTTP_11 => Some(Self::NoHost),
            0 | 1 => is_coded(request.headers()).then_some(Self::Coding),
            _ => Some(Self::TwoHosts),
        }
    }

    /// The same as a problem.
    pub(super) fn problem(self) -> Problem {
        let refuse =
            |header: &str, code: &'static str, detail: &str| Problem::new(&problem::INVALID_HEADER, detail).about(header, code);
        match self {
            Self::NoHost => refuse("host", "required", "an HTTP/1.1 request has a `Host` header: send the host of the address"),
            Self::TwoHosts => refuse("host", "repeated", "the header `Host` is repeated"),
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
