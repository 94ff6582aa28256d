//! The mail about an export of which records were refused.
//!
//! The subject names an outlet and a day, never the file: whoever names a file after a guest would put the guest into
//! a mail's subject, which is shown on locked screens. The bodies name the file, codes, places and what to do; no value
//! of any record is in them.

use askama::Template;
use aws::mailer::Letter;
use domain::code::explain;
use domain::export::{Control, Export, ExportState, TouchedDays};
use domain::mail::DigestReason;

use crate::letter::{Addresses, TEXT_MAX};
use crate::words::{count, day, moment, one_line, rupiah};

/// The longest outlet id in a subject, in characters.
const SUBJECT_OUTLET_MAX: usize = 60;
/// How many outlet days a body lists.
const DAYS_MAX: usize = 8;
/// What to do about a code that has no words of its own.
const NO_ADVICE: &str = "Lihat rinciannya di daftar karantina.";
/// What the reader must not fear after a file of which some records were refused.
const PARTLY_TAKEN: &str = "Data tidak hilang: berkas aslinya tetap tersimpan, catatan yang baik sudah masuk, \
                            dan yang ditolak dapat diproses ulang.";
/// The same after a file of which nothing was taken.
const NOT_TAKEN: &str = "Data tidak hilang: yang sudah tersimpan tidak berubah, dan tidak ada bagian berkas ini \
                         yang masuk setengah-setengah.";

/// Words a mail, ready to be sent.
///
/// # Errors
/// When a template can't be filled.
pub fn compose(
    export: &Export,
    reasons: &[DigestReason],
    addresses: &Addresses,
) -> Result<Letter, askama::Error> {
    let digest = Digest::of(export, reasons, &addresses.public_url);
    Ok(Letter {
        from: addresses.from.clone(),
        to: addresses.to.clone(),
        subject: format!("Ekspor POS: {} - {}", digest.headline, about(export)),
        text: TextBody { digest: &digest }.render()?,
        html: HtmlBody { digest: &digest }.render()?,
    })
}

#[derive(Template)]
#[template(path = "export_trouble.txt")]
struct TextBody<'a> {
    digest: &'a Digest,
}

#[derive(Template)]
#[template(path = "export_trouble.html")]
struct HtmlBody<'a> {
    digest: &'a Digest,
}

