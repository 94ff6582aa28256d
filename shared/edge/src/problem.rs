//! Problem documents (RFC 9457): every refusal of an HTTP function, in Bahasa Indonesia and English.
//!
//! The table below is the only place that maps a code to a status and a title.

mod document;
mod store;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};

pub use document::{FieldError, ProblemDocument};

/// The media type of problem documents (RFC 9457 §3).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What kind of problem it is: one row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// The stable code, such as `EXPORT_NOT_FOUND`.
    pub code: &'static str,
    /// The status it is answered with.
    pub status: StatusCode,
    /// The title in Bahasa Indonesia.
    pub title: &'static str,
    /// The title in English.
    pub title_en: &'static str,
}

macro_rules! kinds {
    ($($code:ident $status:ident $title:literal $title_en:literal)+) => {
        $(
            #[doc = $title_en]
            pub const $code: Kind = Kind {
                code: stringify!($code),
                status: StatusCode::$status,
                title: $title,
                title_en: $title_en,
            };
        )+

        /// Every kind there is.
        pub const ALL: &[Kind] = &[$($code),+];
    };
}

kinds! {
    BODY_EMPTY BAD_REQUEST "Isi permintaan kosong" "The request has no content"
    BODY_INVALID UNPROCESSABLE_ENTITY "Isi permintaan tidak sesuai" "The request's content does not fit"
    BODY_NOT_JSON BAD_REQUEST "Isi permintaan bukan JSON" "The request's content is not JSON"
    BODY_TOO_LARGE PAYLOAD_TOO_LARGE "Isi permintaan terlalu besar" "The request's content is too large"
    BODY_UNREADABLE BAD_REQUEST "Isi permintaan tidak terbaca" "The request's content could not be read"
    CASE_NOT_FOUND NOT_FOUND "Kasus tidak ditemukan" "There is no such case"
    CASE_SETTLED CONFLICT "Kasus sudah selesai" "The case is settled already"
    CHANGED_MEANWHILE CONFLICT "Data baru saja diubah" "Somebody else changed it first"
    CONTACT_BARRED FORBIDDEN "Tamu tidak boleh dihubungi" "The guest may not be contacted"
    CSRF_INVALID FORBIDDEN "Formulir tidak berlaku lagi" "The form is not valid any more"
    CUSTOMER_NOT_FOUND NOT_FOUND "Pelanggan tidak ditemukan" "There is no such customer"
    DAY_NOT_FOUND NOT_FOUND "Tidak ada penjualan pada hari itu" "There are no sales on that day"
    EXPORT_NOT_FINISHED CONFLICT "Ekspor belum selesai dibaca" "The export has not been read to its end"
    EXPORT_NOT_FOUND NOT_FOUND "Ekspor tidak ditemukan" "There is no such export"
    FEEDBACK_NOT_FOUND NOT_FOUND "Jawaban tamu tidak ditemukan" "There is no such answer of a guest"
    FINDING_NOT_FOUND NOT_FOUND "Temuan tidak ditemukan" "There is no such finding"
    FINDING_NOT_OPEN CONFLICT "Temuan sudah tidak terbuka" "The finding is not open any more"
    IDEMPOTENCY_KEY_INVALID BAD_REQUEST "Idempotency-Key tidak sah" "The Idempotency-Key is not valid"
    IDEMPOTENCY_KEY_MISSING BAD_REQUEST "Idempotency-Key tidak ada" "The Idempotency-Key is missing"
    IDEMPOTENCY_KEY_REUSED CONFLICT "Idempotency-Key sudah dipakai" "The Idempotency-Key was used for another request"
    INTERNAL INTERNAL_SERVER_ERROR "Terjadi kesalahan di server" "Something went wrong in the server"
    KEY_IN_USE CONFLICT "Kunci sedang dipakai" "A key can't revoke itself"
    KEY_NOT_FOUND NOT_FOUND "Kunci API tidak ditemukan" "There is no such API key"
    KIN_SETTLED CONFLICT "ID itu sudah seperti yang diminta" "The ids stand like that already"
    KIN_UNKNOWN NOT_FOUND "ID itu tidak dikenal di nomor yang sama" "The id is not known under the same number"
    LINK_EXPIRED GONE "Tautan sudah kedaluwarsa" "The link has expired"
    LINK_FORGED NOT_FOUND "Tautan tidak dikenal" "The link is not one of ours"
    LINK_KEY_NEWEST CONFLICT "Tautan masih dibuat dengan kunci ini" "Links are still made with this key"
    LINK_KEY_NOT_FOUND NOT_FOUND "Kunci tautan tidak ditemukan" "There is no such key of links"
    LINK_SPENT CONFLICT "Tautan sudah dipakai" "The link has been used"
    LOGIN_FAILED FORBIDDEN "Tidak bisa masuk" "Logging in did not work"
    MAIL_NOT_FOUND NOT_FOUND "Surat tidak ditemukan" "There is no such mail"
    MAIL_UNDER_WAY CONFLICT "Surat sudah terkirim atau sedang dikirim" "The mail was sent or is being sent"
    MEDIA_TYPE_UNSUPPORTED UNSUPPORTED_MEDIA_TYPE "Jenis isi tidak didukung" "This type of content is not supported"
    MENU_NOT_FOUND NOT_FOUND "Menu tidak ditemukan" "There is no such dish"
    METHOD_NOT_ALLOWED METHOD_NOT_ALLOWED "Metode tidak didukung di alamat ini" "This address does not take that method"
    NIGHT_NOT_FOUND NOT_FOUND "Malam itu tidak ditemukan" "There is no such night"
    NOT_FOUND NOT_FOUND "Tidak ditemukan" "There is no such thing"
    OUTLET_FORBIDDEN FORBIDDEN "Outlet itu bukan milik akun ini" "The outlet is not one of this account's"
    OUTLET_HAS_SALES CONFLICT "Outlet sudah punya penjualan" "The outlet has sales already"
    OUTLET_NOT_FOUND NOT_FOUND "Outlet tidak ditemukan" "There is no such outlet"
    PARAMETER_INVALID BAD_REQUEST "Parameter tidak sah" "A parameter is not valid"
    PARAMETER_MISSING BAD_REQUEST "Parameter tidak ada" "A parameter is missing"
    PEOPLE_TOO_MANY CONFLICT "Tidak semua orang dengan nomor itu dapat disebut" "Not everybody with that number can be named"
    PERSON_NOT_FOUND NOT_FOUND "Orang tidak ditemukan" "There is no such person"
    QUARANTINE_NOT_FOUND NOT_FOUND "Data karantina tidak ditemukan" "There is no such quarantined record"
    QUARANTINE_REPLAYING CONFLICT "Data sedang diproses ulang" "The record is being replayed"
    QUARANTINE_SETTLED CONFLICT "Data karantina sudah diputuskan" "The quarantined record is settled already"
    QUERY_UNKNOWN BAD_REQUEST "Parameter tidak dikenal" "A parameter is not known"
    RANGE_TOO_LONG BAD_REQUEST "Rentang tanggal terlalu panjang" "The range of dates is too long"
    RECEIPT_NOT_FOUND NOT_FOUND "Struk tidak ditemukan" "There is no such receipt"
    RECEIPT_REFUNDED CONFLICT "Pesanan sudah dikembalikan" "The order was refunded"
    RECEIPT_UNFINISHED CONFLICT "Struk belum lengkap" "The receipt is not complete yet"
    RECEIPT_VOIDED CONFLICT "Pesanan sudah dibatalkan" "The order was cancelled"
    RIGHTS_ERASURE CONFLICT "Data orang ini dihapus" "The person is erased or about to be"
    RIGHTS_FIELD UNPROCESSABLE_ENTITY "Hanya perbaikan yang menyebut kolom" "A correction, and no other request, names a field"
    RIGHTS_NOTHING_TO_LIFT CONFLICT "Tidak ada yang bisa dicabut" "There is nothing to lift"
    RIGHTS_NOT_FOUND NOT_FOUND "Permintaan tidak ditemukan" "There is no such request"
    RIGHTS_NO_CUSTOMER UNPROCESSABLE_ENTITY "Permintaan tanpa pelanggan" "A request is about at least one customer"
    RIGHTS_OPEN CONFLICT "Permintaan sejenis masih terbuka" "A request like this is still open"
    RIGHTS_SETTLED CONFLICT "Permintaan sudah melewati langkah itu" "The request has moved on"
    RIGHTS_UNCHECKED CONFLICT "Identitas belum dicek" "It has not been checked who asks"
    ROUTE_NOT_FOUND NOT_FOUND "Alamat tidak ditemukan" "There is nothing at this address"
    SCOPE_MISSING FORBIDDEN "Izin ini tidak dimiliki" "A scope is lacking"
    SCOPE_NOT_HELD FORBIDDEN "Izin itu tidak Anda miliki" "A key can only grant scopes that it has"
    STORE_BUSY SERVICE_UNAVAILABLE "Penyimpanan sedang sibuk" "The store is busy"
    STORE_UNAVAILABLE SERVICE_UNAVAILABLE "Penyimpanan tidak menjawab" "The store does not answer"
    TOO_MANY_REQUESTS TOO_MANY_REQUESTS "Terlalu banyak permintaan" "There were too many requests"
    TOPUP_ALREADY_OPEN CONFLICT "Pesanan yang sama masih diproses" "The same order is still under way"
    TOPUP_BALANCE_LOW CONFLICT "Deposit di pemasok tidak cukup" "The deposit with the supplier does not suffice"
    TOPUP_CAP_REACHED TOO_MANY_REQUESTS "Batas harian tercapai" "The cap of the day is reached"
    TOPUP_COOLING CONFLICT "Terlalu cepat untuk nomor dan produk ini" "It is too soon for this number and product"
    TOPUP_CUTOFF CONFLICT "Pemasok tutup malam ini" "The supplier's nightly cutoff"
    TOPUP_DESTINATION_BLOCKED CONFLICT "Nomor diblokir pemasok" "The supplier has blocked the number"
    TOPUP_DESTINATION_FAILING CONFLICT "Nomor terlalu sering gagal" "The number failed too often"
    TOPUP_DESTINATION_INVALID UNPROCESSABLE_ENTITY "Nomor tujuan tidak sah" "The destination is not valid"
    TOPUP_NEEDS_PERSON FORBIDDEN "Perlu orang yang masuk sendiri" "A person who is signed in is needed"
    TOPUP_NOTHING_PROPOSED CONFLICT "Belum ada usulan untuk pesanan ini" "Nothing was proposed for the top-up"
    TOPUP_NOT_FOUND NOT_FOUND "Pesanan isi ulang tidak ditemukan" "There is no such top-up"
    TOPUP_NOT_TO_DECIDE CONFLICT "Pesanan ini tidak menunggu keputusan" "The top-up does not wait for a decision"
    TOPUP_OFF CONFLICT "Isi ulang belum dinyalakan" "Top-ups are not set up"
    TOPUP_OPERATOR_DIFFERS UNPROCESSABLE_ENTITY "Nomor milik operator lain" "The number is another operator's"
    TOPUP_PARTNER_INACTIVE FORBIDDEN "Mitra tidak aktif" "The partner is not active"
    TOPUP_PARTNER_MISSING FORBIDDEN "Kunci tanpa mitra" "The key has no partner"
    TOPUP_PARTNER_UNKNOWN NOT_FOUND "Mitra tidak ditemukan" "There is no such partner"
    TOPUP_PAUSED CONFLICT "Isi ulang sedang dijeda" "Top-ups are paused"
    TOPUP_PRICE_HIGHER CONFLICT "Harga lebih tinggi dari batas Anda" "The price is above your limit"
    TOPUP_PRODUCT_DOWN CONFLICT "Produk sedang gangguan" "The product is down"
    TOPUP_PRODUCT_NOT_ALLOWED FORBIDDEN "Produk tidak untuk mitra ini" "The product is not for this partner"
    TOPUP_PRODUCT_OFF UNPROCESSABLE_ENTITY "Produk tidak dijual" "The product is not sold"
    TOPUP_PRODUCT_PRICE_DIFFERS CONFLICT "Harga atau kode produk sedang diperiksa" "The product's price or code is being looked at"
    TOPUP_PRODUCT_UNKNOWN UNPROCESSABLE_ENTITY "Produk tidak dikenal" "There is no such product"
    TOPUP_SAME_PERSON FORBIDDEN "Perlu orang kedua" "A second person is needed"
    UNAUTHORIZED UNAUTHORIZED "Kunci atau token tidak berlaku" "The key or token is not valid"
    WEBHOOK_NOT_FOUND NOT_FOUND "Webhook tidak ditemukan" "There is no such webhook"
    WEBHOOK_UNDER_WAY CONFLICT "Webhook sudah atau sedang dikirim" "The webhook was sent or is being sent"
}

