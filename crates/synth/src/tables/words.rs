//! What messages and documents say.

/// An appointment tomorrow or so.
pub fn see_you(pet: &str, day: &str, time: &str, clinic: &str) -> String {
    format!("{pet} has an appointment at {clinic} on {day} at {time}. Reply C to confirm, or call us to change it.")
}

/// A vaccination is due.
pub fn is_due(pet: &str, what: &str, clinic: &str) -> String {
    format!("{pet} is due for: {what}. Book online or call {clinic}. Reply STOP to get no more texts.")
}

/// How an animal is after its visit.
pub fn how_is(pet: &str, clinic: &str) -> String {
    format!("How is {pet} doing after the visit? Just answer this text. {clinic}")
}

/// A bill is open.
pub fn please_pay(number: &str, amount: &str, clinic: &str) -> String {
    format!("Invoice {number} over ${amount} is past its due date. You can pay online or at the desk. {clinic}")
}

/// What clients ask.
pub const QUESTIONS: &[&str] = &[
    "Can I pick up more of the tablets tomorrow?",
    "Is it normal that she sleeps so much today?",
    "He is doing much better, thank you!",
    "Can we move the appointment to the afternoon?",
    "Could you send me the vaccination certificate?",
    "She took the medicine out of the treat and hid it.",
];

/// What the clinic advertises, month by month from January.
pub const NEWSLETTERS: [&str; 12] = [
    "New year, new weight: free weigh-ins in January",
    "February is dental month: 10 % off cleanings",
    "Spring is tick season: have you got your chews?",
    "Heartworm tests before the mosquitoes come",
    "Kennel cough: what boarding animals need",
    "Summer heat: keep paws off hot asphalt",
    "Fireworks: ask us about quiet medicine",
    "Back to school, back to routine: wellness exams",
    "Senior month: blood panels at a special price",
    "Costumes and chocolate: a safe Halloween",
    "Thanksgiving: what not to share",
    "Travel over the holidays? Papers take time",
];

/// Why staff ask for a week off.
pub const WEEKS_OFF: &[&str] =
    &["A week at the lake with the family.", "Moving house.", "Visiting my parents.", "Travel.", "", ""];
/// Why they ask for a day.
pub const DAYS_OFF: &[&str] = &["Doctor's appointment.", "A wedding.", "School play.", "The plumber comes.", "", ""];
/// What they learn.
pub const TRAININGS: &[&str] =
    &["State veterinary conference.", "Course in dental radiology.", "RECOVER CPR course.", "Low-stress handling workshop."];

/// What clients say when they book, by what for.
pub const BOOKED_WELLNESS: &[&str] =
    &["Yearly check and shots", "Annual exam", "Check-up; vaccines are due", "Got your reminder"];
/// For the next dose.
pub const BOOKED_BOOSTER: &[&str] = &["Next puppy or kitten shot", "Second dose", "Booster"];
/// For teeth.
pub const BOOKED_DENTAL: &[&str] = &["Teeth cleaning", "Dental, as discussed", "Bad breath; cleaning was recommended"];
/// For nails.
pub const BOOKED_NAILS: &[&str] = &["Nail trim", "Nails; hates it at home", "Nails too long"];
/// By video.
pub const BOOKED_VIDEO: &[&str] = &["Question about food", "Chews furniture, what to do?", "Quick question by video"];
/// To look again at what is known.
pub const BOOKED_AGAIN: &[&str] =
    &["To be looked at again", "Follow-up", "Recheck; doing better", "Recheck; not quite right yet"];
/// After an operation.
pub const BOOKED_HEALING: &[&str] = &["Stitches out", "Check of the incision", "Recheck after the operation"];
/// To say goodbye.
pub const BOOKED_FAREWELL: &[&str] = &["It is time", "To say goodbye", "Quality of life"];
