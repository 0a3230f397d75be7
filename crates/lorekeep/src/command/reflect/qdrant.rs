//! A Qdrant server, read through its REST interface: which collections there are, and what is in them.

use std::collections::HashSet;
use std::time::Duration;

use jiff::tz::TimeZone;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use recall::{ForeignBounds, ForeignReflection, self_reflect_point};
use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::{Response, StatusCode};

use crate::clock;
use crate::fault::Fault;

/// Collections that hold reflections begin so, in every version.
const COLLECTION_PREFIX: &str = "reflections_";

/// What is escaped in a part of a path.
const ESCAPED_IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// Points asked for at once.
const PAGE_POINTS: usize = 256;

/// Collections that are read; Self-Reflect makes a handful.
const MAX_COLLECTIONS: usize = 1_000;

/// Bytes of one answer: a page of the longest reflections takes a fraction.
const MAX_ANSWER_BYTES: u64 = 64 << 20;

/// JSON values of one answer: some hundred for each point of a page.
const MAX_VALUES: usize = 64 << 10;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// From asking to the first byte of the answer.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);
const BODY_TIMEOUT: Duration = Duration::from_secs(60);

/// A server.
pub(super) struct Qdrant<'a> {
    agent: Agent,
    address: &'a str,
    key: Option<&'a str>,
}

impl<'a> Qdrant<'a> {
    /// The server at an address, asked with this key. Nothing is sent yet.
    pub(super) fn new(address: &'a str, key: Option<&'a str>) -> Self {
        let config = Agent::config_builder()
            .proxy(None)
            // The key is for this server and not for where it may point.
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_recv_response(Some(RESPONSE_TIMEOUT))
            .timeout_recv_body(Some(BODY_TIMEOUT))
            .user_agent(concat!("lorekeep/", env!("CARGO_PKG_VERSION")))
            .build();
        Self {
            agent: Agent::new_with_config(config),
            address: address.trim_end_matches('/'),
            key,
        }
    }

    /// The reflections in all collections of Self-Reflect.
    pub(super) fn reflections(&self, zone: &TimeZone) -> anyhow::Result<Vec<ForeignReflection>> {
        let mut found = Vec::new();
        let mut bounds = ForeignBounds::new(clock::instant());
        for collection in self.collections()? {
            self.points(&collection, &mut bounds, &mut |point| {
                found.extend(self_reflect_point(&collection, point, zone));
            })?;
        }
        Ok(found)
    }

    fn collections(&self) -> anyhow::Result<Vec<String>> {
        let (answer, _) = self.ask("/collections", None)?;
        let listed = answer["result"]["collections"].as_array();
        let names = listed
            .into_iter()
            .flatten()
            .filter_map(|at| at["name"].as_str());
        let names = names.filter(|name| name.starts_with(COLLECTION_PREFIX));
        let mut names: Vec<String> = names.map(str::to_owned).collect();
        names.sort_unstable();
        if listed.is_none() || names.len() > MAX_COLLECTIONS {
            return Err(self.odd("/collections").into());
        }
        Ok(names)
    }

    /// Hands on all points of a collection, page by page. Each page begins where none has before, so
    /// that a server that goes round in circles is found out.
    fn points(
        &self,
        collection: &str,
        bounds: &mut ForeignBounds,
        each: &mut dyn FnMut(&Value),
    ) -> anyhow::Result<()> {
        let name = utf8_percent_encode(collection, ESCAPED_IN_PATH);
        let path = format!("/collections/{name}/points/scroll");
        let mut begun = HashSet::new();
        let mut offset = Value::Null;
        while begun.insert(offset.to_string()) {
            let body = json!({
                "limit": PAGE_POINTS, "offset": offset, "with_payload": true, "with_vector": false,
            });
            let (mut answer, bytes) = self.ask(&path, Some(&body))?;
            let result = &mut answer["result"];
            let Value::Array(page) = result["points"].take() else {
                return Err(self.odd(&path).into());
            };
            bounds.take(page.len(), bytes)?;
            page.iter().for_each(&mut *each);
            offset = result["next_page_offset"].take();
            if offset.is_null() {
                return Ok(());
            }
            if page.is_empty() || page.len() > PAGE_POINTS {
                break;
            }
        }
        Err(self.odd(&path).into())
    }

    /// The answer, and of how many bytes it is.
    fn ask(&self, path: &str, body: Option<&Value>) -> anyhow::Result<(Value, usize)> {
        let url = format!("{}{path}", self.address);
        let answer = match body {
            None => {
                let mut request = self.agent.get(&url);
                if let Some(key) = self.key {
                    request = request.header("api-key", key);
                }
                request.call()
            }
            Some(body) => {
                let mut request = self.agent.post(&url).content_type("application/json");
                if let Some(key) = self.key {
                    request = request.header("api-key", key);
                }
                request.send(body.to_string())
            }
        };
        let answer = answer.map_err(|error| {
            self.failed(&error.to_string()).hint(
                "start Qdrant, or name the store: `lorekeep reflect import http://HOST:6333`, or \
                 the path of `csr-engine.db`",
            )
        })?;
        self.read(path, answer)
    }

    fn read(&self, path: &str, answer: Response<ureq::Body>) -> anyhow::Result<(Value, usize)> {
        let status = answer.status();
        if status == StatusCode::UNAUTHORIZED || status == StatusCode::FORBIDDEN {
            let failure = self.failed("it asks for a key, or for another one");
            return Err(failure.hint("set QDRANT_API_KEY").into());
        }
        if !status.is_success() {
            return Err(self
                .failed(&format!("`{path}` is answered with {status}"))
                .into());
        }
        let mut body = answer.into_body();
        let bytes = body.with_config().limit(MAX_ANSWER_BYTES).read_to_vec();
        let bytes = bytes.map_err(|error| self.failed(&error.to_string()))?;
        if !transcript::has_at_most_values(&bytes, MAX_VALUES) {
            return Err(self.odd(path).into());
        }
        let value = serde_json::from_slice(&bytes).map_err(|_| self.odd(path))?;
        Ok((value, bytes.len()))
    }

    fn odd(&self, path: &str) -> Fault {
        self.failed(&format!("`{path}` is answered as Qdrant never does"))
            .hint("check that the address is that of Self-Reflect's Qdrant")
    }

    /// A failure that names the server, without what its address may hold of passwords.
    fn failed(&self, why: &str) -> Fault {
        let (scheme, rest) = self
            .address
            .split_once("://")
            .unwrap_or(("http", self.address));
        let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        Fault::failure(format!(
            "failed to read reflections from `{scheme}://{host}`: {why}"
        ))
    }
}
