//! The client: who owns patients, and what they owe.

pub mod parts;

use std::borrow::Cow;

use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Field, Money, Patch, Problem, Timestamp, record};
use clinicos_gate::{ClinicFacts, ClinicId, conflict};
use serde::Deserialize;

use self::parts::{AccountStatus, Channel, Emails, Phones, ReferralSource, Tags};
use crate::changes::Changes;
use crate::documents::{ExternalIds, OwnerAddress};
use crate::ids::ClientId;
use crate::{documents, refusals};

/// Most e-mail addresses of a client.
const EMAILS_MAX: usize = 20;
/// Most tags of a client.
const TAGS_MAX: usize = 50;

const SYSTEM: Field = Field::of(Category::RecordSystem);
const CONTACT: Field = Field::of(Category::OwnerContact);
const FINANCIAL: Field = Field::of(Category::OwnerFinancial);

record! {
    /// A pet owner: a person, or an organization such as a breeder or a shelter.
    pub struct Client<'a> as "client" {
        /// Its identifier.
        id: ClientId = SYSTEM,
        /// The clinic whose client this is.
        clinic_id: ClinicId = SYSTEM,
        /// Given name. A client has a family name, a given name or an organization's name.
        given_name: Option<Cow<'a, str>> = CONTACT.writable().max(100),
        /// Family name.
        family_name: Option<Cow<'a, str>> = CONTACT.writable().max(100).equal(),
        /// Name of the organization, if the client is one.
        organization_name: Option<Cow<'a, str>> = CONTACT.writable().max(200).equal(),
        /// E-mail addresses, as entered; at most 20.
        emails: Doc<'a, Emails> = CONTACT.writable().max(254),
        /// Phone numbers.
        phones: Doc<'a, Phones> = CONTACT.writable().max(20),
        /// Postal address.
        address: Option<Doc<'a, OwnerAddress>> = CONTACT.writable(),
        /// How the client wants to be reached.
        preferred_channel: Option<Channel> = CONTACT.writable().equal(),
        /// The language to write in, as a tag of BCP 47 such as `es` or `fr-CA`.
        language: Option<Cow<'a, str>> = CONTACT.writable().max(35),
        /// How the clinic deals with the client.
        account_status: AccountStatus = CONTACT.writable().equal(),
        /// How the client found the clinic.
        referral_source: Option<ReferralSource> = CONTACT.writable().equal(),
        /// The clinic's own labels; at most 50.
        tags: Doc<'a, Tags> = CONTACT.writable().max(60),
        /// Whether the client agreed to advertising.
        marketing_opt_in: bool = CONTACT.writable().equal(),
        /// What the client owes: the sum of the balances of all invoices.
        balance: Money = FINANCIAL.range(),
        /// What the client paid beyond invoices: the sum of what payments left unallocated.
        credit: Money = FINANCIAL.range(),
        /// Identifiers in other systems.
        external_ids: Doc<'a, ExternalIds> = SYSTEM.tells_of(Category::OwnerContact).writable().max(20),
        /// When it was created.
        created_at: Timestamp = SYSTEM.range(),
        /// When it last changed, including its balance and credit.
        updated_at: Timestamp = SYSTEM.range().sortable(),
        /// Grows with each change.
        version: i64 = SYSTEM,
        /// When it was deleted, on a tombstone.
        deleted_at: Option<Timestamp> = SYSTEM.sparse(),
        /// The client that it was merged into, on the tombstone of a duplicate.
        merged_into: Option<ClientId> = SYSTEM.sparse(),
    }
}

/// A body of `clients.create`.
#[derive(Debug, Deserialize)]
pub struct NewClient {
    given_name: Option<String>,
    family_name: Option<String>,
    organization_name: Option<String>,
    #[serde(default)]
    emails: Emails,
    #[serde(default)]
    phones: Phones,
    address: Option<OwnerAddress>,
    preferred_channel: Option<Channel>,
    language: Option<String>,
    account_status: Option<AccountStatus>,
    referral_source: Option<ReferralSource>,
    #[serde(default)]
    tags: Tags,
    #[serde(default)]
    marketing_opt_in: bool,
    #[serde(default)]
    external_ids: ExternalIds,
}

/// A body of `clients.update`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ClientPatch {
    given_name: Patch<String>,
    family_name: Patch<String>,
    organization_name: Patch<String>,
    emails: Patch<Emails>,
    phones: Patch<Phones>,
    address: Patch<OwnerAddress>,
    preferred_channel: Patch<Channel>,
    language: Patch<String>,
    account_status: Patch<AccountStatus>,
    referral_source: Patch<ReferralSource>,
    tags: Patch<Tags>,
    marketing_opt_in: Patch<bool>,
    external_ids: Patch<ExternalIds>,
}

