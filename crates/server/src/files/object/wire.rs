//! How the store of objects is reached: HTTP over the connections that the server knows already, so that
//! no other client comes along. The only requests that leave this server.

use std::fs;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use http::header::HOST;
use http::uri::{PathAndQuery, Uri};
use http_body_util::{BodyExt as _, Limited};
use hyper::client::conn::http1::handshake;
use hyper_util::rt::TokioIo;
use object_store::ClientOptions;
use object_store::client::{HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::super::FILE_BYTES_MAX;

/// Where systems keep the authorities that they trust.
const SYSTEM: &[&str] = &["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// A connection for each request.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    tls: Option<Arc<ClientConfig>>,
}

impl Wire {
    /// With these authorities, or those of the system. One that is never encrypted needs none.
    pub(super) fn new(authorities: Option<&Path>, plain: bool) -> anyhow::Result<Self> {
        if plain {
            return Ok(Self { tls: None });
        }
        let file = match authorities {
            Some(file) => file.to_owned(),
            None => SYSTEM.iter().map(PathBuf::from).find(|file| file.exists()).context(
                "this system has no list of authorities to check the store of objects with; name one with `--documents-ca`",
            )?,
        };
        let pem = fs::read(&file).with_context(|| format!("`{}` cannot be read", file.display()))?;
        let mut roots = RootCertStore::empty();
        // A system's list may hold what this library does not take; one that is left is enough to try.
        roots.add_parsable_certificates(CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok));
        ensure!(!roots.is_empty(), "`{}` holds no certificate", file.display());
        Ok(Self { tls: Some(Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())) })
    }

    async fn answered(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let uri = request.uri().clone();
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let port = uri.port_u16().unwrap_or(if self.tls.is_some() { 443 } else { 80 });
        let tcp =
            TcpStream::connect((host.as_str(), port)).await.map_err(|error| HttpError::new(HttpErrorKind::Connect, error))?;
        let Some(tls) = &self.tls else { return exchange(tcp, &uri, request).await };
        let name = ServerName::try_from(host).map_err(|error| HttpError::new(HttpErrorKind::Connect, error))?;
        let tls = TlsConnector::from(tls.clone()).connect(name, tcp).await;
        exchange(tls.map_err(|error| HttpError::new(HttpErrorKind::Connect, error))?, &uri, request).await
    }
}

/// Sends one request, and reads the whole answer.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    uri: &Uri,
    mut request: HttpRequest,
) -> Result<HttpResponse, HttpError> {
    if let Some(authority) = uri.authority().and_then(|authority| authority.as_str().parse().ok()) {
        request.headers_mut().entry(HOST).or_insert(authority);
    }
    *request.uri_mut() = uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/")).into();
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.map_err(failed)?;
    let driven = tokio::spawn(connection);
    let answer = sender.send_request(request).await.map_err(failed)?;
    let (parts, body) = answer.into_parts();
    let limit = usize::try_from(FILE_BYTES_MAX).unwrap_or(usize::MAX);
    let body = Limited::new(body, limit).collect().await;
    driven.abort();
    let body = body.map_err(|error| HttpError::new_boxed(HttpErrorKind::Interrupted, error))?.to_bytes();
    Ok(HttpResponse::from_parts(parts, body.into()))
}

fn failed(error: hyper::Error) -> HttpError {
    HttpError::new(HttpErrorKind::Request, error)
}

impl HttpConnector for Wire {
    fn connect(&self, _options: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

impl HttpService for Wire {
    fn call<'s, 'f>(&'s self, request: HttpRequest) -> Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'f>>
    where
        's: 'f,
        Self: 'f,
    {
        Box::pin(self.answered(request))
    }
}
