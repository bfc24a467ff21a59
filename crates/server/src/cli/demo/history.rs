//! What the partners did before the demo began: real calls of the door, each at its own time.

use clinicos_contract::{Clock as _, Timestamp};
use clinicos_synth::calendar::{CLOSES, CLOSES_SATURDAY, OPENS};
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::partners::Habit;
use super::past::PastClock;
use super::till::Till;
use crate::cli::client::Client;

const US_PER_MINUTE: i64 = 60_000_000;
const US_PER_DAY: i64 = 24 * 60 * US_PER_MINUTE;
/// How long ago the clinic began.
pub const BEGUN_DAYS: i64 = 95;
/// Days of which every habit is played.
const DAYS: i64 = 33;
/// Days on which the forgotten one still called.
const FORGOTTEN_AFTER_DAYS: i64 = 6;
/// How many days ago an admin paused the one, and revoked the other.
const PAUSED_DAYS: i64 = 3;
const ENDED_DAYS: i64 = 20;

/// A partner and what it holds.
#[derive(Serialize, Deserialize)]
pub struct Connected {
    /// When it calls.
    pub habit: Habit,
    /// Its key.
    pub key: String,
    /// Its connection.
    pub connection_id: String,
}

/// What a partner asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// A page of this address.
    Get(&'static str),
    /// Records a part payment of an open invoice.
    Pay,
}

pub const CHANGED_INVOICES: Ask = Ask::Get("/v1/invoices?limit=200&sort=-updated_at");
pub const CHANGED_PAYMENTS: Ask = Ask::Get("/v1/payments?limit=200&sort=-updated_at");
pub const OWED: Ask = Ask::Get("/v1/invoices?limit=50&status=overdue");
pub const FIGURES: Ask = Ask::Get("/v1/invoices?limit=200&fields=issued_on,total");
pub const OWNERS: Ask = Ask::Get("/v1/clients?limit=200&fields=given_name,family_name,emails,phones");
pub const NEW_OWNER: Ask = Ask::Get("/v1/clients?limit=1&sort=-updated_at");

/// A partner's call.
struct Call {
    at: Timestamp,
    partner: usize,
    ask: Ask,
}

/// Plays everything up to the present.
pub async fn play(
    clock: &PastClock,
    client: &Client,
    clinic_id: &str,
    partners: &[Connected],
    (present, zone): (Timestamp, &TimeZone),
) -> anyhow::Result<()> {
    let mut till = Till::open(client, clinic_id).await?;
    for day in (0..=BEGUN_DAYS).rev() {
        let mut calls: Vec<Call> = partners.iter().enumerate().flat_map(|(at, one)| calls(at, one.habit, day, present)).collect();
        calls.retain(|call| call.ask != Ask::Pay || is_open(call.at, zone));
        calls.sort_by_key(|call| call.at);
        for call in calls {
            clock.move_to(call.at);
            let key = partners.get(call.partner).map(|one| one.key.as_str()).unwrap_or_default();
            ask(client, key, call, &mut till).await?;
        }
        let end = Timestamp::from_micros(present.as_micros() - day * US_PER_DAY);
        for one in partners {
            let switch = match one.habit {
                Habit::Paused if day == PAUSED_DAYS => ("pause", "We asked them why they need every owner's address."),
                Habit::Ended if day == ENDED_DAYS => ("revoke", "Acme Books keeps our books now."),
                _ => continue,
            };
            clock.move_to(end);
            let target = format!("/v1/connections/{}/{}?clinic_id={clinic_id}", one.connection_id, switch.0);
            client.call("POST", &target, Some(&json!({"reason": switch.1}))).await?;
        }
    }
    clock.move_to(clock.now().max(present));
    Ok(())
}

/// Makes one call. A refusal is a part of the story; a fault of the server is not.
async fn ask(client: &Client, key: &str, call: Call, till: &mut Till) -> anyhow::Result<()> {
    let status = match call.ask {
        // The record holds what was made until today: nobody saw it before it was.
        Ask::Get(target) => {
            let target = format!("{target}&created_at%5Blte%5D={}", call.at);
            client.call_with(key, "GET", &target, None).await?.0
        }
        Ask::Pay => match till.take(client, key).await? {
            Some(status) => status,
            None => return Ok(()),
        },
    };
    anyhow::ensure!(!status.is_server_error(), "a call of the demo's history was answered with {status}");
    Ok(())
}

/// Whether somebody is at the till: within the hours of the clinic.
fn is_open(at: Timestamp, zone: &TimeZone) -> bool {
    let Ok(there) = jiff::Timestamp::from_microsecond(at.as_micros()).map(|at| at.to_zoned(zone.clone())) else { return false };
    let minute = i64::from(there.hour()) * 60 + i64::from(there.minute());
    let closes = match there.weekday() {
        Weekday::Sunday => return false,
        Weekday::Saturday => CLOSES_SATURDAY,
        _ => CLOSES,
    };
    (OPENS..closes).contains(&minute)
}

