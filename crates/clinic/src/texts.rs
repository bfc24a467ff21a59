//! Texts with a form, so that a schema tells what to write there.

use std::borrow::Cow;

use clinicos_contract::wire::ValueWriter;
use clinicos_contract::{Shape, Wire};
use serde::{Deserialize, Serialize};

macro_rules! forms {
    ($($(#[$doc:meta])* $name:ident $shape:ident;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
            #[serde(transparent)]
            pub struct $name<'a>(pub Cow<'a, str>);

            impl<'a> Wire for $name<'a> {
                const SHAPE: Shape = Shape::$shape;
                type Static = $name<'static>;
                fn into_static(self) -> $name<'static> {
                    $name(Cow::Owned(self.0.into_owned()))
                }
                fn write(&self, out: &mut ValueWriter<'_>) {
                    out.text(&self.0);
                }
            }

            impl From<String> for $name<'_> {
                fn from(text: String) -> Self {
                    Self(Cow::Owned(text))
                }
            }
        )+
    };
}

forms! {
    /// An e-mail address, as entered.
    Email Email;
    /// A country of ISO 3166-1.
    Country Country;
    /// An IANA time zone.
    TimeZone TimeZone;
    /// A decimal number with at most 9 digits before and 4 after the point.
    Decimal Decimal;
}
