//! Parts of a laboratory result: where it stands, and its values.

use clinicos_contract::{Category, Field, Problem, Shape, Wire as _};

use crate::texts::Decimal;
use crate::{column_words, document_list, object};

const LAB: Field = Field::of(Category::Diagnostics);

column_words! {
    /// Where a laboratory result stands.
    LabResultStatus {
        /// Values are missing, or may still change.
        Partial = "partial",
        /// All values are there.
        Final = "final",
        /// Values were corrected after it was final.
        Corrected = "corrected",
        /// The laboratory gave up.
        Cancelled = "cancelled",
    }

    /// What stands before a value.
    Comparator {
        /// Less than the value.
        Less = "<",
        /// At most the value.
        AtMost = "<=",
        /// More than the value.
        More = ">",
        /// At least the value.
        AtLeast = ">=",
    }

    /// What a laboratory says of a value.
    AnalyteFlag {
        /// Low.
        Low = "L",
        /// High.
        High = "H",
        /// So low that somebody should act at once.
        CriticallyLow = "LL",
        /// So high that somebody should act at once.
        CriticallyHigh = "HH",
        /// Normal.
        Normal = "N",
        /// Abnormal.
        Abnormal = "A",
        /// Positive.
        Positive = "POS",
        /// Negative.
        Negative = "NEG",
    }
}

impl LabResultStatus {
    /// What can follow. A final result can be corrected, and nothing else.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Partial => &[Self::Final, Self::Cancelled],
            Self::Final => &[Self::Corrected],
            Self::Corrected | Self::Cancelled => &[],
        }
    }
}

object! {
    /// One value of a laboratory result.
    pub struct Analyte as "analyte" {
        /// What was measured.
        name: String, Shape::Text, false = LAB.required().filled().max(120);
        /// The same as a LOINC code.
        #[serde(default)]
        loinc: Option<String>, Shape::Text, true = LAB.creatable().max(20);
        /// The value: a decimal number, or words such as `positive`.
        value: String, Shape::Text, false = LAB.required().filled().max(500);
        /// What stands before the value, if that is a number.
        #[serde(default)]
        comparator: Option<Comparator>, Comparator::SHAPE, true = LAB.creatable();
        /// The value's UCUM unit.
        #[serde(default)]
        unit: Option<String>, Shape::Text, true = LAB.creatable().max(40);
        /// The lowest usual value.
        #[serde(default)]
        ref_low: Option<String>, Shape::Decimal, true = LAB.creatable();
        /// The highest usual value.
        #[serde(default)]
        ref_high: Option<String>, Shape::Decimal, true = LAB.creatable();
        /// What the laboratory says of it.
        #[serde(default)]
        flag: Option<AnalyteFlag>, AnalyteFlag::SHAPE, true = LAB.creatable();
    }
}

document_list! {
    /// The values of a laboratory result.
    Analytes of Analyte, Shape::Object(Analyte::SCHEMA)
}

impl Analyte {
    /// Whether its members fit together; `at` is its place in the list.
    pub fn check(&self, at: usize) -> Result<(), Problem> {
        let number = |text: &Option<String>| text.clone().and_then(|text| Decimal::from(text).ten_thousandths());
        if self.comparator.is_some() && Decimal::from(self.value.clone()).ten_thousandths().is_none() {
            return Err(Problem::rule(format!("/analytes/{at}/comparator"), "value", "goes together with a number"));
        }
        if number(&self.ref_low).zip(number(&self.ref_high)).is_some_and(|(low, high)| high < low) {
            return Err(Problem::rule(format!("/analytes/{at}/ref_high"), "range", "must not be less than `ref_low`"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steps;

    #[test]
    fn a_final_result_is_corrected_and_nothing_else() {
        use LabResultStatus::*;
        steps::check(LabResultStatus::NAMES, LabResultStatus::next, &[Partial], &[Corrected, Cancelled]);
        assert_eq!(Final.next(), [Corrected]);
    }

    #[test]
    fn members_of_a_value_fit_together() {
        let analyte =
            |json| serde_json::from_str::<Analyte>(json).unwrap().check(3).map_err(|problem| problem.errors[0].pointer.clone());
        assert_eq!(analyte(r#"{"name":"ALT","value":"10","comparator":"<","ref_low":"12","ref_high":"118"}"#), Ok(()));
        assert_eq!(analyte(r#"{"name":"Giardia","value":"negative","flag":"NEG"}"#), Ok(()));
        assert_eq!(
            analyte(r#"{"name":"ALT","value":"none","comparator":"<"}"#),
            Err("/analytes/3/comparator".to_owned()),
            "less than a word"
        );
        assert_eq!(
            analyte(r#"{"name":"ALT","value":"1","ref_low":"2.5","ref_high":"2"}"#),
            Err("/analytes/3/ref_high".to_owned())
        );
    }
}
