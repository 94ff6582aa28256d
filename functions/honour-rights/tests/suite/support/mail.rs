//! Mail that is sent, and where it lies then on one machine.

use domain::mail::MailState;
use lambda_runtime::{Context, LambdaEvent};
use send_mail::letter::Addresses;
use serde_json::{Value, json};
use testkit::search::Texts;

use super::{NEVER, NOW_MS, Shop};

impl Shop {
    /// Sends whatever waits in the outbox.
    pub(crate) async fn send_mail(&self) {
        let clients = &self.world.clients;
        let address = |name: &str| format!("{name}@warung.example");
        let deps = send_mail::Deps {
            outbox: aws::outbox::Outbox::new(clients),
            feedback: self.deps.feedback.clone(),
            outlets: self.deps.outlets.clone(),
            nights: aws::nights::Nights::new(clients),
            findings: self.deps.findings.clone(),
            insights: aws::insights::Insights::new(clients),
            cases: self.deps.cases.clone(),
            requests: self.deps.requests.clone(),
            mailer: aws::mailer::Mailer::new(clients),
            addresses: Addresses {
                from: address("kasir"),
                to: address("pengelola"),
                public_url: "https://warung.example".to_owned(),
            },
            now_ms: Box::new(|| NOW_MS),
            metrics: testkit::metrics(),
        };
        let mut context = Context::default();
        context.deadline = NEVER;
        let sweep = LambdaEvent::new(json!({}), context);
        assert_eq!(send_mail::handle(sweep, &deps).await.unwrap(), Value::Null);
        let waiting = deps.outbox.due(NOW_MS).await.unwrap();
        assert!(
            waiting.iter().all(|mail| mail.state != MailState::Queued),
            "{waiting:?}"
        );
    }

    /// Every mail that was sent, as it lies in the mailbox.
    pub(crate) fn mailbox(&self) -> Texts {
        let folder = self.world.data().join("mail");
        let mut mails = Texts::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let mail: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            let text = |part: &str| mail[part].as_str().unwrap_or_default().to_owned();
            let parts = [text("subject"), text("text"), text("html"), mail.to_string()];
            mails.insert(format!("mail {name}"), parts.join("\n"));
        }
        mails
    }
}
