//! Writes an outcome as the answer's bytes, through the one serializer.

use std::cmp::Ordering;

use bytes::Bytes;
use clinicos_contract::query::{LIMIT_DEFAULT, Operand, Query, encode};
use clinicos_contract::wire::Written;
use clinicos_contract::{Problem, Reply, Schema, Shape, Spec, View, Writer};
use clinicos_store::page::{After, PageOf};
use clinicos_store::{Conn, Row, StoreError};

use crate::admit::Ready;
use crate::consents::Sees;
use crate::cursor;
use crate::cx::OrProblem as _;
use crate::include::Mark;
use crate::operation::{AnyRecord, Feed, Lines, Listing, Outcome, Telling};
use crate::permit::Permit;
use crate::request::Next;
use crate::services::Services;

/// An answer's body, and the headers that come with it.
#[derive(Default)]
pub(crate) struct Body {
    pub(crate) status: u16,
    pub(crate) written: Written,
    pub(crate) etag: Option<String>,
    /// What of it each clinic's log is told, where it is about several.
    pub(crate) shares: Vec<Written>,
    /// Whether nothing changed that the caller follows.
    pub(crate) is_idle: bool,
    /// JSON, if nothing is said.
    pub(crate) content_type: Option<&'static str>,
    /// Where to go on, if changes were told as events.
    pub(crate) next: Option<Next>,
}

/// Room that some hundred lines take, give or take.
const LINES_BYTES: usize = 512 << 10;

/// Everything that writing out looks at.
pub(crate) struct WriteOut<'w> {
    pub(crate) services: &'w Services,
    pub(crate) permit: &'w Permit,
    pub(crate) spec: &'static Spec,
    pub(crate) ready: &'w Ready,
}

