//! What is fetched and what isn't, with real servers and made-up addresses of hosts.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, TcpListener};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fetch::{Error, FetchOptions, Fetcher, HostResolver, Resolving, is_public, media_type};

/// A server that answers requests with what `answer` makes of their paths. Returns its port, and the paths that
/// were asked for.
fn server(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let asked = Arc::<Mutex<Vec<String>>>::default();
    let seen = Arc::clone(&asked);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 4_096];
            let read = stream.read(&mut head).unwrap_or(0);
            let head = String::from_utf8_lossy(&head[..read]).into_owned();
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let bytes = answer(&path);
            seen.lock().expect("no panic").push(path);
            let _ = stream.write_all(&bytes);
        }
    });
    (port, asked)
}

fn ok(body: &[u8]) -> Vec<u8> {
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )
    .into_bytes();
    answer.extend(body);
    answer
}

fn redirect(to: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    .into_bytes()
}

/// Gives hosts the addresses of a list, the next one each time it is asked.
struct ListedHosts {
    hosts: HashMap<&'static str, Vec<&'static str>>,
    times: AtomicUsize,
}

impl ListedHosts {
    fn new(hosts: &[(&'static str, &[&'static str])]) -> Arc<Self> {
        let hosts = hosts
            .iter()
            .map(|(host, addresses)| (*host, addresses.to_vec()))
            .collect();
        Arc::new(Self {
            hosts,
            times: AtomicUsize::new(0),
        })
    }
}

impl HostResolver for ListedHosts {
    fn resolve<'a>(&'a self, host: &'a str) -> Resolving<'a> {
        Box::pin(async move {
            let time = self.times.fetch_add(1, Ordering::Relaxed);
            let listed = self
                .hosts
                .get(host)
                .ok_or_else(|| std::io::Error::other("no such host"))?;
            let address = listed[time.min(listed.len() - 1)];
            let all = address
                .split(' ')
                .map(|one| one.parse::<IpAddr>().expect("an address"));
            Ok(all.collect())
        })
    }
}

fn allowing(origins: &[String]) -> FetchOptions {
    FetchOptions {
        allowed_origins: origins.to_vec(),
        timeout: Duration::from_secs(20),
        ..FetchOptions::default()
    }
}

#[tokio::test]
async fn private_addresses_are_refused_however_they_are_written() {
    let (port, asked) = server(|_| ok(b"secret"));
    let fetcher = Fetcher::new(FetchOptions::default());
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "0.0.0.0",
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "[fe80::1]",
        "[fd00::1]",
        "[fec0::1]",
    ] {
        let failed = fetcher.fetch(&format!("http://{host}:{port}/")).await;
        assert!(
            matches!(failed, Err(Error::Private { .. })),
            "{host}: {failed:?}"
        );
    }
    for url in [
        "file:///etc/passwd",
        "ftp://example.org/",
        "http://a:b@example.org/",
        "nothing",
        "http://",
    ] {
        let failed = fetcher.fetch(url).await;
        assert!(
            matches!(failed, Err(Error::BadUrl { .. })),
            "{url}: {failed:?}"
        );
    }
    assert!(asked.lock().expect("no panic").is_empty());
}

#[tokio::test]
async fn each_redirect_is_looked_at_by_itself() {
    let (inner, asked_inside) = server(|_| ok(b"secret"));
    let targets = [
        "http://169.254.169.254/latest".to_owned(),
        format!("http://[::1]:{inner}/"),
        format!("http://127.0.0.1:{inner}/"),
        format!("http://inside.test:{inner}/"),
        format!("//127.0.0.1:{inner}/"),
        "file:///etc/passwd".to_owned(),
    ];
    for target in targets {
        let to = target.clone();
        let (port, _) = server(move |_| redirect(&to));
        let origin = format!("http://outside.test:{port}");
        let hosts = ListedHosts::new(&[
            ("outside.test", &["127.0.0.1"]),
            ("inside.test", &["127.0.0.1"]),
        ]);
        let fetcher = Fetcher::with_resolver(allowing(&[]), hosts);
        let failed = fetcher
            .fetch_from(&format!("{origin}/"), std::slice::from_ref(&origin))
            .await;
        assert!(
            matches!(failed, Err(Error::Private { .. } | Error::BadUrl { .. })),
            "{target}: {failed:?}"
        );
    }
    assert!(asked_inside.lock().expect("no panic").is_empty());
    let (port, asked) = server(|_| redirect("/again"));
    let origin = format!("http://127.0.0.1:{port}");
    let failed = Fetcher::new(allowing(std::slice::from_ref(&origin)))
        .fetch(&origin)
        .await;
    assert!(
        matches!(failed, Err(Error::TooManyRedirects { limit: 5, .. })),
        "{failed:?}"
    );
    assert_eq!(asked.lock().expect("no panic").len(), 6);
}

