//! The gate before every route that isn't public: a credential, the scope that the route needs, and how often
//! requests may come.

use std::net::IpAddr;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::{HeaderMap, HeaderName, Method};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use mcp::{PeerAddress, RequestConnection};
use utoipa_axum::router::OpenApiRouter;

use crate::api_error::ApiError;
use crate::keys::{KeyScope, KeyScopes};
use crate::metrics::Metric;
use crate::options::Authentication;
use crate::principal::Principal;
use crate::state::AppState;

/// A header that forms of other sites can't send.
pub(crate) const OWN_HEADER: HeaderName = HeaderName::from_static("x-lorekeep");

const API_KEY_HEADER: HeaderName = HeaderName::from_static("x-api-key");
const FETCH_SITE_HEADER: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Puts these routes behind the gate: their requests need a credential with a scope.
#[must_use]
pub fn protected(
    router: OpenApiRouter<AppState>,
    state: &AppState,
    scope: KeyScope,
) -> OpenApiRouter<AppState> {
    behind(router, state, Some(scope))
}

/// As [`protected`], for what any valid credential may do.
pub(crate) fn behind(
    router: OpenApiRouter<AppState>,
    state: &AppState,
    scope: Option<KeyScope>,
) -> OpenApiRouter<AppState> {
    let gate = Gatekeeper {
        state: state.clone(),
        scope,
    };
    router.route_layer(middleware::from_fn_with_state(gate, admit))
}

#[derive(Clone)]
struct Gatekeeper {
    state: AppState,
    scope: Option<KeyScope>,
}

/// Who sent a request, for the access log.
#[derive(Clone, Debug)]
pub(crate) struct AdmittedAs(pub(crate) Principal);

async fn admit(State(gate): State<Gatekeeper>, mut request: Request, next: Next) -> Response {
    let principal = match principal(&gate.state, &request) {
        Ok(principal) => principal,
        Err(error) => return error.into_response(),
    };
    // What goes on with the request may outlive the connection, which must not be kept by it.
    if let Some(connection) = request.extensions_mut().remove::<RequestConnection>() {
        connection.has_shown_token();
    }
    let allowed = gate.scope.map_or(Ok(()), |scope| principal.check(scope));
    let mut response = match allowed.and_then(|()| limit(&gate.state, &principal)) {
        Ok(()) => {
            request.extensions_mut().insert(principal.clone());
            next.run(request).await
        }
        Err(error) => error.into_response(),
    };
    response.extensions_mut().insert(AdmittedAs(principal));
    response
}

fn limit(state: &AppState, principal: &Principal) -> Result<(), ApiError> {
    let (Some(limiter), Some(key)) = (&state.by_key, &principal.key) else {
        return Ok(());
    };
    limiter.take(key.clone(), Instant::now()).map_err(|wait| {
        state.metrics.add(Metric::RateLimited, &["key"], 1.0);
        ApiError::too_many(wait)
    })
}

/// Whose credential a request comes with.
pub(crate) fn principal(state: &AppState, request: &Request) -> Result<Principal, ApiError> {
    if state.options.authentication == Authentication::None {
        return Ok(Principal {
            owner: state.credentials.first_owner().id.clone(),
            key: None,
            scopes: KeyScopes::ALL,
        });
    }
    let address = peer(request);
    match SentCredential::of(request.headers(), &state.cookie)? {
        SentCredential::Key(token) => of_token(state, &token, address),
        SentCredential::Session(token) => {
            let owner = state.credentials.session_owner(&token);
            let owner = owner.map_err(ApiError::internal)?;
            let owner = owner.ok_or_else(|| wrong(state, address, "the session has ended"))?;
            check_forgery(request.method(), request.headers())?;
            Ok(Principal {
                owner,
                key: None,
                scopes: KeyScopes::ALL,
            })
        }
        SentCredential::Nothing => {
            count_stranger(state, address)?;
            state.metrics.add(Metric::Unauthorized, &[], 1.0);
            Err(ApiError::unauthorized("this needs a key"))
        }
    }
}

/// The address that a request came from.
pub(crate) fn peer(request: &Request) -> Option<IpAddr> {
    let address = request.extensions().get::<PeerAddress>();
    address.map(|PeerAddress(address)| address.ip())
}

/// Whose key a token is.
pub(crate) fn of_token(
    state: &AppState,
    token: &str,
    address: Option<IpAddr>,
) -> Result<Principal, ApiError> {
    let principal = of_key(state, token)?;
    principal.ok_or_else(|| wrong(state, address, "the key is unknown, revoked or at its end"))
}

fn of_key(state: &AppState, token: &str) -> Result<Option<Principal>, ApiError> {
    let key = state
        .credentials
        .key_of(token)
        .map_err(ApiError::internal)?;
    let Some(key) = key else { return Ok(None) };
    if state.credentials.is_use_due(&key) {
        let (credentials, id) = (std::sync::Arc::clone(&state.credentials), key.id.clone());
        // Nobody waits for it, and the disk may be slow.
        tokio::task::spawn_blocking(move || {
            let _ = credentials.note_use(&id);
        });
    }
    Ok(Some(Principal {
        owner: key.owner,
        key: Some(key.id),
        scopes: key.scopes,
    }))
}

