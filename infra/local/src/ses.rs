//! SES's query protocol (API version 2010-12-01): mail is kept in files instead of being sent.
//!
//! For tests of what happens when mail is down, a file `ses.fail` in the data folder makes every send fail:
//! with `Throttling` when the file says so, with an internal failure otherwise.

use std::collections::BTreeMap;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;

use crate::clock;
use crate::http::{self as web, Answer};
use crate::id;
use crate::mail::{Mail, MailStore};

/// The largest mail: SES's default of 10 MB, and a third more for its encoding.
pub(crate) const MAX_BODY_BYTES: usize = 14 * 1024 * 1024;

/// Most recipients of one mail, as in SES.
const MAX_RECIPIENTS: usize = 50;

/// The mail service; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Ses {
    store: MailStore,
    fault_file: PathBuf,
}

/// An error as SES answers it.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

type Form = BTreeMap<String, String>;

impl Ses {
    /// A service that keeps mail in `store` and fails while `fault_file` is there.
    pub(crate) fn new(store: MailStore, fault_file: PathBuf) -> Self {
        Self { store, fault_file }
    }

    /// Answers one request, given its form.
    pub(crate) async fn handle(&self, pairs: Vec<(String, String)>) -> Answer {
        let form: Form = pairs.into_iter().collect();
        let action = form.get("Action").cloned().unwrap_or_default();
        let result = match action.as_str() {
            "SendEmail" => self.send(simple(&form)).await,
            "SendRawEmail" => self.send(raw(&form)).await,
            "GetSendQuota" => Ok("<Max24HourSend>50000.0</Max24HourSend><MaxSendRate>14.0</MaxSendRate><SentLast24Hours>0.0</SentLast24Hours>".to_owned()),
            _ => Err(refusal("InvalidAction", "this action is not run locally")),
        };
        match result {
            Ok(result) => web::answer(StatusCode::OK, "text/xml", success(&action, &result)),
            Err(refusal) => web::answer(refusal.status, "text/xml", failure(&refusal)),
        }
    }

    async fn send(&self, mail: Result<Mail, Refusal>) -> Result<String, Refusal> {
        if let Ok(fault) = tokio::fs::read_to_string(&self.fault_file).await {
            return Err(if fault.trim() == "Throttling" {
                refusal("Throttling", "Maximum sending rate exceeded.")
            } else {
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                Refusal {
                    status,
                    code: "InternalFailure",
                    message: "the file ses.fail is there".into(),
                }
            });
        }
        let mail = mail?;
        if mail.from.trim().is_empty() {
            return Err(refusal("InvalidParameterValue", "Missing Source"));
        }
        if mail.to.is_empty() || mail.to.len() > MAX_RECIPIENTS {
            return Err(refusal(
                "InvalidParameterValue",
                "between 1 and 50 recipients are needed",
            ));
        }
        let message_id = mail.message_id.clone();
        self.store.keep(mail).await.map_err(|error| Refusal {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: "InternalFailure",
            message: error.to_string(),
        })?;
        Ok(format!("<MessageId>{message_id}</MessageId>"))
    }
}

fn simple(form: &Form) -> Result<Mail, Refusal> {
    let get = |name: &str| form.get(name).cloned().unwrap_or_default();
    let subject = get("Message.Subject.Data");
    if subject.contains(['\r', '\n']) {
        return Err(refusal(
            "InvalidParameterValue",
            "Control character in the subject",
        ));
    }
    let mut to = Vec::new();
    for kind in ["To", "Cc", "Bcc"] {
        to.extend(members(form, &format!("Destination.{kind}Addresses")));
    }
    Ok(Mail {
        message_id: id::uuid(),
        at: clock::iso_seconds(clock::now_ms()),
        from: get("Source"),
        to,
        reply_to: members(form, "ReplyToAddresses"),
        subject,
        text: get("Message.Body.Text.Data"),
        html: get("Message.Body.Html.Data"),
    })
}

/// A mail given as MIME text: its headers are read, its text is kept as it is.
fn raw(form: &Form) -> Result<Mail, Refusal> {
    let data = form
        .get("RawMessage.Data")
        .map(String::as_str)
        .unwrap_or_default();
    let data = STANDARD
        .decode(data)
        .map_err(|_| refusal("InvalidParameterValue", "RawMessage.Data is not base64"))?;
    let text = String::from_utf8_lossy(&data).into_owned();
    // A header goes on in the next line when that begins with a blank (RFC 5322, section 2.2.3).
    let head = text.replace("\r\n", "\n");
    let head = head
        .split("\n\n")
        .next()
        .unwrap_or_default()
        .replace("\n ", " ")
        .replace("\n\t", " ");
    let header = |name: &str| {
        let line = head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        });
        line.unwrap_or_default()
    };
    let mut to = members(form, "Destinations");
    if to.is_empty() {
        to = header("To")
            .split(',')
            .map(|address| address.trim().to_owned())
            .filter(|a| !a.is_empty())
            .collect();
    }
    let from = form.get("Source").cloned().unwrap_or_else(|| header("From"));
    let subject = header("Subject");
    let at = clock::iso_seconds(clock::now_ms());
    Ok(Mail {
        message_id: id::uuid(),
        at,
        from,
        to,
        reply_to: Vec::new(),
        subject,
        text,
        html: String::new(),
    })
}

/// The values `PREFIX.member.1`, `.2`, and so on.
fn members(form: &Form, prefix: &str) -> Vec<String> {
    (1..)
        .map_while(|n| form.get(&format!("{prefix}.member.{n}")).cloned())
        .collect()
}

fn refusal(code: &'static str, message: &str) -> Refusal {
    Refusal {
        status: StatusCode::BAD_REQUEST,
        code,
        message: message.to_owned(),
    }
}

const NAMESPACE: &str = "http://ses.amazonaws.com/doc/2010-12-01/";

fn success(action: &str, result: &str) -> String {
    let request = id::uuid();
    format!(
        "<{action}Response xmlns=\"{NAMESPACE}\"><{action}Result>{result}</{action}Result>\
         <ResponseMetadata><RequestId>{request}</RequestId></ResponseMetadata></{action}Response>"
    )
}

fn failure(refusal: &Refusal) -> String {
    let kind = if refusal.status.is_server_error() {
        "Receiver"
    } else {
        "Sender"
    };
    let message = refusal.message.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{kind}</Type><Code>{}</Code>\
         <Message>{message}</Message></Error><RequestId>{}</RequestId></ErrorResponse>",
        refusal.code,
        id::uuid()
    )
}
