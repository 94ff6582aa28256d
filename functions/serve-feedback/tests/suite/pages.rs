//! What a guest's phone is shown.

use std::fmt::Write as _;

use crate::support::day::{head, line, paid, receipt, rupiah};
use crate::support::{Shop, browsing, send};
use axum::body::Body;
use domain::outlet::Outlet;
use domain::receipt::{Lines, Receipt, Status};
use http::Method;

/// The words of a page, line by line, without its markup.
fn words(page: &str) -> String {
    let body = page.split("<body>").nth(1).unwrap();
    let mut text = String::new();
    let mut inside = true;
    for c in body.chars() {
        match c {
            '<' => inside = false,
            '>' => inside = true,
            c if inside => text.push(c),
            _ => {}
        }
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn every_refusal_is_a_kind_page_with_a_code() {
    let shop = Shop::start().await;
    shop.open_outlet().await;
    let mut back = head("A/2", Status::Paid);
    back.refunded = rupiah(10_000);
    let mut lines_only = paid("A/5", &["Ramen"]);
    lines_only.head = None;
    let table = [
        ("refunded", receipt(back, vec![line("Ramen")])),
        (
            "voided",
            receipt(head("A/3", Status::Voided), vec![line("Ramen")]),
        ),
        (
            "unpaid",
            receipt(head("A/4", Status::Unpaid), vec![line("Ramen")]),
        ),
        ("incomplete", lines_only),
    ];
    let mut pages = String::new();
    for (name, told) in table {
        // The link was handed out while the receipt was good.
        let id = shop.sell(name, paid("A/9", &["Ramen"])).await;
        let link = shop.link(&id).await;
        shop.sell(name, told).await;
        for language in ["id", "en"] {
            let shown = shop.get(&format!("{link}?lang={language}")).await;
            let sent = shop.send(&format!("{link}?lang={language}"), "overall=5").await;
            assert_eq!(shown.text, sent.text, "{name}");
            writeln!(pages, "{name} {}\n{}\n", shown.status, words(shown.is_page(409))).unwrap();
        }
        assert!(shop.answer(&id).await.is_none(), "{name}");
    }
    let id = shop.sell("open", paid("A/6", &["Ramen"])).await;
    let link = shop.link(&id).await;
    let gone = shop.link(&shop.sell("gone", paid("A/7", &["Ramen"])).await).await;
    shop.sell(
        "gone",
        Receipt {
            lines: Lines::Missing,
            ..Receipt::default()
        },
    )
    .await;
    shop.pass_days(30);
    // The last day, to its end.
    shop.get(&link).await.is_page(200);
    for (name, link, status) in [("forged", "/r/AAAA".to_owned(), 404), ("gone", gone, 409)] {
        for language in ["id", "en"] {
            let shown = shop.get(&format!("{link}?lang={language}")).await;
            writeln!(
                pages,
                "{name} {}\n{}\n",
                shown.status,
                words(shown.is_page(status))
            )
            .unwrap();
        }
    }
    shop.pass_days(1);
    for language in ["id", "en"] {
        let shown = shop.get(&format!("{link}?lang={language}")).await;
        writeln!(pages, "expired {}\n{}\n", shown.status, words(shown.is_page(410))).unwrap();
        shop.send(&link, "overall=5").await.refuses(410, "LINK_EXPIRED");
    }
    assert!(shop.answer(&id).await.unwrap().guest.is_none());
    insta::assert_snapshot!("refusals", pages);
}

#[tokio::test]
async fn what_is_no_page_is_refused_like_everything_else() {
    let shop = Shop::start().await;
    let id = shop.sell("r-1", paid("A/1", &["Ramen"])).await;
    let link = shop.link(&id).await;
    shop.api("DELETE", &link).await.refuses(405, "METHOD_NOT_ALLOWED");
    for path in ["/", "/r", "/v1", "/v1/links/a/b"] {
        let reply = shop.get(path).await;
        reply.is_problem(404, "ROUTE_NOT_FOUND");
        assert_eq!(reply.headers["x-content-type-options"], "nosniff", "{path}");
    }
    for path in [link.as_str(), "/r/AAAA"] {
        let head = browsing(path).method(Method::HEAD).body(Body::empty()).unwrap();
        let head = send(&shop.router, head).await;
        assert_eq!(head.status, shop.get(path).await.status);
        assert!(head.bytes.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_wrong_link_says_the_same_whatever_is_wrong() {
    let shop = Shop::start().await;
    let id = shop.sell("r-1", paid("A/1", &["Ramen"])).await;
    let link = shop.link(&id).await;
    // Cut, doubled or with a blank typed into it: a guest never sees a document for programs.
    for path in ["/r/", "/r/a/b", "/r/%0C"] {
        let page = shop.get(path).await.refuses(404, "LINK_FORGED").to_owned();
        assert!(page.contains("<h1>"), "{path}");
    }
    let forged = shop.get("/r/AAAA").await.refuses(404, "LINK_FORGED").to_owned();
    let mut wrong = vec![
        format!("{link}A"),
        link[..link.len() - 1].to_owned(),
        "/r/%00".to_owned(),
    ];
    for at in (3..link.len()).step_by(7) {
        let other = if &link[at..=at] == "A" { "B" } else { "A" };
        let mut changed = link.clone();
        changed.replace_range(at..=at, other);
        wrong.push(changed);
    }
    wrong.push(format!("/r/{}", "A".repeat(4000)));
    for link in wrong {
        assert_eq!(
            shop.get(&link).await.refuses(404, "LINK_FORGED"),
            forged,
            "{link}"
        );
    }
}

#[tokio::test]
async fn the_page_speaks_the_guests_language_and_keeps_the_link() {
    let shop = Shop::start().await;
    shop.open_outlet().await;
    let id = shop.sell("r-1", paid("A/1", &["Ramen", "Teh"])).await;
    let link = shop.link(&id).await;
    let page = shop.get(&link).await;
    insta::assert_snapshot!("form_id", words(page.is_page(200)));
    assert!(page.text.contains("<html lang=\"id\">"));
    let english = browsing(&link).header("accept-language", "en-GB,en;q=0.9,id;q=0.5");
    let english = send(&shop.router, english.body(Body::empty()).unwrap()).await;
    insta::assert_snapshot!("form_en", words(english.is_page(200)));
    assert!(english.text.contains("<html lang=\"en\">"));
    assert!(english.text.contains("href=\"?lang=id\"") && english.text.contains("action=\"?lang=en&amp;"));
    let asked = shop.get(&format!("{link}?lang=en")).await;
    assert_eq!(asked.text, english.text);
    let thanks = shop.send(&format!("{link}?lang=en"), "lang=en&overall=5").await;
    assert!(thanks.is_page(200).contains("Thank you!"));
    let wrong = shop.send(&format!("{link}?lang=en"), "lang=en&overall=9").await;
    assert!(wrong.is_page(422).contains("Something needs to be corrected"));
}

#[tokio::test]
async fn a_page_is_small_without_a_script_and_asks_nobody_else() {
    let shop = Shop::start().await;
    shop.open_outlet().await;
    let names: Vec<String> = (1..=12)
        .map(|n| format!("Mie Ramen Kuah Pedas Spesial Nomor {n}"))
        .collect();
    let dishes: Vec<&str> = names.iter().map(String::as_str).collect();
    let id = shop.sell("r-1", paid("A/1", &dishes)).await;
    let link = shop.link(&id).await;
    let page = shop.get(&link).await;
    let style = page
        .is_page(200)
        .split("rel=\"stylesheet\" href=\"")
        .nth(1)
        .unwrap();
    let style = shop.get(style.split('"').next().unwrap()).await;
    assert_eq!(style.headers["content-type"], "text/css; charset=utf-8");
    assert!(
        style.headers["cache-control"]
            .to_str()
            .unwrap()
            .contains("immutable")
    );
    let bytes = page.bytes.len() + style.bytes.len();
    assert!(bytes < 50_000, "{bytes}");
    for absent in [
        "<script",
        "javascript:",
        " on",
        "http://",
        "https://",
        "//",
        "@import",
        "url(",
    ] {
        for text in [&page.text, &style.text] {
            let handler = absent == " on" && !text.contains(" onclick") && !text.contains(" onload");
            assert!(handler || !text.contains(absent), "{absent}");
        }
    }
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'self';"),
        "{policy}"
    );
    assert!(
        !policy.contains("script") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    assert_eq!(page.headers["cache-control"], "no-store");
    assert!(page.text.contains("<meta name=\"robots\" content=\"noindex\">"));
}

#[tokio::test]
async fn neither_link_nor_page_tells_the_receipt_the_outlet_or_the_person() {
    let shop = Shop::start().await;
    // An outlet without a name is not called by its id either.
    let id = shop
        .sell(
            "7f3c9e02-1111-4222-8333-444455556666",
            paid("INV/2025/77", &["Ramen"]),
        )
        .await;
    let link = shop.link(&id).await;
    let page = shop.get(&link).await;
    page.is_page(200);
    for (text, what) in [(&link, "link"), (&page.text, "page")] {
        for secret in [
            "moka", "7f3c9e02", "INV", "2025/77", "OYAKO_", "20251028", "05:00", "12:00",
        ] {
            assert!(!text.contains(secret), "{secret} in the {what}");
        }
    }
    assert!(page.text.contains("28 Oktober 2025"));
}

#[tokio::test]
async fn hostile_words_are_shown_as_words() {
    let shop = Shop::start().await;
    let outlet = Outlet::undescribed("moka-7", Some("<img src=x onerror=alert(1)>"), None);
    shop.describe(&outlet).await;
    let id = shop
        .sell(
            "r-1",
            paid(
                "A/1",
                &["</legend><script>alert(2)</script>\" autofocus onfocus=x"],
            ),
        )
        .await;
    let link = shop.link(&id).await;
    let comment = "</textarea><script>alert(3)</script>\u{202e}=cmd|' /C calc'!A0 \"'&\u{0}";
    let encoded: String = comment.bytes().fold(String::new(), |mut text, byte| {
        write!(text, "%{byte:02X}").unwrap();
        text
    });
    let pages = [
        shop.get(&link).await,
        // Sent back because the rating is missing, with what was typed.
        shop.send(&link, &format!("comment={encoded}")).await,
        shop.send(&link, &format!("overall=1&comment={encoded}")).await,
        shop.get(&link).await,
        shop.get(&format!(
            "{link}?lang=%22%3E%3Cscript%3E&dishes=%22%3E%3Cscript%3E"
        ))
        .await,
    ];
    for (at, page) in pages.iter().enumerate() {
        let text = &page.text;
        assert!(
            !text.contains("<script") && !text.contains("<img"),
            "{at}: {text}"
        );
        assert_eq!(
            text.matches("<textarea").count(),
            text.matches("</textarea>").count(),
            "{at}"
        );
    }
    assert!(pages[3].text.contains("&#60;/textarea&#62;"), "{}", pages[3].text);
    assert!(!pages[3].text.contains('\u{202e}'));
    let stored = shop.answer(&id).await.unwrap().guest.unwrap().comment.unwrap();
    assert!(
        stored.starts_with("</textarea><script>"),
        "kept as it was meant: {stored}"
    );
    let strange = shop
        .send(&format!("{link}?dishes=%22%3E%3Cscript%3E"), "overall=1")
        .await;
    assert!(!strange.is_page(422).contains("<script"));
}
