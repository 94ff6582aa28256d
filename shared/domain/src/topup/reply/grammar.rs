//! The reader of replies. It goes through a text a fixed number of times, keeps no more than it was given, and takes
//! whatever it can't place for not understood: the order is asked about again then, which harms nobody.

use std::borrow::Cow;

use super::super::rupiah::Rupiah;
use super::about::is_about_us;
use super::amount::balance;
use super::{Balance, DuplicateStatus, Failure, NotUnderstood, Outcome, Reply};

/// A text that has the head and the tail of a reply, whatever lies between.
pub(in super::super) struct Parts<'a> {
    pub(in super::super) trxid: &'a str,
    pub(in super::super) product: &'a str,
    pub(in super::super) dest: &'a str,
    pub(in super::super) status: &'a str,
    pub(in super::super) balance: Balance,
    pub(in super::super) refid: &'a str,
}

/// Reads a reply.
///
/// # Errors
/// [`NotUnderstood`], which says nothing of the order.
pub fn read(bytes: &[u8]) -> Result<Reply, NotUnderstood> {
    let text = decoded(bytes);
    let text = trim(&text);
    let Some(parts) = parts(text) else {
        return Err(not_understood(text));
    };
    let Some(outcome) = outcome(parts.status) else {
        return Err(not_understood(text));
    };
    Ok(Reply {
        trxid: parts.trxid.to_owned(),
        product: parts.product.to_owned(),
        dest: parts.dest.to_owned(),
        refid: parts.refid.to_owned(),
        outcome,
        balance: parts.balance,
    })
}

/// Reads the answer to the question about the balance, of which the source document says only that there is one:
/// `Saldo` or `Sisa saldo`, an amount, and nothing else.
///
/// # Errors
/// [`NotUnderstood`]
pub fn read_balance(bytes: &[u8]) -> Result<Rupiah, NotUnderstood> {
    let text = decoded(bytes);
    let text = text.trim_matches(|c| is_blank(c) || c == '#');
    balance(text)
        .and_then(Balance::left)
        .ok_or_else(|| not_understood(text))
}

/// The text behind some bytes: UTF-8 with or without its mark, and else Latin-1, in which every byte is a sign.
pub(in super::super) fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()),
    }
}

fn not_understood(text: &str) -> NotUnderstood {
    if trim(text).is_empty() {
        NotUnderstood::Empty
    } else if text.starts_with('<') || has(text, "<html") || has(text, "<!doctype") {
        NotUnderstood::Page
    } else if is_about_us(text) {
        NotUnderstood::AboutUs
    } else {
        NotUnderstood::Other
    }
}

/// Takes head and tail off a text: first the head from the left and our id from the right, then the balance, which is
/// what stands before that since the last `#`.
pub(in super::super) fn parts(text: &str) -> Option<Parts<'_>> {
    let text = trim(text);
    // The first `#` may be missing, and so may the supplier's id.
    let (trxid, product, dest, rest) = text.strip_prefix('#').and_then(head).or_else(|| head(text))?;
    let (rest, refid) = rest
        .trim_end_matches(|c| c == '#' || is_blank(c))
        .rsplit_once('#')?;
    let (status, money) = rest.rsplit_once('#')?;
    Some(Parts {
        trxid,
        product,
        dest,
        status: trim(status),
        balance: balance(money)?,
        refid: labelled_refid(refid)?,
    })
}

/// `trxid#product#ke:dest#` and what comes after it.
fn head(text: &str) -> Option<(&str, &str, &str, &str)> {
    let (trxid, text) = text.split_once('#')?;
    let (product, text) = text.split_once('#')?;
    let (dest, rest) = text.split_once('#')?;
    let dest = trim_start(strip_word(trim(dest), "ke")?).strip_prefix(':')?;
    Some((trim(trxid), trim(product), trim(dest), rest))
}

/// `Reffid:refid`, with one `f` or two.
fn labelled_refid(text: &str) -> Option<&str> {
    let text = trim(text);
    let text = strip_word(text, "reffid").or_else(|| strip_word(text, "refid"))?;
    trim_start(text).strip_prefix(':').map(trim)
}

/// What a status says; `None` where it says nothing that there is.
pub(in super::super) fn outcome(status: &str) -> Option<Outcome> {
    // Two replies in one text: which of them holds is anybody's guess.
    if status
        .split('#')
        .skip(1)
        .any(|part| labelled_refid(part).is_some())
    {
        return None;
    }
    if let Some(duplicate) = duplicate(status) {
        return Some(duplicate);
    }
    if let Some(rest) = strip_word(status, "sukses") {
        return success(rest);
    }
    // Only serial numbers and names have the sign in them.
    if status.contains('#') {
        return None;
    }
    if let Some(reason) = strip_word(status, "gagal") {
        return Some(Outcome::Failed(failure(reason)));
    }
    let words = words_of(status);
    [
        ("akan diproses", Outcome::Accepted),
        ("masih dalam proses", Outcome::InProcess),
    ]
    .into_iter()
    .find_map(|(phrase, outcome)| strip_word(&words, phrase).map(|_| outcome))
}

