//! What must be mended in a form that was refused: told once above the form, with a link to each
//! field, and once more beside the field.

/// Something that is wrong with a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The id of the field; empty if it is about the whole form.
    pub field: &'static str,
    /// What the form calls the field.
    pub label: &'static str,
    /// What is wrong, in a sentence.
    pub text: String,
}

impl Fault {
    /// One that no single field has.
    pub fn whole(text: String) -> Self {
        Self { field: "", label: "", text }
    }
}

/// All that is wrong with a form; nothing, before it was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// Whether nothing is.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is wrong with a field.
    pub fn at(&self, field: &str) -> Option<String> {
        let texts: Vec<&str> = self.0.iter().filter(|fault| fault.field == field).map(|fault| fault.text.as_str()).collect();
        (!texts.is_empty()).then(|| texts.join(" "))
    }

    /// The attributes that tell who cannot see the page of the texts beside a field: its hint, if it
    /// has one, and what is wrong. Ids are the project's own, so this is HTML already.
    pub fn marks(&self, field: &str, hint: &str) -> String {
        let wrong = if self.at(field).is_some() { " aria-invalid=\"true\"" } else { "" };
        format!("{}{wrong}", self.described(field, hint))
    }

    /// The same for what is no input itself, such as a group of boxes: it has no value to be wrong.
    pub fn described(&self, field: &str, hint: &str) -> String {
        let wrong = self.at(field).map(|_| format!("{field}-wrong")).unwrap_or_default();
        let texts = [hint, &wrong].into_iter().filter(|id| !id.is_empty()).collect::<Vec<_>>().join(" ");
        if texts.is_empty() { texts } else { format!(" aria-describedby=\"{texts}\"") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_described_by_its_hint_and_what_is_wrong() {
        let fault = |text: &str| Fault { field: "name", label: "Name", text: text.to_owned() };
        let faults = Faults(vec![fault("Fill this in."), fault("It is taken."), Fault::whole("Come back later.".to_owned())]);
        assert_eq!(faults.at("name").as_deref(), Some("Fill this in. It is taken."));
        assert_eq!(faults.marks("name", "name-hint"), " aria-describedby=\"name-hint name-wrong\" aria-invalid=\"true\"");
        assert_eq!(faults.marks("email", ""), "");
        assert_eq!(faults.marks("email", "email-hint"), " aria-describedby=\"email-hint\"");
        assert_eq!(faults.described("name", ""), " aria-describedby=\"name-wrong\"");
    }
}
