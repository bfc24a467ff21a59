//! Bytes that no client of good will sends: each gets an answer that says what is wrong, or its
//! connection is closed. Nothing is answered 5xx, and nothing waits for ever.

use clinicos_testkit::{World, on_both_engines};
use tokio::io::AsyncWriteExt as _;

use crate::findings::Findings;
use crate::wire::{Heard, SHORT, Wire, hear};

const CLOSE: &str = "Host: clinicos.test\r\nConnection: close\r\n";

fn key(world: &World) -> String {
    format!("Authorization: Bearer {}\r\n", world.clinic.admin_key)
}

/// A POST of a client with these header lines and this body.
fn post(world: &World, lines: &str, body: &str) -> Vec<u8> {
    format!("POST /v1/clients HTTP/1.1\r\n{CLOSE}{}{lines}\r\n{body}", key(world)).into_bytes()
}

/// A GET of this target.
fn get(world: &World, target: &[u8]) -> Vec<u8> {
    [b"GET ".as_slice(), target, b" HTTP/1.1\r\n", CLOSE.as_bytes(), key(world).as_bytes(), b"\r\n"].concat()
}

/// The status, and the problem's code if it is a refusal.
fn expect(findings: &mut Findings, what: &str, heard: &Heard, allowed: Allowed) {
    let code = heard.code();
    let fits =
        allowed.iter().any(|(status, known)| heard.status == *status && (code == *known || code.is_empty() && known.is_empty()));
    let told = format!("expected {allowed:?}, heard {} `{code}` {}", heard.status, String::from_utf8_lossy(&heard.body));
    findings.check(what, fits, &told);
    if heard.status >= 400 && !code.is_empty() {
        findings.check(what, heard.header("content-type") == "application/problem+json", "is no problem by its media type");
        findings.check(what, heard.json()["request_id"].is_string(), "has no request id");
    }
}

/// Any of these statuses with that problem's code.
type Allowed = &'static [(u16, &'static str)];

const NAME: &str = "{\"family_name\":\"Wire\"}";
const JSON: &str = "Content-Type: application/json\r\nIdempotency-Key: wire\r\n";

