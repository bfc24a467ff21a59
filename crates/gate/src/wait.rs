//! Reads that wait until there is something to tell: `wait=` of `/v1/changes`.
//!
//! While it waits a call holds nothing of the store: no connection, no turn, no thread. It looks again when
//! something of a clinic that it follows is committed, and is decided again when a grant changes: whoever may
//! follow no more is told so at once. Before it is answered it is decided again, too, because whatever its caller
//! may see can have changed meanwhile.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clinicos_contract::Problem;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::admit::Ready;
use crate::call::{Ask, Gate};
use crate::events::Streams;
use crate::follow::FollowedClinic;
use crate::heard::Heard;
use crate::permit::Permit;
use crate::request::Request;
use crate::trail::Trail;
use crate::write_out::Body;

/// Those who wait.
#[derive(Default)]
pub(crate) struct Waiting {
    over: watch::Sender<bool>,
    heard: Heard,
    /// How often somebody who waited looked again.
    looks: AtomicU64,
    /// Those that are told one thing after another.
    pub(crate) streams: Streams,
}

/// What ends a rest.
enum Woken {
    /// Nobody waits any more.
    Over,
    /// A grant changed.
    Grant,
    /// Something was committed.
    Commit,
}

/// What is heard while a call waits.
struct Ears {
    events: watch::Receiver<i64>,
    grants: watch::Receiver<i64>,
    /// Up to where everything that was committed was looked at.
    looked_to: i64,
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

    /// Waits until something happens, as long as others may.
    async fn until(&self, ears: &mut Ears) -> Woken {
        tokio::select! {
            biased;
            () = self.over() => Woken::Over,
            heard = ears.grants.changed() => if heard.is_ok() { Woken::Grant } else { Woken::Over },
            heard = ears.events.changed() => if heard.is_ok() { Woken::Commit } else { Woken::Over },
        }
    }
}

impl Gate {
    /// Answers everybody who waits, at once, and lets nobody wait any more: the server stops.
    pub fn stop_waiting(&self) {
        self.inner.waiting.end();
    }

    /// How often somebody who waited looked again.
    #[doc(hidden)]
    pub fn looks_of_waiting(&self) -> u64 {
        self.inner.waiting.looks.load(Ordering::Relaxed)
    }

    /// Reads, and reads again each time something happens to what it follows, until there is something to tell or the
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
        let mut ears = Ears { events: self.inner.store.events(), grants: self.inner.facts.changes(), looked_to: 0 };
        if self.inner.facts.seq() != permit.decided_at_seq {
            ears.grants.mark_changed();
        }
        ears.looked_to = *ears.events.borrow_and_update();
        let (body, permit) = self.read(request, permit, ready, trail).await?;
        let seconds = u64::from(ready.input.query.wait_s);
        // Without a cursor there is one to give, and that is what the caller wants.
        if seconds == 0 || !body.is_idle || ready.input.after.is_none() {
            return Ok((body, permit));
        }
        let mut answer = (body, permit);
        let looks = async {
            while answer.0.is_idle {
                let is_news = match self.inner.waiting.until(&mut ears).await {
                    Woken::Over => break,
                    Woken::Grant => {
                        let before = digests(ready);
                        answer.1 = self.inner.decide_anew(ask, ready, trail)?;
                        before != digests(ready)
                    }
                    Woken::Commit => self.is_news(&mut ears, ready).await?,
                };
                if is_news {
                    let permit = self.inner.decide_anew(ask, ready, trail)?;
                    self.inner.waiting.looks.fetch_add(1, Ordering::Relaxed);
                    answer = self.read(request, permit, ready, trail).await?;
                }
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

    /// Whether what was committed is of a clinic that the call follows.
    async fn is_news(&self, ears: &mut Ears, ready: &Ready) -> Result<bool, Problem> {
        let last = *ears.events.borrow_and_update();
        let after = std::mem::replace(&mut ears.looked_to, last);
        if after == 0 {
            // The first commit since the store was opened: what came before is not known here.
            return Ok(true);
        }
        let clinics = ready.followed.iter().map(FollowedClinic::id);
        self.inner.waiting.heard.concerns(&self.inner.store, clinics, (after, last)).await
    }
}

/// What may be seen of each clinic.
fn digests(ready: &Ready) -> Vec<(crate::ids::ClinicId, String)> {
    ready.followed.iter().map(|one| (one.id(), one.digest())).collect()
}
