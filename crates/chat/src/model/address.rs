//! The address of a provider: from what a person writes to the addresses of its endpoints.

use std::net::IpAddr;

use reqwest::Url;

use super::error::ModelError;
use super::profile::Profile;

/// The base address of a provider, below which its endpoints are, such as `https://api.openai.com/v1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderAddress {
    base: Url,
    /// The address with or without `/v1`, for a server that doesn't have its endpoints where they were guessed.
    alternative: Option<Url>,
}

/// What people paste behind the base address.
const KNOWN_ENDPOINTS: [&str; 5] = [
    "/chat/completions",
    "/completions",
    "/responses",
    "/models",
    "/embeddings",
];

impl ProviderAddress {
    /// Reads an address as people write it: with or without scheme, `/v1`, a trailing slash or the name of an
    /// endpoint. A query, such as Azure's `api-version`, is kept.
    ///
    /// # Errors
    ///
    /// [`ModelError::BadAddress`] if it is no HTTP address, or holds a user or password.
    pub fn parse(provider: &str, text: &str) -> Result<Self, ModelError> {
        let bad = |address: &str, what: &str| ModelError::BadAddress {
            provider: provider.to_owned(),
            address: address.to_owned(),
            what: what.to_owned(),
        };
        let text = text.trim();
        let with_scheme = match text.contains("://") {
            true => text.to_owned(),
            false if is_local(text) => format!("http://{text}"),
            false => format!("https://{text}"),
        };
        let mut url =
            Url::parse(&with_scheme).map_err(|_| bad(without_user(text), "it is no URL"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
            return Err(bad(without_user(text), "it is no HTTP address"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(bad(
                without_user(text),
                "it holds a user or password; give the key apart",
            ));
        }
        url.set_fragment(None);
        let mut path = url.path().trim_end_matches('/').to_owned();
        for endpoint in KNOWN_ENDPOINTS {
            if let Some(shorter) = path.strip_suffix(endpoint) {
                path = shorter.to_owned();
                break;
            }
        }
        let profile = Profile::of_host(url.host_str().unwrap_or_default());
        let known = profile.map_or("/v1", |profile| profile.path);
        let is_whole =
            profile.is_some_and(|profile| path.ends_with(profile.path)) || has_version(&path);
        let other = match (&*path, is_whole) {
            (_, true) => path.strip_suffix("/v1").map(str::to_owned),
            ("", false) => None,
            (path, false) => Some(path.to_owned()),
        };
        if !is_whole {
            path = if profile.is_some() {
                known.to_owned()
            } else {
                path + known
            };
        }
        let alternative = other.map(|other| {
            let mut url = url.clone();
            url.set_path(&other);
            url
        });
        url.set_path(&path);
        Ok(Self {
            base: url,
            alternative,
        })
    }

    /// The address of an endpoint, such as `chat/completions`.
    pub(super) fn endpoint(&self, name: &str, use_alternative: bool) -> Url {
        let base = self
            .alternative
            .as_ref()
            .filter(|_| use_alternative)
            .unwrap_or(&self.base);
        let mut url = base.clone();
        url.set_path(&format!("{}/{name}", base.path().trim_end_matches('/')));
        url
    }

    /// Whether the endpoints may be somewhere else below the same origin.
    pub(super) fn has_alternative(&self) -> bool {
        self.alternative.is_some()
    }

    /// An address at the server's root, such as `/props`: outside of the OpenAI protocol.
    pub(super) fn at_root(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        let whole = self.base.path();
        let prefix = whole.strip_suffix("/v1").unwrap_or("");
        url.set_path(&format!("{prefix}{path}"));
        url.set_query(None);
        url
    }

    /// The address as it can be shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.base.as_str()
    }

    /// The host.
    #[must_use]
    pub fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }

    /// The port, also where it is the scheme's.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.base.port_or_known_default().unwrap_or_default()
    }

    /// Whether requests go out in TLS.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.base.scheme() == "https"
    }

    /// Whether the server is on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_local(self.host())
    }

    /// Whether a redirect to that address stays at the same origin.
    pub(super) fn is_same_origin(&self, other: &Url) -> bool {
        self.base.origin() == other.origin()
    }
}

fn is_local(text: &str) -> bool {
    let host = text.split(['/', '?']).next().unwrap_or_default();
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let bare = host.trim_matches(['[', ']']);
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Whether a segment of the path is a version, such as `v1` or `v1beta`.
fn has_version(path: &str) -> bool {
    path.split('/').any(|segment| {
        let mut chars = segment.chars();
        chars.next() == Some('v') && chars.next().is_some_and(|c| c.is_ascii_digit())
    })
}

/// An address without what may be a password, for a message.
fn without_user(text: &str) -> &str {
    text.rsplit_once('@').map_or(text, |(_, rest)| rest)
}
