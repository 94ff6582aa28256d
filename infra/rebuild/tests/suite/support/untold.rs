//! What no export tells: what nights, people and staff left in the tables.

use aws::api_keys::ApiKeys;
use aws::cases::Cases;
use aws::findings::Findings;
use aws::habits::{Habits, StoredHabit};
use aws::kin::KinBooks;
use aws::nights::Nights;
use aws::requests::Requests;
use domain::api_key::ApiKey;
use domain::case::Case;
use domain::customer::ProfileField;
use domain::feedback::{Answer, Said};
use domain::finding::{Code, Finding, FindingState};
use domain::habit::{Habit, HabitDay};
use domain::kin::KinBook;
use domain::mail::{Mail, MailCause, MailState};
use domain::night::{Job, Night, Part, Phase};
use domain::receipt_id::ReceiptId;
use domain::rights::{Correction, Kind, Request};

use super::files::{DATE, native};
use super::{BEGAN_MS, Shop};

const STAFF: &str = "staff:1";
/// What stands for a phone number.
const NUMBER: &str = "8f14e45fceea167a";

impl Shop {
    /// One of each.
    pub(crate) async fn leave_what_no_export_tells(&self) {
        let clients = &self.world.clients;
        let date = DATE.parse().unwrap();
        let eaten = HabitDay {
            page_version: 1,
            dishes: [("Nasi Goreng Oyako".to_owned(), 1)].into(),
            said: Vec::new(),
        };
        let habit = StoredHabit {
            habit: Habit {
                days: [(("moka-1".to_owned(), date), eaten)].into(),
            },
            version: 0,
        };
        let habits = [("OYAKO_MOKA_3".to_owned(), habit)];
        Habits::new(clients).write(&habits).await.unwrap();
        let mut book = KinBook::default();
        assert!(book.meet("OYAKO_MOKA_3"));
        KinBooks::new(clients).write(NUMBER, &book).await.unwrap();

        let key = ApiKey {
            id: "key_1".to_owned(),
            name: "Test".to_owned(),
            secret_hash: "00".repeat(32),
            scopes: Vec::new(),
            partner: None,
            created_ms: BEGAN_MS,
            revoked_ms: None,
        };
        ApiKeys::new(clients).create(&key, STAFF).await.unwrap();
        self.leave_a_case().await;
        self.leave_duties().await;
    }

    /// A low score that somebody has to see to, and the mail about it.
    async fn leave_a_case(&self) {
        let place = ReceiptId {
            outlet: "moka-1".to_owned(),
            date: DATE.parse().unwrap(),
            native: native(5),
        };
        let said = Said {
            at_ms: BEGAN_MS,
            told_ms: BEGAN_MS,
            overall: Some(1),
            ..Said::default()
        };
        let answer = Answer::new(place, None, BEGAN_MS).with_guest(said).unwrap();
        let case = Case::open(&answer, 2, BEGAN_MS).unwrap();
        let mail = Mail {
            id: case.mail_id(),
            cause: MailCause::LowScore {
                outlet: case.outlet.clone(),
                outlet_name: None,
                receipt: case.receipt.to_string(),
                case: case.id.clone(),
                revision: case.revision,
            },
            state: MailState::Queued,
            attempts: 0,
            due_ms: BEGAN_MS,
            created_ms: BEGAN_MS,
            correlation: None,
            outcome: None,
        };
        let cases = Cases::new(&self.world.clients);
        assert!(cases.open_with_mail(&case, &mail).await.unwrap());
    }

    async fn leave_duties(&self) {
        let clients = &self.world.clients;
        let date = DATE.parse().unwrap();
        let nights = Nights::new(clients);
        let night = Night::begin(date, BEGAN_MS, None, false, BEGAN_MS);
        assert!(nights.begin(&night).await.unwrap());
        let job = Job::Outlet {
            outlet: "moka-1".to_owned(),
            date,
        };
        let part = Part::todo(date, Phase::Enrich, 0, vec![job], BEGAN_MS);
        nights.put_parts(&[part]).await.unwrap();
        let finding = Finding {
            outlet: "moka-1".to_owned(),
            date,
            code: Code::SalesLate,
            state: FindingState::Open,
            first_ms: BEGAN_MS,
            opened_ms: BEGAN_MS,
            last_ms: BEGAN_MS,
            facts: [("usual".to_owned(), "120".to_owned())].into(),
            notes: Vec::new(),
            version: 0,
        };
        Findings::new(clients).write(&[finding]).await.unwrap();

        let field = ProfileField::Name;
        let person = ["OYAKO_MOKA_4".to_owned()];
        let asked = Request::receive(
            "req_1".to_owned(),
            Kind::Correction,
            person,
            Some(field),
            (STAFF, BEGAN_MS),
        );
        let wanted = Correction::read(field, "Tamu Empat").unwrap();
        let requests = Requests::new(clients);
        let received = requests.receive(&asked.unwrap(), Some(&wanted), STAFF).await;
        assert_eq!(received.unwrap().version, 1);
    }
}
