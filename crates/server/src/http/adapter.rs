//! From an HTTP request to a request for the door, and from its answer to a response.

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::Arc;

use axum::body::{Body as HttpBody, HttpBody as _};
use bytes::Bytes;
use clinicos_contract::{Problem, problem};
use clinicos_gate::limits::network_of;
use clinicos_gate::{Answer, AnyOperation, Body, Credential, Door, Origin, RawAnswer, RawRefusal, Request};
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, IF_MATCH};
use http::{HeaderValue, Response, StatusCode};

use super::bodies::{Bodies, Held};
use super::router::Who;
use super::{events, page};

/// Most bytes that are read of a body where none belongs, to say so.
const STRAY_BODY_BYTES_MAX: usize = 4 << 10;

/// The door, and who comes in by this way to it.
#[derive(Clone)]
pub struct Adapter {
    pub(crate) door: Arc<dyn Door>,
    pub(crate) who: Who,
    bodies: Arc<Bodies>,
    /// Tells callers apart without keeping what they showed.
    callers: RandomState,
}

/// Who sent a request.
pub(crate) struct Seen {
    pub(super) credential: Credential,
    pub(super) origin: Origin,
}

impl Seen {
    /// Only where it came from.
    pub(crate) fn into_origin(self) -> Origin {
        self.origin
    }
}

pub use clinicos_console::web::Peer;

/// The peer's address, if the request came over a network.
pub(crate) fn peer(request: &http::Request<HttpBody>) -> Option<IpAddr> {
    request.extensions().get::<Peer>().map(|peer| peer.0)
}

impl Adapter {
    /// The way to this door.
    pub(crate) fn new(door: Arc<dyn Door>, who: Who) -> Self {
        Self { door, who, bodies: Arc::default(), callers: RandomState::new() }
    }

