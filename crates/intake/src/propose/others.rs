//! Files of people and companies that are no clients: who works at the clinic, and whom it buys from. They have names,
//! addresses and phones as clients have, so they are told by what clients do not have.

use super::Sample;
use super::guess::{heading, plain};

/// What a file is called, or the number of its records, if they are not of clients.
const CALLED: [&str; 9] =
    ["employee", "staff", "personnel", "supplier", "vendor", "manufacturer", "shipper", "distributor", "payroll"];
/// Headings that only who works somewhere has.
const OF_STAFF: [&str; 10] = [
    "hiredate",
    "datehired",
    "hired",
    "reportsto",
    "salary",
    "hourlywage",
    "jobtitle",
    "titleofcourtesy",
    "terminationdate",
    "payrate",
];

/// What of a file says that its records are no clients: its name or its headings. Nothing if none does.
pub(super) fn of(sample: &Sample) -> Vec<String> {
    let stem = sample.name.rsplit_once('.').map_or(sample.name.as_str(), |(stem, _)| stem);
    let is_called = |text: &str| CALLED.iter().any(|called| plain(text).contains(called));
    let mut said: Vec<String> = is_called(stem).then(|| sample.name.clone()).into_iter().collect();
    // A client may have a supplier of its own; what numbers the records stands in front as a rule.
    let first = sample.header.first().filter(|name| is_called(name) && heading(name).len() > 1);
    let of_staff = sample.header.iter().filter(|name| OF_STAFF.contains(&plain(name).as_str()));
    for name in first.into_iter().chain(of_staff) {
        if !said.contains(name) {
            said.push(name.clone());
        }
    }
    said
}
