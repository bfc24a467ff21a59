//! How many invoices each client has: uneven, exact in sum, and known without counting up.

/// How often clients come, in turn. The first is not zero, so that any number of clients has some.
const PATTERN: [u64; 16] = [3, 1, 6, 2, 0, 9, 4, 1, 2, 5, 1, 3, 8, 2, 1, 4];

/// A number of invoices, spread over a number of clients.
#[derive(Debug, Clone, Copy)]
pub struct Shares {
    /// How many clients there are.
    pub clients: u64,
    /// How many invoices they have together.
    pub invoices: u64,
}

impl Shares {
    /// How many invoices the first `clients` clients have together.
    pub fn before(&self, clients: u64) -> u64 {
        let all = weight(self.clients).max(1);
        let share = u128::from(self.invoices) * weight(clients) / all;
        u64::try_from(share).unwrap_or(u64::MAX)
    }

    /// How many invoices this client has.
    pub fn of(&self, client: u64) -> u64 {
        self.before(client.saturating_add(1)).saturating_sub(self.before(client))
    }
}

/// The sum of the first so many places of the repeated pattern.
fn weight(places: u64) -> u128 {
    let length = PATTERN.len() as u64;
    let round: u64 = PATTERN.iter().sum();
    let rest: u64 = PATTERN.iter().zip(0..places % length).map(|(weight, _)| weight).sum();
    u128::from(places / length) * u128::from(round) + u128::from(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up() {
        for (clients, invoices) in [(1, 0), (1, 9), (5, 3), (16, 100), (17, 100), (1_000, 12_345), (40_000, 1_000_000)] {
            let shares = Shares { clients, invoices };
            assert_eq!((0..clients).map(|client| shares.of(client)).sum::<u64>(), invoices);
            assert_eq!(shares.before(clients), invoices);
        }
    }
}
