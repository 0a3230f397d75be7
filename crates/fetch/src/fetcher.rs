//! Following an address to what it names, one hop of redirects after the other.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};
use tokio::time::{Instant, timeout_at};

use crate::address::is_public;
use crate::error::Error;
use crate::fetched::{BodyLimits, Fetched, root_cause};
use crate::resolver::{HostResolver, SystemResolver};

/// How things are fetched.
#[derive(Clone, Debug)]
pub struct FetchOptions {
    /// Whether hosts in private networks and on this machine may be asked.
    pub allow_private: bool,
    /// Origins (`http://127.0.0.1:7861`) that may be asked although they are in a private network.
    pub allowed_origins: Vec<String>,
    /// The most that is fetched of one address, in bytes.
    pub max_bytes: u64,
    /// How long fetching may take, from the first look at the address to the last byte.
    pub timeout: Duration,
    /// Redirects that are followed.
    pub max_redirects: usize,
}

impl Default for FetchOptions {
    /// Public addresses only, 64 MiB, a minute, 5 redirects.
    fn default() -> Self {
        Self {
            allow_private: false,
            allowed_origins: Vec::new(),
            max_bytes: 64 << 20,
            timeout: Duration::from_secs(60),
            max_redirects: 5,
        }
    }
}

/// Fetches what addresses name. It needs a `tokio` runtime with time and network.
#[derive(Clone)]
pub struct Fetcher {
    options: FetchOptions,
    resolver: Arc<dyn HostResolver>,
}

impl Fetcher {
    /// A fetcher that asks the system for the addresses of hosts.
    #[must_use]
    pub fn new(options: FetchOptions) -> Self {
        Self::with_resolver(options, Arc::new(SystemResolver))
    }

    /// A fetcher that asks somebody else for the addresses of hosts.
    #[must_use]
    pub fn with_resolver(options: FetchOptions, resolver: Arc<dyn HostResolver>) -> Self {
        // Its provider is the same for the whole process; another one may be there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self { options, resolver }
    }

    /// How it fetches.
    #[must_use]
    pub fn options(&self) -> &FetchOptions {
        &self.options
    }

    /// Fetches what an address names.
    ///
    /// # Errors
    /// If it may not be fetched, doesn't answer or answers with an error, or is too large at the start.
    pub async fn fetch(&self, url: &str) -> Result<Fetched, Error> {
        self.fetch_from(url, &[]).await
    }

    /// As [`Self::fetch`], for a caller that was allowed this host alone: redirects are followed on it, with or without
    /// `www.` before its name.
    ///
    /// # Errors
    /// As [`Self::fetch`]; [`Error::LeadsElsewhere`].
    pub async fn fetch_on_host(&self, url: &str) -> Result<Fetched, Error> {
        self.fetch_within(url, &[], true).await
    }

    /// As [`Self::fetch`], for a caller that vouches for further origins, such as that of the server that named the
    /// address.
    ///
    /// # Errors
    /// As [`Self::fetch`].
    pub async fn fetch_from(&self, url: &str, origins: &[String]) -> Result<Fetched, Error> {
        self.fetch_within(url, origins, false).await
    }

    async fn fetch_within(
        &self,
        url: &str,
        origins: &[String],
        stays_on_host: bool,
    ) -> Result<Fetched, Error> {
        let limits = BodyLimits {
            bytes: self.options.max_bytes,
            timeout: self.options.timeout,
            deadline: Instant::now() + self.options.timeout,
        };
        let late = || Error::TimedOut {
            url: url.to_owned(),
            limit: limits.timeout,
        };
        let response = timeout_at(limits.deadline, self.follow(url, origins, stays_on_host))
            .await
            .map_err(|_| late())??;
        Fetched::new(response, limits).await
    }