/// `SUKSES` `#SN:sn`: the serial number is all that is left.
fn success(rest: &str) -> Option<Outcome> {
    let rest = rest.trim_start_matches(|c| is_blank(c) || matches!(c, '#' | ';' | '.' | ','));
    let sn = trim_start(strip_word(rest, "sn")?).strip_prefix(':')?;
    Some(Outcome::Success {
        sn: trim(sn).to_owned(),
    })
}

/// `word; sudah pernah jam … SN/Ref: sn.`: exactly one dot was added to the serial number.
fn duplicate(status: &str) -> Option<Outcome> {
    let (word, rest) = status.split_once(';')?;
    if word.contains('#') {
        return None;
    }
    let rest = trim_start(strip_word(trim_start(rest), "sudah")?);
    let rest = trim_start(strip_word(rest, "pernah")?);
    let rest = strip_word(rest, "jam").unwrap_or(rest);
    let (at, sn) = match find(rest, "sn/ref:") {
        Some(label) => {
            let (at, sn) = rest.split_at_checked(label)?;
            (trim(at), trim(sn.get("sn/ref:".len()..)?))
        }
        None => (trim(rest.trim_end_matches(|c| c == '.' || is_blank(c))), ""),
    };
    if at.contains('#') {
        return None;
    }
    let status = match words_of(word).as_str() {
        "sukses" => DuplicateStatus::Success,
        "gagal" => DuplicateStatus::Failed,
        _ => DuplicateStatus::Other,
    };
    Some(Outcome::Duplicate {
        status,
        at: at.to_owned(),
        sn: trim(sn.strip_suffix('.').unwrap_or(sn)).to_owned(),
    })
}

/// The reasons of the source document as they begin, in small letters and with single spaces. Where one begins with
/// another, the longer one comes first.
const REASONS: [(&str, Failure); 12] = [
    ("transaksi tidak dapat diproses", Failure::NotProcessable),
    ("dibatalkan provider", Failure::CancelledByProvider),
    (
        "nomor tujuan tdk dpt di proses krn trx gagal berturut-turut",
        Failure::NumberBlocked,
    ),
    (
        "produk sedang gangguan pada operator",
        Failure::ProductDownOperator,
    ),
    ("produk sedang gangguan", Failure::ProductDownSupplier),
    ("kode produk salah", Failure::BadProduct),
    ("nomor tujuan salah", Failure::BadNumber),
    ("saldo tidak cukup", Failure::InsufficientBalance),
    ("paket data sudah terisi", Failure::PackageAlreadyActive),
    ("nomor kadaluarsa", Failure::NumberExpired),
    (
        "nomor belum/ tidak aktif/ sudah tidak aktif",
        Failure::NumberInactive,
    ),
    ("cutoff/ timeout", Failure::CutoffOrTimeout),
];

fn failure(reason: &str) -> Failure {
    let reason = reason.trim_start_matches(|c| is_blank(c) || matches!(c, ';' | ':' | ',' | '.'));
    let words = words_of(reason).replace("/ ", "/");
    let begins = |begin: &str| strip_word(&words, &begin.replace("/ ", "/")).is_some();
    REASONS
        .into_iter()
        .find_map(|(begin, failure)| begins(begin).then_some(failure))
        .unwrap_or(Failure::Other)
}

/// A text in small letters, with one space wherever there is any.
fn words_of(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for word in text.split(is_blank).filter(|word| !word.is_empty()) {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    words.make_ascii_lowercase();
    words
}

/// White space of every kind, and what nobody sees.
pub(super) fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control() || c == '\u{feff}'
}

pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(is_blank)
}

pub(super) fn trim_start(text: &str) -> &str {
    text.trim_start_matches(is_blank)
}

/// What follows a word in any case, where a text begins with it and the word ends there.
pub(super) fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (begin, rest) = text.split_at_checked(word.len())?;
    let ends = !rest.starts_with(char::is_alphabetic);
    (ends && begin.eq_ignore_ascii_case(word)).then_some(rest)
}

/// Where an ASCII text first stands, in any case.
fn find(text: &str, wanted: &str) -> Option<usize> {
    text.as_bytes()
        .windows(wanted.len())
        .position(|window| window.eq_ignore_ascii_case(wanted.as_bytes()))
}

fn has(text: &str, wanted: &str) -> bool {
    find(text, wanted).is_some()
}
