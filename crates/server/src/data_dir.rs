//! The data directory: database, keyring, lock and control socket.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clinicos_contract::Entropy;
use clinicos_gate::{Environment, Keyring, KeyringFile};
use clinicos_store::store::Location;

/// The database in a data directory.
pub const DATABASE_FILE: &str = "clinicos.db";

/// There if the database is none in the directory.
const ELSEWHERE_FILE: &str = "database_is_elsewhere";

/// Where the server was reached when it ran last.
const BASE_URL_FILE: &str = "base_url";

/// The bytes of documents.
const DOCUMENTS: &str = "documents";

/// A data directory that exists.
pub struct DataDir {
    path: PathBuf,
    environment: Environment,
    database_url: Option<String>,
}

/// Held while a process uses the directory; the system frees it when the process ends, however.
pub struct Lock {
    _file: File,
}

impl DataDir {
    /// Makes a directory with a keyring of its own. One that has a keyring already is refused.
    pub fn create(
        path: &Path,
        environment: Environment,
        database_url: Option<String>,
        entropy: &dyn Entropy,
    ) -> anyhow::Result<Self> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .with_context(|| format!("`{}` cannot be made", path.display()))?;
        // One that was there already may be open to others; what comes into it is not for them.
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
        let file = KeyringFile::generate(environment.name(), entropy);
        let text = serde_json::to_string_pretty(&file)?;
        write_new(&path.join("keyring.json"), text.as_bytes())
            .with_context(|| format!("`{}` cannot be written", path.join("keyring.json").display()))?;
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path.join(DOCUMENTS))?;
        if database_url.is_some() {
            let told = "This directory belongs to a PostgreSQL database: give `--database-url` or CLINICOS_DATABASE_URL.\n";
            write_new(&path.join(ELSEWHERE_FILE), told.as_bytes())?;
        }
        Ok(Self { path: path.to_owned(), environment, database_url })
    }

    /// Whether a directory was made here before.
    pub fn exists(path: &Path) -> bool {
        path.join("keyring.json").exists()
    }

    /// Whether nothing of a data directory is here, not even a part of one.
    pub fn is_missing(path: &Path) -> bool {
        !Self::exists(path) && !path.join(DATABASE_FILE).exists()
    }

    /// Opens a directory that was made before.
    pub fn open(path: &Path, database_url: Option<String>) -> anyhow::Result<(Self, Keyring)> {
        let keyring_path = path.join("keyring.json");
        let text = match fs::read_to_string(&keyring_path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && path.join(DATABASE_FILE).exists() => {
                bail!("`{}` holds a database, but its `keyring.json` is missing: bring that back from its copy", path.display())
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                bail!("`{}` is no data directory; make one with `clinicos init --data-dir {0}`", path.display())
            }
            other => other.with_context(|| format!("`{}` cannot be read", keyring_path.display()))?,
        };
        let file: KeyringFile =
            serde_json::from_str(&text).with_context(|| format!("`{}` is damaged", keyring_path.display()))?;
        let environment = Environment::parse(&file.environment)
            .with_context(|| format!("`{}` names no known environment", keyring_path.display()))?;
        let keyring = file.unlock().with_context(|| format!("`{}` holds a damaged secret", keyring_path.display()))?;
        Ok((Self { path: path.to_owned(), environment, database_url }, keyring))
    }

    /// Takes the directory for this process alone; `None` if another one holds it.
    pub fn lock(&self) -> anyhow::Result<Option<Lock>> {
        let path = self.path.join("lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock { _file: file })),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(error).with_context(|| format!("`{}` cannot be locked", path.display())),
        }
    }

    /// Live or sandbox.
    pub fn environment(&self) -> Environment {
        self.environment
    }

    /// Where the database is. Refused where it is elsewhere and nobody says where: a new file would be made,
    /// and look as if everything were gone.
    pub fn location(&self) -> anyhow::Result<Location> {
        match &self.database_url {
            Some(url) => Ok(Location::Postgres(url.clone())),
            None if self.path.join(ELSEWHERE_FILE).exists() => bail!(
                "`{}` belongs to a PostgreSQL database, and none is named: give its URL with `--database-url`, or in \
                 CLINICOS_DATABASE_URL",
                self.path.display()
            ),
            None => Ok(Location::Sqlite(self.path.join(DATABASE_FILE))),
        }
    }

    /// The socket by which the command line talks to a running server.
    pub fn control_socket(&self) -> PathBuf {
        self.path.join("control.sock")
    }

    /// Keeps where the server is reached, for links that are made while it does not run.
    pub fn keep_base_url(&self, base_url: &str) -> io::Result<()> {
        fs::write(self.path.join(BASE_URL_FILE), base_url)
    }

    /// Where the server was reached when it ran last.
    pub fn kept_base_url(&self) -> Option<String> {
        let text = fs::read_to_string(self.path.join(BASE_URL_FILE)).ok()?;
        Some(text.trim().to_owned()).filter(|url| !url.is_empty())
    }

    /// Where the bytes of documents are, unless they are elsewhere.
    pub fn documents(&self) -> PathBuf {
        self.path.join(DOCUMENTS)
    }

    /// A file in the directory.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

/// Writes a file that only its owner can read, on disk before it returns. One that exists is refused.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    match path.parent() {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}
