//! Tables for people: columns as wide as their cells, one of which gives way when space is short.

use super::look::Ink;
use super::page::TextPage;
use super::text;

/// Which side of a column its cells keep to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    /// Left: words.
    Left,
    /// Right: numbers.
    Right,
    /// Words that are cut when the table is too wide.
    Flexible,
}

/// A table in the making.
pub(crate) struct TextTable {
    columns: Vec<(&'static str, Align)>,
    rows: Vec<Vec<(Ink, String)>>,
    /// Lines of their own below rows, by the number of the row.
    notes: Vec<(usize, String)>,
}

/// Flexible columns are never cut below this.
const MIN_COLUMN_WIDTH: usize = 12;

impl TextTable {
    /// A table with these headings.
    pub(crate) fn new(columns: &[(&'static str, Align)]) -> Self {
        Self {
            columns: columns.to_vec(),
            rows: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Adds a row, one cell for each column.
    pub(crate) fn row(&mut self, cells: Vec<(Ink, String)>) {
        self.rows.push(
            cells
                .into_iter()
                .map(|(ink, cell)| (ink, text::one_line(&cell)))
                .collect(),
        );
    }

    /// Adds a line below the last row.
    pub(crate) fn note(&mut self, text: &str) {
        self.notes.push((self.rows.len(), text::one_line(text)));
    }

    /// Whether nothing has to be cut on a page.
    pub(crate) fn fits(&self, page: &TextPage) -> bool {
        !page.look().clip || total(&self.natural_widths()) <= page.look().width
    }

    /// Puts it on a page: as a table, or row by row where even its narrowest form doesn't fit.
    pub(crate) fn print(&self, page: &mut TextPage) {
        let widths = self.widths(page);
        if page.look().clip && total(&widths) > page.look().width {
            return self.print_blocks(page);
        }
        let heading = self
            .columns
            .iter()
            .map(|(name, _)| (Ink::Dim, (*name).to_owned()));
        self.print_row(&heading.collect::<Vec<_>>(), &widths, page);
        for (at, row) in self.rows.iter().enumerate() {
            self.print_row(row, &widths, page);
            for (_, note) in self.notes.iter().filter(|(of, _)| *of == at + 1) {
                let columns = page.look().width.saturating_sub(2);
                let note = text::clip(note, columns.max(MIN_COLUMN_WIDTH));
                page.push("  ").paint(Ink::Dim, &note).end();
            }
        }
    }

    /// Each row as its first cell and a line for each of the others.
    fn print_blocks(&self, page: &mut TextPage) {
        let widest = self
            .columns
            .iter()
            .map(|(name, _)| text::width(name))
            .max()
            .unwrap_or(0);
        for row in &self.rows {
            let cells = self.columns.iter().zip(row).enumerate();
            for (i, ((name, _), (ink, cell))) in
                cells.filter(|(_, (_, (_, cell)))| !cell.is_empty())
            {
                if i > 0 {
                    let name = name.to_lowercase();
                    page.push("  ")
                        .paint(Ink::Dim, &format!("{name:<widest$}  "));
                }
                let used = if i > 0 { widest + 4 } else { 0 };
                let columns = page.look().width.saturating_sub(used).max(MIN_COLUMN_WIDTH);
                page.line(*ink, &text::clip(cell, columns));
            }
        }
    }

    fn widths(&self, page: &TextPage) -> Vec<usize> {
        let mut widths = self.natural_widths();
        if page.look().clip {
            self.shrink(&mut widths, page.look().width);
        }
        widths
    }

    fn natural_widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = self
            .columns
            .iter()
            .map(|(name, _)| text::width(name))
            .collect();
        for row in &self.rows {
            for (width, (_, cell)) in widths.iter_mut().zip(row) {
                *width = (*width).max(text::width(cell));
            }
        }
        widths
    }

    /// Takes what is too much from the flexible columns, from the widest first.
    fn shrink(&self, widths: &mut [usize], available: usize) {
        while total(widths) > available {
            let widest = (0..widths.len())
                .filter(|&i| self.columns[i].1 == Align::Flexible && widths[i] > MIN_COLUMN_WIDTH)
                .max_by_key(|&i| widths[i]);
            match widest {
                Some(i) => widths[i] -= 1,
                None => return,
            }
        }
    }

    fn print_row(&self, row: &[(Ink, String)], widths: &[usize], page: &mut TextPage) {
        // Nothing follows the last cell that has something in it.
        let last = row
            .iter()
            .rposition(|(_, cell)| !cell.is_empty())
            .unwrap_or(0);
        for (i, (ink, cell)) in row.iter().enumerate().take(last + 1) {
            let (align, width) = (self.columns[i].1, widths[i]);
            let cell = if align == Align::Flexible {
                text::clip(cell, width)
            } else {
                cell.into()
            };
            let padding = " ".repeat(width.saturating_sub(text::width(&cell)));
            if align == Align::Right {
                page.push(&padding);
            }
            page.paint(*ink, &cell);
            if align != Align::Right && i < last {
                page.push(&padding);
            }
            if i < last {
                page.push("  ");
            }
        }
        page.end();
    }
}

/// Columns of a whole row, with two between cells.
fn total(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::super::look::StreamLook;
    use super::*;

    #[test]
    fn the_flexible_column_gives_way() {
        let mut table = TextTable::new(&[("NAME", Align::Flexible), ("MESSAGES", Align::Right)]);
        table.row(vec![
            (Ink::Plain, "日本語のプロジェクト".into()),
            (Ink::Plain, "1,234".into()),
        ]);
        table.row(vec![(Ink::Plain, "a\nb".into()), (Ink::Plain, "5".into())]);
        let mut page = TextPage::new(StreamLook {
            width: 24,
            ..StreamLook::plain()
        });
        table.print(&mut page);
        assert_eq!(
            page.into_text(),
            "NAME            MESSAGES\n日本語のプロ…      1,234\na b                    5\n"
        );
    }

    #[test]
    fn a_table_that_cannot_fit_is_told_row_by_row() {
        let mut table = TextTable::new(&[("SOURCE", Align::Left), ("DUPLICATES", Align::Right)]);
        table.row(vec![
            (Ink::Plain, "claude-code".into()),
            (Ink::Plain, "1,234".into()),
        ]);
        let mut page = TextPage::new(StreamLook {
            width: 20,
            ..StreamLook::plain()
        });
        table.print(&mut page);
        assert_eq!(page.into_text(), "claude-code\n  duplicates  1,234\n");
    }
}
