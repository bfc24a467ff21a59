//! Documents that derive from the catalogue.

pub mod openapi;
pub mod pages;
pub mod reference;
mod schemas;
