//! `lorekeep knowledge` as a process, over HTTP, and what reads its documents.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Stdio;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::Value;

use crate::serve_client::{HttpServer, new_key};
use crate::support::{Home, path};

const MANUAL: &str = "# Ferry manual\n\nHow the ferry works.\n\n## Tickets\n\nA return ticket costs 14 marks.\n\n\
                      ## Gales\n\nAbove force nine the crossing is cancelled and a black ball is raised.\n";

/// A PDF whose pages have these content streams, packed or not.
fn pdf(streams: &[Vec<u8>], filter: &str) -> Vec<u8> {
    let mut out = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    let mut object = |out: &mut Vec<u8>, body: &[u8]| {
        places.push(out.len());
        out.extend(format!("{} 0 obj\n", places.len()).bytes());
        out.extend(body);
        out.extend(b"\nendobj\n");
    };
    object(&mut out, b"<< /Type /Catalog /Pages 2 0 R >>");
    let kids: Vec<String> = (0..streams.len())
        .map(|page| format!("{} 0 R", 4 + page * 2))
        .collect();
    let pages = format!(
        "<< /Type /Pages /Count {} /Kids [{}] >>",
        streams.len(),
        kids.join(" ")
    );
    object(&mut out, pages.as_bytes());
    object(
        &mut out,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    );
    for (page, stream) in streams.iter().enumerate() {
        let body = format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {} 0 R \
             /Resources << /Font << /F1 3 0 R >> >> >>",
            5 + page * 2
        );
        object(&mut out, body.as_bytes());
        let mut body = format!("<< /Length {}{filter} >>\nstream\n", stream.len()).into_bytes();
        body.extend(stream);
        body.extend(b"\nendstream");
        object(&mut out, &body);
    }
    let table = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1).bytes());
    for place in &places {
        out.extend(format!("{place:010} 00000 n \n").bytes());
    }
    let size = places.len() + 1;
    out.extend(
        format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n").bytes(),
    );
    out
}

fn line(text: &str) -> Vec<u8> {
    format!("BT /F1 11 Tf 1 0 0 1 72 700 Tm ({text}) Tj ET").into_bytes()
}

fn write_bytes(home: &Home, name: &str, bytes: &[u8]) -> String {
    let file = home.write(name, "");
    fs_err::write(&file, bytes).expect("a file");
    path(&file).to_owned()
}

#[test]
fn documents_are_added_found_with_their_places_and_removed_for_good() {
    let home = Home::with_conversations();
    let manual = home.write("docs/manual.md", MANUAL);
    let slides = pdf(
        &[
            line("Welcome aboard."),
            Vec::new(),
            line("The purser sells tickets."),
        ],
        "",
    );
    write_bytes(&home, "docs/slides.pdf", &slides);
    let docs = home.path().join("docs");
    let added = home.json(&[
        "knowledge",
        "add",
        path(&docs),
        "--project",
        "ferry",
        "--json",
    ]);
    let outcomes: Vec<&Value> = added["documents"]
        .as_array()
        .expect("a list")
        .iter()
        .collect();
    assert_eq!(outcomes.len(), 2, "{added}");
    assert_eq!(outcomes[0]["outcome"], "added");
    assert_eq!(outcomes[1]["document"]["pages"], 3);
    let problem = outcomes[1]["document"]["problems"][0]
        .as_str()
        .expect("a problem");
    assert!(problem.starts_with("no text layer on page 2"), "{problem}");

    let found = home.json(&["knowledge", "search", "black ball", "--json"]);
    let section = &found["sections"][0];
    assert_eq!(section["heading"], "Ferry manual › Gales", "{found}");
    assert_eq!(section["at"]["lines"], serde_json::json!([11, 11]));
    assert_eq!(section["fragment"], "gales");
    let found = home.json(&["knowledge", "search", "purser", "-p", "ferry", "--json"]);
    assert_eq!(found["sections"][0]["fragment"], "page=3", "{found}");
    home.run(&["knowledge", "search", "purser", "-p", "tides"])
        .expect(3);
    // What stands in documents wasn't said.
    home.run(&["search", "black ball", "-p", "all"]).expect(3);
    let recent = home.run(&["recent", "-p", "all"]).expect(0).stdout;
    assert!(!recent.contains("manual"), "{recent}");

    let again = home.json(&["knowledge", "add", path(&manual), "-p", "ferry", "--json"]);
    assert_eq!(again["documents"][0]["outcome"], "unchanged");
    home.write(
        "docs/manual.md",
        &MANUAL.replace("black ball", "red lantern"),
    );
    let again = home.json(&["knowledge", "reindex", "manual.md", "--json"]);
    assert_eq!(again["documents"][0]["outcome"], "replaced", "{again}");
    home.run(&["knowledge", "search", "\"black ball\""])
        .expect(3);
    home.run(&["knowledge", "search", "lantern"]).expect(0);
    home.run(&["verify"]).expect(0);

    let removed = home.json(&["knowledge", "remove", "manual.md", "--json"]);
    assert_eq!(removed["removed"][0]["sections"], 3, "{removed}");
    home.run(&["knowledge", "search", "lantern"]).expect(3);
    let run = home.run(&["knowledge", "remove", "manual.md"]).expect(3);
    assert!(run.stderr.contains("knowledge list"), "{run:?}");
    home.run(&["verify"]).expect(0);
}

