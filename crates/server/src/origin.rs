//! `Host` and `Origin`: a page of another site must not reach this server through a browser, whatever name
//! it makes point here (DNS rebinding).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use axum::body::Body;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, HOST, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri};

use crate::api_error::ApiError;
use crate::options::{Authentication, ServerOptions};
use crate::server_error::ServerError;

/// Refuses options that would let other sites in, or everybody.
pub(crate) fn check_options(options: &ServerOptions) -> Result<(), ServerError> {
    let refused = |what: String, hint| Err(ServerError::Unsafe { what, hint });
    let is_loopback = options.address.ip().is_loopback();
    if options.authentication == Authentication::None && !is_loopback {
        let what = format!(
            "`{}` can be reached from other machines, so the server needs authentication",
            options.address
        );
        return refused(
            what,
            "leave out `--no-auth` (`SERVER__AUTH=none`), or listen on 127.0.0.1",
        );
    }
    if options.are_metrics_open && !is_loopback {
        let what = "metrics without a key are for loopback only".to_owned();
        return refused(what, "give Prometheus a key, or listen on 127.0.0.1");
    }
    let is_wildcard = |origin: &String| origin == "*";
    if options.cors_credentials && options.cors_origins.iter().any(is_wildcard) {
        let what = "CORS: `*` together with credentials lets every site act as you".to_owned();
        return refused(what, "name the origins");
    }
    for origin in options
        .cors_origins
        .iter()
        .filter(|origin| !is_wildcard(origin))
    {
        if origin_authority(origin).is_none() || HeaderValue::from_str(origin).is_err() {
            let what = format!("`{origin}` is no origin such as `https://tools.example.org`");
            return Err(ServerError::BadOption(what));
        }
    }
    if let Some(host) = options
        .hosts
        .iter()
        .find(|host| host.is_empty() || host.contains('/'))
    {
        return Err(ServerError::BadOption(format!("`{host}` is no host name")));
    }
    Ok(())
}

/// Refuses a request whose `Host` isn't a name of this server.
pub(crate) fn check_host(
    headers: &HeaderMap,
    uri: &Uri,
    options: &ServerOptions,
) -> Result<(), ApiError> {
    let mut hosts = headers.get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok(),
        (None, _) => None,
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid("host", "a request has one `Host`"));
        }
    };
    let Some(host) = host.filter(|host| !host.is_empty()) else {
        return Err(ApiError::invalid("host", "a request has a `Host`"));
    };
    if uri
        .authority()
        .is_some_and(|authority| authority.as_str() != host)
    {
        return Err(ApiError::invalid("host", "`Host` and the URL differ"));
    }
    let name = host_name(host);
    if is_own_name(&name, options) {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::MISDIRECTED_REQUEST,
        "unknown_host",
        "this server isn't known by the name in `Host`",
    )
    .at("host")
    .hint("names that it is reached by stand in the setting `server.allowed_hosts`"))
}

fn is_own_name(name: &str, options: &ServerOptions) -> bool {
    if name.eq_ignore_ascii_case("localhost") {
        return true;
    }
    if options
        .hosts
        .iter()
        .any(|own| host_name(own).eq_ignore_ascii_case(name))
    {
        return true;
    }
    let Ok(address) = name.trim_matches(['[', ']']).parse::<IpAddr>() else {
        return false;
    };
    let is_loopback = address == Ipv4Addr::LOCALHOST || address == Ipv6Addr::LOCALHOST;
    let listens = options.address.ip();
    is_loopback || address == listens || !listens.is_loopback()
}

/// The name in a `Host`, without its port.
fn host_name(host: &str) -> String {
    let end = match host.rfind(']') {
        Some(end) => end + 1,
        None => host.find(':').unwrap_or(host.len()),
    };
    host[..end].trim_end_matches('.').to_ascii_lowercase()
}

/// `host:port` of an origin.
fn origin_authority(origin: &str) -> Option<&str> {
    let rest = origin
        .strip_prefix("http://")
        .or_else(|| origin.strip_prefix("https://"))?;
    let is_plain = !rest.is_empty() && !rest.contains(['/', '?', '#', '@', ' ']);
    is_plain.then_some(rest)
}

/// Where a page is that sends a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RequestOrigin {
    /// No page of another site, or no page at all.
    Own,
    /// A page of a site that the options allow; with the value for the response, and whether it may send
    /// cookies.
    Allowed(HeaderValue, bool),
}

/// Refuses a request of another site's page that isn't allowed.
pub(crate) fn check_origin(
    headers: &HeaderMap,
    options: &ServerOptions,
) -> Result<RequestOrigin, ApiError> {
    let mut origins = headers.get_all(ORIGIN).iter();
    let origin = match (origins.next(), origins.next()) {
        (None, _) => return Ok(RequestOrigin::Own),
        (Some(origin), None) => origin.to_str().unwrap_or_default(),
        (Some(_), Some(_)) => {
            return Err(ApiError::invalid("origin", "a request has one `Origin`"));
        }
    };
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    if let (Some(authority), Some(host)) = (origin_authority(origin), host)
        && is_same_authority(origin, authority, host)
    {
        return Ok(RequestOrigin::Own);
    }
    let is_listed = |listed: &String| listed.eq_ignore_ascii_case(origin);
    if options.cors_origins.iter().any(is_listed)
        && let Ok(value) = HeaderValue::from_str(origin)
    {
        return Ok(RequestOrigin::Allowed(value, options.cors_credentials));
    }
    if options.cors_origins.iter().any(|listed| listed == "*") {
        return Ok(RequestOrigin::Allowed(HeaderValue::from_static("*"), false));
    }
    Err(
        ApiError::forbidden("pages of this origin may not use the server")
            .at("origin")
            .hint("origins that may use it stand in the setting `server.cors`"),
    )
}

