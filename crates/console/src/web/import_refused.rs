//! What was not imported, as the page of an import shows it: file by file, in the order of the lines, and what only
//! waits by itself.

use super::Web;
use super::ask::{Ask, count, is, list, text};
use super::imports::reject;
use super::respond::Refused;
use super::visit::Visit;
use crate::pages::imports::{FileLine, RejectLine};
use crate::words::{in_path, quoted};

/// Records on a page that were rejected, and as many that were held back.
pub const SHOWN_MAX: usize = 100;
/// Files that are asked for one by one.
const FILES_MAX: usize = 20;

/// Records that were not imported.
#[derive(Debug, Default)]
pub struct NotImported {
    /// What is wrong.
    pub rejected: Vec<RejectLine>,
    /// What waits for that.
    pub held_back: Vec<RejectLine>,
    /// Whether there are more than are here.
    pub more: bool,
}

/// The first ones of an import whose files came to this.
pub async fn of(web: &Web, visit: &Visit, files: &[FileLine]) -> Result<NotImported, Box<Refused>> {
    let mut all = NotImported::default();
    let (rejected, more) = some(web, visit, files, false).await?;
    let (held_back, more_held) = some(web, visit, files, true).await?;
    (all.rejected, all.held_back, all.more) = (rejected, held_back, more || more_held);
    Ok(all)
}

async fn some(web: &Web, visit: &Visit, files: &[FileLine], is_held: bool) -> Result<(Vec<RejectLine>, bool), Box<Refused>> {
    let counted = |file: &FileLine| file.counts.get(if is_held { 5 } else { 4 }).copied().unwrap_or_default();
    let all: u64 = files.iter().map(counted).sum();
    let mut names: Vec<Option<&str>> =
        files.iter().filter(|file| counted(file) > 0).map(|file| Some(file.name.as_str())).collect();
    names.truncate(FILES_MAX);
    if files.is_empty() {
        // It could not be told what became of the files, and what was refused before that is there.
        names.push(None);
    }
    let (mut found, mut more): (Vec<RejectLine>, bool) = (Vec::new(), false);
    for name in names {
        let room = SHOWN_MAX.saturating_sub(found.len());
        if room == 0 {
            break;
        }
        let file = name.map(|name| format!("&file={}", in_path(name))).unwrap_or_default();
        let query = format!("limit={room}&sort=line&held_back={is_held}{file}");
        let path = vec![("import_id", visit.part("id"))];
        let page = web.ask(visit, Ask { operation: "import_rejects.list", path, query, ..Ask::default() }).await?;
        found.extend(list(&page, "data").iter().map(reject).map(|one| RejectLine { reason: quoted(&one.reason), ..one }));
        more |= !text(&page, "next_cursor").is_empty();
    }
    more |= all > found.len() as u64 && found.len() >= SHOWN_MAX;
    Ok((found, more))
}

/// The files of which something was not imported, in their order.
pub fn files_of(import: &serde_json::Value) -> Vec<String> {
    let files = list(import, "files").iter();
    files.filter(|file| count(file, "rejected") + count(file, "held_back") > 0).map(|file| text(file, "name")).collect()
}

/// What became of a record, as files say it.
pub fn outcome(one: &serde_json::Value) -> &'static str {
    if is(one, "held_back") { "held_back" } else { "rejected" }
}
