//! Log-ins at servers that want one: OAuth 2.1 as MCP has it, with tokens that are kept sealed and renewed once for
//! all who wait.
//!
//! Addresses that a server names are foreign: they have to be HTTPS, unless the server itself is on this machine.

mod discovery;
mod exchange;

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Url;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use crate::config::{OauthEntry, UrlEntry, hex};
use crate::lock::lock;
use crate::options::{TokenStore, ToolServerOptions};
use discovery::{Challenge, discover, register};
use exchange::{Grant, GrantRequest, request_grant};

/// How long a person may take to log in.
const LOGIN_TIMEOUT: Duration = Duration::from_secs(900);

/// How many bytes a secret of ours has.
const RANDOM_BYTES: usize = 32;

/// A person's log-in at one server. Clones are the same.
#[derive(Clone)]
pub(crate) struct Login(Option<Arc<LoginParts>>);

struct LoginParts {
    client: reqwest::Client,
    client_name: String,
    url: Url,
    /// Who this program is there, if the configuration says it.
    registered: Option<OauthEntry>,
    /// Under what the tokens are kept.
    key: String,
    tokens: Option<Arc<dyn TokenStore>>,
    /// Whether a refusal without a challenge means that a log-in is wanted.
    has_own_headers: bool,
    is_wanted: AtomicBool,
    challenge: Mutex<Challenge>,
    pending: Mutex<Option<PendingLogin>>,
    /// Held while tokens are renewed, so that it happens once. `None` until it was read.
    grant: tokio::sync::Mutex<Option<Option<Grant>>>,
}

/// A log-in that a person has begun.
struct PendingLogin {
    state: String,
    verifier: String,
    redirect_uri: String,
    until: Instant,
    client: exchange::OauthClient,
}

impl Login {
    /// No log-in at all: a process, or a server with an authorization of its own.
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// The log-in at a server.
    pub(crate) fn new(
        entry: &UrlEntry,
        client: reqwest::Client,
        options: &ToolServerOptions,
    ) -> Self {
        let has_own = entry
            .headers
            .keys()
            .any(|name| name.eq_ignore_ascii_case("authorization"));
        let Ok(url) = Url::parse(entry.url.expose()) else {
            return Self::none();
        };
        if has_own {
            return Self::none();
        }
        // An address may hold a secret, and keys of stores are no secrets.
        let key = format!(
            "mcp:{}",
            hex(&Sha256::digest(entry.url.expose().as_bytes()))
        );
        Self(Some(Arc::new(LoginParts {
            client,
            client_name: options.client_name.clone(),
            url,
            registered: entry.oauth.clone(),
            key,
            tokens: options.tokens.clone(),
            has_own_headers: !entry.headers.is_empty(),
            is_wanted: AtomicBool::new(false),
            challenge: Mutex::default(),
            pending: Mutex::default(),
            grant: tokio::sync::Mutex::new(None),
        })))
    }

    /// The token to send, if there is one.
    pub(crate) async fn token(&self) -> Option<String> {
        let parts = self.0.as_ref()?;
        let mut grant = parts.grant.lock().await;
        let grant = grant.get_or_insert_with(|| parts.load());
        grant.as_ref().map(|grant| grant.access_token.clone())
    }

    /// The server refused a token, or that there was none. Gives another one if it can be had without the person:
    /// whoever comes first renews it, the others get what came of it.
    pub(crate) async fn refused(
        &self,
        used: Option<&str>,
        challenge: Option<&str>,
    ) -> Option<String> {
        let parts = self.0.as_ref()?;
        let challenge = Challenge::read(challenge.unwrap_or_default());
        let is_bearer = challenge.is_bearer;
        if is_bearer {
            *lock(&parts.challenge) = challenge;
        }
        // In a task of its own: whoever asked may be stopped, and then the server has taken the old refresh token
        // and nobody would have the new one.
        let renewing = {
            let (parts, used) = (Arc::clone(parts), used.map(str::to_owned));
            tokio::spawn(async move { parts.renew(used.as_deref()).await })
        };
        let renewed = renewing.await.ok().flatten();
        let is_wanted =
            renewed.is_none() && (is_bearer || !parts.has_own_headers || used.is_some());
        parts.is_wanted.store(is_wanted, Ordering::SeqCst);
        renewed
    }

    /// The server wants a token that allows more; only the person can give it.
    pub(crate) fn lacks_scope(&self, challenge: &str) -> bool {
        let read = Challenge::read(challenge);
        let Some(parts) = self
            .0
            .as_ref()
            .filter(|_| read.is_bearer && read.lacks_scope)
        else {
            return false;
        };
        *lock(&parts.challenge) = read;
        parts.is_wanted.store(true, Ordering::SeqCst);
        true
    }

    /// Whether the person has to log in.
    pub(crate) fn is_wanted(&self) -> bool {
        let parts = self.0.as_ref();
        parts.is_some_and(|parts| parts.is_wanted.load(Ordering::SeqCst))
    }

