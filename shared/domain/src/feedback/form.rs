//! The guest's form, read from the bytes of a request. Anyone may send anything: only fields that the page has,
//! each once, with values that the page can send, are an answer.
//!
//! Fields: `overall` (1–5), `d0`, `d1`, … (1–5 or empty, by position among the dishes), `recommend` (0–10 or
//! empty), `comment`, `consent` ([`super::consent::VERSION`] when ticked), `lang` (`id` or `en`), and `website`,
//! which no person sees or fills in.

use std::collections::BTreeMap;

use super::{Dish, Said, consent, spam, words};

pub use super::words::COMMENT_MAX;

/// The largest body that is read, in bytes: the longest comment in the widest writing, and room for the rest.
pub const BODY_MAX: usize = 16 << 10;

/// The field that only a machine fills in.
pub const HONEYPOT: &str = "website";

/// What is wrong with a field, for the page to say at that field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormError {
    /// The field's name; empty for the form as a whole.
    pub field: String,
    /// The stable code.
    pub code: &'static str,
    /// What to do, in Bahasa Indonesia.
    pub id: &'static str,
    /// The same in English.
    pub en: &'static str,
}

impl FormError {
    fn missing(field: &str) -> Self {
        Self {
            field: field.to_owned(),
            code: "FIELD_MISSING",
            id: "Pilih salah satu nilai.",
            en: "Please choose one of the values.",
        }
    }

    fn invalid(field: &str) -> Self {
        Self {
            field: field.to_owned(),
            code: "FIELD_INVALID",
            id: "Isian ini tidak dapat dibaca. Pilih sekali lagi.",
            en: "This can't be read. Please choose again.",
        }
    }

    fn too_long(field: &str) -> Self {
        Self {
            field: field.to_owned(),
            code: "FIELD_TOO_LONG",
            id: "Terlalu panjang: paling banyak 1.000 huruf.",
            en: "Too long: at most 1,000 characters.",
        }
    }

    /// The name is not repeated: it is whatever somebody sent.
    fn unknown() -> Self {
        Self {
            field: String::new(),
            code: "FIELD_UNKNOWN",
            id: "Formulir ini bukan dari halaman ini. Muat ulang halamannya, lalu isi lagi.",
            en: "This form is not from this page. Please reload the page and fill it in again.",
        }
    }
}

/// Reads a form sent as `application/x-www-form-urlencoded` for a receipt of these dishes.
///
/// # Errors
/// Every field that is wrong, in the order of the page, each once.
pub fn read(body: &[u8], dishes: &[Dish], now_ms: i64) -> Result<Said, Vec<FormError>> {
    if body.len() > BODY_MAX {
        return Err(vec![FormError::too_long("")]);
    }
    let mut fields = Fields::of(body, dishes.len());
    let overall = fields.choice("overall", 1, 5);
    if overall.is_none() && !fields.is_wrong("overall") {
        fields.errors.push(FormError::missing("overall"));
    }
    let mut ratings = BTreeMap::new();
    for (at, dish) in dishes.iter().enumerate() {
        if let Some(stars) = fields.choice(&format!("d{at}"), 1, 5) {
            ratings.insert(dish.key.clone(), stars);
        }
    }
    let recommend = fields.choice("recommend", 0, 10);
    let comment = fields.comment();
    let language = fields.language();
    let consent = fields.consent(language.as_deref());
    let trapped = fields.values.get(HONEYPOT).is_some_and(|value| !value.is_empty());
    if !fields.errors.is_empty() {
        return Err(fields.errors);
    }
    Ok(Said {
        at_ms: now_ms,
        told_ms: now_ms,
        overall,
        dishes: ratings,
        recommend,
        suspect: trapped || comment.as_deref().is_some_and(spam::is_suspect),
        comment,
        consent,
        language,
    })
}

struct Fields {
    values: BTreeMap<String, String>,
    errors: Vec<FormError>,
}

impl Fields {
    fn of(body: &[u8], dishes: usize) -> Self {
        let mut fields = Self {
            values: BTreeMap::new(),
            errors: Vec::new(),
        };
        for (name, value) in form_urlencoded::parse(body) {
            if !is_field(&name, dishes) {
                fields.wrong(FormError::unknown());
            } else if fields
                .values
                .insert(name.to_string(), value.into_owned())
                .is_some()
            {
                fields.wrong(FormError::invalid(&name));
            }
        }
        fields
    }

    fn wrong(&mut self, error: FormError) {
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    fn is_wrong(&self, field: &str) -> bool {
        self.errors.iter().any(|error| error.field == field)
    }

    /// One of the numbers that the page offers; empty is none of them.
    fn choice(&mut self, field: &str, least: u8, most: u8) -> Option<u8> {
        let text = self.values.get(field).filter(|text| !text.is_empty())?;
        let chosen = (least..=most).find(|number| number.to_string() == *text);
        if chosen.is_none() {
            self.wrong(FormError::invalid(field));
        }
        chosen
    }

    fn comment(&mut self) -> Option<String> {
        let comment = words::clean(self.values.get("comment")?)?;
        if comment.chars().count() > COMMENT_MAX {
            self.wrong(FormError::too_long("comment"));
        }
        Some(comment)
    }

    fn language(&mut self) -> Option<String> {
        let language = self.values.get("lang")?.clone();
        if !matches!(language.as_str(), "id" | "en") {
            self.wrong(FormError::invalid("lang"));
        }
        Some(language)
    }

    /// Consent to other words than those of now can't be stored as what was shown: the guest is asked again.
    fn consent(&mut self, language: Option<&str>) -> Option<super::Consent> {
        let version = self.values.get("consent").filter(|version| !version.is_empty())?;
        if version != consent::VERSION {
            self.wrong(FormError::invalid("consent"));
        }
        Some(consent::given(language.unwrap_or("id")))
    }
}

/// Whether the page of a receipt with this many dishes has a field of this name.
fn is_field(name: &str, dishes: usize) -> bool {
    const OTHERS: [&str; 6] = ["overall", "recommend", "comment", "consent", "lang", HONEYPOT];
    let of_dish = |at: &str| {
        at.parse::<usize>()
            .is_ok_and(|number| number < dishes && number.to_string() == at)
    };
    OTHERS.contains(&name) || name.strip_prefix('d').is_some_and(of_dish)
}
