//! A small authorization server. It checks codes as PKCE wants it, gives each renewing token once, and takes all back if
//! one is used twice.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use base64::Engine as _;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::web::{Shared, pairs, status};

#[derive(Default)]
pub(crate) struct Oauth {
    /// The challenge of the code that was given.
    challenge: String,
    redirect_uri: String,
    access: Option<String>,
    refresh: Option<String>,
    given: u64,
}

impl Oauth {
    pub(crate) fn allows(&self, sent: Option<&str>) -> bool {
        let expected = self.access.as_ref().map(|token| format!("Bearer {token}"));
        expected.is_some() && sent == expected.as_deref()
    }

    fn give(&mut self) -> Response {
        self.given += 1;
        self.access = Some(format!("access-{}", self.given));
        self.refresh = Some(format!("refresh-{}", self.given));
        answer(
            200,
            &json!({"access_token": self.access, "token_type": "Bearer", "expires_in": 60, "refresh_token": self.refresh}),
        )
    }
}

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/meta", any(meta))
        .route(
            "/.well-known/oauth-authorization-server/issuer",
            any(issuer),
        )
        .route("/register", any(register))
        .route("/authorize", any(authorize))
        .route("/token", any(token))
        .route("/expire", any(expire))
        .route("/given", any(given))
}

fn answer(code: u16, value: &Value) -> Response {
    let code = StatusCode::from_u16(code).unwrap();
    (
        code,
        [(header::CONTENT_TYPE, "application/json")],
        value.to_string(),
    )
        .into_response()
}

fn host(headers: &HeaderMap) -> String {
    format!(
        "http://{}",
        headers.get(header::HOST).unwrap().to_str().unwrap()
    )
}

async fn meta(headers: HeaderMap) -> Response {
    let host = host(&headers);
    answer(
        200,
        &json!({"resource": format!("{host}/guarded"), "authorization_servers": [format!("{host}/issuer")], "scopes_supported": ["all"]}),
    )
}

async fn issuer(headers: HeaderMap) -> Response {
    let host = host(&headers);
    answer(
        200,
        &json!({
            "issuer": format!("{host}/issuer"),
            "authorization_endpoint": format!("{host}/authorize?tenant=1"),
            "token_endpoint": format!("{host}/token"),
            "registration_endpoint": format!("{host}/register"),
            "code_challenge_methods_supported": ["S256"],
        }),
    )
}

async fn register(State(shared): State<Shared>, body: Bytes) -> Response {
    shared.lock().unwrap().log.push("register".to_owned());
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["token_endpoint_auth_method"], "none");
    answer(
        201,
        &json!({"client_id": "client-1", "redirect_uris": body["redirect_uris"]}),
    )
}

/// The person agrees at once.
async fn authorize(State(shared): State<Shared>, RawQuery(query): RawQuery) -> Response {
    let query = pairs(query);
    let decoded = |name: &str| {
        percent_encoding::percent_decode_str(&query[name])
            .decode_utf8()
            .unwrap()
            .into_owned()
    };
    let mut parts = shared.lock().unwrap();
    parts.oauth.challenge = decoded("code_challenge");
    parts.oauth.redirect_uri = decoded("redirect_uri");
    parts.log.push(format!(
        "authorize {} {} {} {} {}",
        query["tenant"],
        query["scope"],
        query["client_id"],
        query["code_challenge_method"],
        decoded("resource")
    ));
    let to = format!(
        "{}?code=the-code&state={}",
        parts.oauth.redirect_uri, query["state"]
    );
    (StatusCode::FOUND, [(header::LOCATION, to.clone())], to).into_response()
}

async fn token(State(shared): State<Shared>, body: Bytes) -> Response {
    let form = pairs(Some(String::from_utf8(body.to_vec()).unwrap()));
    let decoded = |name: &str| {
        let value = form.get(name).map(String::as_str).unwrap_or_default();
        percent_encoding::percent_decode_str(value)
            .decode_utf8()
            .unwrap()
            .into_owned()
    };
    let mut parts = shared.lock().unwrap();
    let oauth = &mut parts.oauth;
    match &*decoded("grant_type") {
        "authorization_code" => {
            let challenge = base64::engine::general_purpose::URL_SAFE_NO_PAD
                .encode(Sha256::digest(decoded("code_verifier")));
            let is_right = decoded("code") == "the-code"
                && challenge == oauth.challenge
                && decoded("redirect_uri") == oauth.redirect_uri;
            match is_right {
                true => oauth.give(),
                false => answer(
                    400,
                    &json!({"error": "invalid_grant", "error_description": "wrong code"}),
                ),
            }
        }
        "refresh_token" if Some(decoded("refresh_token")) == oauth.refresh => oauth.give(),
        _ => {
            oauth.access = None;
            oauth.refresh = None;
            answer(400, &json!({"error": "invalid_grant"}))
        }
    }
}

async fn expire(State(shared): State<Shared>) -> Response {
    shared.lock().unwrap().oauth.access = None;
    status(200, "")
}

async fn given(State(shared): State<Shared>) -> String {
    shared.lock().unwrap().oauth.given.to_string()
}
