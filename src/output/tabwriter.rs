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
    let lines: Vec<Vec<&str>> = text.split('\n').map(|line| line.split('\t').collect()).collect();
    let columns = lines.iter().map(|cells| cells.len() - 1).max().unwrap_or(0);
    let mut widths: Vec<Vec<usize>> = lines.iter().map(|cells| vec![0; cells.len() - 1]).collect();
    for column in 0..columns {
        let mut start = 0;
        while start < lines.len() {
            let end = block_end(&lines, start, column);
            let widest = lines[start..end].iter().map(|cells| chars(cells[column])).max();
            if let Some(widest) = widest {
                let width = (widest + layout.padding).max(layout.min);
                for line in &mut widths[start..end] {
                    line[column] = width;
                }
            }
            start = end.max(start + 1);
        }
    }
    print(&lines, &widths, text.len() * 2)
}

/// The end of the run of lines from `start` that all have a tab-ended cell in `column`.
fn block_end(lines: &[Vec<&str>], start: usize, column: usize) -> usize {
    let run = lines[start..].iter().take_while(|cells| cells.len() - 1 > column).count();
    start + run
}

fn print(lines: &[Vec<&str>], widths: &[Vec<usize>], capacity: usize) -> String {
    let mut out = String::with_capacity(capacity);
    for (index, (cells, widths)) in lines.iter().zip(widths).enumerate() {
        if index > 0 {
            out.push('\n');
        }
        for (column, cell) in cells.iter().enumerate() {
            out.push_str(cell);
            if let Some(width) = widths.get(column) {
                out.extend(std::iter::repeat_n(' ', width.saturating_sub(chars(cell))));
            }
        }
    }
    out
}

/// Width as Go counts it: one for each character.
fn chars(cell: &str) -> usize {
    cell.chars().count()
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
