//! Changes as events of a stream (`text/event-stream`, HTML standard section 9.2), and how many
//! streams there are.
//!
//! A stream is nothing that the gate knows of: it is one call after another, each decided, charged
//! and journaled by itself, whose answers are sent down the same line.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use clinicos_contract::{Problem, View, Writer, problem};

use crate::cursor;
use crate::operation::Feed;
use crate::request::Next;
use crate::write_out::{Body, WriteOut, finished};

/// Most streams at once.
pub const STREAMS_MAX: usize = 1_000;
/// Most of them of one connection, by whichever key, or of one person.
pub const STREAMS_OF_ONE_MAX: usize = 8;
/// When to come back who found no room, in seconds.
const COME_BACK_S: u64 = 30;

impl WriteOut<'_> {
    /// Writes each change as an event. The cursor comes with the last one: who loses the line before
    /// is told all of them again, which does no harm.
    pub(crate) fn events(&self, feed: &Feed, view: &View) -> Body {
        let cursor = cursor::seal(self.services, self.permit, self.spec, &self.ready.input.query, &feed.next);
        let mut out = Writer::with_capacity(4096);
        let (mut left, mut shares) = (feed.changes.len(), self.shares());
        for told in &feed.changes {
            left -= 1;
            if left == 0 {
                out.raw(&format!("id: {cursor}\n"));
            }
            out.raw(&format!("event: {}\ndata: ", told.event));
            self.tell(told, view, &mut out, &mut shares);
            out.raw("\n\n");
        }
        if feed.changes.is_empty() {
            out.raw(&format!("id: {cursor}\n\n"));
        }
        out.keep_ids_once();
        Body {
            status: 200,
            written: out.finish(),
            shares: finished(shares),
            is_idle: feed.changes.is_empty() && !feed.more,
            content_type: Some("text/event-stream"),
            next: Some(Next { cursor, more: feed.more }),
            ..Body::default()
        }
    }
}

/// The streams that are open, by whose they are.
#[derive(Default, Clone)]
pub(crate) struct Streams {
    open: Arc<Mutex<HashMap<String, usize>>>,
}

/// The room of a stream; it is free again when this is dropped.
pub struct OpenStream {
    all: Streams,
    holder: String,
}

impl Streams {
    pub(crate) fn begin(&self, holder: String) -> Result<OpenStream, Problem> {
        let mut open = self.open();
        let own = open.get(&holder).copied().unwrap_or_default();
        let refused = if own >= STREAMS_OF_ONE_MAX {
            Some((&problem::RATE_LIMITED, format!("{STREAMS_OF_ONE_MAX} streams are open already; end one, or read pages")))
        } else if open.values().sum::<usize>() >= STREAMS_MAX {
            Some((&problem::UNAVAILABLE, "too many streams are open on this server; read pages, or come back".to_owned()))
        } else {
            None
        };
        if let Some((code, detail)) = refused {
            let mut problem = Problem::new(code, detail);
            problem.retry_after_s = Some(COME_BACK_S);
            return Err(problem);
        }
        open.insert(holder.clone(), own + 1);
        Ok(OpenStream { all: self.clone(), holder })
    }

    /// Nothing that holds the lock can panic.
    fn open(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut open = self.all.open();
        match open.remove(&self.holder) {
            Some(own) if own > 1 => drop(open.insert(std::mem::take(&mut self.holder), own - 1)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_end_with_those_who_hold_them() {
        let streams = Streams::default();
        let mut own: Vec<_> = (0..STREAMS_OF_ONE_MAX).map(|_| streams.begin("a".to_owned()).unwrap()).collect();
        assert_eq!(streams.begin("a".to_owned()).err().unwrap().code, &problem::RATE_LIMITED);
        own.pop();
        own.push(streams.begin("a".to_owned()).unwrap());
        own.extend((own.len()..STREAMS_MAX).map(|number| streams.begin(number.to_string()).unwrap()));
        assert_eq!(streams.begin("b".to_owned()).err().unwrap().code, &problem::UNAVAILABLE);
        own.clear();
        assert!(streams.open().is_empty(), "who is gone is not remembered");
    }
}
