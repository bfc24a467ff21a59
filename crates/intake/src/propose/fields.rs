//! What a column can become, in words, and the names that other systems give it.

/// What the records of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// Pet owners.
    Clients,
    /// Animals.
    Patients,
    /// Goods and services.
    Products,
    /// Invoices, without their lines.
    Invoices,
    /// Lines of invoices.
    Lines,
    /// What was paid.
    Payments,
}

/// Something that a column can become.
#[derive(Debug, PartialEq, Eq)]
pub struct Target {
    /// Its name among those of its kind.
    pub name: &'static str,
    /// The way to it in a row: `address.line1`.
    pub path: &'static str,
    /// What it is, for people.
    pub says: &'static str,
    /// What others call it, in lower case and without anything but letters and figures.
    pub names: &'static [&'static str],
    /// Whether there is no record without it.
    pub needed: bool,
    /// How it is written into a mapping.
    pub form: Form,
}

/// How a target is written into a mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The column, as it is.
    Plain,
    /// The column, or this where it is empty.
    Otherwise(&'static str),
    /// An amount of money.
    Amount {
        /// What an empty cell means.
        default: Option<&'static str>,
    },
    /// A number.
    Quantity {
        /// What an empty cell means.
        default: Option<&'static str>,
    },
    /// A day.
    Day {
        /// Whether an empty cell leaves it to the clinic.
        optional: bool,
    },
    /// Words that stand for others.
    Words {
        /// Words in lower case, and what they become.
        words: &'static [(&'static str, &'static str)],
        /// What any other word becomes.
        otherwise: &'static str,
    },
    /// A phone of a kind.
    Phone(&'static str),
    /// One of several, such as e-mail addresses.
    Item,
    /// A record of a list that has this member, and others besides.
    Member {
        /// The member.
        member: &'static str,
        /// The others, as they stand in a mapping.
        others: &'static str,
    },
}

impl Form {
    /// Whether several columns can fill it together.
    pub const fn is_list(self) -> bool {
        matches!(self, Self::Phone(_) | Self::Item)
    }
}

impl What {
    /// All of them, in the order in which they are imported.
    pub const ALL: [Self; 6] = [Self::Clients, Self::Patients, Self::Products, Self::Invoices, Self::Lines, Self::Payments];

    /// As a mapping names it; lines are parts of invoices.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clients => "clients",
            Self::Patients => "patients",
            Self::Products => "products",
            Self::Invoices => "invoices",
            Self::Lines => "lines",
            Self::Payments => "payments",
        }
    }

    /// The one of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|what| what.name() == name)
    }

    /// For people.
    pub const fn says(self) -> &'static str {
        match self {
            Self::Clients => "clients: pet owners",
            Self::Patients => "patients: animals",
            Self::Products => "products: goods and services",
            Self::Invoices => "invoices, one on each line of the file",
            Self::Lines => "lines of the invoices: what was charged",
            Self::Payments => "payments",
        }
    }

    /// What its columns can become.
    pub fn targets(self) -> &'static [Target] {
        match self {
            Self::Clients => CLIENTS,
            Self::Patients => PATIENTS,
            Self::Products => PRODUCTS,
            Self::Invoices => INVOICES,
            Self::Lines => LINES,
            Self::Payments => PAYMENTS,
        }
    }

    /// What one is called elsewhere: columns and files are named for it.
    pub(super) const fn called(self) -> &'static [&'static str] {
        match self {
            Self::Clients => &["client", "owner", "customer", "cust"],
            Self::Patients => &["patient", "pet", "animal"],
            Self::Products => &["product", "service", "item", "inventory", "article"],
            Self::Invoices => &["invoice", "bill", "order"],
            Self::Lines => &["line", "detail", "invoiceitem", "orderitem", "billitem", "charge"],
            Self::Payments => &["payment", "receipt"],
        }
    }
}

