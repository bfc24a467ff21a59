//! What a proposal makes of files that are known to the cent.

use clinicos_intake::Proposal;
use clinicos_server::import::preview;
use clinicos_testkit::on_both_engines;

use crate::imports::{all, fixtures, run};

on_both_engines! {
    /// A discount that stands in a column of its own is taken off, so that invoices come to what they came to.
    async fn a_proposal_comes_to_the_sums_of_the_files(world: World) {
        let dir = fixtures("northwind");
        let names = ["customers.csv", "order_details.csv", "orders.csv", "products.csv"];
        let samples = names.map(|name| preview::head(&dir, name).unwrap().unwrap());
        let proposal = Proposal::of(samples.into());
        assert_eq!(proposal.lacks(), [], "nothing is left to be said");
        let ran = run(&world, &proposal.toml(), &dir, ("imp-1", false), usize::MAX).await;
        assert!(ran.error.is_none(), "{:?}", ran.error);
        let invoices = all(&world.as_admin(), "/v1/invoices?limit=200").await;
        let total: i64 = invoices.iter().map(|invoice| invoice["total"]["amount"].as_i64().unwrap()).sum();
        assert_eq!((invoices.len(), total), (830, 126_579_329));
        let clients = all(&world.as_admin(), "/v1/clients?limit=200").await;
        assert!(clients.iter().all(|client| client["phones"].as_array().is_none_or(|phones| phones.len() < 2)), "a fax is no phone");
    }
}
