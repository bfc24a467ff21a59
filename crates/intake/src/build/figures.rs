//! Numbers, written as whoever wrote them does.

use super::Row;
use super::words::{OPEN_FIGURES, no_number, without_sign};
use crate::decimal::{Decimal, Figures};
use crate::expression::Reads;
use crate::mapping::{Source, Value};
use crate::read::Kind;

impl Row<'_> {
    /// The number that the text of a column is in an expression; what is expected, if it is none. A sign of percent
    /// stands nowhere but where it counts: taken for 15, `15%` would be fifteen times the whole to a share of 1. Any other
    /// number may be an amount, and have the sign of the currency beside it as amounts have.
    pub(super) fn number_in(&self, column: usize, text: &str, reads: Reads) -> Result<Decimal, String> {
        let bare = match reads {
            Reads::Percentage => text.strip_suffix('%').filter(|rest| !rest.contains('%')).map_or(text, str::trim_end),
            Reads::Number => without_sign(text, self.words.currency),
        };
        self.number(bare, self.figures_in(column))
    }

    /// The number that the text of a value is; what is expected, if it is none.
    pub(super) fn number_of(&self, value: &Value, text: &str) -> Result<Decimal, String> {
        // What the mapping says itself, and what is reckoned here, has a point, whatever the files use.
        let figures = match value.source {
            _ if value.map.is_some() => Figures::default(),
            _ if value.lookup.is_some() => self.words.figures,
            Source::Column(column) => self.figures_in(column),
            _ => Figures::default(),
        };
        self.number(text, figures)
    }

    fn number(&self, text: &str, figures: Figures) -> Result<Decimal, String> {
        if figures.leave_open(text) {
            return Err(OPEN_FIGURES.to_owned());
        }
        Decimal::parse(text, figures).ok_or_else(|| no_number(text, figures, self.words.currency))
    }

    /// How a column writes its figures. A number of JSON has a point.
    fn figures_in(&self, column: usize) -> Figures {
        let is_json = self.bound.kind(self.record, column) == Kind::Number;
        if is_json { Figures::default() } else { self.words.figures }
    }
}