impl WriteOut<'_> {
    /// Writes the outcome. A listing is read from the store here, row by row to bytes.
    pub(crate) async fn write(&self, outcome: Outcome, conn: &mut dyn Conn) -> Result<Body, Problem> {
        let Some(view) = &self.ready.view else {
            let status = if matches!(self.spec.reply, Reply::Accepted) { 202 } else { 204 };
            return Ok(Body { status, ..Body::default() });
        };
        match outcome {
            Outcome::Nothing | Outcome::Lines(_) | Outcome::Filling(_) => Ok(Body { status: 204, ..Body::default() }),
            Outcome::One(record) => {
                let mut out = Writer::with_capacity(1024);
                record.write(&mut out, view);
                let etag = format!("\"{}-{:08x}\"", record.version(), self.fingerprint(view) ^ out.narrowing());
                if !self.ready.includes.is_empty() {
                    out = self.include_in_one(out, record.id().to_string(), view, conn).await.or_problem()?;
                }
                let status = match self.spec.reply {
                    Reply::One { status, .. } => status,
                    Reply::Empty | Reply::Accepted | Reply::Lines | Reply::List { .. } => 200,
                };
                Ok(Body { status, written: out.finish(), etag: Some(etag), ..Body::default() })
            }
            Outcome::List(_) | Outcome::Page(_) if !self.may_find() => Ok(self.finish_page(start_of_page(), None, false)),
            Outcome::List(listing) => self.listing(&listing, view, conn).await.or_problem(),
            Outcome::Page(page) => {
                let out = Self::records(page.records.iter().map(|record| &**record), view);
                Ok(self.finish_page(out, page.next.as_ref(), page.next.is_some()))
            }
            Outcome::Feed(feed) if self.ready.as_events => Ok(self.events(&feed, view)),
            Outcome::Feed(feed) => Ok(self.feed(&feed, view)),
        }
    }

    /// Writes changes as a page.
    fn feed(&self, feed: &Feed, view: &View) -> Body {
        let mut out = Writer::with_capacity(4096);
        let mut shares = self.shares();
        out.raw("{\"data\":[");
        for (index, told) in feed.changes.iter().enumerate() {
            if index > 0 {
                out.raw(",");
            }
            self.tell(told, view, &mut out, &mut shares);
        }
        out.keep_ids_once();
        let body = self.finish_page(out, Some(&feed.next), feed.more);
        Body { is_idle: feed.changes.is_empty() && !feed.more, shares: finished(shares), ..body }
    }

    /// A writer for each clinic that an answer is about, if it is about several.
    pub(crate) fn shares(&self) -> Vec<Writer> {
        let count = if self.permit.clinic().is_none() { self.ready.followed.len() } else { 0 };
        (0..count).map(|_| Writer::default()).collect()
    }

    /// Writes a change, and notes with its clinic what that discloses. What is about a clinic that is
    /// not followed, or about all, is noted with the first.
    pub(crate) fn tell(&self, told: &Telling, view: &View, out: &mut Writer, shares: &mut [Writer]) {
        let at = told.clinic.and_then(|clinic| self.ready.followed.iter().position(|one| one.id() == clinic)).unwrap_or(0);
        match shares.get_mut(at) {
            Some(share) => {
                let start = share.len();
                told.change.write(share, view);
                out.copy(share, start);
            }
            None => told.change.write(out, view),
        }
    }

    /// Writes lines as their direct read may show them.
    pub(crate) async fn lines(
        &self,
        lines: &dyn Lines,
        sees: &Sees,
        files: &[Bytes],
        conn: &mut dyn Conn,
    ) -> Result<Body, StoreError> {
        let schema = lines.schema();
        let held: Vec<&str> = schema.fields.iter().map(|field| field.name).filter(|name| lines.holds(name)).collect();
        let view = sees.view(schema, Some(&held));
        let mut out = Writer::with_capacity(LINES_BYTES);
        lines.write(conn, &mut out, &view, files).await?;
        Ok(Body { status: 200, written: out.finish(), content_type: Some("application/x-ndjson"), ..Body::default() })
    }

    /// Whether those whose records the filters ask for let the caller know that they are theirs. If not,
    /// nothing is found, whatever there is.
    fn may_find(&self) -> bool {
        let Some(looking) = &self.permit.looking else { return true };
        self.ready.input.query.asked.iter().all(|(category, subject)| looking.may_name(*subject, *category))
    }

    /// Differs where answers show other fields or include other records.
    fn fingerprint(&self, view: &View) -> u32 {
        let includes = self.ready.includes.iter();
        includes.fold(view.fingerprint(), |mixed, include| mixed.rotate_left(5) ^ include.fingerprint())
    }

    fn records<'r>(records: impl Iterator<Item = &'r dyn AnyRecord>, view: &View) -> Writer {
        let mut out = start_of_page();
        for (index, record) in records.enumerate() {
            if index > 0 {
                out.raw(",");
            }
            record.write(&mut out, view);
        }
        out
    }

    async fn listing(&self, listing: &Listing, view: &View, conn: &mut dyn Conn) -> Result<Body, StoreError> {
        let query = &self.ready.input.query;
        let limit = usize::try_from(query.limit.unwrap_or(LIMIT_DEFAULT)).unwrap_or(1);
        let page = PageOf { list: listing.sql, scope: &listing.scope, query, after: self.ready.input.after.as_ref() };
        let statement = page.statement(limit as i64 + 1);
        let mut rows = PageRows::new(listing, view, limit, sort_shape(query, self.spec));
        // A statement that examines rows leaves their order to its inner query; see `PageOf`.
        rows.marks = (!self.ready.includes.is_empty()).then(Vec::new);
        rows.order = page.examines().then(|| query.sort.is_some_and(|sort| sort.descending));
        conn.query(&statement.sql, &statement.params, &mut |row| rows.take(row)).await?;
        let mut next = rows.more.then(|| rows.last.take()).flatten();
        if next.is_none() && page.examines() {
            let boundary = page.boundary();
            let shape = rows.sort_shape;
            next = conn.one(&boundary.sql, &boundary.params, |row| key_at(row, 0, shape)).await?;
        }
        let mut out = rows.out;
        if let Some(marks) = rows.marks {
            let (with_included, ended) = self.include_in_page(out, marks, conn).await?;
            out = with_included;
            next = ended.or(next);
        }
        Ok(self.finish_page(out, next.as_ref(), next.is_some()))
    }

    fn finish_page(&self, mut out: Writer, next: Option<&After>, more: bool) -> Body {
        match next {
            None => out.raw("],\"has_more\":false,\"next_cursor\":null,\"next_page_url\":null}"),
            Some(after) => {
                let cursor = cursor::seal(self.services, self.permit, self.spec, &self.ready.input.query, after);
                out.raw(if more { "],\"has_more\":true" } else { "],\"has_more\":false" });
                out.raw(",\"next_cursor\":\"");
                out.raw(&cursor);
                out.raw("\",\"next_page_url\":");
                out.string(&self.next_page_url(&cursor));
                out.raw("}");
            }
        }
        Body { status: 200, written: out.finish(), ..Body::default() }
    }

    /// The same request with another cursor.
    fn next_page_url(&self, cursor: &str) -> String {
        let query = &self.ready.input.query;
        let mut url = format!("{}{}?", self.services.base_url, self.spec.route.path);
        for (name, value) in &self.ready.input.path {
            url = url.replace(&format!("{{{name}}}"), value);
        }
        let mut add = |name: &str, value: &str| {
            // Names are declared ones, so their brackets can stay readable.
            url.push_str(name);
            url.push('=');
            encode(value, &mut url);
            url.push('&');
        };
        for (name, value) in query.given() {
            add(name, value);
        }
        add("cursor", cursor);
        url.pop();
        url
    }
}

