//! Imports of whole files: the samples, faults that were planted, and runs that were cut off.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use clinicos_intake::Refused;
use clinicos_server::compose;
use clinicos_server::import::rejects::Rejects;
use clinicos_server::import::way::{Answer, Batch, Way};
use clinicos_server::import::{FileCount, Progress, Run, mappings};
use clinicos_testkit::{As, Call, World, on_both_engines};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use crate::faults::{self, Fault};

/// Where the sample data stands.
pub fn fixtures(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// Sends batches as the operator; after so many, the power goes.
struct Operator {
    caller: As,
    clinic: String,
    left: AtomicUsize,
}

impl Way for Operator {
    fn send(&self, batch: Batch) -> BoxFuture<'static, anyhow::Result<Answer>> {
        let (caller, target) = (self.caller.clone(), format!("{}?clinic_id={}", batch.path, self.clinic));
        let is_on = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        async move {
            anyhow::ensure!(is_on, "the power is gone");
            let mut call = Call::new("POST", target).header("idempotency-key", batch.key).set("content-type", "application/json");
            call.body = batch.body;
            let reply = caller.send(call).await.expect(200);
            Ok(serde_json::from_value(reply.json)?)
        }
        .boxed()
    }
}

/// Keeps what was refused, by file and line.
#[derive(Default)]
struct Kept(BTreeMap<(String, u64), Refused>);

impl Rejects for Kept {
    fn take(&mut self, file: &str, _header: &[String], refused: &Refused) -> anyhow::Result<()> {
        let before = self.0.insert((file.to_owned(), refused.line), refused.clone());
        assert!(before.is_none(), "line {} of `{file}` was refused twice", refused.line);
        Ok(())
    }
}

struct Quiet;
impl Progress for Quiet {
    fn begin(&mut self, _file: &str, _records: u64) {}
    fn settled(&mut self, _records: u64) {}
}

/// One run, and what it came to.
pub struct Ran {
    pub files: Vec<FileCount>,
    pub kept: BTreeMap<(String, u64), Refused>,
    pub error: Option<anyhow::Error>,
}

impl Ran {
    pub fn file(&self, name: &str) -> [u64; 6] {
        let file = self.files.iter().find(|file| file.name == name).unwrap_or_else(|| panic!("no `{name}`"));
        [file.read, file.created, file.changed, file.unchanged, file.rejected, file.held_back]
    }

    fn rejected(&self) -> impl Iterator<Item = (&(String, u64), &Refused)> {
        self.kept.iter().filter(|(_, refused)| !refused.held)
    }
}

/// Runs an import by a mapping, or by the one of this name that comes with the program.
pub async fn run(world: &World, mapping: &str, dir: &Path, import: (&str, bool), batches: usize) -> Ran {
    let catalogue = compose::catalogue().unwrap();
    let mapping = mappings::read(mapping, &catalogue).unwrap();
    let way = Operator { caller: world.as_operator(), clinic: world.clinic.clinic_id.clone(), left: AtomicUsize::new(batches) };
    let (mut kept, mut quiet, mut files) = (Kept::default(), Quiet, Vec::new());
    let mut run = Run::new(&mapping, dir, import.1, import.0, &catalogue, &way, &mut kept, &mut quiet);
    let error = run.run(&mut files).await.err();
    Ran { files, kept: kept.0, error }
}

async fn import(world: &World, mapping: &str, dir: &Path, id: &str) -> Ran {
    let ran = run(world, mapping, dir, (id, false), usize::MAX).await;
    assert!(ran.error.is_none(), "{:?}", ran.error);
    ran
}

/// Every record of a list.
pub async fn all(caller: &As, target: &str) -> Vec<Value> {
    let (mut records, mut next) = (Vec::new(), Some(target.to_owned()));
    while let Some(target) = next {
        let page = caller.get(&target).await.expect(200);
        records.extend(page.data().iter().cloned());
        next = page.json["next_page_url"].as_str().map(|url| url.replace(clinicos_testkit::BASE_URL, ""));
    }
    records
}

