//! What columns can become, kind by kind, with the names that others give it.

use super::fields::{Form, Target};
use super::words::{ACTIVE, COUNTRIES, DISCONTINUED, KINDS, METHODS, SEXES, SPECIES, STATUSES};

const fn plain(name: &'static str, path: &'static str, says: &'static str, names: &'static [&'static str]) -> Target {
    Target { name, path, says, names, among: &[], needed: false, form: Form::Plain }
}

const fn among(target: Target, among: &'static [&'static str]) -> Target {
    Target { among, ..target }
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
    "clientname",
    "ownername",
    "customername",
    "billto",
];
const INVOICE_NAMES: &[&str] =
    &["invoiceid", "invoice", "invoiceno", "invoicenumber", "billid", "bill", "billno", "orderid", "order", "orderno"];
const PATIENT_NAMES: &[&str] = &["patientid", "patient", "petid", "pet", "animalid", "animal"];
const PHONE: Target = plain("", "phones.number", "", &[]);

pub(super) static CLIENTS: &[Target] = &[
    of(
        plain(
            "full_name",
            "family_name",
            "Given and family name together",
            &["name", "fullname", "client", "owner", "customer", "contact", "contactname", "clientname", "ownername"],
        ),
        Form::FullName,
    ),
    plain("given_name", "given_name", "Given name", &["firstname", "first", "givenname", "forename", "fname"]),
    plain(
        "family_name",
        "family_name",
        "Family name",
        &["lastname", "last", "surname", "familyname", "lname", "name", "client", "owner", "customer"],
    ),
    plain(
        "organization_name",
        "organization_name",
        "Name of an organization",
        &["company", "companyname", "organization", "organisation", "organizationname", "business", "businessname"],
    ),
    of(
        among(plain("email", "emails", "E-mail address", &["email", "emailaddress", "mail", "email1", "email2"]), &["email"]),
        Form::Item,
    ),
    Target {
        name: "phone_mobile",
        says: "Phone: mobile",
        names: &["mobile", "cell", "cellphone", "mobilephone", "phonemobile", "phonecell", "phone2"],
        among: &["mobile", "cell"],
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
    Target {
        name: "phone_home",
        says: "Phone: home",
        names: &["phone", "tel", "telephone", "phonenumber", "homephone", "phonehome", "phone1"],
        among: &["phone", "telephone"],
        form: Form::Phone("home"),
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
    of(
        plain("country", "address.country", "Address: country", &["country", "nation", "countrycode"]),
        Form::Words { words: COUNTRIES, otherwise: "" },
    ),
    // Remarks are none: a label stands beside every name.
    of(plain("tag", "tags", "Label of the clinic’s own", &["tag", "tags", "label", "labels"]), Form::Item),
];

pub(super) static PATIENTS: &[Target] = &[
    needed(plain(
        "name",
        "name",
        "What it is called",
        &["name", "petname", "patientname", "animalname", "pet", "patient", "animal"],
    )),
    needed(of(
        plain("species", "species", "What kind of animal it is", &["species", "type", "kind", "animaltype", "pettype"]),
        Form::Words { words: SPECIES, otherwise: "exotic_other" },
    )),
    plain("breed", "breed", "Breed", &["breed", "race"]),
    plain("color", "color", "Color", &["color", "colour", "coat"]),
    of(
        among(
            plain("sex", "sex", "Sex, and whether it is neutered or spayed if that is said", &["sex", "gender"]),
            &["sex", "gender"],
        ),
        Form::Words { words: SEXES, otherwise: "unknown" },
    ),
    of(
        plain(
            "reproductive_status",
            "reproductive_status",
            "Neutered, spayed or intact, in words",
            &["reproductivestatus", "neuterstatus", "spayneuter", "spayedneutered", "altered", "neutered", "spayed"],
        ),
        Form::Words { words: STATUSES, otherwise: "unknown" },
    ),
    of(
        among(
            plain("birth_date", "birth_date", "Day of birth", &["birthdate", "birthday", "dob", "dateofbirth", "born"]),
            &["birth", "born", "dob"],
        ),
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
    of(plain("weight_kg", "weight_kg", "Weight in kilograms", &["weightkg", "kg"]), Form::Quantity { default: None }),
    plain("rabies_tag", "rabies_tag", "Number on its rabies tag", &["rabiestag", "tagnumber", "rabies"]),
    plain("tattoo", "tattoo", "Tattoo", &["tattoo"]),
];

pub(super) static PRODUCTS: &[Target] = &[
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
    of(
        plain("active", "active", "Whether it is still sold", &["active", "isactive", "enabled"]),
        Form::Words { words: ACTIVE, otherwise: "" },
    ),
    of(
        plain(
            "discontinued",
            "active",
            "Whether it is no longer sold",
            &["discontinued", "isdiscontinued", "inactive", "isinactive", "obsolete", "retired", "disabled"],
        ),
        Form::Words { words: DISCONTINUED, otherwise: "" },
    ),
];

pub(super) static INVOICES: &[Target] = &[
    needed(plain("client", "client_external_id", "Who pays: the client’s identifier", CLIENT_NAMES)),
    plain("number", "number", "The number on the paper", &["number", "invoicenumber", "invoiceno", "billnumber", "billno"]),
    needed(of(
        among(
            plain(
                "issued_on",
                "issued_on",
                "The day on the paper",
                &["date", "invoicedate", "billdate", "orderdate", "issuedon", "issued", "day"],
            ),
            &["date"],
        ),
        Form::Day { optional: false },
    )),
    of(
        among(
            plain(
                "amount",
                "lines.unit_price",
                "The whole amount, where no other file has its lines",
                &[
                    "amount",
                    "total",
                    "totalamount",
                    "amounttotal",
                    "invoicetotal",
                    "invoiceamount",
                    "grandtotal",
                    "billed",
                    "amountbilled",
                    "charge",
                    "charges",
                    "totalcharge",
                    "price",
                    "sum",
                ],
            ),
            &["total", "amount"],
        ),
        Form::Line,
    ),
    of(
        plain(
            "description",
            "lines.description",
            "What was charged, in words",
            &["description", "service", "services", "item", "items", "details", "reason"],
        ),
        Form::Line,
    ),
    of(
        plain("due_on", "due_on", "The last day to pay", &["duedate", "due", "dueon", "requireddate"]),
        Form::Day { optional: true },
    ),
    plain("notes", "notes", "Remarks on the paper", &["notes", "note", "comment", "comments", "remarks"]),
];

pub(super) static LINES: &[Target] = &[
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
        plain("quantity", "quantity", "How much of it", &["quantity", "qty", "count", "units"]),
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
        plain("discount_fraction", "discount", "What is taken off the line, as a fraction: 0.15 for 15 %", &[]),
        Form::Share { of_hundred: false },
    ),
    of(
        plain("discount_percent", "discount", "What is taken off the line, as a percentage: 15 for 15 %", &[]),
        Form::Share { of_hundred: true },
    ),
    of(
        plain("discount_none", "discount", "A discount that the prices have already: nothing more is taken off", &[]),
        Form::Nothing,
    ),
    of(
        plain("tax", "tax", "Tax on the line, as an amount", &["tax", "taxamount", "vat", "gst"]),
        Form::Amount { default: Some("0") },
    ),
];

pub(super) static PAYMENTS: &[Target] = &[
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
        among(
            plain(
                "tendered_at",
                "tendered_at",
                "When it was paid",
                &["date", "paymentdate", "paidon", "day", "datepaid", "receiveddate"],
            ),
            &["date", "paid"],
        ),
        Form::Day { optional: false },
    )),
    of(
        plain("invoice", "allocations.invoice_external_id", "Which invoice it pays: its identifier", INVOICE_NAMES),
        Form::Member { member: "invoice_external_id", others: "amount" },
    ),
];