fn start_of_page() -> Writer {
    let mut out = Writer::with_capacity(4096);
    out.raw("{\"data\":[");
    out
}

/// What each clinic's log is told, each record once.
pub(crate) fn finished(shares: Vec<Writer>) -> Vec<Written> {
    let once = |mut share: Writer| {
        share.keep_ids_once();
        share.finish()
    };
    shares.into_iter().map(once).collect()
}

fn sort_shape(query: &Query, spec: &Spec) -> Option<Shape> {
    let sort = query.sort?;
    let schema: &Schema = spec.reply_schema()?;
    schema.field(sort.field).map(|(_, field)| field.shape)
}

/// Takes the rows of a page, writes them, and remembers where it ended.
struct PageRows<'p> {
    listing: &'p Listing,
    view: &'p View,
    limit: usize,
    sort_shape: Option<Shape>,
    out: Writer,
    count: usize,
    last: Option<After>,
    more: bool,
    /// Set if something is to be put into the records: where each ends.
    marks: Option<Vec<Mark>>,
    /// Set if the order of rows is to be checked: whether it descends.
    order: Option<bool>,
    before: Option<After>,
}

impl<'p> PageRows<'p> {
    fn new(listing: &'p Listing, view: &'p View, limit: usize, sort_shape: Option<Shape>) -> Self {
        let mut out = Writer::with_capacity(256 + limit * 320);
        out.raw("{\"data\":[");
        Self { listing, view, limit, sort_shape, out, count: 0, last: None, more: false, marks: None, order: None, before: None }
    }

    fn take(&mut self, row: &dyn Row) -> Result<(), StoreError> {
        self.check_order(row)?;
        if self.count == self.limit {
            self.more = true;
            return Ok(());
        }
        if self.count > 0 {
            self.out.raw(",");
        }
        (self.listing.emit)(row, &mut self.out, self.view)?;
        self.count += 1;
        if let Some(marks) = &mut self.marks {
            let after = key_at(row, self.listing.sql.column_count, self.sort_shape)?;
            marks.push(Mark { end: self.out.len(), ids: self.out.ids_len(), after, looked: self.out.looked().clone() });
        }
        if self.count == self.limit {
            self.last = Some(key_at(row, self.listing.sql.column_count, self.sort_shape)?);
        }
        Ok(())
    }
}

