//! Which dishes fell or rose from one period to another.

use domain::insight::{Changes, Insight, MenuInsight, changes};
use domain::satisfaction::{Change, Stars};

#[test]
fn dishes_that_fell_come_first_the_deepest_fall_before_all() {
    let rated = |dishes: &[(&str, u64, u64)]| {
        let menus = dishes.iter().map(|(name, satisfied, n)| {
            let stars = Stars {
                counts: [n - satisfied, 0, 0, 0, *satisfied],
            };
            let menu = MenuInsight {
                stars,
                ..MenuInsight::default()
            };
            ((*name).to_owned(), menu)
        });
        Insight {
            menus: menus.collect(),
            ..Insight::default()
        }
    };
    let before = rated(&[
        ("Ayam", 90, 100),
        ("Bakso", 20, 100),
        ("Cendol", 90, 100),
        ("Dadar", 90, 100),
        ("Es Teh", 50, 100),
        ("Gado-gado", 50, 100),
        ("Lontong", 4, 4),
        ("Nasi", 90, 100),
    ]);
    let after = rated(&[
        ("Ayam", 60, 100),
        ("Bakso", 60, 100),
        ("Cendol", 30, 100),
        ("Dadar", 60, 100),
        ("Es Teh", 52, 100),
        ("Gado-gado", 95, 100),
        ("Lontong", 0, 100),
        ("Pecel", 0, 100),
    ]);
    let found = changes(&before, &after);
    assert_eq!(
        found.compared, 6,
        "neither few ratings nor a dish of one period alone"
    );
    let listed: Vec<_> = found
        .dishes
        .iter()
        .map(|dish| (dish.menu.as_str(), dish.change))
        .collect();
    assert_eq!(
        listed,
        [
            ("Cendol", Change::Down),
            ("Ayam", Change::Down),
            ("Dadar", Change::Down),
            ("Gado-gado", Change::Up),
            ("Bakso", Change::Up),
        ]
    );
    let cendol = &found.dishes[0];
    assert_eq!(
        (cendol.before.part, cendol.after.part, cendol.after.n),
        (90, 30, 100)
    );
    assert_eq!(changes(&before, &Insight::default()), Changes::default());
}
