//! Parts of a diagnosis: how sure it is, how it goes on, where and how bad.

use crate::column_words;

column_words! {
    /// How sure a diagnosis is.
    Certainty {
        /// It is what is treated, and not proven.
        Presumptive = "presumptive",
        /// It is one of several that it may be.
        Differential = "differential",
        /// It is proven.
        Confirmed = "confirmed",
        /// It is proven not to be.
        RuledOut = "ruled_out",
    }

    /// How it goes on.
    DiagnosisStatus {
        /// The patient has it.
        Active = "active",
        /// The patient has it, and will for long.
        Chronic = "chronic",
        /// It came back.
        Recurrent = "recurrent",
        /// It is over.
        Resolved = "resolved",
        /// It shows nothing for now.
        InRemission = "in_remission",
    }

    /// On which side it is.
    Laterality {
        /// On the left.
        Left = "left",
        /// On the right.
        Right = "right",
        /// On both.
        Bilateral = "bilateral",
        /// It has no side.
        Na = "na",
    }

    /// How bad it is.
    DiagnosisSeverity {
        /// It hardly matters.
        Mild = "mild",
        /// It matters.
        Moderate = "moderate",
        /// It is bad.
        Severe = "severe",
        /// It threatens life.
        Critical = "critical",
    }
}

impl Certainty {
    /// What can follow: whatever the next finding shows.
    pub fn next(self) -> &'static [Self] {
        use Certainty::*;
        match self {
            Presumptive => &[Differential, Confirmed, RuledOut],
            Differential => &[Presumptive, Confirmed, RuledOut],
            Confirmed => &[RuledOut],
            RuledOut => &[Presumptive, Differential, Confirmed],
        }
    }
}

impl DiagnosisStatus {
    /// What can follow. What is over or silent may come back; only then it is `recurrent`.
    pub fn next(self) -> &'static [Self] {
        use DiagnosisStatus::*;
        match self {
            Active => &[Chronic, InRemission, Resolved],
            Chronic => &[Active, InRemission, Resolved],
            Recurrent => &[Chronic, InRemission, Resolved],
            Resolved => &[Active, Recurrent, InRemission],
            InRemission => &[Active, Chronic, Recurrent, Resolved],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steps;

    #[test]
    fn a_diagnosis_never_ends_for_good() {
        steps::check(DiagnosisStatus::NAMES, DiagnosisStatus::next, &[DiagnosisStatus::Active], &[]);
        steps::check(Certainty::NAMES, Certainty::next, &[Certainty::Presumptive], &[]);
    }

    #[test]
    fn only_what_was_over_comes_back() {
        for name in DiagnosisStatus::NAMES {
            let status = DiagnosisStatus::parse(name).unwrap();
            let was_over = matches!(status, DiagnosisStatus::Resolved | DiagnosisStatus::InRemission);
            assert_eq!(status.next().contains(&DiagnosisStatus::Recurrent), was_over, "{name}");
        }
    }
}
