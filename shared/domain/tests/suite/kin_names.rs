//! Kin: which names are spellings of one, and which are those of a family or an office.

use domain::customer::{Fact, Profile};
use domain::kin::{Evidence, evidence};
use proptest::prelude::*;

fn person(name: &str, email: &str) -> Profile {
    let fact = |value: &str| {
        (!value.is_empty()).then(|| Fact {
            told_ms: 1,
            value: value.to_owned(),
        })
    };
    Profile {
        name: fact(name),
        email: fact(email),
        ..Profile::default()
    }
}

fn named(name: &str) -> Profile {
    person(name, "")
}

#[test]
fn spellings_of_one_name_are_evidence() {
    let pairs = [
        ("Siti Rahma", "SITI  RAHMA"),
        ("Siti Rahma", "Rahma Siti"),
        ("Siti Rahma", "siti rahmah"),
        ("Ibu Siti Rahma", "Bu Siti Rahma"),
        ("Bpk. Budi Santoso", "budi santoso"),
        ("Pak Budi", "Budi Santoso"),
        ("Mas Budi", "Pak Budi"),
        ("Mbak Dian Lestari", "Kak Dian Lestari"),
        ("dr. Andi Wijaya", "Andi Wijaya"),
        ("H. Ahmad Yusuf", "Achmad Yusuf"),
        ("Hj. Fatimah Zahra", "Fatima Sahra"),
        ("Budi Santoso, S.Kom", "Budi Santoso"),
        ("Drs. Budi Santoso, M.M., Ph.D", "Budi Santoso"),
        ("Soekarno Hadi", "Sukarno Hadi"),
        ("Tjokro Aminoto", "Cokro Aminoto"),
        ("Djoko Susilo", "Joko Susilo"),
        ("Rachmat Hidayat", "Rahmat Hidayat"),
        ("Rizky Pratama", "Rizki Pratama"),
        ("Muhammad Rizky", "M. Rizki"),
        ("Moch. Rizki", "Muhamad Rizky"),
        ("Nurhidayah", "Nur Hidayah"),
        ("José Ramos", "Jose Ramos"),
        ("Jose\u{301} Ramos", "JOSE RAMOS"),
        ("D'Angelo Putra", "D’angelo Putra"),
        ("Ｂｕｄｉ Santoso", "Budi Santoso"),
        ("Budi", "Budi Santoso"),
        ("Agus Hadi Santoso", "Agus Santoso"),
        ("Siti R.", "Siti Rahma"),
        ("Siti Rahma", "Siti R"),
        ("Budi Hartanto", "Budi Hartatno"),
        ("Dewi Kusumawati", "Dewi Kusmawati"),
        ("Agus Setiawan", "Agus Setaiwan"),
    ];
    for (a, b) in pairs {
        for (a, b) in [(a, b), (b, a), (a, a)] {
            assert_eq!(
                evidence(&named(a), &named(b)),
                Some(Evidence::SimilarName),
                "{a} {b}"
            );
        }
    }
}

#[test]
fn names_of_a_family_or_an_office_are_not() {
    let pairs = [
        ("Siti Rahma", "Budi Rahma"),
        ("Siti Rahma", "Siti Rahmi"),
        ("Siti Rahma", "Siti Aminah"),
        ("Siti", "Siti Rahma"),
        ("Rahma", "Siti Rahma"),
        ("Wayan", "Wayan Sudarma"),
        ("Made Sudarma", "Ketut Sudarma"),
        ("Muhammad Rizki", "Muhammad Fajar"),
        ("Muhammad", "Muhammad Fajar"),
        ("M. Rizki", "Rizki Amalia"),
        ("Bpk Rahma", "Ibu Rahma"),
        ("Mr. Tan", "Mrs Tan"),
        ("Bu Santoso", "Budi Santoso"),
        ("Budi Santoso", "Budi Santosa"),
        ("Dewi Wahyuni", "Dewi Wahyudi"),
        ("Andi Putra", "Andi Putri"),
        ("Budi Santoso", "Budi Santoso Putra"),
        ("Budi", "Budi Junior"),
        ("Budi", "Istri Budi"),
        ("Budi", "Budi Istri"),
        ("Rafi", "Mama Rafi"),
        ("Mama Rafi", "Papa Rafi"),
        ("Ahmad bin Yusuf", "Ahmad"),
        ("Mariana Putri", "Marina Putri"),
        ("Dina Putri", "Diana Putri"),
        ("Rina", "Rani"),
        ("Hartono", "Hartnoo"),
        ("Rahma, Siti", "Rahma, Budi"),
        ("Ibu", "Bu"),
        ("Kak", "Kak"),
        ("Tamu", "Tamu"),
        ("Customer Budi", "Customer Budi"),
        ("Keluarga Santoso", "Keluarga Santoso"),
        ("PT Maju Jaya", "PT Maju Jaya"),
        ("Meja 5", "Meja 5"),
        ("Budi 1", "Budi 2"),
        ("A", "A"),
        ("王小明", "王小明"),
        ("", ""),
    ];
    for (a, b) in pairs {
        assert_eq!(evidence(&named(a), &named(b)), None, "{a} {b}");
        assert_eq!(evidence(&named(b), &named(a)), None, "{b} {a}");
    }
}

#[test]
fn the_same_mail_address_is_evidence_whatever_its_case() {
    let a = person("Siti", "Siti@Example.com");
    assert_eq!(
        evidence(&a, &person("Budi", "siti@example.COM")),
        Some(Evidence::SameEmail)
    );
    assert_eq!(evidence(&a, &person("Siti Rahma", "other@example.com")), None);
    assert_eq!(evidence(&Profile::default(), &Profile::default()), None);
}

proptest! {
    #[test]
    fn evidence_is_mutual(a in "[A-Za-z .,é]{0,20}", b in "[A-Za-z .,é]{0,20}") {
        let (a, b) = (named(&a), named(&b));
        prop_assert_eq!(evidence(&a, &b), evidence(&b, &a));
    }

    #[test]
    fn any_text_can_stand_for_a_name(a: String, b: String) {
        let (a, b) = (named(&a), named(&b));
        prop_assert_eq!(evidence(&a, &b), evidence(&b, &a));
    }
}
