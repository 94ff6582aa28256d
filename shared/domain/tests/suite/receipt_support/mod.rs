//! Any receipts, for tests of what is made of them.

use domain::money::Money;
use domain::page::Receipts;
use domain::quantity::Quantity;
use domain::receipt::{Head, Item, Line, Lines, Modifier, OrderType, Rank, Ranked, Receipt, Refund, Status};
use domain::when::TimeQuality;
use proptest::prelude::*;

fn money() -> impl Strategy<Value = Money> {
    prop_oneof![
        (0_i64..2_000_000).prop_map(|rupiah| Money::from_raw(rupiah * 10_000)),
        (-20_000_000_000_i64..20_000_000_000).prop_map(Money::from_raw),
        Just(Money::ZERO),
    ]
}

fn label() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("[A-Za-z é\u{1f35c}]{0,12}")
}

fn quantity() -> impl Strategy<Value = Quantity> {
    prop_oneof![
        (1_i64..5).prop_map(|n| Quantity::from_raw(n * 10_000)),
        (-30_000_i64..90_000).prop_map(Quantity::from_raw)
    ]
}

prop_compose! {
    fn item()(n in 0..6_u8, variant in label(), menu_id in label(), sku in label(), rateable: bool) -> Item {
        Item { name: format!("Menu {n}"), variant, menu_id, sku, rateable, ..Item::default() }
    }
}

prop_compose! {
    fn modifier()(group in label(), name in "[a-z]{1,5}", qty in quantity(), price in money()) -> Modifier {
        Modifier { group, name, qty, price }
    }
}

prop_compose! {
    fn line()(
        item in item(), qty in quantity(), refunded_qty in quantity(), gross in money(), net in money(), voided: bool,
        rating in proptest::option::of(1_u8..=5), modifiers in prop::collection::vec(modifier(), 0..3),
    ) -> Line {
        Line { item, qty, refunded_qty, gross, net, voided, rating, modifiers }
    }
}

prop_compose! {
    fn rank()(authority in 0_u8..3, revised_ms in 1_700_000_000_000_i64..1_700_000_100_000) -> Rank {
        Rank { authority, revised_ms }
    }
}

fn lines() -> impl Strategy<Value = Lines> {
    let group =
        || (rank(), prop::collection::vec(line(), 1..4)).prop_map(|(rank, value)| Ranked { rank, value });
    prop_oneof![
        Just(Lines::Missing),
        group().prop_map(Lines::Whole),
        prop::collection::btree_map("[a-c]", group(), 1..3).prop_map(Lines::Rows),
    ]
}

prop_compose! {
    fn head()(
        number in label(), at_ms in 1_700_000_000_000_i64..1_700_090_000_000,
        status in prop_oneof![Just(Status::Paid), Just(Status::Unpaid), Just(Status::Voided)],
        order_type in prop_oneof![Just(OrderType::DineIn), Just(OrderType::Online), Just(OrderType::Other)],
        customer in proptest::option::of("OYAKO_MOKA_[1-4]"), table in label(),
        amounts in prop::array::uniform6(proptest::option::of(money())),
        refunded in (0_i64..50_000).prop_map(Money::from_raw),
    ) -> Head {
        let [gross, net, service, tax, rounding, total] = amounts;
        Head {
            number, at_ms, quality: TimeQuality::Offset, status, order_type, customer, table, method: None,
            gross, net, service, tax, rounding, total, refunded,
        }
    }
}

prop_compose! {
    pub(crate) fn receipt()(
        head in proptest::option::of((rank(), head())), lines in lines(),
        refunds in prop::collection::btree_map("[a-z]{3}", (rank(), 0_i64..90_000), 0..3),
    ) -> Receipt {
        let refund = |(rank, amount)| Ranked { rank, value: Refund { at_ms: 5, amount: Money::from_raw(amount) } };
        Receipt {
            head: head.map(|(rank, value)| Ranked { rank, value }),
            lines,
            refunds: refunds.into_iter().map(|(id, told)| (id, refund(told))).collect(),
        }
    }
}

pub(crate) fn receipts() -> impl Strategy<Value = Receipts> {
    let id = prop_oneof![
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        "INV/[0-9]{4}",
        "[A-Z0-9é-]{1,40}"
    ];
    prop::collection::btree_map(id, receipt(), 0..25)
}
