//! Reading a model's inputs from the Hugging Face hub.
//!
//! Two GET requests need no client library of their own: `hf-hub` would bring some 180 crates
//! (an asynchronous runtime, a second HTTP stack, a chunk store) for a cache that isn't wanted,
//! since the inputs are converted and dropped.

use super::input::{InputReader, ModelInputs, TOKENIZER_INPUT, WEIGHTS_INPUT};
use super::spec::ModelSpec;
use crate::{Error, Result};
use std::time::Duration;
use ureq::{Agent, Proxy};

/// The start of the addresses of the Hugging Face hub itself, rather than of a mirror, for
/// [`ModelOrigin::Hub`](crate::ModelOrigin::Hub).
pub const HUB_ENDPOINT: &str = "https://huggingface.co";

const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// From asking to the first byte of the answer.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(30);
/// For one whole file of 91 MB: 50 kB/s.
const BODY_TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// Downloads both files of `spec`.
pub(super) fn read(
    endpoint: &str,
    proxy: Option<&str>,
    spec: &ModelSpec,
    reader: &mut InputReader<'_>,
) -> Result<ModelInputs> {
    let agent = agent(proxy)?;
    let base = format!(
        "{}/{}/resolve/{}",
        endpoint.trim_end_matches('/'),
        spec.repository,
        spec.revision
    );
    let mut file = |name: &str, sha256: &str| {
        let url = format!("{base}/{name}");
        let failed = |why: String| Error::Download {
            url: url.clone(),
            why,
        };
        let response = agent.get(&url).call().map_err(|e| failed(e.to_string()))?;
        let mut body = response.into_body();
        let length = body.content_length();
        reader
            .read(name, &url, body.as_reader(), length, sha256)
            .map_err(|e| match e {
                Error::Disk(cut) => failed(cut.to_string()),
                other => other,
            })
    };
    let tokenizer = file(TOKENIZER_INPUT, &spec.tokenizer_sha256)?;
    let weights = file(WEIGHTS_INPUT, &spec.weights_sha256)?;
    Ok(ModelInputs { weights, tokenizer })
}

/// A client that keeps to HTTPS wherever it is sent on to, and takes nothing from the environment.
fn agent(proxy: Option<&str>) -> Result<Agent> {
    let proxy = proxy
        .map(Proxy::new)
        .transpose()
        .map_err(|e| Error::Download {
            url: proxy.unwrap_or_default().to_owned(),
            why: e.to_string(),
        })?;
    let config = Agent::config_builder()
        .https_only(true)
        .proxy(proxy)
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .timeout_recv_response(Some(RESPONSE_TIMEOUT))
        .timeout_recv_body(Some(BODY_TIMEOUT))
        .user_agent(concat!("lorekeep/", env!("CARGO_PKG_VERSION")))
        .build();
    Ok(Agent::new_with_config(config))
}
