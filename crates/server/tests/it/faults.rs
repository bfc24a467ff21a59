//! Plants faults in a copy of the Northwind files: a known hundred of rows, spoiled in known ways.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What is wrong with a row.
#[derive(Debug, Clone)]
pub struct Fault {
    /// In words.
    pub what: &'static str,
    /// The column that must be named.
    pub column: &'static str,
}

/// How a field is spoiled.
#[derive(Clone, Copy)]
enum Spoil {
    /// The column gets this text.
    Text(&'static str),
    /// The column gets a text of so many letters.
    Long(usize),
    /// The column gets bytes that are no UTF-8.
    Bytes,
    /// The row loses its last field.
    Short,
    /// The row gets one field more.
    Wide,
}

type Kind = (&'static str, &'static str, Spoil);

const CUSTOMERS: &[Kind] = &[
    ("a country that no map has", "country", Spoil::Text("Atlantis")),
    ("a name that is too long", "company_name", Spoil::Long(201)),
    ("a field too few", "fax", Spoil::Short),
    ("no UTF-8", "address", Spoil::Bytes),
    ("a postal code that is too long", "postal_code", Spoil::Long(21)),
    ("a phone number that is too long", "phone", Spoil::Long(41)),
    ("a control character", "city", Spoil::Text("Ber\u{7}lin")),
    ("a field too many", "fax", Spoil::Wide),
    ("a region that is too long", "region", Spoil::Long(101)),
    ("a U+0000", "city", Spoil::Text("a\0b")),
];
const PRODUCTS: &[Kind] = &[
    ("a price that is no number", "unit_price", Spoil::Text("12,50")),
    ("no name", "product_name", Spoil::Text("")),
    ("a price below zero", "unit_price", Spoil::Text("-1")),
    ("a word that no map has", "discontinued", Spoil::Text("7")),
    ("a stock that is no number", "units_in_stock", Spoil::Text("many")),
];
const ORDERS: &[Kind] = &[
    ("no date", "order_date", Spoil::Text("soon")),
    ("a day that no month has", "order_date", Spoil::Text("1997-02-30")),
    ("a date of another format", "order_date", Spoil::Text("04.07.1996")),
    ("an unknown customer", "customer_id", Spoil::Text("XXXXX")),
    ("no customer", "customer_id", Spoil::Text("")),
    ("due before it is issued", "required_date", Spoil::Text("1990-01-01")),
    ("a field too few", "ship_country", Spoil::Short),
    ("a customer's id that is too long", "customer_id", Spoil::Long(201)),
    ("no UTF-8", "customer_id", Spoil::Bytes),
];
const DETAILS: &[Kind] = &[
    ("a quantity that is no number", "quantity", Spoil::Text("ten")),
    ("a quantity of zero", "quantity", Spoil::Text("0")),
    ("a quantity with too many digits", "quantity", Spoil::Text("1.00001")),
    ("a price that is no number", "unit_price", Spoil::Text("$14")),
    ("a discount above the price", "discount", Spoil::Text("1.5")),
    ("a discount below zero", "discount", Spoil::Text("-0.1")),
    ("an unknown product", "product_id", Spoil::Text("999")),
    ("an unknown order", "order_id", Spoil::Text("99999")),
    ("a field too many", "discount", Spoil::Wide),
];

/// A file as rows of fields; none of the samples has a quoted comma in a row that is spoiled.
struct Table {
    header: Vec<String>,
    rows: Vec<Vec<Vec<u8>>>,
}

impl Table {
    fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let mut lines = text.lines().map(fields);
        let header = lines.next().unwrap();
        let rows = lines.map(|row| row.into_iter().map(String::into_bytes).collect()).collect();
        Self { header, rows }
    }

    fn place(&self, column: &str) -> usize {
        self.header.iter().position(|name| name == column).unwrap()
    }

    fn text(&self, row: usize, column: &str) -> String {
        String::from_utf8_lossy(&self.rows[row][self.place(column)]).into_owned()
    }

