//! What a report says, in whatever form it comes: the names are those that systems of this kind use, in any case.

use std::borrow::Cow;

use domain::topup::is_refid;
use domain::topup::mask;
use domain::topup::reply::{self, DuplicateStatus, Outcome, Reply};

use crate::claim::hash;

/// The most names of a report that are looked at.
const NAMES_MAX: usize = 50;
/// The most characters of a value that are looked at.
const VALUE_MAX: usize = 2000;
/// Characters of a fingerprint that are kept.
const FINGERPRINT: usize = 32;

/// What a report says. Cannot be printed: it may hold a number.
#[derive(Default)]
pub(super) struct Said {
    refid: String,
    trxid: String,
    status: String,
    sn: String,
    message: String,
    reply: Option<Reply>,
}

impl Said {
    /// Reads a report from what is behind the question mark and from its body.
    pub(super) fn read(query: &[u8], body: &[u8]) -> Self {
        let mut said = Self::default();
        let pairs = form_urlencoded::parse(query).chain(form_urlencoded::parse(body));
        for (name, value) in pairs.take(NAMES_MAX) {
            said.take(&name.trim().to_ascii_lowercase(), value);
        }
        // A sender that encodes nothing cuts its own text at the first `#`; then the id has to be enough.
        said.reply = reply::read(said.message.as_bytes()).ok();
        said.refid = said.refid.to_ascii_uppercase();
        if said.refid.is_empty() {
            let echoed = said.reply.as_ref().map(|reply| reply.refid.to_ascii_uppercase());
            said.refid = echoed.unwrap_or_default();
        }
        // Nothing else is an id of ours, or fit for a log.
        if !is_refid(&said.refid) {
            said.refid.clear();
        }
        said
    }

    fn take(&mut self, name: &str, value: Cow<'_, str>) {
        let place = match name {
            "refid" | "reffid" | "clientid" | "idtrx" => &mut self.refid,
            "trxid" | "serverid" | "t" => &mut self.trxid,
            "status" | "statuscode" => &mut self.status,
            "sn" => &mut self.sn,
            "message" | "msg" => &mut self.message,
            _ => return,
        };
        if place.is_empty() {
            *place = value.trim().chars().take(VALUE_MAX).collect();
        }
    }

    /// The id of the order that it is about; empty where it names none.
    pub(super) fn refid(&self) -> &str {
        &self.refid
    }

    /// What tells it from other reports about the same order; `None` where it says nothing but which order it is about:
    /// that may be old news, or the next.
    pub(super) fn fingerprint(&self) -> Option<String> {
        let parts = [&self.trxid, &self.status, &self.sn, &self.message].map(|text| text.as_bytes());
        if parts.iter().all(|part| part.is_empty()) {
            return None;
        }
        let mut fingerprint = hash(&parts);
        fingerprint.truncate(FINGERPRINT);
        Some(fingerprint)
    }

    /// Whether it says that the order was delivered; `None` where it says nothing of that, or two things at once.
    pub(super) fn says(&self) -> Option<bool> {
        let reply = self.reply.as_ref();
        let own = reply.filter(|reply| reply.refid.eq_ignore_ascii_case(&self.refid));
        match (own.and_then(|reply| told(&reply.outcome)), word(&self.status)) {
            (Some(text), Some(word)) => (text == word).then_some(text),
            (text, word) => text.or(word),
        }
    }

    /// Its text as it may be kept; `None` where it has none.
    pub(super) fn text(&self) -> Option<String> {
        (!self.message.is_empty()).then(|| mask::text(&self.message))
    }
}

const fn told(outcome: &Outcome) -> Option<bool> {
    match outcome {
        Outcome::Success { .. } => Some(true),
        Outcome::Failed(_) => Some(false),
        Outcome::Duplicate { status, .. } => match status {
            DuplicateStatus::Success => Some(true),
            DuplicateStatus::Failed => Some(false),
            DuplicateStatus::Other => None,
        },
        Outcome::Accepted | Outcome::InProcess => None,
    }
}

