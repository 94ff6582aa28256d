//! The samples hold what their README promises.

use crate::support::Shop;

#[tokio::test(flavor = "multi_thread")]
async fn every_sample_does_what_its_readme_says() {
    let shop = Shop::open().await;
    let folder = testkit::world::repository().join("samples");
    let readme = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let table = readme
        .split("<!-- table: start -->")
        .nth(1)
        .unwrap()
        .split("<!-- table: end -->")
        .next()
        .unwrap();
    let mut files = 0;
    for row in table.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let name = cells[0].trim_matches(['`', '|', ' ']);
        let export = shop
            .take(
                &format!("incoming/samples/{name}"),
                std::fs::read(folder.join(name)).unwrap(),
            )
            .await;
        let counts = export.counts;
        let found = [
            counts.received,
            counts.stored,
            counts.unchanged,
            counts.stale,
            counts.quarantined,
        ];
        let promised: Vec<u64> = cells[2..7].iter().map(|cell| cell.parse().unwrap()).collect();
        assert_eq!(
            found.as_slice(),
            promised,
            "{name}: {:?} {:?}",
            export.rejected,
            export.notes
        );
        let mut codes: Vec<&str> = cells[7]
            .split(", ")
            .map(|code| code.trim_matches(['`', '|', ' ']))
            .collect();
        codes.retain(|code| !code.is_empty() && *code != "–");
        codes.sort_unstable();
        assert_eq!(
            export.rejected.keys().map(String::as_str).collect::<Vec<_>>(),
            codes,
            "{name}"
        );
        files += 1;
    }
    assert!(files >= 10, "the table lists the samples");
}
