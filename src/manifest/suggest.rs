//! The field or the word that was probably meant: suggestions for unknown ones.
//!
//! The server makes none; they are for the editor, beside its sentence.

use super::types::Field;

/// The field that was probably meant: the same letters in another case, or few letters off.
pub(super) fn nearest(key: &str, fields: &[Field]) -> Option<&'static str> {
    near(key, &mut fields.iter().map(|field| field.name))
}

/// The word that was probably meant, of several.
pub fn near<'a>(word: &str, words: &mut dyn Iterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > 64 {
        return None;
    }
    let lower = word.to_lowercase();
    let mut best = None;
    let mut least = word.chars().count().div_ceil(3).min(3) + 1;
    for one in words {
        let distance = edit_distance(&lower, &one.to_lowercase());
        if distance < least {
            least = distance;
            best = Some(one);
        }
    }
    best
}

/// Insertions, deletions, replacements and swaps of neighbours.
fn edit_distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut rows = vec![(0..=right.len()).collect::<Vec<usize>>()];
    for (i, a) in left.iter().enumerate() {
        let above = &rows[i];
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let replace = above[j] + usize::from(a != b);
            let mut best = replace.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::types;

    #[test]
    fn finds_what_is_few_letters_off() {
        let nearest = |key| nearest(key, &types::of_struct("core", "PodSpec")?.as_struct()?.fields);
        assert_eq!(nearest("contianers"), Some("containers"));
        assert_eq!(nearest("restartpolicy"), Some("restartPolicy"));
        assert_eq!(nearest("img"), None);
        assert_eq!(nearest("replicas"), None);
    }
}
