//! Words that people type: kept as they are meant, without what could steer a screen.

/// The longest comment of a guest, and the longest line of one that comes with an export, in characters.
pub const COMMENT_MAX: usize = 1_000;

/// The most lines of a comment that comes with an export, row by row.
pub const LINES_MAX: usize = 10;

/// The text as it is stored: lines without blanks at their ends, one blank between words, no empty lines, no
/// control characters, and none that show nothing or turn the direction of what follows. Emoji stay whole.
/// `None` where nothing is left. The length is not looked at.
#[must_use]
pub fn clean(text: &str) -> Option<String> {
    let mut cleaned = String::with_capacity(text.len());
    for line in text.split(['\n', '\r', '\u{2028}', '\u{2029}']) {
        let visible: String = line
            .chars()
            .filter(|c| !is_steering(*c))
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        for (place, word) in visible.split_whitespace().enumerate() {
            match place {
                0 if cleaned.is_empty() => {}
                0 => cleaned.push('\n'),
                _ => cleaned.push(' '),
            }
            cleaned.push_str(word);
        }
    }
    let shows = cleaned.chars().any(|c| !c.is_whitespace() && !is_joining(c));
    shows.then_some(cleaned)
}

/// The text on one line, for a source whose rows are joined line by line, and whether it had to be shortened to
/// [`COMMENT_MAX`].
#[must_use]
pub fn clean_line(text: &str) -> Option<(String, bool)> {
    let line = clean(text)?.replace('\n', " ");
    let cut = line.char_indices().nth(COMMENT_MAX).map(|(at, _)| at);
    let kept = line.get(..cut.unwrap_or(line.len())).unwrap_or_default();
    Some((kept.trim_end().to_owned(), cut.is_some()))
}

/// Marks that hold emoji together and show nothing alone.
fn is_joining(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE00}'..='\u{FE0F}')
}

/// Characters that show nothing or change how their neighbours are shown: soft hyphen, zero-width and direction
/// marks, byte order mark, annotations, tags. Joiners are not among them, for emoji need them.
fn is_steering(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
        | '\u{E0000}'..='\u{E007F}')
}
