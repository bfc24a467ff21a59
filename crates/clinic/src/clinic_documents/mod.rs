//! Documents: files of the clinic, with what is known about them. The folder is not called `documents`, because
//! that is what parts of records are called that are stored as JSON.

mod add_content;
pub mod content;
mod get_content;
pub mod model;
pub mod parts;
pub mod rows;
pub mod sample;
pub mod standing;

use clinicos_contract::event::EventType;
use clinicos_contract::{Category, Resource};
use clinicos_gate::AnyOperation;

use self::model::Document;
use crate::plain::Declared as _;

/// What scopes and opt-ins speak of.
pub static RESOURCE: Resource = Resource {
    name: "documents",
    singular: "document",
    title: "Documents",
    can_see: "see which files the clinic has about clients and patients, and what is in them",
    can_change: "add, change and delete files about clients and patients",
    primary: Category::Clinical,
};

/// Every operation.
pub static OPERATIONS: &[&dyn AnyOperation] = &{
    let [list, get, create, update, delete] = crate::plain_operations!(Document<'static>);
    [list, get, create, update, delete, &add_content::AddContent as &dyn AnyOperation, &get_content::GetContent]
};

/// Every event.
pub static EVENTS: &[&EventType] = &[Document::CREATED, Document::UPDATED, Document::DELETED];
