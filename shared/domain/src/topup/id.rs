//! The ids of orders, by which the supplier knows them too.
//!
//! Twenty digits and capital letters: the source document does not say what an id may consist of, and whatever is
//! longer or has other signs in it (`#` parts a reply) asks for trouble.

/// The length of an id, in characters.
const LENGTH: usize = 20;
/// How many of them tell the time: 45 bits of milliseconds, enough for a thousand years.
const TIME: usize = 9;
/// Crockford's base 32: in the order of their values, and without the letters that look like digits.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The id of an order that is taken at `at_ms` (Unix milliseconds), from eight random bytes: ids of later milliseconds
/// sort later, and 55 random bits tell those of one millisecond apart.
#[must_use]
pub fn refid(at_ms: i64, random: [u8; 8]) -> String {
    let time = u64::try_from(at_ms).unwrap_or_default();
    let random = u64::from_be_bytes(random);
    digits(time, TIME).chain(digits(random, LENGTH - TIME)).collect()
}

/// Whether a text is such an id.
#[must_use]
pub fn is_refid(text: &str) -> bool {
    text.len() == LENGTH && text.bytes().all(|byte| DIGITS.contains(&byte))
}

/// The lowest digits of a number, the highest of them first.
fn digits(number: u64, count: usize) -> impl Iterator<Item = char> {
    (0..count).rev().map(move |place| {
        let digit = (number >> (5 * place)) & 31;
        char::from(DIGITS[digit as usize])
    })
}
