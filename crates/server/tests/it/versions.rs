//! Dated versions of the API.

use clinicos_contract::version;
use clinicos_testkit::{Samples, on_both_engines};

use crate::findings::Findings;

on_both_engines! {
    async fn every_answer_says_its_version(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let mut findings = Findings::default();
        for spec in world.specs() {
            let (caller, call) = (samples.caller(&world, spec), samples.plain(&world, spec).await);
            let reply = caller.send(call.clone().header(version::HEADER, "2001-01-01")).await;
            findings.refused(spec.id, &reply, 400, "unsupported_version");
            for known in version::ALL {
                let call = call.clone().header(version::HEADER, *known).query("surprise=1");
                let reply = caller.send(call).await;
                findings.refused(spec.id, &reply, 400, "invalid_parameter");
                findings.check(spec.id, reply.header(version::HEADER) == *known, "answered in another version");
            }
            let nobody = world.send(call).await;
            findings.check(spec.id, nobody.header(version::HEADER) == version::LATEST, "a refusal without a version");
        }
        findings.done(&world.journal().await);
    }
}
