//! Parts of records that are stored as JSON and shown as they are.

use clinicos_contract::wire::{Doc, Document};
use clinicos_contract::{Category, Field, Problem, Shape};
use clinicos_gate::conflict;

/// Declares a part of a record: the struct, and its schema in the same order.
#[macro_export]
macro_rules! object {
    (
        $(#[doc = $object_doc:literal])+
        pub struct $name:ident as $object_name:literal {
            $(
                $(#[doc = $doc:literal])+
                $(#[serde($($serde:tt)+)])?
                $field:ident: $kind:ty, $shape:expr, $nullable:literal = $flags:expr;
            )+
        }
    ) => {
        $(#[doc = $object_doc])+
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $name {
            $( $(#[doc = $doc])+ $(#[serde($($serde)+)])? pub $field: $kind, )+
        }

        impl $name {
            /// Its fields.
            pub const SCHEMA: &'static clinicos_contract::Schema = &clinicos_contract::Schema {
                name: $object_name,
                doc: concat!($($object_doc),+),
                fields: &[
                    $( $flags.named(stringify!($field), concat!($($doc),+), $shape, $nullable), )+
                ],
            };
        }
    };
}

/// Declares a list of parts, texts or words that is stored as one document.
#[macro_export]
macro_rules! document_list {
    ($(#[doc = $doc:literal])+ $name:ident of $item:ty, $shape:expr) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Vec<$item>);

        impl clinicos_contract::wire::Document for $name {
            const SHAPE: clinicos_contract::Shape = clinicos_contract::Shape::List(&$shape);
            const EMPTY: &'static str = "[]";
        }
    };
}

const SYSTEM: Field = Field::of(Category::RecordSystem);

object! {
    /// The identifier of a record in another system.
    pub struct ExternalId as "external_id" {
        /// The other system, such as `avimark`.
        system: String, Shape::Text, false = SYSTEM.required().max(60);
        /// The identifier there.
        value: String, Shape::Text, false = SYSTEM.required().max(200);
    }
}

impl Eq for ExternalId {}

impl std::hash::Hash for ExternalId {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.system.hash(state);
        self.value.hash(state);
    }
}

document_list! {
    /// Identifiers of a record in other systems.
    ExternalIds of ExternalId, Shape::Object(ExternalId::SCHEMA)
}

macro_rules! address {
    ($(#[doc = $doc:literal])+ $name:ident in $category:ident) => {
        object! {
            $(#[doc = $doc])+
            pub struct $name as "address" {
                /// Street and number.
                line1: Option<String>, Shape::Text, true = Field::of(Category::$category).creatable().max(200);
                /// Apartment, suite or building.
                line2: Option<String>, Shape::Text, true = Field::of(Category::$category).creatable().max(200);
                /// City.
                city: Option<String>, Shape::Text, true = Field::of(Category::$category).creatable().max(100);
                /// State, province or region.
                region: Option<String>, Shape::Text, true = Field::of(Category::$category).creatable().max(100);
                /// Postal code.
                postal_code: Option<String>, Shape::Text, true = Field::of(Category::$category).creatable().max(20);
                /// ISO 3166-1.
                country: Option<String>, Shape::Country, true = Field::of(Category::$category).creatable();
            }
        }

        impl Document for $name {
            const SHAPE: Shape = Shape::Object(Self::SCHEMA);
            const EMPTY: &'static str = "null";
        }
    };
}

address! {
    /// The postal address of a clinic, as entered.
    ClinicAddress in Practice
}
address! {
    /// The postal address of an owner, as entered.
    OwnerAddress in OwnerContact
}

macro_rules! codes {
    ($($name:ident of $code:ident in $category:ident;)+) => {
        $(
            object! {
                /// What something is called in a coding system.
                pub struct $code as "code" {
                    /// The coding system, as a URI.
                    system: String, Shape::Text, false = Field::of(Category::$category).required().filled().max(200);
                    /// The code there.
                    code: String, Shape::Text, false = Field::of(Category::$category).required().filled().max(60);
                    /// What people read.
                    #[serde(default)]
                    display: Option<String>, Shape::Text, true = Field::of(Category::$category).creatable().max(200);
                }
            }

            document_list! {
                /// The same thing in coding systems.
                $name of $code, Shape::Object($code::SCHEMA)
            }
        )+
    };
}

codes! {
    AppointmentCodes of AppointmentCode in Appointments;
    ClinicalCodes of ClinicalCode in Clinical;
    DiagnosticCodes of DiagnosticCode in Diagnostics;
}

/// Most identifiers of a record in other systems.
const EXTERNAL_IDS_MAX: usize = 20;

/// Adds the identifiers of a duplicate to those of the record that stays; tells whether there were any.
pub fn take_over(kept: &mut Doc<'static, ExternalIds>, gone: &mut Doc<'static, ExternalIds>) -> Result<bool, Problem> {
    let taken = gone.value().unwrap_or_default();
    if taken.0.is_empty() {
        return Ok(false);
    }
    let mut all = kept.value().unwrap_or_default();
    all.0.extend(taken.0);
    if all.0.len() > EXTERNAL_IDS_MAX {
        return Err(conflict(format!("together the two have more than {EXTERNAL_IDS_MAX} external ids; take some away first")));
    }
    *kept = Doc::of(&all);
    *gone = Doc::of(&ExternalIds::default());
    Ok(true)
}
