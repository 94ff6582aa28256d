//! The copy as a table: one fact a row, for whoever opens it with a spreadsheet.

use super::document::{About, Copy, CopyAnswer, CopyCustomer, CopyDay, CopyFact, CopyReceipt, CopyTelling};
use crate::sheet::harmless;

/// What tells a spreadsheet that the text is UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
/// The names of the columns.
const HEADER: [&str; 9] = [
    "what", "customer", "outlet", "date", "at", "about", "name", "quantity", "value",
];

/// A row. Everything is text from somewhere else, but for numbers, which stay numbers.
#[derive(Clone, Copy, Debug, Default)]
struct Row<'a> {
    what: &'a str,
    customer: &'a str,
    outlet: &'a str,
    date: &'a str,
    at: &'a str,
    /// The receipt, request or case.
    about: &'a str,
    name: &'a str,
    /// A number, written by this program.
    quantity: &'a str,
    value: Value<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Value<'a> {
    Text(&'a str),
    Number(&'a str),
}

impl Default for Value<'_> {
    fn default() -> Self {
        Self::Text("")
    }
}

type Writer = csv::Writer<Vec<u8>>;

impl Copy {
    /// This part as a table. Each part is a table of its own, with the names of its columns.
    ///
    /// # Errors
    /// None on rows of this kind; the type is the writer's.
    pub fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(BYTE_ORDER_MARK.to_vec());
        writer.write_record(HEADER)?;
        if let Some(about) = &self.about {
            write_about(&mut writer, about)?;
        }
        for day in &self.days {
            write_day(&mut writer, day)?;
        }
        writer
            .into_inner()
            .map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
    }
}

fn put(writer: &mut Writer, row: Row<'_>) -> Result<(), csv::Error> {
    let texts = [
        row.what,
        row.customer,
        row.outlet,
        row.date,
        row.at,
        row.about,
        row.name,
    ];
    let mut cells: Vec<String> = texts.into_iter().map(harmless).collect();
    cells.push(row.quantity.to_owned());
    cells.push(match row.value {
        Value::Text(text) => harmless(text),
        Value::Number(number) => number.to_owned(),
    });
    writer.write_record(cells)
}

fn write_about(writer: &mut Writer, about: &About) -> Result<(), csv::Error> {
    for customer in &about.customers {
        write_customer(writer, customer)?;
    }
    let portrait = &about.portrait;
    let (visits, answers) = (portrait.visits.to_string(), portrait.answers.to_string());
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let figures = [
        ("visits", visits),
        ("spend", text(&portrait.spend)),
        ("first_visit", text(&portrait.first_visit)),
        ("last_visit", text(&portrait.last_visit)),
        ("answers", answers),
        ("class", portrait.class.unwrap_or_default().to_owned()),
    ];
    for (name, value) in figures {
        let row = Row {
            what: "portrait",
            name,
            value: Value::Number(&value),
            ..Row::default()
        };
        put(writer, row)?;
    }
    for favourite in &portrait.favourites {
        let row = Row {
            what: "favourite",
            name: &favourite.dish,
            quantity: &favourite.receipts.to_string(),
            ..Row::default()
        };
        put(writer, row)?;
    }
    for request in &about.requests {
        let row = Row {
            what: "request",
            at: &request.received_at,
            about: &request.id,
            name: request.kind,
            value: Value::Text(request.state),
            ..Row::default()
        };
        put(writer, row)?;
    }
    Ok(())
}

fn write_customer(writer: &mut Writer, customer: &CopyCustomer) -> Result<(), csv::Error> {
    let facts = [
        ("name", &customer.name),
        ("phone", &customer.phone),
        ("email", &customer.email),
        ("phone_problem", &customer.phone_problem),
    ];
    for (name, fact) in facts {
        if let Some(CopyFact { value, told_at }) = fact {
            let row = Row {
                what: "profile",
                customer: &customer.id,
                at: told_at,
                name,
                value: Value::Text(value),
                ..Row::default()
            };
            put(writer, row)?;
        }
    }
    let rights = &customer.rights;
    let noted = [
        ("erased", &rights.erased_at),
        ("restricted", &rights.restricted_at),
        ("objected", &rights.objected_at),
        ("withdrawn", &rights.withdrawn_at),
    ];
    let noted = noted
        .into_iter()
        .filter_map(|(name, at)| Some((name, at.as_ref()?)));
    let corrected = rights.corrected.iter().map(|(field, at)| (*field, at));
    let corrected = corrected.map(|(field, at)| ("corrected", field, at));
    for (what, name, at) in noted.map(|(name, at)| ("right", name, at)).chain(corrected) {
        let row = Row {
            what,
            customer: &customer.id,
            at,
            name,
            ..Row::default()
        };
        put(writer, row)?;
    }
    Ok(())
}

