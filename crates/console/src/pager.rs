//! Lists that are too long for one page.

use crate::words::Count;

/// Rows of a list that stand on one page.
pub const ROWS: usize = 100;

/// Where the other parts of a list are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pager {
    /// Which part this is: `101 to 200 of 2,345`.
    pub words: String,
    /// The address of the part before.
    pub previous: Option<String>,
    /// The address of the part behind.
    pub next: Option<String>,
}

impl Pager {
    /// The part of a list that was asked for, from 1 on, and where the others are; nothing, if all of it
    /// fits on one page. What is no number of a part is the first one.
    pub fn cut<T>(rows: Vec<T>, asked: &str, address: impl Fn(usize) -> String) -> (Vec<T>, Option<Self>) {
        let (all, last) = (rows.len(), rows.len().div_ceil(ROWS));
        if last <= 1 {
            return (rows, None);
        }
        let part = asked.parse::<usize>().unwrap_or(1).clamp(1, last);
        let before = (part - 1) * ROWS;
        let shown: Vec<T> = rows.into_iter().skip(before).take(ROWS).collect();
        let count = |number: usize| Count(number as u64);
        let pager = Self {
            words: format!("{} to {} of {}", count(before + 1), count(before + shown.len()), count(all)),
            previous: (part > 1).then(|| address(part - 1)),
            next: (part < last).then(|| address(part + 1)),
        };
        (shown, Some(pager))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_cut_into_parts_and_none_is_lost() {
        let cut = |rows: usize, asked: &str| Pager::cut((0..rows).collect(), asked, |part| format!("?page={part}"));
        assert_eq!(cut(100, "2"), ((0..100).collect(), None));
        for asked in ["", "0", "-1", "x", "1"] {
            let (rows, pager) = cut(201, asked);
            assert_eq!((rows.len(), pager.unwrap().words.as_str()), (100, "1 to 100 of 201"), "{asked}");
        }
        let (rows, pager) = cut(1_201, "13");
        let pager = pager.unwrap();
        assert_eq!((rows, pager.words.as_str()), (vec![1_200], "1,201 to 1,201 of 1,201"));
        assert_eq!((pager.previous.as_deref(), pager.next), (Some("?page=12"), None));
        assert_eq!(cut(1_201, "99").0, [1_200], "a part that is not there is the last one");
    }
}