    async fn follow(
        &self,
        start: &str,
        origins: &[String],
        stays_on_host: bool,
    ) -> Result<Response, Error> {
        let mut url = parse(start)?;
        for _ in 0..=self.options.max_redirects {
            let response = self.ask(&url, origins).await?;
            let status = response.status();
            if status.is_success() {
                return Ok(response);
            }
            let next = response
                .headers()
                .get("location")
                .and_then(|value| value.to_str().ok());
            match next {
                Some(next) if status.is_redirection() => {
                    let joined = url.join(next).map_err(|_| bad(next, "is no address"))?;
                    let next = checked(joined)?;
                    if stays_on_host && host_of(&next) != host_of(&url) {
                        return Err(Error::LeadsElsewhere {
                            url: url.into(),
                            to: next.into(),
                        });
                    }
                    url = next;
                }
                _ => {
                    return Err(Error::Status {
                        url: url.to_string(),
                        status: status.as_u16(),
                    });
                }
            }
        }
        Err(Error::TooManyRedirects {
            url: start.to_owned(),
            limit: self.options.max_redirects,
        })
    }

    /// Asks one address, at the addresses that its host was found to have.
    async fn ask(&self, url: &Url, origins: &[String]) -> Result<Response, Error> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let addresses = self.addresses(url, &host).await?;
        let origin = url.origin().ascii_serialization();
        let is_origin =
            |allowed: &String| allowed.trim_end_matches('/').eq_ignore_ascii_case(&origin);
        let is_allowed = self.options.allow_private
            || self.options.allowed_origins.iter().any(is_origin)
            || origins.iter().any(is_origin);
        // One private address among public ones is enough to be led there.
        if let Some(private) = addresses
            .iter()
            .find(|address| !is_public(**address))
            .filter(|_| !is_allowed)
        {
            return Err(Error::Private {
                host,
                address: *private,
            });
        }
        let failed = |error: reqwest::Error| Error::Failed {
            url: url.to_string(),
            why: root_cause(&error),
        };
        let port = url.port_or_known_default().unwrap_or(80);
        let addresses: Vec<SocketAddr> = addresses
            .into_iter()
            .map(|address| SocketAddr::new(address, port))
            .collect();
        // A client for this hop alone: it knows no other addresses of the host than those.
        let builder = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .pool_max_idle_per_host(0)
            .resolve_to_addrs(&host, &addresses)
            .user_agent(concat!("lorekeep/", env!("CARGO_PKG_VERSION")));
        let builder = match url.scheme() {
            "https" => builder,
            // Works where there are no certificates at all.
            _ => builder.tls_certs_only([]),
        };
        let client = builder.build().map_err(failed)?;
        client
            .get(url.clone())
            .header("accept", "*/*")
            .send()
            .await
            .map_err(failed)
    }

    /// The addresses of a host, which is found once.
    async fn addresses(&self, url: &Url, host: &str) -> Result<Vec<IpAddr>, Error> {
        // Whatever it was written as (decimal, hexadecimal, octal), the host of a URL is the address.
        let literal = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = literal.parse() {
            return Ok(vec![address]);
        }
        let missing = || Error::Unresolved {
            host: host.to_owned(),
        };
        if url.cannot_be_a_base() || host.is_empty() {
            return Err(missing());
        }
        let found = self.resolver.resolve(host).await.map_err(|_| missing())?;
        match found.is_empty() {
            true => Err(missing()),
            false => Ok(found),
        }
    }
}

/// The host of an address, which is the same with and without `www.`.
fn host_of(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    host.strip_prefix("www.").unwrap_or(host)
}

fn bad(url: &str, why: &'static str) -> Error {
    let end = url.floor_char_boundary(200.min(url.len()));
    Error::BadUrl {
        url: url[..end].to_owned(),
        why,
    }
}

fn parse(url: &str) -> Result<Url, Error> {
    let parsed = Url::parse(url.trim()).map_err(|_| bad(url, "is no address"))?;
    checked(parsed)
}

fn checked(url: Url) -> Result<Url, Error> {
    match url.scheme() {
        "http" | "https" => {}
        _ => return Err(bad(url.as_str(), "is neither `http` nor `https`")),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad(
            url.host_str().unwrap_or_default(),
            "is given with a name or password",
        ));
    }
    Ok(url)
}
