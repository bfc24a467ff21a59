//! Budgets (abuse cases R1 and R2).

use std::net::{IpAddr, Ipv4Addr};

use clinicos_gate::limits::Policy;
use clinicos_testkit::{Call, Reply, Samples, World, on_both_engines};
use futures_util::future::join_all;
use serde_json::json;

use crate::findings::{Findings, callable};

/// Headers by which proxies tell who called, and callers lie.
const CLAIMS: [&str; 10] = [
    "x-forwarded-for",
    "forwarded",
    "x-real-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "fastly-client-ip",
    "x-originating-ip",
    "via",
];

/// A call that claims to come from another address each time.
fn claiming(call: Call, number: usize) -> Call {
    CLAIMS.iter().fold(call, |call, name| {
        let address = format!("10.1.{}.{}", number / 250, number % 250);
        call.header(name, if *name == "forwarded" { format!("for={address}") } else { address })
    })
}

fn admitted(replies: &[Reply]) -> usize {
    replies.iter().filter(|reply| reply.status == 200).count()
}

fn parts(header: &str) -> Vec<(String, String)> {
    let pairs = header.split(';').skip(1).filter_map(|part| part.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

on_both_engines! {
    async fn a_spent_budget_refuses_every_operation(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let key = world.full_key().await;
        world.change_connection(&key.connection_id, &json!({"limits": {"read": 0, "write": 0, "govern": 0, "heavy": 0}})).await;
        let mut findings = Findings::default();
        for spec in callable(&world) {
            let reply = world.as_key(&key.secret).send(samples.plain(&world, spec).await).await;
            findings.refused(spec.id, &reply, 429, "rate_limited");
            let wait: u64 = reply.header("retry-after").parse().unwrap_or(0);
            findings.check(spec.id, wait > 0, "no Retry-After");
            for name in ["ratelimit", "ratelimit-policy"] {
                let class = format!("\"{}\"", spec.rate.name());
                findings.check(spec.id, reply.header(name).starts_with(&class), &format!("`{name}` is `{}`", reply.header(name)));
            }
        }
        findings.done(&world.journal().await);
    }

    async fn the_budget_counts_down_and_comes_back(world: World) {
        let key = world.key(&["invoices:read"]).await;
        world.change_connection(&key.connection_id, &json!({"limits": {"read": 3}})).await;
        let caller = world.as_key(&key.secret);
        for left in ["2", "1", "0"] {
            let reply = caller.get("/v1/invoices").await.expect(200);
            assert_eq!(parts(reply.header("ratelimit"))[0], ("r".to_owned(), left.to_owned()));
            let expected = [("q".to_owned(), "3".to_owned()), ("w".to_owned(), "60".to_owned())];
            assert_eq!(parts(reply.header("ratelimit-policy")), expected);
        }
        let refused = caller.get("/v1/invoices").await.refused(429, "rate_limited");
        assert_eq!(refused.header("retry-after"), "20");
        world.clock.advance_s(19);
        caller.get("/v1/invoices").await.refused(429, "rate_limited");
        world.clock.advance_s(1);
        caller.get("/v1/invoices").await.expect(200);
        caller.get("/v1/invoices").await.refused(429, "rate_limited");
    }

    /// Refusals are charged, so that probing is not free.
    async fn a_refusal_is_charged_too(world: World) {
        let key = world.key(&["invoices:read"]).await;
        world.change_connection(&key.connection_id, &json!({"limits": {"read": 2}})).await;
        let caller = world.as_key(&key.secret);
        caller.get("/v1/clients").await.refused(403, "missing_scope");
        caller.get("/v1/invoices?surprise=1").await.refused(400, "invalid_parameter");
        caller.get("/v1/invoices").await.refused(429, "rate_limited");
    }

    /// Abuse case R1: 64 callers at once are admitted exactly as often as the limit says.
    async fn r1_callers_at_once_are_admitted_exactly_the_limit(world: World) {
        let key = world.key(&["invoices:read"]).await;
        world.change_connection(&key.connection_id, &json!({"limits": {"read": 100}})).await;
        let caller = world.as_key(&key.secret);
        let callers = (0..64).map(|_| {
            let caller = caller.clone();
            tokio::spawn(async move { join_all((0..4).map(|_| caller.get("/v1/invoices?limit=1"))).await })
        });
        let replies: Vec<Reply> = join_all(callers).await.into_iter().flat_map(Result::unwrap).collect();
        assert_eq!(admitted(&replies), 100);
        assert!(replies.iter().all(|reply| reply.status == 200 || reply.status == 429));
    }

    /// Abuse case R2: whatever a caller says of where it comes from, the budget is its connection's.
    async fn r2_claimed_addresses_change_nothing(world: World) {
        let key = world.key(&["invoices:read"]).await;
        world.change_connection(&key.connection_id, &json!({"limits": {"read": 5}})).await;
        let caller = world.as_key(&key.secret);
        let mut replies = Vec::new();
        for number in 0..40 {
            let peer = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, number as u8)));
            let call = claiming(Call { peer, ..Call::get("/v1/invoices") }, number);
            replies.push(caller.send(call).await);
        }
        assert_eq!(admitted(&replies), 5);
    }

    /// Abuse case R2: the coarse limit counts the peer, not what its headers say.
    async fn r2_the_coarse_limit_counts_the_peer(world: World) {
        let quotas = Policy { address: 8, ..Policy::UNLIMITED };
        let small = World::open_with(world.store.engine(), quotas).await;
        let peer = |last| Some(IpAddr::V4(Ipv4Addr::new(198, 51, 100, last)));
        let mut findings = Findings::default();
        for number in 0..20 {
            let reply = small.send(claiming(Call { peer: peer(1), ..Call::get("/v1/invoices") }, number)).await;
            let (status, code) = if number < 8 { (401, "unauthenticated") } else { (429, "rate_limited") };
            findings.refused(&format!("call {number}"), &reply, status, code);
        }
        let other = small.send(Call { peer: peer(2), ..Call::get("/v1/invoices") }).await;
        findings.refused("another peer", &other, 401, "unauthenticated");
        let healthy = small.send(Call { peer: peer(1), ..Call::get("/health/live") }).await;
        findings.check("health", healthy.status == 200, "the coarse limit stops health checks");
        findings.done(&small.journal().await);
    }
}