/// What to say about a wrong credential: 401, or 429 if too many came from this address.
fn wrong(state: &AppState, address: Option<IpAddr>, what: &str) -> ApiError {
    state.metrics.add(Metric::Unauthorized, &[], 1.0);
    let counted = address.map_or(Ok(()), |address| {
        state.wrong_keys.take(address, Instant::now())
    });
    match counted {
        Ok(()) => ApiError::unauthorized(what),
        Err(wait) => {
            state.metrics.add(Metric::RateLimited, &["address"], 1.0);
            ApiError::too_many(wait)
        }
    }
}

/// Counts a request that shows no credential.
pub(crate) fn count_stranger(state: &AppState, address: Option<IpAddr>) -> Result<(), ApiError> {
    let (Some(limiter), Some(address)) = (&state.by_address, address) else {
        return Ok(());
    };
    limiter.take(address, Instant::now()).map_err(|wait| {
        state.metrics.add(Metric::RateLimited, &["address"], 1.0);
        ApiError::too_many(wait)
    })
}

/// The credential that a request shows; a header wins over the cookie.
#[derive(Debug, PartialEq, Eq)]
enum SentCredential {
    Key(String),
    Session(String),
    Nothing,
}

impl SentCredential {
    fn of(headers: &HeaderMap, cookie: &str) -> Result<Self, ApiError> {
        for name in [AUTHORIZATION, API_KEY_HEADER] {
            if headers.get_all(&name).iter().count() > 1 {
                let what = format!("`{name}` is sent twice");
                return Err(ApiError::invalid(name.as_str(), what));
            }
        }
        if let Some(value) = headers.get(AUTHORIZATION) {
            let value = value.to_str().unwrap_or_default();
            let token = value
                .split_once(' ')
                .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
                .map(|(_, token)| token.trim().to_owned());
            let wrong = || ApiError::unauthorized("`Authorization` isn't `Bearer KEY`");
            return token.map(Self::Key).ok_or_else(wrong);
        }
        if let Some(value) = headers.get(API_KEY_HEADER) {
            let token = value.to_str().unwrap_or_default().trim();
            return Ok(Self::Key(token.to_owned()));
        }
        Ok(session_token(headers, cookie).map_or(Self::Nothing, Self::Session))
    }
}

/// The session's token in the cookies of a request.
pub(crate) fn session_token(headers: &HeaderMap, cookie: &str) -> Option<String> {
    let all = headers.get_all(COOKIE).iter();
    let pairs = all.filter_map(|value| value.to_str().ok());
    let mut pairs = pairs.flat_map(|value| value.split(';'));
    let value = pairs.find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == cookie).then_some(value)
    })?;
    (!value.is_empty()).then(|| value.to_owned())
}

/// Refuses a change that comes with the cookie unless a page of this server sent it: a browser sends the
/// cookie with what pages of other ports of this machine send, too.
fn check_forgery(method: &Method, headers: &HeaderMap) -> Result<(), ApiError> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let site = headers
        .get(FETCH_SITE_HEADER)
        .map(axum::http::HeaderValue::as_bytes);
    let is_own = match site {
        Some(site) => site == b"same-origin",
        // `Origin` was checked for every request; a form of another site can't leave it out.
        None => headers.contains_key(axum::http::header::ORIGIN),
    };
    if is_own || headers.contains_key(OWN_HEADER) {
        return Ok(());
    }
    Err(ApiError::forbidden(
        "a change that comes with the session cookie needs a page of this server",
    )
    .hint("programs send a key, or the header `x-lorekeep: 1`"))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        };
        pairs.iter().map(pair).collect()
    }

    fn sent(pairs: &[(&'static str, &'static str)]) -> Option<SentCredential> {
        SentCredential::of(&headers(pairs), "lorekeep-session-1").ok()
    }

    #[test]
    fn credentials_are_found_in_headers_and_cookies() {
        use SentCredential::{Key, Nothing, Session};
        assert_eq!(
            sent(&[("authorization", "bearer  lk_1 ")]),
            Some(Key("lk_1".into()))
        );
        assert_eq!(sent(&[("x-api-key", "lk_1")]), Some(Key("lk_1".into())));
        let cookies = "other=1; lorekeep-session-1=abc; lorekeep-session-2=def";
        assert_eq!(sent(&[("cookie", cookies)]), Some(Session("abc".into())));
        assert_eq!(sent(&[("cookie", "lorekeep-session-2=def")]), Some(Nothing));
        assert_eq!(sent(&[("authorization", "Basic abc")]), None);
        assert_eq!(
            sent(&[("cookie", cookies), ("x-api-key", "lk_2")]),
            Some(Key("lk_2".into()))
        );
    }

    #[test]
    fn changes_by_cookie_need_an_own_page() {
        let is_let_through = |method: Method, pairs: &[(&'static str, &'static str)]| {
            check_forgery(&method, &headers(pairs)).is_ok()
        };
        assert!(is_let_through(Method::GET, &[]));
        assert!(!is_let_through(Method::POST, &[]));
        assert!(is_let_through(
            Method::POST,
            &[("sec-fetch-site", "same-origin")]
        ));
        assert!(!is_let_through(
            Method::POST,
            &[("sec-fetch-site", "same-site")]
        ));
        assert!(!is_let_through(
            Method::DELETE,
            &[("sec-fetch-site", "cross-site")]
        ));
        assert!(is_let_through(Method::POST, &[("x-lorekeep", "1")]));
    }
}
