//! Reads what came with a call: version, body, query, conditions. Everything that is wrong
//! gets a problem that names the place; what is right is typed from here on.

use std::sync::Arc;

use clinicos_contract::admit::check_body;
use clinicos_contract::query::{self, Query};
use clinicos_contract::{FieldError, Method, Problem, Schema, Spec, View, json, problem, version};

use crate::cursor;
use crate::explain::Explaining;
use crate::facts::ConnectionFacts;
use crate::follow::FollowedClinic;
use crate::include::Include;
use crate::operation::Admitted;
use crate::permit::Permit;
use crate::preview::Preview;
use crate::read_held::Direct;
use crate::request::{Body, Request};
use crate::services::Services;
use crate::sign_in::Worked;

/// Longest `Idempotency-Key`.
pub const IDEMPOTENCY_KEY_CHARS_MAX: usize = 255;

/// Characters of an `ETag` that name the view.
const VIEW_CHARS: usize = 8;

/// Everything that a run needs, read and checked.
#[derive(Debug, Clone)]
pub(crate) struct Ready {
    pub(crate) input: Admitted,
    pub(crate) view: Option<View>,
    /// Decided after the query was read, before anything runs.
    pub(crate) includes: Vec<Include>,
    /// The clinics whose changes are told, and the resources of each, decided in the same way.
    pub(crate) followed: Arc<[FollowedClinic]>,
    /// The direct read that lines were decided as, once they were read.
    pub(crate) direct: Option<Direct>,
    /// What is known of the clinic's connections and clients, for who may ask why.
    pub(crate) explaining: Option<Arc<Explaining>>,
    /// A record that is shown as a connection sees it.
    pub(crate) preview: Option<Arc<Preview>>,
    pub(crate) idempotency_key: Option<String>,
    /// Whether changes are told as events of a stream.
    pub(crate) as_events: bool,
}

/// The version that answers: the one asked for, else the one the connection is pinned to.
pub(crate) fn api_version(request: &Request, connection: Option<&ConnectionFacts>) -> Result<&'static str, Problem> {
    match &request.version {
        None => Ok(connection.map_or(version::LATEST, |connection| connection.pinned_version)),
        Some(asked) => version::parse(asked).ok_or_else(|| {
            let detail =
                format!("`{}` is not a version of this API; there are: {}", json::shorten(asked), version::ALL.join(", "));
            Problem::new(&problem::UNSUPPORTED_VERSION, detail)
        }),
    }
}

/// Reads and checks a permitted call.
pub(crate) fn admit(services: &Services, permit: &Permit, request: &Request) -> Result<Ready, Problem> {
    let spec = request.operation.spec();
    let query = query::parse(spec, &request.query, permit.sight())?;
    let body = body(spec, permit, &request.body)?;
    let idempotency_key = idempotency_key(spec, request.idempotency_key.as_deref())?;
    let if_match = if_match(spec, request.if_match.as_deref())?;
    let after = match &query.cursor {
        None => None,
        Some(sealed) => Some(cursor::open(services, permit, spec, &query, sealed)?),
    };
    let view = spec.reply_schema().map(|schema| view(schema, permit, &query));
    Ok(Ready {
        input: Admitted { path: request.path.clone(), query, body, if_match, after, passwords: Worked::default() },
        view,
        includes: Vec::new(),
        followed: Arc::default(),
        direct: None,
        explaining: None,
        preview: None,
        idempotency_key,
        as_events: request.as_events && spec.follows,
    })
}

/// What the answer may show.
pub(crate) fn view(schema: &'static Schema, permit: &Permit, query: &Query) -> View {
    permit.view(schema, query.fields.as_deref())
}

fn body(spec: &Spec, permit: &Permit, body: &Body) -> Result<serde_json::Value, Problem> {
    let Some(expected) = &spec.body else {
        if body.bytes.is_empty() {
            return Ok(serde_json::Value::Null);
        }
        return Err(Problem::fields(vec![FieldError::new("", "unknown", "this operation takes no body")]));
    };
    if body.bytes.len() > spec.body_bytes_max {
        let detail = format!("the body is larger than {} bytes", spec.body_bytes_max);
        return Err(Problem::new(&problem::TOO_LARGE, detail).about("", "too_long"));
    }
    // Some clients say what kind of body it is even where there is none.
    if body.bytes.is_empty() && spec.may_lack_body() {
        return Ok(serde_json::Value::Object(serde_json::Map::default()));
    }
    media_type(spec.route.method, body)?;
    let value = json::parse(&body.bytes).map_err(|broken| {
        let mut problem = Problem::new(&problem::MALFORMED, format!("the body is not acceptable JSON: {}", broken.detail));
        problem.errors.push(broken.place);
        problem
    })?;
    check_body(expected, &value, permit.visible)?;
    Ok(value)
}

