//! The change feed as a stream of events: what pages tell, one call after another, for as long as the
//! grant, the server and the time allow.

use std::collections::VecDeque;

use axum::body::Body;
use clinicos_gate::events::STREAMS_OF_ONE_MAX;
use clinicos_testkit::{As, Samples, World, on_both_engines, record_ids};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tower::ServiceExt as _;

use crate::answers::ids_in;
use crate::changes::Follower;
use crate::hostile_wire::until_refused;
use crate::organization_keys::Sisters;
use crate::wire::{SHORT, Wire};

/// A block of lines, as far as it says something.
#[derive(Debug, Default)]
pub struct Event {
    /// The request that told it, if it is the first of its batch.
    request_id: String,
    id: String,
    name: String,
    pub data: Value,
    retry: String,
}

impl Event {
    fn read(block: &str) -> Self {
        let mut event = Self::default();
        for line in block.lines().filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(": ").unwrap();
            match name {
                "" => value.clone_into(&mut event.request_id),
                "id" => value.clone_into(&mut event.id),
                "event" => value.clone_into(&mut event.name),
                "data" => event.data = serde_json::from_str(value).unwrap(),
                "retry" => value.clone_into(&mut event.retry),
                other => panic!("{other}: {value}"),
            }
        }
        event
    }
}

/// A stream that is open.
pub struct Line {
    body: Body,
    text: String,
    read: VecDeque<Event>,
}

