//! People who do not exist: names, reserved phone numbers and example addresses.

use std::borrow::Cow;

use super::random::SplitMix64;
use crate::clients::model::parts::{AccountStatus, Channel, Emails, Phone, PhoneKind, Phones, ReferralSource, Tags};
use crate::documents::OwnerAddress;

const GIVEN: &[&str] = &[
    "Aaliyah", "Adam", "Alice", "Amara", "Andre", "Anita", "Ben", "Beatriz", "Caleb", "Carmen", "Chen", "Clara", "Dana",
    "Daniel", "Deepa", "Diego", "Elena", "Eli", "Emma", "Farah", "Felix", "Grace", "Hana", "Hugo", "Imani", "Isaac", "Ivy",
    "Jamal", "Jane", "Joao", "Jonas", "Kai", "Karen", "Keisha", "Leo", "Lena", "Lucia", "Malik", "Maria", "Mei", "Miles",
    "Nadia", "Nora", "Omar", "Owen", "Priya", "Quinn", "Rosa", "Ruth", "Sam", "Sofia", "Tariq", "Tess", "Uma", "Victor", "Wren",
    "Yara", "Yusuf", "Zoe", "Zoë",
];
const FAMILY: &[&str] = &[
    "Abbott", "Alvarez", "Anders", "Baker", "Banerjee", "Bauer", "Bishop", "Brooks", "Carter", "Castillo", "Chan", "Cohen",
    "Cruz", "Dalton", "Diaz", "Dubois", "Ellis", "Farrell", "Fischer", "Flores", "Foster", "Garcia", "Gupta", "Hall", "Hansen",
    "Hayes", "Hughes", "Ito", "Jackson", "Jensen", "Kaur", "Kim", "Kowalski", "Larsen", "Lee", "Lopez", "Martin", "Mendoza",
    "Moreau", "Murphy", "Nakamura", "Nguyen", "O'Brien", "Okafor", "Olsen", "Park", "Patel", "Perez", "Quinn", "Reyes", "Rossi",
    "Santos", "Schmidt", "Shah", "Silva", "Suzuki", "Taylor", "Vargas", "Weber", "Young",
];
const STREETS: &[&str] = &[
    "Ash", "Birch", "Cedar", "Chestnut", "Dogwood", "Elm", "Hawthorn", "Juniper", "Linden", "Magnolia", "Maple", "Oak", "Pine",
    "Poplar", "Spruce", "Sycamore", "Walnut", "Willow",
];
const SUFFIXES: &[&str] = &["Street", "Avenue", "Lane", "Court", "Drive"];
/// City, state, postal code, area code.
const PLACES: &[[&str; 4]] = &[
    ["Chicago", "IL", "60614", "312"],
    ["Evanston", "IL", "60201", "847"],
    ["Madison", "WI", "53703", "608"],
    ["Milwaukee", "WI", "53202", "414"],
    ["Gary", "IN", "46402", "219"],
    ["Naperville", "IL", "60540", "630"],
    ["Rockford", "IL", "61101", "815"],
    ["Joliet", "IL", "60432", "815"],
];
const TAGS: &[&str] = &["multi-pet", "senior discount", "payment plan", "nervous patient", "house calls", "rescue partner"];
const CHANNELS: &[Channel] = &[Channel::Sms, Channel::Sms, Channel::Sms, Channel::Email, Channel::Email, Channel::Phone];
const SOURCES: &[ReferralSource] = &[
    ReferralSource::Friend,
    ReferralSource::Friend,
    ReferralSource::Search,
    ReferralSource::Social,
    ReferralSource::WalkBy,
    ReferralSource::Rdvm,
    ReferralSource::Shelter,
];

/// A person who does not exist.
#[derive(Debug)]
pub struct Person {
    /// Given name.
    pub given_name: Cow<'static, str>,
    /// Family name.
    pub family_name: Cow<'static, str>,
    /// At `example.com`, which nobody reads.
    pub emails: Emails,
    /// Of the range 555-0100 to 555-0199, which is set aside for fiction.
    pub phones: Phones,
    /// A street that may exist somewhere.
    pub address: OwnerAddress,
    /// How to reach them.
    pub channel: Channel,
    /// How they found the clinic.
    pub source: Option<ReferralSource>,
    /// How the clinic deals with them.
    pub status: AccountStatus,
    /// Labels.
    pub tags: Tags,
    /// Whether they agreed to advertising.
    pub marketing_opt_in: bool,
}

/// The person at this place.
pub fn person(random: &mut SplitMix64, place: u64) -> Person {
    let given = random.pick(GIVEN).copied().unwrap_or("Sam");
    let family = random.pick(FAMILY).copied().unwrap_or("Lee");
    let [city, region, postal_code, area] = random.pick(PLACES).copied().unwrap_or_default();
    let street = random.pick(STREETS).copied().unwrap_or("Oak");
    let suffix = random.pick(SUFFIXES).copied().unwrap_or("Street");
    let mailbox: String =
        format!("{given}.{family}").to_ascii_lowercase().chars().filter(|c| c.is_ascii_lowercase() || *c == '.').collect();
    let mobile = Phone { number: format!("({area}) 555-01{:02}", random.below(100)), kind: PhoneKind::Mobile, sms_capable: true };
    let home = Phone { number: format!("({area}) 555-01{:02}", random.below(100)), kind: PhoneKind::Home, sms_capable: false };
    let tagged = if random.chance(150) { random.pick(TAGS).map(|tag| (*tag).to_owned()) } else { None };
    Person {
        given_name: Cow::Borrowed(given),
        family_name: Cow::Borrowed(family),
        emails: Emails(if random.chance(920) { vec![format!("{mailbox}{place}@example.com")] } else { Vec::new() }),
        phones: Phones(if random.chance(200) { vec![mobile, home] } else { vec![mobile] }),
        address: OwnerAddress {
            line1: Some(format!("{} {street} {suffix}", random.between(1, 2_400))),
            line2: None,
            city: Some(city.to_owned()),
            region: Some(region.to_owned()),
            postal_code: Some(postal_code.to_owned()),
            country: Some("US".to_owned()),
        },
        channel: random.pick(CHANNELS).copied().unwrap_or(Channel::Sms),
        source: random.pick(SOURCES).copied(),
        status: if random.chance(40) { AccountStatus::Inactive } else { AccountStatus::Active },
        tags: Tags(tagged.into_iter().collect()),
        marketing_opt_in: random.chance(450),
    }
}
