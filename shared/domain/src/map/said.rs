//! What the guest said, as far as an export tells it: ratings with the lines, and the seven fields' `Isi_Laporan`.

use crate::dialect::Family;
use crate::feedback::{DishKey, Said, spam, words};
use crate::map::Mapper;
use crate::receipt::{Lines, Rank};
use crate::record::Rejection;
use crate::shape::Field;
use crate::when::Moment;

/// `Isi_Laporan`, taken apart.
pub(super) struct Report {
    /// One to five, where it begins with that.
    pub(super) stars: Option<u8>,
    /// The rest.
    words: String,
}

impl Mapper<'_, '_, '_> {
    /// What the record says of the guest's opinion; `None` where it says nothing.
    pub(super) fn said(
        &mut self,
        lines: &Lines,
        moment: Moment,
        rank: Rank,
    ) -> Result<Option<Said>, Rejection> {
        let mut said = Said {
            // An export doesn't tell when it was said. The sale's time is the same in every file.
            at_ms: moment.at_ms,
            told_ms: rank.revised_ms,
            ..Said::default()
        };
        // What has no dish behind it can't be rated as one.
        for line in lines.sold().filter(|line| line.item.rateable) {
            if let Some(stars) = line.rating {
                // As for rows of one dish: the lower one counts.
                let known = said.dishes.entry(DishKey::of(line)).or_insert(stars);
                *known = stars.min(*known);
            }
        }
        if let Some(report) = self.report()? {
            // Stars in a row that names no dish are the visit's.
            if said.dishes.is_empty() {
                said.overall = report.stars;
            }
            if let Some((comment, shortened)) = words::clean_line(&report.words) {
                said.suspect = spam::is_suspect(&comment);
                said.comment = Some(comment);
                if shortened {
                    self.reader.notes.push("TEXT_SHORTENED");
                }
            }
        }
        Ok((!said.is_empty()).then_some(said))
    }

    /// Reads `Isi_Laporan`, which other dialects don't have: stars where it begins with them, as in `4 - agak
    /// asin`, and words. A number that is none of one to five is words.
    pub(super) fn report(&self) -> Result<Option<Report>, Rejection> {
        if self.dialect.family() != Family::Flat {
            return Ok(None);
        }
        let Some(text) = self.reader.text(self.object, Field::Rating)? else {
            return Ok(None);
        };
        let text = text.trim();
        let (first, rest) = text.split_at_checked(1).unwrap_or(("", text));
        let stars = first.parse().ok().filter(|stars| (1..=5).contains(stars));
        Ok(Some(match stars.filter(|_| !continues_number(rest)) {
            Some(stars) => Report {
                stars: Some(stars),
                words: after_stars(rest).to_owned(),
            },
            None => Report {
                stars: None,
                words: text.to_owned(),
            },
        }))
    }
}

/// Whether the first digit is only the beginning of something else: `10`, `4.5`, `3/10`, `2-3 hari`, `2x`.
fn continues_number(rest: &str) -> bool {
    let rest = rest.strip_prefix("/5").unwrap_or(rest);
    let mut next = rest.chars();
    match next.next() {
        Some(c) if c.is_alphanumeric() => true,
        Some('.' | ',' | '/' | '-' | '–' | ':') => next.next().is_some_and(|c| c.is_ascii_digit()),
        _ => false,
    }
}

/// The words behind the stars, without what stands between: `/5`, `★`, `-`.
fn after_stars(rest: &str) -> &str {
    let rest = rest.strip_prefix("/5").unwrap_or(rest);
    rest.trim_start_matches(|c: char| c.is_whitespace() || "-–—:;.,/*★⭐|".contains(c))
}
