//! Where engines are known to differ from DynamoDB. A test that meets such a place asks [`agree`], which
//! also fails once the engine does not differ any more, so that this list stays true.
//! `infra/referee/README.md` has the same list with the reasons; the tests below compare the two.

use std::fmt::Debug;

use testkit::world::repository;
use testkit::{Engine, Stores};

/// A difference between an engine and DynamoDB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Difference {
    AnswersBeyond16Mb,
    EmptyAnswersCostNothing,
    EmptyValuesAreTaken,
    IndexesOfStatementsAreNotMetered,
    MissingKeysOfABatchCostNothing,
    NoObjects,
    NoObjectVersions,
    ReadsAreMeteredOtherwise,
    StatementsAreNotMetered,
    TransactionsAreMeteredOtherwise,
    TransactionsAreWeighedAsText,
    UnchangedItemsAreTold,
}

/// Every difference, with the engines that have it.
const LIST: [(Difference, &[Engine]); 12] = {
    use Difference as D;
    use Engine::{DynamoDbLocal, Embedded, Ministack};
    [
        (D::AnswersBeyond16Mb, &[Ministack]),
        (D::EmptyAnswersCostNothing, &[DynamoDbLocal]),
        (D::EmptyValuesAreTaken, &[Embedded, Ministack]),
        (D::IndexesOfStatementsAreNotMetered, &[Ministack]),
        (D::MissingKeysOfABatchCostNothing, &[DynamoDbLocal, Ministack]),
        (D::NoObjects, &[DynamoDbLocal]),
        (D::NoObjectVersions, &[Embedded]),
        (D::ReadsAreMeteredOtherwise, &[Ministack]),
        (D::StatementsAreNotMetered, &[DynamoDbLocal]),
        (D::TransactionsAreMeteredOtherwise, &[DynamoDbLocal]),
        (D::TransactionsAreWeighedAsText, &[Ministack]),
        (D::UnchangedItemsAreTold, &[Embedded]),
    ]
};

fn engines_of(difference: Difference) -> &'static [Engine] {
    let listed = LIST.iter().find(|(known, _)| *known == difference);
    listed.expect("every difference is listed").1
}

/// Checks that what an engine did is what DynamoDB does, and just that it is not where the engine is known
/// to differ.
#[track_caller]
pub(crate) fn agree<T: PartialEq + Debug>(stores: &Stores, difference: Difference, did: T, dynamodb: T) {
    let engine = stores.engine;
    if engines_of(difference).contains(&engine) {
        let stale = format!("{engine:?} has {difference:?} no more: take it off the list");
        assert_ne!(did, dynamodb, "{stale}");
    } else {
        assert_eq!(did, dynamodb, "{engine:?} differs: {difference:?}?");
    }
}

#[test]
fn the_referees_table_has_just_these_differences_and_a_reason_for_each() {
    let table = std::fs::read_to_string(repository().join("infra/referee/README.md")).unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let written: Vec<Vec<&str>> = rows
        .map(|row| row.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    assert_eq!(written.len(), LIST.len());
    for ((difference, engines), row) in LIST.iter().zip(written) {
        let names: Vec<&str> = engines.iter().map(|engine| engine.name()).collect();
        assert_eq!(row[0], format!("`{difference:?}`"), "in the order of the list");
        assert_eq!(row[1], names.join(", "), "{difference:?}");
        assert!(
            row.len() == 5 && row[2..].iter().all(|cell| cell.len() > 5),
            "{row:?}"
        );
    }
}

#[test]
fn every_difference_is_met_by_a_test() {
    let folder = repository().join("shared/aws/tests/contract");
    let mut tests = String::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if !path.ends_with("differences.rs") {
            tests.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
    for (difference, _) in LIST {
        let asked = format!("Difference::{difference:?}");
        assert!(tests.contains(&asked), "nobody asks about {asked}");
    }
}
