//! The one form of the addresses of a git remote.

/// The transports of git that name another machine. What stands where a host would in a `file` URL is a
/// directory of this one.
const REMOTE_SCHEMES: [&str; 6] = ["https", "http", "ssh", "git", "git+ssh", "ssh+git"];

/// A remote's host and path, the same for its SSH and HTTPS forms, without user, port and secrets; `None`
/// where it isn't certain which host git reaches by it.
pub(super) fn normal_remote(url: &str) -> Option<String> {
    let url = url.trim();
    let (host, path) = match url.split_once("://") {
        Some((scheme, rest)) => {
            let scheme = scheme.to_ascii_lowercase();
            let (authority, path) = rest.split_once('/')?;
            // Git decodes escapes before it looks for the host, but for those that curl looks at.
            let is_decoded = !scheme.starts_with("http") && authority.contains('%');
            if is_decoded || !REMOTE_SCHEMES.contains(&scheme.as_str()) {
                return None;
            }
            let host = without_user(authority)?;
            let (host, port) = host.split_once(':').unwrap_or((host, ""));
            port.bytes()
                .all(|byte| byte.is_ascii_digit())
                .then_some((host, path))?
        }
        None => {
            // A local path is no identity that another clone would share.
            let (authority, path) = url.split_once(':')?;
            let host = without_user(authority)?;
            let is_drive = host.len() < 2;
            let has_helper = path.starts_with(':');
            (!is_drive && !has_helper).then_some((host, path))?
        }
    };
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    let path = path.trim_matches('/').trim_end_matches(".git");
    if host.is_empty() || !host.bytes().all(is_name) || path.is_empty() {
        return None;
    }
    Some(format!("{}/{path}", host.to_ascii_lowercase()))
}

/// The host, with its port, behind a user and password. These may not hold what ends the host for git,
/// ssh or curl (RFC 3986, section 3.2): `https://evil.example#@github.com/a/b` reaches `evil.example`.
fn without_user(authority: &str) -> Option<&str> {
    let Some((user, host)) = authority.rsplit_once('@') else {
        return Some(authority);
    };
    let ends_host = |c: char| "/\\?#[]@".contains(c) || c.is_whitespace() || c.is_control();
    (!user.contains(ends_host)).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_one_remote_are_one_project() {
        for url in [
            "git@github.com:acme/shop.git",
            "https://github.com/acme/shop",
            "ssh://git@GitHub.com:22/acme/shop.git/",
            "https://user:secret@github.com/acme/shop.git",
            "https://github.com:443/acme/shop",
            "github.com:acme/shop.git",
        ] {
            assert_eq!(
                normal_remote(url).as_deref(),
                Some("github.com/acme/shop"),
                "{url}"
            );
        }
        assert_eq!(normal_remote("/srv/git/shop.git"), None);
        assert_eq!(normal_remote("C:\\repos\\shop"), None);
        assert_eq!(normal_remote("C:/repos/shop"), None);
        assert_eq!(normal_remote("file:///srv/git/shop.git"), None);
        assert_eq!(normal_remote("../shop"), None);
        let scoped = normal_remote("https://example.org/@acme/shop");
        assert_eq!(scoped.as_deref(), Some("example.org/@acme/shop"));
    }

    #[test]
    fn a_remote_of_another_host_cannot_claim_this_one() {
        for url in [
            "https://evil.example#@github.com/acme/shop",
            "https://evil.example?@github.com/acme/shop",
            "https://evil.example\\@github.com/acme/shop",
            "https://a@evil.example@github.com/acme/shop",
            "ssh://evil.example%2Fx@github.com/acme/shop",
            "ssh://evil.example%5b@github.com/acme/shop",
            "ssh://[evil.example]x@github.com/acme/shop",
            "[evil.example]x@github.com:acme/shop",
            "evil.example/x@github.com:acme/shop",
            "https://github.com:@evil.example:x/acme/shop",
            "evil.example:x://github.com/acme/shop",
            "file://github.com/acme/shop",
            "ext::x://github.com/acme/shop",
            "github.com::acme/shop",
        ] {
            assert_eq!(normal_remote(url), None, "{url}");
        }
        let escaped = normal_remote("https://ada%40example.org:pass@github.com/acme/shop");
        assert_eq!(escaped.as_deref(), Some("github.com/acme/shop"));
    }
}
