//! Names of people and outlets, and the identifiers made from them.
//!
//! Exports are typed by cashiers and passed through spreadsheets, so a name can hold anything
//! from a tab to a zero-width space. What leaves this module is safe to show and to use as a key.
//! The folding of look-alike characters also serves the readers of money, phones and dates.

/// The longest name kept, in characters; longer ones are cut.
pub const NAME_MAX_CHARS: usize = 120;

/// The longest slug, in bytes (slugs are ASCII).
pub const SLUG_MAX_LEN: usize = 60;

/// What [`slug`] says when nothing of a name can be spelled with `a` to `z` and digits.
pub const SLUG_UNNAMED: &str = "tanpa-nama";

/// A name as it is stored: one space between words, no control or invisible characters, at most
/// [`NAME_MAX_CHARS`] characters. `None` where the text stands for "no name": empty, dashes only,
/// `null`, `none`, `undefined`, `n/a`.
#[must_use]
pub fn clean_name(text: &str) -> Option<String> {
    let visible: String = text
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let joined = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    if is_blank(&joined) {
        return None;
    }
    let capped: String = joined.chars().take(NAME_MAX_CHARS).collect();
    Some(capped.trim_end().to_owned())
}

/// A name as part of an identifier: only `a-z`, `0-9` and single inner hyphens, at most
/// [`SLUG_MAX_LEN`] bytes, never empty ([`SLUG_UNNAMED`]). Accents are folded (`Café` → `cafe`)
/// and apostrophes dropped (`D'Oyako` → `doyako`); anything else separates words.
///
/// Different names can share a slug (`A&B`, `A B`), so it identifies an outlet only together
/// with the system that wrote the name.
#[must_use]
pub fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().filter(|c| !is_invisible(*c)) {
        let Some(letters) = fold_latin(fold_char(c)) else {
            if !is_joiner(c) && !out.is_empty() && !out.ends_with('-') {
                out.push('-');
            }
            continue;
        };
        letters.chars().for_each(|letter| out.push(letter));
    }
    out.truncate(SLUG_MAX_LEN); // every character pushed is ASCII, so any length is a boundary
    let trimmed = out.trim_end_matches('-');
    if trimmed.is_empty() {
        SLUG_UNNAMED.to_owned()
    } else {
        trimmed.to_owned()
    }
}

/// The id of an outlet: the point-of-sale system, then the outlet's own number or name
/// (`moka-100818`, `majoo-warung-oyako-pusat`).
#[must_use]
pub fn outlet_id(system: &str, text: &str) -> String {
    format!("{}-{}", slug(system), slug(text))
}

/// Whether a text stands for "nothing": empty, dashes only, or a programmer's word for null
/// that leaked into an export.
pub(crate) fn is_blank(text: &str) -> bool {
    const NULLS: [&str; 4] = ["null", "none", "undefined", "n/a"];
    let text = text.trim();
    text.chars().all(|c| fold_char(c) == '-') || NULLS.iter().any(|null| text.eq_ignore_ascii_case(null))
}

/// The text with look-alikes made plain: full-width forms to ASCII, every kind of space to a
/// space, every kind of dash to `-`, every kind of apostrophe to `'`; invisible characters go.
/// Both ends are trimmed.
pub(crate) fn fold_text(text: &str) -> String {
    let folded: String = text
        .chars()
        .filter(|c| !is_invisible(*c))
        .map(fold_char)
        .collect();
    folded.trim().to_owned()
}

/// One character made plain, see [`fold_text`].
fn fold_char(c: char) -> char {
    match c {
        // The full-width forms are ASCII 0x21..=0x7E in the same order (Unicode block FF00).
        '\u{FF01}'..='\u{FF5E}' => {
            char::from_u32(u32::from(c) - u32::from('\u{FF01}') + u32::from('!')).unwrap_or(c)
        }
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' => '-',
        '\u{2018}' | '\u{2019}' | '\u{02BC}' | '\u{2032}' | '`' | '\u{00B4}' => '\'',
        c if c.is_whitespace() => ' ',
        c => c,
    }
}

/// Characters that show nothing: soft hyphen, zero-width and direction marks, byte order mark.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// Characters that sit inside a word without ending it: apostrophes and combining accents.
fn is_joiner(c: char) -> bool {
    fold_char(c) == '\'' || matches!(c, '\u{0300}'..='\u{036F}')
}

/// The ASCII spelling of a Latin letter or digit, in lower case; `None` for anything else.
/// Covers the Latin-1 letters and the Latin Extended-A ones that names in Indonesia borrow.
fn fold_latin(c: char) -> Option<String> {
    if c.is_ascii_alphanumeric() {
        return Some(c.to_ascii_lowercase().to_string());
    }
    let folded = match c.to_lowercase().next()? {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'č' | 'ĉ' | 'ċ' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì' | 'í' | 'î' | 'ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' | 'i' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => "o",
        'œ' => "oe",
        'ŕ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'þ' => "t",
        'ù' | 'ú' | 'û' | 'ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => return None,
    };
    Some(folded.to_owned())
}