impl Line {
    /// Asks for a stream.
    async fn ask(world: &World, key: &str, target: &str, last: Option<&str>) -> http::Response<Body> {
        let request = http::Request::get(target).header("authorization", format!("Bearer {key}"));
        let request = last
            .into_iter()
            .fold(request.header("accept", "text/event-stream"), |request, id| request.header("last-event-id", id));
        world.as_nobody().router().clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    pub async fn open(world: &World, key: &str, target: &str, last: Option<&str>) -> Self {
        let response = Self::ask(world, key, target, last).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Self { body: response.into_body(), text: String::new(), read: VecDeque::new() }
    }

    /// The next event; nothing at the end.
    pub async fn next(&mut self) -> Option<Event> {
        while self.read.is_empty() {
            let frame = self.body.frame().await?.unwrap();
            self.text.push_str(std::str::from_utf8(frame.data_ref().unwrap()).unwrap());
            while let Some(end) = self.text.find("\n\n") {
                let rest = self.text.split_off(end + 2);
                self.read.push_back(Event::read(&std::mem::replace(&mut self.text, rest)));
            }
        }
        self.read.pop_front()
    }

    /// So many changes, and the cursor that stands behind them.
    async fn changes(&mut self, count: usize) -> (Vec<Event>, String) {
        let (mut changes, mut cursor) = (Vec::new(), String::new());
        while changes.len() < count || cursor.is_empty() {
            let event = self.next().await.unwrap();
            cursor.clone_from(&event.id);
            if !event.name.is_empty() {
                changes.push(event);
            }
        }
        (changes, cursor)
    }
}

async fn create(caller: &As, name: &str) -> String {
    caller.post("/v1/clients", &json!({"family_name": name})).await.expect(201).id()
}

on_both_engines! {
    async fn a_stream_tells_what_pages_tell(world: World) {
        let mut pages = Follower::begin(world.as_admin(), "limit=3").await;
        let key = &world.clinic.admin_key;
        let mut line = Line::open(&world, key, &pages.target(""), None).await;
        let begun = line.next().await.unwrap();
        assert!(!begun.id.is_empty() && begun.name.is_empty(), "where it stands is told at once: {begun:?}");
        Samples::make(&world, &world.clinic).await;
        pages.catch_up(&world).await;
        let (told, cursor) = line.changes(pages.told.len()).await;
        let data: Vec<&Value> = told.iter().map(|event| &event.data).collect();
        assert_eq!(data, pages.told.iter().collect::<Vec<_>>());
        assert!(told.iter().all(|event| event.data["event"] == json!(event.name)));
        // Every batch is a call of its own, whose entry names what it told.
        let batches: Vec<&[Event]> = told.chunk_by(|_, next| next.request_id.is_empty()).collect();
        assert!(batches.len() > 1, "{told:?}");
        for batch in batches {
            let entries = world.entries(&batch[0].request_id).await;
            let [entry] = entries.as_slice() else { panic!("{} entries", entries.len()) };
            let shown: Vec<&Value> = batch.iter().map(|event| &event.data).collect();
            assert_eq!((entry.operation.as_str(), ids_in(entry)), ("changes.list", record_ids(&json!(shown))));
            assert!(batch.split_last().unwrap().1.iter().all(|event| event.id.is_empty()), "the cursor comes with the last");
        }
        // Who was cut off goes on: by the header, whatever the address says, or by the address.
        drop(line);
        let id = create(&world.as_admin(), "New").await;
        for (target, last) in [(pages.target(""), Some(cursor.as_str())), (format!("/v1/changes?limit=3&cursor={cursor}"), None)] {
            let (told, _) = Line::open(&world, key, &target, last).await.changes(1).await;
            assert_eq!(told[0].data["record_id"], json!(id));
        }
    }

    /// A clinic that ends it falls out of the line; the line goes on.
    async fn a_stream_of_several_clinics_goes_on_without_one(world: World) {
        let few: &[&str] = &["changes:read", "clients:read"];
        let sisters = Sisters::make(&world, [few, few]).await;
        let mut line = Line::open(&world, &sisters.secret, "/v1/changes", None).await;
        line.next().await.unwrap();
        let theirs = create(&sisters.as_admin(&world), "Before").await;
        let (told, _) = line.changes(1).await;
        assert_eq!((&told[0].data["record_id"], &told[0].data["clinic_id"]), (&json!(theirs), &json!(sisters.sister.clinic_id)));
        assert_eq!(world.entries(&told[0].request_id).await.len(), 2);
        sisters.switch(&world, "revoke").await;
        create(&sisters.as_admin(&world), "After").await;
        let own = create(&world.as_admin(), "After").await;
        let (told, _) = line.changes(2).await;
        let told: Vec<(&str, &Value)> = told.iter().map(|event| (event.name.as_str(), &event.data)).collect();
        assert_eq!((told[0].0, &told[0].1["clinic_id"]), ("changes.gap", &json!(sisters.sister.clinic_id)));
        assert_eq!((told[1].0, &told[1].1["record_id"]), ("client.created", &json!(own)));
    }

    async fn a_stream_ends_with_its_grant(world: World) {
        let key = world.key(&["changes:read", "clients:read"]).await;
        let mut line = Line::open(&world, &key.secret, "/v1/changes?types=client", None).await;
        line.next().await.unwrap();
        create(&world.as_admin(), "Before").await;
        line.changes(1).await;
        world.change_connection(&key.connection_id, &json!({"scopes": ["changes:read"]})).await;
        create(&world.as_admin(), "After").await;
        let last = line.next().await.unwrap();
        assert_eq!((last.name.as_str(), &last.data["code"], last.data["record"].is_null()), ("problem", &json!("missing_scope"), true));
        assert_eq!(last.data["request_id"], json!(last.request_id));
        assert_eq!(world.entries(&last.request_id).await[0].status, 403);
        assert!(!last.retry.is_empty() && line.next().await.is_none());
        // A refusal at once is no stream.
        world.switch(&key.connection_id, "revoke").await;
        let refused = Line::ask(&world, &key.secret, "/v1/changes", None).await;
        assert_eq!((refused.status().as_u16(), &refused.headers()["content-type"]), (401, &"application/problem+json".parse().unwrap()));
        let unknown = Line::ask(&world, &world.clinic.admin_key, "/v1/changes?cursor=x", None).await;
        assert_eq!(unknown.status(), 400);
    }

    async fn a_server_that_stops_ends_streams(world: World) {
        let mut line = Line::open(&world, &world.clinic.admin_key, "/v1/changes", None).await;
        line.next().await.unwrap();
        let ending = tokio::spawn(async move {
            let mut last = Event::default();
            while let Some(event) = line.next().await {
                last = event;
            }
            last
        });
        while world.store.events_waited_for() == 0 {
            tokio::task::yield_now().await;
        }
        world.gate.stop_waiting();
        assert_eq!(ending.await.unwrap().retry, "100");
    }

    async fn a_stream_ends_in_time(world: World) {
        let mut line = Line::open(&world, &world.clinic.admin_key, "/v1/changes", None).await;
        line.next().await.unwrap();
        world.clock.advance_s(601);
        let last = line.next().await.unwrap();
        assert_eq!((last.retry.as_str(), last.name.as_str()), ("100", ""));
        assert!(line.next().await.is_none());
    }

    /// Who takes nothing of a stream is given up, though it never reads; then its room is free.
    async fn who_does_not_read_is_ended(world: World) {
        let begun = Follower::begin(world.as_admin(), "limit=200").await;
        let tags: Vec<String> = (0..20).map(|number| format!("{number:045}")).collect();
        let rows: Vec<Value> = (0..500).map(|row| json!({"external_id": format!("C-{row}"), "family_name": "Many", "tags": tags})).collect();
        for batch in 0..8 {
            let body = json!({"system": format!("s{batch}"), "rows": rows});
            world.as_admin().post("/v1/clients/import", &body).await.expect(200);
        }
        world.store.sealed().await.unwrap();
        let wire = Wire::serve(&world, SHORT).await;
        let mut deaf = wire.connect().await;
        let (target, key) = (begun.target(""), &world.clinic.admin_key);
        let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\nAccept: text/event-stream\r\n\r\n");
        deaf.write_all(request.as_bytes()).await.unwrap();
        let more = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n".repeat(1_000);
        let ended = tokio::time::timeout(std::time::Duration::from_secs(60), until_refused(&mut deaf, &more)).await;
        assert!(ended.is_ok(), "is held for ever");
        let mut open = Vec::new();
        for _ in 0..STREAMS_OF_ONE_MAX {
            open.push(Line::open(&world, key, "/v1/changes", None).await);
        }
    }

    async fn a_connection_has_few_streams(world: World) {
        let key = world.key(&["changes:read"]).await;
        let mut open = Vec::new();
        for _ in 0..STREAMS_OF_ONE_MAX {
            open.push(Line::open(&world, &key.secret, "/v1/changes", None).await);
        }
        let refused = Line::ask(&world, &key.secret, "/v1/changes", None).await;
        assert_eq!(refused.status(), 429);
        assert!(refused.headers().contains_key("retry-after"));
        let entries = world.entries(refused.headers()["x-request-id"].to_str().unwrap()).await;
        assert_eq!((entries.len(), entries[0].status), (1, 429));
        // Others have room, and pages are read as before.
        world.as_key(&key.secret).get("/v1/changes").await.expect(200);
        Line::open(&world, &world.clinic.admin_key, "/v1/changes", None).await;
        open.pop();
        Line::open(&world, &key.secret, "/v1/changes", None).await;
    }
}
