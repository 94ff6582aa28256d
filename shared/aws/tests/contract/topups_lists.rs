//! Lists of orders: what something is to be done about, what a partner ordered, and what people have to decide.

use aws::StoreError;
use aws::topups::{Filter, TOPUP_KIND, order_of, webhook_of};
use domain::topup::destination::Destination;
use domain::topup::event::What;
use domain::topup::order::{Contradiction, Order, Proposal, Verdict};
use domain::topup::state::State;
use testkit::Stores;

use crate::support::{get, item, raw, text};
use crate::topups::{SOON_MS, change, next, order, order_in, refids, table, take, taken, topups};

fn due_at(refid: &str, next_ms: i64) -> Order {
    Order {
        next_ms: Some(next_ms),
        ..order(refid, "kiosk-1", refid)
    }
}

/// Puts something under the key of an order that is none.
async fn damage(stores: &Stores, refid: &str, lists: [(&str, String); 2]) {
    let lists = lists.map(|(name, value)| (name, text(value)));
    let mut damaged = item(&format!("O#{refid}"), "O", lists);
    damaged.insert("doc".to_owned(), text("{}"));
    let put = raw(stores)
        .put_item()
        .table_name(table(stores))
        .set_item(Some(damaged));
    put.send().await.unwrap();
}

#[tokio::test]
async fn orders_are_due_from_their_moment_on_the_longest_first_and_damaged_ones_stop_none() {
    let stores = Stores::start().await;
    let topups = topups(&stores);
    for (refid, wait) in [("late", 3_000), ("early", 1_000), ("middle", 2_000)] {
        take(&stores, &due_at(refid, SOON_MS + wait)).await;
    }
    for number in 0..3 {
        let at = format!("{:015}", SOON_MS + number);
        let lists = [("work", "topups-unsent".to_owned()), ("work_at", at)];
        damage(&stores, &format!("damaged-{number}"), lists).await;
    }
    let due = async |now_ms, limit| topups.due(now_ms, limit).await.unwrap();
    assert_eq!(refids(&due(SOON_MS + 999, 10).await), [""; 0]);
    assert_eq!(refids(&due(SOON_MS + 2_000, 10).await), ["early", "middle"]);
    assert_eq!(
        refids(&due(SOON_MS + 9_999, 10).await),
        ["early", "middle", "late"]
    );
    assert_eq!(refids(&due(SOON_MS + 9_999, 1).await), ["early"]);
    let early = due(SOON_MS + 1_000, 1).await.remove(0);
    let over = next(&early, State::Failed);
    topups.commit(&change(&over, What::Replied), &[]).await.unwrap();
    assert_eq!(refids(&due(SOON_MS + 9_999, 1).await), ["middle"]);
    // However many wait to be sent, what was sent is seen to.
    let late = due(SOON_MS + 9_999, 10).await.remove(1);
    let sent = Order {
        next_ms: Some(SOON_MS + 3_500),
        ..next(&late, State::Unknown)
    };
    topups.commit(&change(&sent, What::NoReply), &[]).await.unwrap();
    assert_eq!(refids(&due(SOON_MS + 9_999, 1).await), ["late", "middle"]);
    stores.stop().await;
}

#[tokio::test]
async fn an_order_wakes_its_sender_when_something_is_to_be_done_at_once_and_never_goes_before_its_end() {
    let stores = Stores::start().await;
    let topups = topups(&stores);
    let attributes = async |refid: &str| {
        let item = get(&stores, table(&stores), &format!("O#{refid}"), "O")
            .await
            .unwrap();
        assert_eq!(item["kind"].as_s().unwrap(), TOPUP_KIND);
        let wakes = item.get("wake").is_some_and(|wake| wake.as_s().unwrap() == "now");
        (
            item["state"].as_s().unwrap().clone(),
            wakes,
            item.contains_key("expires_at"),
        )
    };
    let now = order("now", "kiosk-1", "1");
    take(&stores, &now).await;
    assert_eq!(attributes("now").await, ("new".to_owned(), true, false));
    let held = Order {
        holds: true,
        waits_out_cutoffs: true,
        next_ms: Some(SOON_MS + 1),
        ..order("held", "kiosk-1", "2")
    };
    take(&stores, &held).await;
    assert_eq!(attributes("held").await, ("new".to_owned(), false, false));
    let manual = next(&now, State::Manual);
    topups
        .commit(&change(&manual, What::HandedOver), &[])
        .await
        .unwrap();
    assert_eq!(attributes("now").await, ("manual".to_owned(), false, false));
    let reported = Order {
        next_ms: Some(manual.state_ms),
        ..next(&manual, State::Manual)
    };
    topups
        .commit(&change(&reported, What::Reported), &[])
        .await
        .unwrap();
    assert_eq!(attributes("now").await, ("manual".to_owned(), true, false));
    let over = next(&reported, State::Success);
    topups.commit(&change(&over, What::Replied), &[]).await.unwrap();
    assert_eq!(attributes("now").await, ("success".to_owned(), false, true));
    stores.stop().await;
}

