//! The name that somebody meant who typed another one.

/// Longer names are not compared: what that costs grows with the square of the length.
const CHARS_MAX: usize = 40;
/// Most edits between what was typed and what was meant.
const EDITS_MAX: usize = 2;
/// So many characters excuse one edit.
const CHARS_FOR_EDIT: usize = 3;

/// The known name that is nearest to a typed one, if it is near: one edit for each three
/// characters, two at most. An edit is a character too many, too few or another one, or two that
/// changed places.
pub fn nearest<'n>(typed: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let typed: Vec<char> = typed.chars().take(CHARS_MAX + 1).collect();
    let most = EDITS_MAX.min(typed.len() / CHARS_FOR_EDIT);
    if typed.len() > CHARS_MAX || most == 0 {
        return None;
    }
    let near = known.into_iter().filter(|name| name.chars().count().abs_diff(typed.len()) <= most);
    let distances = near.map(|name| (edits(&typed, &name.chars().collect::<Vec<_>>()), name));
    distances.filter(|(edits, _)| *edits <= most).min_by_key(|(edits, _)| *edits).map(|(_, name)| name)
}

/// What to add to a message about an unknown name; nothing, if none is near.
pub fn did_you_mean<'n>(typed: &str, known: impl IntoIterator<Item = &'n str>) -> String {
    nearest(typed, known).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

/// The distance of Damerau and Levenshtein, row by row, where no part is edited twice.
fn edits(from: &[char], to: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for (row, a) in from.iter().enumerate() {
        let mut this = vec![row + 1];
        for (column, b) in to.iter().enumerate() {
            let at = |line: &[usize], place: usize| line.get(place).copied().unwrap_or(usize::MAX / 2);
            let replaced = at(&last, column) + usize::from(a != b);
            let mut least = replaced.min(at(&last, column + 1) + 1).min(at(&this, column) + 1);
            let earlier = |text: &[char], place: usize| place.checked_sub(1).and_then(|place| text.get(place).copied());
            if earlier(from, row) == Some(*b) && earlier(to, column) == Some(*a) {
                least = least.min(at(&before_last, column.saturating_sub(1)) + 1);
            }
            this.push(least);
        }
        before_last = std::mem::replace(&mut last, this);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_is_understood() {
        let known = ["limit", "cursor", "sort", "status", "created_at", "client_id", "id"];
        for (typed, meant) in [
            ("limt", Some("limit")),
            ("limits", Some("limit")),
            ("Limit", Some("limit")),
            ("lmiit", Some("limit")),
            ("staus", Some("status")),
            ("sotr", Some("sort")),
            ("createdAt", Some("created_at")),
            ("clientId", Some("client_id")),
            ("curser", Some("cursor")),
            ("amount", None),
            ("st", None),
            ("ix", None),
            ("", None),
            ("page_size", None),
        ] {
            assert_eq!(nearest(typed, known), meant, "{typed}");
        }
        assert_eq!(nearest(&"limit".repeat(100_000), known), None);
        assert_eq!(nearest("größe", ["grösse", "größte"]), Some("größte"));
        assert_eq!(did_you_mean("limt", known), "; did you mean `limit`?");
        assert_eq!(did_you_mean("amount", known), "");
    }
}