/// Records without ids and times of ours.
fn plain(records: Vec<Value>) -> BTreeSet<String> {
    let strip = |mut record: Value| {
        for name in ["id", "clinic_id", "client_id", "created_at", "updated_at", "version"] {
            record.as_object_mut().unwrap().remove(name);
        }
        for line in record["lines"].as_array_mut().into_iter().flatten() {
            line.as_object_mut().unwrap().retain(|name, _| !name.ends_with("id") && name != "version");
        }
        record.to_string()
    };
    records.into_iter().map(strip).collect()
}

on_both_engines! {
    async fn northwind_adds_up_and_a_second_time_changes_nothing(world: World) {
        let first = import(&world, "northwind", &fixtures("northwind"), "imp-1").await;
        assert_eq!(first.file("customers.csv"), [91, 91, 0, 0, 0, 0]);
        assert_eq!(first.file("products.csv"), [77, 77, 0, 0, 0, 0]);
        assert_eq!(first.file("orders.csv"), [830, 830, 0, 0, 0, 0]);
        assert_eq!(first.file("order_details.csv"), [2_155, 2_155, 0, 0, 0, 0]);
        let events = world.events().await.len();
        let again = import(&world, "northwind", &fixtures("northwind"), "imp-2").await;
        assert_eq!(again.file("customers.csv"), [91, 0, 0, 91, 0, 0]);
        assert_eq!(again.file("orders.csv"), [830, 0, 0, 830, 0, 0]);
        assert_eq!(again.file("order_details.csv"), [2_155, 0, 0, 2_155, 0, 0]);
        assert_eq!(world.events().await.len(), events, "what does not change is not announced");
        let key = world.key(&["invoices:read", "payments:read", "products:read", "patients:read"]).await;
        let invoices = all(&world.as_key(&key.secret), "/v1/invoices?include=lines&limit=100").await;
        assert_eq!(invoices.len(), 830);
        let lines = invoices.iter().flat_map(|invoice| invoice["lines"].as_array().unwrap());
        assert_eq!(lines.map(|line| line["total"]["amount"].as_i64().unwrap()).sum::<i64>(), 126_579_329);
        let totals = invoices.iter().map(|invoice| invoice["total"]["amount"].as_i64().unwrap());
        let owed = all(&world.as_admin(), "/v1/clients").await;
        let owed = owed.iter().map(|client| client["balance"]["amount"].as_i64().unwrap()).sum::<i64>();
        assert_eq!((totals.sum::<i64>(), owed), (126_579_329, 126_579_329), "the books add up");
    }

    async fn petclinic_has_ten_clients_and_thirteen_patients_with_their_owners(world: World) {
        let ran = import(&world, "petclinic", &fixtures("petclinic"), "imp-1").await;
        assert_eq!((ran.file("owners.csv"), ran.file("pets.csv")), ([10, 10, 0, 0, 0, 0], [13, 13, 0, 0, 0, 0]));
        let admin = world.as_admin();
        let clients = all(&admin, "/v1/clients").await;
        let owner = |id: &Value| clients.iter().find(|client| client["id"] == *id).unwrap()["given_name"].as_str().unwrap();
        let patients = all(&admin, "/v1/patients").await;
        let mut owned: Vec<String> =
            patients.iter().map(|patient| format!("{} of {}", patient["name"].as_str().unwrap(), owner(&patient["client_id"]))).collect();
        owned.sort();
        assert_eq!((clients.len(), owned.len()), (10, 13));
        assert_eq!(owned[..4], ["Basil of Betty", "Freddy of David", "George of Peter", "Iggy of Harold"]);
        assert_eq!(patients.iter().filter(|patient| patient["species"] == "canine").count(), 4);
    }

    /// A hundred rows of many files are spoiled in as many ways as there are: those and no others
    /// are rejected, each with its line, its column and a reason.
    async fn exactly_the_planted_faults_are_rejected(world: World) {
        let dir = tempfile::tempdir().unwrap();
        let planted: BTreeMap<(String, u64), Fault> = faults::plant(&fixtures("northwind"), dir.path());
        assert_eq!(planted.len(), 100);
        let ran = import(&world, "northwind", dir.path(), "imp-1").await;
        let mut wrong = Vec::new();
        for (place, fault) in &planted {
            let told = match ran.kept.get(place) {
                None => "was taken".to_owned(),
                Some(refused) if refused.held => "was held back".to_owned(),
                Some(refused) => match refused.faults.as_slice() {
                    [one] if (one.line, one.column.as_str(), one.code.as_str()) == (place.1, fault.columns, fault.code) => {
                        assert!(one.detail.split(' ').count() > 2, "{place:?}: a reason is a sentence: {one:?}");
                        continue;
                    }
                    faults => format!("{faults:?}"),
                },
            };
            wrong.push(format!("{place:?} ({}) was not {} in {}: {told}", fault.what, fault.code, fault.columns));
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        let others: Vec<_> = ran.rejected().filter(|(place, _)| !planted.contains_key(place)).collect();
        assert!(others.is_empty(), "{others:#?}");
        for file in &ran.files {
            assert_eq!(file.read, file.of, "each record of `{}` is counted once", file.name);
        }
        assert_eq!(ran.files.iter().map(|file| file.rejected).sum::<u64>(), 100);
        // What was rejected changed nothing, and what stayed is whole.
        let held: u64 = ran.files.iter().filter(|file| file.name == "orders.csv").map(|file| file.held_back + file.rejected).sum();
        let [read, created, ..] = ran.file("orders.csv");
        assert_eq!(read, created + held);
        assert_eq!(all(&world.as_admin(), "/v1/invoices").await.len() as u64, created);
    }

    /// A file that lacks a column is found before anything is written of the files before it.
    async fn files_are_looked_at_before_anything_is_written(world: World) {
        let dir = tempfile::tempdir().unwrap();
        for name in ["customers.csv", "products.csv", "orders.csv", "order_details.csv"] {
            std::fs::copy(fixtures("northwind").join(name), dir.path().join(name)).unwrap();
        }
        let text = std::fs::read_to_string(dir.path().join("order_details.csv")).unwrap();
        std::fs::write(dir.path().join("order_details.csv"), text.replacen("quantity", "amount", 1)).unwrap();
        let ran = run(&world, "northwind", dir.path(), ("imp-1", false), usize::MAX).await;
        let told = ran.error.unwrap().to_string();
        assert!(told.contains("`order_details.csv`: has no column `quantity`; it has `order_id`"), "{told}");
        assert!(ran.files.is_empty() && all(&world.as_admin(), "/v1/clients").await.is_empty());
    }

    /// Whether they stand side by side or in batches far apart: of records with one key the first
    /// counts, and each later one is told of with the line of the first.
    async fn a_key_that_comes_again_is_told_of_with_its_first_line(world: World) {
        let dir = tempfile::tempdir().unwrap();
        let row = |number: usize| format!("{number},Ann,Number {number},,,\n");
        let mut rows: Vec<String> = (0..1_600).map(row).collect();
        // Lines 4 and 5 are in one batch, lines 2 and 1403 in others.
        rows[3] = "2,Bea,Another,,,\n".to_owned();
        rows[1_401] = "0,Cal,Far away,,,\n".to_owned();
        let text = format!("OwnerID,First Name,Last Name,Address,City,Phone\n{}", rows.concat());
        std::fs::write(dir.path().join("owners.csv"), text).unwrap();
        std::fs::write(dir.path().join("pets.csv"), "PetID,Name,Birth Date,Species,OwnerID\n").unwrap();
        let ran = import(&world, "petclinic", dir.path(), "imp-1").await;
        assert_eq!(ran.file("owners.csv"), [1_600, 1_598, 0, 0, 2, 0]);
        let told: Vec<(u64, &str, &str, &str)> = ran
            .rejected()
            .map(|((_, line), one)| (*line, &*one.faults[0].column, &*one.faults[0].code, &*one.faults[0].detail))
            .collect();
        let says = |line: u64, key: &str| format!("line {line} of `owners.csv` has the key “{key}”, too, and it tells records apart");
        let (near, far) = (says(4, "2"), says(2, "0"));
        assert_eq!(told, [(5, "OwnerID", "repeated", near.as_str()), (1_403, "OwnerID", "repeated", far.as_str())]);
        let names = all(&world.as_admin(), "/v1/clients").await;
        assert!(names.iter().all(|client| client["given_name"] == "Ann"), "the first one counts");
    }

    /// A quantity that is not there is no quantity of one.
    async fn an_empty_cell_is_never_made_up(world: World) {
        let dir = tempfile::tempdir().unwrap();
        for name in ["customers.csv", "products.csv", "orders.csv", "order_details.csv"] {
            std::fs::copy(fixtures("northwind").join(name), dir.path().join(name)).unwrap();
        }
        let blank = |name: &str, column: &str, line: usize| {
            let text = std::fs::read_to_string(dir.path().join(name)).unwrap();
            let at = text.lines().next().unwrap().split(',').position(|known| known == column).unwrap();
            let line_blanked = |(number, line_text): (usize, &str)| {
                let mut cells: Vec<&str> = line_text.split(',').collect();
                if number + 1 == line {
                    cells[at] = "";
                }
                cells.join(",")
            };
            let lines: Vec<String> = text.lines().enumerate().map(line_blanked).collect();
            std::fs::write(dir.path().join(name), lines.join("\n")).unwrap();
        };
        blank("order_details.csv", "quantity", 2);
        blank("orders.csv", "order_date", 9);
        let ran = import(&world, "northwind", dir.path(), "imp-1").await;
        let told: Vec<_> = ran.rejected().map(|((file, line), one)| (file.as_str(), *line, &*one.faults[0].column, &*one.faults[0].code)).collect();
        assert_eq!(told, [("order_details.csv", 2, "quantity", "required"), ("orders.csv", 9, "order_date", "required")]);
        let [.., held_back] = ran.file("orders.csv");
        assert_eq!(held_back, 1, "the invoice of the line waits for it");
        assert_eq!(all(&world.as_admin(), "/v1/invoices").await.len(), 828);
    }

    /// Wherever it is cut off: the next run of the same import comes to what an undisturbed one
    /// comes to, and tells the same of it.
    async fn a_run_that_was_cut_off_goes_on(world: World) {
        let dir = fixtures("northwind");
        for batches in 0..5 {
            let ran = run(&world, "northwind", &dir, ("imp-cut", false), batches).await;
            if let Some(error) = ran.error {
                assert!(format!("{error:#}").contains("the power is gone"), "{error:#}");
            }
        }
        let last = import(&world, "northwind", &dir, "imp-cut").await;
        assert_eq!(last.file("orders.csv"), [830, 830, 0, 0, 0, 0]);
        assert_eq!(last.file("order_details.csv"), [2_155, 2_155, 0, 0, 0, 0]);
        let calm = World::open(world.store.engine()).await;
        import(&calm, "northwind", &dir, "imp-calm").await;
        for list in ["/v1/clients", "/v1/products", "/v1/invoices?include=lines"] {
            let (found, expected) = (all(&world.as_admin(), list).await, all(&calm.as_admin(), list).await);
            assert_eq!(found.len(), expected.len(), "{list}");
            assert_eq!(plain(found), plain(expected), "{list}");
        }
    }

    async fn a_dry_run_tells_everything_and_changes_nothing(world: World) {
        let without_replays = |mut counts: BTreeMap<&'static str, i64>| {
            counts.remove("idempotency");
            counts
        };
        let before = without_replays(world.row_counts().await);
        let ran = run(&world, "northwind", &fixtures("northwind"), ("imp-dry", true), usize::MAX).await;
        assert!(ran.error.is_none(), "{:?}", ran.error);
        assert_eq!(ran.file("orders.csv"), [830, 830, 0, 0, 0, 0]);
        assert_eq!(ran.file("order_details.csv"), [2_155, 2_155, 0, 0, 0, 0]);
        assert_eq!(without_replays(world.row_counts().await), before);
    }

    async fn rows_change_what_they_made_and_clear_what_they_name(world: World) {
        let admin = world.as_admin();
        let row = json!({"external_id": "1", "family_name": "Ames", "language": "fr", "tags": ["a"]});
        let send = async |row: Value| {
            let body = json!({"system": "old", "rows": [row]});
            admin.post("/v1/clients/import", &body).await.expect(200).json["rows"][0].clone()
        };
        let made = send(row.clone()).await;
        assert_eq!(made["outcome"], "created");
        let id = made["id"].as_str().unwrap().to_owned();
        assert_eq!(send(row).await["outcome"], "unchanged");
        let changed = send(json!({"external_id": "1", "family_name": "Ames", "language": null})).await;
        assert_eq!((changed["outcome"].as_str(), changed["id"].as_str()), (Some("changed"), Some(id.as_str())));
        let client = admin.get(&format!("/v1/clients/{id}")).await.expect(200);
        assert_eq!((&client.json["language"], &client.json["tags"]), (&Value::Null, &json!(["a"])), "what is left out stays");
        assert_eq!(client.json["version"], 2);
        // What was deleted here stays deleted.
        admin.delete(&format!("/v1/clients/{id}"), client.etag()).await.expect(204);
        let gone = send(json!({"external_id": "1", "family_name": "Ames"})).await;
        assert_eq!((gone["outcome"].as_str(), gone["errors"][0]["code"].as_str()), (Some("rejected"), Some("conflict")));
    }

    async fn a_wrong_row_stops_no_other(world: World) {
        let rows = json!([
            {"external_id": "1", "family_name": "Ames"},
            {"external_id": "2", "family_nam": "Bell"},
            {"external_id": "3"},
            {"external_id": "1", "family_name": "Cole"},
            {"family_name": "Dorn"},
            7,
            {"external_id": "4", "family_name": "Eck", "external_ids": [{"system": "x", "value": "9"}]},
            {"external_id": "5", "family_name": "Fell", "external_ids": [{"system": "x", "value": "9"}]},
        ]);
        let reply = world.as_admin().post("/v1/clients/import", &json!({"system": "old", "rows": rows})).await.expect(200);
        let found: Vec<String> = reply.json["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| format!("{} {} {}", row["outcome"].as_str().unwrap(), row["errors"][0]["pointer"], row["errors"][0]["code"]))
            .collect();
        assert_eq!(
            found,
            [
                "created null null",
                "rejected \"/family_nam\" \"unknown\"",
                "rejected \"/family_name\" \"nameless\"",
                "rejected \"/external_id\" \"repeated\"",
                "rejected \"/external_id\" \"required\"",
                "rejected \"\" \"type\"",
                "created null null",
                "rejected \"/external_ids/0\" \"already_exists\"",
            ]
        );
        assert_eq!((&reply.json["created"], &reply.json["rejected"]), (&json!(2), &json!(6)));
        let entries = world.entries(reply.request_id()).await;
        let clients = entries[0].records.iter().find(|group| group.prefix == "cli").unwrap();
        assert_eq!((entries.len(), clients.ids.len()), (1, 32), "one entry names both records");
        assert_eq!(all(&world.as_admin(), "/v1/clients").await.len(), 2);
    }

    /// Whichever of two rows comes first, the other alone is refused.
    async fn a_key_that_another_row_claims_is_refused_alone(world: World) {
        let claims = |value: &str| json!([{"system": "old", "value": value}]);
        let first = json!({"external_id": "1", "family_name": "A", "external_ids": claims("2")});
        let second = json!({"external_id": "2", "family_name": "B"});
        for rows in [json!([first, second]), json!([second, first])] {
            let body = json!({"system": "old", "rows": rows, "dry_run": true, "results": "all"});
            let reply = world.as_admin().post("/v1/clients/import", &body).await.expect(200);
            let outcomes: Vec<&str> = reply.json["rows"].as_array().unwrap().iter().map(|row| row["outcome"].as_str().unwrap()).collect();
            assert_eq!(outcomes, ["created", "rejected"], "{}", reply.json);
        }
    }

    async fn an_identifier_means_one_record(world: World) {
        let admin = world.as_admin();
        let body = |value: &str| json!({"family_name": "Ames", "external_ids": [{"system": "old", "value": value}]});
        let first = admin.post("/v1/clients", &body("1")).await.expect(201);
        let taken = admin.post("/v1/clients", &body("1")).await.refused(422, "rule_broken");
        assert_eq!(taken.json["errors"][0]["pointer"], "/external_ids/0");
        let second = admin.post("/v1/clients", &body("2")).await.expect(201);
        let path = format!("/v1/clients/{}", second.id());
        let steal = json!({"external_ids": [{"system": "old", "value": "1"}]});
        admin.patch(&path, second.etag(), &steal).await.refused(422, "rule_broken");
        // Who gives it up leaves it to others.
        let freed = admin.patch(&format!("/v1/clients/{}", first.id()), first.etag(), &json!({"external_ids": []})).await.expect(200);
        assert_eq!(freed.json["external_ids"], json!([]));
        admin.patch(&path, second.etag(), &steal).await.expect(200);
        // It is the clinic's own.
        world.as_key(&world.other.admin_key).post("/v1/clients", &body("1")).await.expect(201);
    }
}
