//! Records of the clinic, for people who do not read JSON. Everything is asked of the operations that a
//! key would call, as the person who is signed in; what there is follows from the catalogue.

mod cells;
mod columns;
mod filters;
mod history;
mod kinds;
mod left;
mod list;
mod names;
mod one;
mod sees;
mod sharing;
mod words;

use clinicos_contract::Problem;
use clinicos_gate::people::Role;

pub use self::kinds::{Kind, kinds, of_id};
pub use self::left::show as left;
pub use self::list::show as list;
pub use self::one::show as one;
pub use self::sees::show as sees;
use super::Web;
use super::ask::{Person, text};
use super::find_record::{Meant, meant};
use super::respond::{Page, Refused, redirect, render};
use super::visit::Visit;
use crate::frame::Section;
use crate::pages::log::RecordChoice;
use crate::pages::records::{KindLine, Records};
use crate::words::quoted;

/// Those that the person may read.
pub fn readable(web: &Web, person: &Person) -> Vec<Kind> {
    kinds(web.door.catalogue(), Role::parse(&text(&person.user, "role")))
}

/// The kind that an address names.
fn asked(kinds: &[Kind], visit: &Visit) -> Result<Kind, Box<Refused>> {
    let name = visit.part("resource");
    let found = kinds.iter().find(|kind| kind.name == name).copied();
    found.ok_or_else(|| Refused::by(visit.origin.clone(), Problem::not_found()))
}

/// What one record of a kind is, in a sentence.
fn what(kind: &Kind) -> String {
    quoted(kind.schema.doc.trim())
}

/// `GET /console/records`
pub async fn show(web: Web, visit: Visit) -> Page {
    let person = web.person(&visit).await?;
    let kinds = readable(&web, &person);
    let find = visit.asked("find");
    let (mut choices, mut gaps) = (Vec::new(), Vec::new());
    match meant(&web, &visit, &find).await? {
        Meant::Id(id) if id.is_empty() => {}
        Meant::Id(id) => match of_id(&kinds, &id) {
            Some(kind) => return Ok(redirect(&kind.href_of(&id))),
            None => gaps.push("That id is of no record that can be read here.".to_owned()),
        },
        Meant::Choices(found) => {
            let at = |choice: RecordChoice| {
                let href = of_id(&kinds, &choice.id).map(|kind| kind.href_of(&choice.id));
                href.map(|href| RecordChoice { href, ..choice })
            };
            choices = found.choices.into_iter().filter_map(at).collect();
            gaps = found.gaps.into_iter().chain(found.none).collect();
        }
    }
    let line = |kind: &Kind| KindLine { title: kind.title(), what: what(kind), href: kind.href() };
    let page = Records {
        frame: web.frame(&visit, &person, Section::Records),
        kinds: kinds.iter().map(line).collect(),
        find,
        choices,
        gaps,
    };
    Ok(render(&web, &visit, 200, &page))
}
