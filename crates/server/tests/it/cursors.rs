//! Cursors: good for the question that they came from, and for nothing else.

use clinicos_testkit::{As, on_both_engines};

use crate::findings::Findings;
use crate::pages::{lists, populate, reader};

async fn cursor(caller: &As, target: &str) -> String {
    caller.get(target).await.expect(200).text("next_cursor").to_owned()
}

on_both_engines! {
    async fn a_tampered_cursor_is_refused(world: World) {
        let samples = populate(&world).await;
        let mut findings = Findings::default();
        for (spec, _) in lists(&world) {
            let (caller, path) = (reader(&world, spec), samples.filled(spec.route.path));
            let good = cursor(&caller, &format!("{path}?limit=1")).await;
            caller.get(&format!("{path}?limit=1&cursor={good}")).await.expect(200);
            let mut wrong: Vec<String> = (0..good.len()).step_by(7).map(|length| good[..length].to_owned()).collect();
            for at in (0..good.len()).step_by(5) {
                let mut changed = good.clone().into_bytes();
                changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
                wrong.push(String::from_utf8(changed).unwrap());
            }
            wrong.extend([format!("{good}A"), "A".repeat(5_000), "%00".to_owned(), format!("{good}{good}"), good.to_lowercase()]);
            for cursor in wrong.iter().filter(|wrong| **wrong != good) {
                let reply = caller.get(&format!("{path}?limit=1&cursor={cursor}")).await;
                findings.refused(&format!("{} at `{cursor}`", spec.id), &reply, 400, "invalid_cursor");
            }
        }
        findings.done(&world.journal().await);
    }

    /// Another connection, list, order or filter: the cursor opens nothing there.
    async fn a_foreign_cursor_is_refused(world: World) {
        let samples = populate(&world).await;
        let mut findings = Findings::default();
        let other_key = world.full_key().await;
        let theirs = world.as_key(&world.other.admin_key);
        for (spec, schema) in lists(&world).into_iter().filter(|(spec, _)| !["organizations", "clinics"].contains(&spec.resource.name)) {
            let path = samples.filled(spec.route.path);
            let good = cursor(&world.as_admin(), &format!("{path}?limit=1")).await;
            let with = |more: &str| format!("{path}?limit=1&cursor={good}{more}");
            let strangers = [world.as_key(&other_key.secret), theirs.clone()];
            for stranger in strangers {
                findings.refused(spec.id, &stranger.get(&with("")).await, 400, "invalid_cursor");
            }
            let operator = world.as_operator().get(&with(&format!("&clinic_id={}", world.clinic.clinic_id))).await;
            findings.refused(spec.id, &operator, 400, "invalid_cursor");
            if schema.field("updated_at").is_some_and(|(_, field)| field.sort) {
                for more in ["&sort=updated_at", "&sort=-updated_at", "&updated_at[gt]=2020-01-01T00:00:00Z"] {
                    findings.refused(&format!("{}{more}", spec.id), &world.as_admin().get(&with(more)).await, 400, "invalid_cursor");
                }
            }
            for (other, _) in lists(&world).into_iter().filter(|(other, _)| other.id != spec.id) {
                let reply = world.as_admin().get(&format!("{}?limit=1&cursor={good}", samples.filled(other.route.path))).await;
                findings.refused(&format!("{} in {}", spec.id, other.id), &reply, 400, "invalid_cursor");
            }
        }
        findings.done(&world.journal().await);
    }

    /// The size of a page and its fields can change on the way.
    async fn a_cursor_goes_on_with_another_size(world: World) {
        populate(&world).await;
        let good = cursor(&world.as_admin(), "/v1/invoices?limit=2").await;
        let rest = world.as_admin().get(&format!("/v1/invoices?limit=200&cursor={good}&fields=id")).await.expect(200);
        assert_eq!(rest.data().len(), 4);
    }
}