#[tokio::test]
async fn a_destination_is_remembered_while_an_order_for_it_is_open() {
    let stores = Stores::start().await;
    let topups = topups(&stores);
    let order = order("A", "kiosk-1", "1");
    take(&stores, &order).await;
    let expires = async || {
        let item = get(&stores, table(&stores), "N#1", "N").await.unwrap();
        item.contains_key("expires_at")
    };
    assert!(!expires().await);
    let mut over = change(&next(&order, State::Failed), What::Replied);
    over.destination = Some(Destination {
        version: 2,
        ..Destination::default()
    });
    topups.commit(&over, &[]).await.unwrap();
    assert!(expires().await);
    assert_eq!(topups.destination("1").await.unwrap().version, 2);
    assert_eq!(topups.destination("2").await.unwrap(), Destination::default());
    stores.stop().await;
}

/// Ten orders of one partner, a second apart, every third of them failed; and one of another partner.
async fn history(stores: &Stores) {
    for number in 0..10 {
        let order = Order {
            accepted_ms: SOON_MS + number * 1_000,
            ..order(&format!("R{number}"), "kiosk-1", &number.to_string())
        };
        if number % 3 == 0 {
            order_in(stores, &order, State::Failed).await;
        } else {
            take(stores, &order).await;
        }
    }
    take(stores, &order("other", "kiosk-2", "other")).await;
}

#[tokio::test]
async fn a_partner_has_its_own_orders_page_by_page_the_latest_first() {
    let stores = Stores::start().await;
    let topups = topups(&stores);
    history(&stores).await;
    let (mut read, mut after) = (Vec::new(), None::<String>);
    for count in [4, 4, 2] {
        let page = topups.list("kiosk-1", &Filter::ALL, after.as_deref(), 4).await;
        let (orders, next) = page.unwrap();
        assert_eq!(orders.len(), count);
        read.extend(orders);
        after = next;
    }
    assert_eq!(after, None);
    let expected: Vec<String> = (0..10).rev().map(|number| format!("R{number}")).collect();
    assert_eq!(refids(&read), expected);
    let (others, _) = topups.list("kiosk-2", &Filter::ALL, None, 4).await.unwrap();
    assert_eq!(refids(&others), ["other"]);
    assert_eq!(
        topups.list("kiosk-3", &Filter::ALL, None, 4).await.unwrap(),
        (vec![], None)
    );
    stores.stop().await;
}

#[tokio::test]
async fn orders_are_found_by_time_and_by_state() {
    let stores = Stores::start().await;
    let topups = topups(&stores);
    history(&stores).await;
    damage(
        &stores,
        "damaged",
        [
            ("list", "P#kiosk-1".to_owned()),
            ("list_at", format!("{:015}#damaged", SOON_MS + 2_500)),
        ],
    )
    .await;
    let some = async |filter: Filter, after: Option<&str>, limit| {
        topups.list("kiosk-1", &filter, after, limit).await.unwrap()
    };
    let between = Filter {
        from_ms: SOON_MS + 2_000,
        to_ms: SOON_MS + 4_000,
        state: None,
    };
    let (orders, next) = some(between, None, 10).await;
    assert_eq!((refids(&orders), next), (vec!["R4", "R3", "R2"], None));
    let failed = Filter {
        state: Some(State::Failed),
        ..Filter::ALL
    };
    let (orders, next) = some(failed, None, 2).await;
    assert_eq!(refids(&orders), ["R9", "R6"]);
    let (orders, last) = some(failed, next.as_deref(), 2).await;
    assert_eq!(refids(&orders), ["R3", "R0"]);
    assert_eq!(last, None);
    // A place outside of what is asked for is before its beginning, or after its end.
    let (orders, _) = some(between, next.as_deref(), 10).await;
    assert_eq!(refids(&orders), ["R4", "R3", "R2"]);
    let late = Filter {
        from_ms: SOON_MS + 8_000,
        ..Filter::ALL
    };
    assert_eq!(some(late, next.as_deref(), 10).await, (vec![], None));
    let never = Filter {
        from_ms: 2,
        to_ms: 1,
        state: None,
    };
    assert_eq!(some(never, None, 10).await, (vec![], None));
    for strange in ["", "x", r#"["1","","b"]"#] {
        let refused = topups.list("kiosk-1", &Filter::ALL, Some(strange), 10).await;
        assert!(
            matches!(refused, Err(StoreError::NotFound)),
            "{strange}: {refused:?}"
        );
    }
    stores.stop().await;
}

