//! Aligns text whose cells end in tabs: what Go's `text/tabwriter` does with blanks as padding.
//!
//! A cell belongs to a column only if a tab ends it, so the last cell of a line never widens one. A column reaches over
//! neighbouring lines that all have the cell; a line without it begins the column anew. Since a line that has a cell
//! has all cells before it, the reach of a column lies within that of the one to its left, and each column can be
//! measured by itself.

/// Widths in characters: no column is narrower than `min`, and `padding` blanks follow its widest cell.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The narrowest a column may be, padding included.
    pub min: usize,
    /// Blanks after the widest cell.
    pub padding: usize,
}

/// The layout of `kubectl get` (cli-runtime `pkg/printers/tabwriter.go`).
pub const TABLE: Layout = Layout { min: 6, padding: 3 };

/// The layout of `kubectl describe` (kubectl `pkg/describe/describe.go`, `tabbedString`).
pub const DESCRIBE: Layout = Layout { min: 0, padding: 2 };

/// Replaces the tabs in `text` by as many blanks as the columns need.
pub fn align(text: &str, layout: Layout) -> String {
    let mut lines = Lines::of(text);
    let mut column = 0;
    while lines.set_column(column, layout) {
        column += 1;
    }
    lines.print(text)
}

/// A table that grows while it is shown: what came before helps to decide the widths of what is new.
#[derive(Debug, Default)]
pub struct Growing {
    /// Everything so far, not aligned.
    pub text: String,
    /// Lines given out already.
    lines: usize,
}

impl Growing {
    /// What is new since the last time, aligned as kubectl's tables.
    pub fn take(&mut self) -> String {
        let aligned = align(&self.text, TABLE);
        let new: String = aligned.split_inclusive('\n').skip(self.lines).collect();
        self.lines += new.matches('\n').count();
        new
    }
}

/// The cells that a tab ends, line after line in one list: their widths in characters, then those of their columns.
struct Lines {
    widths: Vec<Width>,
    /// Where in the list each line begins, and where the last one ends.
    starts: Vec<usize>,
}

struct Width {
    cell: usize,
    column: usize,
}

impl Lines {
    fn of(text: &str) -> Self {
        let (mut widths, mut starts, mut cell) = (Vec::new(), vec![0], 0);
        for byte in text.bytes() {
            match byte {
                b'\n' => starts.push(widths.len()),
                b'\t' => widths.push(Width { cell, column: 0 }),
                // Width as Go counts it: one for each character. Bytes that go on with one do not count.
                0x80..=0xbf => continue,
                _ => {
                    cell += 1;
                    continue;
                }
            }
            cell = 0;
        }
        starts.push(widths.len());
        Self { widths, starts }
    }

    /// The widths of one line's cells.
    fn line(&mut self, line: usize) -> &mut [Width] {
        &mut self.widths[self.starts[line]..self.starts[line + 1]]
    }

    /// Gives a column its width, in each of the runs of lines that have it; false if none has.
    fn set_column(&mut self, column: usize, layout: Layout) -> bool {
        let (mut first, mut widest) = (0, None);
        let mut found = false;
        for line in 0..self.starts.len() {
            let in_line = line + 1 < self.starts.len();
            let cell =
                if in_line { self.line(line).get(column).map(|width| width.cell) } else { None };
            if let Some(cell) = cell {
                widest = widest.max(Some(cell));
                continue;
            }
            if let Some(widest) = widest.take() {
                found = true;
                let width = (widest + layout.padding).max(layout.min);
                for line in first..line {
                    self.line(line)[column].column = width;
                }
            }
            first = line + 1;
        }
        found
    }

    /// The text with blanks for its tabs.
    fn print(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() * 2);
        let mut rest = text;
        for Width { cell, column } in &self.widths {
            let Some((before, after)) = rest.split_once('\t') else { break };
            out.push_str(before);
            for _ in *cell..*column {
                out.push(' ');
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_end_where_a_line_lacks_them() {
        let text = "Name:\tweb\nLong name:\tx\n\nA:\tb\nList:\n  a\tbb\tc\n  aaaa\tb\tc\n";
        let aligned =
            "Name:       web\nLong name:  x\n\nA:  b\nList:\n  a     bb  c\n  aaaa  b   c\n";
        assert_eq!(align(text, DESCRIBE), aligned);
    }

    #[test]
    fn tables_have_a_smallest_width() {
        assert_eq!(align("N\tA\nx\ty\n", TABLE), "N     A\nx     y\n");
    }

    #[test]
    fn empty_and_wide_cells_count() {
        assert_eq!(align("\ta\nü\tb\n", DESCRIBE), "   a\nü  b\n");
    }
}