impl NewClient {
    /// The new record.
    pub fn record(self, id: ClientId, clinic: &ClinicFacts, now: Timestamp) -> Result<Client<'static>, Problem> {
        let client = Client {
            id,
            clinic_id: clinic.id,
            given_name: self.given_name.map(Cow::Owned),
            family_name: self.family_name.map(Cow::Owned),
            organization_name: self.organization_name.map(Cow::Owned),
            emails: Doc::of(&self.emails),
            phones: Doc::of(&self.phones),
            address: self.address.map(|address| Doc::of(&address)),
            preferred_channel: self.preferred_channel,
            language: self.language.map(Cow::Owned),
            account_status: self.account_status.unwrap_or(AccountStatus::Active),
            referral_source: self.referral_source,
            tags: Doc::of(&self.tags),
            marketing_opt_in: self.marketing_opt_in,
            balance: Money::new(0, clinic.currency),
            credit: Money::new(0, clinic.currency),
            external_ids: Doc::of(&self.external_ids),
            created_at: now,
            updated_at: now,
            version: 1,
            deleted_at: None,
            merged_into: None,
        };
        client.check()?;
        Ok(client)
    }
}

impl Client<'static> {
    /// Applies a patch; tells what is different now.
    pub fn apply(&mut self, patch: ClientPatch) -> Result<Changes, Problem> {
        refusals::check_not_deleted(self.deleted_at)?;
        let mut changes = Changes::default();
        changes.optional_text("given_name", patch.given_name, &mut self.given_name);
        changes.optional_text("family_name", patch.family_name, &mut self.family_name);
        changes.optional_text("organization_name", patch.organization_name, &mut self.organization_name);
        changes.document("emails", patch.emails, &mut self.emails);
        changes.document("phones", patch.phones, &mut self.phones);
        changes.optional_document("address", patch.address, &mut self.address);
        changes.optional("preferred_channel", patch.preferred_channel, &mut self.preferred_channel);
        changes.optional_text("language", patch.language, &mut self.language);
        changes.value("account_status", patch.account_status, &mut self.account_status);
        changes.optional("referral_source", patch.referral_source, &mut self.referral_source);
        changes.document("tags", patch.tags, &mut self.tags);
        changes.value("marketing_opt_in", patch.marketing_opt_in, &mut self.marketing_opt_in);
        changes.document("external_ids", patch.external_ids, &mut self.external_ids);
        self.check()?;
        Ok(changes)
    }

    fn check(&self) -> Result<(), Problem> {
        let named = [&self.given_name, &self.family_name, &self.organization_name];
        if named.iter().all(|name| name.as_deref().unwrap_or_default().is_empty()) {
            return Err(Problem::rule(
                "/family_name",
                "nameless",
                "a client needs one of `given_name`, `family_name` and `organization_name`",
            ));
        }
        refusals::check_length("/emails", self.emails.value().unwrap_or_default().0.len(), EMAILS_MAX)?;
        refusals::check_length("/tags", self.tags.value().unwrap_or_default().0.len(), TAGS_MAX)
    }

    /// Takes over what was a duplicate's, which becomes a tombstone; tells what is different now.
    pub fn take_over(&mut self, gone: &mut Self, now: Timestamp) -> Result<Vec<&'static str>, Problem> {
        if gone.balance.currency != self.balance.currency {
            return Err(conflict("the two clients' accounts are in different currencies"));
        }
        let mut changed = Vec::new();
        for (name, kept, taken) in
            [("balance", &mut self.balance, &mut gone.balance), ("credit", &mut self.credit, &mut gone.credit)]
        {
            let amount = std::mem::take(&mut taken.amount);
            let too_much = || Problem::unavailable("two accounts come to more than an amount can be");
            kept.amount = kept.amount.checked_add(amount).ok_or_else(too_much)?;
            changed.extend((amount != 0).then_some(name));
        }
        if documents::take_over(&mut self.external_ids, &mut gone.external_ids)? {
            changed.push("external_ids");
        }
        self.touch(now);
        gone.touch(now);
        gone.deleted_at = Some(now);
        gone.merged_into = Some(self.id);
        Ok(changed)
    }

    /// Counts a change.
    pub fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
        self.version += 1;
    }
}
