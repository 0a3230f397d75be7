//! Tokens, for a code or for a token that renews.

use std::fmt;
use std::time::Duration;

use reqwest::Response;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::http::{read_body, root_cause};

/// How long an authorization server may take to answer.
pub(super) const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);

/// How long an answer may be, in bytes.
const ANSWER_BYTES: usize = 256 << 10;

/// Who we are at an authorization server, and where that is.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct OauthClient {
    pub(super) id: String,
    pub(super) secret: Option<String>,
    pub(super) token_endpoint: String,
    pub(super) resource: String,
}

/// What allows us to use a server; kept as JSON, sealed by whoever keeps it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Grant {
    pub(super) access_token: String,
    pub(super) refresh_token: Option<String>,
    pub(super) client: OauthClient,
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Grant(…)")
    }
}

/// What tokens are asked for with.
pub(super) enum GrantRequest<'a> {
    Code {
        code: &'a str,
        verifier: &'a str,
        redirect_uri: &'a str,
    },
    Refresh {
        token: &'a str,
    },
}

/// Asks for tokens.
pub(super) async fn request_grant(
    http: &reqwest::Client,
    client: &OauthClient,
    request: GrantRequest<'_>,
) -> Result<Grant, String> {
    let mut form = vec![("client_id", &*client.id), ("resource", &*client.resource)];
    match request {
        GrantRequest::Code {
            code,
            verifier,
            redirect_uri,
        } => form.extend([
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", verifier),
            ("redirect_uri", redirect_uri),
        ]),
        GrantRequest::Refresh { token } => {
            form.extend([("grant_type", "refresh_token"), ("refresh_token", token)]);
        }
    }
    if let Some(secret) = &client.secret {
        form.push(("client_secret", secret));
    }
    let request = http
        .post(&client.token_endpoint)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(ACCEPT, "application/json")
        .timeout(ANSWER_TIMEOUT)
        .body(form_body(&form));
    let answer = send(request)
        .await
        .map_err(|why| format!("the authorization server: {why}"))?;
    let text = |field: &str| Some(answer.get(field)?.as_str()?.to_owned());
    let access_token = text("access_token").filter(|token| is_token(token));
    Ok(Grant {
        access_token: access_token.ok_or("the authorization server gave no token")?,
        refresh_token: text("refresh_token"),
        client: client.clone(),
    })
}

/// Whether a text can stand in a header.
fn is_token(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}

fn form_body(form: &[(&str, &str)]) -> String {
    let encode =
        |text| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC);
    let pairs = form
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Sends a request and reads its answer as JSON; an error says what the server said, but no token.
pub(super) async fn send(request: reqwest::RequestBuilder) -> Result<Value, String> {
    let response: Response = request.send().await.map_err(|error| root_cause(&error))?;
    let status = response.status();
    let body = read_body(response, ANSWER_BYTES)
        .await
        .map_err(|refusal| refusal.to_string())?;
    let body = body.ok_or("its answer is too long")?;
    let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
    if status.is_success() {
        return match answer {
            Value::Object(_) => Ok(answer),
            _ => Err("its answer is no JSON object".to_owned()),
        };
    }
    let said = ["error_description", "error"]
        .iter()
        .find_map(|field| answer.get(*field)?.as_str());
    let said: String = said.unwrap_or_default().chars().take(200).collect();
    Err(match said.is_empty() {
        true => format!("HTTP status {}", status.as_u16()),
        false => format!("HTTP status {}: {said}", status.as_u16()),
    })
}
