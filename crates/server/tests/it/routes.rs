//! Which routes there are, and what answers elsewhere (abuse cases R3, R4, A10, A15).

use std::collections::{BTreeMap, BTreeSet};

use clinicos_server::http::raw_routes::RAW_ROUTES;
use clinicos_testkit::{Call, Samples, World, on_both_engines};

use crate::answers::document;
use crate::findings::{Findings, tells_of_calls};

const METHODS: [&str; 11] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get"];

/// The methods of each documented path.
async fn documented(world: &World) -> BTreeMap<String, BTreeSet<String>> {
    let document = document(world).await;
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .map(|(path, item)| (path.clone(), item.as_object().unwrap().keys().map(|name| name.to_uppercase()).collect()))
        .collect()
}

/// A path with something in place of each parameter.
fn concrete(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { "not_found" } else { part }).collect::<Vec<_>>().join("/")
}

on_both_engines! {
    /// Abuse case R4: the routes are those of the document and the raw ones, and nothing answers
    /// without a key but the raw ones.
    async fn r4_routes_and_document_are_equal(world: World) {
        let documented = documented(&world).await;
        let declared: BTreeSet<(String, String)> =
            world.specs().iter().map(|spec| (spec.route.path.to_owned(), spec.route.method.name().to_owned())).collect();
        let flat = documented.iter().flat_map(|(path, methods)| methods.iter().map(move |method| (path.clone(), method.clone())));
        assert_eq!(flat.collect::<BTreeSet<_>>(), declared);
        let mut findings = Findings::default();
        for (path, methods) in &documented {
            for method in METHODS {
                let reply = world.send(Call::new(method, concrete(path))).await;
                let what = format!("{method} {path}");
                let open = |spec: &&&clinicos_contract::Spec| spec.is_open() && spec.route.path == path && spec.route.method.name() == method;
                if world.specs().iter().any(|spec| open(&spec)) {
                    findings.check(&what, [400, 415].contains(&reply.status), &format!("answered {} to nothing", reply.status));
                    continue;
                }
                if methods.contains(method) || (method == "HEAD" && methods.contains("GET")) {
                    findings.check(&what, reply.status == 401, &format!("answered {} without a key", reply.status));
                    continue;
                }
                findings.check(&what, reply.status == 405, &format!("answered {}", reply.status));
                let allowed: BTreeSet<String> = reply.header("allow").split(", ").map(str::to_owned).collect();
                findings.check(&what, allowed == *methods, &format!("allows {allowed:?}"));
                findings.check(&what, world.entries(reply.request_id()).await.len() == 1, "is not in the journal");
            }
        }
        findings.done(&world.journal().await);
    }

    /// Abuse cases R4 and A15: what needs no key is a short list with a reason for each.
    async fn r4_what_needs_no_key_is_pinned(world: World) {
        let open: Vec<&str> = world.specs().into_iter().filter(|spec| spec.is_open()).map(|spec| spec.id).collect();
        assert_eq!(open, ["keys.report_leak"]);
        let paths: Vec<&str> = RAW_ROUTES.iter().map(|(path, _)| *path).collect();
        assert_eq!(paths, ["/", "/docs/problems/{code}", "/health/live", "/health/ready", "/v1/openapi.json"]);
        let mut findings = Findings::default();
        for path in paths {
            let target = concrete(path);
            world.as_nobody().get(&target).await.expect(200);
            for method in METHODS.iter().filter(|method| !["GET", "HEAD"].contains(method)) {
                let reply = world.send(Call::new(method, target.as_str())).await;
                let what = format!("{method} {path}");
                if path.starts_with("/health/") {
                    findings.check(&what, reply.status == 405, &format!("answered {}", reply.status));
                } else {
                    findings.refused(&what, &reply, 405, "method_not_allowed");
                }
            }
        }
        findings.done(&world.journal().await);
    }

    /// Abuse case R4: what no route serves is refused and journaled, with a key and without.
    async fn r4_what_is_not_routed_is_refused_and_journaled(world: World) {
        let mut findings = Findings::default();
        let targets = ["/v1", "/v2/invoices", "/v1/invoice", "/admin", "/v1/invoices/a/b/c", "/metrics", "/documents", "/health", "/V1/invoices"];
        for target in targets {
            for method in METHODS {
                for reply in [world.send(Call::new(method, target)).await, world.as_admin().send(Call::new(method, target)).await] {
                    let what = format!("{method} {target}");
                    match method {
                        "HEAD" => findings.check(&what, reply.status == 404, "is answered"),
                        _ => findings.refused(&what, &reply, 404, "not_found"),
                    }
                }
            }
        }
        findings.done(&world.journal().await);
    }

    /// Abuse case R3: another spelling of a path is refused before anything else is looked at.
    async fn r3_every_route_has_one_spelling(world: World) {
        let mut findings = Findings::default();
        let samples = Samples::make(&world, &world.clinic).await;
        for spec in world.specs() {
            let call = samples.plain(&world, spec).await;
            let path = call.target.split('?').next().unwrap().to_owned();
            let last = path.rsplit('/').next().unwrap();
            let spellings = [
                format!("/{path}"),
                format!("{path}/"),
                format!("{path}/."),
                format!("{path}//"),
                format!("{path}/../{last}"),
                format!("/.{path}"),
                format!("/%2e{path}"),
                path.replacen("/v1/", "/v1//", 1),
                path.replacen("/v1/", "/v1%2f", 1),
                path.replacen("/v1/", "/v1/%2E/", 1),
                path.replacen("/v1/", "/v1;x=y/", 1),
                path.replacen("/v1/", "/%761/", 1),
                format!("{path}%00"),
                format!("{path}%20"),
                format!("{path};.json"),
                format!("/v1/..{path}"),
            ];
            for target in spellings {
                let reply = world.as_admin().send(Call { target: target.clone(), ..call.clone() }).await;
                findings.refused(&format!("{} {target}", spec.route.method.name()), &reply, 400, "path_not_canonical");
            }
        }
        findings.done(&world.journal().await);
    }

    /// HEAD is GET without its body; OPTIONS is an answer to a browser's preflight alone.
    async fn head_answers_like_get(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let mut findings = Findings::default();
        for spec in world.specs().into_iter().filter(|spec| spec.route.method.name() == "GET") {
            let (caller, call) = (samples.caller(&world, spec), samples.ready(&world, spec).await);
            if tells_of_calls(spec) {
                continue;
            }
            let get = caller.send(call.clone()).await.expect(200);
            let head = caller.send(Call { method: "HEAD".to_owned(), ..call }).await;
            findings.check(spec.id, head.status == 200 && head.bytes.is_empty(), "HEAD answers differently");
            for name in ["content-type", "etag", "cache-control"] {
                findings.check(spec.id, head.header(name) == get.header(name), &format!("HEAD has another `{name}`"));
            }
            let entries = world.entries(head.request_id()).await;
            findings.check(spec.id, entries.len() == 1 && entries[0].status == 200, "HEAD is not in the journal");
        }
        findings.done(&world.journal().await);
    }
}
