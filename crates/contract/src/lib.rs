//! What callers and operations agree on: declarations, identifiers, money, time,
//! problems, schemas and the one serializer. Nothing here does I/O, reads a clock
//! or draws a random number; those are passed in through the traits in [`source`].

pub mod admit;
pub mod category;
pub mod event;
pub mod id;
pub mod json;
pub mod money;
pub mod nearest;
pub mod patch;
pub mod problem;
pub mod query;
pub mod record;
pub mod route;
pub mod schema;
pub mod scope;
pub mod short;
pub mod source;
pub mod spec;
pub mod time;
pub mod version;
pub mod web_origin;
pub mod wire;

pub use category::{Category, CategorySet, Purpose, Sensitivity};
pub use id::{AnyId, Id, Kind};
pub use money::{Currency, Money};
pub use patch::Patch;
pub use problem::{Code, FieldError, Problem};
pub use record::{Record, Word};
pub use route::{Method, Route};
pub use schema::{Body, Field, Schema, Shape, Verb};
pub use short::ShortText;
pub use source::{Clock, Entropy};
pub use spec::{Access, Agents, Explains, Link, RateClass, Reach, Reply, Resource, Shown, Spec, WhenStopped};
pub use time::Timestamp;
pub use wire::{View, Wire, Writer};