#[test]
fn what_lies_in_a_characters_folder_is_its_knowledge() {
    let home = Home::new();
    home.write("lorekeep/data/characters/pilot/knowledge/gales.md", MANUAL);
    home.write("lorekeep/data/characters/pilot.toml", "name = \"Pilot\"\n");
    let read = home.json(&["knowledge", "reindex", "--json"]);
    assert_eq!(read["documents"][0]["document"]["owner"], "pilot", "{read}");
    home.run(&["knowledge", "search", "black ball", "--character", "pilot"])
        .expect(0);
    home.run(&["knowledge", "search", "black ball", "--character", "other"])
        .expect(3);
    let read = home.json(&["knowledge", "reindex", "--json"]);
    assert_eq!(
        read["documents"].as_array().map(Vec::len),
        Some(1),
        "{read}"
    );
    assert_eq!(read["documents"][0]["outcome"], "unchanged");
    let listed = home.json(&["character", "list", "--json"]);
    assert_eq!(
        listed["failures"].as_array().map(Vec::len),
        Some(0),
        "{listed}"
    );
}

#[test]
fn what_harms_its_reader_ends_with_a_reason_and_harms_nothing_else() {
    let home = Home::new();
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
    let megabyte = vec![b' '; 1 << 20];
    for _ in 0..600 {
        packed.write_all(&megabyte).expect("a packed stream");
    }
    let bomb = packed.finish().expect("a packed stream");
    let mut small = ZlibEncoder::new(Vec::new(), Compression::fast());
    small
        .write_all(&line("Before it."))
        .expect("a packed stream");
    let small = small.finish().expect("a packed stream");
    let file = write_bytes(
        &home,
        "bomb.pdf",
        &pdf(&[small, bomb], " /Filter /FlateDecode"),
    );
    let run = home.run(&["knowledge", "add", &file]).expect(1);
    assert!(
        run.stderr
            .contains("on page 2: it takes more than 256 MiB of memory"),
        "{run:?}"
    );
    let deep = format!("<html>{}deep", "<div>".repeat(5_000));
    let file = home.write("deep.html", &deep);
    let run = home.run(&["knowledge", "add", path(&file)]);
    assert!(matches!(run.code, Some(0 | 1)), "{run:?}");
    let file = write_bytes(&home, "x.docx", b"PK\x03\x04 is none");
    let run = home.run(&["knowledge", "add", &file]).expect(1);
    assert!(run.stderr.contains("is no ZIP archive"), "{run:?}");
    let file = write_bytes(&home, "x.txt", b"\x89PNG\r\n\x1a\n\0\0");
    let run = home.run(&["knowledge", "add", &file]).expect(1);
    assert!(
        run.stderr.contains("is no document but a picture"),
        "{run:?}"
    );
    home.run(&["knowledge", "add", "not-there.md"]).expect(1);
}