fn write_day(writer: &mut Writer, day: &CopyDay) -> Result<(), csv::Error> {
    let of_day = Row {
        customer: &day.customer,
        outlet: &day.outlet,
        date: &day.date,
        ..Row::default()
    };
    let visit = Row {
        what: "visit",
        quantity: &day.visits.to_string(),
        value: Value::Number(&day.total),
        ..of_day
    };
    put(writer, visit)?;
    for receipt in &day.receipts {
        write_receipt(writer, of_day, receipt)?;
    }
    for answer in &day.answers {
        write_answer(writer, of_day, answer)?;
    }
    for case in &day.cases {
        let row = Row {
            what: "case",
            at: &case.opened_at,
            about: &case.receipt,
            name: &case.id,
            value: Value::Text(case.state),
            ..of_day
        };
        put(writer, row)?;
    }
    Ok(())
}

fn write_receipt(writer: &mut Writer, of_day: Row<'_>, receipt: &CopyReceipt) -> Result<(), csv::Error> {
    let of_receipt = Row {
        at: receipt.at.as_deref().unwrap_or_default(),
        about: &receipt.id,
        ..of_day
    };
    let row = Row {
        what: "receipt",
        name: receipt.number.as_deref().unwrap_or_default(),
        value: Value::Number(receipt.total.as_deref().unwrap_or_default()),
        ..of_receipt
    };
    put(writer, row)?;
    for dish in &receipt.dishes {
        let mut name = dish.name.clone();
        for more in dish.variant.iter().chain(&dish.modifiers) {
            name.push_str(" / ");
            name.push_str(more);
        }
        let row = Row {
            what: if dish.voided { "dish_voided" } else { "dish" },
            name: &name,
            quantity: &dish.quantity,
            value: Value::Number(&dish.net),
            ..of_receipt
        };
        put(writer, row)?;
    }
    Ok(())
}

fn write_answer(writer: &mut Writer, of_day: Row<'_>, answer: &CopyAnswer) -> Result<(), csv::Error> {
    for telling in &answer.tellings {
        let of_telling = Row {
            at: &telling.at,
            about: &answer.receipt,
            ..of_day
        };
        write_telling(writer, of_telling, telling)?;
    }
    Ok(())
}

fn write_telling(writer: &mut Writer, of_telling: Row<'_>, telling: &CopyTelling) -> Result<(), csv::Error> {
    let whole = [("overall", telling.overall), ("recommend", telling.recommend)];
    let whole = whole.into_iter().filter_map(|(name, stars)| Some((name, stars?)));
    let dishes = telling.dishes.iter().map(|(dish, stars)| (dish.as_str(), *stars));
    let whole = whole.map(|(name, stars)| ("rating", name, stars));
    for (what, name, stars) in whole.chain(dishes.map(|(dish, stars)| ("dish_rating", dish, stars))) {
        let row = Row {
            what,
            name,
            value: Value::Number(&stars.to_string()),
            ..of_telling
        };
        put(writer, row)?;
    }
    if let Some(comment) = &telling.comment {
        let row = Row {
            what: "comment",
            name: telling.source,
            value: Value::Text(comment),
            ..of_telling
        };
        put(writer, row)?;
    }
    if let Some(consent) = &telling.consent {
        let row = Row {
            what: if consent.given {
                "consent"
            } else {
                "consent_refused"
            },
            name: &consent.wording_version,
            value: Value::Text(&consent.wording),
            ..of_telling
        };
        put(writer, row)?;
    }
    Ok(())
}
