//! What stands in front of every page: a session, and for forms proof that they are ours.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use domain::staff::Person;
use edge::auth::Caller;
use edge::http::CallerId;
use edge::problem::Problem;
use http::request::Parts;
use http::{Method, Uri};

use super::form::{self, Csrf};
use super::refusal::Refusal;
use super::{Access, HOME, answer, cookie, login};

/// The person who is signed in. Pages behind [`guarded`] ask for it; so they may for
/// [`edge::auth::Caller`], which checks scopes and outlets.
#[derive(Clone, Debug)]
pub(crate) struct Staff(pub(crate) Person);

impl<S: Send + Sync> FromRequestParts<S> for Staff {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        let staff = parts.extensions.get::<Self>().cloned();
        let problem = || Problem::internal("a page asks for its person and has no guard").into_response();
        staff.ok_or_else(problem)
    }
}

/// Puts the guard in front of pages: whoever is not signed in is sent to sign in, and comes back to
/// the same address; a form has to carry its session's [`Csrf`] and to come from a page of ours.
pub(crate) fn guarded<S: Clone + Send + Sync + 'static>(access: &Arc<Access>, pages: Router<S>) -> Router<S> {
    pages.route_layer(from_fn_with_state(Arc::clone(access), pass))
}

async fn pass(State(access): State<Arc<Access>>, mut request: Request, next: Next) -> Response {
    let session = match cookie::read(request.headers(), cookie::SESSION) {
        Some(id) => match access.sessions.find(id, access.now_ms()).await {
            Ok(Some(session)) => Some(session),
            Ok(None) => {
                Refusal::SessionUnknown.log("a session was refused");
                None
            }
            Err(refusal) => return answer::login_failed(&refusal),
        },
        None => None,
    };
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let Some(session) = session else {
        // What a form carried is lost: the page that it was on is not known here.
        let to = if reads { wish(request.uri()) } else { HOME };
        return login::redirect(&login::address(to), Vec::new());
    };
    let actor = session.person.actor();
    if !reads {
        request = match form::check(request, &session.csrf, &access.settings.public_url).await {
            Ok(request) => request,
            Err(refusal) => return named(answer::form_refused(&refusal), actor),
        };
    }
    let extensions = request.extensions_mut();
    extensions.insert(Caller::Staff(session.person.clone()));
    extensions.insert(Staff(session.person));
    extensions.insert(Csrf(session.csrf));
    named(next.run(request).await, actor)
}

/// The same response with who asked, for the log.
fn named(mut response: Response, actor: String) -> Response {
    response.extensions_mut().insert(CallerId(actor));
    response
}

fn wish(uri: &Uri) -> &str {
    uri.path_and_query().map_or(HOME, |path| path.as_str())
}