const fn plain(name: &'static str, path: &'static str, says: &'static str, names: &'static [&'static str]) -> Target {
    Target { name, path, says, names, needed: false, form: Form::Plain }
}

const fn of(target: Target, form: Form) -> Target {
    Target { form, ..target }
}

const fn needed(target: Target) -> Target {
    Target { needed: true, ..target }
}

const CLIENT_NAMES: &[&str] = &[
    "clientid",
    "client",
    "clientno",
    "clientnumber",
    "ownerid",
    "owner",
    "ownerno",
    "customerid",
    "customer",
    "customerno",
    "custid",
    "custno",
];
const INVOICE_NAMES: &[&str] =
    &["invoiceid", "invoice", "invoiceno", "invoicenumber", "billid", "bill", "billno", "orderid", "order", "orderno"];
const PATIENT_NAMES: &[&str] = &["patientid", "patient", "petid", "pet", "animalid", "animal"];
const PHONE: Target = plain("", "phones.number", "", &[]);

static CLIENTS: &[Target] = &[
    plain("given_name", "given_name", "Given name", &["firstname", "first", "givenname", "forename", "fname"]),
    plain("family_name", "family_name", "Family name", &["lastname", "last", "surname", "familyname", "lname", "name"]),
    plain(
        "organization_name",
        "organization_name",
        "Name of an organization",
        &["company", "companyname", "organization", "organisation", "organizationname", "business", "businessname"],
    ),
    of(plain("email", "emails", "E-mail address", &["email", "emailaddress", "mail", "email1", "email2"]), Form::Item),
    Target {
        name: "phone_home",
        says: "Phone: home",
        names: &["phone", "tel", "telephone", "phonenumber", "homephone", "phonehome", "phone1"],
        form: Form::Phone("home"),
        ..PHONE
    },
    Target {
        name: "phone_mobile",
        says: "Phone: mobile",
        names: &["mobile", "cell", "cellphone", "mobilephone", "phonemobile", "phonecell", "phone2"],
        form: Form::Phone("mobile"),
        ..PHONE
    },
    Target {
        name: "phone_work",
        says: "Phone: work",
        names: &["workphone", "phonework", "businessphone", "officephone"],
        form: Form::Phone("work"),
        ..PHONE
    },
    plain(
        "line1",
        "address.line1",
        "Address: street and number",
        &["address", "address1", "addressline1", "street", "streetaddress", "addr", "addr1"],
    ),
    plain(
        "line2",
        "address.line2",
        "Address: second line",
        &["address2", "addressline2", "street2", "addr2", "apartment", "suite"],
    ),
    plain("city", "address.city", "Address: city", &["city", "town"]),
    plain("region", "address.region", "Address: state or region", &["state", "region", "province", "county"]),
    plain("postal_code", "address.postal_code", "Address: postal code", &["zip", "zipcode", "postalcode", "postcode", "postal"]),
    of(plain("tag", "tags", "Label of the clinic’s own", &["tag", "label", "category"]), Form::Item),
];

/// In English, and as codes.
const SPECIES: &[(&str, &str)] = &[
    ("dog", "canine"),
    ("canine", "canine"),
    ("k9", "canine"),
    ("cat", "feline"),
    ("feline", "feline"),
    ("horse", "equine"),
    ("equine", "equine"),
    ("cow", "bovine"),
    ("cattle", "bovine"),
    ("bovine", "bovine"),
    ("sheep", "ovine"),
    ("goat", "caprine"),
    ("pig", "porcine"),
    ("bird", "avian"),
    ("parrot", "avian"),
    ("avian", "avian"),
    ("rabbit", "lagomorph"),
    ("hamster", "rodent"),
    ("guinea pig", "rodent"),
    ("rat", "rodent"),
    ("mouse", "rodent"),
    ("ferret", "ferret"),
    ("snake", "reptile"),
    ("lizard", "reptile"),
    ("turtle", "reptile"),
    ("tortoise", "reptile"),
    ("reptile", "reptile"),
    ("frog", "amphibian"),
    ("fish", "fish"),
];
const SEXES: &[(&str, &str)] =
    &[("m", "male"), ("male", "male"), ("mn", "male"), ("f", "female"), ("female", "female"), ("fs", "female")];

static PATIENTS: &[Target] = &[
    needed(plain("name", "name", "What it is called", &["name", "petname", "patientname", "animalname"])),
    needed(of(
        plain("species", "species", "What kind of animal it is", &["species", "type", "kind"]),
        Form::Words { words: SPECIES, otherwise: "exotic_other" },
    )),
    plain("breed", "breed", "Breed", &["breed", "race"]),
    plain("color", "color", "Color", &["color", "colour", "coat"]),
    of(plain("sex", "sex", "Sex", &["sex", "gender"]), Form::Words { words: SEXES, otherwise: "unknown" }),
    of(
        plain("birth_date", "birth_date", "Day of birth", &["birthdate", "birthday", "dob", "dateofbirth", "born"]),
        Form::Day { optional: false },
    ),
    of(
        plain(
            "microchip",
            "microchips.number",
            "Number of its microchip",
            &["microchip", "chip", "microchipnumber", "chipnumber", "microchipno", "chipno"],
        ),
        Form::Member { member: "number", others: "" },
    ),
    of(
        plain("owner", "ownerships.client_external_id", "Whose it is: the client’s identifier", CLIENT_NAMES),
        Form::Member { member: "client_external_id", others: "role = { value = \"primary\" }" },
    ),
    of(plain("weight_kg", "weight_kg", "Weight in kilograms", &["weightkg", "weight", "kg"]), Form::Quantity { default: None }),
    plain("rabies_tag", "rabies_tag", "Number on its rabies tag", &["rabiestag", "tagnumber", "rabies"]),
    plain("tattoo", "tattoo", "Tattoo", &["tattoo"]),
];

const KINDS: &[(&str, &str)] = &[
    ("service", "service"),
    ("drug", "drug"),
    ("medication", "drug"),
    ("medicine", "drug"),
    ("vaccine", "vaccine"),
    ("food", "food"),
    ("retail", "retail"),
    ("lab", "lab_test"),
    ("procedure", "procedure"),
    ("boarding", "boarding"),
    ("grooming", "grooming"),
];

static PRODUCTS: &[Target] = &[
    needed(plain(
        "name",
        "name",
        "What it is called",
        &["name", "productname", "itemname", "description", "title", "product", "item"],
    )),
    needed(of(
        plain("price", "price", "Price of one, before tax", &["price", "unitprice", "sellingprice", "retailprice", "fee"]),
        Form::Amount { default: None },
    )),
    of(
        plain("cost", "cost", "What one costs the clinic", &["cost", "unitcost", "purchaseprice"]),
        Form::Amount { default: None },
    ),
    of(
        plain("kind", "kind", "What is sold: a drug, a service and so on", &["kind", "type", "category", "producttype"]),
        Form::Words { words: KINDS, otherwise: "retail" },
    ),
    plain("sku", "sku", "The clinic’s own code for it", &["sku", "code", "productcode", "itemcode"]),
    of(plain("unit", "unit", "What one is, such as a tablet", &["unit", "uom"]), Form::Otherwise("1")),
    of(
        plain(
            "on_hand",
            "on_hand",
            "How much there is",
            &["onhand", "instock", "stock", "unitsinstock", "quantityonhand", "qoh"],
        ),
        Form::Quantity { default: None },
    ),
    of(
        plain(
            "reorder_point",
            "reorder_point",
            "How much is left when more is ordered",
            &["reorderpoint", "reorderlevel", "reorder", "minimum"],
        ),
        Form::Quantity { default: None },
    ),
];

static INVOICES: &[Target] = &[
    needed(plain("client", "client_external_id", "Who pays: the client’s identifier", CLIENT_NAMES)),
    plain("number", "number", "The number on the paper", &["number", "invoicenumber", "invoiceno", "billnumber", "billno"]),
    needed(of(
        plain(
            "issued_on",
            "issued_on",
            "The day on the paper",
            &["date", "invoicedate", "billdate", "orderdate", "issuedon", "issued", "day"],
        ),
        Form::Day { optional: false },
    )),
    of(
        plain("due_on", "due_on", "The last day to pay", &["duedate", "due", "dueon", "requireddate"]),
        Form::Day { optional: true },
    ),
    plain("notes", "notes", "Remarks on the paper", &["notes", "note", "comment", "comments", "remarks"]),
];

static LINES: &[Target] = &[
    needed(plain("parent", "", "Which invoice it belongs to", INVOICE_NAMES)),
    plain(
        "product",
        "product_external_id",
        "The product’s identifier",
        &["productid", "product", "itemid", "serviceid", "productno", "itemno"],
    ),
    plain("patient", "patient_external_id", "The patient’s identifier", PATIENT_NAMES),
    plain("description", "description", "What it is", &["description", "item", "text", "itemname", "productname", "service"]),
    needed(of(
        plain("quantity", "quantity", "How much of it", &["quantity", "qty", "amount", "count", "units"]),
        Form::Quantity { default: None },
    )),
    needed(of(
        plain("unit_price", "unit_price", "What one costs", &["unitprice", "price", "priceeach", "rate", "fee"]),
        Form::Amount { default: None },
    )),
    of(
        plain("discount", "discount", "What is taken off the line, as an amount", &["discountamount"]),
        Form::Amount { default: Some("0") },
    ),
    of(
        plain("tax", "tax", "Tax on the line, as an amount", &["tax", "taxamount", "vat", "gst"]),
        Form::Amount { default: Some("0") },
    ),
];

const METHODS: &[(&str, &str)] = &[
    ("cash", "cash"),
    ("card", "card"),
    ("credit card", "card"),
    ("credit", "card"),
    ("visa", "card"),
    ("mastercard", "card"),
    ("amex", "card"),
    ("debit", "debit"),
    ("debit card", "debit"),
    ("check", "check"),
    ("cheque", "check"),
    ("ach", "ach"),
];

static PAYMENTS: &[Target] = &[
    needed(plain("client", "client_external_id", "Who paid: the client’s identifier", CLIENT_NAMES)),
    needed(of(
        plain("amount", "amount", "How much", &["amount", "paid", "total", "paymentamount", "sum"]),
        Form::Amount { default: None },
    )),
    of(
        plain("method", "method", "How it was paid", &["method", "paymentmethod", "type", "paymenttype", "tender"]),
        Form::Words { words: METHODS, otherwise: "other" },
    ),
    needed(of(
        plain(
            "tendered_at",
            "tendered_at",
            "When it was paid",
            &["date", "paymentdate", "paidon", "day", "datepaid", "receiveddate"],
        ),
        Form::Day { optional: false },
    )),
    of(
        plain("invoice", "allocations.invoice_external_id", "Which invoice it pays: its identifier", INVOICE_NAMES),
        Form::Member { member: "invoice_external_id", others: "amount" },
    ),
];
