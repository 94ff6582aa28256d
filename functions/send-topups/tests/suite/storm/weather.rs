//! What goes wrong in a storm.

use std::time::Duration;

use crate::support::SECOND_MS;
use domain::topup::reply::{Failure, Outcome};
use rand::Rng;
use rand::rngs::SmallRng;
use sims::kios::{Fault, Garble, Kios, Says};
use sims::transport::Transport;
use testkit::faults::Plan;

/// What becomes of orders, by the endings of their destinations (`docs/kiosampm.md`), and some that are delivered at
/// once. Left out are:
/// - 9001, which is as any other number;
/// - 9012, bought by somebody else: with the first request lost nobody could tell that from ours;
/// - 9038, whose answer never comes: a test would wait for it in earnest, and for us it is one that hangs up;
/// - 9039, a PIN that is said to be wrong: it is among [`GARBLES`], and with more of it the storm would be one pause.
pub(super) const ENDINGS: [&str; 35] = [
    "0001", "0002", "0003", "0004", "0005", "9002", "9003", "9004", "9005", "9006", "9007", "9008", "9009",
    "9010", "9011", "9013", "9014", "9015", "9016", "9017", "9018", "9019", "9022", "9023", "9024", "9031",
    "9032", "9033", "9034", "9035", "9036", "9037", "9041", "9042", "9043",
];
const GARBLES: [Garble; 14] = [
    Garble::Half,
    Garble::Page,
    Garble::Blank,
    Garble::OtherRefid,
    Garble::OtherProduct,
    Garble::OtherDest,
    Garble::Amounts,
    Garble::Dots,
    Garble::NoMarks,
    Garble::Small,
    Garble::Marked,
    Garble::Latin1,
    Garble::AboutUs,
    Garble::Echo,
];

pub(super) fn one_of<T: Clone>(of: &[T], chance: &mut SmallRng) -> T {
    of[chance.random_range(0..of.len())].clone()
}

/// Something that goes wrong with a request.
pub(super) fn fault(chance: &mut SmallRng) -> Fault {
    let below = [
        Transport::Status(500),
        Transport::Status(404),
        Transport::Redirect("http://127.0.0.1:9/trx".to_owned()),
        Transport::Cut,
        Transport::HangUp,
        Transport::Empty,
    ];
    let said = [
        Outcome::InProcess,
        Outcome::Failed(Failure::CutoffOrTimeout),
        Outcome::Failed(Failure::ProductDownOperator),
        Outcome::Failed(Failure::InsufficientBalance),
    ];
    match chance.random_range(0..5) {
        0 => Fault::Transport(one_of(&below, chance)),
        1 => Fault::Before(one_of(&below, chance)),
        2 => Fault::Late(Duration::from_secs(chance.random_range(1..70))),
        3 => Fault::Garbled(one_of(&GARBLES, chance)),
        _ => Fault::Says(one_of(&said, chance)),
    }
}

/// What the partner's server does with a message that it has taken.
pub(super) const ANSWERS: [Transport; 5] = [
    Transport::Status(500),
    Transport::Status(503),
    Transport::Status(404),
    Transport::Status(302),
    Transport::HangUp,
];

/// Something that goes wrong with the stores of a run, or of a request, in one of so many calls.
pub(super) fn plan(calls: u64, chance: &mut SmallRng) -> Plan {
    let call = chance.random_range(0..calls);
    match chance.random_range(0..3) {
        0 => Plan::CrashBefore(call),
        1 => Plan::CrashAfter(call),
        _ => Plan::LoseAnswer(call),
    }
}

/// A report, true or not, now or later.
pub(super) fn report(kios: &Kios, refid: &str, now_ms: i64, chance: &mut SmallRng) {
    let says = [
        Says::Truth,
        Says::Truth,
        Says::Delivered,
        Says::Failed,
        Says::Pending,
        Says::Nothing,
        Says::Text("#1#S10#ke:".to_owned()),
    ];
    let due_ms = now_ms + chance.random_range(0..120) * SECOND_MS;
    kios.report_at(refid, one_of(&says, chance), due_ms);
}
