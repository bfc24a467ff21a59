//! The organization: who runs clinics.

use std::borrow::Cow;

use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Currency, Field, Patch, Problem, Timestamp, record, words};
use clinicos_gate::OrganizationId;
use serde::Deserialize;

use crate::changes::Changes;
use crate::documents::ExternalIds;
use crate::refusals;
use crate::texts::Country;

words! {
    /// How the organization is set up.
    OrganizationType {
        /// One owner.
        Independent = "independent",
        /// Several clinics under one roof.
        Group = "group",
        /// A consolidator.
        Corporate = "corporate",
        /// A teaching hospital.
        University = "university",
        /// A shelter or charity.
        Nonprofit = "nonprofit",
        /// Clinics under one brand, each with its owner.
        Franchise = "franchise",
    }
}

const SYSTEM: Field = Field::of(Category::RecordSystem);
const PRACTICE: Field = Field::of(Category::Practice);

record! {
    /// A corporate group, or the owner of one clinic.
    pub struct Organization<'a> as "organization" {
        /// Its identifier.
        id: OrganizationId = SYSTEM,
        /// What it calls itself.
        name: Cow<'a, str> = PRACTICE.required().updatable().max(200),
        /// Its name in law.
        legal_name: Option<Cow<'a, str>> = PRACTICE.writable().max(200),
        /// How it is set up.
        r#type: OrganizationType = PRACTICE.required().updatable().equal(),
        /// The currency that new clinics bill in.
        default_currency: Currency = PRACTICE.required().updatable(),
        /// Where it is registered.
        country: Option<Country<'a>> = PRACTICE.writable().equal(),
        /// Its identifiers in other systems.
        external_ids: Doc<'a, ExternalIds> = SYSTEM.writable().max(20),
        /// When it was created.
        created_at: Timestamp = SYSTEM.range(),
        /// When it last changed.
        updated_at: Timestamp = SYSTEM.range().sortable(),
        /// Grows with each change.
        version: i64 = SYSTEM,
        /// When it was deleted, on a tombstone.
        deleted_at: Option<Timestamp> = SYSTEM.sparse(),
    }
}

/// A body of `organizations.create`.
#[derive(Debug, Deserialize)]
pub struct NewOrganization {
    name: String,
    legal_name: Option<String>,
    r#type: OrganizationType,
    default_currency: Currency,
    country: Option<String>,
    #[serde(default)]
    external_ids: ExternalIds,
}

/// A body of `organizations.update`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct OrganizationPatch {
    name: Patch<String>,
    legal_name: Patch<String>,
    r#type: Patch<OrganizationType>,
    default_currency: Patch<Currency>,
    country: Patch<String>,
    external_ids: Patch<ExternalIds>,
}

impl NewOrganization {
    /// The new record.
    pub fn record(self, id: OrganizationId, now: Timestamp) -> Result<Organization<'static>, Problem> {
        refusals::check_not_empty("/name", &self.name)?;
        Ok(Organization {
            id,
            name: Cow::Owned(self.name),
            legal_name: self.legal_name.map(Cow::Owned),
            r#type: self.r#type,
            default_currency: self.default_currency,
            country: self.country.map(Country::from),
            external_ids: Doc::of(&self.external_ids),
            created_at: now,
            updated_at: now,
            version: 1,
            deleted_at: None,
        })
    }
}

impl Organization<'static> {
    /// Applies a patch; tells what is different now.
    pub fn apply(&mut self, patch: OrganizationPatch) -> Result<Changes, Problem> {
        refusals::check_not_deleted(self.deleted_at)?;
        let mut changes = Changes::default();
        changes.text("name", patch.name, &mut self.name);
        changes.optional_text("legal_name", patch.legal_name, &mut self.legal_name);
        changes.value("type", patch.r#type, &mut self.r#type);
        changes.value("default_currency", patch.default_currency, &mut self.default_currency);
        changes.optional("country", patch.country.map(Country::from), &mut self.country);
        changes.document("external_ids", patch.external_ids, &mut self.external_ids);
        refusals::check_not_empty("/name", &self.name)?;
        Ok(changes)
    }

    /// Counts a change.
    pub fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
        self.version += 1;
    }
}