on_both_engines! {
    async fn odd_targets_are_refused(world: World) {
        let wire = Wire::serve(&world, SHORT).await;
        let mut findings = Findings::default();
        let long = format!("/v1/invoices?{}", "a=1&".repeat(2_500));
        let longer = format!("/v1/invoices?{}", "a=1&".repeat(10_000));
        let many: String = (0..1_500).map(|number| format!("{number}=&")).collect();
        let many = format!("/v1/invoices?{many}");
        let cases: &[(&[u8], Allowed)] = &[
            (b"/v1/invoices/%00", &[(400, "path_not_canonical")]),
            (b"/v1/invoices/%ff", &[(400, "path_not_canonical")]),
            (b"/v1//invoices", &[(400, "path_not_canonical")]),
            (b"http://clinicos.test/v1//invoices", &[(400, "path_not_canonical")]),
            (b"http://clinicos.test/v1/invoices", &[(200, "")]),
            (b"http://elsewhere.test/v1/invoices", &[(400, "invalid_header")]),
            (b"/v1/invoices/\xff\xfe", &[(400, "path_not_canonical"), (400, "malformed_request")]),
            (b"/v1/invoices?limit=\xff", &[(400, "malformed_request"), (400, "invalid_parameter")]),
            (b"/v1/invoices?limit=%ff", &[(400, "malformed_request")]),
            (b"/v1/invoices?limit=%f", &[(400, "malformed_request")]),
            (b"/v1/invoices?number=%00", &[(400, "invalid_parameter")]),
            (b"/v1/invoices?cursor=%00", &[(400, "invalid_cursor")]),
            (b"/v1/invoices?limit=007", &[(400, "invalid_parameter")]),
            (b"/v1/invoices?limit=-0", &[(400, "invalid_parameter")]),
            (b"/v1/invoices?limit=1e400", &[(400, "invalid_parameter")]),
            (b"/v1/invoices?issued_on=2026-02-30", &[(400, "invalid_parameter")]),
            (b"/v1/invoices?updated_at[gt]=99999-01-01T00:00:00Z", &[(400, "invalid_parameter")]),
            (b"/v1/invoices?balance[gt]=9223372036854775808", &[(400, "invalid_parameter")]),
            (many.as_bytes(), &[(400, "invalid_parameter"), (400, "malformed_request")]),
            (long.as_bytes(), &[(414, "uri_too_long")]),
            (longer.as_bytes(), &[(414, "uri_too_long"), (431, "head_too_large")]),
            (b"*", &[(400, "path_not_canonical"), (400, "malformed_request")]),
            (b"example.org:443", &[(400, "invalid_header"), (400, "malformed_request")]),
            (b"/v1/in voices", &[(400, "malformed_request")]),
        ];
        for (target, allowed) in cases {
            let heard = wire.ask(&get(&world, target)).await;
            expect(&mut findings, &target[..target.len().min(60)].escape_ascii().to_string(), &heard, allowed);
        }
        findings.done(&world.journal().await);
    }

    /// A refusal of what could not be read is as any other: it has an id, and an entry in the journal.
    async fn what_cannot_be_read_is_told_and_kept(world: World) {
        let wire = Wire::serve(&world, SHORT).await;
        // After a call that was answered, too.
        let first = "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n";
        let mut stream = wire.connect().await;
        stream.write_all(first.as_bytes()).await.unwrap();
        let mut answered = [0; 12];
        tokio::io::AsyncReadExt::read_exact(&mut stream, &mut answered).await.unwrap();
        stream.write_all(b"nonsense\r\n\r\n").await.unwrap();
        let rest = hear_rest(&mut stream).await;
        assert!(rest.contains("\r\n\r\nHTTP/1.1 400") || rest.contains("HTTP/1.1 400 Bad Request\r\n"), "{rest}");
        assert!(rest.contains("application/problem+json") && rest.contains("connection: close"), "{rest}");
        let heard = wire.ask(b"GET /v1/clients HTTP/1.1\r\nno colon\r\n\r\n").await;
        assert_eq!((heard.status, heard.code().as_str()), (400, "malformed_request"));
        let id = heard.json()["request_id"].as_str().unwrap().to_owned();
        assert_eq!((heard.header("x-request-id"), heard.header("allow")), (id.as_str(), ""));
        assert_eq!(world.entries(&id).await.len(), 1);
    }

    async fn odd_heads_are_refused(world: World) {
        let wire = Wire::serve(&world, SHORT).await;
        let mut findings = Findings::default();
        let flood = |count: usize| (0..count).map(|number| format!("X-{number}: a\r\n")).collect::<String>();
        let with = |lines: &str| format!("GET /v1/invoices HTTP/1.1\r\n{CLOSE}{lines}\r\n").into_bytes();
        let authorized = |lines: &str| with(&format!("{}{lines}", key(&world)));
        // What never becomes a request is answered in the parser's place.
        let protocol: Allowed = &[(400, "malformed_request"), (414, "uri_too_long"), (431, "head_too_large")];
        let cases: Vec<(&str, Vec<u8>, Allowed)> = vec![
            ("two keys", authorized(&key(&world)), &[(400, "invalid_header")]),
            ("a key of bytes", [b"GET /v1/invoices HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer \xff\xfe\r\n\r\n".as_slice()].concat(), &[(401, "unauthenticated")]),
            ("basic", with("Authorization: Basic YTpi\r\n"), &[(401, "unauthenticated")]),
            ("no token", with("Authorization: Bearer\r\n"), &[(401, "unauthenticated")]),
            ("version of bytes", [b"GET /v1/invoices HTTP/1.1\r\nHost: a\r\nConnection: close\r\nClinicOS-Version: \xff\r\n".as_slice(), key(&world).as_bytes(), b"\r\n"].concat(), &[(400, "invalid_header")]),
            ("two versions", authorized("ClinicOS-Version: 2026-11-01\r\nClinicOS-Version: 2026-11-01\r\n"), &[(400, "invalid_header")]),
            ("no version", authorized("ClinicOS-Version: 0000-00-00\r\n"), &[(400, "unsupported_version")]),
            ("many headers", authorized(&flood(2_000)), protocol),
            ("very many headers", authorized(&flood(50_000)), protocol),
            ("a long header", authorized(&format!("X-Long: {}\r\n", "a".repeat(400_000))), protocol),
            ("nul in a header", authorized("X-Nul: a\0b\r\n"), protocol),
            ("a header without a colon", authorized("nonsense\r\n"), protocol),
            ("a space before the colon", authorized("Host : a\r\n"), protocol),
            ("a folded header", authorized("X-Folded: a\r\n b\r\n"), protocol),
            ("a name of bytes", authorized("X-\u{fc}: a\r\n"), protocol),
            ("a bare line feed", b"GET /health/live HTTP/1.1\nHost: a\nConnection: close\n\n".to_vec(), &[(200, ""), (400, "malformed_request")]),
            ("no host", format!("GET /v1/invoices HTTP/1.1\r\nConnection: close\r\n{}\r\n", key(&world)).into_bytes(), &[(400, "invalid_header")]),
            ("a host that is none", b"GET /health/live HTTP/1.1\r\nHost: a b/\r\nConnection: close\r\n\r\n".to_vec(), &[(400, "invalid_header")]),
            ("an empty host", b"GET /health/live HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n".to_vec(), &[(400, "invalid_header")]),
            ("two hosts", authorized("Host: elsewhere.test\r\n"), &[(400, "invalid_header")]),
            ("no protocol", b"GET /v1/invoices\r\n\r\n".to_vec(), protocol),
            ("another protocol", b"GET /v1/invoices HTTP/9.9\r\n\r\n".to_vec(), protocol),
            ("HTTP/2 by surprise", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), protocol),
            ("TLS by surprise", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".repeat(20), protocol),
            ("a long method", [b"A".repeat(400_000).as_slice(), b" / HTTP/1.1\r\n\r\n"].concat(), protocol),
            ("HTTP/1.0", b"GET /health/live HTTP/1.0\r\n\r\n".to_vec(), &[(200, "")]),
            ("OPTIONS", format!("OPTIONS /v1/invoices HTTP/1.1\r\n{CLOSE}\r\n").into_bytes(), &[(405, "method_not_allowed")]),
            ("TRACE", format!("TRACE /v1/invoices HTTP/1.1\r\n{CLOSE}X-Secret: echo\r\n\r\n").into_bytes(), &[(405, "method_not_allowed")]),
            ("CONNECT", format!("CONNECT example.org:443 HTTP/1.1\r\n{CLOSE}\r\n").into_bytes(), &[(400, "invalid_header")]),
            ("OPTIONS *", format!("OPTIONS * HTTP/1.1\r\n{CLOSE}\r\n").into_bytes(), &[(400, "path_not_canonical")]),
            ("HEAD", format!("HEAD /v1/invoices HTTP/1.1\r\n{CLOSE}{}\r\n", key(&world)).into_bytes(), &[(200, "")]),
            ("upgrade", authorized("Upgrade: websocket\r\nConnection: upgrade\r\n"), &[(200, "")]),
        ];
        for (what, request, allowed) in cases {
            let heard = wire.ask(&request).await;
            expect(&mut findings, what, &heard, allowed);
            findings.check(what, !heard.head.contains("echo") && !heard.body.windows(4).any(|four| four == b"echo"), "echoes the request");
        }
        findings.done(&world.journal().await);
    }

    /// Shapes that make a proxy and a server disagree about where a request ends: after one of
    /// them nothing more is read from the connection.
    async fn lengths_that_disagree_are_refused(world: World) {
        let wire = Wire::serve(&world, SHORT).await;
        let mut findings = Findings::default();
        let hidden = "GET /v1/clients HTTP/1.1\r\nHost: hidden\r\n\r\n";
        let chunked = format!("{:x}\r\n{NAME}\r\n0\r\n\r\n", NAME.len());
        let cases = [
            ("both lengths", format!("Transfer-Encoding: chunked\r\nContent-Length: {}\r\n", NAME.len()), chunked.clone()),
            ("both, the other way round", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n".to_owned(), chunked.clone()),
            ("two lengths", format!("Content-Length: {}\r\nContent-Length: 3\r\n", NAME.len()), NAME.to_owned()),
            ("a list of lengths", format!("Content-Length: {0}, 3\r\n", NAME.len()), NAME.to_owned()),
            ("a signed length", format!("Content-Length: +{}\r\n", NAME.len()), NAME.to_owned()),
            ("a negative length", "Content-Length: -1\r\n".to_owned(), NAME.to_owned()),
            ("a length in hexadecimal", "Content-Length: 0x16\r\n".to_owned(), NAME.to_owned()),
            ("a huge length", "Content-Length: 99999999999999999999\r\n".to_owned(), NAME.to_owned()),
            ("the largest length", format!("Content-Length: {}\r\n", u64::MAX), NAME.to_owned()),
            ("a second coding", "Transfer-Encoding: gzip, chunked\r\n".to_owned(), chunked.clone()),
            ("an unknown coding", "Transfer-Encoding: xchunked\r\n".to_owned(), chunked.clone()),
            ("chunked is not last", "Transfer-Encoding: chunked, identity\r\n".to_owned(), chunked.clone()),
            ("two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n".to_owned(), chunked.clone()),
            ("a coding with a tab", "Transfer-Encoding:\u{b}chunked\r\n".to_owned(), chunked),
            ("a chunk without a size", "Transfer-Encoding: chunked\r\n".to_owned(), format!("zz\r\n{NAME}\r\n0\r\n\r\n")),
            ("a huge chunk", "Transfer-Encoding: chunked\r\n".to_owned(), format!("fffffffffffffffff\r\n{NAME}\r\n0\r\n\r\n")),
            ("a chunk that is too short", "Transfer-Encoding: chunked\r\n".to_owned(), format!("3\r\n{NAME}\r\n0\r\n\r\n")),
        ];
        for (what, lines, body) in cases {
            // Without `Connection: close`: the hidden request must not be answered either.
            let request = format!("POST /v1/clients HTTP/1.1\r\nHost: a\r\n{}{JSON}{lines}\r\n{body}{hidden}", key(&world));
            let heard = wire.say(request.as_bytes()).await;
            findings.check(what, heard.len() <= 1, &format!("{} answers: {heard:?}", heard.len()));
            let first = heard.into_iter().next().unwrap_or_default();
            // RFC 9112, section 6.3, lets a server go by the coding alone if it closes the connection then.
            let allowed: Allowed = match what {
                "both lengths" | "both, the other way round" => &[(201, ""), (400, "malformed_request")],
                "the largest length" => &[(431, "head_too_large")],
                _ => &[(400, "malformed_request"), (400, "invalid_header"), (413, "too_large")],
            };
            expect(&mut findings, what, &first, allowed);
            if first.status == 431 {
                let told = first.json()["detail"].as_str().unwrap_or_default().to_owned();
                findings.check(what, told.contains("`Content-Length`"), &format!("does not say what is too large: {told}"));
            }
        }
        findings.done(&world.journal().await);
    }

    async fn bodies_in_pieces_are_read(world: World) {
        let wire = Wire::serve(&world, SHORT).await;
        let mut findings = Findings::default();
        let chunks = format!("5;ext=\"a\"\r\n{}\r\n{:x}\r\n{}\r\n0\r\nX-Trailer: a\r\nAuthorization: Bearer no\r\n\r\n", &NAME[..5], NAME.len() - 5, &NAME[5..]);
        let heard = wire.ask(&post(&world, &format!("{JSON}Transfer-Encoding: chunked\r\n"), &chunks)).await;
        expect(&mut findings, "chunks with trailers", &heard, &[(201, "")]);
        let lines = format!("{}Content-Length: {}\r\nExpect: 100-continue\r\n", JSON.replace("wire", "expect"), NAME.len());
        let heard = wire.say(&post(&world, &lines, NAME)).await;
        findings.check("expect", heard.iter().map(|one| one.status).collect::<Vec<_>>() == [100, 201], &format!("{heard:?}"));
        let cut = wire.ask(&post(&world, &format!("{JSON}Content-Length: {}\r\n", NAME.len()), NAME)).await;
        expect(&mut findings, "the same again", &cut, &[(201, "")]);
        findings.check("the same again", cut.header("idempotent-replayed") == "true", "was done twice");
        let two = "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n".repeat(3) + &String::from_utf8(get(&world, b"/v1/clients?limit=1")).unwrap();
        let heard = wire.say(two.as_bytes()).await;
        findings.check("pipelined", heard.iter().map(|one| one.status).collect::<Vec<_>>() == [200; 4], &format!("{heard:?}"));
        findings.done(&world.journal().await);
    }

    async fn a_body_that_is_too_large_is_told_before_it_is_read(world: World) {
        let wire = Wire::serve(&world, SHORT).await;
        let mut findings = Findings::default();
        let body = format!("{{\"family_name\":\"{}\"}}", "a".repeat(1 << 20));
        let declared = wire.ask(&post(&world, &format!("{JSON}Content-Length: {}\r\n", body.len()), &body)).await;
        expect(&mut findings, "declared", &declared, &[(413, "too_large")]);
        let chunk = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
        let chunked = wire.ask(&post(&world, &format!("{JSON}Transfer-Encoding: chunked\r\n"), &chunk)).await;
        expect(&mut findings, "in chunks", &chunked, &[(413, "too_large")]);
        // Nobody's body is not read at all.
        let nobody = format!("POST /v1/clients HTTP/1.1\r\n{CLOSE}{JSON}Content-Length: 1000000000\r\n\r\n");
        expect(&mut findings, "of nobody", &wire.ask(nobody.as_bytes()).await, &[(401, "unauthenticated")]);
        findings.done(&world.journal().await);
    }

    async fn who_is_slow_or_half_gone_holds_nothing(world: World) {
        let wire = Wire::serve(&world, SHORT).await;
        // Each of these ends by itself; `hear` fails if one does not.
        for begun in ["", "G", "GET /v1/invoices HTTP/1.1\r\nHost:", "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n"] {
            let mut stream = wire.connect().await;
            stream.write_all(begun.as_bytes()).await.unwrap();
            let heard = hear(&mut stream).await;
            let complete = begun.ends_with("\r\n\r\n");
            assert!(heard.iter().all(|one| one.status == if complete { 200 } else { 408 }), "{begun}: {heard:?}");
            assert_eq!(heard.len() == 1, complete || !heard.is_empty());
        }
        // Who has asked and closed its half is answered.
        let mut half = wire.connect().await;
        half.write_all(&get(&world, b"/v1/clients?limit=1")).await.unwrap();
        half.shutdown().await.unwrap();
        let heard = hear(&mut half).await;
        assert_eq!(heard.iter().map(|one| one.status).collect::<Vec<_>>(), [200]);
        // Who goes away in the middle of a body changes nothing.
        let mut gone = wire.connect().await;
        gone.write_all(&post(&world, &format!("{JSON}Content-Length: 500\r\n"), NAME)).await.unwrap();
        gone.shutdown().await.unwrap();
        let heard = hear(&mut gone).await;
        assert!(heard.iter().all(|one| one.status == 400 && one.code() == "malformed_request"), "{heard:?}");
        assert_eq!(world.as_admin().get("/v1/clients").await.expect(200).data().len(), 0);
        // Who takes no answer is given up: its connection ends, though it never reads.
        let mut deaf = wire.connect().await;
        let many = b"GET /v1/openapi.json HTTP/1.1\r\nHost: a\r\n\r\n".repeat(400);
        assert!(tokio::time::timeout(std::time::Duration::from_secs(60), until_refused(&mut deaf, &many)).await.is_ok(), "is held for ever");
    }

    async fn one_address_takes_no_more_than_its_room(world: World) {
        let wire = Wire::serve(&world, clinicos_server::http::Bounds { connections_per_address_max: 3, head_wait: std::time::Duration::from_secs(60), ..SHORT }).await;
        let mut held = Vec::new();
        for _ in 0..3 {
            let mut stream = wire.connect().await;
            stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
            // Its answer shows that the server has taken it.
            let mut first = [0; 12];
            tokio::io::AsyncReadExt::read_exact(&mut stream, &mut first).await.unwrap();
            assert_eq!(&first, b"HTTP/1.1 200");
            held.push(stream);
        }
        assert!(wire.say(b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n").await.is_empty());
        drop(held);
        while wire.say(b"GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.is_empty() {
            tokio::task::yield_now().await;
        }
    }
}

/// Everything that comes until the server closes the connection, as text.
async fn hear_rest(stream: &mut tokio::net::TcpStream) -> String {
    let mut all = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(stream, &mut all).await.unwrap();
    String::from_utf8_lossy(&all).into_owned()
}

/// Writes until the server has closed the connection.
pub async fn until_refused(stream: &mut tokio::net::TcpStream, bytes: &[u8]) {
    while stream.write_all(bytes).await.is_ok() {}
}
