//! Free texts that speak of who we are: a wrong PIN, an address that is not registered.

/// What such a text is about.
const WHO: &[&str] = &[
    "pin",
    "password",
    "passwd",
    "sandi",
    "ip",
    "member",
    "memberid",
    "memberip",
    "sign",
    "signature",
    "akun",
    "reseller",
    "user",
    "userid",
    "agen",
];

/// What it says of it.
const REFUSED: &[&str] = &[
    "salah",
    "tidak",
    "tdk",
    "belum",
    "blm",
    "bukan",
    "gagal",
    "ditolak",
    "diblokir",
    "terblokir",
    "nonaktif",
    "invalid",
    "wrong",
    "denied",
    "not",
    "unauthorized",
    "unregistered",
    "forbidden",
];

/// The longest text that is looked at: these are short.
const BYTES_MAX: usize = 1_000;

/// Whether a text refuses us, and not an order: both what it is about and a refusal are there as whole words.
pub(super) fn is_about_us(text: &str) -> bool {
    text.len() <= BYTES_MAX && has_any(text, WHO) && has_any(text, REFUSED)
}

fn has_any(text: &str, wanted: &[&str]) -> bool {
    let mut words = text.split(|c: char| !c.is_ascii_alphabetic());
    words.any(|word| wanted.iter().any(|wanted| word.eq_ignore_ascii_case(wanted)))
}
