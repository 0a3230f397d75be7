//! Where a person logs in for a server: its metadata (RFC 9728), that of its authorization server (RFC 8414), and
//! registering there (RFC 7591).

use std::net::IpAddr;

use reqwest::Url;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};

use super::exchange::{ANSWER_TIMEOUT, OauthClient, send};

/// What a server says with a refusal.
#[derive(Clone, Debug, Default)]
pub(super) struct Challenge {
    pub(super) is_bearer: bool,
    pub(super) lacks_scope: bool,
    metadata: Option<String>,
    pub(super) scope: Option<String>,
}

impl Challenge {
    /// Reads a `WWW-Authenticate` header.
    pub(super) fn read(header: &str) -> Self {
        let header = header.trim();
        let (scheme, parameters) = header.split_once(' ').unwrap_or((header, ""));
        let parameter = |name: &str| {
            let at = parameters.match_indices(name).find(|(at, _)| {
                let before = parameters[..*at].chars().next_back();
                before.is_none_or(|c| c == ',' || c == ' ')
                    && parameters[at + name.len()..].starts_with('=')
            })?;
            let value = &parameters[at.0 + name.len() + 1..];
            Some(match value.strip_prefix('"') {
                Some(quoted) => quoted.split('"').next()?.to_owned(),
                None => value.split([',', ' ']).next()?.to_owned(),
            })
        };
        Self {
            is_bearer: scheme.eq_ignore_ascii_case("bearer"),
            lacks_scope: parameter("error").as_deref() == Some("insufficient_scope"),
            metadata: parameter("resource_metadata"),
            scope: parameter("scope"),
        }
    }
}

/// Where a person logs in.
pub(super) struct Discovered {
    pub(super) authorization_endpoint: Url,
    token_endpoint: Url,
    registration_endpoint: Option<Url>,
    /// The server's address, which tokens are for.
    pub(super) resource: String,
    pub(super) scope: Option<String>,
}

impl Discovered {
    /// A program that is registered there.
    pub(super) fn client(&self, id: String, secret: Option<String>) -> OauthClient {
        OauthClient {
            id,
            secret,
            token_endpoint: self.token_endpoint.as_str().to_owned(),
            resource: self.resource.clone(),
        }
    }
}

/// Asks the server where a person logs in.
pub(super) async fn discover(
    http: &reqwest::Client,
    server: &Url,
    challenge: &Challenge,
) -> Result<Discovered, String> {
    let metadata = resource_metadata(http, server, challenge).await;
    let mut resource = server.clone();
    resource.set_fragment(None);
    let mut scope = None;
    let mut issuer = None;
    if let Some(metadata) = &metadata {
        let named = metadata.get("resource").and_then(Value::as_str);
        let named = named.and_then(|named| Url::parse(named).ok());
        match named {
            Some(named) if is_resource_of(&named, server) => resource = named,
            Some(_) => return Err("its metadata is that of another server".to_owned()),
            None => {}
        }
        scope = scopes(metadata);
        let servers = metadata
            .get("authorization_servers")
            .and_then(Value::as_array);
        issuer = servers.and_then(|servers| servers.first()?.as_str());
    }
    let is_named = issuer.is_some();
    let issuer = match issuer {
        Some(issuer) => allowed(issuer, server)?,
        // Before June 2025 servers were their own authorization servers.
        None => {
            let own = server.join("/").map_err(|error| error.to_string())?;
            allowed(own.as_str(), server)?
        }
    };
    let found = authorization_metadata(http, &issuer).await;
    if found.is_none() && is_named {
        return Err(format!(
            "its authorization server `{issuer}` says nothing of itself, or is another one"
        ));
    }
    let endpoint = |field: &str, default: &str| match (&found, default) {
        (Some(found), _) => {
            let written = found.get(field).and_then(Value::as_str);
            written.map(|written| allowed(written, server)).transpose()
        }
        (None, default) => Ok(issuer.join(default).ok()),
    };
    if let Some(found) = &found {
        let methods = found
            .get("code_challenge_methods_supported")
            .and_then(Value::as_array);
        let has_s256 = methods.is_some_and(|methods| methods.iter().any(|method| method == "S256"));
        if !has_s256 {
            return Err(
                "its authorization server doesn't say that it checks codes (PKCE, S256)".to_owned(),
            );
        }
    }
    Ok(Discovered {
        authorization_endpoint: endpoint("authorization_endpoint", "/authorize")?
            .ok_or("its authorization server names no address to log in at")?,
        token_endpoint: endpoint("token_endpoint", "/token")?
            .ok_or("its authorization server names no address for tokens")?,
        registration_endpoint: endpoint("registration_endpoint", "/register")?,
        resource: resource.into(),
        scope,
    })
}

/// Whether a resource is that of a server: its address, or the beginning of it. Neighbours on the same host are others,
/// who must not get each other's tokens.
fn is_resource_of(named: &Url, server: &Url) -> bool {
    let parts = |url: &Url| -> Vec<String> {
        let parts = url.path_segments().into_iter().flatten();
        let parts = parts.filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    };
    let has_query = named.query().is_some() && named.query() != server.query();
    named.origin() == server.origin() && !has_query && parts(server).starts_with(&parts(named))
}

