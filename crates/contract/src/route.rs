//! Where an operation is called.

/// Method and path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method.
    pub method: Method,
    /// With parameters in braces: `/v1/invoices/{invoice_id}`.
    pub path: &'static str,
}

impl Route {
    /// A GET.
    pub const fn get(path: &'static str) -> Self {
        Self { method: Method::Get, path }
    }
    /// A POST.
    pub const fn post(path: &'static str) -> Self {
        Self { method: Method::Post, path }
    }
    /// A PATCH.
    pub const fn patch(path: &'static str) -> Self {
        Self { method: Method::Patch, path }
    }
    /// A DELETE.
    pub const fn delete(path: &'static str) -> Self {
        Self { method: Method::Delete, path }
    }

    /// The names of its parameters, in order.
    pub fn parameters(self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }
}

/// An HTTP method that operations use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates or triggers.
    Post,
    /// Changes by merge patch.
    Patch,
    /// Makes a tombstone.
    Delete,
}

impl Method {
    /// In capitals.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}
