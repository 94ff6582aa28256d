//! What the log says of a guest's visit, and what it never says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "suite/support/mod.rs"]
mod support;

use support::Shop;
use support::day::paid;
use testkit::log::{LevelFilter, Lines, Targets};

#[tokio::test]
async fn a_whole_visit_leaves_routes_and_codes_and_nothing_of_the_guest() {
    let shop = Shop::start().await;
    shop.open_outlet().await;
    let id = shop.sell("7f3c9e02", paid("INV/77", &["Ramen"])).await;
    let lines = Lines::default();
    let guard = lines.listen_to(Targets::new().with_default(LevelFilter::DEBUG));
    let link = shop.link(&id).await;
    shop.api("GET", &format!("/v1/links/{id}/qr.png")).await.is(200);
    shop.get(&link).await.is_page(200);
    let form = "overall=1&d0=2&recommend=0&comment=Penanda+rahasia";
    shop.send(&link, &format!("{form}&x=1")).await.is_page(422);
    shop.send(&link, form).await.is_page(200);
    shop.get(&format!("{link}A")).await.refuses(404, "LINK_FORGED");
    for _ in 0..12 {
        shop.send(&link, form).await;
    }
    drop(guard);
    let text = lines.text();
    let token = link.strip_prefix("/r/").unwrap();
    for secret in [
        token,
        &token[..12],
        "Penanda",
        "rahasia",
        "36.68.1.2",
        "INV/77",
        "OYAKO_MOKA_17",
    ] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    let said = lines.all();
    let codes = |code: &str| {
        let said = said.iter().filter(|line| line["fields"]["code"] == code);
        said.count()
    };
    assert_eq!(
        (codes("LINK_FORGED"), codes("TOO_MANY_REQUESTS")),
        (1, 2),
        "{text}"
    );
    let route = said.iter().filter(|line| line["fields"]["route"] == "/r/{token}");
    assert_eq!(route.count(), 16);
}
