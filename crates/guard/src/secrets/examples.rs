//! An example of every rule of secrets, made when it is needed, so that no file holds what looks like a
//! secret: for properties that must hold whatever the rule is.

use super::{command, header, keys, kubernetes, named, pem, shape};

/// A text for every rule, each with a value that `choose` chooses: it is given a number and returns a
/// smaller one. Most are found; a value may by chance be one that a rule leaves alone.
#[doc(hidden)]
#[must_use]
pub fn examples(choose: &mut dyn FnMut(usize) -> usize) -> Vec<String> {
    let mut out = Vec::new();
    for key in keys::all() {
        out.push(shape::make(key.shape, choose, 0));
    }
    for named in named::all() {
        let value = shape::make(named.shape, choose, 0);
        let name = named.names.first().copied().unwrap_or_default();
        out.push(format!("{}_token=\"{value}\"", name.replace(' ', "_")));
    }
    let mut random = |least: usize| {
        let length = least + choose(least);
        letters(length, WORD_ALPHABET, choose)
    };
    for name in [
        "password",
        "db_passwd",
        "client_secret",
        "API_KEY",
        "access token",
        "пароль",
    ] {
        out.push(format!("{name}=\"{}\"", random(16)));
        out.push(format!("{name}: {}\n", random(20)));
        out.push(format!("--{name} {} ", random(18)));
        out.push(format!("the {name} is {}. ", random(9)));
        out.push(format!("<{name}>{}</{name}>", random(12)));
    }
    out.push(format!("https://h.example.org/x?v=1&sig={} ", random(24)));
    out.push(format!("requests.get(auth=('bob', '{}'))", random(9)));
    for scheme in header::HEADER_SCHEMES {
        out.push(format!("{scheme}{} ", random(22)));
    }
    for command in command::COMMAND_RULES {
        let flag = command.flags.first().copied().unwrap_or_default();
        let blank = if command.apart { " " } else { "" };
        let user = command.between.map_or(String::new(), |between| {
            format!("bob{}", char::from(between))
        });
        out.push(format!(
            "{} {flag}{blank}{user}{} x\n",
            command.program,
            random(9)
        ));
    }
    for scheme in ["https", "postgres", "redis"] {
        out.push(format!("{scheme}://bob:{}@db.example.org/x", random(9)));
    }
    out.push(format!("https://bob:{}@gems.contribsys.com/", random(9)));
    out.push(web_token(&random(24), &random(43)));
    out.push(format!(
        "{} and {}",
        shape::make("AKIA[B]{16}", choose, 0),
        letters(40, BASE64_ALPHABET, choose)
    ));
    out.extend(blocks(choose));
    out
}

const WORD_ALPHABET: &[u8] = b"abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const BASE64_ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/";

fn letters(length: usize, from: &[u8], choose: &mut dyn FnMut(usize) -> usize) -> String {
    (0..length)
        .map(|_| char::from(from[choose(from.len())]))
        .collect()
}

/// A token whose header names an algorithm: `{"alg":"HS256"}`.
fn web_token(claims: &str, signature: &str) -> String {
    format!(
        "{}hbGciOiJIUzI1NiJ9.eyJ{claims}.{signature}",
        super::jwt::TOKEN_START
    )
}

/// Private keys whole and cut, in lines and in strings, and Kubernetes secrets.
fn blocks(choose: &mut dyn FnMut(usize) -> usize) -> Vec<String> {
    let lines: Vec<String> = (0..4)
        .map(|_| letters(64, BASE64_ALPHABET, choose))
        .collect();
    let last = letters(1 + choose(60), BASE64_ALPHABET, choose);
    let value = letters(24, BASE64_ALPHABET, choose);
    let mut out = Vec::new();
    for feed in ["\n", "\\n", "\r\n", ""] {
        let body = lines.join(feed);
        let begin = format!("{}RSA PRIVATE KEY-----", pem::BEGIN_MARK);
        out.push(format!(
            "{begin}{feed}{body}{feed}{last}{feed}-----END RSA PRIVATE KEY-----{feed}"
        ));
        out.push(format!("\"{begin}{feed}{body}{feed}{last}\""));
        out.push(format!(
            "{}5{feed}{body}{feed}{last}{feed}Private-MAC: 00",
            pem::PUTTY_MARK
        ));
    }
    out.push(format!("{}2\n{}\n\"", pem::PUTTY_MARK, lines[0]));
    let kind = kubernetes::SECRET_KINDS[0];
    out.push(format!("data:\n  key: {value}\n{kind}\n"));
    out.push(format!(
        "{kind}\nmetadata:\n  name: x\ndata:\n  a.b: {value}\n  c: {last}\n"
    ));
    out
}
