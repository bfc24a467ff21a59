use serde_json::json;

use super::*;
use crate::category::Category;
use crate::problem;

static PHONE: Schema = Schema {
    name: "phone",
    doc: "A phone.",
    fields: &[Field::of(Category::OwnerContact).required().max(5).named("number", "As entered.", Shape::Text, false)],
};
static CLIENT: Schema = Schema {
    name: "client",
    doc: "A client.",
    fields: &[
        Field::of(Category::RecordSystem).named("id", "", Shape::Id("cli"), false),
        Field::of(Category::OwnerContact).required().updatable().max(8).named("name", "", Shape::Text, false),
        Field::of(Category::OwnerContact).writable().max(2).named("phones", "", Shape::List(&Shape::Object(&PHONE)), false),
        Field::of(Category::OwnerFinancial).creatable().at_least(0).named("credit", "", Shape::Money, true),
        Field::of(Category::OwnerContact).writable().named("email", "", Shape::Email, true),
        Field::of(Category::OwnerContact).writable().filled().named("why", "", Shape::Text, true),
        Field::of(Category::RecordSystem).writable().max(2).named("pets", "", Shape::List(&Shape::Id("pat")), false),
        Field::of(Category::OwnerContact).writable().distinct().max(9).named("tags", "", Shape::List(&Shape::Text), false),
    ],
};

fn errors(verb: Verb, value: &Value) -> Vec<(String, &'static str)> {
    match check_body(&Body { schema: &CLIENT, verb }, value, CategorySet::ALL) {
        Ok(()) => Vec::new(),
        Err(problem) => problem.errors.into_iter().map(|error| (error.pointer, error.code)).collect(),
    }
}

#[test]
fn names_every_wrong_field() {
    let body = json!({"id": "x", "nme": 1, "phones": [{"number": "123456"}, {}], "credit": {"amount": -1, "currency": "usd"}, "email": "a@"});
    let found = errors(Verb::Create, &body);
    for expected in [
        ("/id", "read_only"),
        ("/nme", "unknown"),
        ("/name", "required"),
        ("/phones/0/number", "too_long"),
        ("/phones/1/number", "required"),
        ("/credit/amount", "range"),
        ("/credit/currency", "format"),
        ("/email", "format"),
    ] {
        assert!(found.contains(&(expected.0.to_owned(), expected.1)), "{expected:?} in {found:?}");
    }
    assert_eq!(found.len(), 8, "{found:?}");
}

#[test]
fn a_lists_bound_counts_items_and_not_the_characters_of_ids() {
    let pets = |count: usize| json!({"name": "x", "pets": vec!["pat_01jd3vq9z4e8rb6k0w2m5x7t1c"; count]});
    assert_eq!(errors(Verb::Create, &pets(2)), []);
    assert_eq!(errors(Verb::Create, &pets(3)), [("/pets".to_owned(), "too_long")]);
}

#[test]
fn an_unknown_field_is_answered_with_the_nearest_that_can_be_written() {
    let detail = |verb, value: &Value| {
        let problem = check_body(&Body { schema: &CLIENT, verb }, value, CategorySet::ALL).unwrap_err();
        problem.errors.into_iter().find(|error| error.code == "unknown").unwrap().detail
    };
    assert_eq!(detail(Verb::Create, &json!({"nmae": 1})), "there is no such field; did you mean `name`?");
    assert_eq!(detail(Verb::Create, &json!({"phones": [{"nunber": "1"}]})), "there is no such field; did you mean `number`?");
    assert_eq!(detail(Verb::Create, &json!({"credit": {"amuont": 1}})), "there is no such field; did you mean `amount`?");
    assert_eq!(detail(Verb::Create, &json!({"credits": 1})), "there is no such field; did you mean `credit`?");
    assert_eq!(detail(Verb::Update, &json!({"credits": 1})), "there is no such field", "a patch cannot change it");
    assert_eq!(detail(Verb::Create, &json!({"shoe_size": 1})), "there is no such field");
}

/// What a body of wrong names costs does not grow with how many there are.
#[test]
fn suggestions_are_few() {
    let body: Value = (0..10_000).map(|number| (format!("nam{number}"), json!(1))).collect::<Map<_, _>>().into();
    let problem = check_body(&Body { schema: &CLIENT, verb: Verb::Create }, &body, CategorySet::ALL).unwrap_err();
    let suggested = problem.errors.iter().filter(|error| error.detail.contains("did you mean")).count();
    assert!(suggested <= SUGGESTIONS_MAX && problem.errors.len() == ERRORS_MAX, "{suggested}");
}

#[test]
fn a_patch_may_leave_out_and_remove() {
    assert_eq!(errors(Verb::Update, &json!({})), []);
    assert_eq!(errors(Verb::Update, &json!({"email": null})), []);
    assert_eq!(errors(Verb::Update, &json!({"name": null})), [("/name".to_owned(), "type")]);
    assert_eq!(errors(Verb::Update, &json!({"credit": null})), [("/credit".to_owned(), "read_only")]);
}

#[test]
fn texts_say_something_and_lists_repeat_nothing() {
    for empty in ["", " ", "\t\n"] {
        assert_eq!(errors(Verb::Update, &json!({"why": empty})), [("/why".to_owned(), "empty")], "{empty:?}");
    }
    assert_eq!(errors(Verb::Update, &json!({"why": "x", "tags": ["a", "b"]})), []);
    let repeated = [("/tags/2".to_owned(), "repeated"), ("/tags/3".to_owned(), "repeated")];
    assert_eq!(errors(Verb::Update, &json!({"tags": ["a", "b", "a", "b"]})), repeated);
}

#[test]
fn a_hidden_field_cannot_be_written() {
    let body = Body { schema: &CLIENT, verb: Verb::Update };
    let visible = CategorySet::NONE.with(Category::RecordSystem);
    let problem = check_body(&body, &json!({"name": "Ann"}), visible).unwrap_err();
    assert_eq!(problem.code, &problem::HIDDEN_FIELD);
}

#[test]
fn decimals_are_plain() {
    for good in ["0", "1", "1.5", "-1.25", "999999999.9999"] {
        assert!(is_decimal(good), "{good}");
    }
    for bad in ["", ".", "1.", ".5", "+1", "1e3", "1,5", "1234567890", "0.12345", "--1", " 1", "NaN"] {
        assert!(!is_decimal(bad), "{bad}");
    }
}
