//! Text in tables that people open with a spreadsheet.

/// Signs that begin a formula, also the wide ones of East Asian keyboards.
const SIGNS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
/// Where a spreadsheet may begin a new cell: it takes the semicolon for the separator where the comma is the
/// decimal sign, as in Indonesia, and then knows nothing of quotes in the middle of a field.
const BREAKS: [char; 5] = [';', ',', '\t', '\r', '\n'];

/// Text that no spreadsheet takes for a formula (OWASP, "CSV Injection"): an apostrophe goes before a sign that could
/// begin one, at the start and wherever a cell might begin.
#[must_use]
pub fn harmless(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut may_begin = true;
    for letter in text.chars() {
        if may_begin && (SIGNS.contains(&letter) || (safe.is_empty() && BREAKS.contains(&letter))) {
            safe.push('\'');
        }
        may_begin = BREAKS.contains(&letter) || (may_begin && (letter.is_whitespace() || letter == '"'));
        safe.push(letter);
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_a_formula_wherever_it_is_cut() {
        let table = [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("＝1", "'＝1"),
            ("\t=1", "'\t'=1"),
            ("  =1", "  '=1"),
            ("enak;=HYPERLINK(1)", "enak;'=HYPERLINK(1)"),
            ("enak; \"=1", "enak; \"'=1"),
            ("satu\n=dua", "satu\n'=dua"),
            ("enak = mantap, 1+1", "enak = mantap, 1+1"),
            ("A/1=2", "A/1=2"),
            ("", ""),
        ];
        for (text, cell) in table {
            assert_eq!(harmless(text), cell);
        }
    }
}
