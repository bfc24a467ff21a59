//! Parts of a referral partner: its veterinarians, and what it may do in the portal.

use clinicos_contract::{Category, Field, Shape, Wire as _};

use crate::{column_words, document_list, object};

const PARTNER: Field = Field::of(Category::Communications);

column_words! {
    /// Whether a partner can use the portal.
    PortalAccess {
        /// It cannot.
        None = "none",
        /// It was invited, and has not come yet.
        Invited = "invited",
        /// It can.
        Active = "active",
        /// It cannot for now.
        Suspended = "suspended",
    }

    /// What a partner may do in the portal.
    PortalPermission {
        /// Send referral cases.
        Submit = "submit",
        /// Book appointments.
        DirectBook = "direct_book",
        /// Add documents.
        Upload = "upload",
        /// See what is shared with it.
        ViewShared = "view_shared",
        /// Write messages.
        Message = "message",
    }
}

impl PortalAccess {
    /// What can follow.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::None => &[Self::Invited, Self::Active],
            Self::Invited => &[Self::Active, Self::Suspended, Self::None],
            Self::Active => &[Self::Suspended, Self::None],
            Self::Suspended => &[Self::Active, Self::Invited, Self::None],
        }
    }
}

object! {
    /// A veterinarian of a partner.
    pub struct PartnerVet as "partner_vet" {
        /// The whole name.
        name: String, Shape::Text, false = PARTNER.required().filled().max(200);
        /// Letters behind the name, such as `DVM, DACVS`.
        #[serde(default)]
        credentials: Option<String>, Shape::Text, true = PARTNER.creatable().max(60);
        /// E-mail address at work.
        #[serde(default)]
        email: Option<String>, Shape::Email, true = PARTNER.creatable().max(254);
        /// Phone number at work, as entered.
        #[serde(default)]
        phone: Option<String>, Shape::Text, true = PARTNER.creatable().max(40);
    }
}

document_list! {
    /// Veterinarians of a partner.
    PartnerVets of PartnerVet, Shape::Object(PartnerVet::SCHEMA)
}

document_list! {
    /// What a partner may do in the portal.
    PortalPermissions of PortalPermission, PortalPermission::SHAPE
}
