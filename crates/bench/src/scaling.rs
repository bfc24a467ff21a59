//! What a list costs where a clinic has a million invoices, against ten thousand.

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::binaries::Binaries;
use crate::demo::{Demo, LIST, Sizes, Start, next_target};
use crate::report::{Memory, OURS, ScalingRow};
use crate::rounds::{self, Plan};
use crate::sides::variant;

const FEW: Sizes = Sizes { invoices: 10_000, clients: 2_000 };
const MANY: Sizes = Sizes { invoices: 1_000_000, clients: 100_000 };
const CONNECTIONS: usize = 64;
/// The page that is far from the start.
const FAR_PAGE: usize = 1_000;
const PAGE_RECORDS: usize = 50;
/// Records of the pages that lead there.
const STRIDE: usize = 200;

/// Figures, and the memory of the server that had the million.
pub struct Scaling {
    /// The first is the one that the others are compared with.
    pub rows: Vec<ScalingRow>,
    /// After all lists.
    pub memory: Memory,
}

/// Measures.
pub fn measure(binaries: &Binaries, home: &Path, plan: &Plan, most_mib: f64) -> Result<Scaling> {
    let start = |name: &str, sizes: Sizes| {
        eprintln!("making a clinic with {} invoices", sizes.invoices);
        let directory = home.join(name);
        let start = Start { binary: &binaries.server, directory: &directory, sizes, postgres: None };
        // The second start is the one that counts: nothing of the making is in its memory.
        Demo::start(start)?.server.stop()?;
        Demo::start(start)
    };
    let (few, many) = (start("ten-thousand", FEW)?, start("million", MANY)?);
    let far = [far_target(&many)?];
    let first = [LIST.to_owned()];
    let filtered = [format!("{LIST}&status=paid")];
    let variants = [
        variant(&few, "10,000 invoices, page 1", CONNECTIONS, OURS, &first),
        variant(&many, "1,000,000 invoices, page 1", CONNECTIONS, OURS, &first),
        variant(&many, "1,000,000 invoices, page 1,000", CONNECTIONS, OURS, &far),
        variant(&many, "1,000,000 invoices, `status=paid`", CONNECTIONS, OURS, &filtered),
    ];
    let samples = rounds::run(&binaries.bench, plan, &variants)?;
    let base = samples.first().context("nothing was measured")?.cpu_us;
    let row = |list, cpu_us: f64| ScalingRow { list, cpu_us, of_first: cpu_us / base };
    let rows = variants.iter().zip(&samples).map(|(variant, sample)| row(variant.call, sample.cpu_us)).collect();
    let memory = Memory { when: "after lists over 1,000,000 invoices", anonymous_mib: many.server.anonymous_mib()?, most_mib };
    few.server.stop()?;
    many.server.stop()?;
    Ok(Scaling { rows, memory })
}

/// The page that is far from the start. A cursor is bound to filters and sort and not to the
/// limit, so that longer pages lead there sooner.
fn far_target(demo: &Demo) -> Result<String> {
    let before = (FAR_PAGE - 1) * PAGE_RECORDS;
    let (long, short) = (before / STRIDE, before % STRIDE / PAGE_RECORDS);
    let mut target = format!("/v1/invoices?limit={STRIDE}");
    for page in 0..long + short {
        if page == long {
            target = with_limit(&target, PAGE_RECORDS);
        }
        let answer = demo.get_json(&target)?;
        target = next_target(&answer)?.context("the list ended before its thousandth page")?;
    }
    Ok(with_limit(&target, PAGE_RECORDS))
}

fn with_limit(target: &str, limit: usize) -> String {
    target.replace(&format!("limit={STRIDE}"), &format!("limit={limit}"))
}