#[tokio::test]
async fn a_host_that_has_another_address_the_next_time_is_asked_where_it_was_looked_at() {
    let (port, _) = server(|_| ok(b"here"));
    // Nothing answers at the second address.
    let hosts = ListedHosts::new(&[("twice.test", &["127.0.0.1", "127.0.0.99"])]);
    let origin = format!("http://twice.test:{port}");
    let fetcher = Fetcher::with_resolver(
        allowing(std::slice::from_ref(&origin)),
        Arc::clone(&hosts) as Arc<dyn HostResolver>,
    );
    let fetched = fetcher
        .fetch(&format!("{origin}/x"))
        .await
        .expect("it is fetched");
    assert_eq!(fetched.bytes().await.expect("all of it"), b"here");
    assert_eq!(hosts.times.load(Ordering::Relaxed), 1);
    // A private address among public ones.
    let hosts = ListedHosts::new(&[("mixed.test", &["8.8.8.8 127.0.0.1"])]);
    let failed = Fetcher::with_resolver(allowing(&[]), hosts)
        .fetch(&format!("http://mixed.test:{port}/"))
        .await;
    assert!(matches!(failed, Err(Error::Private { .. })), "{failed:?}");
    let failed = Fetcher::with_resolver(allowing(&[]), ListedHosts::new(&[]))
        .fetch("http://gone.test/")
        .await;
    assert!(
        matches!(failed, Err(Error::Unresolved { .. })),
        "{failed:?}"
    );
}

#[tokio::test]
async fn size_is_limited_whether_it_is_announced_or_not() {
    let (port, _) = server(|path| match path {
        "/told" => b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n".to_vec(),
        "/untold" => [
            &b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"[..],
            &[b'x'; 5_000],
        ]
        .concat(),
        "/missing" => {
            b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec()
        }
        _ => ok(b"\x89PNG\r\n\x1a\n rest"),
    });
    let origin = format!("http://127.0.0.1:{port}");
    let options = FetchOptions {
        max_bytes: 4_000,
        ..allowing(std::slice::from_ref(&origin))
    };
    let fetcher = Fetcher::new(options);
    let told = fetcher.fetch(&format!("{origin}/told")).await;
    assert!(
        matches!(told, Err(Error::TooLarge { limit: 4_000, .. })),
        "{told:?}"
    );
    let untold = match fetcher.fetch(&format!("{origin}/untold")).await {
        Ok(beginning) => beginning.bytes().await,
        Err(error) => Err(error),
    };
    assert!(matches!(untold, Err(Error::TooLarge { .. })), "{untold:?}");
    let missing = fetcher.fetch(&format!("{origin}/missing")).await;
    assert!(
        matches!(missing, Err(Error::Status { status: 404, .. })),
        "{missing:?}"
    );
    let picture = fetcher
        .fetch(&format!("{origin}/picture.txt"))
        .await
        .expect("it is fetched");
    assert_eq!(picture.media_type(), "image/png");
    assert!(picture.final_url().ends_with("/picture.txt"));
}

#[test]
fn addresses_and_types_are_told_apart() {
    for address in [
        "8.8.8.8",
        "1.1.1.1",
        "2606:4700::1111",
        "2a00:1450::1",
        "2002:808:808::1",
    ] {
        assert!(is_public(address.parse().expect("an address")), "{address}");
    }
    for address in [
        "198.18.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "255.255.255.255",
        "2001:db8::1",
        "ff02::1",
        "2001::1",
        "::",
    ] {
        assert!(
            !is_public(address.parse().expect("an address")),
            "{address}"
        );
    }
    for (head, expected) in [
        (
            &b"#EXTM3U\n#EXT-X-VERSION:3"[..],
            "application/vnd.apple.mpegurl",
        ),
        (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
        (b"\0\0\0\x20ftypisom", "video/mp4"),
        (b" <!DOCTYPE html>", "text/html"),
        (b"<svg xmlns", "image/svg+xml"),
        (b"{\"a\": 1}", "application/json"),
        (b"words", "text/plain"),
        (b"\xfe\xff\0", "application/octet-stream"),
    ] {
        assert_eq!(media_type(head), expected);
    }
}
