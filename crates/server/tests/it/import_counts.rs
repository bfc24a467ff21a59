//! What an import counts and tells: a dry run as the run itself, and each record by its own kind.

use std::fmt::Write as _;
use std::path::Path;

use clinicos_intake::Refused;
use clinicos_server::compose;
use clinicos_server::import::rejects::Rejects;
use clinicos_server::import::way::{Answer, Batch, Way};
use clinicos_server::import::{FileCount, Progress, Run, mappings};
use clinicos_testkit::on_both_engines;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::json;

use crate::faults;
use crate::imports::{Ran, fixtures, run};

/// Files whose keys are the same numbers, with whatever one row can do to another.
const MAPPING: &str = r#"
system = "old"

[[file]]
name = "clients.csv"
resource = "clients"
key = "id"
[file.fields]
family_name = "name"

[[file]]
name = "patients.csv"
resource = "patients"
key = "id"
[file.fields]
name = "name"
species = { value = "canine" }
ownerships = [
  { client_external_id = "client", role = { value = "primary" } },
  { client_external_id = "second", role = { value = "co_owner" } },
]

[[file]]
name = "products.csv"
resource = "products"
key = "id"
[file.fields]
name = "name"
kind = { value = "retail" }
revenue_category = { value = "retail" }
price = { value = "5.00" }
sku = "sku"

[[file]]
name = "invoices.csv"
resource = "invoices"
key = "id"
[file.fields]
client_external_id = "client"
number = "number"
stage = { value = "open" }
issued_on = "day"
due_on = { column = "due", optional = true }
[file.fields.lines]
file = "lines.csv"
parent = "invoice"
[file.fields.lines.fields]
description = "what"
product_external_id = "product"
quantity = { value = 1 }
unit_price = { value = "10.00" }

[[file]]
name = "payments.csv"
resource = "payments"
key = "id"
[file.fields]
client_external_id = "client"
amount = { value = "10.00" }
method = { value = "cash" }
tendered_at = { value = "2025-02-01" }
allocations = [
  { invoice_external_id = "first", amount = { value = "4.00" } },
  { invoice_external_id = "second", amount = { value = "4.00" } },
]
"#;

const ROWS: usize = 700;

fn write(dir: &Path) {
    let table = |name: &str, head: &str, row: &dyn Fn(usize) -> String| {
        let rows: String = (0..ROWS).fold(String::new(), |mut text, number| {
            let _ = writeln!(text, "{}", row(number));
            text
        });
        std::fs::write(dir.join(name), format!("{head}\n{rows}")).unwrap();
    };
    // Of each file, number 5 is wrong.
    table("clients.csv", "id,name", &|id| format!("{id},{}", if id == 5 { String::new() } else { format!("Owner {id}") }));
    // Two owners who are both about to be made; one pet of a client who is rejected, one of nobody.
    table("patients.csv", "id,name,client,second", &|id| {
        let (name, client) =
            (if id == 5 { "" } else { "Leo" }, if id == 7 { "nobody".to_owned() } else { (id % ROWS).to_string() });
        format!("{id},{name},{},{}", if id == 8 { "5" } else { &client }, (id + 1) % ROWS)
    });
    // A SKU that a product has which is many batches before it, and one that its neighbor has.
    table("products.csv", "id,name,sku", &|id| {
        let sku = match id {
            650 => 3,
            11 => 10,
            id => id,
        };
        format!("{id},{},S-{sku}", if id == 5 { "" } else { "Chew" })
    });
    // Of a rejected client; of none; wrong itself as well; with a number that another one has.
    table("invoices.csv", "id,client,number,day,due", &|id| {
        let client = match id {
            20 | 22 => "5".to_owned(),
            21 => "none".to_owned(),
            id => (id / 2).to_string(),
        };
        let number = if id == 690 { 4 } else { id };
        format!(
            "{id},{client},N-{number},{},{}",
            if id == 5 { "soon" } else { "2025-01-02" },
            if id == 22 { "1990-01-01" } else { "" }
        )
    });
    table("lines.csv", "invoice,what,product", &|id| {
        let product = match id {
            30 => 5,
            31 => 9_999,
            id => id,
        };
        format!("{id},Exam,{product}")
    });
    // Towards two invoices of their client, one of which may be rejected.
    table("payments.csv", "id,client,first,second", &|id| {
        let first = id - id % 2;
        format!("{id},{},{},{}", first / 2, first, first + 1)
    });
}

