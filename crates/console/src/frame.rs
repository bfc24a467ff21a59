//! What surrounds every page: names, navigation, messages.

use crate::words::When;

/// Which part of the navigation a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Section {
    /// The first page.
    Home,
    /// Connections and keys.
    Connections,
    /// Records of the clinic.
    Records,
    /// Imports.
    Import,
    /// The access log.
    Log,
    /// The documentation.
    Help,
    /// None of them.
    #[default]
    Other,
}

/// The colours, where the visitor chose them. Without a choice, the visitor's system decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// The value of `data-bs-theme`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The person's name.
    pub name: String,
    /// The person's role at the clinic, in words.
    pub role: String,
}

impl User {
    /// The first letter of the name.
    pub fn initial(&self) -> String {
        self.name
            .chars()
            .find(|letter| letter.is_alphanumeric())
            .map_or_else(String::new, |letter| letter.to_uppercase().collect())
    }
}

/// Whether something went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlashKind {
    /// It did.
    Success,
    /// It did not.
    Error,
}

/// What came of the last form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flash {
    /// Whether it went well.
    pub kind: FlashKind,
    /// A sentence.
    pub text: String,
}

impl Flash {
    /// Whether it is bad news.
    pub fn is_error(&self) -> bool {
        self.kind == FlashKind::Error
    }
}

/// The clinic's emergency switch is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WritesStopped {
    /// Who stopped all changes.
    pub by: String,
    /// When.
    pub at: When,
    /// Why; may be empty.
    pub reason: String,
}

/// What surrounds a page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frame {
    /// The clinic's name; may be empty before sign-in.
    pub clinic: String,
    /// Whether the data is synthetic.
    pub sandbox: bool,
    /// Who is signed in.
    pub user: Option<User>,
    /// Where the page belongs.
    pub section: Section,
    /// The token that every form sends back as `csrf`.
    pub csrf: String,
    /// What came of the last form.
    pub flash: Option<Flash>,
    /// Set while all changes by connections are stopped.
    pub writes_stopped: Option<WritesStopped>,
    /// Set if the person's role looks and does not change: who can, in a sentence. Pages show no
    /// controls then; the door would refuse them.
    pub only_looks: Option<String>,
    /// The name of who is signed in, on a page that is nobody's own: it shows the way back, and
    /// nothing that only they may see.
    pub known_as: Option<String>,
    /// The clinic's time zone, which the page's times are in.
    pub zone: Option<String>,
    /// The colours that the visitor chose.
    pub theme: Option<Theme>,
}

impl Frame {
    /// Whether the page belongs to a part of the navigation, by its short name.
    pub fn is_at(&self, section: &str) -> bool {
        let here = match self.section {
            Section::Home => "home",
            Section::Connections => "connections",
            Section::Records => "records",
            Section::Import => "import",
            Section::Log => "log",
            Section::Help => "help",
            Section::Other => "",
        };
        here == section
    }
}