/// What a partner called in the 24 hours that ended `day` days ago.
fn calls(partner: usize, habit: Habit, day: i64, present: Timestamp) -> Vec<Call> {
    let lives = match habit {
        Habit::Forgotten => day > BEGUN_DAYS - FORGOTTEN_AFTER_DAYS,
        Habit::Ended => (ENDED_DAYS + 1..=DAYS).contains(&day),
        Habit::Paused => (PAUSED_DAYS + 1..=DAYS).contains(&day) && day % 7 == 0,
        Habit::Books | Habit::Reminders | Habit::Till | Habit::Figures => day <= DAYS,
    };
    if !lives {
        return Vec::new();
    }
    // Hours before the end of that day at which something is asked. They spread over the day, so
    // that the chart of the last 24 hours looks like a clinic's day at any time of the clock.
    let asks: Vec<(i64, Ask)> = match habit {
        Habit::Books if day == 0 => hourly(24, OWED).chain(nightly(&[CHANGED_INVOICES, CHANGED_PAYMENTS])).collect(),
        Habit::Books => nightly(&[CHANGED_INVOICES, CHANGED_PAYMENTS]).collect(),
        Habit::Reminders => vec![(14 * 60, OWNERS)],
        Habit::Till if day == 0 => hourly(9, OWED).chain(hourly(9, Ask::Pay).map(|(at, ask)| (at + 4, ask))).collect(),
        // Whenever the demo begins, some of these are while the clinic is open.
        Habit::Till => (0..24).step_by(3).map(|hour| (hour * 60 + 17, Ask::Pay)).chain([(500, OWED)]).collect(),
        Habit::Figures if day == 0 => hourly(24, NEW_OWNER)
            .chain(hourly(12, NEW_OWNER).map(|(at, ask)| (at + 30, ask)))
            .chain(nightly(&[FIGURES]))
            .collect(),
        Habit::Figures => nightly(&[FIGURES]).collect(),
        Habit::Forgotten | Habit::Paused => vec![(700, OWNERS)],
        Habit::Ended => nightly(&[CHANGED_INVOICES, OWNERS]).collect(),
    };
    let end = present.as_micros() - day * US_PER_DAY;
    asks.into_iter()
        .map(|(minutes, ask)| Call { at: Timestamp::from_micros(end - minutes * US_PER_MINUTE), partner, ask })
        .collect()
}

fn hourly(hours: i64, ask: Ask) -> impl Iterator<Item = (i64, Ask)> {
    (0..hours).map(move |hour| (hour * 60 + 7, ask))
}

fn nightly(asks: &[Ask]) -> impl Iterator<Item = (i64, Ask)> {
    asks.iter().enumerate().map(|(at, ask)| (11 * 60 - i64::try_from(at).unwrap_or(0), *ask))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days_called(habit: Habit) -> Vec<i64> {
        let present = Timestamp::from_micros(1_000 * US_PER_DAY);
        (0..=BEGUN_DAYS).filter(|day| !calls(0, habit, *day, present).is_empty()).collect()
    }

    #[test]
    fn no_call_is_made_outside_its_day() {
        let present = Timestamp::from_micros(1_000 * US_PER_DAY);
        for habit in [Habit::Books, Habit::Reminders, Habit::Till, Habit::Figures, Habit::Forgotten, Habit::Paused, Habit::Ended]
        {
            for day in 0..=BEGUN_DAYS {
                let end = present.as_micros() - day * US_PER_DAY;
                let called = calls(0, habit, day, present);
                assert!(called.iter().all(|call| (end - US_PER_DAY..end).contains(&call.at.as_micros())), "{day} days ago");
            }
        }
    }

    #[test]
    fn the_till_is_open_while_the_clinic_is() {
        let zone = TimeZone::get("America/Chicago").unwrap();
        let is_open = |text: &str| super::is_open(Timestamp::parse(text).unwrap(), &zone);
        // A Friday, a Saturday and a Sunday of November: six hours behind.
        for (at, expected) in [
            ("2026-11-27T13:59:59Z", false),
            ("2026-11-27T14:00:00Z", true),
            ("2026-11-27T23:59:00Z", true),
            ("2026-11-28T00:00:00Z", false),
            ("2026-11-28T18:59:00Z", true),
            ("2026-11-28T19:00:00Z", false),
            ("2026-11-29T17:00:00Z", false),
        ] {
            assert_eq!(is_open(at), expected, "{at}");
        }
        // Each day that it is open some payments are taken, whenever the demo begins.
        for minute in (0..24 * 60).step_by(7) {
            let end = Timestamp::parse("2026-11-27T00:00:00Z").unwrap().plus_seconds(minute * 60);
            let taken = calls(0, Habit::Till, 3, end.plus_seconds(3 * 86_400));
            assert!(taken.iter().any(|call| call.ask == Ask::Pay && super::is_open(call.at, &zone)), "{end}");
        }
    }

    #[test]
    fn each_habit_ends_as_its_story_says() {
        assert_eq!(days_called(Habit::Books).first(), Some(&0));
        assert!(days_called(Habit::Forgotten).iter().all(|day| *day > 60));
        assert!(days_called(Habit::Ended).iter().all(|day| *day > ENDED_DAYS));
        assert!(days_called(Habit::Paused).iter().all(|day| *day > PAUSED_DAYS));
        for habit in [Habit::Forgotten, Habit::Ended, Habit::Paused] {
            assert!(!days_called(habit).is_empty());
        }
    }
}
