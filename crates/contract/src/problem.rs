//! Problems: every refusal, from one table of codes (RFC 9457).

use std::fmt;

use crate::category::Category;

/// One row of the table: what went wrong, as a caller can act on it.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// Stable, snake case; the last part of `type`.
    pub name: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// A short title, the same for each occurrence.
    pub title: &'static str,
    /// What to do about it, in Markdown, for the page that `type` leads to.
    pub help: &'static str,
}

macro_rules! codes {
    ($($name:ident $text:literal $status:literal $title:literal $help:literal)+) => {
        $(#[doc = $title] pub static $name: Code = Code { name: $text, status: $status, title: $title, help: $help };)+
        /// Every code.
        pub static ALL: &[&Code] = &[$(&$name,)+];
    };
}

codes! {
    PATH_NOT_CANONICAL "path_not_canonical" 400 "The path is not in its canonical form"
        "Send the path exactly as documented: no `//`, no `.` or `..` segments, no percent-encoded characters, no trailing slash."
    MALFORMED "malformed_request" 400 "The request could not be read"
        "The body is not valid JSON, or a header or the query string could not be read. `detail` says where."
    INVALID_FIELD "invalid_field" 400 "A field is unknown, read-only or of the wrong type"
        "`errors` lists each field by JSON pointer and says what is expected there. Unknown fields are never ignored, so that a typo cannot go unnoticed."
    INVALID_PARAMETER "invalid_parameter" 400 "A query parameter is unknown or has a wrong value"
        "`errors` names each parameter. Unknown parameters are never ignored, because ignoring a filter would widen the answer."
    INVALID_CURSOR "invalid_cursor" 400 "The cursor does not belong to this request"
        "A cursor works only for the connection, operation, sort and filters that it came from. Follow `next_page_url` as it stands, or start again without a cursor."
    INVALID_HEADER "invalid_header" 400 "A header has a wrong value"
        "`errors` names the header, and `detail` says what it accepts."
    UNSUPPORTED_VERSION "unsupported_version" 400 "This API version does not exist"
        "Send a date that the versions page lists in `ClinicOS-Version`, or leave the header out to use the version that the connection is pinned to."
    IDEMPOTENCY_KEY_MISSING "idempotency_key_missing" 400 "An Idempotency-Key header is required"
        "Send a new random value for each thing that you want to happen once, and the same value when you retry it."
    UNAUTHENTICATED "unauthenticated" 401 "No valid credential"
        "Send `Authorization: Bearer` with a key of this clinic. Keys start with `cos_live_` or `cos_sandbox_`; `detail` says if the key is cut short, expired, revoked or for another environment."
    MISSING_SCOPE "missing_scope" 403 "The connection lacks a scope"
        "`missing_scope` names it. An admin of the clinic can grant it on the connection."
    MISSING_OPT_IN "missing_opt_in" 403 "The clinic has not opted in to this category of data"
        "`missing_consent` names the category. An admin of the clinic can opt in on the connection, for its purpose and for a time."
    HIDDEN_FIELD "hidden_field" 403 "This field may not be used here"
        "Filtering, sorting or writing a field needs the right to see it; else the answer would give its value away."
    CONNECTION_PAUSED "connection_paused" 403 "The connection is paused"
        "An admin of the clinic paused it and can resume it. Nothing is lost; calls are refused until then."
    CONNECTION_SUSPENDED "connection_suspended" 403 "The connection is suspended"
        "Oversight suspended it. An admin of the clinic sees why, and can lift it."
    ADDRESS_NOT_ALLOWED "address_not_allowed" 403 "Calls from this address are not allowed"
        "The key, or its connection, may be used from some addresses only. An admin of the clinic sees the list and can change it."
    CLINIC_INACTIVE "clinic_inactive" 403 "The clinic does not take calls"
        "The clinic is suspended or closed."
    WRITES_OFF "writes_off" 403 "Writes are switched off, for this connection or for the whole clinic"
        "An admin of the clinic switched off writes, actions and triggers: of this connection, or of all at once with the emergency switch. `detail` says which. Reads go on."
    FORM_EXPIRED "form_expired" 403 "The form cannot be taken"
        "A form is taken from the page that showed it, in the same browser. Load the page again."
    ROLE_NOT_ALLOWED "role_not_allowed" 403 "Your role does not allow this"
        "An admin of the clinic can do it, or give you another role."
    OPERATION_EXCLUDED "operation_excluded" 403 "This operation is excluded for this connection"
        "An admin of the clinic limited which operations the connection may call."
    ORIGIN_NOT_ALLOWED "origin_not_allowed" 403 "Web pages of this origin may not call"
        "A browser sent the call for a page of another site. An admin of the clinic can list that site's origin in `browser_origins` of the connection. Programs that are not web pages send no `Origin` header and are not asked."
    OPERATOR_ONLY "operator_only" 403 "Only the operator of this server may do this"
        "Organizations and clinics are created on the server itself, with the `clinicos` command."
    CANNOT_GRANT "cannot_grant" 403 "Nobody can grant what they do not hold"
        "Ask for scopes, categories and limits within those of the credential that makes the call."
    NOT_FOUND "not_found" 404 "There is no such thing here"
        "The record or path does not exist, or belongs to a clinic that this credential cannot see. Both look the same on purpose."
    METHOD_NOT_ALLOWED "method_not_allowed" 405 "This path does not take this method"
        "The `Allow` header lists the methods that it takes."
    SLOW_BODY "slow_body" 408 "The body came too slowly"
        "Send the request's body at once. The connection is closed when it takes too long."
    CONFLICT "conflict" 409 "The record is not in a state for this"
        "`detail` says which state it is in and what that allows."
    IN_PROGRESS "idempotency_in_progress" 409 "The same request is still running"
        "Another request with this Idempotency-Key has not finished. Retry after `Retry-After` seconds."
    RECORD_COMES_IN "record_comes_in" 409 "The clinic's record is being taken in"
        "An exported record goes into a clinic line by line, and nothing else is written to it meanwhile. Whoever runs the server finishes that, or gives it up. Reads go on; try again when it is done."
    STALE "stale_version" 412 "The record has changed since you read it"
        "Read it again, apply your change to what it is now, and send its new `ETag` in `If-Match`."
    TOO_LARGE "too_large" 413 "The body is too large"
        "The OpenAPI document says how large a body each operation takes: 1 MiB unless it says otherwise."
    URI_TOO_LONG "uri_too_long" 414 "The address is too long"
        "Path and query have at most 8,192 bytes. Long lists of values belong into a body, or into several calls."
    UNSUPPORTED_MEDIA_TYPE "unsupported_media_type" 415 "The body has the wrong media type"
        "Send JSON as `application/json`, or a merge patch as `application/merge-patch+json`, without a content encoding."
    RULE_BROKEN "rule_broken" 422 "A rule of the record would be broken"
        "`errors` names the field and the rule."
    IDEMPOTENCY_MISMATCH "idempotency_mismatch" 422 "This Idempotency-Key was used for another request"
        "Use a new key for a new request. A key belongs to one operation and one body for 72 hours."
    IF_MATCH_MISSING "if_match_missing" 428 "An If-Match header is required"
        "Send the `ETag` of the record that you read, so that no change of somebody else is lost."
    RATE_LIMITED "rate_limited" 429 "Too many requests"
        "Wait `Retry-After` seconds. `RateLimit` tells how much is left before it comes to this. Refused requests count, too."
    HEAD_TOO_LARGE "head_too_large" 431 "The request's head is too large"
        "All headers together have at most 32 KiB, and there are at most 100 of them."
    CONTENT_LOST "content_lost" 500 "The bytes of a document are damaged or gone"
        "The record says that there are bytes, and the file that held them is not what it was. Nothing wrong is sent. Whoever runs the server finds the file's name in its log, and can bring it back from a back-up."
    UNAVAILABLE "unavailable" 503 "The server cannot answer safely right now"
        "An answer leaves only after its audit entry is on disk. Retry after `Retry-After` seconds."
}

/// What is wrong with one field or parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// A JSON pointer into the body, which is empty for the whole of it, the name of a parameter or of a header, `head`,
    /// or a part of the path, such as `path/2`.
    pub pointer: String,
    /// `required`, `unknown`, `read_only`, `type`, `format`, `range`, `too_long`, or a rule's name.
    pub code: &'static str,
    /// What is expected there.
    pub detail: String,
}

