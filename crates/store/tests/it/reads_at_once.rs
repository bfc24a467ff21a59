//! Reads on PostgreSQL, of which there are so many at once.

use std::pin::pin;
use std::sync::mpsc;
use std::time::Duration;

use clinicos_store::{Effect, Engine};
use futures_util::FutureExt;
use futures_util::future::{Either, select};

use crate::home::{Home, entry, journal, read, write};

const IN_TIME: Duration = Duration::from_secs(30);

/// Reads never take every connection: others wait for one another, and a write gets through.
#[test]
fn a_write_gets_through_while_reads_wait() {
    crate::home::run(Engine::Postgres, async |home: &Home| {
        let store = home.open().await;
        let (begin, mut begun) = tokio::sync::mpsc::unbounded_channel();
        let (release, held) = tokio::sync::watch::channel(false);
        let reads = (0..40).map(|_| {
            read(&store, |_| {
                let (begin, mut held) = (begin.clone(), held.clone());
                async move {
                    begin.send(()).unwrap();
                    held.wait_for(|released| *released).await.map(drop).unwrap();
                }
                .boxed()
            })
        });
        let writing = async {
            for _ in 0..10 {
                begun.recv().await.unwrap();
            }
            let written = write(&store, |_, _| async { Effect::Keep(Box::new(journal(entry(1)))) }.boxed()).await;
            let more = begun.try_recv().is_ok();
            release.send_replace(true);
            (written.map(drop), more)
        };
        let (read, (written, more)) = futures_util::future::join(futures_util::future::join_all(reads), writing).await;
        written.unwrap();
        assert!(!more && read.iter().all(Result::is_ok), "{read:?}");
    });
}

/// A caller that hangs up leaves no statement behind that runs on in the database.
#[test]
fn a_read_that_nobody_waits_for_ends_in_the_database() {
    const SLEEPS: &str = "SELECT CAST(300 AS BIGINT) FROM pg_sleep(300)";
    crate::home::run(Engine::Postgres, async |home: &Home| {
        let store = home.open().await;
        let runs = async || {
            let (report, seen) = mpsc::channel();
            let asked = read(&store, move |conn| {
                let report = report.clone();
                async move {
                    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' \
                               AND query = $1";
                    report.send(conn.one(sql, &[SLEEPS.into()], |row| row.int(0)).await.unwrap()).unwrap();
                }
                .boxed()
            });
            asked.await.unwrap();
            seen.recv().unwrap() == Some(1)
        };
        let sleeping = read(&store, |conn| async move { drop(conn.one(SLEEPS, &[], |row| row.int(0)).await) }.boxed());
        let mut sleeping = Box::pin(sleeping);
        let watching = async {
            loop {
                match select(pin!(runs()), &mut sleeping).await {
                    Either::Left((true, _)) => break,
                    Either::Left((false, _)) => {}
                    Either::Right(..) => panic!("it ended by itself"),
                }
            }
            drop(sleeping);
            while runs().await {}
        };
        tokio::time::timeout(IN_TIME, watching).await.expect("the database knows nothing of it, or goes on with it");
    });
}