/// Whether a page's origin is the host that it asks; a port that is the scheme's own may be left out.
fn is_same_authority(origin: &str, authority: &str, host: &str) -> bool {
    let default_port = if origin.starts_with("https") {
        ":443"
    } else {
        ":80"
    };
    let without = |text: &str| {
        let text = text.strip_suffix(default_port).unwrap_or(text);
        text.to_ascii_lowercase()
    };
    without(authority) == without(host)
}

/// Whether a request asks what another site's page may send (a preflight).
pub(crate) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    method == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// What another site's page may send.
pub(crate) fn preflight_response() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    for (name, value) in [
        (
            ACCESS_CONTROL_ALLOW_METHODS,
            "GET, HEAD, POST, PUT, PATCH, DELETE",
        ),
        (
            ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, x-api-key, content-type, if-match, last-event-id, x-request-id, \
             x-lorekeep, mcp-session-id, mcp-protocol-version, openai-organization, openai-beta",
        ),
        (ACCESS_CONTROL_MAX_AGE, "600"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Lets the page that asked read a response.
pub(crate) fn allow(origin: &RequestOrigin, headers: &mut HeaderMap) {
    headers.append(VARY, HeaderValue::from_static("Origin"));
    let RequestOrigin::Allowed(value, credentials) = origin else {
        return;
    };
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, value.clone());
    if *credentials {
        headers.insert(
            ACCESS_CONTROL_ALLOW_CREDENTIALS,
            HeaderValue::from_static("true"),
        );
    }
    let exposed = "etag, location, retry-after, x-request-id, mcp-session-id";
    headers.insert(
        ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(exposed),
    );
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use memory::Clock;

    use super::*;

    fn options(address: &str) -> ServerOptions {
        let dir = PathBuf::new;
        let clock = Clock(|| std::time::UNIX_EPOCH);
        let address = address.parse().expect("an address");
        ServerOptions::new(address, dir(), dir(), dir(), clock, || {
            jiff::Timestamp::UNIX_EPOCH.to_zoned(jiff::tz::TimeZone::UTC)
        })
    }

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        let value = |text: &str| HeaderValue::from_str(text).expect("a value");
        let mut headers = HeaderMap::new();
        for (name, text) in pairs {
            headers.append(name.clone(), value(text));
        }
        headers
    }

    #[test]
    fn only_own_names_are_served() {
        let mut local = options("127.0.0.1:7860");
        local.hosts = vec!["notes.example.org".into()];
        let uri = Uri::from_static("/");
        let is_served = |host: &str, options: &ServerOptions| {
            check_host(&headers(&[(HOST, host)]), &uri, options).is_ok()
        };
        for host in [
            "localhost:7860",
            "127.0.0.1",
            "[::1]:7860",
            "LOCALHOST",
            "Notes.example.org:1",
        ] {
            assert!(is_served(host, &local), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.nip.io",
            "10.0.0.1",
            "",
        ] {
            assert!(!is_served(host, &local), "{host}");
        }
        let open = options("0.0.0.0:7860");
        assert!(is_served("10.0.0.1:7860", &open));
        assert!(!is_served("evil.example", &open));
        let two = headers(&[(HOST, "localhost"), (HOST, "localhost")]);
        assert!(check_host(&two, &uri, &local).is_err());
        assert!(check_host(&HeaderMap::new(), &uri, &local).is_err());
        let absolute = Uri::from_static("http://evil.example/");
        assert!(check_host(&headers(&[(HOST, "localhost")]), &absolute, &local).is_err());
    }

    #[test]
    fn pages_of_other_sites_are_refused_unless_listed() {
        let mut local = options("127.0.0.1:7860");
        local.cors_origins = vec!["https://tools.example.org".into()];
        let of = |origin: &str| {
            let headers = headers(&[(HOST, "localhost:7860"), (ORIGIN, origin)]);
            check_origin(&headers, &local)
        };
        assert_eq!(
            of("http://localhost:7860").expect("own"),
            RequestOrigin::Own
        );
        assert!(matches!(
            of("https://tools.example.org").expect("listed"),
            RequestOrigin::Allowed(_, false)
        ));
        for origin in [
            "http://localhost:7861",
            "https://evil.example",
            "null",
            "http://localhost",
        ] {
            assert_eq!(
                of(origin).expect_err(origin).status(),
                StatusCode::FORBIDDEN
            );
        }
    }

    #[test]
    fn unsafe_options_are_refused() {
        let mut open = options("0.0.0.0:7860");
        check_options(&open).expect("keys are asked for");
        open.authentication = Authentication::None;
        assert!(check_options(&open).is_err());
        let mut local = options("127.0.0.1:7860");
        local.authentication = Authentication::None;
        local.cors_origins = vec!["*".into()];
        check_options(&local).expect("no credentials are sent");
        local.cors_credentials = true;
        assert!(check_options(&local).is_err());
    }
}
