//! Over a store that listens on this machine and knows as much of the protocol as is asked of it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use clinicos_gate::ClinicId;
use http::{Method, StatusCode};
use http_body_util::BodyExt as _;

use super::*;

type Shelf = Arc<Mutex<BTreeMap<String, Bytes>>>;

const WRITTEN: &str = "Fri, 27 Nov 2026 09:00:00 GMT";

async fn stub(State(shelf): State<Shelf>, request: Request) -> Response {
    let signed = request.headers().get("authorization").is_some_and(|value| value.as_bytes().starts_with(b"AWS4-HMAC-SHA256 "));
    let (parts, body) = request.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let mut objects = shelf.lock().unwrap();
    let key = parts.uri.path().strip_prefix("/records/").unwrap_or_default().to_owned();
    let answer = Response::builder().header("etag", "\"1\"").header("last-modified", WRITTEN);
    let (status, body) = match (&parts.method, key.is_empty(), objects.get(&key)) {
        _ if !signed => (StatusCode::FORBIDDEN, Bytes::new()),
        (&Method::PUT, false, _) => {
            objects.insert(key, bytes);
            (StatusCode::OK, Bytes::new())
        }
        (&Method::DELETE, false, _) => {
            objects.remove(&key);
            (StatusCode::NO_CONTENT, Bytes::new())
        }
        (&Method::GET, true, _) | (&Method::GET, false, None) if parts.uri.query().is_some() => {
            (StatusCode::OK, listed(&objects, parts.uri.query().unwrap_or_default()).into())
        }
        (&Method::GET | &Method::HEAD, _, Some(found)) => (StatusCode::OK, found.clone()),
        _ => (StatusCode::NOT_FOUND, Bytes::new()),
    };
    answer.status(status).body(Body::from(body)).unwrap()
}

/// A listing below a prefix, by directories if one asks so.
fn listed(objects: &BTreeMap<String, Bytes>, query: &str) -> String {
    let given: BTreeMap<&str, String> =
        query.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, value)| (name, value.replace("%2F", "/"))).collect();
    let prefix = given.get("prefix").cloned().unwrap_or_default();
    let below = objects.iter().filter(|(key, _)| key.starts_with(&prefix));
    let inner: String = if given.contains_key("delimiter") {
        let directories: std::collections::BTreeSet<&str> =
            below.filter_map(|(key, _)| key[prefix.len()..].split_once('/')).map(|(first, _)| first).collect();
        directories.iter().map(|name| format!("<CommonPrefixes><Prefix>{prefix}{name}/</Prefix></CommonPrefixes>")).collect()
    } else {
        let object = |(key, bytes): (&String, &Bytes)| {
            let size = bytes.len();
            format!(
                "<Contents><Key>{key}</Key><LastModified>2026-11-27T09:00:00.000Z</LastModified><ETag>\"1\"</ETag><Size>{size}</Size></Contents>"
            )
        };
        below.map(object).collect()
    };
    format!("<ListBucketResult><KeyCount>1</KeyCount><IsTruncated>false</IsTruncated>{inner}</ListBucketResult>")
}

async fn bucket(prefix: &str) -> (Bucket, Shelf) {
    let shelf = Shelf::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(stub).with_state(shelf.clone());
    tokio::spawn(async move {
        let served = hyper_util::service::TowerToHyperService::new(router);
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let connection =
                hyper::server::conn::http1::Builder::new().serve_connection(hyper_util::rt::TokioIo::new(stream), served.clone());
            tokio::spawn(connection);
        }
    });
    let bucket = Bucket {
        bucket: Some("records".to_owned()),
        endpoint: Some(endpoint),
        region: "us-east-1".to_owned(),
        prefix: prefix.to_owned(),
        authorities: None,
        key_id: Some("known".to_owned()),
        key_secret: Some("a secret of a test".to_owned()),
    };
    (bucket, shelf)
}

#[tokio::test]
async fn a_store_of_objects_keeps_files_as_a_disk_does() {
    for prefix in ["", "north/clinicos"] {
        let (bucket, shelf) = bucket(prefix).await;
        let objects = bucket.open().unwrap().unwrap();
        let clinic = ClinicId::from_bytes([7; 16]);
        crate::files::tests::keeps_files(&objects, clinic).await;
        let name = FileName::of(clinic, b"abc");
        objects.put(&name, Bytes::from_static(b"abc")).await.unwrap();
        let keys: Vec<String> = shelf.lock().unwrap().keys().cloned().collect();
        let expected = format!("{prefix}/{}", name.path());
        assert_eq!(keys, [expected.trim_start_matches('/')]);
    }
}

#[tokio::test]
async fn a_store_that_is_away_is_no_missing_file() {
    let (mut bucket, _) = bucket("").await;
    // Nothing listens there: the port is that of a listener that is gone.
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    bucket.endpoint = Some(format!("http://{gone}"));
    let objects = bucket.open().unwrap().unwrap();
    let name = FileName::of(ClinicId::from_bytes([7; 16]), b"abc");
    assert!(matches!(objects.get(&name).await, Err(FileError::Unavailable(_))));
    assert!(matches!(objects.has(&name).await, Err(FileError::Unavailable(_))));
}

#[tokio::test]
async fn a_bucket_is_not_reached_unencrypted_or_by_nobody() {
    let (mut bucket, _) = bucket("").await;
    bucket.endpoint = Some("http://objects.example".to_owned());
    assert!(bucket.open().err().unwrap().to_string().contains("https://"));
    bucket.key_secret = None;
    assert!(bucket.open().err().unwrap().to_string().contains("CLINICOS_DOCUMENTS_KEY_SECRET"));
    bucket.bucket = None;
    assert!(bucket.open().unwrap().is_none(), "then it is the data directory");
    for (endpoint, is_here) in [("http://127.0.0.1:9000", true), ("http://127.0.0.1.example", false), ("http://localhost", true)]
    {
        assert_eq!(is_of_this_machine(endpoint), is_here, "{endpoint}");
    }
}
