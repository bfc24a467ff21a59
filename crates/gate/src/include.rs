//! `include=`: records that the records of an answer lead to, one level.
//!
//! What is included is decided as if its caller had asked for it by the operation that reads it
//! directly: the scope, the opt-in, what an admin excluded, and what a view may show are those of
//! that operation. It is read with one statement for each link and page, written by the same
//! serializer, and its ids are in the audit entry like all others.

use std::collections::HashMap;
use std::ops::Range;

use clinicos_contract::wire::{Branch, Looked, Writer};
use clinicos_contract::{Link, Problem, View};
use clinicos_store::page::{After, LinkSql, LinkedTo};
use clinicos_store::{Conn, Row, StoreError};

use crate::call::{Ask, Found, Inner};
use crate::consents::{Holds, Sees};
use crate::facts::Snapshot;
use crate::operation::EmitRow;
use crate::trail::Trail;
use crate::write_out::WriteOut;

/// Most records that one link adds to an answer. A page that leads to more ends earlier.
pub const INCLUDED_MAX: usize = 5_000;

/// A link, and how what it leads to is read.
#[derive(Debug)]
pub struct Linked {
    /// The link.
    pub link: Link,
    /// The parts of the statement.
    pub sql: &'static LinkSql,
    /// Writes one row as a record.
    pub emit: EmitRow,
}

/// A link that this caller may follow.
#[derive(Debug, Clone)]
pub(crate) struct Include {
    linked: &'static Linked,
    sees: Sees,
    view: View,
}

/// Where a record of a page ends.
#[derive(Debug)]
pub(crate) struct Mark {
    /// In bytes.
    pub(crate) end: usize,
    /// In ids.
    pub(crate) ids: usize,
    /// The record.
    pub(crate) after: After,
    /// Whose data it is and what they hide of it, where clients have a say.
    pub(crate) looked: Looked,
}

impl Inner {
    /// Decides each link that was asked for as the direct read that it stands for.
    pub(crate) fn includes(
        &self,
        snapshot: &Snapshot,
        ask: &Ask,
        found: &Found,
        links: &[&'static Link],
        trail: &mut Trail,
    ) -> Result<Vec<Include>, Problem> {
        links.iter().map(|link| self.include(snapshot, ask, found, link, trail)).collect()
    }

    fn include(
        &self,
        snapshot: &Snapshot,
        ask: &Ask,
        found: &Found,
        link: &'static Link,
        trail: &mut Trail,
    ) -> Result<Include, Problem> {
        let (linked, direct) = self
            .catalogue
            .linked(link)
            .ok_or_else(|| Problem::unavailable(format!("nothing says how `{}` is read", link.name)))?;
        // The entry keeps the reasons of the call itself, unless it is this that refuses.
        let reasons = std::mem::take(&mut trail.reasons);
        let permit = self.decide(snapshot, &Ask { spec: direct, ..ask.clone() }, found, trail).map_err(|mut problem| {
            problem.detail = format!("to include `{}`: {}", link.name, problem.detail);
            problem
        })?;
        trail.reasons = reasons;
        Ok(Include { linked, sees: permit.sees(), view: permit.view(link.schema, None) })
    }

    /// Whether what was included may still be shown, by what is known now.
    pub(crate) fn includes_hold(&self, ask: &Ask, includes: &[Include], trail: &mut Trail) -> Result<Holds, Problem> {
        let snapshot = self.facts.current().clone();
        let found = self.authenticate(&snapshot, ask.who, ask.clinic_id.as_deref(), trail)?;
        includes.iter().try_fold(Holds::Yes, |holds, include| {
            let again = self.include(&snapshot, ask, &found, &include.linked.link, trail)?;
            Ok(holds.max(include.sees.holds(&again.sees)))
        })
    }
}

impl Include {
    /// Tells answers with it from answers without, for the ETag.
    pub(crate) fn fingerprint(&self) -> u32 {
        self.view.fingerprint() ^ crc32fast::hash(self.linked.link.name.as_bytes())
    }

