//! What an operation says of a row, for people who look at files: programs count cents, people do not.

use clinicos_contract::{Currency, Money};

const UNITS: &str = " minor units";

/// The same, with amounts of this currency as people write them.
pub fn plainly(detail: &str, currency: &str) -> String {
    let detail = detail.replace("an integer of minor units, such as cents", "an amount");
    // The bounds of an amount are told in both ways.
    if let Some((front, bounds)) = detail.split_once(" minor units, from ") {
        let front = front.split(" between ").next().unwrap_or_default();
        return format!("{front} from {bounds}");
    }
    let Some(currency) = Currency::parse(currency) else { return detail };
    let (mut plain, mut rest) = (String::new(), detail.as_str());
    while let Some((front, behind)) = rest.split_once(UNITS) {
        let (before, figure) = front.rsplit_once(' ').unwrap_or(("", front));
        match figure.parse::<i64>() {
            Ok(amount) => plain.push_str(&format!("{before} {} {}", Money::new(amount, currency).plain(), currency.code())),
            Err(_) => plain.push_str(&format!("{front}{UNITS}")),
        }
        rest = behind;
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::plainly;

    #[test]
    fn amounts_are_told_as_people_write_them() {
        for (said, plain) in [
            ("must be between 0 and 999 minor units, from 0.00 to 9.99 USD", "must be from 0.00 to 9.99 USD"),
            ("is more than what is owed; 1250 minor units are left", "is more than what is owed; 12.50 USD are left"),
            ("must be an integer of minor units, such as cents", "must be an amount"),
            ("no record here has this identifier", "no record here has this identifier"),
        ] {
            assert_eq!(plainly(said, "USD"), plain);
        }
        assert_eq!(plainly("has 7 minor units", "JPY"), "has 7 JPY");
    }
}
