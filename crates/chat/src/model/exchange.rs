//! One request to a provider: sent, adjusted to what the provider refuses, and tried again while nothing came.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, LOCATION, RETRY_AFTER, SERVER};
use reqwest::{Method, Response, StatusCode, Url};
use serde_json::{Map, Value};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use super::error::{ModelError, UpstreamError};
use super::length::length_in_refusal;
use super::profile::ContextSource;
use super::provider::{Provider, root_cause};
use super::refusal::adjustments;

/// How often a request is changed and sent again because of what the provider refuses.
const MAX_ADJUSTMENTS: u32 = 5;

/// How many redirects within the same origin are followed.
const MAX_REDIRECTS: u32 = 3;

/// How much of an error is read, in bytes.
const ERROR_BYTES: usize = 64 << 10;

/// How long an error may take to come.
const ERROR_TIMEOUT: Duration = Duration::from_secs(10);

/// How much of a list is read, in bytes.
const LIST_BYTES: usize = 16 << 20;

/// Headers of an answer that are worth passing on.
const KEPT_HEADERS: [&str; 4] = ["x-ratelimit-", "x-request-id", "openai-", "retry-after"];

/// A provider's model.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) provider: Arc<Provider>,
    pub(super) model: String,
}

/// What a request asks for.
pub(super) struct ModelExchange<'a> {
    pub(super) body: &'a Map<String, Value>,
    pub(super) is_streaming: bool,
    pub(super) cancel: &'a CancellationToken,
}

/// An answer that began.
pub(super) struct Opened {
    pub(super) response: Response,
    pub(super) headers: Vec<(String, String)>,
    /// The request as it was sent.
    pub(super) sent: Map<String, Value>,
    /// Until when the first byte has to come.
    pub(super) first_byte_until: Instant,
    /// Ends with the answer, so that the next request may go.
    pub(super) _permit: Option<OwnedSemaphorePermit>,
}

/// Sends a request and waits for the head of its answer. `attempts` is how often it may still be tried again.
pub(super) async fn open(
    target: &Target,
    order: &ModelExchange<'_>,
    attempts: &mut u32,
    notices: &mut Vec<String>,
) -> Result<Opened, ModelError> {
    let provider = &target.provider;
    provider.check_budget()?;
    let permit = tokio::select! {
        permit = provider.enter() => permit,
        () = order.cancel.cancelled() => return Err(ModelError::Cancelled),
    };
    let mut adjusted = 0;
    loop {
        let sent = provider.prepare(&target.model, order.body, order.is_streaming);
        let first_byte_until = Instant::now() + provider.options.timeouts.first_byte;
        let error = match post(provider, &sent, first_byte_until, order.cancel).await {
            Ok(response) => {
                let headers = kept_headers(provider, response.headers());
                return Ok(Opened {
                    response,
                    headers,
                    sent,
                    first_byte_until,
                    _permit: permit,
                });
            }
            Err(error) => error,
        };
        if let Some(refused) = error.upstream() {
            let learned: Vec<_> = adjustments(refused, &sent)
                .into_iter()
                .filter(|adjustment| provider.learn(&target.model, adjustment))
                .collect();
            if !learned.is_empty() && adjusted < MAX_ADJUSTMENTS {
                notices.extend(
                    learned
                        .iter()
                        .map(|adjustment| adjustment.notice(&target.model)),
                );
                adjusted += 1;
                continue;
            }
        }
        if let ModelError::TooLong(refused) = &error
            && let Some(tokens) = length_in_refusal(&refused.message)
        {
            provider.learn_refused_length(&target.model, tokens);
        }
        if is_wrong_path(&error) {
            if provider.try_elsewhere() {
                continue;
            }
            provider.stay();
        }
        wait_to_retry(provider, error, attempts, order.cancel).await?;
    }
}

