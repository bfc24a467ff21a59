//! Imaging studies: the images of one examination, and what they show.

pub mod model;
pub mod parts;
pub mod sample;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::ImagingStudy;
use crate::plain::Declared as _;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "imaging_studies",
    singular: "imaging_study",
    title: "Imaging studies",
    can_see: "see which images were made and what they show",
    can_change: "add, change and delete imaging studies",
    primary: Category::Diagnostics,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &crate::plain_operations!(ImagingStudy<'static>);

/// Every event.
pub static EVENTS: &[&EventType] = &[ImagingStudy::CREATED, ImagingStudy::UPDATED, ImagingStudy::DELETED];
