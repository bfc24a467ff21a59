//! Another clinic's records look like records that never were (abuse cases A7, A10, A12, A15).

use clinicos_contract::Spec;
use clinicos_testkit::{Call, Reply, Samples, World, absent_id, on_both_engines};

use crate::findings::{Findings, callable, tells_of_calls};

/// Ids that must all look absent to the clinic's admin: what they are, and by parameter.
struct Ids<'s> {
    mine: &'s Samples,
    theirs: &'s Samples,
    world: &'s World,
}

impl Ids<'_> {
    /// Ids of each kind that the caller must not learn about; the first never existed.
    fn foreign(&self, name: &str) -> Vec<(&'static str, String)> {
        let prefix = self.mine.prefix(self.world, name);
        let theirs = self.theirs.id(name);
        let wrong_prefix = theirs.replacen(prefix, if prefix == "inv" { "pay" } else { "inv" }, 1);
        vec![
            ("an id that never was", absent_id(prefix)),
            ("another clinic's id", theirs.to_owned()),
            ("a wrong prefix", wrong_prefix),
            ("no id at all", "1".to_owned()),
            ("capitals", theirs.to_uppercase()),
        ]
    }
}

/// Sends a call as the clinic's admin, under an `Idempotency-Key` of its own.
async fn sent(world: &World, call: Call) -> Reply {
    let call = match call.headers.iter().any(|(name, _)| name == "idempotency-key") {
        true => call.set("idempotency-key", world.as_admin().fresh_idempotency_key()),
        false => call,
    };
    world.as_admin().send(call).await
}

async fn both(world: &World) -> (Samples, Samples) {
    let mine = Samples::make(world, &world.clinic).await.with_listed(world).await;
    let theirs = Samples::make(world, &world.other).await.with_listed(world).await;
    (mine, theirs)
}

fn with_path(spec: &Spec) -> bool {
    spec.route.parameters().next().is_some()
}

