//! As much of Markdown as the maps use: headings, tables and code spans.

/// A table and the heading that it stands under.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MarkdownTable {
    /// Text of the nearest heading above.
    pub(super) heading: String,
    /// Cells of the first line.
    pub(super) header: Vec<String>,
    /// Cells of the other lines.
    pub(super) rows: Vec<Vec<String>>,
}

/// Every table of a page, in order.
pub(super) fn tables(page: &str) -> Vec<MarkdownTable> {
    let mut tables: Vec<MarkdownTable> = Vec::new();
    let mut heading = String::new();
    let mut inside = false;
    for line in page.lines() {
        if let Some(title) = line.strip_prefix('#') {
            title
                .trim_start_matches('#')
                .trim()
                .clone_into(&mut heading);
        }
        let is_row = line.starts_with('|');
        match (inside, is_row) {
            (false, true) => tables.push(MarkdownTable {
                heading: heading.clone(),
                header: cells(line),
                rows: Vec::new(),
            }),
            (true, true) if line.chars().all(|c| "|-: ".contains(c)) => {}
            (true, true) => tables
                .last_mut()
                .into_iter()
                .for_each(|t| t.rows.push(cells(line))),
            (_, false) => {}
        }
        inside = is_row;
    }
    tables
}

fn cells(line: &str) -> Vec<String> {
    line.trim()
        .trim_matches('|')
        .split('|')
        .map(|cell| cell.trim().to_owned())
        .collect()
}

/// Every code span of a text, fenced blocks left out.
pub(super) fn code_spans(page: &str) -> Vec<&str> {
    let mut spans = Vec::new();
    let mut fenced = false;
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            spans.extend(line.split('`').skip(1).step_by(2));
        }
    }
    spans
}

/// The links of a page to other files, without what follows a `#`.
pub(super) fn links(page: &str) -> Vec<&str> {
    page.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .map(|link| link.split('#').next().unwrap_or_default())
        .filter(|link| !link.is_empty() && !link.contains(':'))
        .collect()
}

/// The list items under a heading.
pub(super) fn items_under(page: &str, heading: &str) -> usize {
    page.lines()
        .skip_while(|line| !(line.starts_with('#') && line.contains(heading)))
        .skip(1)
        .take_while(|line| !line.starts_with('#'))
        .filter(|line| line.starts_with("- "))
        .count()
}

#[cfg(test)]
mod tests {
    use super::{code_spans, items_under, tables};

    const PAGE: &str = "# A\n\n| x | y |\n|---|---|\n| `one` | two |\n\n## B `c`\n- item\n- item\n";

    #[test]
    fn a_table_knows_its_heading_and_cells() {
        let tables = tables(PAGE);
        assert_eq!(tables.len(), 1);
        assert_eq!(tables[0].heading, "A");
        assert_eq!(tables[0].rows, [["`one`", "two"]]);
    }

    #[test]
    fn code_and_items_are_found() {
        assert_eq!(code_spans(PAGE), ["one", "c"]);
        assert_eq!(items_under(PAGE, "`c`"), 2);
    }
}
