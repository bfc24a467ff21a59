//! What is asked for: which clinic of which seed, how large, for how long, up to which day.

use clinicos_contract::Currency;
use clinicos_contract::time::Date;

/// The last day of the records, unless another one is asked for. It is a constant: the same seed
/// gives the same bytes on any day.
pub const UNTIL: &str = "2026-10-31";
/// Visits of a usual weekday, unless another number is asked for: a practice with three veterinarians.
pub const VISITS_PER_DAY: u32 = 30;
/// Most visits of a usual weekday.
pub const VISITS_PER_DAY_MAX: u32 = 120;
/// Most years.
pub const YEARS_MAX: u16 = 10;
/// Visits that one veterinarian sees on a usual weekday.
const VISITS_PER_DOCTOR: u32 = 14;

/// One clinic to be made up.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// The same seed gives the same clinics.
    pub seed: u64,
    /// Which clinic of the seed, from 0.
    pub clinic: u32,
    /// How many years of records.
    pub years: u16,
    /// The last day, by the clinic's calendar.
    pub until: Date,
    /// Visits of a usual weekday.
    pub visits_per_day: u32,
}

impl Plan {
    /// How many veterinarians it takes.
    pub fn doctors(&self) -> usize {
        // At most nine: a number of visits is bounded.
        usize::try_from(self.visits_per_day.div_ceil(VISITS_PER_DOCTOR)).unwrap_or(1).max(1)
    }

    /// Who the clinic is.
    pub fn practice(&self) -> Practice {
        let at = usize::try_from(self.clinic).unwrap_or(0) % PRACTICES.len();
        PRACTICES.get(at).copied().unwrap_or(HARBOR)
    }

    /// What the clinic is called. A second clinic of one name has its number behind it.
    pub fn name(&self) -> String {
        let round = u64::from(self.clinic) / PRACTICES.len() as u64;
        let name = self.practice().name;
        if round == 0 { name.to_owned() } else { format!("{name} {}", round + 1) }
    }
}

/// What all clinics bill in.
pub const CURRENCY: Currency = Currency::USD;

/// A practice that does not exist.
#[derive(Debug, Clone, Copy)]
pub struct Practice {
    /// What it is called.
    pub name: &'static str,
    /// Who owns it.
    pub organization: &'static str,
    /// Where it is, as an IANA time zone.
    pub time_zone: &'static str,
    /// City, state, first digits of its postal codes, area code.
    pub place: [&'static str; 4],
    /// Sales tax in ten-thousandths.
    pub tax: i64,
}

const HARBOR: Practice = Practice {
    name: "Harbor Animal Hospital",
    organization: "Harbor Animal Group",
    time_zone: "America/New_York",
    place: ["Portland", "ME", "041", "207"],
    tax: 550,
};

/// They.
pub const PRACTICES: &[Practice] = &[
    HARBOR,
    Practice {
        name: "Prairie Pet Clinic",
        organization: "Prairie Veterinary Partners",
        time_zone: "America/Chicago",
        place: ["Madison", "WI", "537", "608"],
        tax: 550,
    },
    Practice {
        name: "Foothills Veterinary Center",
        organization: "Foothills Veterinary Center PLLC",
        time_zone: "America/Denver",
        place: ["Boulder", "CO", "803", "303"],
        tax: 885,
    },
    Practice {
        name: "Cedar Creek Animal Clinic",
        organization: "Cedar Creek Animal Clinic LLC",
        time_zone: "America/Los_Angeles",
        place: ["Eugene", "OR", "974", "541"],
        tax: 0,
    },
    Practice {
        name: "Saguaro Pet Hospital",
        organization: "Sonoran Companion Care",
        time_zone: "America/Phoenix",
        place: ["Tucson", "AZ", "857", "520"],
        tax: 870,
    },
    Practice {
        name: "Lakeshore Small Animal Practice",
        organization: "Lakeshore Veterinary Services",
        time_zone: "America/Detroit",
        place: ["Traverse City", "MI", "496", "231"],
        tax: 600,
    },
];