impl FieldError {
    /// What is wrong at this place.
    pub fn new(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, detail: detail.into() }
    }
}

/// A refusal: what the caller reads, and apart from it what only the log reads.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The row of the table.
    pub code: &'static Code,
    /// This occurrence, for the caller.
    pub detail: String,
    /// What is wrong, field by field.
    pub errors: Vec<FieldError>,
    /// The scope that would allow it.
    pub missing_scope: Option<String>,
    /// The category that the clinic would have to opt in to.
    pub missing_consent: Option<Category>,
    /// Seconds until a retry makes sense.
    pub retry_after_s: Option<u64>,
    /// Methods that the path takes, for 405.
    pub allow: Option<String>,
    source: Option<String>,
    is_damage: bool,
}

impl Problem {
    /// A problem with a detail for the caller.
    pub fn new(code: &'static Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            missing_scope: None,
            missing_consent: None,
            retry_after_s: None,
            allow: None,
            source: None,
            is_damage: false,
        }
    }

    /// The same, with the place that it is about, as its detail says it.
    #[must_use]
    pub fn about(mut self, pointer: impl Into<String>, code: &'static str) -> Self {
        self.errors.push(FieldError::new(pointer, code, self.detail.clone()));
        self
    }

    /// The one 404, the same for what is foreign and for what never was.
    pub fn not_found() -> Self {
        Self::new(&NOT_FOUND, "there is no such record or path here")
    }

    /// A rule of the record that one field would break.
    pub fn rule(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        let error = FieldError::new(pointer, code, detail);
        Self { errors: vec![error.clone()], ..Self::new(&RULE_BROKEN, error.detail) }
    }

    /// A field of a category that the caller may not see, used to filter, sort or write.
    pub fn hidden_field(name: &str, category: Category) -> Self {
        let detail = format!("`{name}` belongs to a category that this connection may not see");
        Self { missing_consent: Some(category), ..Self::new(&HIDDEN_FIELD, detail) }
    }

    /// A field that a client may hide, where its value would show in which records come, or in their order.
    pub fn consent_field(name: &str, category: Category) -> Self {
        let detail = format!("`{name}` is of data that clients can keep from this connection, so it may not be used here");
        Self { missing_consent: Some(category), ..Self::new(&HIDDEN_FIELD, detail) }
    }

    /// A write about a record of which clients keep something from the caller.
    pub fn consent_record() -> Self {
        let detail = "clients keep something of this record from this connection, so nothing of it can be changed by it";
        Self::new(&HIDDEN_FIELD, detail)
    }

    /// A body that names a record which clients keep from the caller, at a place in it.
    pub fn consent_reference(pointer: String) -> Self {
        let detail = "clients keep the record from this connection that this names, so nothing can be written about it";
        let error = FieldError::new(pointer, "hidden", "names a record that clients keep from this connection");
        Self { errors: vec![error], ..Self::new(&HIDDEN_FIELD, detail) }
    }

    /// Wrong fields of a body.
    pub fn fields(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::new(&INVALID_FIELD, "the body has fields that cannot be accepted; see `errors`") }
    }

    /// Wrong query parameters.
    pub fn parameters(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::new(&INVALID_PARAMETER, "the query has parameters that cannot be accepted; see `errors`") }
    }

    /// The journal or the store failed; the source is for the log alone.
    pub fn unavailable(source: impl fmt::Display) -> Self {
        Self {
            source: Some(source.to_string()),
            retry_after_s: Some(1),
            ..Self::new(&UNAVAILABLE, "the server cannot answer safely right now")
        }
    }

    /// The same, with what only the log may read.
    #[must_use]
    pub fn because(self, source: impl fmt::Display) -> Self {
        Self { source: Some(source.to_string()), ..self }
    }

    /// A stored row cannot be read: asking again does not help, and other rows are not affected.
    pub fn damage(source: impl fmt::Display) -> Self {
        Self { is_damage: true, ..Self::unavailable(source) }
    }

    /// Whether a stored row cannot be read.
    pub fn is_damage(&self) -> bool {
        self.is_damage
    }

    /// What only the log may read.
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name, self.detail)
    }
}
impl std::error::Error for Problem {}