impl PageRows<'_> {
    fn check_order(&mut self, row: &dyn Row) -> Result<(), StoreError> {
        let Some(descending) = self.order else { return Ok(()) };
        let column = self.listing.sql.column_count;
        let Some(before) = &mut self.before else {
            self.before = Some(key_at(row, column, self.sort_shape)?);
            return Ok(());
        };
        // Done for each row, so without a copy where none is needed.
        let by_sort = match &mut before.sort {
            None => Ordering::Equal,
            Some(Operand::Int(last)) => std::mem::replace(last, row.int(column + 1)?).cmp(last),
            Some(Operand::Text(last)) => replace(last, row.text(column + 1)?),
        };
        let ordering = by_sort.then(replace(&mut before.id, row.text(column)?));
        let advances = if descending { ordering.is_gt() } else { ordering.is_lt() };
        if advances { Ok(()) } else { Err(StoreError::Corrupt("the rows of a page came out of order".to_owned())) }
    }
}

/// Puts another text in a place; tells how the one before compares with it.
fn replace(place: &mut String, text: &str) -> Ordering {
    let ordering = place.as_str().cmp(text);
    place.clear();
    place.push_str(text);
    ordering
}

/// The id in `column` and the sort key in the one after it.
fn key_at(row: &dyn Row, column: usize, sort: Option<Shape>) -> Result<After, StoreError> {
    let sort = match sort {
        None => None,
        Some(Shape::Int | Shape::Money | Shape::Bool | Shape::Time) => Some(Operand::Int(row.int(column + 1)?)),
        Some(_) => Some(Operand::Text(row.text(column + 1)?.to_owned())),
    };
    Ok(After { sort, id: row.text(column)?.to_owned() })
}

#[cfg(test)]
mod tests {

    use clinicos_contract::schema::Schema;
    use clinicos_store::page::ListSql;

    use super::*;

    /// An id, and a sort key that is an integer or a text.
    struct Key(&'static str, i64, &'static str);

    impl Row for Key {
        fn opt_int(&self, _column: usize) -> Result<Option<i64>, StoreError> {
            Ok(Some(self.1))
        }
        fn opt_text(&self, column: usize) -> Result<Option<&str>, StoreError> {
            Ok(Some(if column == 0 { self.0 } else { self.2 }))
        }
        fn opt_bytes(&self, _column: usize) -> Result<Option<&[u8]>, StoreError> {
            Ok(None)
        }
    }

    static KEYS: ListSql = ListSql {
        columns: "",
        column_count: 0,
        table: "",
        alias: "",
        scope: "",
        id: "",
        expressions: &[],
        indexed: &[],
        worklist: None,
        through: &[],
    };
    static NOTHING: Schema = Schema { name: "nothing", doc: "", fields: &[] };

    fn is_taken(shape: Option<Shape>, descending: bool, rows: &[Key]) -> bool {
        let listing = Listing { sql: &KEYS, scope: Vec::new(), emit: |_, _, _| Ok(()) };
        let view = View::new(&NOTHING, clinicos_contract::CategorySet::ALL, None);
        let mut page = PageRows::new(&listing, &view, 100, shape);
        page.order = Some(descending);
        rows.iter().all(|row| page.take(row).is_ok())
    }

    #[test]
    fn rows_out_of_order_are_refused() {
        let (int, text) = (Some(Shape::Int), Some(Shape::Text));
        let keys = || [Key("b", -1, "m"), Key("a", 2, "n"), Key("b", 2, "n")];
        let mut backwards = keys();
        backwards.reverse();
        for shape in [int, text] {
            assert!(is_taken(shape, false, &keys()) && is_taken(shape, true, &backwards));
            assert!(!is_taken(shape, true, &keys()) && !is_taken(shape, false, &backwards));
            assert!(!is_taken(shape, false, &[Key("a", 1, "x"), Key("a", 1, "x")]), "a row that comes twice does not advance");
        }
        assert!(is_taken(None, false, &[Key("a", 9, "z"), Key("b", 1, "a")]), "no sort: ids alone");
        assert!(!is_taken(None, false, &keys()));
    }
}
