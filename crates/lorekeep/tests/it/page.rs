//! The page's files over HTTP: caching, encodings, policies, places, and paths that lead nowhere. Without a built page
//! (`web/dist`) only what stands in for it can be tried.

use std::path::Path;

use crate::serve_client::{HttpAnswer, HttpServer};
use crate::support::Home;

/// The names of the files in the built page's folder of hashed files; nothing if it isn't built.
fn hashed_files() -> Vec<String> {
    let assets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/dist/assets");
    let Ok(entries) = fs_err::read_dir(assets) else {
        return Vec::new();
    };
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    names
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

fn get(server: &HttpServer, path: &str, headers: &[(&str, &str)]) -> HttpAnswer {
    server.send("GET", path, headers, b"")
}

#[test]
fn files_are_kept_by_browsers_as_their_names_allow() {
    let home = Home::new();
    let server = HttpServer::start(&home);
    let files = hashed_files();
    let Some(script) = files
        .iter()
        .find(|name| name.starts_with("shared-") && name.ends_with(".js"))
    else {
        return assert!(server.get("/", None).text().contains("make web"));
    };
    let path = format!("/assets/{script}");
    let plain = get(&server, &path, &[]).expect(200);
    assert_eq!(
        plain.header("cache-control"),
        Some("public, max-age=31536000, immutable")
    );
    assert_eq!(
        plain.header("content-type"),
        Some("text/javascript; charset=utf-8")
    );
    assert_eq!(plain.header("content-encoding"), None);
    for (accepted, coding) in [
        ("gzip, deflate, br", Some("br")),
        ("gzip", Some("gzip")),
        ("br;q=0, gzip;q=0.5", Some("gzip")),
        ("identity", None),
    ] {
        let answer = get(&server, &path, &[("accept-encoding", accepted)]).expect(200);
        assert_eq!(answer.header("content-encoding"), coding, "{accepted}");
        let vary = answer
            .header("vary")
            .unwrap_or_default()
            .to_ascii_lowercase();
        assert!(vary.contains("accept-encoding"), "{vary}");
        assert_eq!(answer.body.len() < plain.body.len(), coding.is_some());
    }
    // A script that isn't there is no page: a browser would keep HTML as a script.
    let missing = get(
        &server,
        "/assets/shared-older000.js",
        &[("accept", "text/html")],
    )
    .expect(404);
    assert_eq!(missing.header("cache-control"), Some("no-store"));
    for name in [
        "/sw.js",
        "/manifest.webmanifest",
        "/icon.svg",
        "/icon-192.png",
    ] {
        let answer = get(&server, name, &[]).expect(200);
        assert_eq!(answer.header("cache-control"), Some("no-cache"), "{name}");
    }
}

#[test]
fn each_place_has_the_page_with_the_way_to_its_root() {
    let home = Home::new();
    home.write("lorekeep/config.toml", "[server]\nbase_path = \"/chat/\"\n");
    let server = HttpServer::start(&home);
    if hashed_files().is_empty() {
        get(&server, "/memory", &[]).expect(404);
        return;
    }
    for (path, root) in [
        ("/", "./"),
        ("/chat/", "./"),
        ("/chat/chat", "./"),
        ("/chat/chat/a-conversation", "../"),
        ("/chat/memory/a/b", "../../"),
        ("/settings", "./"),
        // A proxy took the base path off, and what is left begins as it does.
        ("/chat/a-conversation", "../"),
    ] {
        let page = get(&server, path, &[]).expect(200);
        assert!(
            page.text().contains(&format!("<base href=\"{root}\">")),
            "{path}"
        );
        let policy = page.header("content-security-policy").expect("a policy");
        for part in [
            "require-trusted-types-for 'script'",
            "script-src 'self';",
            "style-src 'self';",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(
            !policy.contains("unsafe") && !policy.contains("http"),
            "{policy}"
        );
    }
    let first = get(&server, "/", &[]).expect(200);
    let tag = first.header("etag").expect("a tag").to_owned();
    assert_eq!(first.header("cache-control"), Some("no-cache"));
    let again = get(&server, "/", &[("if-none-match", &tag)]).expect(304);
    assert!(again.body.is_empty());
    server.send("POST", "/settings", &[], b"").expect(404);
}

#[test]
fn previews_have_a_document_that_reaches_nothing() {
    let home = Home::new();
    let server = HttpServer::start(&home);
    let answer = get(&server, "/preview.html", &[]).expect(200);
    assert_eq!(
        answer.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    let policy = answer
        .header("content-security-policy")
        .expect("a policy")
        .to_owned();
    assert!(
        policy.starts_with("sandbox allow-scripts; default-src 'none'"),
        "{policy}"
    );
    for never in ["allow-same-origin", "connect-src", "http:", "https:"] {
        assert!(!policy.contains(never), "{policy}");
    }
}

#[test]
fn no_path_leads_out_of_the_page() {
    let home = Home::new();
    let server = HttpServer::start(&home);
    for path in [
        "/../Cargo.toml",
        "/assets/../../../Cargo.toml",
        "/assets/..%2f..%2fpackage.json",
        "/%2e%2e/package.json",
        "/assets//etc/hostname",
        "/assets/",
        "/index.html",
        "/package.json",
        "/nowhere",
    ] {
        get(&server, path, &[]).expect(404);
    }
}
