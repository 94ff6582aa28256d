//! Words that look like an advertisement or noise. A guess only: such a comment is kept, marked and hidden until
//! somebody asks for it, and its scores count.

/// Beginnings and hosts of links as people paste them.
const LINKS: [&str; 9] = [
    "http://", "https://", "www.", "wa.me/", "t.me/", "bit.ly/", "[url", "<a ", "href=",
];

/// Ends of host names that advertisements here use most.
const HOST_ENDS: [&str; 14] = [
    "com", "net", "org", "id", "info", "biz", "xyz", "site", "online", "shop", "store", "top", "club", "link",
];

/// A character repeated this often in a row is no word's.
const REPEATED: usize = 12;

/// This many digits in a row, separators aside, are a phone or account number.
const DIGITS: usize = 9;

/// Whether a text looks like an advertisement or noise.
#[must_use]
pub fn is_suspect(text: &str) -> bool {
    let lower = text.to_lowercase();
    LINKS.iter().any(|link| lower.contains(link))
        || lower.split_whitespace().any(is_host)
        || repeats(&lower)
        || has_number(&lower)
}

/// A word such as `promo-murah.com` or `promo.xyz/ayo`, or an address of mail at one.
fn is_host(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let host = word.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let Some((name, end)) = host.rsplit_once('.') else {
        return false;
    };
    let named = name.chars().next_back().is_some_and(char::is_alphanumeric);
    named && HOST_ENDS.contains(&end)
}

fn repeats(text: &str) -> bool {
    let (mut last, mut count) = (None, 0_usize);
    text.chars().filter(|c| !c.is_whitespace()).any(|c| {
        count = if last == Some(c) {
            count.saturating_add(1)
        } else {
            1
        };
        last = Some(c);
        count >= REPEATED
    })
}

fn has_number(text: &str) -> bool {
    let mut digits = 0_usize;
    text.chars().any(|c| {
        if c.is_numeric() {
            digits = digits.saturating_add(1);
        } else if c.is_alphabetic() {
            digits = 0;
        }
        digits >= DIGITS
    })
}
