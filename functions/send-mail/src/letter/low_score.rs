//! The mail about a low rating.
//!
//! The subject names the outlet alone. The bodies say what was rated, when, and in which words, as the answer has
//! it when the mail is sent; never who the guest is. Words that look like an advertisement stay out, and what
//! looks like a telephone number or an address is masked in all others: a mail that has left can't be erased.

use askama::Template;
use aws::mailer::Letter;
use domain::case::low_ratings;
use domain::feedback::{Answer, DishKey, Source};
use domain::map::OutletRules;
use domain::outlet::Outlet;
use domain::redact::without_contacts;
use domain::when::Zone;

use crate::letter::{Addresses, TEXT_MAX};
use crate::words::{moment_in, one_line, stars};

/// The longest outlet name in a subject, in characters.
const SUBJECT_NAME_MAX: usize = 60;
/// How many ratings of each kind a body lists.
const RATINGS_MAX: usize = 12;
/// The longest line of a comment, in characters: more than a comment may have.
const LINE_MAX: usize = 1_000;

/// What a mail about a low rating is made from.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The outlet.
    pub outlet: &'a Outlet,
    /// The id of the case.
    pub case: &'a str,
    /// Which telling of the case it is, from 1.
    pub revision: u32,
    /// The answer as it is now; `None` when it is gone.
    pub answer: Option<&'a Answer>,
}

/// Words a mail, ready to be sent.
///
/// # Errors
/// When a template can't be filled.
pub fn compose(told: &Told<'_>, addresses: &Addresses) -> Result<Letter, askama::Error> {
    let note = Note::of(told, &addresses.public_url);
    let name = one_line(name_of(told.outlet), SUBJECT_NAME_MAX);
    Ok(Letter {
        from: addresses.from.clone(),
        to: addresses.to.clone(),
        subject: format!("Nilai rendah di {name}: perlu ditindaklanjuti"),
        text: TextBody { note: &note }.render()?,
        html: HtmlBody { note: &note }.render()?,
    })
}

#[derive(Template)]
#[template(path = "low_score.txt")]
struct TextBody<'a> {
    note: &'a Note,
}

#[derive(Template)]
#[template(path = "low_score.html")]
struct HtmlBody<'a> {
    note: &'a Note,
}

/// What both bodies say.
struct Note {
    outlet: String,
    /// What the reader should know first, such as that it was told before.
    remark: Option<&'static str>,
    /// Labels and what they say: when it was ordered and said, and how.
    facts: Vec<(&'static str, String)>,
    low: Vec<Rating>,
    others: Vec<Rating>,
    comment: Vec<String>,
    /// What stands below the comment, or in its place where there is none to show.
    about_comment: Option<&'static str>,
    link: String,
    reference: String,
}

struct Rating {
    what: String,
    stars: u8,
    picture: &'static str,
}

impl Note {
    fn of(told: &Told<'_>, public_url: &str) -> Self {
        let mut note = Self {
            outlet: one_line(name_of(told.outlet), TEXT_MAX),
            remark: remark(told),
            facts: Vec::new(),
            low: Vec::new(),
            others: Vec::new(),
            comment: Vec::new(),
            about_comment: None,
            link: format!("{public_url}/dashboard/cases/{}/{}", told.outlet.id, told.case),
            reference: told.case.to_owned(),
        };
        if let Some(answer) = told.answer {
            note.fill(told.outlet, answer);
        }
        note
    }

    fn fill(&mut self, outlet: &Outlet, answer: &Answer) {
        let said = answer.effective();
        self.facts = facts(answer, &OutletRules::of(outlet.clone()).zone);
        let low = low_ratings(&said, outlet.low_threshold());
        let overall = said.overall.map(|stars| (None, stars));
        let dishes = said.dishes.iter().map(|(key, stars)| (Some(key.clone()), *stars));
        let others = overall
            .into_iter()
            .chain(dishes)
            .filter(|rating| !low.contains(rating));
        self.others = others.take(RATINGS_MAX).map(rating).collect();
        self.low = low.into_iter().take(RATINGS_MAX).map(rating).collect();
        match &said.comment {
            Some(_) if said.suspect => {
                self.about_comment =
                    Some("Komentar tidak ditampilkan karena mirip iklan atau memuat nomor; baca di dasbor.");
            }
            Some(comment) => {
                let masked = without_contacts(comment);
                self.comment = masked.lines().map(|line| one_line(line, LINE_MAX)).collect();
                self.about_comment = (masked != *comment)
                    .then_some("Yang mirip nomor atau alamat disamarkan (•); baca lengkapnya di dasbor.");
            }
            None if answer.words_erased => self.about_comment = Some("Komentar sudah dihapus."),
            None => self.about_comment = Some("Tamu tidak menulis komentar."),
        }
    }
}

/// The outlet as people call it, or else its id.
fn name_of(outlet: &Outlet) -> &str {
    outlet.name.as_deref().unwrap_or(&outlet.id)
}

fn remark(told: &Told<'_>) -> Option<&'static str> {
    let Some(answer) = told.answer else {
        return Some("Jawaban ini sudah tidak ada.");
    };
    if answer.reversed {
        return Some(
            "Penjualan ini sudah dibatalkan, uangnya dikembalikan, atau tidak ada lagi; nilainya tidak dihitung.",
        );
    }
    if low_ratings(&answer.effective(), told.outlet.low_threshold()).is_empty() {
        return Some("Nilai ini sudah diubah; sekarang tidak ada lagi yang rendah.");
    }
    (told.revision > 1).then_some("Tamu mengubah nilai yang sudah pernah dikirimkan.")
}

fn facts(answer: &Answer, zone: &Zone) -> Vec<(&'static str, String)> {
    let said = answer.effective();
    let mut facts = vec![("Waktu pesanan", moment_in(answer.order_at_ms, zone))];
    match said.source {
        Some(Source::Guest) => {
            let at = said.said_ms.unwrap_or(answer.order_at_ms);
            facts.push(("Dinilai", format!("{}, di halaman tamu", moment_in(at, zone))));
        }
        // An export says what was said, not when.
        Some(Source::Pos) => facts.push(("Dinilai", "melalui kasir (ekspor POS)".to_owned())),
        None => {}
    }
    if let Some(recommend) = said.recommend {
        facts.push(("Mau menyarankan", format!("{recommend} dari 10")));
    }
    let consent = answer.guest.as_ref().and_then(|said| said.consent.as_ref());
    if consent.is_some_and(|consent| consent.given) {
        // What was said, not whether it still holds: that is asked when the case is opened.
        facts.push((
            "Setuju dihubungi waktu menjawab",
            "ya; apakah masih boleh, lihat di dasbor".to_owned(),
        ));
    }
    facts
}

fn rating((dish, given): (Option<DishKey>, u8)) -> Rating {
    let what = match dish {
        None => "Kunjungan secara keseluruhan".to_owned(),
        Some(dish) if dish.variant.is_empty() => one_line(&dish.menu, TEXT_MAX),
        Some(dish) => format!(
            "{} ({})",
            one_line(&dish.menu, TEXT_MAX),
            one_line(&dish.variant, TEXT_MAX)
        ),
    };
    Rating {
        what,
        stars: given,
        picture: stars(given),
    }
}
