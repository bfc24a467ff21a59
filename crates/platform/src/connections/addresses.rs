//! Allow-lists, as people write them.

use clinicos_contract::wire::Doc;
use clinicos_contract::{FieldError, Problem, problem};
use clinicos_gate::Cx;
use clinicos_gate::addresses::{AllowList, NoRange};

use super::model::Names;

/// The field, in every body that has one.
const POINTER: &str = "/allowed_addresses";

/// Reads a list; what cannot be read is named by its place.
pub fn read(list: &Names) -> Result<AllowList, Problem> {
    AllowList::parse(&list.0).map_err(|(at, why)| {
        let detail = match why {
            NoRange::Unreadable => {
                "must be an address or a network in CIDR notation, such as `203.0.113.7`, `203.0.113.0/24` or `2001:db8::/32`"
                    .to_owned()
            }
            NoRange::HostBits(network) => {
                format!("has bits behind its prefix: write `{network}` for the network, or the address alone")
            }
            NoRange::Mixed => "takes in IPv4 and other addresses: write an IPv4 network and an IPv6 network".to_owned(),
        };
        Problem::fields(vec![FieldError::new(format!("{POINTER}/{at}"), "format", detail)])
    })
}

/// The list to store, in one spelling and order.
pub fn doc<'a>(list: &AllowList) -> Doc<'a, Names> {
    Doc::of(&Names(list.texts()))
}

/// A list that was stored.
pub fn stored(list: &Doc<'_, Names>) -> Result<AllowList, Problem> {
    let unreadable = || Problem::unavailable("a stored allow-list cannot be read");
    AllowList::parse(&list.value().ok_or_else(unreadable)?.0).map_err(|_| unreadable())
}

/// Whether calls may come from nowhere that they could not come from before.
pub fn narrows(before: &Doc<'_, Names>, after: &Doc<'_, Names>) -> Result<bool, Problem> {
    Ok(stored(before)?.covers(&stored(after)?))
}

/// Nobody lets others call from where they may not call from themselves.
pub fn check_grant(cx: &Cx<'_>, allowed: &AllowList) -> Result<(), Problem> {
    if cx.permit().addresses().covers(allowed) {
        return Ok(());
    }
    let detail = "the credential that makes this call may be used from fewer addresses itself";
    Err(Problem::new(&problem::CANNOT_GRANT, detail))
}

/// A key's list narrows its connection's: a network that lies outside would never let a call in.
pub fn check_within(connection: &AllowList, list: &Names) -> Result<(), Problem> {
    for (at, text) in list.0.iter().enumerate() {
        let one = AllowList::parse(std::slice::from_ref(text)).unwrap_or_default();
        if connection.and(&one).texts().is_empty() {
            let detail = "lies outside of what the connection itself is allowed";
            return Err(Problem::rule(format!("{POINTER}/{at}"), "outside", detail));
        }
    }
    Ok(())
}