    /// Calls an operation.
    pub(crate) async fn call(
        &self,
        operation: &'static dyn AnyOperation,
        path: Vec<(&'static str, String)>,
        request: http::Request<HttpBody>,
    ) -> Response<HttpBody> {
        let Seen { credential, origin } = self.seen(&request);
        let spec = operation.spec();
        let route = || format!("{} {}", spec.route.method.name(), spec.route.path);
        let (parts, body) = request.into_parts();
        // Nobody's body is held in memory for a caller whom the door will not know.
        let bytes_max = if spec.body.is_some() { spec.body_bytes_max } else { STRAY_BODY_BYTES_MAX };
        // Its room is held until the call is over.
        let mut room = self.room_of(&credential, origin.address);
        let read = async {
            if spec.is_open() {
                self.door.has_room_for_stranger(origin.address)?;
            }
            if body.is_end_stream() || !(spec.is_open() || self.door.knows(&credential)) {
                return Ok(Bytes::new());
            }
            room.read(body, bytes_max).await
        };
        let bytes = match read.await {
            Ok(bytes) => bytes,
            Err(problem) => return self.refuse("http.body", route(), problem, Seen { credential, origin }).await,
        };
        let headers = &parts.headers;
        let [idempotency_key, if_match, version, content_type, content_encoding] = match texts(headers) {
            Ok(texts) => texts,
            Err(problem) => return self.refuse("http.headers", route(), problem, Seen { credential, origin }).await,
        };
        let call = Request {
            operation,
            credential,
            path,
            query: parts.uri.query().unwrap_or_default().to_owned(),
            body: Body { bytes, content_type, content_encoding },
            idempotency_key,
            if_match,
            version,
            caused_by: None,
            as_events: spec.follows && events::are_wanted(headers),
            origin,
        };
        if call.as_events {
            return events::stream(self, call, headers).await;
        }
        respond(self.door.call(call).await)
    }

    /// Refuses what reaches no operation.
    pub(crate) async fn refuse(
        &self,
        label: &'static str,
        route: String,
        problem: Problem,
        Seen { credential, origin }: Seen,
    ) -> Response<HttpBody> {
        respond(self.door.refuse(RawRefusal { label, route, credential, problem, origin }).await)
    }

    /// Answers a browser that asks whether a page of another site may call.
    pub(crate) async fn preflight(&self, origin: Origin) -> Response<HttpBody> {
        respond(self.door.preflight(origin).await)
    }

    /// Journals and sends a document that no operation gives.
    pub(crate) async fn document(
        &self,
        label: &'static str,
        content_type: &'static str,
        body: Bytes,
        (route, origin): (String, Origin),
    ) -> Response<HttpBody> {
        let answer = RawAnswer { label, route, status: 200, content_type, body, origin };
        respond(self.door.account(answer).await)
    }

    /// Who sent a request, as far as that can be told before it is called.
    pub(crate) fn seen(&self, request: &http::Request<HttpBody>) -> Seen {
        Seen { credential: self.credential(request.headers()), origin: self.origin(request) }
    }

    /// Where a request came from. A header that the caller can choose says nothing about that.
    pub(crate) fn origin(&self, request: &http::Request<HttpBody>) -> Origin {
        let services = self.door.services();
        let page = page::of_another_site(request.headers(), &services.base_url).filter(|_| self.who == Who::Anyone);
        Origin {
            address: peer(request),
            page,
            target: request.uri().path_and_query().map(|target| target.as_str().to_owned()).unwrap_or_default(),
            arrived_ns: services.clock.monotonic_ns(),
            unattended: false,
        }
    }

    /// No room for a body yet, of whoever shows a key that the door knows, or else of a network.
    pub(super) fn room_of(&self, credential: &Credential, address: Option<IpAddr>) -> Held {
        let caller = match credential {
            Credential::Bearer(key) if self.door.knows(credential) => self.callers.hash_one(key),
            _ => self.callers.hash_one(address.map(network_of)),
        };
        self.bodies.room(caller)
    }

    fn credential(&self, headers: &HeaderMap) -> Credential {
        if self.who == Who::Operator {
            return Credential::Operator;
        }
        let mut values = headers.get_all(AUTHORIZATION).iter();
        match (values.next(), values.next()) {
            (None, _) => Credential::None,
            (Some(value), None) => bearer(value).map_or(Credential::Unreadable, Credential::Bearer),
            (Some(_), Some(_)) => Credential::Unreadable,
        }
    }
}

/// The token of an `Authorization` header. `None` if it is not `Bearer` and one token.
pub fn bearer(value: &HeaderValue) -> Option<String> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.to_owned())
}

/// The headers that the door looks at. Each may come once, in ASCII.
fn texts(headers: &HeaderMap) -> Result<[Option<String>; 5], Problem> {
    let text = |name: HeaderName| -> Result<Option<String>, Problem> {
        let mut values = headers.get_all(&name).iter();
        let refuse = |code: &'static str, what: &str| {
            let detail = format!("the header `{name}` {what}");
            Err(Problem::new(&problem::INVALID_HEADER, detail).about(name.as_str(), code))
        };
        match (values.next().map(HeaderValue::to_str), values.next()) {
            (None, _) => Ok(None),
            (Some(Ok(text)), None) => Ok(Some(text.to_owned())),
            (Some(Err(_)), None) => refuse("encoding", "is not plain ASCII"),
            (Some(_), Some(_)) => refuse("repeated", "is repeated"),
        }
    };
    Ok([
        text(HeaderName::from_static("idempotency-key"))?,
        text(IF_MATCH)?,
        text(HeaderName::from_static(clinicos_contract::version::HEADER))?,
        text(CONTENT_TYPE)?,
        text(CONTENT_ENCODING)?,
    ])
}

pub(super) fn respond(answer: Answer) -> Response<HttpBody> {
    let status = StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let (headers, body) = answer.into_parts();
    let mut response = Response::new(HttpBody::from(body));
    *response.status_mut() = status;
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}
