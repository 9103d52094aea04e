//! Rows of text under a heading, for the commands that list: as aligned text, CSV and Markdown.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width};

/// A table of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// As many texts a row as there are columns.
    pub rows: Vec<Vec<String>>,
}

/// Names of columns.
#[must_use]
pub fn names(columns: &[&str]) -> Vec<String> {
    columns.iter().map(|column| (*column).to_owned()).collect()
}

impl Listing {
    /// Aligned columns, wrapped at this many characters.
    #[must_use]
    pub fn text(&self, width: usize) -> String {
        let mut table = Table::new();
        table.load_style(comfy_table::presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(u16::try_from(width).unwrap_or(u16::MAX)).force_no_tty();
        table.set_header(&self.columns);
        table.add_rows(&self.rows);
        // Headings are not broken within a word where there is room for that.
        let longest = |text: &String| text.split(' ').map(|word| word.chars().count()).max().unwrap_or(0);
        let words: Vec<usize> = self.columns.iter().map(longest).collect();
        if words.iter().map(|word| word + 2).sum::<usize>() <= width {
            for (column, word) in table.column_iter_mut().zip(words) {
                let least = u16::try_from(word + 2).unwrap_or(u16::MAX);
                column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
            }
        }
        let line = |line: String| line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned() + "\n";
        table.lines().map(line).collect()
    }

    /// Comma-separated values with a heading.
    ///
    /// # Errors
    /// Never for rows as long as the heading; the writer's error is passed on.
    pub fn csv(&self) -> Result<String, csv::Error> {
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record(&self.columns)?;
        self.rows.iter().try_for_each(|row| out.write_record(row))?;
        let bytes = out.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// A Markdown table; what would end a cell or start markup is escaped.
    #[must_use]
    pub fn markdown(&self) -> String {
        let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let mut out = row(self.columns.iter().map(|c| escape(c)).collect());
        out.push_str(&row(self.columns.iter().map(|_| "---".to_owned()).collect()));
        out.extend(self.rows.iter().map(|cells| row(cells.iter().map(|cell| escape(cell)).collect())));
        out
    }
}

pub(super) fn escape(cell: &str) -> String {
    let mut out = String::with_capacity(cell.len());
    for c in cell.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '|' | '\\' | '`' | '*' | '_' | '[' => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing() -> Listing {
        Listing {
            columns: names(&["key", "value"]),
            rows: vec![vec!["a|b".into(), "1, \"2\"".into()], vec!["longer".into(), "<x>".into()]],
        }
    }

    #[test]
    fn columns_are_aligned_without_blanks_at_the_ends() {
        assert_eq!(listing().text(80), "key     value\na|b     1, \"2\"\nlonger  <x>\n");
        assert!(listing().text(12).lines().all(|line| line.chars().count() <= 12));
    }

    #[test]
    fn csv_comes_back_exactly() {
        let text = listing().csv().unwrap();
        let rows: Vec<Vec<String>> =
            csv::Reader::from_reader(text.as_bytes()).records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
        assert_eq!(rows, listing().rows);
    }

    #[test]
    fn markdown_cells_stay_cells() {
        assert_eq!(listing().markdown(), "| key | value |\n| --- | --- |\n| a\\|b | 1, \"2\" |\n| longer | &lt;x> |\n");
    }
}
