//! How dates and times are read, and which business date they belong to.

use domain::when::TimeQuality::{AssumedZone, DateOnly, Offset};
use domain::when::{
    BusinessDate, Moment, TimeQuality, WhenError, Zone, business_date, format_local, format_utc, read_epoch,
    read_moment, read_period,
};
use jiff::civil::date;
use proptest::prelude::*;

fn wib() -> Zone {
    Zone::default()
}

fn zone(name: &str) -> Zone {
    Zone::named(name).unwrap()
}

fn instant(rfc3339: &str) -> i64 {
    rfc3339.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

#[test]
fn every_known_writing_gives_its_moment() {
    let noon = "2025-10-28T12:01:00Z";
    let rows: &[(&str, &str, TimeQuality)] = &[
        (
            "2025-10-28T19:30:50.748+07:00",
            "2025-10-28T12:30:50.748Z",
            Offset,
        ),
        ("2025-10-28T12:30:50.748Z", "2025-10-28T12:30:50.748Z", Offset),
        ("2025-10-28t12:30:50z", "2025-10-28T12:30:50Z", Offset),
        ("2025-10-28 19:01:00+0700", noon, Offset),
        ("2025-10-28 19:01 +07", noon, Offset),
        ("2025-10-28 07:31:00-04:30", noon, Offset),
        ("2025-10-28 12:01 UTC", noon, Offset),
        ("28-10-2025 20:01 WITA", noon, Offset),
        ("28-10-2025 19:01:00 wib", noon, Offset),
        ("28/10/2025 21.01 WIT", noon, Offset),
        ("2025-10-28T19:01:00", noon, AssumedZone),
        (
            "2025-10-28T19:01:00.7489999",
            "2025-10-28T12:01:00.748Z",
            AssumedZone,
        ),
        ("2025-10-28T19:01:00,5", "2025-10-28T12:01:00.5Z", AssumedZone),
        ("2025-10-28 19:01:00", noon, AssumedZone),
        ("2025-10-28 19:01", noon, AssumedZone),
        ("2025/10/28 19:01", noon, AssumedZone),
        ("28-10-2025 19:01:00", noon, AssumedZone),
        ("28/10/2025 19:01", noon, AssumedZone),
        ("28/10/2025 - 19:01:00", noon, AssumedZone),
        ("28.10.2025 19.01", noon, AssumedZone),
        ("28 Okt 2025 19.01.00", noon, AssumedZone),
        ("28 Oct 2025, 19:01", noon, AssumedZone),
        ("28-Okt-2025 19:01", noon, AssumedZone),
        ("28 Okt. 2025 19:01", noon, AssumedZone),
        ("28 OKTOBER 2025 19:01", noon, AssumedZone),
        ("２８/１０/２０２５ 19:01", noon, AssumedZone),
        ("'28-10-2025 19:01", noon, AssumedZone),
        ("1/2/2025 7:05", "2025-02-01T00:05:00Z", AssumedZone),
        ("2025-10-28", "2025-10-27T17:00:00Z", DateOnly),
        ("28/10/2025", "2025-10-27T17:00:00Z", DateOnly),
        ("28 Oktober 2025", "2025-10-27T17:00:00Z", DateOnly),
        ("29 Feb 2024", "2024-02-28T17:00:00Z", DateOnly),
    ];
    for (text, expected, quality) in rows {
        let moment = read_moment(text, &wib()).unwrap_or_else(|e| panic!("{text:?}: {e}"));
        assert_eq!(
            moment,
            Some(Moment {
                at_ms: instant(expected),
                quality: *quality
            }),
            "{text:?}"
        );
    }
}

#[test]
fn every_month_is_known_by_its_names() {
    let months = [
        "Jan Januari January",
        "Feb Peb Februari Pebruari February",
        "Mar Mrt Maret March",
        "Apr April",
        "Mei May",
        "Jun Juni June",
        "Jul Juli July",
        "Agu Agt Ags Agust Agustus Aug August",
        "Sep Sept September",
        "Okt Oktober Oct October",
        "Nov Nop November Nopember",
        "Des Desember Dec December",
    ];
    for (month, names) in (1..).zip(months) {
        for name in names.split(' ') {
            let (from, _) = read_period(&format!("5 {name} 2025 - 6 {name} 2025")).expect(name);
            assert_eq!(from.date(), date(2025, month, 5), "{name}");
        }
    }
}

#[test]
fn nothing_written_is_no_moment_and_no_error() {
    ["", " ", "-", "null", "n/a", "\u{2013}"]
        .into_iter()
        .for_each(|text| assert_eq!(read_moment(text, &wib()), Ok(None), "{text:?}"));
}

#[test]
fn what_is_no_date_has_a_stable_code() {
    let invalid = [
        "24:00",
        "2025-10-28 24:00",
        "2025-10-28 12:60",
        "2025-10-28 23:59:60",
        "31-02-2025",
        "29-02-2025",
        "13/13/2025",
        "2025-13-01",
        "00-10-2025",
        "2025-10-28 19",
        "2025-10-28T",
        "2025-10-28 19:3",
        "28-10-25",
        "2025-10/28",
        "28-10/2025",
        "10 28 2025",
        "28 Foo 2025",
        "Oktober 2025",
        "2025-10-28Z",
        "2025-10-28 19:30 +15:00",
        "2025-10-28 19:30 +07:60",
        "2025-10-28 19:30 CET",
        "2025-10-28 19:30 +7",
        "2025-10-28 19:30.500",
        "2025-10-28 19:30:00.",
        "2025-10-28 19:30 x",
        "1761652850",
        "028-10-2025",
        "28-010-2025",
        "99999999999999999999",
    ];
    for text in invalid {
        let error = read_moment(text, &wib()).expect_err(text);
        assert_eq!(
            (error, error.code()),
            (WhenError::Invalid, "DATE_INVALID"),
            "{text:?}"
        );
    }
    for text in [
        "1999-12-31",
        "31-12-1999 10:00",
        "1 Jan 2101",
        "0001-01-01",
        "9999-12-31 23:59:59Z",
    ] {
        let error = read_moment(text, &wib()).expect_err(text);
        assert_eq!(
            (error, error.code()),
            (WhenError::OutOfRange, "DATE_OUT_OF_RANGE"),
            "{text:?}"
        );
    }
}

#[test]
fn an_epoch_is_seconds_or_milliseconds_by_its_length() {
    let rows = [
        ("1761652850", 1_761_652_850_000),
        ("1761652850.748", 1_761_652_850_748),
        ("1761652850.7489", 1_761_652_850_748),
        ("1.76165285e9", 1_761_652_850_000),
        ("1761652850748", 1_761_652_850_748),
        ("1761652850748.9", 1_761_652_850_748),
    ];
    for (text, at_ms) in rows {
        assert_eq!(
            read_epoch(text),
            Ok(Moment {
                at_ms,
                quality: Offset
            }),
            "{text}"
        );
    }
    for text in [
        "0",
        "-1761652850",
        "176165285",
        "17616528507",
        "17616528507480",
        "",
        "NaN",
        "1e400",
        "abc",
    ] {
        assert_eq!(read_epoch(text), Err(WhenError::Invalid), "{text}");
    }
    for text in ["9999999999", "9999999999999"] {
        assert_eq!(read_epoch(text), Err(WhenError::OutOfRange), "{text}");
    }
}

#[test]
fn a_period_has_two_ends() {
    let day = (
        date(2025, 10, 28).at(0, 0, 0, 0),
        date(2025, 10, 28).at(23, 59, 59, 0),
    );
    let texts = [
        "28 Oktober 2025 00:00:00 - 28 Oktober 2025 23:59:59",
        "28 Oktober 2025 - 28 Oktober 2025",
        "28-10-2025 - 28-10-2025",
        "28/10/2025 - 00:00:00 - 28/10/2025 - 23:59:59",
    ];
    for text in texts {
        assert_eq!(read_period(text), Ok(day), "{text}");
    }
    let may = read_period("01 Mei 2026 00:00:00 - 31 Mei 2026 23:59:59").unwrap();
    assert_eq!(
        may,
        (
            date(2026, 5, 1).at(0, 0, 0, 0),
            date(2026, 5, 31).at(23, 59, 59, 0)
        )
    );
    for text in [
        "",
        "-",
        "28 Oktober 2025",
        "29 Okt 2025 - 28 Okt 2025",
        "28/10/2025 - 19:01:00",
        "a - b",
    ] {
        assert_eq!(read_period(text), Err(WhenError::Invalid), "{text}");
    }
    assert_eq!(read_period("1 Jan 1999 - 2 Jan 1999"), Err(WhenError::OutOfRange));
}

#[test]
fn makassar_is_an_hour_ahead_of_jakarta() {
    let text = "28-10-2025 00:30";
    let in_wita = read_moment(text, &zone("WITA")).unwrap().unwrap();
    let in_wib = read_moment(text, &wib()).unwrap().unwrap();
    assert_eq!(in_wib.at_ms - in_wita.at_ms, 3_600_000);
    // The same instant is another day of trade to someone who takes the clock for Jakarta's.
    assert_eq!(
        business_date(in_wita.at_ms, &zone("Asia/Makassar"), 0).to_string(),
        "2025-10-28"
    );
    assert_eq!(business_date(in_wita.at_ms, &wib(), 0).to_string(), "2025-10-27");
    assert_eq!(
        format_local(in_wita.at_ms, &zone("wit")),
        "2025-10-28T01:30:00.000+09:00"
    );
}

#[test]
fn the_business_date_turns_at_the_cutoff() {
    let rows = [
        ("2025-10-28T03:59:59.999+07:00", 4, "2025-10-27"),
        ("2025-10-28T04:00:00+07:00", 4, "2025-10-28"),
        ("2025-10-28T00:00:00+07:00", 0, "2025-10-28"),
        ("2025-10-27T23:59:59+07:00", 0, "2025-10-27"),
        ("2025-10-28T11:59:59+07:00", 12, "2025-10-27"),
        ("2025-10-28T12:00:00+07:00", 12, "2025-10-28"),
        ("2025-10-28T12:00:00+07:00", 23, "2025-10-28"),
        ("2025-01-01T01:30:00+07:00", 4, "2024-12-31"),
    ];
    for (at, cutoff, expected) in rows {
        assert_eq!(
            business_date(instant(at), &wib(), cutoff).to_string(),
            expected,
            "{at} {cutoff}"
        );
    }
}

#[test]
fn a_date_without_a_time_is_its_own_business_date() {
    let day = read_moment("28-10-2025", &wib()).unwrap().unwrap();
    assert!((0..=12).all(|cutoff| day.business_date(&wib(), cutoff).to_string() == "2025-10-28"));
    let timed = read_moment("28-10-2025 01:30", &wib()).unwrap().unwrap();
    assert_eq!(timed.business_date(&wib(), 4).to_string(), "2025-10-27");
}

#[test]
fn zones_are_known_by_name_and_by_abbreviation() {
    assert_eq!(wib().name(), "Asia/Jakarta");
    for (text, name) in [
        ("WIB", "Asia/Jakarta"),
        ("wita", "Asia/Makassar"),
        (" WIT ", "Asia/Jayapura"),
    ] {
        assert_eq!(zone(text).name(), name);
    }
    assert_eq!(zone("Asia/Pontianak").name(), "Asia/Pontianak");
    for text in ["", "Asia/Atlantis", "+07:00", "local"] {
        let error = Zone::named(text).expect_err(text);
        assert_eq!((error, error.code()), (WhenError::UnknownZone, "ZONE_UNKNOWN"));
    }
    assert_eq!(serde_json::to_string(&zone("WITA")).unwrap(), "\"Asia/Makassar\"");
    assert_eq!(
        serde_json::from_str::<Zone>("\"Asia/Makassar\"").unwrap(),
        zone("WITA")
    );
}

#[test]
fn a_business_date_has_one_spelling() {
    let day: BusinessDate = "2025-10-28".parse().unwrap();
    assert_eq!(day.days_since_epoch(), 20_389);
    assert_eq!(day.add_days(4).unwrap().to_string(), "2025-11-01");
    assert_eq!(day.add_days(i32::MAX), None);
    assert_eq!(BusinessDate::from_days(i32::MIN), Err(WhenError::OutOfRange));
    assert_eq!(serde_json::to_string(&day).unwrap(), "\"2025-10-28\"");
    for text in [
        "",
        "2025-1-2",
        "20251028",
        "2025-10-28T00:00",
        "2025-02-30",
        " 2025-10-28",
        "28-10-2025",
    ] {
        assert_eq!(text.parse::<BusinessDate>(), Err(WhenError::Invalid), "{text:?}");
        assert!(serde_json::from_str::<BusinessDate>(&format!("{text:?}")).is_err());
    }
}

#[test]
fn an_instant_beyond_the_calendar_is_held_at_its_edge() {
    assert!(format_utc(i64::MAX).starts_with("9999-12-"));
    assert!(format_local(i64::MIN, &wib()).starts_with("-9999-01-"));
    assert_eq!(
        business_date(i64::MIN, &wib(), 12),
        business_date(i64::MIN, &wib(), 12)
    );
}

/// Milliseconds of the years 2000 to 2100, a day short of either end.
const MS: std::ops::Range<i64> = 946_771_200_000..4_133_894_400_000;

proptest! {
    #[test]
    fn every_writing_of_a_moment_reads_back(at_ms in MS, zone_name in prop::sample::select(vec!["WIB", "WITA", "WIT"])) {
        let zone = zone(zone_name);
        let known = Ok(Some(Moment { at_ms, quality: Offset }));
        prop_assert_eq!(read_moment(&format_local(at_ms, &zone), &wib()), known);
        prop_assert_eq!(read_moment(&format_utc(at_ms), &zone), known);

        let second = at_ms - at_ms % 1000;
        let minute = at_ms - at_ms % 60_000;
        let local = jiff::Timestamp::from_millisecond(at_ms).unwrap().in_tz(zone.name()).unwrap();
        let assumed = [
            ("%Y-%m-%d %H:%M:%S", second), ("%Y/%m/%d %H:%M", minute), ("%d-%m-%Y %H:%M:%S", second),
            ("%d/%m/%Y %H:%M", minute), ("%d/%m/%Y - %H:%M:%S", second), ("%d %b %Y %H.%M", minute),
            ("%-d %B %Y %H:%M:%S", second), ("%d-%m-%Y %H.%M.%S", second), ("%Y-%m-%dT%H:%M:%S%.3f", at_ms),
        ];
        for (format, at_ms) in assumed {
            let text = local.strftime(format).to_string();
            let expected = Ok(Some(Moment { at_ms, quality: AssumedZone }));
            prop_assert_eq!(read_moment(&text, &zone), expected, "{}", text);
            let named = format!("{text} {zone_name}");
            let expected = Ok(Some(Moment { at_ms, quality: Offset }));
            prop_assert_eq!(read_moment(&named, &wib()), expected, "{}", named);
        }
    }

    #[test]
    fn the_business_date_is_the_date_of_the_clock_set_back(at_ms in MS, cutoff in 0_u8..=12) {
        // No Indonesian zone changes its offset in these years, so hours can be taken off the instant.
        let set_back = at_ms - i64::from(cutoff) * 3_600_000;
        let expected = format_local(set_back, &wib());
        prop_assert_eq!(business_date(at_ms, &wib(), cutoff).to_string(), &expected[..10]);
    }

    #[test]
    fn days_count_one_by_one(days in -700_000..2_900_000) {
        let day = BusinessDate::from_days(days).unwrap();
        prop_assert_eq!(day.days_since_epoch(), days);
        prop_assert_eq!(day.to_string().parse::<BusinessDate>(), Ok(day));
        prop_assert!(day < day.add_days(1).unwrap());
        prop_assert_eq!(day.add_days(1).unwrap().add_days(-1), Some(day));
    }

    #[test]
    fn no_text_makes_the_readers_panic(text in "\\PC{0,40}|[-+0-9:./, TZOktMei]{0,40}", at_ms: i64, cutoff: u8) {
        if let Ok(Some(moment)) = read_moment(&text, &wib()) {
            prop_assert!(format_utc(moment.at_ms).starts_with(['1', '2']));
        }
        let (_, _) = (read_epoch(&text), read_period(&text));
        let (_, _) = (business_date(at_ms, &wib(), cutoff), format_local(at_ms, &wib()));
    }
}
