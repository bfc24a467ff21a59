//! Forms of the console while they are on their way: who sends them is bounded before anybody is
//! known, in memory, in time and in number.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use clinicos_console::web::FORM_BYTES_MAX;
use clinicos_gate::limits::Policy;
use clinicos_server::http::Peer;
use clinicos_testkit::{Engine, World, on_both_engines};
use futures_util::StreamExt as _;
use futures_util::stream::{iter, poll_fn, unfold};
use http::{Request, Response};
use tower::ServiceExt as _;

const ONE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 1));
const OTHER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 9));

/// Sends a form of the page for signing in.
async fn send(router: Router, from: IpAddr, body: Body) -> Response<Body> {
    let request =
        Request::post("/console/sign-in").header("content-type", "application/x-www-form-urlencoded").extension(Peer(from));
    router.oneshot(request.body(body).unwrap()).await.unwrap()
}

/// A body of which the first bytes come and the rest does not; it is counted when it is waited for.
fn half(bytes: usize, waiting: &Arc<AtomicUsize>) -> Body {
    let waiting = waiting.clone();
    let first = iter([Ok::<_, Infallible>(Bytes::from(vec![b'x'; bytes]))]);
    Body::from_stream(first.chain(poll_fn(move |_| {
        waiting.fetch_add(1, Ordering::SeqCst);
        Poll::Pending
    })))
}

on_both_engines! {
    /// Abuse case L4: who holds many forms half sent takes the room of its own address.
    async fn one_address_cannot_fill_the_room_for_forms(world: World) {
        let (router, waiting) = (world.as_nobody().router().clone(), Arc::new(AtomicUsize::new(0)));
        let most = clinicos_server::http::BYTES_PER_CALLER_MAX / FORM_BYTES_MAX;
        let held: Vec<_> = (0..most).map(|_| tokio::spawn(send(router.clone(), ONE, half(FORM_BYTES_MAX, &waiting)))).collect();
        while waiting.load(Ordering::SeqCst) < most {
            tokio::task::yield_now().await;
        }
        let refused = send(router.clone(), ONE, Body::from("csrf=0")).await;
        assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()), (503, "1"));
        assert_eq!(send(router.clone(), OTHER, Body::from("csrf=0")).await.status(), 403, "another address has its own room");
        for one in held {
            one.abort();
            assert!(one.await.is_err());
        }
        assert_eq!(send(router, ONE, Body::from("csrf=0")).await.status(), 403, "what is gone is not held");
    }

    /// A stranger's form is no larger than a form, whatever kind it says it is.
    async fn files_are_read_only_of_who_is_signed_in(world: World) {
        let router = world.as_nobody().router().clone();
        let body = vec![b'x'; FORM_BYTES_MAX + 1];
        let request = Request::post("/console/import").header("content-type", "multipart/form-data; boundary=xYz").extension(Peer(ONE));
        assert_eq!(router.oneshot(request.body(Body::from(body)).unwrap()).await.unwrap().status(), 413);
    }

    /// A spent budget is told before a byte of the form is read.
    async fn no_form_is_read_of_an_address_that_asked_too_much(world: World) {
        let small = World::open_with(world.store.engine(), Policy { address: 2, ..Policy::UNLIMITED }).await;
        let (router, waiting) = (small.as_nobody().router().clone(), Arc::new(AtomicUsize::new(0)));
        for _ in 0..2 {
            assert_eq!(send(router.clone(), ONE, Body::from("csrf=0")).await.status(), 403);
        }
        assert_eq!(send(router.clone(), ONE, half(1, &waiting)).await.status(), 429);
        assert_eq!(waiting.load(Ordering::SeqCst), 0, "its body was read");
        assert_eq!(send(router, OTHER, Body::from("csrf=0")).await.status(), 403);
    }
}

/// Lets time go on again when the body that it is in is given up.
struct Resumes;

impl Drop for Resumes {
    fn drop(&mut self) {
        tokio::time::resume();
    }
}

/// A form that comes byte by byte is given up at the bound for all of it; the clock is the test's own.
async fn drips(engine: Engine) {
    let world = World::open(engine).await;
    let before = world.journal().await.len();
    tokio::time::pause();
    let (start, resumes) = (tokio::time::Instant::now(), Resumes);
    let drops = unfold(resumes, |resumes| async {
        tokio::time::sleep(Duration::from_secs(4)).await;
        Some((Ok::<_, Infallible>(Bytes::from_static(b"x")), resumes))
    });
    let reply = send(world.as_nobody().router().clone(), ONE, Body::from_stream(drops)).await;
    assert_eq!(reply.status(), 408);
    let took = start.elapsed().as_secs();
    assert!((30..40).contains(&took), "it took {took} seconds");
    let slow = world.journal().await.iter().filter(|entry| entry.status == 408).count();
    assert_eq!((slow, world.journal().await.len()), (1, before + 1));
}

#[test]
fn a_form_that_drips_is_given_up() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(drips(engine));
    }
}
