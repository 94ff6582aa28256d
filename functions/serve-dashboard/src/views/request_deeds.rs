//! What somebody of the shop does with a person's request: notes it, checks who asks, orders it, refuses it.

use domain::api_key::Scope;
use domain::customer::ProfileField;
use domain::rights::{Check, Correction, CorrectionError, Kind, Refusal, Request, request_id};
use edge::auth::Caller;
use edge::people::PeopleError;
use edge::problem::{FieldError, PERSON_NOT_FOUND, Problem, RIGHTS_NOT_FOUND, RIGHTS_OPEN};

use super::identity::Claim;
use crate::Deps;

/// Refuses whoever may not see people. A person belongs to no outlet, so it is for those who hold all of them.
///
/// # Errors
/// `SCOPE_MISSING` or `OUTLET_FORBIDDEN`.
pub(crate) fn check_may(caller: &Caller, scope: Scope) -> Result<(), Problem> {
    caller.check_everywhere(
        scope,
        "Data pribadi tamu tidak milik satu outlet, jadi hanya akun yang memegang semua outlet yang boleh \
         membukanya. Minta bantuan rekan di kantor pusat.",
        "A guest's personal data belongs to no single outlet, so only accounts that hold all outlets may open it. \
         Please ask a colleague at the head office.",
    )
}

/// Finds a request.
///
/// # Errors
/// `RIGHTS_NOT_FOUND`, or the store's failure.
pub(crate) async fn find(deps: &Deps, id: &str) -> Result<Request, Problem> {
    let request = deps.requests.get(id).await?;
    request.ok_or_else(|| Problem::new(&RIGHTS_NOT_FOUND))
}

/// What somebody asks for. Not shown by `Debug`.
pub(crate) struct Wish {
    kind: Kind,
    correction: Option<Correction>,
}

impl Wish {
    /// Reads what somebody asks for; a correction names its field, and the new value or nothing.
    ///
    /// # Errors
    /// `BODY_INVALID` with the field that does not fit.
    pub(crate) fn read(kind: &str, field: Option<&str>, value: &str) -> Result<Self, Problem> {
        let one_of = |pointer, known: Vec<&str>| {
            let known = known.join(", ");
            Problem::fields(vec![FieldError::at(
                pointer,
                "FIELD_INVALID",
                format!("salah satu dari {known}"),
                format!("one of {known}"),
            )])
        };
        let kinds = || Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        let kind: Kind = kind.parse().map_err(|_| one_of("/kind", kinds()))?;
        let correction = match field {
            _ if kind != Kind::Correction => None,
            field => {
                let fields = || ProfileField::ALL.map(ProfileField::as_str).to_vec();
                let field: Option<ProfileField> = field.and_then(|field| field.parse().ok());
                let field = field.ok_or_else(|| one_of("/field", fields()))?;
                Some(Correction::read(field, value).map_err(not_a_value)?)
            }
        };
        Ok(Self { kind, correction })
    }

    fn field(&self) -> Option<ProfileField> {
        self.correction.as_ref().map(|correction| correction.field)
    }
}

fn not_a_value(error: CorrectionError) -> Problem {
    let (indonesian, english) = match error {
        CorrectionError::Name => ("bukan nama", "not a name"),
        CorrectionError::Phone(_) => ("bukan nomor telepon", "not a phone number"),
        CorrectionError::Email => ("bukan alamat email", "not a mail address"),
    };
    Problem::fields(vec![FieldError::at("/value", error.code(), indonesian, english)])
}

