//! What both transports over HTTP share: a server at an address, with its headers and its log-in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use reqwest::{Response, StatusCode, Url};
use rmcp::model::ClientJsonRpcMessage;

use crate::config::UrlEntry;
use crate::http::WebRefusal;
use crate::lock::lock;
use crate::oauth::Login;

/// A server at an address, and what is known of the connection to it.
#[derive(Clone)]
pub(crate) struct WebServer(pub(crate) Arc<WebParts>);

pub(crate) struct WebParts {
    pub(crate) client: reqwest::Client,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) is_terminated_on_close: bool,
    pub(crate) limit: usize,
    pub(crate) login: Login,
    /// Why the first request was refused.
    pub(crate) refusal: Mutex<Option<WebRefusal>>,
    /// How many sessions were begun.
    pub(crate) sessions: tokio::sync::watch::Sender<u32>,
}

impl WebServer {
    /// A server as the configuration has it.
    ///
    /// # Errors
    /// What is wrong with its address.
    pub(crate) fn new(
        client: reqwest::Client,
        entry: &UrlEntry,
        limit: usize,
        login: Login,
    ) -> Result<Self, String> {
        let url = Url::parse(entry.url.expose()).map_err(|error| error.to_string())?;
        let mut headers = HeaderMap::new();
        for (name, value) in &entry.headers {
            let (Ok(name), Ok(mut value)) = (
                HeaderName::from_bytes(name.as_bytes()),
                HeaderValue::from_str(value.expose()),
            ) else {
                return Err(format!("the header `{name}` can't be sent"));
            };
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        Ok(Self(Arc::new(WebParts {
            client,
            url,
            headers,
            is_terminated_on_close: entry.is_terminated_on_close,
            limit,
            login,
            refusal: Mutex::default(),
            sessions: tokio::sync::watch::Sender::new(0),
        })))
    }

    /// A request that posts a message.
    pub(crate) fn message(
        &self,
        url: Url,
        message: &ClientJsonRpcMessage,
    ) -> reqwest::RequestBuilder {
        let body = serde_json::to_vec(message).unwrap_or_default();
        let request = self.0.client.post(url).body(body);
        request.header(CONTENT_TYPE, "application/json")
    }

    /// Sends a request with the server's headers and a token, if there is one; once more with a new token if the
    /// server refuses the one that it had.
    pub(crate) async fn send(
        &self,
        request: reqwest::RequestBuilder,
        more: HashMap<HeaderName, HeaderValue>,
    ) -> Result<Response, WebRefusal> {
        let request = request.headers(self.0.headers.clone());
        let request = more.into_iter().fold(request, |request, (name, value)| {
            request.header(name, value)
        });
        let token = self.0.login.token().await;
        let used = token.clone();
        let again = request.try_clone();
        let response = send_with(request, token).await?;
        let challenge = response.headers().get(WWW_AUTHENTICATE);
        let challenge = challenge
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        if response.status() == StatusCode::FORBIDDEN
            && challenge
                .as_deref()
                .is_some_and(|challenge| self.0.login.lacks_scope(challenge))
        {
            return Err(WebRefusal::NeedsLogin);
        }
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }
        let renewed = self
            .0
            .login
            .refused(used.as_deref(), challenge.as_deref())
            .await;
        match (renewed, again) {
            (Some(token), Some(request)) => match send_with(request, Some(token)).await? {
                response if response.status() == StatusCode::UNAUTHORIZED => {
                    Err(WebRefusal::NeedsLogin)
                }
                response => Ok(response),
            },
            // A server that wants a key of its own rather than a log-in says so.
            _ if self.0.login.is_wanted() => Err(WebRefusal::NeedsLogin),
            _ => Ok(response),
        }
    }

    /// Remembers why the first request was refused.
    pub(crate) fn refuse(&self, refusal: &WebRefusal) {
        lock(&self.0.refusal).get_or_insert_with(|| refusal.clone());
    }

    /// Why the first request was refused.
    pub(crate) fn refusal(&self) -> Option<WebRefusal> {
        lock(&self.0.refusal).clone()
    }
}

async fn send_with(
    request: reqwest::RequestBuilder,
    token: Option<String>,
) -> Result<Response, WebRefusal> {
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    request.send().await.map_err(|error| WebRefusal::of(&error))
}
