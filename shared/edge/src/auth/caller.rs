//! Who asks: an API key in force, or a person of the shop.

use axum::extract::FromRequestParts;
use domain::api_key::{ApiKey, Scope};
use domain::staff::{Outlets, Person};
use http::request::Parts;

use crate::problem::{OUTLET_FORBIDDEN, Problem, SCOPE_MISSING, TOPUP_PARTNER_MISSING};

/// A scope's name, as it stands in a key.
#[must_use]
pub fn scope_name(scope: Scope) -> String {
    let name = serde_json::to_value(scope).ok();
    name.as_ref()
        .and_then(|name| name.as_str())
        .unwrap_or_default()
        .to_owned()
}

/// Who asks. Routes behind a gate find it among the request's extensions.
#[derive(Clone, Debug)]
pub enum Caller {
    /// An API key in force. It holds for every outlet.
    Key {
        /// The key's public part.
        id: String,
        /// What it may do.
        scopes: Vec<Scope>,
        /// The partner for whom it orders top-ups.
        partner: Option<String>,
    },
    /// A person who is logged in.
    Staff(Person),
}

impl Caller {
    /// The caller as the audit trail names it: `key:<id>` or `staff:<subject>`.
    #[must_use]
    pub fn actor(&self) -> String {
        match self {
            Self::Key { id, .. } => key_actor(id),
            Self::Staff(person) => person.actor(),
        }
    }

    /// The public part of the API key, where one asks.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        match self {
            Self::Key { id, .. } => Some(id),
            Self::Staff(_) => None,
        }
    }

    /// The partner for whom the caller orders top-ups: a key's own, and nobody else's.
    ///
    /// # Errors
    /// `TOPUP_PARTNER_MISSING`.
    pub fn partner(&self) -> Result<&str, Problem> {
        let partner = match self {
            Self::Key { partner, .. } => partner.as_deref(),
            Self::Staff(_) => None,
        };
        partner.ok_or_else(|| {
            Problem::new(&TOPUP_PARTNER_MISSING).detail(
                "Minta kunci yang dibuat dengan `partner`.",
                "Ask for a key that was made with a `partner`.",
            )
        })
    }

    /// What the caller may do.
    #[must_use]
    pub fn scopes(&self) -> Vec<Scope> {
        Scope::ALL.into_iter().filter(|scope| self.may(*scope)).collect()
    }

    /// Whether the caller has a scope.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        match self {
            Self::Key { scopes, .. } => scopes.contains(&scope),
            Self::Staff(person) => person.may(scope),
        }
    }

    /// The outlets that the caller may see.
    #[must_use]
    pub fn outlets(&self) -> &Outlets {
        match self {
            Self::Key { .. } => &Outlets::All,
            Self::Staff(person) => &person.outlets,
        }
    }

    /// Whether the caller has a scope and sees every outlet: what belongs to no single outlet is for those alone.
    #[must_use]
    pub fn may_everywhere(&self, scope: Scope) -> bool {
        self.may(scope) && *self.outlets() == Outlets::All
    }

    /// Refuses a caller without a scope.
    ///
    /// # Errors
    /// `SCOPE_MISSING`, with the scope's name.
    pub fn check_scope(&self, scope: Scope) -> Result<(), Problem> {
        if self.may(scope) {
            return Ok(());
        }
        let scope = scope_name(scope);
        Err(Problem::new(&SCOPE_MISSING).detail(
            format!("Perlu izin `{scope}`."),
            format!("The scope `{scope}` is needed."),
        ))
    }

    /// Refuses an outlet that the caller may not see.
    ///
    /// # Errors
    /// `OUTLET_FORBIDDEN`.
    pub fn check_outlet(&self, outlet: &str) -> Result<(), Problem> {
        match self.outlets() {
            Outlets::All => Ok(()),
            Outlets::Only(outlets) if outlets.contains(outlet) => Ok(()),
            Outlets::Only(_) => Err(Problem::new(&OUTLET_FORBIDDEN)
                .detail(
                    "Akun ini tidak memegang outlet itu.",
                    "This account does not hold that outlet.",
                )
                .caused_by("an outlet that the person does not hold")),
        }
    }

    /// Refuses a caller who does not see every outlet.
    ///
    /// # Errors
    /// `OUTLET_FORBIDDEN`.
    pub fn check_all_outlets(&self) -> Result<(), Problem> {
        match self.outlets() {
            Outlets::All => Ok(()),
            Outlets::Only(_) => Err(Problem::new(&OUTLET_FORBIDDEN)
                .detail(
                    "Sebutkan satu outlet yang dipegang akun ini.",
                    "Name one of the outlets that this account holds.",
                )
                .caused_by("all outlets, by a person who holds some")),
        }
    }

    /// Refuses a caller without a scope, or who does not see every outlet, what belongs to no single one. The texts
    /// say so, in Indonesian and English.
    ///
    /// # Errors
    /// `SCOPE_MISSING` or `OUTLET_FORBIDDEN`.
    pub fn check_everywhere(&self, scope: Scope, indonesian: &str, english: &str) -> Result<(), Problem> {
        self.check_scope(scope)?;
        match self.outlets() {
            Outlets::All => Ok(()),
            Outlets::Only(_) => Err(Problem::new(&OUTLET_FORBIDDEN)
                .detail(indonesian, english)
                .caused_by("what belongs to no single outlet, by a person who holds some")),
        }
    }
}

impl From<&ApiKey> for Caller {
    fn from(key: &ApiKey) -> Self {
        Self::Key {
            id: key.id.clone(),
            scopes: key.scopes.clone(),
            partner: key.partner.clone(),
        }
    }
}

/// A key as the audit trail and the log name it.
pub(super) fn key_actor(id: &str) -> String {
    format!("key:{id}")
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| Problem::internal("a route asks for its caller and has no gate"))
    }
}