#[cfg(target_os = "linux")]
#[test]
fn what_reads_documents_can_open_nothing_and_has_limits() {
    let home = Home::new();
    let mut child = home
        .command()
        .args(["extract-document", "text", "64", "7"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let limits = format!("/proc/{}/limits", child.id());
    let limits = loop {
        let limits = fs_err::read_to_string(&limits).expect("limits");
        if limits
            .lines()
            .any(|line| line.starts_with("Max open files            0 "))
        {
            break limits;
        }
        assert!(
            child.try_wait().expect("a child").is_none(),
            "it waits for its document"
        );
        std::thread::yield_now();
    };
    let limit = |name: &str| {
        let line = limits
            .lines()
            .find(|line| line.starts_with(name))
            .expect("a limit");
        line[26..]
            .split_whitespace()
            .next()
            .expect("a number")
            .to_owned()
    };
    assert_eq!(limit("Max cpu time"), "7");
    assert_eq!(limit("Max file size"), "0");
    assert_ne!(limit("Max address space"), "unlimited");
    child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(b"One.\n\nTwo.")
        .expect("it reads");
    let mut out = String::new();
    child
        .stdout
        .take()
        .expect("a pipe")
        .read_to_string(&mut out)
        .expect("text");
    let records: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(records[1]["text"], "One.\n\nTwo.", "{out}");
    assert_eq!(records.last().expect("records")["record"], "done");
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn pages_that_were_read_before_a_limit_was_broken_are_kept() {
    let home = Home::new();
    let pack = |bytes: &[u8]| {
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(bytes).expect("a packed stream");
        packed.finish().expect("a packed stream")
    };
    let mut pages: Vec<Vec<u8>> = (1..40)
        .map(|page| pack(&line(&format!("The buoy of page {page}."))))
        .collect();
    pages.push(pack(&vec![b' '; 600 << 20]));
    let file = write_bytes(&home, "long.pdf", &pdf(&pages, " /Filter /FlateDecode"));
    let added = home.json(&["knowledge", "add", &file, "--json"]);
    let document = &added["documents"][0]["document"];
    assert_eq!(document["sections"], 39, "{added}");
    let problem = document["problems"][0].as_str().expect("a problem");
    assert!(
        problem.starts_with("the rest after page 39 can't be read on page 40: it takes more than"),
        "{problem}"
    );
}

/// A server that answers every request with a page; one for `declared` with a page that only its type tells.
fn page_server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = [0; 2_048];
            let read = stream.read(&mut head).unwrap_or_default();
            let is_declared = head[..read].starts_with(b"GET /declared");
            let (start, declared) = match is_declared {
                true => ("<p></p>", "Content-Type: text/html; charset=utf-8\r\n"),
                false => ("", ""),
            };
            let page = "<html><head><title>Tide table</title></head><body><h2 id=\"spring\">Spring tides</h2>\
                        <p>They come with the new moon.</p></body></html>";
            let answer = format!(
                "HTTP/1.1 200 OK\r\n{declared}Content-Length: {}\r\nConnection: close\r\n\r\n{start}{page}",
                start.len() + page.len()
            );
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    port
}

#[test]
fn what_cannot_be_added_is_named_once_with_what_to_do() {
    let home = Home::new();
    let empty = home.path().join("empty");
    fs_err::create_dir_all(&empty).expect("a folder");
    let picture = write_bytes(&home, "docs/seal.png", b"\x89PNG\r\n\x1a\n\0");
    let gone = home.path().join("gone.md");
    for (given, says, hint) in [
        (path(&empty), "has no documents in it", None),
        (&*picture, "is no document but a picture", Some("are read")),
        (
            path(&gone),
            "can't be read: ",
            Some("name a file, a folder"),
        ),
    ] {
        let run = home.run(&["knowledge", "add", given]).expect(1);
        assert_eq!(run.stderr.matches(given).count(), 1, "{run:?}");
        assert!(run.stderr.contains(says), "{run:?}");
        assert!(hint.is_none_or(|hint| run.stderr.contains(hint)), "{run:?}");
        let run = home.run(&["knowledge", "add", given, "--json"]).expect(1);
        let added: Value = serde_json::from_str(&run.stdout).expect("JSON");
        let failed = &added["documents"][0];
        assert_eq!(failed["outcome"], "failed", "{run:?}");
        let told = failed["hint"].as_str();
        assert!(
            told.unwrap_or_default().contains(hint.unwrap_or_default()),
            "{run:?}"
        );
    }
}

#[test]
fn addresses_are_fetched_unless_they_lead_into_private_networks() {
    let home = Home::new();
    let port = page_server();
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "localhost",
        "0.0.0.0",
    ] {
        let url = format!("http://{host}:{port}/tides.html");
        let run = home.run(&["knowledge", "add", &url]).expect(1);
        assert!(run.stderr.contains("no public address"), "{url}: {run:?}");
    }
    let run = home
        .run(&[
            "knowledge",
            "add",
            "http://169.254.169.254/latest/meta-data",
        ])
        .expect(1);
    assert!(run.stderr.contains("no public address"), "{run:?}");
    let url = format!("http://127.0.0.1:{port}/tides.html");
    let mut allowed = home.command();
    let run = crate::support::Run::of(allowed.env("KNOWLEDGE__PRIVATE_ADDRESSES", "true").args([
        "knowledge",
        "add",
        &url,
    ]));
    run.expect(0);
    let found = home.json(&["knowledge", "search", "new moon", "--json"]);
    assert_eq!(found["sections"][0]["name"], "Tide table", "{found}");
    assert_eq!(found["sections"][0]["fragment"], "spring");
}

#[test]
fn a_page_whose_address_ends_like_source_code_is_read_as_a_page() {
    let home = Home::new();
    let port = page_server();
    for place in ["wiki/Node.js", "index.php?id=3", "README.md", "declared.rs"] {
        let url = format!("http://127.0.0.1:{port}/{place}");
        let mut command = home.command();
        command.env("KNOWLEDGE__PRIVATE_ADDRESSES", "true").args([
            "knowledge",
            "add",
            &url,
            "--json",
        ]);
        let run = crate::support::Run::of(&mut command).expect(0);
        let added: Value = serde_json::from_str(&run.stdout).expect("JSON");
        let document = &added["documents"][0]["document"];
        assert_eq!(document["format"], "html", "{place}: {added}");
    }
}

#[test]
fn the_api_takes_reads_and_removes_documents() {
    let home = Home::new();
    let key = new_key(&home, &["chat"]);
    let roots = home.path().join("shared");
    home.write("shared/manual.md", MANUAL);
    home.write("private.md", MANUAL);
    let mut command = home.command();
    command
        .env("KNOWLEDGE__ROOTS", path(&roots))
        .env("KNOWLEDGE__MAX_MIB", "1")
        .args(["serve", "--addr", "127.0.0.1:0"]);
    let server = HttpServer::spawn(&mut command);
    let bearer = format!("Bearer {key}");
    let send = |method: &str, path: &str, kind: &str, body: &[u8]| {
        server.send(
            method,
            path,
            &[("authorization", &bearer), ("content-type", kind)],
            body,
        )
    };
    let json = "application/json";
    let upload = "/api/knowledge?name=..%2F..%2Fetc%2Fgales.md&project=ferry";
    let added = send(
        "POST",
        upload,
        "application/octet-stream",
        MANUAL.as_bytes(),
    )
    .expect(201)
    .json();
    let document = &added["documents"][0]["document"];
    assert_eq!(document["name"], "../../etc/gales.md");
    assert_eq!(document["origin"], "upload");
    let id = document["id"].as_str().expect("an id");
    let section = send("GET", &format!("/api/knowledge/{id}/sections/2"), json, b"")
        .expect(200)
        .json();
    assert_eq!(section["heading"], "Ferry manual › Gales");
    assert_eq!(section["place"], "line 11");
    send("GET", &format!("/api/knowledge/{id}/sections/3"), json, b"").expect(404);
    let found = send(
        "GET",
        "/api/knowledge?q=black+ball&project=ferry",
        json,
        b"",
    )
    .expect(200)
    .json();
    assert_eq!(found["sections"][0]["section"], 2, "{found}");

    // Refused by its announced length before anything is read, and once more while it comes.
    send(
        "POST",
        "/api/knowledge?name=big.md",
        "text/plain",
        &vec![b'x'; (1 << 20) + 1],
    )
    .expect(413);
    let chunk = format!("{:x}\r\n{}\r\n", 1 << 20, "x".repeat(1 << 20));
    let chunked = format!("{chunk}{chunk}0\r\n\r\n");
    let headers = [
        ("authorization", bearer.as_str()),
        ("transfer-encoding", "chunked"),
    ];
    let raw = raw_chunked(&server, &headers, &chunked);
    assert!(raw.starts_with("HTTP/1.1 413"), "{raw}");

    let by_path = |path: &str| {
        let body = serde_json::json!({"path": path, "character": "pilot"}).to_string();
        send("POST", "/api/knowledge", json, body.as_bytes())
    };
    by_path(path(&roots)).expect(201);
    by_path(path(&home.path().join("private.md"))).expect(400);
    by_path(&format!("{}/../private.md", path(&roots))).expect(400);
    by_path("/etc/passwd").expect(400);
    let body = br#"{"url": "http://169.254.169.254/"}"#;
    send("POST", "/api/knowledge", json, body).expect(400);
    let listed = send("GET", "/api/knowledge?character=pilot", json, b"")
        .expect(200)
        .json();
    assert_eq!(
        listed["documents"].as_array().map(Vec::len),
        Some(1),
        "{listed}"
    );
    send("DELETE", &format!("/api/knowledge/{id}"), json, b"").expect(200);
    send("GET", &format!("/api/knowledge/{id}"), json, b"").expect(404);
}

fn raw_chunked(server: &HttpServer, headers: &[(&str, &str)], body: &str) -> String {
    let mut head = format!(
        "POST /api/knowledge?name=big.md HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
        server.address
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let mut stream = server.connect();
    stream.write_all(head.as_bytes()).expect("the server reads");
    let _ = stream.write_all(body.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}
