//! Brace expansion: `a{b,c}d` is `abd acd`, `{1..3}` is `1 2 3`. Only braces outside quotes count.

use super::ast::{Piece, Word};

/// A range longer than this, or a word that would grow beyond this many characters, stays as it is.
const WORDS_MAX: usize = 4096;
const CHARACTERS_MAX: usize = 1 << 20;

/// A character outside quotes, or a piece that stays whole.
#[derive(Clone)]
enum Atom {
    Plain(char),
    Whole(Piece),
}

/// The words that a word stands for; at least one.
pub(super) fn expand(word: Word) -> Vec<Word> {
    let has_brace =
        word.0.iter().any(|piece| matches!(piece, Piece::Text(text) if text.contains('{')));
    if !has_brace {
        return vec![word];
    }
    let atoms: Vec<Atom> = word
        .0
        .iter()
        .flat_map(|piece| match piece {
            Piece::Text(text) => text.chars().map(Atom::Plain).collect(),
            Piece::Quoted(_) | Piece::Tilde | Piece::Expand(..) => vec![Atom::Whole(piece.clone())],
        })
        .collect();
    // Each unfinished word has a position before which no brace is left to expand.
    let (mut unfinished, mut done) = (vec![(atoms, 0)], Vec::new());
    while let Some((atoms, from)) = unfinished.pop() {
        if (done.len() + unfinished.len() + 1) * (atoms.len() + 1) > CHARACTERS_MAX {
            return vec![word];
        }
        match first_group(&atoms, from) {
            None => done.push(to_word(atoms)),
            Some((open, close, choices)) => {
                for choice in choices.into_iter().rev() {
                    let mut next = atoms[..open].to_vec();
                    next.extend(choice);
                    next.extend_from_slice(&atoms[close + 1..]);
                    unfinished.push((next, open));
                }
            }
        }
    }
    done
}

/// The first brace pair at or after `from` that expands: where it opens, where it closes, what may stand for it.
fn first_group(atoms: &[Atom], from: usize) -> Option<(usize, usize, Vec<Vec<Atom>>)> {
    // One pass that matches braces; the outermost pair that opens first wins.
    let mut open: Vec<(usize, Vec<usize>)> = Vec::new();
    let mut best: Option<(usize, usize, Vec<Vec<Atom>>)> = None;
    for (at, atom) in atoms.iter().enumerate().skip(from) {
        match atom {
            Atom::Plain('{') => open.push((at, Vec::new())),
            Atom::Plain(',') => {
                if let Some((_, commas)) = open.last_mut() {
                    commas.push(at);
                }
            }
            Atom::Plain('}') => {
                let Some((start, commas)) = open.pop() else { continue };
                let choices = if commas.is_empty() {
                    range(&atoms[start + 1..at])
                } else {
                    let mut ends = commas;
                    ends.push(at);
                    let mut begin = start + 1;
                    let choices = ends.into_iter().map(|end| {
                        let choice = atoms[begin..end].to_vec();
                        begin = end + 1;
                        choice
                    });
                    Some(choices.collect())
                };
                if let Some(choices) = choices
                    && best.as_ref().is_none_or(|(earlier, ..)| start < *earlier)
                {
                    best = Some((start, at, choices));
                }
                if open.is_empty() && best.is_some() {
                    return best;
                }
            }
            Atom::Plain(_) | Atom::Whole(_) => {}
        }
    }
    best
}

/// `1..5`, `5..1`, `a..e`.
fn range(atoms: &[Atom]) -> Option<Vec<Vec<Atom>>> {
    let text: Option<String> =
        atoms.iter().map(|atom| if let Atom::Plain(c) = atom { Some(*c) } else { None }).collect();
    let text = text?;
    let (first, last) = text.split_once("..")?;
    let plain = |text: String| text.chars().map(Atom::Plain).collect::<Vec<_>>();
    if let (Ok(first), Ok(last)) = (first.parse::<i64>(), last.parse::<i64>()) {
        if usize::try_from(first.abs_diff(last)).ok()? > WORDS_MAX {
            return None;
        }
        let up = (first.min(last)..=first.max(last)).map(|n| plain(n.to_string()));
        return Some(if first <= last { up.collect() } else { up.rev().collect() });
    }
    let letter = |text: &str| {
        Some(text.chars().next()?).filter(|c| text.len() == 1 && c.is_ascii_alphabetic())
    };
    let (first, last) = (letter(first)?, letter(last)?);
    let up = (first.min(last)..=first.max(last)).map(|c| vec![Atom::Plain(c)]);
    Some(if first <= last { up.collect() } else { up.rev().collect() })
}

fn to_word(atoms: Vec<Atom>) -> Word {
    let mut pieces: Vec<Piece> = Vec::new();
    for atom in atoms {
        match (atom, pieces.last_mut()) {
            (Atom::Plain(c), Some(Piece::Text(text))) => text.push(c),
            (Atom::Plain(c), _) => pieces.push(Piece::Text(c.into())),
            (Atom::Whole(piece), _) => pieces.push(piece),
        }
    }
    Word(pieces)
}
