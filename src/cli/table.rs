//! Rows of text in columns, for a terminal. Pure.

/// How a column stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Texts.
    Left,
    /// Numbers.
    Right,
}

/// The rows below their heading, each column as wide as its widest text.
pub fn aligned(heading: &[(&str, Align)], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let texts = rows.iter().filter_map(|row| row.get(column)).map(|text| text.chars().count());
        texts.chain([heading[column].0.chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..heading.len()).map(width).collect();
    let line = |texts: &mut dyn Iterator<Item = &str>| {
        let padded = texts.zip(heading).zip(&widths).map(|((text, (_, align)), width)| match align {
            Align::Left => format!("{text:<width$}"),
            Align::Right => format!("{text:>width$}"),
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    let head = line(&mut heading.iter().map(|(text, _)| *text));
    rows.iter().fold(head, |text, row| text + &line(&mut row.iter().map(String::as_str)))
}

/// Bytes as people read them: `8.2 MB`.
pub fn size(bytes: i64) -> String {
    let mut number = bytes as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if number < 1024.0 {
            return if unit == "B" { format!("{bytes} B") } else { format!("{number:.1} {unit}") };
        }
        number /= 1024.0;
    }
    format!("{number:.1} TB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_texts() {
        let rows = [vec!["leads".to_owned(), "7".to_owned()], vec!["é".to_owned(), "1200".to_owned()]];
        let text = aligned(&[("table", Align::Left), ("rows", Align::Right)], &rows);
        assert_eq!(text, "table  rows\nleads     7\né      1200\n");
    }

    #[test]
    fn sizes_have_the_unit_that_fits() {
        let sizes = [0, 1023, 1024, 8_600_000, 3_221_225_472, i64::MAX].map(size);
        assert_eq!(sizes, ["0 B", "1023 B", "1.0 kB", "8.2 MB", "3.0 GB", "8388608.0 TB"]);
    }
}