on_both_engines! {
    /// Abuse cases A7 and A12: each id in each path, in each operation.
    async fn a7_another_clinics_id_is_one_that_never_was(world: World) {
        let (mine, theirs) = both(&world).await;
        let ids = Ids { mine: &mine, theirs: &theirs, world: &world };
        let mut findings = Findings::default();
        let before = world.row_counts().await;
        for spec in callable(&world).into_iter().filter(|spec| with_path(spec)) {
            let parameters: Vec<&str> = spec.route.parameters().filter(|name| name.ends_with("_id")).collect();
            for name in &parameters {
                let mut first: Option<String> = None;
                for (what, id) in ids.foreign(name) {
                    let what = format!("{} with {what} as {name}", spec.id);
                    let call = mine.with_ids(&world, spec, |other| if other == *name { id.clone() } else { mine.id(other).to_owned() });
                    let reply = sent(&world, call).await;
                    findings.refused(&what, &reply, 404, "not_found");
                    let masked = reply.masked();
                    findings.check(&what, *first.get_or_insert(masked.clone()) == masked, &format!("differs: {masked}"));
                }
            }
        }
        findings.check("all", world.row_counts().await == before, "rows were written");
        findings.done(&world.journal().await);
    }

    /// Abuse case A7: ids in bodies and in filters.
    async fn a7_another_clinics_id_in_a_body_is_one_that_never_was(world: World) {
        let (mine, theirs) = both(&world).await;
        let mut findings = Findings::default();
        for spec in callable(&world).into_iter().filter(|spec| spec.example.contains("_id}")) {
            let own = mine.call(&world, spec).await;
            let body = |samples: &Samples| serde_json::from_str(&samples.filled(spec.example)).unwrap();
            let foreign = sent(&world, own.clone().json(&body(&theirs))).await;
            let absent = sent(&world, own.json(&body(&mine.absent()))).await;
            // Rows that come together are refused one by one.
            let rows = foreign.json["rows"].as_array().filter(|_| foreign.status == 200);
            let is_refused = |row: &serde_json::Value| row["outcome"] == "rejected";
            let refused = rows.map_or([404, 422].contains(&foreign.status), |rows| rows.iter().all(is_refused));
            findings.check(spec.id, refused, &format!("answered {} {}", foreign.status, foreign.json));
            let same = match rows {
                Some(_) => foreign.json["rows"] == absent.json["rows"],
                None => foreign.masked() == absent.masked(),
            };
            findings.check(spec.id, same, &format!("{} differs from {}", foreign.json, absent.json));
        }
        for spec in callable(&world) {
            for name in spec.reply_schema().map_or(&[][..], |schema| schema.fields).iter().filter(|field| field.name.ends_with("_id")) {
                let Some(theirs) = theirs.known_id(name.name) else { continue };
                let call = mine.plain(&world, spec).await.query(&format!("{}={theirs}", name.name));
                let reply = world.as_admin().send(call).await;
                let empty = reply.status >= 400 || (reply.json.get("data").is_some() && reply.data().is_empty());
                findings.check(spec.id, empty, &format!("shows {} by {}", reply.json, name.name));
            }
        }
        findings.done(&world.journal().await);
    }

    /// Abuse case A10: every method that HTTP has, on another clinic's records.
    async fn a10_no_method_reaches_another_clinics_record(world: World) {
        let (mine, theirs) = both(&world).await;
        let mut findings = Findings::default();
        for spec in callable(&world).into_iter().filter(|spec| with_path(spec)) {
            let foreign = mine.with_ids(&world, spec, |name| theirs.id(name).to_owned());
            let absent = mine.with_ids(&world, spec, |name| absent_id(mine.prefix(&world, name)));
            for method in ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"] {
                let as_method = |call: &Call| Call { method: method.to_owned(), ..call.clone() };
                let (seen, never) = (sent(&world, as_method(&foreign)).await, sent(&world, as_method(&absent)).await);
                let what = format!("{method} {}", spec.route.path);
                findings.check(&what, seen.status >= 400, &format!("answered {}", seen.status));
                findings.check(&what, seen.masked() == never.masked(), "differs from a record that never was");
            }
        }
        let theirs_now = world.as_key(&world.other.admin_key);
        for name in ["client", "invoice", "payment"] {
            let path = format!("/v1/{name}s/{}", theirs.id(&format!("{name}_id")));
            theirs_now.get(&path).await.expect(200);
        }
        findings.done(&world.journal().await);
    }

    /// Abuse case A12: whether something exists cannot be told from how it is refused.
    async fn a12_what_exists_elsewhere_cannot_be_told(world: World) {
        let (mine, theirs) = both(&world).await;
        let mut findings = Findings::default();
        let narrow = world.key(&["clinics:read"]).await;
        for spec in callable(&world).into_iter().filter(|spec| with_path(spec)) {
            let calls = [
                mine.plain(&world, spec).await,
                mine.with_ids(&world, spec, |name| theirs.id(name).to_owned()),
                mine.with_absent_ids(&world, spec).await,
            ];
            let of_clinic = mine.plain(&world, spec).await;
            let named = [world.other.clinic_id.clone(), absent_id("cln"), "1".to_owned()];
            let mut by_clinic = Vec::new();
            for id in &named {
                by_clinic.push(sent(&world, of_clinic.clone().query(&format!("clinic_id={id}"))).await.masked());
            }
            findings.check(spec.id, by_clinic.iter().all(|one| *one == by_clinic[0]), "tells which clinics there are");
            if spec.scope() == "clinics:read" {
                continue;
            }
            let mut answers = Vec::new();
            for call in calls {
                answers.push(world.as_key(&narrow.secret).send(call).await.expect(403).masked());
            }
            findings.check(spec.id, answers.iter().all(|one| *one == answers[0]), "a 403 depends on the record");
        }
        findings.done(&world.journal().await);
    }

    /// Abuse case A15: the clinic comes from the credential; nothing in a request changes it.
    async fn a15_the_clinic_comes_from_the_credential_alone(world: World) {
        let mine = Samples::make(&world, &world.clinic).await;
        let other = &world.other.clinic_id;
        let mut findings = Findings::default();
        for spec in callable(&world) {
            let call = mine.plain(&world, spec).await;
            if spec.route.method.name() == "GET" {
                let plain = world.as_admin().send(call.clone()).await.expect(200);
                for name in ["x-clinic-id", "x-tenant-id", "clinic-id", "x-original-url", "x-forwarded-host", "x-organization-id"] {
                    let reply = world.as_admin().send(call.clone().header(name, other.as_str())).await;
                    // A feed's cursor is sealed anew for each answer.
                    let same = tells_of_calls(spec) || spec.follows || reply.masked() == plain.masked();
                    findings.check(&format!("{} with {name}", spec.id), reply.status == 200 && same, "answers differently");
                }
            }
            let foreign = sent(&world, call.clone().query(&format!("clinic_id={other}"))).await;
            let spelled = sent(&world, call.clone().query(&format!("clinic%5Fid={other}"))).await;
            findings.refused(spec.id, &spelled, 404, "not_found");
            let absent = sent(&world, call.query(&format!("clinic_id={}", absent_id("cln")))).await;
            findings.refused(spec.id, &foreign, 404, "not_found");
            findings.check(spec.id, foreign.masked() == absent.masked(), "another clinic differs from none");
        }
        findings.done(&world.journal().await);
    }

    /// Two clinics in turn, over one router: no answer of one holds an id of the other.
    async fn a15_answers_hold_no_id_of_another_clinic(world: World) {
        let (mine, theirs) = both(&world).await;
        let secret: Vec<String> = theirs.all_ids();
        for spec in callable(&world).into_iter().filter(|spec| spec.route.method.name() == "GET") {
            world.as_key(&world.other.admin_key).send(theirs.ready(&world, spec).await).await.expect(200);
            let reply = world.as_admin().send(mine.ready(&world, spec).await).await.expect(200);
            let text = String::from_utf8_lossy(&reply.bytes);
            for id in &secret {
                assert!(!text.contains(id.as_str()), "{} shows {id}: {text}", spec.id);
            }
        }
    }
}