fn scopes(metadata: &Value) -> Option<String> {
    let scopes = metadata.get("scopes_supported")?.as_array()?;
    let scopes: Vec<_> = scopes.iter().filter_map(Value::as_str).collect();
    (!scopes.is_empty()).then(|| scopes.join(" "))
}

/// An address that a server named, if it may be used.
fn allowed(written: &str, server: &Url) -> Result<Url, String> {
    let url =
        Url::parse(written).map_err(|_| format!("it names `{written}`, which is no address"))?;
    let is_local = |url: &Url| {
        let host = url.host_str().unwrap_or_default();
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_local(&url) && is_local(server) => Ok(url),
        _ => Err(format!(
            "it names `{written}` to log in at, which isn't HTTPS"
        )),
    }
}

async fn get(http: &reqwest::Client, url: Url) -> Option<Value> {
    let request = http.get(url).header(ACCEPT, "application/json");
    send(request.timeout(ANSWER_TIMEOUT)).await.ok()
}

/// What the server says of itself: where its refusal says, else at the places that are agreed upon.
async fn resource_metadata(
    http: &reqwest::Client,
    server: &Url,
    challenge: &Challenge,
) -> Option<Value> {
    let named = challenge
        .metadata
        .as_ref()
        .and_then(|named| Url::parse(named).ok());
    let named = named.filter(|named| named.origin() == server.origin());
    let path = server.path().trim_end_matches('/');
    let agreed = [
        format!("/.well-known/oauth-protected-resource{path}"),
        "/.well-known/oauth-protected-resource".to_owned(),
    ];
    let agreed = agreed.iter().filter_map(|path| server.join(path).ok());
    for url in named.into_iter().chain(agreed) {
        if let Some(metadata) = get(http, url).await {
            return Some(metadata);
        }
    }
    None
}

/// What an authorization server says of itself; it has to name itself as we do.
async fn authorization_metadata(http: &reqwest::Client, issuer: &Url) -> Option<Value> {
    let path = issuer.path().trim_end_matches('/');
    let places = [
        format!("/.well-known/oauth-authorization-server{path}"),
        format!("/.well-known/openid-configuration{path}"),
        format!("{path}/.well-known/openid-configuration"),
    ];
    for place in places {
        let Some(found) = get(http, issuer.join(&place).ok()?).await else {
            continue;
        };
        let named = found
            .get("issuer")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if named.trim_end_matches('/') == issuer.as_str().trim_end_matches('/') {
            return Some(found);
        }
    }
    None
}

/// Registers this program at the authorization server.
pub(super) async fn register(
    http: &reqwest::Client,
    found: &Discovered,
    name: &str,
    redirect_uri: &str,
) -> Result<OauthClient, String> {
    let endpoint = found.registration_endpoint.clone().ok_or(
        "its authorization server registers no programs: register one there, and write its id into `oauth` of the server in mcp.json",
    )?;
    let body = json!({
        "client_name": name,
        "redirect_uris": [redirect_uri],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    });
    let request = http
        .post(endpoint)
        .header(CONTENT_TYPE, "application/json")
        .timeout(ANSWER_TIMEOUT)
        .body(body.to_string());
    let answer = send(request)
        .await
        .map_err(|why| format!("registering failed: {why}"))?;
    let text = |field: &str| Some(answer.get(field)?.as_str()?.to_owned());
    let id = text("client_id").ok_or("registering gave no id")?;
    Ok(found.client(id, text("client_secret")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("an address")
    }

    #[test]
    fn a_token_is_for_the_server_and_not_for_its_neighbour() {
        let server = url("https://gw.example/evil/mcp");
        for (named, is_own) in [
            ("https://gw.example/evil/mcp", true),
            ("https://gw.example/evil/mcp/", true),
            ("https://gw.example/evil", true),
            ("https://gw.example", true),
            ("https://gw.example/victim/mcp", false),
            ("https://gw.example/ev", false),
            ("https://gw.example/evil/mcp/more", false),
            ("https://gw.example/evil/mcp?tenant=victim", false),
            ("https://other.example/evil/mcp", false),
        ] {
            assert_eq!(is_resource_of(&url(named), &server), is_own, "{named}");
        }
    }

    #[test]
    fn only_this_machine_may_do_without_https() {
        let (here, there) = (
            url("http://127.0.0.1:1/mcp"),
            url("http://remote.example/mcp"),
        );
        assert!(allowed("http://localhost:2/token", &here).is_ok());
        assert!(allowed("http://[::1]:2/token", &here).is_ok());
        assert!(allowed("http://127.0.0.1.evil.example/token", &here).is_err());
        assert!(allowed("http://localhost/token", &there).is_err());
        assert!(allowed("http://remote.example/", &there).is_err());
        assert!(allowed("https://remote.example/", &there).is_ok());
    }
}