impl Kind {
    /// The kind as a URI reference: `/problems/export-not-found`.
    #[must_use]
    pub fn type_uri(&self) -> String {
        format!("/problems/{}", self.code.to_lowercase().replace('_', "-"))
    }
}

#[derive(Clone, Debug)]
struct Inner {
    kind: &'static Kind,
    detail: Option<(String, String)>,
    errors: Vec<FieldError>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<String>,
}

/// A refusal on its way to the caller.
#[derive(Clone, Debug)]
pub struct Problem(Box<Inner>);

impl Problem {
    /// A problem of a kind.
    #[must_use]
    pub fn new(kind: &'static Kind) -> Self {
        Self(Box::new(Inner {
            kind,
            detail: None,
            errors: Vec::new(),
            headers: Vec::new(),
            cause: None,
        }))
    }

    /// A failure of the server itself. The cause goes to the log and never to the caller.
    #[must_use]
    pub fn internal(cause: impl Into<String>) -> Self {
        Self::new(&INTERNAL).caused_by(cause)
    }

    /// Says what to know or do about it, in Bahasa Indonesia and in English.
    #[must_use]
    pub fn detail(mut self, indonesian: impl Into<String>, english: impl Into<String>) -> Self {
        self.0.detail = Some((indonesian.into(), english.into()));
        self
    }

