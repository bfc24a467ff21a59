//! What a careful hand would write without a door: axum, one statement, the rows as bytes.
//!
//! It stands beside the server as the measure of what the door costs. It runs the same
//! statements on the same kind of connection and writes the same bytes with the same code;
//! it has no keys, limits, permits, audit or transactions.

mod postgres;
mod sqlite;

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use clinicos_clinic::ids::InvoiceId;
use clinicos_clinic::invoices::model::Invoice;
use clinicos_clinic::invoices::rows;
use clinicos_contract::query::Query;
use clinicos_contract::time::{Date, parse_date};
use clinicos_contract::{Category, CategorySet, Record, View, Writer};
use clinicos_gate::ClinicId;
use clinicos_store::page::{PageOf, Statement};
use clinicos_store::{Row, StoreError};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::json;

/// The path of the fixed answer.
pub const FIXED_PATH: &str = "/fixed";
const FIXED: &[u8] = b"{\"data\":\"hello\"}\n";
/// Records on a page, and one more that tells whether there are more: as the gate asks.
const PAGE_RECORDS: usize = 50;

/// What the bare server is told.
#[derive(Debug, clap::Args)]
pub struct BareArgs {
    /// A database file that nobody writes.
    #[arg(long)]
    sqlite: Option<PathBuf>,
    /// A database's URL.
    #[arg(long)]
    postgres: Option<String>,
    /// The clinic whose invoices it shows.
    #[arg(long)]
    clinic: String,
    /// The clinic's day.
    #[arg(long)]
    today: String,
    /// Categories that it leaves out, as the key that it stands beside has to.
    #[arg(long, value_delimiter = ',')]
    hidden: Vec<String>,
}

/// What answers are made from.
struct Question {
    clinic: ClinicId,
    today: Date,
    view: View,
    list: Statement,
}

enum Source {
    Sqlite(PathBuf),
    Postgres(deadpool_postgres::Pool),
}

struct Bare {
    question: Question,
    source: Source,
}

/// Serves on a free port, and prints its address as one line of JSON.
pub fn serve(args: BareArgs) -> Result<()> {
    let question = question(&args)?;
    let source = match (args.sqlite, args.postgres) {
        (Some(file), None) => Source::Sqlite(file),
        (None, Some(url)) => Source::Postgres(postgres::pool(&url)?),
        _ => bail!("name one database, with `--sqlite` or with `--postgres`"),
    };
    let router = Router::new()
        .route(FIXED_PATH, get(|| async { json_answer(FIXED.to_vec()) }))
        .route("/v1/invoices", get(list))
        .route("/v1/invoices/{invoice_id}", get(one))
        .with_state(Arc::new(Bare { question, source }));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", json!({"address": listener.local_addr()?}));
        std::io::stdout().flush()?;
        let listener = axum::serve::ListenerExt::tap_io(listener, |stream| drop(stream.set_nodelay(true)));
        Ok(axum::serve(listener, router).await?)
    })
}

fn question(args: &BareArgs) -> Result<Question> {
    let clinic = ClinicId::parse(&args.clinic).context("`--clinic` is no clinic's id")?;
    let today = parse_date(&args.today).context("`--today` is no date")?;
    let shown = Category::ALL.iter().copied().filter(|category| !args.hidden.iter().any(|hidden| hidden == category.name()));
    let view = View::new(Invoice::SCHEMA, shown.collect::<CategorySet>(), None);
    let scope = [clinic.into(), today.into(), "live".into()];
    let page = PageOf { list: &rows::LIST, scope: &scope, query: &Query::default(), after: None };
    Ok(Question { clinic, today, view, list: page.statement(PAGE_RECORDS as i64 + 1) })
}

async fn list(State(bare): State<Arc<Bare>>) -> Response {
    let mut page = Page::new(&bare.question.view);
    let read = match &bare.source {
        Source::Sqlite(file) => sqlite::list(file, &bare.question.list, &mut page),
        Source::Postgres(pool) => postgres::list(pool, &bare.question.list, &mut page).await,
    };
    match read {
        Ok(()) => json_answer(page.finish()),
        Err(error) => failed(&error),
    }
}

async fn one(State(bare): State<Arc<Bare>>, Path(id): Path<String>) -> Response {
    let Some(id) = InvoiceId::parse(&id) else { return StatusCode::NOT_FOUND.into_response() };
    let (clinic, today) = (bare.question.clinic, bare.question.today);
    let found = match &bare.source {
        Source::Sqlite(file) => sqlite::one(file, clinic, today, id),
        Source::Postgres(pool) => postgres::one(pool, clinic, today, id).await,
    };
    match found {
        Ok(Some(invoice)) => {
            let mut out = Writer::with_capacity(1024);
            out.record(&invoice, &bare.question.view);
            json_answer(out.finish().bytes)
        }
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => failed(&error),
    }
}

fn json_answer(body: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}

fn failed(error: &StoreError) -> Response {
    eprintln!("error: {error}");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

/// Writes the rows of a page.
struct Page<'v> {
    view: &'v View,
    out: Writer,
    count: usize,
}

impl<'v> Page<'v> {
    fn new(view: &'v View) -> Self {
        let mut out = Writer::with_capacity(256 + PAGE_RECORDS * 320);
        out.raw("{\"data\":[");
        Self { view, out, count: 0 }
    }

    fn take(&mut self, row: &dyn Row) -> Result<(), StoreError> {
        self.count += 1;
        if self.count > PAGE_RECORDS {
            return Ok(());
        }
        if self.count > 1 {
            self.out.raw(",");
        }
        rows::emit(row, &mut self.out, self.view)
    }

    fn finish(mut self) -> Vec<u8> {
        self.out.raw("]}");
        self.out.finish().bytes
    }
}
