//! "Did you mean this?": words near to a mistyped one.
//!
//! Models spf13/cobra `command.go` (`SuggestionsFor`): at most two edits away, or begun with what was typed.

/// The words among `known` that `typed` may have meant, in their order.
pub(super) fn near<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let typed = typed.to_lowercase();
    known
        .filter(|word| {
            distance(&typed, &word.to_lowercase()) <= 2 || word.to_lowercase().starts_with(&typed)
        })
        .collect()
}

/// Levenshtein's distance.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    // A word this long is near to nothing; no need to measure it.
    for (i, a) in left.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_edits_are_near() {
        let words = ["get", "top", "describe"];
        assert_eq!(near("gte", words.into_iter()), ["get"]);
        assert_eq!(near("foo", words.into_iter()), ["top"]);
        assert_eq!(near("desc", words.into_iter()), ["describe"]);
        assert!(near("xyzzy", words.into_iter()).is_empty());
    }
}
