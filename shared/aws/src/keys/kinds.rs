//! What stands under a key.

/// A table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Pages and summaries.
    Sales,
    /// All that names people.
    Customers,
    /// What came in and goes out, and who may do what.
    Operations,
    /// What guests say.
    Feedback,
    /// Nights and requests.
    Duties,
}

impl Table {
    /// Every table.
    pub const ALL: [Self; 5] = [
        Self::Sales,
        Self::Customers,
        Self::Operations,
        Self::Feedback,
        Self::Duties,
    ];
}

/// What kinds of items there are, table by table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A day's receipts, or a part of them.
    Page,
    /// A day's summary.
    Summary,
    /// A profile and visits.
    Customer,
    /// The key of hashed phone numbers.
    PhoneKey,
    /// What a customer eats and says.
    Habit,
    /// The customers known under a phone number.
    KinBook,
    /// What a person wants corrected.
    Correction,
    /// What was accepted over HTTPS.
    Acceptance,
    /// An entry of the file ledger.
    Export,
    /// A further outlet's place of a file of several.
    FilePlace,
    /// A quarantined piece.
    Piece,
    /// An audit record.
    Audit,
    /// A mail.
    Mail,
    /// An API key.
    ApiKey,
    /// An outlet.
    Outlet,
    /// The answer to a request that may come again.
    Idempotency,
    /// A key of guest links.
    LinkKey,
    /// A session of a person of the staff.
    Session,
    /// How often somebody did something.
    Counter,
    /// Where a task goes on.
    Bookmark,
    /// Where a task about people goes on.
    PeopleBookmark,
    /// What a guest answered.
    Answer,
    /// A low score.
    Case,
    /// A case's place in its outlet's list.
    CasePlace,
    /// Figures of an outlet or of all of them.
    Figures,
    /// Figures of a day in a group of outlets.
    GroupFigures,
    /// A night.
    Night,
    /// A part of a night.
    Part,
    /// A night's place in the list of nights.
    NightPlace,
    /// What a night found.
    Finding,
    /// A person's request.
    Request,
    /// A request's place in the list of requests.
    RequestPlace,
    /// A request's place in the list of a customer.
    CustomerRequest,
    /// Who alone may do something for a while.
    Lease,
    /// Nothing that this version knows.
    Unknown,
}

/// Every kind but the unknown: its table, its name, and how the two parts of its keys read. A part that ends with
/// `#` is the beginning of a key, an empty one is any. The first row that fits a key says what it is.
const ROWS: [(Kind, Table, &str, &str, &str); 37] = {
    use Table::{Customers, Duties, Feedback, Operations, Sales};
    [
        (Kind::Page, Sales, "sales.pages", "O#", "P#"),
        (Kind::Summary, Sales, "sales.summaries", "O#", "S#"),
        (Kind::Customer, Customers, "customers", "C#", ""),
        (Kind::PhoneKey, Customers, "customers.phone-key", "K#phone", ""),
        (Kind::Habit, Customers, "customers.habits", "E#", ""),
        (Kind::KinBook, Customers, "customers.books", "H#", ""),
        (Kind::Correction, Customers, "customers.corrections", "Z#", ""),
        (Kind::PeopleBookmark, Customers, "customers.bookmarks", "W#", ""),
        (Kind::Acceptance, Operations, "operations.accepted", "E#", "A"),
        (Kind::Export, Operations, "operations.exports", "E#", "V#"),
        (Kind::FilePlace, Operations, "operations.file-places", "F#", ""),
        (Kind::Piece, Operations, "operations.refused", "Q#", ""),
        (Kind::Audit, Operations, "operations.audit", "A#", ""),
        (Kind::Mail, Operations, "operations.mails", "M#", "M"),
        (Kind::ApiKey, Operations, "operations.api-keys", "K", ""),
        (Kind::Outlet, Operations, "operations.outlets", "U", ""),
        (Kind::Idempotency, Operations, "operations.idempotency", "I#", ""),
        (Kind::LinkKey, Operations, "operations.link-keys", "L", ""),
        (Kind::Session, Operations, "operations.sessions", "N#", "N"),
        (Kind::Counter, Operations, "operations.counters", "T#", ""),
        (Kind::Bookmark, Operations, "operations.bookmarks", "W#", "W"),
        (Kind::Answer, Feedback, "feedback.answers", "O#", "A#"),
        (Kind::Case, Feedback, "feedback.cases", "O#", "X#"),
        (Kind::CasePlace, Feedback, "feedback.case-places", "O#", "Y#"),
        (Kind::Figures, Feedback, "feedback.figures", "O#", "D#"),
        (Kind::Figures, Feedback, "feedback.figures", "O#", "M#"),
        (Kind::Figures, Feedback, "feedback.figures", "G#all", "D#"),
        (Kind::Figures, Feedback, "feedback.figures", "G#all", "M#"),
        (Kind::GroupFigures, Feedback, "feedback.groups", "G#", ""),
        (Kind::Night, Duties, "duties.nights", "R#", "R"),
        (Kind::Part, Duties, "duties.parts", "R#", "W#"),
        (Kind::NightPlace, Duties, "duties.night-places", "R", ""),
        (Kind::Finding, Duties, "duties.findings", "F#", ""),
        (Kind::Request, Duties, "duties.requests", "Z#", "Z"),
        (Kind::RequestPlace, Duties, "duties.request-places", "Z", ""),
        (Kind::CustomerRequest, Duties, "duties.requests-of", "Y#", ""),
        (Kind::Lease, Duties, "duties.leases", "T#", "T"),
    ]
};