    /// Whether the records hold it already, as a field of their own.
    fn is_shown_by(&self, view: &View) -> bool {
        view.shows_field(self.linked.link.name)
    }
}

/// What one link leads to, from the records of one answer.
struct Children {
    branch: Branch,
    count: usize,
}

impl WriteOut<'_> {
    /// Adds to the records of a page what they lead to. If that is too much for one answer, the
    /// page ends earlier: then, the record that is its last one now is returned.
    pub(crate) async fn include_in_page(
        &self,
        mut out: Writer,
        mut marks: Vec<Mark>,
        conn: &mut dyn Conn,
    ) -> Result<(Writer, Option<After>), StoreError> {
        let read = marks.len();
        let branches = loop {
            if let Some(branches) = self.branches(&marks, conn).await? {
                break branches;
            }
            if marks.len() == 1 {
                return Err(StoreError::Unavailable(format!("one record leads to more than {INCLUDED_MAX} others")));
            }
            marks.truncate(marks.len() / 2);
        };
        let mut ended = None;
        if marks.len() < read
            && let Some(last) = marks.last()
        {
            out.cut(last.end, last.ids);
            ended = Some(last.after.clone());
        }
        let ends: Vec<usize> = marks.iter().map(|mark| mark.end).collect();
        Ok((out.join(&ends, branches), ended))
    }

    /// Adds to one record what it leads to.
    pub(crate) async fn include_in_one(
        &self,
        out: Writer,
        id: String,
        view: &View,
        conn: &mut dyn Conn,
    ) -> Result<Writer, StoreError> {
        let (end, looked) = (out.len(), out.looked().clone());
        let marks = [Mark { end, ids: out.ids_len(), after: After { sort: None, id }, looked }];
        let mut branches = Vec::with_capacity(self.ready.includes.len());
        for include in self.ready.includes.iter().filter(|include| !include.is_shown_by(view)) {
            branches.push(self.children(include, &marks, conn).await?.branch);
        }
        Ok(out.join(&[end], branches))
    }

    /// What the records of a page lead to; `None` if it is too much for one answer.
    async fn branches(&self, marks: &[Mark], conn: &mut dyn Conn) -> Result<Option<Vec<Branch>>, StoreError> {
        let mut branches = Vec::with_capacity(self.ready.includes.len());
        for include in &self.ready.includes {
            let children = self.children(include, marks, conn).await?;
            if children.count > INCLUDED_MAX {
                return Ok(None);
            }
            branches.push(children.branch);
        }
        Ok(Some(branches))
    }

    /// Whether a link of a record may be followed: not where a client hides the field that leads there, and
    /// never from a record that hides anything to whose data it is.
    fn may_lead(&self, looked: &Looked, include: &Include) -> bool {
        if !looked.is_narrowed() {
            return true;
        }
        let link = &include.linked.link;
        let leads_to_subject = matches!(link.schema.field("id"), Some((_, field)) if field.shape.is_subject());
        let own_field = self.spec.reply_schema().and_then(|schema| schema.field(&format!("{}_id", link.name)));
        !leads_to_subject && !own_field.is_some_and(|(index, _)| looked.hides(index))
    }

    async fn children(&self, include: &Include, marks: &[Mark], conn: &mut dyn Conn) -> Result<Children, StoreError> {
        let link = &include.linked.link;
        let mut places: Vec<Vec<Range<usize>>> = vec![Vec::new(); marks.len()];
        let mut writer = Writer::default();
        let mut count = 0;
        let Some(clinic) = self.permit.clinic() else {
            return Err(StoreError::Unavailable("a link was followed without a clinic".to_owned()));
        };
        let leading: Vec<&Mark> = marks.iter().filter(|mark| self.may_lead(&mark.looked, include)).collect();
        if !leading.is_empty() {
            let places_of: HashMap<&str, usize> =
                marks.iter().enumerate().map(|(at, mark)| (mark.after.id.as_str(), at)).collect();
            let today = self.services.clock.business_now().day_in(&clinic.zone);
            let from = LinkedTo {
                link: include.linked.sql,
                clinic: clinic.id.into(),
                today: today.into(),
                records: leading.iter().map(|mark| mark.after.id.as_str()).collect(),
            };
            let statement = from.statement(INCLUDED_MAX as i64 + 1);
            let parent = include.linked.sql.column_count;
            conn.query(&statement.sql, &statement.params, &mut |row: &dyn Row| {
                count += 1;
                let start = writer.len();
                let at = places_of.get(row.text(parent)?).copied();
                let (at, mark) = at
                    .and_then(|at| Some((places.get_mut(at)?, marks.get(at)?)))
                    .ok_or_else(|| StoreError::Corrupt("a linked record came for no record of the page".to_owned()))?;
                writer.stand_within(&mark.looked.subjects);
                (include.linked.emit)(row, &mut writer, &include.view)?;
                at.push(start..writer.len());
                Ok(())
            })
            .await?;
        }
        Ok(Children { branch: Branch { name: link.name, many: link.many, writer, places }, count })
    }
}
