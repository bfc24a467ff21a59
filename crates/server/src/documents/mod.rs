//! Documents that derive from the catalogue.

pub mod openapi;
pub mod pages;
mod parameters;
pub mod reference;
mod schemas;