    fn write(&self, path: &Path) {
        let mut out = self.header.join(",").into_bytes();
        out.push(b'\n');
        for row in &self.rows {
            for (at, field) in row.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                out.push(b'"');
                field
                    .iter()
                    .for_each(|byte| out.extend(if *byte == b'"' { &[b'"', b'"'][..] } else { std::slice::from_ref(byte) }));
                out.push(b'"');
            }
            out.push(b'\n');
        }
        std::fs::write(path, out).unwrap();
    }

    fn spoil(&mut self, row: usize, column: &str, spoil: Spoil) {
        let place = self.place(column);
        let row = &mut self.rows[row];
        match spoil {
            Spoil::Text(text) => row[place] = text.as_bytes().to_vec(),
            Spoil::Long(letters) => row[place] = vec![b'x'; letters],
            Spoil::Bytes => row[place] = b"\xff\xfe".to_vec(),
            Spoil::Short => drop(row.pop()),
            Spoil::Wide => row.push(b"more".to_vec()),
        }
    }
}

/// One line of the sample: fields, some of them quoted.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => field.push(chars.next().unwrap()),
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    fields.push(field);
    fields
}

/// Writes the spoiled copy; tells the file, line and fault of each spoiled row.
///
/// No row is spoiled that hangs on another spoiled one: it would be held back, not rejected.
pub fn plant(from: &Path, to: &Path) -> BTreeMap<(String, u64), Fault> {
    let mut planted = BTreeMap::new();
    let mut spoil = |name: &str, table: &mut Table, row: usize, (what, column, spoil): Kind| {
        table.spoil(row, column, spoil);
        // The header is line 1.
        planted.insert((name.to_owned(), row as u64 + 2), Fault { what, column });
    };
    let [mut customers, mut products, mut orders, mut details] =
        ["customers.csv", "products.csv", "orders.csv", "order_details.csv"].map(|name| Table::read(&from.join(name)));
    let mut bad: BTreeSet<String> = BTreeSet::new();
    for (at, kind) in CUSTOMERS.iter().enumerate() {
        bad.insert(customers.text(at * 9, "customer_id"));
        spoil("customers.csv", &mut customers, at * 9, *kind);
    }
    for (at, kind) in PRODUCTS.iter().enumerate() {
        bad.insert(products.text(at * 15, "product_id"));
        spoil("products.csv", &mut products, at * 15, *kind);
    }
    // Orders whose customer and products are all right.
    let hangs: BTreeSet<String> = (0..details.rows.len())
        .filter(|row| bad.contains(&details.text(*row, "product_id")))
        .map(|row| details.text(row, "order_id"))
        .collect();
    let free = |orders: &Table, row: usize| {
        !hangs.contains(&orders.text(row, "order_id")) && !bad.contains(&orders.text(row, "customer_id"))
    };
    let good: Vec<usize> = (0..orders.rows.len()).filter(|row| free(&orders, *row)).collect();
    let (spoiled, kept) = good.split_at(45);
    let kept: BTreeSet<String> = kept.iter().map(|row| orders.text(*row, "order_id")).collect();
    for (at, row) in spoiled.iter().enumerate() {
        spoil("orders.csv", &mut orders, *row, ORDERS[at % ORDERS.len()]);
    }
    // One line of each of forty orders that are right themselves.
    let mut seen = BTreeSet::new();
    let lines: Vec<usize> = (0..details.rows.len())
        .filter(|row| kept.contains(&details.text(*row, "order_id")) && seen.insert(details.text(*row, "order_id")))
        .take(40)
        .collect();
    for (at, row) in lines.into_iter().enumerate() {
        spoil("order_details.csv", &mut details, row, DETAILS[at % DETAILS.len()]);
    }
    for (name, table) in
        [("customers.csv", customers), ("products.csv", products), ("orders.csv", orders), ("order_details.csv", details)]
    {
        table.write(&to.join(name));
    }
    planted
}
