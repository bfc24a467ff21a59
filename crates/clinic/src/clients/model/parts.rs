//! Parts of a client: phones, tags, and the words that describe it.

use clinicos_contract::{Category, Field, Shape, words};

use crate::{document_list, object};

words! {
    /// How a client wants to be reached.
    Channel {
        /// Text messages.
        Sms = "sms",
        /// E-mail.
        Email = "email",
        /// An app.
        App = "app",
        /// A call.
        Phone = "phone",
        /// Letters.
        Post = "post",
        /// Not at all.
        None = "none",
    }
}

words! {
    /// How the clinic deals with a client.
    AccountStatus {
        /// As usual.
        Active = "active",
        /// No longer comes.
        Inactive = "inactive",
        /// Is given no appointments.
        DoNotBook = "do_not_book",
        /// Debts were handed on.
        Collections = "collections",
        /// Died.
        Deceased = "deceased",
    }
}

words! {
    /// How a client found the clinic.
    ReferralSource {
        /// Another client.
        Friend = "friend",
        /// A search engine.
        Search = "search",
        /// A social network.
        Social = "social",
        /// Passing by.
        WalkBy = "walk_by",
        /// Another veterinarian.
        Rdvm = "rdvm",
        /// A shelter.
        Shelter = "shelter",
        /// A breeder.
        Breeder = "breeder",
        /// An insurer.
        Insurance = "insurance",
        /// An event.
        Event = "event",
        /// Anything else.
        Other = "other",
    }
}

words! {
    /// Whose line a phone number is.
    PhoneKind {
        /// In the pocket.
        Mobile = "mobile",
        /// At home.
        Home = "home",
        /// At work.
        Work = "work",
    }
}

const CONTACT: Field = Field::of(Category::OwnerContact);

object! {
    /// A phone number.
    pub struct Phone as "phone" {
        /// As entered.
        number: String, Shape::Text, false = CONTACT.required().max(40);
        /// Whose line it is.
        kind: PhoneKind, Shape::Enum(PhoneKind::WORDS), false = CONTACT.required();
        /// Whether it takes text messages.
        #[serde(default)]
        sms_capable: bool, Shape::Bool, false = CONTACT.creatable();
    }
}

document_list! {
    /// Phone numbers of a client.
    Phones of Phone, Shape::Object(Phone::SCHEMA)
}
document_list! {
    /// E-mail addresses of a client.
    Emails of String, Shape::Email
}
document_list! {
    /// Labels of a client.
    Tags of String, Shape::Text
}