/// Waits for the next attempt at what failed; gives the error back if there is none.
pub(super) async fn wait_to_retry(
    provider: &Provider,
    error: ModelError,
    attempts: &mut u32,
    cancel: &CancellationToken,
) -> Result<(), ModelError> {
    if !error.is_transient() || *attempts == 0 {
        return Err(error);
    }
    let done = provider.options.limits.retries.saturating_sub(*attempts);
    let asked = match &error {
        ModelError::RateLimited { retry_after, .. } => *retry_after,
        _ => None,
    };
    let wait = asked.unwrap_or_else(|| backoff(done));
    if wait > provider.options.limits.longest_wait {
        return Err(error);
    }
    *attempts -= 1;
    tokio::select! {
        () = sleep(wait) => Ok(()),
        () = cancel.cancelled() => Err(ModelError::Cancelled),
    }
}

/// A quarter of a second, doubled with each attempt, up to 8 s; less a random part, so that clients that failed
/// together don't come back together.
fn backoff(done: u32) -> Duration {
    let full = Duration::from_millis(250) * 2_u32.pow(done.min(5));
    let mut byte = [0];
    let _ = getrandom::fill(&mut byte);
    full - full.mul_f64(f64::from(byte[0]) / 512.0)
}

/// Whether the endpoint isn't there, in distinction to a model that isn't.
fn is_wrong_path(error: &ModelError) -> bool {
    let ModelError::Refused(error) = error else {
        return false;
    };
    let is_of_model =
        error.code.contains("model") || error.message.to_ascii_lowercase().contains("model");
    matches!(error.status, 404 | 405) && !is_of_model
}

async fn post(
    provider: &Provider,
    body: &Map<String, Value>,
    until: Instant,
    cancel: &CancellationToken,
) -> Result<Response, ModelError> {
    let bytes = serde_json::to_vec(body).map_err(|error| ModelError::Garbage(error.to_string()))?;
    let url = provider.endpoint("chat/completions");
    let response = tokio::select! {
        response = send(provider, Method::POST, url, Some(bytes), until) => response?,
        () = cancel.cancelled() => return Err(ModelError::Cancelled),
    };
    if response.status().is_success() {
        return Ok(response);
    }
    tokio::select! {
        error = refused(provider, response) => Err(error),
        () = cancel.cancelled() => Err(ModelError::Cancelled),
    }
}

/// Sends a request and follows redirects that stay at the origin, with the same method and body.
async fn send(
    provider: &Provider,
    method: Method,
    mut url: Url,
    body: Option<Vec<u8>>,
    until: Instant,
) -> Result<Response, ModelError> {
    let client = provider.client()?;
    for _ in 0..=MAX_REDIRECTS {
        let mut request = client.request(method.clone(), url.clone());
        if let Some(key) = &provider.options.key {
            // Beside its OpenAI protocol Gemini takes the key in another header, and never in both.
            let is_gemini = provider.profile().context == ContextSource::Gemini;
            request = match is_gemini && !url.path().contains("/openai") {
                true => request.header("x-goog-api-key", key.expose()),
                false => request.header(AUTHORIZATION, format!("Bearer {}", key.expose())),
            };
        }
        if let Some(bytes) = &body {
            request = request
                .header(CONTENT_TYPE, "application/json")
                .body(bytes.clone());
        }
        let response = match timeout_at(until, request.send()).await {
            Ok(response) => response.map_err(|error| unreachable(provider, &error))?,
            Err(_) => return Err(no_first_byte(provider)),
        };
        if let Some(server) = response
            .headers()
            .get(SERVER)
            .and_then(|value| value.to_str().ok())
        {
            provider.recognise(server);
        }
        if !response.status().is_redirection() {
            return Ok(response);
        }
        let location = response
            .headers()
            .get(LOCATION)
            .and_then(|to| to.to_str().ok());
        let next = location.and_then(|to| url.join(to).ok());
        match next.filter(|next| provider.address.is_same_origin(next)) {
            Some(next) => url = next,
            None => return Err(redirected(provider, location, &url)),
        }
    }
    Err(redirected(provider, Some(url.as_str()), &url))
}

fn redirected(provider: &Provider, location: Option<&str>, from: &Url) -> ModelError {
    let to = location.and_then(|to| from.join(to).ok());
    ModelError::Redirected {
        provider: provider.name().to_owned(),
        to: to.map_or_else(
            || "nowhere".to_owned(),
            |to| to.origin().ascii_serialization(),
        ),
    }
}

