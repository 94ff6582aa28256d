//! Byte classes, and the search for the next byte of a string that is not plain text.
//!
//! Eight bytes at a time in ordinary integer arithmetic: strings of a POS export are short, so the
//! set-up of a vector search costs more than it saves, and this is as quick when optimised for size.

const ONES: u64 = u64::from_le_bytes([0x01; 8]);
const HIGHS: u64 = u64::from_le_bytes([0x80; 8]);
const QUOTES: u64 = u64::from_le_bytes([b'"'; 8]);
const BACKSLASHES: u64 = u64::from_le_bytes([b'\\'; 8]);
const SPACES: u64 = u64::from_le_bytes([0x20; 8]);

/// Flags the bytes of `word` that are zero. Only the lowest flag is exact, which is all we read.
fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHS
}

/// Number of leading bytes that are neither a quote, a backslash nor a control character.
pub(super) fn plain_len(bytes: &[u8]) -> usize {
    let mut done = 0;
    while let Some((eight, _)) = bytes.get(done..).and_then(|rest| rest.split_first_chunk::<8>()) {
        let word = u64::from_le_bytes(*eight);
        let special = zero_bytes(word ^ QUOTES)
            | zero_bytes(word ^ BACKSLASHES)
            | (word.wrapping_sub(SPACES) & !word & HIGHS);
        if special != 0 {
            return done + (special.trailing_zeros() / 8) as usize;
        }
        done += 8;
    }
    let tail = bytes.get(done..).unwrap_or_default();
    let plain = tail
        .iter()
        .position(|&byte| byte == b'"' || byte == b'\\' || byte < 0x20);
    done + plain.unwrap_or(tail.len())
}

/// JSON whitespace (RFC 8259 §2).
const SPACE: u8 = 1;
/// Part of a number, a literal, or of a word that has no place in JSON.
const WORD: u8 = 2;
/// Part of a number.
const NUMBER: u8 = 4;

static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b' ' | b'\t' | b'\n' | b'\r' => SPACE,
            b'{' | b'}' | b'[' | b']' | b':' | b',' | b'"' => 0,
            b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E' => WORD | NUMBER,
            _ => WORD,
        };
        byte += 1;
    }
    table
}

fn run_len(bytes: &[u8], class: u8) -> usize {
    let end = bytes
        .iter()
        .position(|&byte| CLASS[usize::from(byte)] & class == 0);
    end.unwrap_or(bytes.len())
}

/// Number of leading whitespace bytes.
pub(super) fn space_len(bytes: &[u8]) -> usize {
    run_len(bytes, SPACE)
}

/// Number of leading bytes that are neither whitespace, a quote nor a structural character.
pub(super) fn word_len(bytes: &[u8]) -> usize {
    run_len(bytes, WORD)
}

/// True when every byte may be part of a number.
pub(super) fn is_number(bytes: &[u8]) -> bool {
    run_len(bytes, NUMBER) == bytes.len()
}

/// True for JSON whitespace.
pub(super) fn is_space(byte: u8) -> bool {
    CLASS[usize::from(byte)] & SPACE != 0
}

#[cfg(test)]
mod tests {
    use super::plain_len;

    #[test]
    fn every_special_byte_is_found_at_every_place() {
        for special in [b'"', b'\\', 0, b'\n', 0x1f] {
            for place in 0..40 {
                let mut text = vec![0xc3; 40];
                text[place] = special;
                assert_eq!(plain_len(&text), place, "{special} at {place}");
            }
        }
    }

    #[test]
    fn neighbours_of_special_bytes_are_plain() {
        let text = [b'!', b'#', b'[', b']', 0x20, 0x7f, 0x80, 0xa2, 0xdc, 0xff, b'a'];
        assert_eq!(plain_len(&text), text.len());
        assert_eq!(plain_len(b""), 0);
    }
}
