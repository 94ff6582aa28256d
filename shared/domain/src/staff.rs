//! People of the shop who sign in: their roles, and the outlets they see.

use std::collections::BTreeSet;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::api_key::Scope;

/// What a person is there for. One person may have several roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Looks at sales, feedback, refused records and top-ups.
    Viewer,
    /// A viewer who also works on cases and refused records, and prints the guests' links.
    Operator,
    /// Does what an operator does, confirms what needs a second person, answers people who ask for their rights, and
    /// says what became of top-ups of which nobody knows.
    Approver,
    /// A viewer who also reads the audit trail and sees which rights people asked for, by id.
    Auditor,
}

/// The word is no role's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a role")]
pub struct UnknownRole;

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Operator, Self::Approver, Self::Auditor];

    /// The role's name in tokens and in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Approver => "approver",
            Self::Auditor => "auditor",
        }
    }

    /// What the role may do.
    #[must_use]
    pub fn scopes(self) -> &'static [Scope] {
        const VIEWER: &[Scope] = &[
            Scope::SalesRead,
            Scope::FeedbackRead,
            Scope::QuarantineRead,
            Scope::TopupsRead,
        ];
        const OPERATOR: &[Scope] = &[
            Scope::SalesRead,
            Scope::FeedbackRead,
            Scope::QuarantineRead,
            Scope::QuarantineWrite,
            Scope::FeedbackWrite,
            Scope::LinksRead,
            Scope::TopupsRead,
        ];
        const APPROVER: &[Scope] = &[
            Scope::SalesRead,
            Scope::FeedbackRead,
            Scope::QuarantineRead,
            Scope::QuarantineWrite,
            Scope::FeedbackWrite,
            Scope::LinksRead,
            Scope::PeopleRead,
            Scope::PeopleWrite,
            Scope::TopupsRead,
            Scope::TopupsDecide,
        ];
        const AUDITOR: &[Scope] = &[
            Scope::SalesRead,
            Scope::FeedbackRead,
            Scope::QuarantineRead,
            Scope::AuditRead,
            Scope::PeopleRead,
            Scope::TopupsRead,
        ];
        match self {
            Self::Viewer => VIEWER,
            Self::Operator => OPERATOR,
            Self::Approver => APPROVER,
            Self::Auditor => AUDITOR,
        }
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    /// Reads exactly what [`Role::as_str`] writes.
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        let role = Self::ALL.into_iter().find(|role| role.as_str() == text);
        role.ok_or(UnknownRole)
    }
}

/// The outlets that a person sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outlets {
    /// Every outlet, and what is about all of them.
    All,
    /// These outlets and nothing about others; none if empty.
    Only(BTreeSet<String>),
}

impl Outlets {
    /// Whether the outlet is among them.
    #[must_use]
    pub fn contains(&self, outlet: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(outlets) => outlets.contains(outlet),
        }
    }
}

/// A person of the shop, as the issuer of their token names them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The issuer's id of the person: stable, and no name.
    pub subject: String,
    /// The name shown to the person themselves. Never logged.
    pub name: String,
    /// What they are there for.
    pub roles: BTreeSet<Role>,
    /// Which outlets they see.
    pub outlets: Outlets,
}

impl Person {
    /// Whether one of the person's roles allows it.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.roles.iter().any(|role| role.scopes().contains(&scope))
    }

    /// All that the person's roles allow.
    #[must_use]
    pub fn scopes(&self) -> BTreeSet<Scope> {
        self.roles
            .iter()
            .flat_map(|role| role.scopes())
            .copied()
            .collect()
    }

    /// Who acted, for the audit trail: `staff:` and the subject.
    #[must_use]
    pub fn actor(&self) -> String {
        format!("staff:{}", self.subject)
    }
}

/// Without the name, so that no log line can hold it.
impl std::fmt::Debug for Person {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Person")
            .field("subject", &self.subject)
            .field("roles", &self.roles)
            .field("outlets", &self.outlets)
            .finish_non_exhaustive()
    }
}
