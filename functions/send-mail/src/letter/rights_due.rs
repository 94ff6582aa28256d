//! The reminder that a person's request about their data is due soon.
//!
//! It names nobody, not even by id: who asks is seen by those who may, on the dashboard.

use askama::Template;
use aws::mailer::Letter;
use domain::rights::{Kind, Request, State};

use crate::letter::Addresses;
use crate::words::{moment, one_line};

/// The longest id of a request, in characters.
const ID_MAX: usize = 60;

/// What a reminder is made from.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The request's id.
    pub id: &'a str,
    /// What was asked for, as the mail's cause has it.
    pub kind: &'a str,
    /// When it must be answered, Unix milliseconds.
    pub due_ms: i64,
    /// The request as it is now; `None` when it is gone.
    pub request: Option<&'a Request>,
    /// Now, Unix milliseconds.
    pub now_ms: i64,
}

/// Words a reminder, ready to be sent.
///
/// # Errors
/// When a template can't be filled.
pub fn compose(told: &Told<'_>, addresses: &Addresses) -> Result<Letter, askama::Error> {
    let note = Note::of(told, &addresses.public_url);
    Ok(Letter {
        from: addresses.from.clone(),
        to: addresses.to.clone(),
        subject: note.title.clone(),
        text: TextBody { note: &note }.render()?,
        html: HtmlBody { note: &note }.render()?,
    })
}

#[derive(Template)]
#[template(path = "rights_due.txt")]
struct TextBody<'a> {
    note: &'a Note,
}

#[derive(Template)]
#[template(path = "rights_due.html")]
struct HtmlBody<'a> {
    note: &'a Note,
}

/// What both bodies say.
struct Note {
    title: String,
    facts: Vec<(&'static str, String)>,
    /// What is left to do.
    task: &'static str,
    link: String,
    reference: String,
}

impl Note {
    fn of(told: &Told<'_>, public_url: &str) -> Self {
        let due = moment(told.due_ms);
        let is_over = told.request.is_none_or(Request::is_over);
        let title = match (is_over, told.now_ms > told.due_ms) {
            (true, _) => "Permintaan data pribadi: tidak ada lagi yang perlu dijawab".to_owned(),
            (false, false) => format!("Permintaan data pribadi: jawab sebelum {due}"),
            (false, true) => format!("Permintaan data pribadi: LEWAT BATAS WAKTU {due}"),
        };
        let mut facts = vec![("Yang diminta", asked(told.kind).to_owned())];
        if let Some(request) = told.request {
            facts.push(("Diterima", moment(request.received_ms)));
            facts.push(("Keadaan", standing(request.state).to_owned()));
        }
        facts.push(("Batas waktu", due));
        let id = one_line(told.id, ID_MAX);
        Self {
            title,
            facts,
            task: task(told.request),
            link: format!("{public_url}/dashboard/people/requests/{id}"),
            reference: id,
        }
    }
}

/// What a person asks for.
fn asked(kind: &str) -> &'static str {
    match kind.parse() {
        Ok(Kind::Access) => "melihat dan menyalin datanya",
        Ok(Kind::Correction) => "memperbaiki datanya",
        Ok(Kind::Erasure) => "menghapus datanya",
        Ok(Kind::Withdrawal) => "menarik persetujuannya",
        Ok(Kind::Restriction) => "membatasi pemakaian datanya",
        Ok(Kind::Objection) => "menolak penilaian otomatis",
        Ok(Kind::LiftRestriction) => "mencabut pembatasan datanya",
        Ok(Kind::LiftObjection) => "mencabut keberatannya",
        Err(_) => "lihat di dasbor",
    }
}

fn standing(state: State) -> &'static str {
    match state {
        State::Received => "diterima, pemohon belum diperiksa",
        State::Verified => "pemohon sudah diperiksa",
        State::Executing => "sedang dilaksanakan oleh sistem",
        State::Done => "selesai",
        State::Refused => "ditolak dengan alasan",
    }
}

fn task(request: Option<&Request>) -> &'static str {
    match request.map(|request| request.state) {
        Some(State::Received) => {
            "Periksa siapa pemohonnya, lalu laksanakan permintaannya atau tolak dengan alasan."
        }
        Some(State::Verified) => "Laksanakan permintaannya, atau tolak dengan alasan.",
        Some(State::Executing) => {
            "Tunggu sebentar, lalu lihat hasilnya. Bila belum selesai dalam satu jam, hubungi pengelola sistem."
        }
        Some(State::Done | State::Refused) => "Permintaan ini sudah dijawab setelah surel ini dibuat.",
        None => "Permintaan ini sudah tidak ada.",
    }
}
