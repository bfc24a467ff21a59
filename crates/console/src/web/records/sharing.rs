//! What a client allowed or refused, and what that means for each connection of the clinic.

use clinicos_contract::{Category, Purpose};
use futures_util::future::try_join;
use serde_json::Value;

use super::kinds::Kind;
use super::words::{label, word};
use crate::pages::sharing::{Decided, Kept, Means, Sharing};
use crate::web::Web;
use crate::web::ask::{Ask, Person, is, list, text, texts};
use crate::web::connections::state;
use crate::web::respond::Refused;
use crate::web::visit::Visit;
use crate::words::{capital, in_path};

/// Most connections that are told of on the page; the others are read with the API.
const CONNECTIONS: usize = 50;

/// Reads it for a client, as whoever is signed in.
pub async fn read(web: &Web, visit: &Visit, person: &Person, kind: &Kind, id: &str) -> Result<Option<Sharing>, Box<Refused>> {
    if kind.prefix != "cli" {
        return Ok(None);
    }
    let of_client = format!("&client_id={}", in_path(id));
    let said = web.all(visit, "consents.list", &of_client);
    let path = vec![("client_id", id.to_owned())];
    let query = format!("limit={CONNECTIONS}");
    let means = web.ask(visit, Ask { operation: "consents.explain", path, query, ..Ask::default() });
    let living = web.all(visit, "connections.list", "&fields=state");
    let ((mut said, means), living) = try_join(try_join(said, means), living).await?;
    said.sort_by_key(|consent| std::cmp::Reverse(text(consent, "decided_at")));
    let is_over = |decision: &&Value| {
        let of = living.iter().find(|one| text(one, "id") == text(decision, "connection_id"));
        of.is_some_and(|one| state(one).is_over())
    };
    Ok(Some(Sharing {
        decided: said.iter().map(|consent| decided(person, consent)).collect(),
        means: list(&means, "data").iter().filter(|decision| !is_over(decision)).map(of_connection).collect(),
        more: is(&means, "has_more"),
    }))
}

fn decided(person: &Person, consent: &Value) -> Decided {
    let what = match (text(consent, "status").as_str(), text(consent, "decision").as_str()) {
        // Nobody said anything yet.
        ("proposed", _) => "Asked, not answered",
        (_, "permit") => "Allowed",
        _ => "Refused",
    };
    let purposes: Vec<&str> =
        texts(consent, "purposes").iter().filter_map(|name| Purpose::parse(name)).map(Purpose::words).collect();
    let data: Vec<&str> =
        texts(consent, "data_categories").iter().filter_map(|name| Category::parse(name)).map(Category::words).collect();
    let at = |name: &str| person.zone.maybe(consent, name);
    let link = |name: &str, resource: &str| {
        let id = text(consent, name);
        (!id.is_empty()).then(|| format!("/console/records/{resource}/{}", in_path(&id)))
    };
    Decided {
        href: format!("/console/records/consents/{}", in_path(&text(consent, "id"))),
        what: format!("{what}: {}", word(&text(consent, "category")).to_lowercase()),
        status: word(&text(consent, "status")),
        purposes: purposes.join(", "),
        data: data.join("; "),
        method: word(&text(consent, "method")),
        evidence: link("evidence_document_id", "documents"),
        by: link("captured_by", "staff"),
        patient: link("patient_id", "patients"),
        at: at("withdrawn_at").or_else(|| at("decided_at")),
        until: at("valid_until"),
    }
}

fn of_connection(decision: &Value) -> Means {
    let kept = |one: &Value| {
        let category = Category::parse(&text(one, "category"));
        Kept {
            data: category
                .map_or_else(|| label(&text(one, "category"), &clinicos_contract::Shape::Text), |one| capital(one.words())),
            may_see: is(one, "may_leave"),
            because: text(one, "because"),
            source: text(one, "source"),
        }
    };
    let kinds: Vec<Kept> = list(decision, "categories").iter().map(kept).collect();
    Means {
        name: text(decision, "connection_name"),
        href: format!("/console/connections/{}", in_path(&text(decision, "connection_id"))),
        purpose: Purpose::parse(&text(decision, "purpose")).map_or_else(String::new, |purpose| purpose.words().to_owned()),
        kinds,
    }
}
