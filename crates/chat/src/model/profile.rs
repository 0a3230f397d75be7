//! What is known of each provider, as data. What isn't known is learnt from its refusals.

/// In which form a provider takes the reasoning of earlier answers in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReasoningHistory {
    /// It refuses it, or has no use for it: nothing is sent.
    None,
    /// In the field `reasoning_content` of an assistant's message.
    ReasoningContent,
    /// In the field `reasoning`.
    Reasoning,
}

/// Where a provider tells how long a context may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ContextSource {
    /// In an entry of its list of models, if anywhere.
    Models,
    /// llama.cpp's `/props`.
    Props,
    /// Ollama's `/api/ps` and `/api/show`.
    Ollama,
    /// LM Studio's own list of models.
    LmStudio,
    /// Gemini's own list of models.
    Gemini,
}

/// What is known of a provider.
#[derive(Debug, PartialEq, Eq)]
pub struct Profile {
    /// The name, as settings write it.
    pub name: &'static str,
    /// Host names, whole or the part behind a dot.
    hosts: &'static [&'static str],
    /// The port that it has on this machine unless told otherwise; 0 for none.
    pub port: u16,
    /// What its `Server` header begins with, in small letters; empty for nothing telling.
    server: &'static str,
    /// The path of its OpenAI protocol.
    pub(super) path: &'static str,
    /// What it takes of earlier reasoning.
    pub reasoning_history: ReasoningHistory,
    /// Whether it has to be asked for usage in a stream, by `stream_options`.
    pub(super) asks_for_usage: bool,
    /// Parameters that it is known to refuse, so that they are never sent. Others are learnt.
    pub(super) refused: &'static [&'static str],
    /// Parameters that go by another name: ours, and its.
    pub(super) renamed: &'static [(&'static str, &'static str)],
    /// Where it tells the length of a context.
    pub(super) context: ContextSource,
    /// Context lengths in tokens of models whose provider doesn't tell, by the start of their name; the first that
    /// fits counts.
    pub(super) known_contexts: &'static [(&'static str, u32)],
}

const GENERIC_PROFILE: Profile = Profile {
    name: "generic",
    hosts: &[],
    port: 0,
    server: "",
    path: "/v1",
    reasoning_history: ReasoningHistory::None,
    asks_for_usage: true,
    refused: &[],
    renamed: &[],
    context: ContextSource::Models,
    known_contexts: &[],
};

/// All profiles; the last one fits whatever no other fits.
static ALL_PROFILES: [Profile; 9] = [
    // Sends usage with every chunk. Refuses fields that it doesn't know as a whole request. Tool calls carry a
    // `thought_signature` that has to come back.
    Profile {
        name: "gemini",
        hosts: &["generativelanguage.googleapis.com"],
        path: "/v1beta/openai",
        refused: &["frequency_penalty", "top_k", "store", "metadata"],
        context: ContextSource::Gemini,
        known_contexts: &[("gemini-", 1_048_576)],
        ..GENERIC_PROFILE
    },
    // `max_tokens` is refused by its reasoning models, and the new name is known to all.
    Profile {
        name: "openai",
        hosts: &["api.openai.com"],
        renamed: &[("max_tokens", "max_completion_tokens")],
        known_contexts: &[
            ("gpt-5", 400_000),
            ("gpt-4.1", 1_047_576),
            ("gpt-4o", 128_000),
            ("gpt-4-turbo", 128_000),
            ("gpt-3.5-turbo", 16_385),
            ("o1", 200_000),
            ("o3", 200_000),
            ("o4", 200_000),
        ],
        ..GENERIC_PROFILE
    },
    Profile {
        name: "groq",
        hosts: &["api.groq.com"],
        path: "/openai/v1",
        ..GENERIC_PROFILE
    },
    Profile {
        name: "openrouter",
        hosts: &["openrouter.ai"],
        path: "/api/v1",
        reasoning_history: ReasoningHistory::Reasoning,
        ..GENERIC_PROFILE
    },
    Profile {
        name: "ollama",
        port: 11434,
        server: "ollama",
        context: ContextSource::Ollama,
        ..GENERIC_PROFILE
    },
    Profile {
        name: "llama.cpp",
        port: 8080,
        server: "llama.cpp",
        context: ContextSource::Props,
        ..GENERIC_PROFILE
    },
    Profile {
        name: "lm-studio",
        port: 1234,
        context: ContextSource::LmStudio,
        ..GENERIC_PROFILE
    },
    Profile {
        name: "vllm",
        port: 8000,
        ..GENERIC_PROFILE
    },
    GENERIC_PROFILE,
];

impl Profile {
    /// All profiles; the last one, `generic`, fits whatever no other fits.
    #[must_use]
    pub fn all() -> &'static [Self] {
        &ALL_PROFILES
    }

    /// The profile of that name; `gemini-compat` is another word for `gemini`, dots and dashes don't count.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        let plain = |name: &str| name.to_ascii_lowercase().replace(['.', '-', '_', ' '], "");
        let wanted = plain(name);
        let wanted = wanted.strip_suffix("compat").unwrap_or(&wanted);
        ALL_PROFILES
            .iter()
            .find(|profile| plain(profile.name) == wanted)
    }

    /// The profile that a host name tells.
    #[must_use]
    pub fn of_host(host: &str) -> Option<&'static Self> {
        let is_of = |known: &str| {
            host.strip_suffix(known)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        ALL_PROFILES
            .iter()
            .find(|profile| profile.hosts.iter().any(|known| is_of(known)))
    }

    /// The profile that a server on this machine has by its port.
    #[must_use]
    pub fn of_port(port: u16) -> Option<&'static Self> {
        ALL_PROFILES
            .iter()
            .find(|profile| profile.port == port && port != 0)
    }

    /// The profile that a `Server` header tells.
    #[must_use]
    pub fn of_server(header: &str) -> Option<&'static Self> {
        let header = header.to_ascii_lowercase();
        let fits =
            |profile: &&Self| !profile.server.is_empty() && header.starts_with(profile.server);
        ALL_PROFILES.iter().find(fits)
    }

    /// The profile of a provider of which nothing is known.
    #[must_use]
    pub fn generic() -> &'static Self {
        &ALL_PROFILES[ALL_PROFILES.len() - 1]
    }
}