/// Of each file, all counts.
fn counts(ran: &Ran) -> Vec<(String, [u64; 6])> {
    ran.files.iter().map(|file| (file.name.clone(), ran.file(&file.name))).collect()
}

/// Of each record that was refused: its place, whether it is held back, and why.
fn told(ran: &Ran) -> Vec<String> {
    let one = |((file, line), refused): (&(String, u64), &Refused)| {
        let faults: Vec<String> =
            refused.faults.iter().map(|fault| format!("{}:{} {}", fault.column, fault.code, fault.detail)).collect();
        format!("{file}:{line} {} {}", refused.held, faults.join("; "))
    };
    ran.kept.iter().map(one).collect()
}

on_both_engines! {
    /// In an unchanged clinic a dry run counts what the run counts, and names the same reasons.
    async fn a_dry_run_counts_as_the_run_does(world: World) {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path());
        let dry = run(&world, MAPPING, dir.path(), ("imp-dry", true), usize::MAX).await;
        let real = run(&world, MAPPING, dir.path(), ("imp-real", false), usize::MAX).await;
        assert!(dry.error.is_none() && real.error.is_none(), "{:?} {:?}", dry.error, real.error);
        assert_eq!(told(&dry), told(&real));
        assert_eq!(counts(&dry), counts(&real));
        assert!(real.files.iter().all(|file| file.read == file.of && file.rejected > 0 || file.name.starts_with("payments")));
        let planted = tempfile::tempdir().unwrap();
        faults::plant(&fixtures("northwind"), planted.path());
        let dry = run(&world, "northwind", planted.path(), ("imp-dry-2", true), usize::MAX).await;
        let real = run(&world, "northwind", planted.path(), ("imp-real-2", false), usize::MAX).await;
        assert_eq!(counts(&dry), counts(&real));
        assert_eq!(told(&dry), told(&real));
    }

    /// Files may number their records alike: whoever waits is told what for, in the file where it stands.
    async fn a_record_waits_for_one_of_the_kind_that_it_names(world: World) {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path());
        let ran = run(&world, MAPPING, dir.path(), ("imp-1", false), usize::MAX).await;
        let why = |file: &str, line: u64| {
            let refused = &ran.kept[&(file.to_owned(), line)];
            (refused.held, refused.faults[0].detail.as_str())
        };
        assert_eq!(why("patients.csv", 10), (true, "line 7 of `clients.csv` was rejected"));
        assert_eq!(why("invoices.csv", 22), (true, "line 7 of `clients.csv` was rejected"));
        assert_eq!(why("lines.csv", 32), (true, "line 7 of `products.csv` was rejected"));
        assert_eq!(why("payments.csv", 6), (true, "line 7 of `invoices.csv` was rejected"));
    }

    /// Records that a quote took in are rejected with it: what names one of them waits, also if nobody can read which they are.
    async fn what_names_a_record_behind_a_quote_waits(world: World) {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        put("clients.csv", "id,name\n1,Ann\n2,\"Bea\n3,Carl\n4,\"Zoe\"\n5,Eve\n");
        put("patients.csv", "id,name,client,second\n1,Leo,2,\n2,Max,3,\n3,Tom,4,\n4,Sam,5,\n5,Kit,77,\n");
        put("products.csv", "id,name,sku\n1,\"Chew,S\n2\n3,\"Ball\",U\n");
        put("invoices.csv", "id,client,number,day,due\n1,1,N-1,2025-01-02,\n");
        put("lines.csv", "invoice,what,product\n1,Exam,77\n");
        put("payments.csv", "id,client,first,second\n");
        let dry = run(&world, MAPPING, dir.path(), ("imp-dry", true), usize::MAX).await;
        let ran = run(&world, MAPPING, dir.path(), ("imp-1", false), usize::MAX).await;
        assert!(ran.error.is_none(), "{:?}", ran.error);
        assert_eq!((told(&dry), counts(&dry)), (told(&ran), counts(&ran)));
        let why = |file: &str, line: u64| {
            let refused = &ran.kept[&(file.to_owned(), line)];
            (refused.held, refused.faults[0].detail.as_str())
        };
        assert_eq!(why("patients.csv", 2), (true, "line 3 of `clients.csv` was rejected"));
        assert_eq!(why("patients.csv", 3), (true, "line 4 of `clients.csv` was rejected"));
        assert_eq!(why("patients.csv", 4), (true, "line 5 of `clients.csv` was rejected"));
        assert_eq!(why("patients.csv", 6), (false, "“77” is neither a record of `clients.csv` nor one of the clinic"));
        assert_eq!(ran.file("patients.csv"), [5, 1, 0, 0, 1, 3]);
        let may = "lines 2 to 4 of `products.csv` cannot be read because of a quote that is not closed, and what this names may stand there";
        assert_eq!(why("lines.csv", 2), (true, may));
    }

    /// What is wrong with one record of a row takes none of the others with it: those wait, and are told for what.
    async fn good_records_beside_a_wrong_one_wait(world: World) {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        put("clients.csv", "id,name\n1,Ann\n2,\n");
        put("patients.csv", "id,name,client,second\n");
        put("products.csv", "id,name,sku\n1,Chew,S\n2,,T\n");
        put("invoices.csv", "id,client,number,day,due\n1,nobody,N-1,2025-01-02,\n2,2,N-2,2025-01-02,\n3,1,N-3,2025-01-02,\n");
        put("lines.csv", "invoice,what,product\n1,Exam,2\n1,Exam,1\n2,Exam,9\n3,Exam,1\n");
        put("payments.csv", "id,client,first,second\n1,1,2,2\n");
        let dry = run(&world, MAPPING, dir.path(), ("imp-dry", true), usize::MAX).await;
        let ran = run(&world, MAPPING, dir.path(), ("imp-1", false), usize::MAX).await;
        assert!(ran.error.is_none(), "{:?}", ran.error);
        assert_eq!((told(&dry), counts(&dry)), (told(&ran), counts(&ran)));
        let why = |file: &str, line: u64| {
            let refused = &ran.kept[&(file.to_owned(), line)];
            let details: Vec<&str> = refused.faults.iter().map(|fault| fault.detail.as_str()).collect();
            (refused.held, details.join("; "))
        };
        let unknown = |key: &str, file: &str| format!("“{key}” is neither a record of `{file}` nor one of the clinic");
        assert_eq!(why("invoices.csv", 2), (false, unknown("nobody", "clients.csv")), "its client is in no file");
        let both = "line 3 of `products.csv` was rejected; line 2 of `invoices.csv` was rejected";
        assert_eq!(why("lines.csv", 2), (true, both.to_owned()));
        assert_eq!(why("lines.csv", 3), (true, "line 2 of `invoices.csv` was rejected".to_owned()));
        let both = "line 3 of `clients.csv` was rejected; line 4 of `lines.csv` was rejected";
        assert_eq!(why("invoices.csv", 3), (true, both.to_owned()));
        assert_eq!(why("lines.csv", 4), (false, unknown("9", "products.csv")));
        assert_eq!(why("payments.csv", 2), (true, "line 3 of `invoices.csv` is held back itself".to_owned()));
        assert_eq!((ran.file("invoices.csv"), ran.file("lines.csv")), ([3, 1, 0, 0, 1, 1], [4, 1, 0, 0, 1, 2]));
    }

    /// Two people of one name, by which other files call them: nothing of the second comes to the first, and the
    /// second does not overwrite the first when it comes back as it was.
    async fn nothing_of_a_namesake_comes_to_the_first(world: World) {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        put("clients.csv", "id,name\nAnna Smith,First\nAnna Smith,Second\nBea,Bea\nBea,Bea\n");
        put("patients.csv", "id,name,client,second\n1,Leo,Anna Smith,\n2,Max,Bea,\n");
        put("products.csv", "id,name,sku\n1,Chew,S\n");
        put("invoices.csv", "id,client,number,day,due\n1,Anna Smith,N-1,2025-01-02,\n2,Bea,N-2,2025-01-02,\n3,Bea,N-3,2025-01-02,\n");
        put("lines.csv", "invoice,what,product\n1,Exam,1\n2,Exam,1\n");
        put("payments.csv", "id,client,first,second\n1,Bea,2,2\n");
        let dry = run(&world, MAPPING, dir.path(), ("imp-dry", true), usize::MAX).await;
        let ran = run(&world, MAPPING, dir.path(), ("imp-1", false), usize::MAX).await;
        assert!(ran.error.is_none(), "{:?}", ran.error);
        assert_eq!((told(&dry), counts(&dry)), (told(&ran), counts(&ran)));
        assert_eq!(ran.file("clients.csv"), [4, 2, 0, 0, 2, 0]);
        let why = "line 3 of `clients.csv` has the key “Anna Smith” as a line before it has: which of them is meant cannot be told";
        for (file, line) in [("patients.csv", 2), ("invoices.csv", 2), ("lines.csv", 2)] {
            let refused = &ran.kept[&(file.to_owned(), line)];
            assert_eq!((refused.held, refused.faults[0].detail.as_str()), (true, why), "{file}");
        }
        assert_eq!(ran.file("patients.csv"), [2, 1, 0, 0, 0, 1], "who stands there twice alike is one");
        // Of the third invoice nobody has a line: it is none of 0.00 that is paid.
        let none = &ran.kept[&("invoices.csv".to_owned(), 4)];
        assert!(!none.held && none.faults[0].detail.starts_with("no line of `lines.csv` has this key"), "{none:?}");
        assert_eq!(ran.file("invoices.csv"), [3, 1, 0, 0, 1, 1]);
        let back = |file: &str, line: u64, header: &str| {
            let one = &ran.kept[&(file.to_owned(), line)];
            let reason = clinicos_server::import::rejects::reason(&one.faults);
            put(file, &format!("_outcome,_line,_column,_reason,{header}\nrejected,{line},,\"{reason}\",{}\n", one.original.join(",")));
        };
        back("clients.csv", 3, "id,name");
        back("patients.csv", 2, "id,name,client,second");
        let again = run(&world, MAPPING, dir.path(), ("imp-2", false), usize::MAX).await;
        assert_eq!((again.file("clients.csv"), again.file("patients.csv")), ([1, 0, 0, 0, 1, 0], [1, 0, 0, 0, 1, 0]));
        let names: Vec<_> = crate::imports::all(&world.as_admin(), "/v1/clients").await.iter().map(|one| one["family_name"].clone()).collect();
        assert!(names.contains(&json!("First")) && !names.contains(&json!("Second")), "{names:?}");
    }

    /// Whoever mends an invoice and sends that alone back has all lines of the others left as they are.
    async fn mended_invoices_come_back_beside_the_lines_of_all(world: World) {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        put("clients.csv", "id,name\n1,Ann\n");
        put("patients.csv", "id,name,client,second\n");
        put("products.csv", "id,name,sku\n1,Chew,S\n");
        let invoices = "id,client,number,day,due\n1,1,N-1,2025-01-02,\n2,1,N-2,soon,\n";
        put("invoices.csv", invoices);
        put("lines.csv", "invoice,what,product\n1,Exam,1\n1,Chew,1\n2,Exam,1\n9,Exam,1\n");
        put("payments.csv", "id,client,first,second\n");
        let ran = run(&world, MAPPING, dir.path(), ("imp-1", false), usize::MAX).await;
        assert_eq!((ran.file("invoices.csv"), ran.file("lines.csv")), ([2, 1, 0, 0, 1, 0], [4, 2, 0, 0, 1, 1]));
        put("invoices.csv", "_outcome,_line,_column,_reason,id,client,number,day,due\nrejected,3,day,no,2,1,N-2,2025-01-03,\n");
        for dry_run in [true, false] {
            let ran = run(&world, MAPPING, dir.path(), (&format!("imp-2-{dry_run}"), dry_run), usize::MAX).await;
            assert_eq!((ran.file("invoices.csv"), ran.file("lines.csv")), ([1, 1, 0, 0, 0, 0], [4, 1, 0, 3, 0, 0]), "{:?}", ran.kept);
        }
        put("invoices.csv", &invoices.replace("soon", "2025-01-03"));
        let ran = run(&world, MAPPING, dir.path(), ("imp-3", false), usize::MAX).await;
        assert_eq!(ran.file("lines.csv"), [4, 0, 0, 3, 1, 0], "of whole files, a line of nobody is told");
    }

    /// A SKU that a product gives up is there for the rows behind it.
    async fn a_sku_that_was_given_up_can_be_taken(world: World) {
        let admin = world.as_admin();
        let product = |id: &str, sku: &str| json!({"external_id": id, "name": "Chew", "kind": "retail", "revenue_category": "retail", "price": {"amount": 500, "currency": "USD"}, "sku": sku});
        let send = async |rows: serde_json::Value| {
            let reply = admin.post("/v1/products/import", &json!({"system": "old", "rows": rows})).await.expect(200);
            reply.json["rows"].as_array().unwrap().iter().map(|row| row["outcome"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(send(json!([product("1", "A"), product("2", "B")])).await, ["created", "created"]);
        assert_eq!(send(json!([product("1", "C"), product("3", "A"), product("4", "C")])).await, ["changed", "created", "rejected"]);
    }
}

/// Counts how much waits to be handed on at a time, and keeps nothing.
#[derive(Default)]
struct Counted {
    waiting: usize,
    most: usize,
    all: usize,
}

impl Rejects for Counted {
    fn take(&mut self, _file: &str, _header: &[String], _refused: &Refused) -> anyhow::Result<()> {
        self.waiting += 1;
        self.all += 1;
        self.most = self.most.max(self.waiting);
        Ok(())
    }

    fn hand_on(&mut self) -> BoxFuture<'_, anyhow::Result<()>> {
        self.waiting = 0;
        std::future::ready(Ok(())).boxed()
    }
}

struct Nowhere;
impl Way for Nowhere {
    fn send(&self, _batch: Batch) -> BoxFuture<'static, anyhow::Result<Answer>> {
        async { anyhow::bail!("nothing is right, so nothing is sent") }.boxed()
    }
}

