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

/// Why clients cancel, in their words for the notes.
pub const REASONS_OFF: &[&str] =
    &["Would like to be with the family in the summer.", "Doctor's appointment.", "Moving house.", "A wedding.", ""];
