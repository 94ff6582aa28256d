//! The costs of ingestion, exactly.
use bench::counts;

#[tokio::test(flavor = "multi_thread")]
async fn look() {
    for case in counts::all(|_| {}).await.unwrap() { println!("{case:?} micro={} req={}", case.sales_write_micro_per_receipt(), case.requests_milli_per_thousand()); }
    let plain = counts::chain_by_outlet(bench::generator::Plan::chain(6000).anonymous()).await.unwrap();
    println!("{plain:?} micro={}", plain.sales_write_micro_per_receipt());
    println!("{:#?}", counts::anatomy(bench::generator::Plan::chain(300)).await.unwrap());
}
