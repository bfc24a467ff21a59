//! What is refused on the wire names its place, at once and once.

use clinicos_testkit::{World, on_both_engines};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::wire::{Heard, SHORT, Wire, hear};

/// A POST of a client with these header lines and this body.
fn post(world: &World, lines: &str, body: &str) -> Vec<u8> {
    let key = &world.clinic.admin_key;
    format!(
        "POST /v1/clients HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer {key}\r\nIdempotency-Key: place\r\n\
         {lines}\r\n{body}"
    )
    .into_bytes()
}

/// The status, the place that is named, and the kind of fault there.
fn place(heard: &Heard) -> (u16, String, String) {
    let json = heard.json();
    let text = |name: &str| json["errors"][0][name].as_str().unwrap_or("nothing").to_owned();
    (heard.status, text("pointer"), text("code"))
}

const JSON: &str = "Content-Type: application/json\r\n";

on_both_engines! {
    /// Whoever says that too much is coming is told before any of it came.
    async fn a_length_that_is_too_large_is_told_at_once(world: World) {
        let wire = Wire::serve(&world, SHORT).await;
        let mut stream = wire.connect().await;
        stream.write_all(&post(&world, &format!("{JSON}Content-Length: 1000000000\r\n"), "")).await.unwrap();
        // Nothing follows, and the connection stays open on this side: the answer is there all the same.
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"HTTP/1.1 413");
    }

    async fn every_refusal_names_its_place(world: World) {
        let wire = Wire::serve(&world, SHORT).await;
        let get = |target: &str, lines: &str| {
            let key = &world.clinic.admin_key;
            format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n{lines}\r\n").into_bytes()
        };
        let long = "a".repeat(40_000);
        let chunked = format!("{JSON}Transfer-Encoding: chunked\r\n");
        let with_length = |body: &str| format!("{JSON}Content-Length: {}\r\n", body.len());
        let large = format!("{{\"family_name\":\"{}\"}}", "a".repeat(1 << 20));
        for (what, request, expected) in [
            ("a cursor", get("/v1/clients?cursor=none", ""), (400, "cursor", "format")),
            ("a path", get("/v1//clients", ""), (400, "path/2", "format")),
            ("a version", get("/v1/clients", "ClinicOS-Version: \u{fc}\r\n"), (400, "clinicos-version", "encoding")),
            ("a header twice", get("/v1/clients", "If-Match: a\r\nIf-Match: a\r\n"), (400, "if-match", "repeated")),
            ("a long header", get("/v1/clients", &format!("X-Long: {long}\r\n")), (431, "x-long", "too_long")),
            ("a long address", get(&format!("/v1/clients?a={}", "a".repeat(9_000)), ""), (414, "path", "too_long")),
            ("no head", b"nonsense\r\n\r\n".to_vec(), (400, "head", "format")),
            ("no host", b"GET /v1/clients HTTP/1.1\r\nConnection: close\r\n\r\n".to_vec(), (400, "host", "required")),
            ("two hosts", get("/v1/clients", "Host: b\r\n"), (400, "host", "repeated")),
            ("a coding", post(&world, &format!("{JSON}Transfer-Encoding: gzip, chunked\r\n"), "2\r\n{}\r\n0\r\n\r\n"), (400, "transfer-encoding", "format")),
            ("a chunk's size", post(&world, &chunked, "zz\r\n{}\r\n0\r\n\r\n"), (400, "", "chunk")),
            ("a large body", post(&world, &with_length(&large), &large), (413, "", "too_long")),
            ("another kind of body", post(&world, "Content-Type: text/plain\r\nContent-Length: 2\r\n", "{}"), (415, "content-type", "media_type")),
            ("a mark in front", post(&world, &with_length("\u{feff}{}"), "\u{feff}{}"), (400, "", "byte_order_mark")),
            ("half a character", post(&world, &with_length("{\"family_name\":\"\\ud800\"}"), "{\"family_name\":\"\\ud800\"}"), (400, "/family_name", "half_character")),
        ] {
            let (status, pointer, code) = place(&wire.ask(&request).await);
            assert_eq!((status, pointer.as_str(), code.as_str()), expected, "{what}");
        }
    }

    /// Of what cannot be read there is one answer, and it stands behind those of the requests before it.
    async fn what_cannot_be_read_is_answered_once(world: World) {
        let wire = Wire::serve(&world, SHORT).await;
        let live = "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n";
        for before in [1, 3, 40] {
            let mut stream = wire.connect().await;
            stream.write_all(format!("{}nonsense\r\n\r\n", live.repeat(before)).as_bytes()).await.unwrap();
            let heard = hear(&mut stream).await;
            let statuses: Vec<u16> = heard.iter().map(|one| one.status).collect();
            let expected: Vec<u16> = std::iter::repeat_n(200, before).chain([400]).collect();
            assert_eq!(statuses, expected, "{before} before it");
            assert_eq!(heard.last().unwrap().code(), "malformed_request");
        }
    }
}