    /// Begins a log-in: the address that the person has to open.
    pub(crate) async fn begin(&self, redirect_uri: &str) -> Result<String, String> {
        let parts = self.0.as_ref().ok_or("this server has no log-in")?;
        let challenge = lock(&parts.challenge).clone();
        let found = discover(&parts.client, &parts.url, &challenge).await?;
        let client = match &parts.registered {
            Some(known) => found.client(
                known.client_id.expose().to_owned(),
                known
                    .client_secret
                    .as_ref()
                    .map(|secret| secret.expose().to_owned()),
            ),
            None => register(&parts.client, &found, &parts.client_name, redirect_uri).await?,
        };
        let (verifier, state) = (random()?, random()?);
        let mut address = found.authorization_endpoint.clone();
        {
            let mut query = address.query_pairs_mut();
            query
                .append_pair("response_type", "code")
                .append_pair("client_id", &client.id)
                .append_pair("redirect_uri", redirect_uri)
                .append_pair("code_challenge", &code_challenge(&verifier))
                .append_pair("code_challenge_method", "S256")
                .append_pair("state", &state)
                .append_pair("resource", &found.resource);
            let chosen = parts
                .registered
                .as_ref()
                .and_then(|known| known.scope.clone());
            if let Some(scope) = chosen.or(challenge.scope).or(found.scope) {
                query.append_pair("scope", &scope);
            }
        }
        *lock(&parts.pending) = Some(PendingLogin {
            state,
            verifier,
            redirect_uri: redirect_uri.to_owned(),
            until: Instant::now() + LOGIN_TIMEOUT,
            client,
        });
        Ok(address.into())
    }

    /// Ends a log-in with what the person came back with.
    pub(crate) async fn finish(&self, code: &str, state: &str) -> Result<(), String> {
        let parts = self.0.as_ref().ok_or("this server has no log-in")?;
        let pending = {
            let mut pending = lock(&parts.pending);
            // Another state is none of ours, and leaves the log-in that is under way alone.
            let is_ours = pending
                .as_ref()
                .is_some_and(|pending| Sha256::digest(&pending.state) == Sha256::digest(state));
            if is_ours { pending.take() } else { None }
        };
        let pending = pending.filter(|pending| Instant::now() < pending.until);
        let pending =
            pending.ok_or("no such log-in was begun, or it took too long: begin it again")?;
        let request = GrantRequest::Code {
            code,
            verifier: &pending.verifier,
            redirect_uri: &pending.redirect_uri,
        };
        let grant = request_grant(&parts.client, &pending.client, request).await?;
        let mut slot = parts.grant.lock().await;
        parts.store(Some(&grant));
        *slot = Some(Some(grant));
        parts.is_wanted.store(false, Ordering::SeqCst);
        Ok(())
    }

    /// Forgets the tokens.
    pub(crate) async fn end(&self) {
        if let Some(parts) = &self.0 {
            let mut slot = parts.grant.lock().await;
            parts.store(None);
            *slot = Some(None);
        }
    }
}

impl LoginParts {
    fn load(&self) -> Option<Grant> {
        let text = self.tokens.as_ref()?.load(&self.key)?;
        serde_json::from_str(&text).ok()
    }

    fn store(&self, grant: Option<&Grant>) {
        let text = grant.and_then(|grant| serde_json::to_string(grant).ok());
        if let Some(tokens) = &self.tokens {
            tokens.store(&self.key, text.as_deref());
        }
    }

    async fn renew(&self, used: Option<&str>) -> Option<String> {
        let mut slot = self.grant.lock().await;
        let _held = match self.tokens.clone() {
            Some(tokens) => tokio::task::spawn_blocking(move || tokens.hold())
                .await
                .ok(),
            None => None,
        };
        let is_other = |grant: &Grant| Some(&*grant.access_token) != used;
        // Somebody was faster, here or in another process.
        if let Some(grant) = slot
            .as_ref()
            .and_then(Option::as_ref)
            .filter(|grant| is_other(grant))
        {
            return Some(grant.access_token.clone());
        }
        if let Some(grant) = self.load().filter(is_other) {
            let token = grant.access_token.clone();
            *slot = Some(Some(grant));
            return Some(token);
        }
        let grant = slot.as_ref().and_then(Option::as_ref)?;
        let refresh = grant.refresh_token.clone()?;
        let request = GrantRequest::Refresh { token: &refresh };
        let mut renewed = request_grant(&self.client, &grant.client, request)
            .await
            .ok()?;
        // A server that gives no new one means the old one to be used again.
        renewed.refresh_token.get_or_insert(refresh);
        let token = renewed.access_token.clone();
        self.store(Some(&renewed));
        *slot = Some(Some(renewed));
        Some(token)
    }
}

/// The challenge of PKCE for a verifier.
fn code_challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

fn random() -> Result<String, String> {
    let mut bytes = [0; RANDOM_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| format!("no random numbers: {error}"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
