//! What can go wrong with deliveries: each of these changes one thing of the story, and nothing of what was sold.

use domain::when::BusinessDate;

use super::{BY_PUSH, Deed, Story, day, key, pushed, sold_by_api, sold_by_push};
use crate::receipts::{at, mistyped, page};

impl Story {
    /// Takes deeds out of the story; answers when they were to happen.
    fn take(&mut self, which: impl Fn(&Deed) -> bool) -> Vec<(i64, Deed)> {
        let mut taken = Vec::new();
        for (at_ms, deeds) in &mut self.deeds {
            let (out, rest) = std::mem::take(deeds).into_iter().partition(&which);
            *deeds = rest;
            let out: Vec<Deed> = out;
            taken.extend(out.into_iter().map(|deed| (*at_ms, deed)));
        }
        assert!(!taken.is_empty(), "there is no such deed");
        taken
    }

    /// The pushed file of a day comes so much later.
    #[must_use]
    pub fn pushed_late(mut self, number: i32, by_ms: i64) -> Self {
        let wanted = pushed(day(number));
        for (at_ms, deed) in self.take(|deed| *deed == wanted) {
            self.add(at_ms + by_ms, deed);
        }
        self
    }

    /// The pushed file of a day comes once more, under another name.
    #[must_use]
    pub fn pushed_twice(mut self, number: i32, after_ms: i64) -> Self {
        let date = day(number);
        let again = Deed::Push(
            format!("incoming/{BY_PUSH}/{date}-lagi.json"),
            page(&sold_by_push(date)),
        );
        self.add(at(date, 21, 0) + after_ms, again);
        self
    }

    /// The first file that is pushed for a day has a payment wrong; so much later the right one comes over it.
    #[must_use]
    pub fn pushed_wrong_first(mut self, number: i32, right_after_ms: i64) -> Self {
        for (at_ms, right) in self.push_wrong(number) {
            self.add(at_ms + right_after_ms, right);
        }
        self
    }

    /// The file that is pushed for a day has a payment wrong; so much later one comes that has it right, together
    /// with all that the outlet at Moka sold. It lies in no outlet's folder.
    #[must_use]
    pub fn pushed_wrong_and_righted_with_another(mut self, number: i32, right_after_ms: i64) -> Self {
        for (at_ms, _) in self.push_wrong(number) {
            self.add(at_ms + right_after_ms, together(day(number)));
        }
        self
    }

    /// Pushes a file with a payment wrong in place of the right one; answers that one.
    fn push_wrong(&mut self, number: i32) -> Vec<(i64, Deed)> {
        let date = day(number);
        let wanted = pushed(date);
        let mut wrong = sold_by_push(date);
        wrong[2] = mistyped(&wrong[2]);
        let right = self.take(|deed| *deed == wanted);
        for (at_ms, _) in &right {
            self.add(*at_ms, Deed::Push(key(date), page(&wrong)));
        }
        right
    }

    /// In place of the pushed file of a day, so much later, one comes with what two outlets sold.
    #[must_use]
    pub fn pushed_with_another(mut self, number: i32, by_ms: i64) -> Self {
        let wanted = pushed(day(number));
        for (at_ms, _) in self.take(|deed| *deed == wanted) {
            self.add(at_ms + by_ms, together(day(number)));
        }
        self
    }

    /// The central server has the files of a day so much later.
    #[must_use]
    pub fn filed_late(mut self, number: i32, by_ms: i64) -> Self {
        let date = day(number);
        for (at_ms, deed) in self.take(|deed| matches!(deed, Deed::File(of, ..) if *of == date)) {
            self.add(at_ms + by_ms, deed);
        }
        self
    }

    /// The central server also has a file of a day that nobody can read, and does not say whose it is.
    #[must_use]
    pub fn filed_unreadable(mut self, number: i32) -> Self {
        let date = day(number);
        let name = format!("{date}-{UNREADABLE}");
        let unreadable = Deed::File(date, name, None, b"<html>Selamat datang</html>".to_vec());
        self.add(at(date, 22, 10), unreadable);
        self
    }

    /// The central server is dead from the night of a day on, for so many nights in a row.
    #[must_use]
    pub fn central_dead(mut self, number: i32, nights: i32) -> Self {
        self.add(at(day(number), 22, 55), Deed::CentralDies);
        self.add(at(day(number + nights - 1), 34, 0), Deed::CentralRises);
        self
    }

    /// Moka takes its access token back, on the morning of a day.
    #[must_use]
    pub fn token_expired(mut self, number: i32) -> Self {
        self.add(at(day(number), 9, 0), Deed::TokenExpires);
        self
    }

    /// Moka has a payment of a day wrong until so much later.
    #[must_use]
    pub fn paid_wrong_first(mut self, number: i32, right_after_ms: i64) -> Self {
        let right = sold_by_api(day(number));
        let wanted = Deed::Paid(right.clone());
        for (at_ms, _) in self.take(|deed| *deed == wanted) {
            let mut wrong = right.clone();
            wrong[2] = mistyped(&wrong[2]);
            self.add(at_ms, Deed::Paid(wrong));
            self.add(at_ms + right_after_ms, Deed::Paid(vec![right[2].clone()]));
        }
        self
    }
}

/// How the file that nobody can read is called, behind its date.
pub const UNREADABLE: &str = "rusak.json";

/// A file with what two outlets sold on a day, in no outlet's folder.
fn together(date: BusinessDate) -> Deed {
    let payments = [sold_by_api(date), sold_by_push(date)].concat();
    Deed::Push(format!("incoming/{date}-semua.json"), page(&payments))
}