/// Notes a request about a customer and those who are the same person. The same request while it is open is
/// one: it is answered again.
///
/// # Errors
/// `PERSON_NOT_FOUND`; `RIGHTS_OPEN` for another correction of a field, or the opposite of a request, while one is
/// open; `RIGHTS_ERASURE` for a correction of somebody who is erased or about to be; `RIGHTS_NOTHING_TO_LIFT`; or the
/// store's failure.
pub(crate) async fn receive(
    deps: &Deps,
    caller: &Caller,
    customer: &str,
    wish: &Wish,
) -> Result<Request, Problem> {
    if deps.customers.find(customer).await?.is_none() {
        return Err(Problem::new(&PERSON_NOT_FOUND));
    }
    let known = deps.requests.of_customer(customer).await?;
    let same = |request: &Request| request.kind == wish.kind && request.field == wish.field();
    let undoes = |request: &Request| wish.kind.opposite() == Some(request.kind);
    let mut open = known.into_iter().filter(|request| !request.is_over());
    if let Some(open) = open.find(|request| same(request) || undoes(request)) {
        if same(&open) && deps.requests.correction(&open.id).await? == wish.correction {
            return Ok(open);
        }
        return Err(Problem::new(&RIGHTS_OPEN).detail(
            format!("Selesaikan atau tolak {} lebih dulu.", open.id),
            format!("Carry out or refuse {} first.", open.id),
        ));
    }
    let random = lambda_edge::clock::random::<10>().map_err(|error| Problem::internal(error.to_string()))?;
    let actor = caller.actor();
    let by = (actor.as_str(), deps.now_ms());
    let customers = deps.people.with_kin(&[customer.to_owned()]).await?;
    deps.people.check_sense(wish.kind, &customers).await?;
    let request = Request::receive(request_id(random), wish.kind, customers, wish.field(), by);
    let request = request.map_err(PeopleError::from)?;
    let stored = deps
        .requests
        .receive(&request, wish.correction.as_ref(), &actor)
        .await?;
    tracing::info!(
        caller = actor,
        request = stored.id,
        kind = stored.kind.as_str(),
        "a request was noted"
    );
    Ok(stored)
}

/// Notes a check of who asks.
///
/// # Errors
/// `RIGHTS_SETTLED`, `CHANGED_MEANWHILE`, or the store's failure.
pub(crate) async fn check(
    deps: &Deps,
    caller: &Caller,
    request: &Request,
    claim: &Claim,
) -> Result<Request, Problem> {
    let check = Check {
        method: claim.method,
        matched: claim.matches(deps, request).await?,
        by: caller.actor(),
        at_ms: deps.now_ms(),
    };
    let next = request.checked(check).map_err(PeopleError::from)?;
    change(deps, caller, request, &next).await
}

/// Orders a request to be carried out.
///
/// # Errors
/// `RIGHTS_UNCHECKED`, `RIGHTS_SETTLED`, `CHANGED_MEANWHILE`, `RIGHTS_ERASURE` or `RIGHTS_NOTHING_TO_LIFT` where it has
/// become pointless since, or the store's failure.
pub(crate) async fn execute(deps: &Deps, caller: &Caller, request: &Request) -> Result<Request, Problem> {
    let next = request
        .ordered(&caller.actor(), deps.now_ms())
        .map_err(PeopleError::from)?;
    deps.people.check_sense(request.kind, &request.customers).await?;
    change(deps, caller, request, &next).await
}

/// Refuses a request for a reason of the list.
///
/// # Errors
/// `BODY_INVALID`, `RIGHTS_SETTLED`, `CHANGED_MEANWHILE`, or the store's failure.
pub(crate) async fn refuse(
    deps: &Deps,
    caller: &Caller,
    request: &Request,
    reason: &str,
) -> Result<Request, Problem> {
    let Ok(reason) = reason.parse::<Refusal>() else {
        let known = Refusal::ALL.iter().map(|reason| reason.as_str());
        let known = known.collect::<Vec<_>>().join(", ");
        return Err(Problem::fields(vec![FieldError::at(
            "/reason",
            "FIELD_INVALID",
            format!("alasan adalah salah satu dari {known}"),
            format!("a reason is one of {known}"),
        )]));
    };
    let refusal = request.refused(reason, &caller.actor(), deps.now_ms());
    change(deps, caller, request, &refusal.map_err(PeopleError::from)?).await
}

async fn change(deps: &Deps, caller: &Caller, from: &Request, to: &Request) -> Result<Request, Problem> {
    let (actor, now_ms) = (caller.actor(), deps.now_ms());
    let stored = deps.requests.change(from, to, None, &actor, now_ms).await?;
    tracing::info!(
        caller = actor,
        request = stored.id,
        state = stored.state.as_str(),
        "a request moved on"
    );
    Ok(stored)
}
