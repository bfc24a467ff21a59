//! TLS from certificate files, taken up again when they change.

use std::fmt;
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clinicos_contract::Timestamp;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig, crypto};
use tokio_rustls::server::TlsStream;

use super::expiry::{Left, Validity, validity_of};
use super::listen::Stream;

/// How often the files are looked at.
pub const LOOK_SECONDS: u64 = 30;
/// A warning is given once in so much time, in seconds: a day.
const WARN_SECONDS: i64 = 86_400;
/// Most bytes of a file: a chain of certificates is a few kilobytes.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// Rights that let others than owner and group read, change or use a file.
const OTHERS: u32 = 0o007;

/// Where the certificate and its key are.
#[derive(Debug, Clone)]
pub struct Files {
    /// The server's certificate and those between it and the authority, as PEM.
    pub certificate: PathBuf,
    /// Its private key, as PEM.
    pub key: PathBuf,
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// A file cannot be read.
    #[error("`{}` cannot be read: {why}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        why: io::Error,
    },
    /// A file is far too large to be what it should be.
    #[error("`{}` is larger than {FILE_BYTES_MAX} bytes; that is no certificate and no key", path.display())]
    TooLarge {
        /// Which.
        path: PathBuf,
    },
    /// A file holds no PEM of the kind.
    #[error("`{}` holds no {what} in PEM: {why}", path.display())]
    Pem {
        /// Which.
        path: PathBuf,
        /// Certificate or private key.
        what: &'static str,
        /// What is wrong.
        why: String,
    },
    /// The two do not fit.
    #[error("the key in `{}` is not the key of the first certificate in `{}`", files.key.display(), files.certificate.display())]
    Mismatch {
        /// Which.
        files: Files,
    },
    /// The library refuses them.
    #[error("`{}` and `{}` cannot be used: {why}", files.certificate.display(), files.key.display())]
    Refused {
        /// Which.
        files: Files,
        /// Why.
        why: rustls::Error,
    },
}

/// When a file was written, how long it is, and which one it is: a new certificate differs in one
/// of them.
type Stamp = [Option<(i64, i64, u64, u64)>; 2];

/// A certificate that is in use, and where its successor will come from.
pub struct Tls {
    files: Files,
    current: Mutex<Current>,
}

struct Current {
    config: Arc<ServerConfig>,
    validity: Option<Validity>,
    seen: Stamp,
    /// When its end was last warned of.
    warned: Option<Timestamp>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("files", &self.files).finish_non_exhaustive()
    }
}

impl Tls {
    /// Reads certificate and key, and checks that they fit.
    pub fn open(files: Files) -> Result<Self, Unusable> {
        let seen = files.stamp();
        let (config, validity) = files.load()?;
        files.warn_of_readers();
        Ok(Self { files, current: Mutex::new(Current { config, validity, seen, warned: None }) })
    }

    /// Takes up new files, if there are any, or in any case if `anyway`. What cannot be used
    /// changes nothing: the certificate that was in use stays so. Says whether one was taken up.
    pub fn look_again(&self, anyway: bool) -> Result<bool, Unusable> {
        let seen = self.files.stamp();
        {
            let mut current = self.current();
            if current.seen == seen && !anyway {
                return Ok(false);
            }
            // A file that is broken is told of once, until it changes again.
            current.seen = seen;
        }
        let (config, validity) = self.files.load()?;
        self.files.warn_of_readers();
        let mut current = self.current();
        (current.config, current.validity, current.warned) = (config, validity, None);
        Ok(true)
    }

    /// What there is to say about the end of the certificate in use, at most once a day.
    pub fn warning(&self, now: Timestamp) -> Option<String> {
        let mut current = self.current();
        let validity = current.validity?;
        let said = current.warned.is_some_and(|warned| now < warned.plus_seconds(WARN_SECONDS));
        let warning = Left::of(validity, now).warning(validity).filter(|_| !said)?;
        current.warned = Some(now);
        Some(warning)
    }

    /// Encrypts a connection; an error if the other side does not finish its handshake within the limit.
    pub async fn accept(&self, stream: Box<dyn Stream>, limit: Duration) -> io::Result<TlsStream<Box<dyn Stream>>> {
        let acceptor = TlsAcceptor::from(self.current().config.clone());
        tokio::time::timeout(limit, acceptor.accept(stream)).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// Nothing that holds the lock can panic, and what it guards is whole at any moment.
    fn current(&self) -> std::sync::MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Files {
    fn stamp(&self) -> Stamp {
        [&self.certificate, &self.key].map(|path| {
            let file = std::fs::metadata(path).ok()?;
            Some((file.mtime(), file.mtime_nsec(), file.len(), file.ino()))
        })
    }

    fn load(&self) -> Result<(Arc<ServerConfig>, Option<Validity>), Unusable> {
        let chain = chain(&self.certificate)?;
        let validity = chain.first().and_then(validity_of);
        let key = PrivateKeyDer::from_pem_slice(&read(&self.key)?).map_err(|error| not_pem(&self.key, "private key", &error))?;
        let provider = Arc::new(crypto::ring::default_provider());
        let refused = |why| match why {
            rustls::Error::InconsistentKeys(_) => Unusable::Mismatch { files: self.clone() },
            why => Unusable::Refused { files: self.clone(), why },
        };
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
            .map_err(refused)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok((Arc::new(config), validity))
    }

    fn warn_of_readers(&self) {
        let mode = std::fs::metadata(&self.key).map_or(0, |file| file.permissions().mode());
        if mode & OTHERS != 0 {
            let path = self.key.display();
            tracing::warn!(path = %path, "everybody on this machine can use the private key `{path}`; say `chmod o= {path}`");
        }
    }
}

/// When the server's certificate in a file is good, if it says so.
pub fn certificate_validity(path: &Path) -> Result<Option<Validity>, Unusable> {
    Ok(chain(path)?.first().and_then(validity_of))
}

/// The server's certificate, and those between it and the authority.
fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, Unusable> {
    CertificateDer::pem_slice_iter(&read(path)?)
        .collect::<Result<Vec<_>, _>>()
        .and_then(|chain| if chain.is_empty() { Err(pem::Error::NoItemsFound) } else { Ok(chain) })
        .map_err(|error| not_pem(path, "certificate", &error))
}

fn read(path: &Path) -> Result<Vec<u8>, Unusable> {
    let unreadable = |why| Unusable::File { path: path.to_owned(), why };
    if std::fs::metadata(path).map_err(unreadable)?.len() > FILE_BYTES_MAX {
        return Err(Unusable::TooLarge { path: path.to_owned() });
    }
    std::fs::read(path).map_err(unreadable)
}

fn not_pem(path: &Path, what: &'static str, error: &pem::Error) -> Unusable {
    let why = match error {
        pem::Error::NoItemsFound => format!("there is no `-----BEGIN {}-----`", what.to_uppercase()),
        error => error.to_string(),
    };
    Unusable::Pem { path: path.to_owned(), what, why }
}
