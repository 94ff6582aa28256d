//! Free texts, word by word.

use super::super::id::is_refid;
use super::{HIDDEN, STARS};

/// Names after which the values of secrets stand.
const SECRETS: &[&str] = &[
    "pin",
    "password",
    "passwd",
    "pass",
    "pwd",
    "sandi",
    "sign",
    "signature",
    "token",
    "secret",
    "key",
    "apikey",
    "memberid",
    "member",
];

/// Words that may follow such a name: no value of a secret, one hopes, is any of these.
const ORDINARY: &[&str] = &[
    "ada",
    "adalah",
    "akun",
    "and",
    "anda",
    "atau",
    "belum",
    "blm",
    "check",
    "coba",
    "cs",
    "dan",
    "ditolak",
    "diisi",
    "format",
    "gagal",
    "harap",
    "hubungi",
    "id",
    "incorrect",
    "invalid",
    "ip",
    "is",
    "kembali",
    "kosong",
    "lagi",
    "member",
    "memberid",
    "mohon",
    "nomor",
    "not",
    "oleh",
    "or",
    "password",
    "periksa",
    "pin",
    "please",
    "registered",
    "salah",
    "sesuai",
    "sign",
    "silahkan",
    "tdk",
    "terdaftar",
    "tidak",
    "transaksi",
    "trx",
    "untuk",
    "user",
    "wajib",
    "with",
    "wrong",
    "your",
    "cek",
];

/// Names of parameters whose values may be shown like any other word.
const OPEN: &[&str] = &[
    "check",
    "clientid",
    "idtrx",
    "kp",
    "message",
    "msg",
    "price",
    "product",
    "refid",
    "reffid",
    "serverid",
    "status",
    "statuscode",
    "trxid",
];

/// Words with a case of their own that replies have, and what people write of why they decided.
const KNOWN: &[&str] = &[
    "CutOff",
    "GoPay",
    "IndiHome",
    "KiosAMPM",
    "LinkAja",
    "MyTelkomsel",
    "ShopeePay",
    "WhatsApp",
    "kiosAMPM",
];

/// Digits of numbers from which on they could lead to somebody.
const LONG: usize = 8;

/// A text as far as it may be shown: see the module above.
pub(super) fn shown(text: &str) -> String {
    let mut writer = Writer::default();
    let text = without_parted_numbers(text.trim());
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let end = rest.find(is_between).unwrap_or(rest.len());
        let (chunk, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if begins_serial(chunk, after) {
            writer.shown.push_str("SN:");
            writer.shown.push_str(HIDDEN);
            break;
        }
        writer.chunk(chunk, after.starts_with('&'));
        let end = after.find(|c| !is_between(c)).unwrap_or(after.len());
        let (between, after) = after.split_at_checked(end).unwrap_or((after, ""));
        writer.shown.push_str(between);
        rest = after;
    }
    writer.shown
}

/// Whether a sign stands between words.
fn is_between(c: char) -> bool {
    c.is_whitespace() || c.is_control() || "#&?;,\"'<>()|{}[]".contains(c)
}

/// Whether a serial number comes now: it may be of any form and length, and have names in it.
fn begins_serial(chunk: &str, after: &str) -> bool {
    ["sn:", "sn=", "sn/ref:", "sn%3a", "sn%3d"]
        .into_iter()
        .any(|label| {
            chunk
                .get(..label.len())
                .is_some_and(|begin| begin.eq_ignore_ascii_case(label))
        })
        || (["sn", "sn/ref"]
            .iter()
            .any(|label| chunk.eq_ignore_ascii_case(label))
            && after.trim_start_matches(is_between).starts_with([':', '=']))
}

#[derive(Default)]
struct Writer {
    shown: String,
    /// Whether a secret was named: from there on only ordinary words are shown.
    named: bool,
}

impl Writer {
    /// `ends` says whether what stands here ends with this word for certain, as a parameter of an address does.
    fn chunk(&mut self, chunk: &str, ends: bool) {
        if let Some((name, value)) = chunk.split_once('=') {
            let open = OPEN.iter().any(|open| name.eq_ignore_ascii_case(open));
            if !open {
                self.name(name, value.is_empty() || !ends);
                return;
            }
        }
        let secret = pieces(chunk).any(is_secret);
        if self.named && !pieces(chunk).all(is_ordinary) {
            self.hide();
        } else if secret && !pieces(chunk).all(|piece| is_ordinary(piece) || is_secret(piece)) {
            self.named = true;
            self.hide();
        } else {
            self.named |= secret;
            self.word(chunk);
        }
    }

    /// The name of a parameter whose value is nobody's business.
    fn name(&mut self, name: &str, goes_on: bool) {
        self.named |= goes_on && pieces(name).any(is_secret);
        self.word(name);
        self.shown.push('=');
        self.hide();
    }

