//! The field that was probably meant: suggestions for unknown ones.
//!
//! The server makes none; they are for the editor, beside its sentence.

use super::types::Field;

/// The field that was probably meant: the same letters in another case, or few letters off.
pub(super) fn nearest(key: &str, fields: &[Field]) -> Option<&'static str> {
    if key.len() > 64 {
        return None;
    }
    let distance = |name: &str| edit_distance(&key.to_lowercase(), &name.to_lowercase());
    let best = fields.iter().min_by_key(|field| distance(field.name))?.name;
    (distance(best) <= key.chars().count().div_ceil(3).min(3)).then_some(best)
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