/// What a status says. Numbers mean one thing to some systems and another to others, so they say nothing.
fn word(status: &str) -> Option<bool> {
    match status.to_ascii_lowercase().as_str() {
        "sukses" | "berhasil" | "success" => Some(true),
        "gagal" | "failed" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const REFID: &str = "01K8MZ3Q5V7WXYZ0ABCD";

    fn query(text: &str) -> Said {
        Said::read(text.as_bytes(), b"")
    }

    fn message(refid: &str, status: &str) -> String {
        let text = format!("#77#S10#ke:081234567890#{status}#Saldo Rp.90,000#Reffid:{refid} #");
        form_urlencoded::byte_serialize(text.as_bytes()).collect()
    }

    #[test]
    fn the_id_is_found_under_every_name_in_any_case() {
        for name in [
            "refid", "REFID", "RefId", "reffid", "ClientID", "idtrx", "%72efid",
        ] {
            assert_eq!(query(&format!("{name}={REFID}")).refid(), REFID, "{name}");
            let form = format!("x=1&{name}={}", REFID.to_lowercase());
            assert_eq!(Said::read(b"", form.as_bytes()).refid(), REFID, "{name}");
        }
        let told = message(REFID, "GAGAL. Nomor Salah");
        assert_eq!(query(&format!("MSG={told}")).refid(), REFID, "out of the text");
    }

    #[test]
    fn what_is_no_id_is_none() {
        for text in [
            "",
            "refid=",
            "refid=..%2F..",
            "refid=01K8MZ",
            "refid=%ff%fe",
            "refid",
            "&&==&",
            "message=%23",
        ] {
            assert_eq!(query(text).refid(), "", "{text}");
        }
        let garbage = vec![0xff_u8; 100_000];
        assert_eq!(Said::read(&garbage, &garbage).refid(), "");
    }

    #[test]
    fn a_report_says_what_its_text_and_its_status_agree_on() {
        let table = [
            ("SUKSES#SN:123", "", Some(true)),
            ("SUKSES#SN:123", "sukses", Some(true)),
            ("SUKSES#SN:123", "GAGAL", None),
            ("SUKSES#SN:123", "2", Some(true)),
            ("GAGAL. Nomor Salah", "", Some(false)),
            ("GAGAL. Nomor Salah", "Berhasil", None),
            ("gibberish", "", None),
            ("gibberish", "gagal", Some(false)),
            ("gibberish", "20", None),
        ];
        for (text, status, says) in table {
            let text = message(REFID, text);
            let said = query(&format!("refid={REFID}&status={status}&message={text}"));
            assert_eq!(said.says(), says, "{text} {status}");
        }
        let foreign = message("01K8MZ3Q5V7WXYZ0ABCE", "SUKSES#SN:123");
        assert_eq!(query(&format!("refid={REFID}&message={foreign}")).says(), None);
        assert_eq!(query(&format!("refid={REFID}")).says(), None);
    }

    #[test]
    fn the_same_report_has_the_same_fingerprint_however_it_comes() {
        let one = query(&format!("refid={REFID}&trxid=7&status=sukses"));
        let form = format!("STATUS=sukses&serverid=7&clientid={REFID}");
        let other = Said::read(b"", form.as_bytes());
        assert_eq!(one.fingerprint(), other.fingerprint());
        assert_eq!(one.fingerprint().unwrap().len(), FINGERPRINT);
        let late = query(&format!("refid={REFID}&trxid=7&status=gagal"));
        assert_ne!(one.fingerprint(), late.fingerprint());
        assert_eq!(query(&format!("refid={REFID}&message=")).fingerprint(), None);
    }

    #[test]
    fn a_text_is_kept_without_number_and_serial_number() {
        let text = message(REFID, "SUKSES#SN:1234-5678-9012-3456-7890");
        let kept = query(&format!("message={text}")).text().unwrap();
        assert!(
            !kept.contains("081234567890") && !kept.contains("1234-5678"),
            "{kept}"
        );
        assert_eq!(query("message=").text(), None);
    }
}