/// What both bodies say.
struct Digest {
    headline: String,
    comfort: &'static str,
    /// Why the file as a whole failed: its code and what to do.
    failure: Option<(String, &'static str)>,
    file: String,
    received_at: String,
    days: String,
    /// Counts and sums; both empty for a file in which no record was found.
    counts: Vec<(&'static str, String)>,
    sums: Vec<(&'static str, String)>,
    /// The rejections by code, with what to do.
    causes: Vec<Cause>,
    places: Vec<Place>,
    /// How many rejections are not among the places.
    further: Option<String>,
    link: String,
    /// What to give an operator, who finds every log line by it.
    reference: Option<String>,
}

struct Cause {
    code: String,
    count: String,
    advice: &'static str,
}

struct Place {
    code: String,
    at: String,
    detail: String,
}

impl Digest {
    fn of(export: &Export, reasons: &[DigestReason], public_url: &str) -> Self {
        let rejected = export.counts.quarantined;
        let (headline, comfort) = match export.state {
            ExportState::Failed => ("berkas tidak dapat dibaca".to_owned(), NOT_TAKEN),
            _ => (format!("{} catatan ditolak", count(rejected)), PARTLY_TAKEN),
        };
        let any_record = export.counts.received > 0;
        let named = u64::try_from(reasons.len()).unwrap_or(u64::MAX);
        Self {
            headline,
            comfort,
            failure: export
                .failure
                .as_deref()
                .map(|code| (one_line(code, TEXT_MAX), advice(code))),
            file: one_line(&export.key, TEXT_MAX),
            received_at: moment(export.received_ms),
            days: days(export, DAYS_MAX, TEXT_MAX),
            counts: if any_record { counts(export) } else { Vec::new() },
            sums: if any_record { sums(export) } else { Vec::new() },
            causes: export
                .rejected
                .iter()
                .map(|(code, times)| cause(code, *times))
                .collect(),
            places: reasons.iter().map(place).collect(),
            further: rejected
                .checked_sub(named)
                .filter(|further| *further > 0)
                .map(count),
            link: format!("{public_url}/v1/quarantine?export={}", export.id),
            reference: export
                .correlation
                .as_deref()
                .map(|reference| one_line(reference, TEXT_MAX)),
        }
    }
}

/// What to do about a code.
fn advice(code: &str) -> &'static str {
    explain(code).map_or(NO_ADVICE, |explanation| explanation.id)
}

fn cause(code: &str, times: u64) -> Cause {
    Cause {
        code: one_line(code, TEXT_MAX),
        count: count(times),
        advice: advice(code),
    }
}

fn place(reason: &DigestReason) -> Place {
    let pointer = one_line(&reason.pointer, TEXT_MAX);
    let byte = count(reason.byte_start);
    Place {
        code: one_line(&reason.code, TEXT_MAX),
        at: if pointer.is_empty() {
            format!("byte {byte}")
        } else {
            format!("{pointer} (byte {byte})")
        },
        detail: one_line(&reason.detail, TEXT_MAX),
    }
}

/// What the mail is about, for its subject: the first day that the file touched, or else the export's id.
fn about(export: &Export) -> String {
    if export.days.is_empty() {
        return export.id.clone();
    }
    days(export, 1, SUBJECT_OUTLET_MAX)
}

/// The outlet days that the file touched, at most `most` of them by name.
fn days(export: &Export, most: usize, outlet_max: usize) -> String {
    let shown: Vec<String> = export
        .days
        .iter()
        .take(most)
        .map(|(outlet, date)| format!("{} {}", one_line(outlet, outlet_max), day(*date)))
        .collect();
    let further = export
        .days_total
        .saturating_sub(u64::try_from(shown.len()).unwrap_or(u64::MAX));
    // As many as are told apart: there may be more.
    let at_least = if usize::try_from(export.days_total).is_ok_and(|days| days < TouchedDays::MAX) {
        ""
    } else {
        "sedikitnya "
    };
    match (shown.is_empty(), further) {
        (true, _) => "-".to_owned(),
        (false, 0) => shown.join(", "),
        (false, further) => format!(
            "{}, dan {at_least}{} hari lainnya",
            shown.join(", "),
            count(further)
        ),
    }
}

fn counts(export: &Export) -> Vec<(&'static str, String)> {
    let counts = export.counts;
    vec![
        ("Diterima", count(counts.received)),
        ("Disimpan", count(counts.stored)),
        ("Tidak berubah", count(counts.unchanged)),
        ("Usang", count(counts.stale)),
        ("Ditolak", count(counts.quarantined)),
    ]
}

fn sums(export: &Export) -> Vec<(&'static str, String)> {
    let sums = export.sums;
    let mut rows = vec![
        ("Penjualan", rupiah(sums.total)),
        ("Batal atau belum dibayar", rupiah(sums.not_sold)),
        ("Dikembalikan", rupiah(sums.refunded)),
    ];
    if let Some(control) = &export.control {
        rows.push(("Menurut berkas", stated(control)));
        rows.push(("Pencocokan", agreement(control).to_owned()));
    }
    rows
}

/// What the file says of itself.
fn stated(control: &Control) -> String {
    let parts = [
        control
            .count
            .map(|records| format!("{} transaksi", count(records))),
        control.sum.map(rupiah),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        "-".to_owned()
    } else {
        parts.join(", ")
    }
}

/// Which reading of the records agrees with that.
fn agreement(control: &Control) -> &'static str {
    match control.matches.as_str() {
        "all" => "cocok, termasuk yang batal",
        "sold" => "cocok, tanpa yang batal",
        _ => "tidak cocok",
    }
}
