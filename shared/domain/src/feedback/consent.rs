//! The words with which a guest is asked whether the shop may contact them. A version never changes its words:
//! what was consented to must be told later exactly as it was shown.

use super::Consent;

/// The version that is shown now. It is the value of the form's `consent` field, so that what is stored is what
/// was on the page.
pub const VERSION: &str = "2026-11";

/// The words of the version that is shown now, in `id` or `en`; Bahasa Indonesia for any other language.
#[must_use]
pub fn wording(language: &str) -> &'static str {
    if language == "en" {
        "Warung Oyako may contact me about this feedback, using the phone number or e-mail address I gave when I bought."
    } else {
        "Warung Oyako boleh menghubungi saya tentang penilaian ini, lewat nomor telepon atau email yang saya berikan saat membeli."
    }
}

/// The consent of a guest who ticked the words of the version that is shown now.
#[must_use]
pub fn given(language: &str) -> Consent {
    let language = if language == "en" { "en" } else { "id" };
    Consent {
        given: true,
        wording: wording(language).to_owned(),
        wording_version: VERSION.to_owned(),
        language: language.to_owned(),
    }
}
