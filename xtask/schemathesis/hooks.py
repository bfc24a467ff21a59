"""What the OpenAPI document says in words, for a tool that reads schemas alone."""

import datetime
import os

import schemathesis
from hypothesis import strategies as st

# Ids of what the tests call with: without them, the rest of the run would show nothing but 401.
OWN = [text for text in os.environ.get("CLINICOS_OWN_IDS", "").split(",") if text]

FIRST = datetime.date(1900, 1, 2)
LAST = datetime.date(2200, 12, 30)

schemathesis.openapi.format("date", st.dates(FIRST, LAST).map(str))
schemathesis.openapi.format(
    "date-time",
    st.datetimes(
        datetime.datetime.combine(FIRST, datetime.time()), datetime.datetime.combine(LAST, datetime.time())
    ).map(lambda at: at.isoformat() + "Z"),
)
schemathesis.openapi.format("currency", st.sampled_from(["USD", "EUR", "JPY", "KWD"]))
schemathesis.openapi.format("time-zone", st.sampled_from(["America/Chicago", "Europe/Berlin", "Asia/Kathmandu", "UTC"]))


@schemathesis.hook
def before_call(context, case, kwargs):
    """Leaves the tests' own key and connection alone: whatever would change them finds nothing."""
    if case.method.upper() == "GET":
        return
    for name, value in (case.path_parameters or {}).items():
        if value in OWN:
            case.path_parameters[name] = value[:4] + "0" * 26


@schemathesis.hook
def map_body(context, body):
    """JSON Schema takes `1.0` for an integer; the API takes whole numbers only when they look so."""
    if isinstance(body, float) and body.is_integer():
        return int(body)
    if isinstance(body, list):
        return [map_body(context, item) for item in body]
    if isinstance(body, dict):
        return {name: map_body(context, value) for name, value in body.items()}
    return body


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """A cursor is sealed: one that was made up fits its schema and is refused all the same."""
    return not (failure.code == "ST202" and response.status_code == 400 and response.json().get("code") == "invalid_cursor")
