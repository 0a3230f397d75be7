//! Model servers that run on this machine, found by asking the ports that they have unless told otherwise.

use std::sync::Arc;
use std::time::Duration;

use memory::Clock;
use tokio::task::JoinSet;

use super::catalogue::{entries, name_of};
use super::notebook::Notebook;
use super::options::{ProviderOptions, Timeouts};
use super::profile::Profile;
use super::provider::Provider;

/// How long a server on this machine may take to tell its models. One that is loading a model may be slow.
const LOOKUP_TIMEOUT: Duration = Duration::from_millis(800);

/// The servers that are looked for: the profile's name and the port.
pub const LOCAL_SERVERS: [(&str, u16); 4] = [
    ("ollama", 11434),
    ("llama.cpp", 8080),
    ("lm-studio", 1234),
    ("vllm", 8000),
];

/// A model server on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalServer {
    /// The profile's name, which is a good name for the provider too.
    pub profile: &'static str,
    /// The base address.
    pub base_url: String,
    /// The models that it has.
    pub models: Vec<String>,
}

impl LocalServer {
    /// What to set it up with.
    #[must_use]
    pub fn options(&self) -> ProviderOptions {
        let mut options = ProviderOptions::new(self.profile, &self.base_url);
        options.profile = Some(self.profile.to_owned());
        options
    }
}

/// Asks ports of the loopback device, all at once. What answers with a list of models is a model server; which one
/// is told by its `Server` header, else by the port.
pub(super) async fn discover(places: &[(&str, u16)], clock: Clock) -> Vec<LocalServer> {
    let mut asked = JoinSet::new();
    for (nth, (name, port)) in places.iter().enumerate() {
        let mut options = ProviderOptions::new(name, &format!("http://127.0.0.1:{port}/v1"));
        options.timeouts = Timeouts {
            connect: LOOKUP_TIMEOUT,
            lookup: LOOKUP_TIMEOUT,
            ..Timeouts::default()
        };
        let profile = Profile::named(name).unwrap_or_else(Profile::generic);
        let Ok(provider) = Provider::new(options, Arc::new(Notebook::new(clock))) else {
            continue;
        };
        asked.spawn(async move {
            ask(Arc::new(provider), profile)
                .await
                .map(|server| (nth, server))
        });
    }
    let mut found = Vec::new();
    while let Some(server) = asked.join_next().await {
        found.extend(server.ok().flatten());
    }
    found.sort_by_key(|(nth, _)| *nth);
    found.into_iter().map(|(_, server)| server).collect()
}

async fn ask(provider: Arc<Provider>, by_port: &'static Profile) -> Option<LocalServer> {
    let entries = entries(&provider).await.ok()?;
    let told = provider.profile();
    let profile = if told.name == Profile::generic().name {
        by_port
    } else {
        told
    };
    Some(LocalServer {
        profile: profile.name,
        base_url: provider.address.as_str().to_owned(),
        models: entries.iter().filter_map(name_of).collect(),
    })
}
