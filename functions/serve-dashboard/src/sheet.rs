//! Tables for downloading: CSV as RFC 4180 has it, safe to open in a spreadsheet.

use domain::money::Money;
use domain::quantity::Quantity;
use edge::sheet::harmless;

/// What tells a spreadsheet that the text is UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Words, from whomever: never run as a formula.
    Text(String),
    /// A number that this program wrote.
    Number(String),
    /// Nothing.
    Empty,
}

impl Cell {
    /// Words, or nothing.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A whole number.
    pub(crate) fn count(count: impl Into<u64>) -> Self {
        Self::Number(count.into().to_string())
    }

    /// A number, if there is one.
    pub(crate) fn number(number: Option<impl std::fmt::Display>) -> Self {
        number.map_or(Self::Empty, |number| Self::Number(number.to_string()))
    }

    fn written(&self) -> String {
        match self {
            Self::Text(text) => harmless(text),
            Self::Number(number) => number.clone(),
            Self::Empty => String::new(),
        }
    }
}

impl From<Money> for Cell {
    fn from(amount: Money) -> Self {
        Self::Number(amount.to_string())
    }
}

impl From<Quantity> for Cell {
    fn from(quantity: Quantity) -> Self {
        Self::Number(quantity.to_string())
    }
}

/// A table with a name for its file.
#[derive(Clone, Debug)]
pub(crate) struct Sheet {
    /// The file's name without its ending: letters, digits and hyphens.
    pub(crate) name: String,
    /// The names of the columns.
    pub(crate) header: Vec<&'static str>,
    /// The rows.
    pub(crate) rows: Vec<Vec<Cell>>,
}

impl Sheet {
    /// The table as CSV.
    ///
    /// # Errors
    /// When a row has another number of cells than the header.
    pub(crate) fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(BYTE_ORDER_MARK.to_vec());
        writer.write_record(&self.header)?;
        for row in &self.rows {
            writer.write_record(row.iter().map(Cell::written))?;
        }
        writer
            .into_inner()
            .map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn lines(cells: &[&str]) -> String {
        let sheet = Sheet {
            name: "t".to_owned(),
            header: vec!["a"],
            rows: cells.iter().map(|text| vec![Cell::text(*text)]).collect(),
        };
        String::from_utf8(sheet.csv().unwrap()).unwrap()
    }

    #[test]
    fn no_cell_from_outside_begins_a_formula() {
        let hostile = [
            "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠A",
        ];
        for text in hostile {
            let written = lines(&[text]);
            let cell = written.strip_prefix("\u{feff}a\r\n").unwrap();
            let cell = cell.strip_prefix('"').unwrap_or(cell);
            assert!(cell.starts_with('\''), "{text:?}: {written:?}");
        }
        assert_eq!(lines(&["enak = mantap"]), "\u{feff}a\r\nenak = mantap\r\n");
    }

    #[test]
    fn quotes_commas_and_line_ends_stay_in_their_cell() {
        assert_eq!(lines(&["a,\"b\"\r\nc"]), "\u{feff}a\r\n\"a,\"\"b\"\"\r\nc\"\r\n");
    }

    #[test]
    fn a_negative_number_of_ours_stays_a_number() {
        let sheet = Sheet {
            name: "t".to_owned(),
            header: vec!["a", "b"],
            rows: vec![vec![Cell::from(Money::from_raw(-7_550_125)), Cell::Empty]],
        };
        assert_eq!(
            String::from_utf8(sheet.csv().unwrap()).unwrap(),
            "\u{feff}a,b\r\n-755.0125,\r\n"
        );
    }
}
