//! Plants faults in a copy of the Northwind files: a known hundred of rows, spoiled in known ways.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What is wrong with a row, and how it must be told.
#[derive(Debug, Clone)]
pub struct Fault {
    /// In words.
    pub what: &'static str,
    /// The columns that must be named, and no others.
    pub columns: &'static str,
    /// The kind of fault that must be told.
    pub code: &'static str,
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

/// The fault in words, the column that is spoiled and how, and what must be told: columns and code.
type Kind = (&'static str, &'static str, Spoil, &'static str, &'static str);

/// What a line's discount is reckoned from.
const LINE_SUM: &str = "unit_price, quantity, discount";

const CUSTOMERS: &[Kind] = &[
    ("a country that no map has", "country", Spoil::Text("Atlantis"), "country", "unmapped"),
    ("a name that is too long", "company_name", Spoil::Long(201), "company_name", "too_long"),
    ("a field too few", "fax", Spoil::Short, "fax", "ragged"),
    ("no UTF-8", "address", Spoil::Bytes, "address", "encoding"),
    ("a postal code that is too long", "postal_code", Spoil::Long(21), "postal_code", "too_long"),
    ("a phone number that is too long", "phone", Spoil::Long(41), "phone", "too_long"),
    ("a control character", "city", Spoil::Text("Ber\u{7}lin"), "city", "format"),
    ("a field too many", "fax", Spoil::Wide, "fax", "ragged"),
    ("a region that is too long", "region", Spoil::Long(101), "region", "too_long"),
    ("a U+0000", "city", Spoil::Text("a\0b"), "city", "format"),
    ("no name", "company_name", Spoil::Text(""), "company_name", "nameless"),
    ("an address that is too long", "address", Spoil::Long(201), "address", "too_long"),
    ("a name of white space", "company_name", Spoil::Text("  "), "company_name", "nameless"),
    ("a city that is too long", "city", Spoil::Long(101), "city", "too_long"),
];
/// Of customers without orders, whose orders would be of nobody.
const CUSTOMERS_KEYS: &[(&str, Kind)] = &[
    ("PARIS", ("no identifier", "customer_id", Spoil::Text(""), "customer_id", "required")),
    ("FISSA", ("another's identifier", "customer_id", Spoil::Text("BONAP"), "customer_id", "repeated")),
];
const PRODUCTS: &[Kind] = &[
    ("a price that is no number", "unit_price", Spoil::Text("12,50"), "unit_price", "number"),
    ("no name", "product_name", Spoil::Text(""), "product_name", "required"),
    ("a price below zero", "unit_price", Spoil::Text("-1"), "unit_price", "range"),
    ("a word that no map has", "discontinued", Spoil::Text("7"), "discontinued", "unmapped"),
    ("a stock that is no number", "units_in_stock", Spoil::Text("many"), "units_in_stock", "number"),
    ("a name that is too long", "product_name", Spoil::Long(201), "product_name", "too_long"),
    ("a level in words", "reorder_level", Spoil::Text("a few"), "reorder_level", "number"),
    ("a price that no till can hold", "unit_price", Spoil::Text("99999999999999999999"), "unit_price", "range"),
];
const ORDERS: &[Kind] = &[
    ("no date", "order_date", Spoil::Text("soon"), "order_date", "date"),
    ("a day that no month has", "order_date", Spoil::Text("1997-02-30"), "order_date", "date"),
    ("a date of another format", "required_date", Spoil::Text("04.07.1996"), "required_date", "date"),
    ("an unknown customer", "customer_id", Spoil::Text("XXXXX"), "customer_id", "unknown_record"),
    ("no customer", "customer_id", Spoil::Text(""), "customer_id", "required"),
    ("due before it is issued", "required_date", Spoil::Text("1990-01-01"), "required_date", "range"),
    ("a field too few", "ship_country", Spoil::Short, "ship_country", "ragged"),
    ("a customer's id that is too long", "customer_id", Spoil::Long(201), "customer_id", "too_long"),
    ("no UTF-8", "customer_id", Spoil::Bytes, "customer_id", "encoding"),
    ("a field too many", "ship_country", Spoil::Wide, "ship_country", "ragged"),
    ("a year that no calendar here has", "order_date", Spoil::Text("0001-01-01"), "order_date", "range"),
    ("a time for a date", "required_date", Spoil::Text("1996-08-01 00:00"), "required_date", "date"),
];
const DETAILS: &[Kind] = &[
    ("a quantity that is no number", "quantity", Spoil::Text("ten"), "quantity", "number"),
    ("a quantity of zero", "quantity", Spoil::Text("0"), "quantity", "range"),
    ("a quantity with too many digits", "quantity", Spoil::Text("1.00001"), "quantity", "format"),
    ("a price that is no number", "unit_price", Spoil::Text("14 each"), "unit_price", "number"),
    ("a discount above the price", "discount", Spoil::Text("1.5"), LINE_SUM, "range"),
    ("a discount below zero", "discount", Spoil::Text("-0.1"), LINE_SUM, "range"),
    ("an unknown product", "product_id", Spoil::Text("999"), "product_id", "unknown_record"),
    ("an unknown order", "order_id", Spoil::Text("99999"), "order_id", "unknown_record"),
    ("a field too many", "discount", Spoil::Wide, "discount", "ragged"),
    ("a field too few", "discount", Spoil::Short, "discount", "ragged"),
    ("no order", "order_id", Spoil::Text(""), "order_id", "required"),
    ("a quantity below zero", "quantity", Spoil::Text("-3"), "quantity", "range"),
    ("an exponent for a quantity", "quantity", Spoil::Text("1e3"), "quantity", "number"),
    ("a discount that is no number", "discount", Spoil::Text("15%"), "discount", "number"),
    ("no UTF-8", "unit_price", Spoil::Bytes, "unit_price", "encoding"),
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

    /// The line that a row starts on: fields that hold line ends make rows of several lines.
    fn line(&self, row: usize) -> u64 {
        let ends = self.rows[..row].iter().flatten().flatten().filter(|byte| **byte == b'\n').count();
        // The header is line 1.
        (row + 2 + ends) as u64
    }

    fn row_of(&self, key: &str) -> usize {
        self.rows.iter().position(|row| row[0] == key.as_bytes()).unwrap()
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
    let mut spoil = |name: &str, table: &mut Table, row: usize, (what, column, spoil, columns, code): Kind| {
        table.spoil(row, column, spoil);
        planted.insert((name.to_owned(), table.line(row)), Fault { what, columns, code });
    };
    let [mut customers, mut products, mut orders, mut details] =
        ["customers.csv", "products.csv", "orders.csv", "order_details.csv"].map(|name| Table::read(&from.join(name)));
    // What is no fault: line ends, quotes and commas within fields that nobody maps or that may hold them.
    customers.spoil(1, "fax", Spoil::Text("030-1\n030-2\r\n030-3"));
    customers.spoil(3, "contact_title", Spoil::Text("called \"the boss\", he says"));
    customers.spoil(18, "fax", Spoil::Text("one\ntwo"));
    products.spoil(1, "quantity_per_unit", Spoil::Text("24\n- 12 oz bottles"));
    orders.spoil(0, "ship_address", Spoil::Text("59 rue de l'Abbaye\n\n2nd floor"));
    let mut bad: BTreeSet<String> = BTreeSet::new();
    for (at, kind) in CUSTOMERS.iter().enumerate() {
        bad.insert(customers.text(at * 6, "customer_id"));
        spoil("customers.csv", &mut customers, at * 6, *kind);
    }
    for (key, kind) in CUSTOMERS_KEYS {
        let row = customers.row_of(key);
        spoil("customers.csv", &mut customers, row, *kind);
    }
    // Two customers have this key now: whose orders these are, nobody knows.
    bad.insert("BONAP".to_owned());
    for (at, kind) in PRODUCTS.iter().enumerate() {
        bad.insert(products.text(at * 9 + 4, "product_id"));
        spoil("products.csv", &mut products, at * 9 + 4, *kind);
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
    let (spoiled, kept) = good.split_at(36);
    let kept: BTreeSet<String> = kept.iter().map(|row| orders.text(*row, "order_id")).collect();
    for (at, row) in spoiled.iter().enumerate() {
        spoil("orders.csv", &mut orders, *row, ORDERS[at % ORDERS.len()]);
    }
    // One line of each of so many orders that are right themselves, and have another one.
    let mut seen = BTreeSet::new();
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    (0..details.rows.len()).for_each(|row| *count.entry(details.text(row, "order_id")).or_default() += 1);
    let lines: Vec<usize> = (0..details.rows.len())
        .filter(|row| count[&details.text(*row, "order_id")] > 1)
        .filter(|row| kept.contains(&details.text(*row, "order_id")) && seen.insert(details.text(*row, "order_id")))
        .take(100 - CUSTOMERS.len() - CUSTOMERS_KEYS.len() - PRODUCTS.len() - 36)
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