pub(super) fn no_first_byte(provider: &Provider) -> ModelError {
    ModelError::TimedOut {
        what: "the first byte of the answer",
        after: provider.options.timeouts.first_byte,
    }
}

fn unreachable(provider: &Provider, error: &reqwest::Error) -> ModelError {
    if error.is_timeout() && error.is_connect() {
        let after = provider.options.timeouts.connect;
        return ModelError::TimedOut {
            what: "the connection",
            after,
        };
    }
    ModelError::Unreachable {
        provider: provider.name().to_owned(),
        what: provider.clean(&root_cause(error)),
    }
}

/// What an answer that is no success says.
async fn refused(provider: &Provider, mut response: Response) -> ModelError {
    let status = response.status().as_u16();
    let asked = retry_after(response.headers());
    let mut body = Vec::new();
    let until = Instant::now() + ERROR_TIMEOUT;
    while let Ok(Ok(Some(bytes))) = timeout_at(until, response.chunk()).await {
        body.extend_from_slice(&bytes);
        if body.len() > ERROR_BYTES {
            body.truncate(ERROR_BYTES);
            break;
        }
    }
    let mut error = UpstreamError::read(status, &body);
    if error.message.is_empty() {
        let reason = StatusCode::from_u16(status)
            .ok()
            .and_then(|status| status.canonical_reason());
        reason
            .unwrap_or("no reason given")
            .clone_into(&mut error.message);
    }
    let asked = asked.or_else(|| retry_delay(&body));
    ModelError::of_upstream(
        provider.name(),
        error.map(|text| provider.clean(text)),
        asked,
    )
}

/// When a request may be tried again, in seconds or as a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let header = |name: &str| headers.get(name)?.to_str().ok();
    if let Some(millis) = header("retry-after-ms").and_then(|text| text.trim().parse().ok()) {
        return Some(Duration::from_millis(millis));
    }
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    let now = jiff::fmt::rfc2822::parse(header("date")?).ok()?.timestamp();
    Duration::try_from(at.duration_since(now)).ok()
}

/// Gemini tells it in the body: `"retryDelay": "34s"`.
fn retry_delay(body: &[u8]) -> Option<Duration> {
    let text = String::from_utf8_lossy(body);
    let rest = &text[text.find("\"retryDelay\"")? + "\"retryDelay\"".len()..];
    let value = rest.trim_start_matches([':', ' ', '"', '\n']);
    let seconds = value[..value.find('s')?].parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

fn kept_headers(provider: &Provider, headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter(|(name, _)| {
            KEPT_HEADERS
                .iter()
                .any(|kept| name.as_str().starts_with(kept))
        })
        .filter_map(|(name, value)| {
            Some((
                name.as_str().to_owned(),
                provider.clean(value.to_str().ok()?),
            ))
        })
        .collect()
}

/// A JSON document of a provider that isn't a chat: a list of models, its properties. Never waits longer than the
/// time for that; is never tried again.
pub(super) async fn look_up(
    provider: &Provider,
    url: Url,
    body: Option<&Value>,
) -> Result<Value, ModelError> {
    let wait = provider.options.timeouts.lookup;
    let until = Instant::now() + wait;
    let late = |_| ModelError::TimedOut {
        what: "the answer",
        after: wait,
    };
    let bytes = body.map(|body| body.to_string().into_bytes());
    let method = if bytes.is_some() {
        Method::POST
    } else {
        Method::GET
    };
    let mut response = timeout_at(until, send(provider, method, url, bytes, until))
        .await
        .map_err(late)??;
    if !response.status().is_success() {
        return Err(refused(provider, response).await);
    }
    let mut document = Vec::new();
    loop {
        let chunk = timeout_at(until, response.chunk()).await.map_err(late)?;
        let Some(bytes) = chunk.map_err(|error| unreachable(provider, &error))? else {
            break;
        };
        document.extend_from_slice(&bytes);
        if document.len() > LIST_BYTES {
            return Err(ModelError::Garbage("the list is too long".to_owned()));
        }
    }
    super::payload::value(&document)
        .ok_or_else(|| ModelError::Garbage(UpstreamError::read(200, &document).message))
}