#[tokio::test]
async fn people_see_what_they_have_to_decide_the_longest_waiting_first() {
    let stores = Stores::start().await;
    let topups = topups(&stores);
    let against = |delivered, at_ms| Some(Contradiction { delivered, at_ms });
    for (refid, state, contradicted) in [
        ("manual", State::Manual, None),
        ("late", State::Failed, against(true, SOON_MS + 9_000)),
        ("gone", State::Success, against(false, SOON_MS + 5_000)),
        ("agreed", State::Success, against(true, SOON_MS)),
        ("corrected", State::Success, None),
        ("decided", State::Reversed, against(false, SOON_MS)),
        ("pending", State::Pending, None),
    ] {
        let new = order(refid, "kiosk-1", refid);
        take(&stores, &new).await;
        let mut step = next(&new, state);
        step.contradicted = contradicted;
        // Somebody says that it ended otherwise, although no report does.
        step.proposal = (refid == "corrected").then(|| Proposal {
            verdict: Verdict::NotDelivered,
            reason: "CS".to_owned(),
            by: "staff:1".to_owned(),
            at_ms: SOON_MS + 7_000,
        });
        topups.commit(&change(&step, What::Reported), &[]).await.unwrap();
    }
    let (first, next_page) = topups.reviews(None, 2).await.unwrap();
    assert_eq!(refids(&first), ["manual", "gone"]);
    let (second, end) = topups.reviews(next_page.as_deref(), 3).await.unwrap();
    assert_eq!((refids(&second), end), (vec!["corrected", "late"], None));
    let decided = next(&first[0], State::Failed);
    topups
        .commit(&change(&decided, What::Confirmed), &[])
        .await
        .unwrap();
    assert_eq!(
        refids(&topups.reviews(None, 9).await.unwrap().0),
        ["gone", "corrected", "late"]
    );
    stores.stop().await;
}

#[test]
fn records_of_the_stream_are_told_apart_by_their_keys() {
    for (pk, sk, order, webhook) in [
        ("O#A", "O", Some("A"), None),
        ("O#A", "E#0001", None, None),
        ("W#whk_1", "W", None, Some("whk_1")),
        ("B", "W", None, None),
        ("N#0812", "N", None, None),
    ] {
        assert_eq!(
            (order_of(pk, sk), webhook_of(pk, sk)),
            (order, webhook),
            "{pk} {sk}"
        );
    }
}

#[tokio::test]
async fn the_events_of_an_order_come_in_the_order_in_which_they_happened() {
    let stores = Stores::start().await;
    let topups = topups(&stores);
    let mut order = order("A", "kiosk-1", "1");
    let key = aws::topups::KeyUse {
        partner: "kiosk-1",
        key_hash: "k",
        body_hash: "b",
    };
    topups.take(&taken(&order), &key, i64::MAX).await.unwrap();
    for _ in 0..11 {
        order = next(&order, State::Pending);
        topups.commit(&change(&order, What::Reported), &[]).await.unwrap();
    }
    let numbers = topups.events("A").await.unwrap();
    let numbers: Vec<u32> = numbers.iter().map(|event| event.number).collect();
    assert_eq!(numbers, (1..=12).collect::<Vec<u32>>());
    assert_eq!(topups.events("B").await.unwrap(), []);
    stores.stop().await;
}