struct Quiet;
impl Progress for Quiet {
    fn begin(&mut self, _file: &str, _records: u64) {}
    fn settled(&mut self, _records: u64) {}
}

/// A file of which nothing can be imported is handed on in small parts: memory does not grow with it.
#[tokio::test]
async fn rejects_are_handed_on_though_no_batch_is_sent() {
    let dir = tempfile::tempdir().unwrap();
    let rows: String = (0..20_000).map(|row| format!("{row},Ann,Ames,,,,one field too many\n")).collect();
    std::fs::write(dir.path().join("owners.csv"), format!("OwnerID,First Name,Last Name,Address,City,Phone\n{rows}")).unwrap();
    std::fs::write(dir.path().join("pets.csv"), "PetID,Name,Birth Date,Species,OwnerID\n").unwrap();
    let catalogue = compose::catalogue().unwrap();
    let mapping = mappings::read("petclinic", &catalogue).unwrap();
    let (mut counted, mut quiet, mut files): (Counted, Quiet, Vec<FileCount>) = (Counted::default(), Quiet, Vec::new());
    Run::new(&mapping, dir.path(), false, "imp-1", &catalogue, &Nowhere, &mut counted, &mut quiet).run(&mut files).await.unwrap();
    assert_eq!((counted.all, counted.waiting, files[0].rejected), (20_000, 0, 20_000));
    assert!(counted.most <= 200, "{} at a time", counted.most);
}
