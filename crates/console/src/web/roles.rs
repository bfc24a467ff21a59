//! What the roles of people are, in words.

use clinicos_gate::people::Role;

/// What somebody with a role is, and what they may do here: `DVM, a veterinarian: looks …`.
pub fn explained(role: &str) -> String {
    let Some(known) = Role::parse(role) else { return role.to_owned() };
    let is = match known {
        Role::Dvm => "a veterinarian",
        Role::Csr => "reception and client service",
        Role::Va => "a veterinary assistant",
        Role::Manager => "who runs the practice",
        Role::InventoryManager => "who keeps the stock",
        Role::Admin => "who decides what may touch the clinic's data",
    };
    let may = if known.may_change() {
        "sees everything here, and can change connections, keys, people and the emergency switch"
    } else {
        "sees everything here, and changes nothing"
    };
    format!("{role}, {is}: {may}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_explained() {
        assert_eq!(explained("DVM"), "DVM, a veterinarian: sees everything here, and changes nothing.");
        assert!(explained("Admin").contains("can change connections"));
        assert!(Role::NAMES.iter().all(|role| explained(role).starts_with(&format!("{role}, "))));
        assert_eq!(explained("Guest"), "Guest");
    }
}