    fn word(&mut self, chunk: &str) {
        let escapes = chunk.contains('%');
        let sum = is_sum(chunk);
        let plain = |piece: &str| is_plain(piece) || is_number(piece);
        if chunk.is_empty() || sum {
            self.shown.push_str(chunk);
        } else if escapes || !pieces(chunk).all(plain) {
            self.hide();
        } else {
            self.numbers(chunk);
        }
    }

    /// A word of plain pieces, with the digits of its numbers left out.
    fn numbers(&mut self, chunk: &str) {
        let mut rest = chunk;
        while !rest.is_empty() {
            let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
            let (piece, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            let digits = piece.chars().count();
            match piece.char_indices().nth(digits.saturating_sub(4)) {
                Some((last, _)) if is_number(piece) && digits >= LONG => {
                    self.shown.push_str(STARS);
                    self.shown.push_str(piece.get(last..).unwrap_or_default());
                }
                Some(_) if is_number(piece) && digits > 3 => self.shown.push_str(STARS),
                _ => self.shown.push_str(piece),
            }
            let end = after.find(char::is_alphanumeric).unwrap_or(after.len());
            let (marks, after) = after.split_at_checked(end).unwrap_or((after, ""));
            self.shown.push_str(marks);
            rest = after;
        }
    }

    fn hide(&mut self) {
        if !self.shown.ends_with(HIDDEN) {
            self.shown.push_str(HIDDEN);
        }
    }
}

/// Letters and digits that stand together.
fn pieces(chunk: &str) -> impl Iterator<Item = &str> {
    chunk
        .split(|c: char| !c.is_alphanumeric())
        .filter(|piece| !piece.is_empty())
}

fn is_secret(piece: &str) -> bool {
    SECRETS.iter().any(|secret| piece.eq_ignore_ascii_case(secret))
}

fn is_ordinary(piece: &str) -> bool {
    ORDINARY.iter().any(|word| piece.eq_ignore_ascii_case(word))
}

fn is_number(piece: &str) -> bool {
    piece.chars().all(char::is_numeric)
}

/// Whether a piece has the form of a word, a short code or one of our ids: secrets in base 64 have neither.
fn is_plain(piece: &str) -> bool {
    let digits = piece.chars().any(char::is_numeric);
    let small = piece.chars().any(char::is_lowercase);
    let capitals_later = piece.chars().skip(1).any(char::is_uppercase);
    let one_case = !(small && capitals_later);
    let word = !digits && one_case && piece.chars().count() <= 30;
    let code = digits && one_case && piece.chars().count() <= 5;
    word || code || KNOWN.contains(&piece) || is_refid(piece)
}

/// Whether a word is an amount: `Rp.284.939`.
fn is_sum(chunk: &str) -> bool {
    chunk.split_at_checked(2).is_some_and(|(begin, rest)| {
        begin.eq_ignore_ascii_case("rp")
            && rest.len() <= 20
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'='))
            && rest
                .split(['.', '-', '='])
                .all(|group| group.len() <= 3 || rest.trim_start_matches('.') == group)
    })
}

/// A text in which long numbers keep their last four digits, and everything else stands.
pub(super) fn without_numbers(text: &str) -> String {
    let text = without_parted_numbers(text);
    let (mut shown, mut rest) = (String::with_capacity(text.len()), text.as_str());
    while !rest.is_empty() {
        let end = rest.find(char::is_numeric).unwrap_or(rest.len());
        let (before, number) = rest.split_at_checked(end).unwrap_or((rest, ""));
        shown.push_str(before);
        let end = number.find(|c: char| !c.is_numeric()).unwrap_or(number.len());
        let (number, after) = number.split_at_checked(end).unwrap_or((number, ""));
        let digits = number.chars().count();
        match number.char_indices().nth(digits.saturating_sub(4)) {
            Some((last, _)) if digits >= LONG => {
                shown.push_str(STARS);
                shown.push_str(number.get(last..).unwrap_or_default());
            }
            _ => shown.push_str(number),
        }
        rest = after;
    }
    shown
}

/// A text in which the digits of long numbers are stars, where they are written with signs between them: as they
/// stand there, nobody can say where a number ends, and what follows may be a PIN.
fn without_parted_numbers(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(char::is_numeric).unwrap_or(rest.len());
        let (before, number) = rest.split_at_checked(end).unwrap_or((rest, ""));
        shown.push_str(before);
        let end = number
            .find(|c: char| !(c.is_numeric() || c.is_whitespace() || ".-/+()".contains(c)))
            .unwrap_or(number.len());
        let (number, after) = number.split_at_checked(end).unwrap_or((number, ""));
        let digits = number.chars().filter(|c| c.is_numeric()).count();
        let parted = number
            .trim_end_matches(|c: char| !c.is_numeric())
            .chars()
            .any(|c| !c.is_numeric());
        let hide = parted && digits >= LONG && !shown.ends_with("Rp.") && !shown.ends_with("Rp. ");
        shown.extend(
            number
                .chars()
                .map(|c| if hide && c.is_numeric() { '*' } else { c }),
        );
        rest = after;
    }
    shown
}
