//! A QR code as SVG.

use std::fmt::Write as _;

/// Empty modules around the code, from ISO/IEC 18004.
const QUIET: usize = 4;

/// The modules of a QR code, row by row; true is dark. Without the quiet zone, which is added here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Qr {
    /// Rows from the top, all of the same length.
    pub rows: Vec<Vec<bool>>,
}

impl Qr {
    /// The `viewBox` of the drawing.
    pub fn view_box(&self) -> String {
        let side = self.rows.len() + 2 * QUIET;
        format!("0 0 {side} {side}")
    }

    /// The `d` of one path that holds all dark modules, a rectangle for each run of them.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for (y, row) in self.rows.iter().enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|left, right| left == right) {
                if run.first() == Some(&true) {
                    // Writing to a string does not fail.
                    let _ = write!(path, "M{} {}h{}v1h-{}z", x + QUIET, y + QUIET, run.len(), run.len());
                }
                x += run.len();
            }
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::Qr;

    #[test]
    fn runs_become_rectangles() {
        let qr = Qr { rows: vec![vec![true, true, false], vec![false, false, true], vec![false; 3]] };
        assert_eq!(qr.view_box(), "0 0 11 11");
        assert_eq!(qr.path(), "M4 4h2v1h-2zM6 5h1v1h-1z");
        assert_eq!(Qr::default().path(), "");
    }
}