impl Kind {
    /// What stands under a key of a table.
    #[must_use]
    pub fn of(table: Table, pk: &str, sk: &str) -> Self {
        let fits = |part: &str, pattern: &str| match pattern {
            "" => true,
            beginning if beginning.ends_with('#') => part.starts_with(beginning),
            whole => part == whole,
        };
        let row = ROWS
            .iter()
            .find(|(_, of, _, first, second)| *of == table && fits(pk, first) && fits(sk, second));
        row.map_or(Self::Unknown, |(kind, ..)| *kind)
    }

    /// Every kind.
    pub fn all() -> impl Iterator<Item = Self> {
        let known = ROWS.iter().map(|(kind, ..)| *kind);
        let mut known: Vec<Self> = known.chain([Self::Unknown]).collect();
        known.dedup();
        known.into_iter()
    }

    /// Its name for people: the table, and what it is.
    #[must_use]
    pub fn name(self) -> &'static str {
        let row = ROWS.iter().find(|(kind, ..)| *kind == self);
        row.map_or("unknown", |(_, _, name, ..)| name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_of_the_kind_that_the_table_of_keys_names_and_strange_ones_of_none() {
        use Table::{Customers, Duties, Feedback, Operations, Sales};
        for (table, pk, sk, kind) in [
            (Sales, "O#moka-1", "P#2025-10-28#01", Kind::Page),
            (Sales, "O#moka-1", "A#2025-10-28#1", Kind::Unknown),
            (Feedback, "O#moka-1", "A#2025-10-28#1", Kind::Answer),
            (Feedback, "G#all", "M#2025-10", Kind::Figures),
            (Feedback, "F#all", "X", Kind::Unknown),
            (Feedback, "G#all#2025-10-28", "07", Kind::GroupFigures),
            (Feedback, "G#07#2025-10-28", "moka-1", Kind::GroupFigures),
            (Customers, "K#phone", "", Kind::PhoneKey),
            (Customers, "K#other", "", Kind::Unknown),
            (Operations, "K", "key_1", Kind::ApiKey),
            (Operations, "E#exp_1", "A", Kind::Acceptance),
            (Operations, "E#exp_1", "V#tag", Kind::Export),
            (Duties, "R", "2025-10-28", Kind::NightPlace),
            (Duties, "R#2025-10-28", "R", Kind::Night),
            (Duties, "R#2025-10-28", "W#pull#00001", Kind::Part),
            (Duties, "Z", "001#req_1", Kind::RequestPlace),
            (Duties, "Z#req_1", "Z", Kind::Request),
        ] {
            assert_eq!(Kind::of(table, pk, sk), kind, "{pk} {sk}");
        }
    }

    #[test]
    fn every_kind_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<&str> = Kind::all().map(Kind::name).collect();
        assert_eq!(names.len(), Kind::all().count());
    }
}