fn media_type(method: Method, body: &Body) -> Result<(), Problem> {
    let refuse =
        |header: &str, detail: String| Err(Problem::new(&problem::UNSUPPORTED_MEDIA_TYPE, detail).about(header, "media_type"));
    if let Some(encoding) = &body.content_encoding
        && encoding != "identity"
    {
        return refuse("content-encoding", "send the body without a `Content-Encoding` header".to_owned());
    }
    let accepted: &[&str] = match method {
        Method::Patch => &["application/merge-patch+json", "application/json"],
        Method::Get | Method::Post | Method::Delete => &["application/json"],
    };
    let given = body.content_type.as_deref().unwrap_or_default();
    let (essence, parameters) = given.split_once(';').unwrap_or((given, ""));
    if !parameters.split(';').all(is_utf_8_or_no_charset) {
        return refuse("content-type", "JSON is UTF-8: leave `charset` out of the `Content-Type` header".to_owned());
    }
    if accepted.iter().any(|one| one.eq_ignore_ascii_case(essence.trim())) {
        return Ok(());
    }
    refuse("content-type", format!("send the body as `{}` in a `Content-Type` header", accepted.join("` or `")))
}

/// Whether a parameter of a media type leaves the text UTF-8. Parameters of other names say
/// nothing about that.
fn is_utf_8_or_no_charset(parameter: &str) -> bool {
    let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
    !name.trim().eq_ignore_ascii_case("charset") || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
}

fn idempotency_key(spec: &Spec, key: Option<&str>) -> Result<Option<String>, Problem> {
    if !spec.idempotent {
        return Ok(None);
    }
    let Some(key) = key else {
        let detail = "send an `Idempotency-Key` header with a new random value";
        return Err(Problem::new(&problem::IDEMPOTENCY_KEY_MISSING, detail).about("idempotency-key", "required"));
    };
    let plain = key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if key.is_empty() || key.len() > IDEMPOTENCY_KEY_CHARS_MAX || !plain {
        let detail = format!("`Idempotency-Key` must have 1 to {IDEMPOTENCY_KEY_CHARS_MAX} printable ASCII characters");
        return Err(Problem::new(&problem::INVALID_HEADER, detail).about("idempotency-key", "format"));
    }
    Ok(Some(key.to_owned()))
}

/// The version that `If-Match` names; an ETag is `"<version>-<view>"`, and only the version is
/// compared, because a change does not depend on which fields were read.
fn if_match(spec: &Spec, header: Option<&str>) -> Result<Option<i64>, Problem> {
    match (spec.if_match || spec.heeds_if_match, header) {
        (false, _) => Ok(None),
        (true, None) if spec.heeds_if_match => Ok(None),
        (true, None) => Err(Problem::new(&problem::IF_MATCH_MISSING, "send the record's `ETag` in an `If-Match` header")),
        // An empty list of tags can be written (RFC 9110 section 5.6.1), and none of it fits: section 13.1.1.
        (true, Some(tag)) if spec.heeds_if_match && tag.trim().is_empty() => Err(Problem::new(
            &problem::STALE,
            "an empty `If-Match` names no version; send the `ETag` that you read, or no such header",
        )),
        (true, Some(tag)) => version_in(tag).map(Some).ok_or_else(|| {
            let detail = "`If-Match` must be one `ETag` as it came, such as `\"3-1f2e3d4c\"`";
            Problem::new(&problem::INVALID_HEADER, detail).about("if-match", "format")
        }),
    }
}

/// The version in one `ETag`. A list of several, or `*`, names none.
fn version_in(tag: &str) -> Option<i64> {
    let inner = tag.trim().strip_prefix('"')?.strip_suffix('"')?;
    let (version, view) = inner.split_once('-')?;
    let whole = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
    let known = view.len() == VIEW_CHARS && view.bytes().all(|byte| byte.is_ascii_hexdigit());
    version.parse().ok().filter(|_| whole && known)
}
