//! The servers that stand side by side, over copies of one clinic.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::bare::FIXED_PATH;
use crate::binaries::Binaries;
use crate::client;
use crate::demo::{DATABASE_FILE, Demo, LIST, Sizes, Start, copy_directory};
use crate::process::{SERVER_CORE, Server, pinned};
use crate::report::{FIXED, NO_WAIT, OURS, QUERY};
use crate::rounds::Variant;

/// The bare server.
pub struct BareServer {
    /// The process.
    pub server: Server,
    /// Where it listens.
    pub address: SocketAddr,
}

impl BareServer {
    /// Starts it over a database, to answer as the demo's financial key would be.
    pub fn start(bench: &Path, demo: &Demo, database: &[&str], hidden: &[String], log: &Path) -> Result<Self> {
        let mut command = pinned(SERVER_CORE, bench);
        command.arg("bare").args(database).args(["--clinic", &demo.clinic, "--today", &demo.today()?]);
        if !hidden.is_empty() {
            command.args(["--hidden", &hidden.join(",")]);
        }
        let server = Server::start(&mut command, "address", log)?;
        let address = server.said("address")?.parse()?;
        Ok(Self { server, address })
    }
}

/// Everybody who is measured against each other on one engine.
pub struct Sides {
    /// The server as it is.
    pub ours: Demo,
    /// The same without the wait; only where it was asked for.
    pub no_wait: Option<Demo>,
    bare: BareServer,
    fixed_targets: Vec<String>,
    list_targets: Vec<String>,
    get_targets: Vec<String>,
}

impl Sides {
    /// On SQLite, each over a directory of its own, so that none disturbs another's file.
    pub fn sqlite(binaries: &Binaries, no_wait: Option<&Path>, home: &Path, sizes: Sizes) -> Result<Self> {
        let directory = home.join("ours");
        let start = |binary, directory| Demo::start(Start { binary, directory, sizes, postgres: None });
        eprintln!("making a clinic with {} invoices", sizes.invoices);
        start(&binaries.server, &directory)?.server.stop()?;
        let beside = |name: &str| {
            let copy = home.join(name);
            copy_directory(&directory, &copy).map(|()| copy)
        };
        let (bare_directory, no_wait_directory) = (beside("bare")?, beside("no-wait")?);
        let ours = start(&binaries.server, &directory)?;
        let no_wait = no_wait.map(|binary| start(binary, &no_wait_directory)).transpose()?;
        let file = bare_directory.join(DATABASE_FILE);
        let database = ["--sqlite", file.to_str().context("the path of the data is no UTF-8")?];
        Self::beside(binaries, ours, no_wait, &database, &home.join("bare.log"))
    }

    /// On PostgreSQL, over one database, which lists and gets leave as it is.
    pub fn postgres(binaries: &Binaries, url: &str, home: &Path, sizes: Sizes) -> Result<Self> {
        let directory = home.join("postgres");
        eprintln!("making a clinic with {} invoices on PostgreSQL", sizes.invoices);
        let start = Start { binary: &binaries.server, directory: &directory, sizes, postgres: Some(url) };
        Demo::start(start)?.server.stop()?;
        let ours = Demo::start(start)?;
        Self::beside(binaries, ours, None, &["--postgres", url], &home.join("bare-postgres.log"))
    }

    fn beside(binaries: &Binaries, ours: Demo, no_wait: Option<Demo>, database: &[&str], log: &Path) -> Result<Self> {
        let get_targets = ours.get_targets()?;
        let hidden = ours.hidden(get_targets.first().context("the clinic has no invoices")?)?;
        let bare = BareServer::start(&binaries.bench, &ours, database, &hidden, log)?;
        let (fixed_targets, list_targets) = (vec![FIXED_PATH.to_owned()], vec![LIST.to_owned()]);
        let sides = Self { ours, no_wait, bare, fixed_targets, list_targets, get_targets };
        sides.check_same()?;
        Ok(sides)
    }

    /// Refuses to compare servers that do not write the same bytes.
    fn check_same(&self) -> Result<()> {
        let bare = client::get(self.bare.address, LIST, None)?;
        let data = bare.strip_suffix(b"]}").context("the bare list does not end as it should")?;
        for demo in std::iter::once(&self.ours).chain(&self.no_wait) {
            let list = demo.get(LIST)?;
            if !list.strip_prefix(data).is_some_and(|rest| rest.starts_with(b"],\"has_more\":true,")) {
                bail!("the list differs from the bare one:\n{}\n{}", show(&list), show(&bare));
            }
            for target in self.get_targets.iter().step_by(self.get_targets.len().div_ceil(20)) {
                let (one, bare) = (demo.get(target)?, client::get(self.bare.address, target, None)?);
                if one != bare {
                    bail!("{target} differs from the bare one:\n{}\n{}", show(&one), show(&bare));
                }
            }
        }
        Ok(())
    }

    /// The cells of the table for these numbers of connections.
    pub fn variants(&self, connections: &[usize]) -> Vec<Variant<'_>> {
        let mut variants = Vec::new();
        for connections in connections.iter().copied() {
            variants.push(self.bare_variant("fixed", connections, FIXED, &self.fixed_targets));
            for (call, targets) in [("list", &self.list_targets), ("get", &self.get_targets)] {
                variants.push(self.bare_variant(call, connections, QUERY, targets));
                variants.extend(self.no_wait.iter().map(|demo| variant(demo, call, connections, NO_WAIT, targets)));
                variants.push(variant(&self.ours, call, connections, OURS, targets));
            }
        }
        variants
    }

    fn bare_variant<'v>(
        &'v self,
        call: &'static str,
        connections: usize,
        side: &'static str,
        targets: &'v [String],
    ) -> Variant<'v> {
        let (server, address) = (&self.bare.server, self.bare.address);
        Variant { call, connections, side, server, address, key: None, targets }
    }

    /// What to ask for to get single invoices.
    pub fn get_targets(&self) -> &[String] {
        &self.get_targets
    }
}

/// A cell that a demo answers.
pub fn variant<'v>(
    demo: &'v Demo,
    call: &'static str,
    connections: usize,
    side: &'static str,
    targets: &'v [String],
) -> Variant<'v> {
    Variant { call, connections, side, server: &demo.server, address: demo.address, key: Some(&demo.key), targets }
}

fn show(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.get(..400).unwrap_or(bytes)).into_owned()
}
