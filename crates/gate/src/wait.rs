//! Reads that wait until there is something to tell: `wait=` of `/v1/changes`.
//!
//! While it waits a call holds nothing of the store: no connection, no turn, no thread. Before it
//! is answered it is decided again, because whatever its caller may see can have changed meanwhile.

use std::time::Duration;

use clinicos_contract::Problem;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::admit::Ready;
use crate::call::{Ask, Gate};
use crate::events::Streams;
use crate::permit::Permit;
use crate::request::Request;
use crate::trail::Trail;
use crate::write_out::Body;

/// Tells everybody who waits to stop it.
#[derive(Default)]
pub(crate) struct Waiting {
    over: watch::Sender<bool>,
    /// Those that are told one thing after another.
    pub(crate) streams: Streams,
}

impl Waiting {
    /// Nobody waits any more, now or later.
    pub(crate) fn end(&self) {
        self.over.send_replace(true);
    }

    /// Returns once nobody waits any more.
    pub(crate) async fn over(&self) {
        // It does not fail: whoever tells is in here.
        let _ = self.over.subscribe().wait_for(|over| *over).await;
    }

    /// Waits until something is committed, as long as others may. Tells whether to look again.
    async fn until(&self, events: &mut watch::Receiver<i64>) -> bool {
        tokio::select! {
            biased;
            () = self.over() => false,
            heard = events.changed() => heard.is_ok(),
        }
    }
}

impl Gate {
    /// Answers everybody who waits, at once, and lets nobody wait any more: the server stops.
    pub fn stop_waiting(&self) {
        self.inner.waiting.end();
    }

    /// Reads, and reads again each time something is committed, until there is something to tell or the
    /// time that the caller gave is over.
    pub(crate) async fn read_when_changed(
        &self,
        request: &Request,
        ask: &Ask,
        permit: Permit,
        ready: &mut Ready,
        trail: &mut Trail,
    ) -> Result<(Body, Permit), Problem> {
        // Heard from before the first look, so that nothing is missed between it and the wait.
        let mut events = self.inner.store.events();
        let (body, permit) = self.read(request, permit, ready, trail).await?;
        let seconds = u64::from(ready.input.query.wait_s);
        // Without a cursor there is one to give, and that is what the caller wants.
        if seconds == 0 || !body.is_idle || ready.input.after.is_none() {
            return Ok((body, permit));
        }
        let mut answer = (body, permit);
        let looks = async {
            while answer.0.is_idle && self.inner.waiting.until(&mut events).await {
                let permit = self.inner.decide_anew(ask, ready, trail)?;
                answer = self.read(request, permit, ready, trail).await?;
            }
            Ok(())
        };
        match timeout(Duration::from_secs(seconds), looks).await {
            Ok(looked) => looked?,
            // What was true when the wait began need not be now.
            Err(_) => {
                let permit = self.inner.decide_anew(ask, ready, trail)?;
                answer = self.read(request, permit, ready, trail).await?;
            }
        }
        Ok(answer)
    }
}
