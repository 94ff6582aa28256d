//! The copy's document, made of what is stored.

use std::collections::BTreeMap;

use domain::case::Case;
use domain::customer::{Customer, Fact};
use domain::feedback::{Answer, DishKey, Said, Standing, standing};
use domain::figures::of_receipt;
use domain::habit::Portrait;
use domain::receipt::{Line, Receipt};
use domain::receipt_id::ReceiptId;
use domain::rights::Request;
use domain::when::{Zone, business_date, format_utc};

use super::document::{
    About, Copy, CopyAnswer, CopyCase, CopyConsent, CopyCustomer, CopyDay, CopyDish, CopyFact, CopyFavourite,
    CopyPortrait, CopyReceipt, CopyRequest, CopyRights, CopyTelling,
};
use crate::people::person::{Known, together, whole};
use crate::people::traces::Trace;

/// The name of the document's form.
const SCHEMA: &str = "sikp.person.copy/1";

pub(super) fn copy(about: Option<About>, days: Vec<CopyDay>, next: Option<String>, now_ms: i64) -> Copy {
    Copy {
        schema: SCHEMA,
        made_at: format_utc(now_ms),
        about,
        days,
        next,
    }
}

pub(super) fn about(members: &BTreeMap<String, Known>, requests: &[Request], now_ms: i64) -> About {
    let all = whole(members.values().map(|known| &known.customer));
    let habit = together(members.values().map(|known| &known.habit));
    let today = business_date(now_ms, &Zone::default(), 0);
    About {
        customers: members
            .iter()
            .map(|(id, known)| customer(id, &known.customer))
            .collect(),
        portrait: portrait(Portrait::of(&all, &habit, today)),
        requests: requests.iter().map(request).collect(),
    }
}

fn customer(id: &str, customer: &Customer) -> CopyCustomer {
    let fact = |fact: &Option<Fact>| {
        fact.as_ref().map(|fact| CopyFact {
            value: fact.value.clone(),
            told_at: format_utc(fact.told_ms),
        })
    };
    let profile = &customer.profile;
    let rights = &customer.rights;
    let corrected = rights.corrections.iter();
    CopyCustomer {
        id: id.to_owned(),
        name: fact(&profile.name),
        phone: fact(&profile.phone),
        email: fact(&profile.email),
        phone_problem: fact(&profile.phone_problem),
        rights: CopyRights {
            erased_at: rights.erased_ms.map(format_utc),
            restricted_at: rights.restricted_ms.map(format_utc),
            objected_at: rights.objected_ms.map(format_utc),
            withdrawn_at: rights.withdrawn_ms.map(format_utc),
            corrected: corrected
                .map(|(field, corrected)| (field.as_str(), format_utc(corrected.at_ms)))
                .collect(),
        },
        visits: customer.visits(),
        total: customer.total().map(|total| total.to_string()),
    }
}

fn portrait(portrait: Portrait) -> CopyPortrait {
    CopyPortrait {
        visits: portrait.visits,
        spend: portrait.spend.map(|spend| spend.to_string()),
        first_visit: portrait.first_visit.map(|date| date.to_string()),
        last_visit: portrait.last_visit.map(|date| date.to_string()),
        favourites: portrait
            .favourites
            .into_iter()
            .map(|(dish, receipts)| CopyFavourite { dish, receipts })
            .collect(),
        answers: portrait.answers,
        stars: portrait.said.counts,
        class: portrait.class.map(|class| class.as_str()),
    }
}

fn request(request: &Request) -> CopyRequest {
    CopyRequest {
        id: request.id.clone(),
        kind: request.kind.as_str(),
        state: request.state.as_str(),
        received_at: format_utc(request.received_ms),
        due_at: format_utc(request.due_ms),
        done_at: request.proof.as_ref().map(|proof| format_utc(proof.at_ms)),
        refusal: request.refusal.map(|refusal| refusal.as_str()),
    }
}

/// A customer's day; `None` if they left nothing behind on it.
pub(super) fn day(trace: &Trace) -> Option<CopyDay> {
    let Trace {
        place,
        visit,
        receipts,
        answers,
        cases,
    } = trace;
    if visit.visits == 0 && receipts.is_empty() && answers.is_empty() {
        return None;
    }
    let id = |native: &str| ReceiptId {
        outlet: place.outlet.clone(),
        date: place.date,
        native: native.to_owned(),
    };
    Some(CopyDay {
        customer: place.customer.clone(),
        outlet: place.outlet.clone(),
        date: place.date.to_string(),
        visits: visit.visits,
        total: visit.total.to_string(),
        receipts: receipts
            .iter()
            .map(|(native, one)| receipt(&id(native), one))
            .collect(),
        answers: answers.iter().map(answer).collect(),
        cases: cases.iter().map(case).collect(),
    })
}

fn receipt(id: &ReceiptId, receipt: &Receipt) -> CopyReceipt {
    let head = receipt.head.as_ref().map(|head| &head.value);
    let figures = of_receipt(receipt).ok();
    CopyReceipt {
        id: id.to_string(),
        number: head.and_then(|head| head.number.clone()),
        at: head.map(|head| format_utc(head.at_ms)),
        standing: match standing(receipt) {
            Standing::Open => "open",
            Standing::Refunded => "refunded",
            Standing::Voided => "voided",
            Standing::Unpaid => "unpaid",
            Standing::Incomplete => "incomplete",
        },
        table: head.and_then(|head| head.table.clone()),
        method: head.and_then(|head| head.method.clone()),
        total: figures.as_ref().map(|figures| figures.total.to_string()),
        refunded: figures.as_ref().map(|figures| figures.refunded.to_string()),
        dishes: receipt.lines.iter().map(dish).collect(),
    }
}

fn dish(line: &Line) -> CopyDish {
    CopyDish {
        name: line.item.name.clone(),
        variant: line.item.variant.clone(),
        modifiers: line
            .modifiers
            .iter()
            .map(|modifier| modifier.name.clone())
            .collect(),
        quantity: line.qty.to_string(),
        net: line.net.to_string(),
        voided: line.voided,
    }
}

fn answer(answer: &Answer) -> CopyAnswer {
    let guest = answer.history.iter().chain(&answer.guest);
    let tellings = guest.map(|said| telling("guest", said));
    CopyAnswer {
        receipt: answer.place.to_string(),
        tellings: tellings
            .chain(answer.pos.iter().map(|said| telling("pos", said)))
            .collect(),
        words_erased: answer.words_erased,
    }
}

fn telling(source: &'static str, said: &Said) -> CopyTelling {
    CopyTelling {
        source,
        at: format_utc(said.at_ms),
        overall: said.overall,
        recommend: said.recommend,
        dishes: said
            .dishes
            .iter()
            .map(|(key, stars)| (named(key), *stars))
            .collect(),
        comment: said.comment.clone(),
        consent: said.consent.as_ref().map(|consent| CopyConsent {
            given: consent.given,
            wording: consent.wording.clone(),
            wording_version: consent.wording_version.clone(),
            language: consent.language.clone(),
        }),
    }
}

fn named(key: &DishKey) -> String {
    if key.variant.is_empty() {
        key.menu.clone()
    } else {
        format!("{} / {}", key.menu, key.variant)
    }
}

fn case(case: &Case) -> CopyCase {
    CopyCase {
        id: case.id.clone(),
        receipt: case.receipt.to_string(),
        opened_at: format_utc(case.opened_ms),
        state: case.state.as_str(),
        notes: case.notes.len(),
        came_back_on: case.recovered.map(|recovered| recovered.on.to_string()),
    }
}
