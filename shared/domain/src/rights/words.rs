//! The words of a request: each is one of a list, written one way in the store, the API and the audit trail.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::customer::Rights;

macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every one of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name in the store and in the API.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            /// Reads exactly what `as_str` writes.
            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|known| known.as_str() == text).ok_or(UnknownWord)
            }
        }
    };
}

/// The word is none of those that can stand here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a word that can stand here")]
pub struct UnknownWord;

words! {
    /// What a person asks for (UU 27/2022).
    Kind {
        /// To know and to have a copy of what is known of them (articles 5 and 7).
        Access = "access",
        /// That something is put right (article 6).
        Correction = "correction",
        /// That they are erased (article 8).
        Erasure = "erasure",
        /// That their consent is taken back (article 9).
        Withdrawal = "withdrawal",
        /// That their data is only kept (article 11).
        Restriction = "restriction",
        /// That nothing is decided about them by a machine (article 10).
        Objection = "objection",
        /// That a restriction ends: it was their choice, and so is its end.
        LiftRestriction = "lift_restriction",
        /// That an objection ends.
        LiftObjection = "lift_objection",
    }
}

impl Kind {
    /// What this kind ends; `None` for what ends nothing. A withdrawal has no end of its own: who consents again, at
    /// another visit, has consented.
    #[must_use]
    pub fn lifts(self) -> Option<Self> {
        match self {
            Self::LiftRestriction => Some(Self::Restriction),
            Self::LiftObjection => Some(Self::Objection),
            _ => None,
        }
    }

    /// The kind that undoes what this one does, whichever of the two it is. They must not be under way together: what
    /// came of it would hang on which is carried out last.
    #[must_use]
    pub fn opposite(self) -> Option<Self> {
        let undoes = |kind: &Self| kind.lifts() == Some(self);
        self.lifts().or_else(|| Self::ALL.iter().copied().find(undoes))
    }

    /// Since when what this kind asks for stands with a customer, Unix milliseconds; `None` if it does not, or nothing
    /// of this kind ever stands.
    #[must_use]
    pub fn stands_since(self, rights: &Rights) -> Option<i64> {
        match self {
            Self::Erasure => rights.erased_ms,
            Self::Withdrawal => rights.withdrawn_ms,
            Self::Restriction => rights.restricted_ms,
            Self::Objection => rights.objected_ms,
            Self::Access | Self::Correction | Self::LiftRestriction | Self::LiftObjection => None,
        }
    }
}

words! {
    /// Where a request stands.
    State {
        /// It has been noted.
        Received = "received",
        /// It is known that it comes from the person it is about.
        Verified = "verified",
        /// It is being carried out.
        Executing = "executing",
        /// It has been carried out.
        Done = "done",
        /// It will not be.
        Refused = "refused",
    }
}

words! {
    /// How it was checked who asks.
    Method {
        /// They showed a receipt of theirs.
        ReceiptShown = "receipt_shown",
        /// They were called back under the number that is known of them.
        CalledBack = "called_back",
        /// They came to the shop and showed who they are.
        InPerson = "in_person",
    }
}

words! {
    /// Why a request is refused.
    Refusal {
        /// It could not be shown that it comes from the person it is about.
        IdentityNotShown = "identity_not_shown",
        /// Nothing is known of the person.
        NothingKnown = "nothing_known",
        /// The law demands that the data is kept as it is.
        KeptByLaw = "kept_by_law",
        /// The person took the request back.
        TakenBack = "taken_back",
        /// The same was asked and answered.
        Repeated = "repeated",
    }
}

words! {
    /// What happened to a request.
    Deed {
        /// It was noted.
        Received = "received",
        /// A check failed.
        Mismatched = "mismatched",
        /// A check succeeded.
        Verified = "verified",
        /// Somebody ordered it to be carried out.
        Executing = "executing",
        /// It was carried out.
        Done = "done",
        /// It was refused.
        Refused = "refused",
        /// The shop was reminded of it.
        Reminded = "reminded",
    }
}
