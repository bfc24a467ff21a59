//! Finds a PostgreSQL that tests may use as a superuser, or makes one.
//!
//! In this order: the one that the environment names; the one that answers on the usual port;
//! a stopped Debian cluster, started; a private cluster in the temporary directory, which
//! needs no passwords and is left running for the next time. Where the programs are missing
//! they are installed if we are root on Debian.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::shell;
use crate::test::POSTGRES_VARIABLE;

const USUAL_PORT: u16 = 5432;
const PRIVATE_PORT: u16 = 54_329;
const STARTS_MAX: u32 = 60;
const START_WAIT: Duration = Duration::from_millis(500);

/// A superuser's database.
#[derive(Debug)]
pub struct Found {
    /// Where it is.
    pub url: String,
    /// How it came to be there.
    pub how: String,
}

/// Finds or makes one.
pub fn ensure() -> Result<Found> {
    if let Ok(url) = std::env::var(POSTGRES_VARIABLE)
        && !url.is_empty()
    {
        return Ok(Found { url, how: format!("named by {POSTGRES_VARIABLE}") });
    }
    install_if_missing()?;
    if let Some(found) = answering(USUAL_PORT, "was running") {
        return Ok(found);
    }
    if let Some(cluster) = stopped_cluster() {
        start_cluster(&cluster);
        if let Some(found) = answering(cluster.port, &format!("started cluster {}/{}", cluster.version, cluster.name)) {
            return Ok(found);
        }
    }
    if let Some(found) = answering(PRIVATE_PORT, "private cluster, was running") {
        return Ok(found);
    }
    private_cluster()
}

fn install_if_missing() -> Result<()> {
    if shell::has("psql") && programs().is_some() {
        return Ok(());
    }
    if !(shell::is_root() && shell::has("apt-get")) {
        bail!(
            "PostgreSQL is missing. Install it (Debian: `sudo apt-get install postgresql`; Fedora: `sudo dnf install \
             postgresql-server`; macOS: `brew install postgresql`), or set {POSTGRES_VARIABLE} to the URL of a superuser's \
             database, such as `postgres://postgres@127.0.0.1:5432/postgres`"
        );
    }
    shell::run(Command::new("apt-get").args(["update", "--quiet"]))?;
    let mut install = Command::new("apt-get");
    install.args(["install", "--yes", "--quiet", "--no-install-recommends", "postgresql"]);
    shell::run(install.env("DEBIAN_FRONTEND", "noninteractive"))
}

/// The database on this port, if we are let in as a superuser without a password.
fn answering(port: u16, how: &str) -> Option<Found> {
    let me = shell::read(Command::new("id").arg("-un")).ok()?.trim().to_owned();
    let mut users = vec![me, "root".to_owned(), "postgres".to_owned()];
    users.dedup();
    for user in users {
        let url = format!("postgres://{user}@127.0.0.1:{port}/postgres");
        let mut ask = Command::new("psql");
        ask.args(["--no-password", "--no-psqlrc", "--tuples-only", "--no-align", "--dbname", &url]);
        ask.args(["--command", "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"]);
        if shell::read(ask.env("PGCONNECT_TIMEOUT", "3")).is_ok_and(|answer| answer.trim() == "t") {
            return Some(Found { url, how: how.to_owned() });
        }
    }
    None
}

struct Cluster {
    version: String,
    name: String,
    port: u16,
}

/// The newest Debian cluster that is down.
fn stopped_cluster() -> Option<Cluster> {
    let list = shell::read(Command::new("pg_lsclusters").arg("--no-header")).ok()?;
    list.lines().rev().find_map(parse_stopped)
}

/// `15  main  5432  down  postgres  /var/lib/postgresql/15/main  …`
fn parse_stopped(line: &str) -> Option<Cluster> {
    let mut words = line.split_whitespace();
    let (version, name, port, state) = (words.next()?, words.next()?, words.next()?, words.next()?);
    if !state.starts_with("down") {
        return None;
    }
    Some(Cluster { version: version.to_owned(), name: name.to_owned(), port: port.parse().ok()? })
}

/// If this fails, a private cluster takes its place.
fn start_cluster(cluster: &Cluster) {
    let mut start = Command::new("pg_ctlcluster");
    start.args(["--skip-systemctl-redirect", &cluster.version, &cluster.name, "start"]);
    if let Err(error) = shell::run(&mut start) {
        eprintln!("{error:#}; a private cluster will do");
    }
}

/// The newest directory with `initdb` in it.
fn programs() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut directories: Vec<PathBuf> = debian.map(|entry| entry.path().join("bin")).collect();
    directories.sort_by_key(|path| version_of(path));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut all: Vec<PathBuf> = std::env::split_paths(&path).collect();
    all.extend(directories);
    all.into_iter().rev().find(|directory| directory.join("initdb").is_file())
}

/// The number in `/usr/lib/postgresql/15/bin`.
fn version_of(programs: &Path) -> Option<u32> {
    programs.parent()?.file_name()?.to_str()?.parse().ok()
}

/// Makes and starts a cluster that trusts everyone on this machine. PostgreSQL refuses to run
/// as root, so root hands it to the user `postgres`.
fn private_cluster() -> Result<Found> {
    let programs = programs().context("`initdb` was not found beside `psql`")?;
    let home = std::env::temp_dir().join("clinicos-test-postgres");
    let as_other = shell::is_root();
    let run_as = |program: &str| {
        let program = programs.join(program);
        if as_other {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
            command
        } else {
            Command::new(program)
        }
    };
    if !home.join("PG_VERSION").is_file() {
        std::fs::create_dir_all(&home)?;
        if as_other {
            shell::run(Command::new("chown").arg("postgres").arg(&home))?;
        }
        let mut make = run_as("initdb");
        make.args(["--auth=trust", "--username=root", "--encoding=UTF8", "--no-sync", "--pgdata"]);
        shell::read(make.arg(&home).current_dir("/"))?;
    }
    let options = format!("-p {PRIVATE_PORT} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off");
    let mut start = run_as("pg_ctl");
    start.arg("--pgdata").arg(&home).arg("--log").arg(home.join("log")).args(["--options", &options, "start"]);
    shell::run(start.current_dir("/").stdout(std::process::Stdio::null()))?;
    for _ in 0..STARTS_MAX {
        if let Some(found) = answering(PRIVATE_PORT, &format!("private cluster in {}", home.display())) {
            return Ok(found);
        }
        std::thread::sleep(START_WAIT);
    }
    bail!("a private cluster was started in {} but does not answer; see its file `log`", home.display())
}

#[cfg(test)]
mod tests {
    use super::{parse_stopped, version_of};
    use std::path::Path;

    #[test]
    fn reads_the_list_of_clusters() {
        let down = parse_stopped("15  main    5433 down   postgres /var/lib/postgresql/15/main /var/log/x.log");
        assert!(down.is_some_and(|cluster| cluster.version == "15" && cluster.name == "main" && cluster.port == 5433));
        assert!(parse_stopped("15  main    5432 online postgres /var/lib/postgresql/15/main /var/log/x.log").is_none());
        assert!(parse_stopped("").is_none());
    }

    #[test]
    fn newer_versions_sort_behind_older_ones() {
        assert!(version_of(Path::new("/usr/lib/postgresql/9/bin")) < version_of(Path::new("/usr/lib/postgresql/15/bin")));
    }
}
