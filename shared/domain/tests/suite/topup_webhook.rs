//! What partners are told, when it is tried again, and how they know that it is ours.

use domain::topup::order::{Order, Reason};
use domain::topup::product::Kind;
use domain::topup::rupiah::Rupiah;
use domain::topup::state::State;
use domain::topup::webhook::{
    Message, Webhook, WebhookState, id, pause_ms, secret, signature, signature_header,
};
use serde_json::json;

fn order(state: State) -> Order {
    serde_json::from_value(json!({
        "refid": "1KJJK2NM0ZZZZZZZZZZZ",
        "partner": "kios-satu",
        "reference": "A-7",
        "product": "PLN20",
        "kind": "pln",
        "dest": "01109790426",
        "price": 21_500,
        "cost": 20_400,
        "state": state,
        "state_ms": 1_772_298_030_000_i64,
        "accepted_ms": 1_772_298_000_000_i64,
        "sn": "2514-0123-4567-8901-2824/SITI/R1M/900VA/13,7",
        "failure": "NOT_PROCESSABLE",
        "correlation": "c-1",
        "version": 3,
    }))
    .unwrap()
}

#[test]
fn a_message_tells_its_partner_everything_of_a_delivery() {
    let order = order(State::Success);
    let webhook = Webhook::new(&order, 1_772_298_030_000, true);
    let message = serde_json::to_value(Message::of(&webhook, &order)).unwrap();
    let wanted = json!({
        "id": "whk_1KJJK2NM0ZZZZZZZZZZZ_success",
        "type": "topup.success",
        "created_at": "2026-02-28T17:00:30.000Z",
        "topup": {
            "refid": "1KJJK2NM0ZZZZZZZZZZZ",
            "reference": "A-7",
            "product": "PLN20",
            "kind": "pln",
            "destination": "01109790426",
            "price": 21_500,
            "state": "success",
            "final": true,
            "retry": "none",
            "serial_number": "2514-0123-4567-8901-2824/SITI/R1M/900VA/13,7",
            "electricity": {
                "token": "25140123456789012824",
                "name": "SITI",
                "tariff": "R1M",
                "power": "900VA",
                "kwh": "13.7",
            },
            "accepted_at": "2026-02-28T17:00:00.000Z",
            "state_at": "2026-02-28T17:00:30.000Z",
        },
    });
    assert_eq!(message, wanted);
}

#[test]
fn a_reason_is_told_of_failures_and_a_serial_number_of_deliveries_alone() {
    for state in State::ALL {
        let order = order(state);
        let told = Message::of(&Webhook::new(&order, 0, true), &order).topup;
        let delivered = matches!(state, State::Success | State::LateSuccess);
        assert_eq!(told.serial_number.is_some(), delivered, "{state:?}");
        assert_eq!(told.electricity.is_some(), delivered, "{state:?}");
        let reason = (state == State::Failed).then_some(Reason::NotProcessable);
        assert_eq!(told.reason, reason, "{state:?}");
        assert_eq!(told.is_final, state.is_final(), "{state:?}");
        assert_eq!(told.retry, domain::topup::retry::Retry::of(&order), "{state:?}");
        assert_eq!(told.price, Rupiah::new(21_500));
    }
    let pulsa = Order {
        kind: Kind::Pulsa,
        ..order(State::Success)
    };
    let told = Message::of(&Webhook::new(&pulsa, 0, true), &pulsa).topup;
    assert!(told.electricity.is_none() && told.serial_number.is_some());
}

#[test]
fn there_is_one_message_for_each_state_and_none_is_sent_to_nobody() {
    let order = order(State::Failed);
    let webhook = Webhook::new(&order, 5, true);
    assert_eq!(webhook.id, id(&order.refid, State::Failed));
    assert_eq!(webhook.id, Webhook::new(&order, 9, true).id);
    assert_ne!(webhook.id, id(&order.refid, State::LateSuccess));
    assert_eq!(
        (webhook.state, webhook.due_ms, webhook.attempts, webhook.version),
        (WebhookState::Queued, 5, 0, 1)
    );
    assert_eq!(webhook.partner, order.partner);
    assert_eq!(webhook.correlation, order.correlation);
    assert_eq!(Webhook::new(&order, 5, false).state, WebhookState::NotWanted);
}

#[test]
fn it_is_tried_ten_times_in_about_two_days() {
    let minutes: Vec<_> = (1..).map_while(pause_ms).map(|pause| pause / 60_000).collect();
    assert_eq!(minutes, [0, 1, 5, 15, 60, 180, 360, 720, 1_440]);
    assert_eq!(pause_ms(1), Some(10_000));
    assert_eq!(pause_ms(10), None);
    assert_eq!(pause_ms(u32::MAX), None);
    assert_eq!(pause_ms(0), Some(0));
}

#[test]
fn a_signature_is_what_anybody_with_the_secret_computes() {
    // printf '1772298000.{"a":1}' | openssl dgst -sha256 -hmac whs_TEST
    assert_eq!(
        signature("whs_TEST", 1_772_298_000, br#"{"a":1}"#),
        "t=1772298000,v1=345f8d43337cb493334311afedf99e6901cbc6f8ad23f5da6dfa9afa0039f53e"
    );
}

#[test]
fn every_part_of_what_is_signed_counts() {
    let good = signature("whs_A", 7, b"body");
    for other in [
        signature("whs_B", 7, b"body"),
        signature("whs_A", 8, b"body"),
        signature("whs_A", 7, b"bodY"),
        signature("whs_A", 7, b""),
    ] {
        assert_ne!(good, other);
    }
}

#[test]
fn two_secrets_sign_while_one_is_exchanged() {
    let both = signature_header(&["whs_A", "whs_B"], 7, b"body");
    let [one, other] = ["whs_A", "whs_B"].map(|secret| signature(secret, 7, b"body"));
    let other = other.strip_prefix("t=7,").unwrap();
    assert_eq!(both, format!("{one},{other}"));
}

#[test]
fn every_partner_and_every_number_has_a_secret_of_its_own() {
    let first = secret(b"master", "kios-satu", 1);
    assert_eq!(first, secret(b"master", "kios-satu", 1));
    assert!(first.starts_with("whs_") && first.len() == 56);
    for other in [
        secret(b"master", "kios-satu", 2),
        secret(b"master", "kios-dua", 1),
        secret(b"other", "kios-satu", 1),
        secret(b"", "kios-satu", 1),
    ] {
        assert_ne!(first, other);
    }
}