    /// Adds one thing that is wrong with the request.
    #[must_use]
    pub fn error(mut self, error: FieldError) -> Self {
        self.0.errors.push(error);
        self
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// Notes the cause for the log.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<String>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// A parameter of the address, or a header, that can't be used.
    #[must_use]
    pub fn parameter(
        kind: &'static Kind,
        name: &str,
        indonesian: impl Into<String>,
        english: impl Into<String>,
    ) -> Self {
        let (detail, detail_en) = (indonesian.into(), english.into());
        let error = FieldError {
            pointer: None,
            parameter: Some(name.to_owned()),
            code: kind.code,
            detail: detail.clone(),
            detail_en: detail_en.clone(),
        };
        Self::new(kind)
            .detail(format!("{name}: {detail}"), format!("{name}: {detail_en}"))
            .error(error)
    }

    /// Fields of a body that don't fit. The first stands in the detail too, for who shows nothing else.
    #[must_use]
    pub fn fields(errors: Vec<FieldError>) -> Self {
        let mut problem = Self::new(&BODY_INVALID);
        if let Some(first) = errors.first() {
            problem = problem.detail(first.told(&first.detail), first.told(&first.detail_en));
        }
        problem.0.errors = errors;
        problem
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> &'static Kind {
        self.0.kind
    }

    /// The cause, for the log.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// The document for a request of the path `instance`.
    #[must_use]
    pub fn document<'a>(&'a self, instance: Option<&'a str>) -> ProblemDocument<'a> {
        let Inner {
            kind, detail, errors, ..
        } = &*self.0;
        ProblemDocument {
            type_uri: kind.type_uri(),
            title: kind.title,
            detail: detail.as_ref().map(|(indonesian, _)| indonesian.as_str()),
            title_en: kind.title_en,
            detail_en: detail.as_ref().map(|(_, english)| english.as_str()),
            status: kind.status.as_u16(),
            code: kind.code,
            instance,
            errors,
        }
    }
}

impl IntoResponse for Problem {
    /// The problem travels in the response's extensions too: whoever knows the request's path puts
    /// it into the document.
    fn into_response(self) -> Response {
        // A document of texts and numbers can always be written; the fallback is for the type alone.
        let body = serde_json::to_vec(&self.document(None)).unwrap_or_default();
        let mut response = (self.0.kind.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.extend(self.0.headers.iter().cloned());
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_in_order() {
        let codes: Vec<&str> = ALL.iter().map(|kind| kind.code).collect();
        let mut sorted = codes.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(codes, sorted);
    }

    #[test]
    fn every_kind_is_a_refusal_with_titles_in_two_languages() {
        for kind in ALL {
            assert!(
                kind.status.is_client_error() || kind.status.is_server_error(),
                "{}",
                kind.code
            );
            assert!(
                !kind.title.is_empty() && !kind.title_en.is_empty(),
                "{}",
                kind.code
            );
            assert_ne!(kind.title, kind.title_en, "{}", kind.code);
        }
    }

    #[test]
    fn a_document_has_the_members_of_the_standard_and_ours() {
        let error = FieldError::at("/zone", "ZONE_UNKNOWN", "zona tidak dikenal", "unknown zone");
        let problem = Problem::fields(vec![error]).detail("lihat", "see");
        let document = serde_json::to_value(problem.document(Some("/v1/outlets/pos-1"))).unwrap();
        let expected = serde_json::json!({
            "type": "/problems/body-invalid",
            "title": "Isi permintaan tidak sesuai",
            "detail": "lihat",
            "title_en": "The request's content does not fit",
            "detail_en": "see",
            "status": 422,
            "code": "BODY_INVALID",
            "instance": "/v1/outlets/pos-1",
            "errors": [{
                "pointer": "/zone", "code": "ZONE_UNKNOWN",
                "detail": "zona tidak dikenal", "detail_en": "unknown zone",
            }],
        });
        assert_eq!(document, expected);
    }
}
