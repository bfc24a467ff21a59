//! Records of the clinic: which kinds there are, those of a kind, and one.

use askama::Template;

use crate::frame::Frame;
use crate::pages::activity::Line;
use crate::pages::log::RecordChoice;
use crate::pages::sharing::Sharing;
use crate::words::{Choice, When};

/// `/console/records`. The form asks with `find`.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "records.html")]
pub struct Records {
    /// What surrounds the page.
    pub frame: Frame,
    /// The kinds that this person may read.
    pub kinds: Vec<KindLine>,
    /// What was looked for.
    pub find: String,
    /// Records that may be meant.
    pub choices: Vec<RecordChoice>,
    /// What the choices are not all of, and what could not be searched, a sentence each.
    pub gaps: Vec<String>,
}

/// A kind of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindLine {
    /// `Appointments`.
    pub title: String,
    /// What one of them is, in a sentence.
    pub what: String,
    /// Where they are.
    pub href: String,
}

/// `/console/records/{resource}`.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "record_list.html")]
pub struct RecordList {
    /// What surrounds the page.
    pub frame: Frame,
    /// `Appointments`.
    pub title: String,
    /// The same within a sentence.
    pub many: String,
    /// What one of them is, in a sentence.
    pub what: String,
    /// How they are sorted, in a sentence.
    pub order: String,
    /// Where all of them are.
    pub href: String,
    /// What they can be filtered by.
    pub filters: Vec<Filter>,
    /// A record that all of these belong to, and what it is to them.
    pub of: Vec<Of>,
    /// Whether deleted ones are shown, too, if there can be any.
    pub deleted: Option<bool>,
    /// Whether something was filtered by.
    pub is_filtered: bool,
    /// What is wrong with the filters, a sentence each.
    pub problems: Vec<String>,
    /// The names of the columns.
    pub heads: Vec<Head>,
    /// The records.
    pub rows: Vec<Row>,
    /// The address of the first page, if this is another one.
    pub first: Option<String>,
    /// The address of the next page.
    pub next: Option<String>,
}

/// What a list can be filtered by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// What the form sends.
    pub name: String,
    /// What people read.
    pub label: String,
    /// How it is asked for.
    pub input: Input,
}

/// How a filter is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// One of these words.
    Words(Vec<Choice>),
    /// A text.
    Text(String),
    /// A day.
    Day(String),
}

/// A record that all records of a list belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Of {
    /// The filter.
    pub name: String,
    /// Its value.
    pub id: String,
    /// `Client`.
    pub label: String,
    /// The name of the record, with the way to it.
    pub cell: Cell,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its name.
    pub name: String,
    /// Whether it holds amounts.
    pub right: bool,
}

/// A row: the record, and what stands in each column but the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub href: String,
    /// Whether it was deleted.
    pub deleted: bool,
    /// The other columns, each with its name and whether it holds amounts.
    pub cells: Vec<(Head, Vec<Cell>)>,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// What it is, if several stand together.
    pub label: String,
    /// The value in words.
    pub text: String,
    /// Where it leads.
    pub href: Option<String>,
    /// If it is a moment, the same for machines.
    pub exact: Option<String>,
    /// What it means.
    pub note: String,
}

/// A field with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// `Preferred channel`.
    pub label: String,
    /// Its values.
    pub cells: Vec<Cell>,
}

/// Fields that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// For the section's id.
    pub name: &'static str,
    /// `What it belongs to`.
    pub title: &'static str,
    /// They.
    pub entries: Vec<Entry>,
}

/// Parts of a record, such as the lines of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts {
    /// For the section's id.
    pub name: String,
    /// `Lines`.
    pub title: String,
    /// The names of the columns.
    pub heads: Vec<Head>,
    /// The parts.
    pub rows: Vec<Vec<(Head, Vec<Cell>)>>,
}

/// A way to other records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// `Invoices`.
    pub words: String,
    /// Where they are.
    pub href: String,
}

/// What a field means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// The field.
    pub label: String,
    /// A sentence.
    pub doc: String,
}

/// `/console/records/{resource}/{id}`.
#[derive(Debug, Clone, Template)]
#[template(path = "record.html")]
pub struct RecordPage {
    /// What surrounds the page.
    pub frame: Frame,
    /// The kind: `Appointments`.
    pub kind: String,
    /// Where those of the kind are.
    pub kind_href: String,
    /// One of the kind, in a sentence: `appointment`.
    pub one: String,
    /// What the record is called.
    pub name: String,
    /// Its identifier.
    pub id: String,
    /// Where it stands, in words.
    pub states: Vec<String>,
    /// When it was deleted.
    pub deleted: Option<When>,
    /// The record that it was merged into, if it was a duplicate.
    pub merged: Option<Cell>,
    /// Its fields.
    pub groups: Vec<Group>,
    /// What is not filled in.
    pub empty: Vec<String>,
    /// Its parts.
    pub parts: Vec<Parts>,
    /// Records that belong to it.
    pub ways: Vec<Way>,
    /// What every record has.
    pub system: Vec<Entry>,
    /// What its fields mean.
    pub meanings: Vec<Meaning>,
    /// What a client allowed or refused, and what that means; of clients alone.
    pub sharing: Option<Sharing>,
    /// What was done to it, newest first.
    pub history: Vec<Line>,
    /// Who saw it, newest first.
    pub seen: Vec<Line>,
    /// The whole log of it.
    pub log: String,
}
