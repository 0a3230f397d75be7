//! Why a model gave no answer, or only half of one.

use std::time::Duration;

use serde_json::Value;

/// How long an error of a provider may get in a message, in characters.
const MAX_DETAIL_CHARS: usize = 300;

/// What a provider says of a request that it refuses, in one line, without the key and without markup.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpstreamError {
    /// The HTTP status, or the status that an error inside of a stream stands for.
    pub status: u16,
    /// What happened, in the provider's words.
    pub message: String,
    /// OpenAI's `type`, such as `invalid_request_error`; empty where there is none.
    pub kind: String,
    /// OpenAI's `code`, such as `unsupported_parameter`; empty where there is none.
    pub code: String,
    /// The parameter that is meant; empty where there is none.
    pub param: String,
}

impl UpstreamError {
    /// Reads an error from the body of an answer, in the shapes that providers use: OpenAI's object, Gemini's
    /// array of one, a bare text, a list of what is wrong with fields, an HTML page.
    #[must_use]
    pub fn read(status: u16, body: &[u8]) -> Self {
        match serde_json::from_slice::<Value>(body) {
            Ok(value) => Self::of(status, &value),
            Err(_) => Self {
                status,
                message: one_line(&without_markup(&String::from_utf8_lossy(body))),
                ..Self::default()
            },
        }
    }

    /// Reads an error from a value; see [`Self::read`].
    #[must_use]
    pub fn of(status: u16, value: &Value) -> Self {
        let value = match value {
            Value::Array(list) => list.first().unwrap_or(&Value::Null),
            value => value,
        };
        let inner = match &value["error"] {
            Value::Null => value,
            error => error,
        };
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        let message = [
            inner,
            &inner["message"],
            &value["message"],
            &inner["detail"],
            &inner["msg"],
        ]
        .into_iter()
        .find_map(Value::as_str)
        .map_or_else(|| details(inner), str::to_owned);
        let raw = &inner["metadata"]["raw"];
        let message = match raw.as_str() {
            Some(raw) if !raw.is_empty() => format!("{message}: {raw}"),
            _ => message,
        };
        let code = [&inner["code"], &inner["status"]].map(text);
        let own = code[0]
            .parse::<u16>()
            .ok()
            .filter(|code| (400..600).contains(code));
        Self {
            status: if status == 200 {
                own.unwrap_or(500)
            } else {
                status
            },
            message: one_line(&message),
            kind: one_line(&text(&inner["type"])),
            code: one_line(
                code.iter()
                    .find(|code| !code.is_empty())
                    .map_or("", |code| code),
            ),
            param: one_line(&text(&inner["param"])),
        }
    }

    /// Whether the key is what is wrong, whatever the status: Gemini says so with 400.
    fn is_of_key(&self) -> bool {
        self.code == "invalid_api_key" || self.message.contains("API key not valid")
    }

    /// Whether the request is too long for the model.
    fn is_of_length(&self) -> bool {
        let message = self.message.to_ascii_lowercase();
        self.status == 413
            || [
                "context_length_exceeded",
                "exceed_context_size_error",
                "string_above_max_length",
            ]
            .iter()
            .any(|code| self.code == *code || self.kind == *code)
            || [
                "context length",
                "maximum context",
                "context window",
                "context size",
                "too many tokens",
                "prompt is too long",
                "input token count",
                "reduce the length",
            ]
            .iter()
            .any(|phrase| self.status / 100 == 4 && message.contains(phrase))
    }

    /// This error with its texts passed through a function, such as one that takes keys out.
    #[must_use]
    pub fn map(mut self, clean: impl Fn(&str) -> String) -> Self {
        for text in [
            &mut self.message,
            &mut self.kind,
            &mut self.code,
            &mut self.param,
        ] {
            *text = clean(text);
        }
        self
    }
}

/// The fields that a validator complains of, as FastAPI lists them: `body.stream_options: Extra inputs …`.
fn details(inner: &Value) -> String {
    let list = ["detail", "errors", "details"]
        .iter()
        .find_map(|key| inner[*key].as_array());
    let Some(list) = list else {
        return String::new();
    };
    let one = |item: &Value| {
        let path: Vec<_> = item["loc"].as_array().into_iter().flatten().collect();
        let path: Vec<_> = path
            .iter()
            .map(|part| part.to_string().replace('"', ""))
            .collect();
        let message = [&item["msg"], &item["message"]]
            .into_iter()
            .find_map(Value::as_str);
        format!("{}: {}", path.join("."), message.unwrap_or_default())
    };
    list.iter().take(4).map(one).collect::<Vec<_>>().join("; ")
}

/// The text of an HTML page: its title if it has one, else its text without tags.
fn without_markup(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    if !lower.contains("<html") && !lower.trim_start().starts_with('<') {
        return text.to_owned();
    }
    let title = lower.find("<title>").map(|at| at + "<title>".len());
    let end = title.and_then(|start| lower[start..].find("</title>").map(|end| start + end));
    if let (Some(start), Some(end)) = (title, end) {
        return format!("an HTML page: {}", text[start..end].trim());
    }
    let mut inside = false;
    let plain = text.chars().filter(|c| {
        let was_inside = inside;
        inside = (inside || *c == '<') && *c != '>';
        !inside && !was_inside
    });
    format!("an HTML page: {}", plain.collect::<String>())
}

/// A text of others as part of a message: one line, nothing hidden, cut to a sane length.
pub(super) fn one_line(text: &str) -> String {
    let shown = guard::without_hidden(text);
    let mut line = String::new();
    for word in shown.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.chars().count() > MAX_DETAIL_CHARS {
            let cut: String = line.chars().take(MAX_DETAIL_CHARS).collect();
            return format!("{cut}…");
        }
    }
    line
}

/// Why a model gave no answer, or only half of one: a variant for each decision of the caller. Messages can be
/// shown to a person; they never hold a key.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// No model is set up at all.
    #[error("no model is set up")]
    NoModel,
    /// A name that no provider has.
    #[error("there is no model `{0}`")]
    UnknownModel(String),
    /// The address of a provider can't be used.
    #[error("the address `{address}` of the provider `{provider}` can't be used: {what}")]
    BadAddress {
        /// The provider.
        provider: String,
        /// The address, without user and password.
        address: String,
        /// What is wrong with it.
        what: String,
    },
    /// There is no profile of that name.
    #[error("there is no profile `{0}`")]
    UnknownProfile(String),
    /// Nobody answers at the address, or not in TLS.
    #[error("the provider `{provider}` can't be reached: {what}")]
    Unreachable {
        /// The provider.
        provider: String,
        /// What the connection failed at.
        what: String,
    },
    /// The key is missing, wrong or may not do this (401, 403).
    #[error("the provider `{provider}` refused the key (status {status})")]
    KeyRefused {
        /// The provider.
        provider: String,
        /// 401 or 403.
        status: u16,
    },
    /// Too many requests, or nothing left of a quota (429, 402).
    #[error("the provider `{provider}` allows no more requests for now: {}", error.message)]
    RateLimited {
        /// The provider.
        provider: String,
        /// When it may be tried again, as the provider says.
        retry_after: Option<Duration>,
        /// What the provider says.
        error: Box<UpstreamError>,
    },
    /// The request is longer than the model can take.
    #[error("the request is too long for the model: {}", .0.message)]
    TooLong(Box<UpstreamError>),
    /// The provider refuses the request as it is (400, 404, 405, 422 and the like).
    #[error("the provider refused the request (status {}): {}", .0.status, .0.message)]
    Refused(Box<UpstreamError>),
    /// The provider failed (5xx), or said so inside of its stream.
    #[error("the provider failed (status {}): {}", .0.status, .0.message)]
    Failed(Box<UpstreamError>),
    /// The provider sends requests elsewhere, where the key and the conversation are not carried.
    #[error("the provider `{provider}` redirects to `{to}`, where its key isn't sent")]
    Redirected {
        /// The provider.
        provider: String,
        /// The host that it names.
        to: String,
    },
    /// The answer ended before its end.
    #[error("the answer was cut off: {0}")]
    CutOff(String),
    /// The answer is no stream of chat completions.
    #[error("the answer can't be read: {0}")]
    Garbage(String),
    /// The answer repeats itself without end, or is longer than the limit.
    #[error("the answer was stopped: {0}")]
    Runaway(String),
    /// Nothing came for too long.
    #[error("{what} took longer than {} s", after.as_secs())]
    TimedOut {
        /// What was waited for.
        what: &'static str,
        /// How long.
        after: Duration,
    },
    /// The daily budget of a provider is used up.
    #[error("the daily budget of the provider `{0}` is used up")]
    BudgetSpent(String),
    /// The caller cancelled it.
    #[error("cancelled")]
    Cancelled,
}

impl ModelError {
    /// What an error of a provider means to the caller.
    #[must_use]
    pub fn of_upstream(
        provider: &str,
        error: UpstreamError,
        retry_after: Option<Duration>,
    ) -> Self {
        let provider = provider.to_owned();
        if error.is_of_key() {
            return Self::KeyRefused {
                provider,
                status: error.status,
            };
        }
        let error = Box::new(error);
        match error.status {
            401 | 403 => Self::KeyRefused {
                provider,
                status: error.status,
            },
            402 | 429 => Self::RateLimited {
                provider,
                retry_after,
                error,
            },
            _ if error.is_of_length() => Self::TooLong(error),
            400..=499 => Self::Refused(error),
            _ => Self::Failed(error),
        }
    }

    /// What a person can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NoModel => {
                "set `model.url`, `model.name` and, where the server wants one, `model.api_key`; or start a local \
                 server such as Ollama"
            }
            Self::UnknownModel(_) => {
                "`GET /api/models` of the server lists the models that there are"
            }
            Self::BadAddress { .. } => "give the base address, such as `http://localhost:11434/v1`",
            Self::UnknownProfile(_) => "leave the profile out to have it recognised by the address",
            Self::Unreachable { .. } => {
                "check that the server runs and that its address and port are right"
            }
            Self::KeyRefused { .. } => "check the key of this provider",
            Self::RateLimited { .. } => "wait, or choose another model",
            Self::TooLong(_) => "shorten the conversation, or choose a model with a longer context",
            Self::Redirected { .. } => "use the address that it redirects to as the base address",
            Self::TimedOut { .. } => "a longer time-out can be set",
            Self::BudgetSpent(_) => "raise the budget, or choose another provider",
            Self::CutOff(_) => "the answer can be continued",
            _ => return None,
        };
        Some(hint.to_owned())
    }

    /// What the provider said, where it said something.
    #[must_use]
    pub fn upstream(&self) -> Option<&UpstreamError> {
        match self {
            Self::RateLimited { error, .. } => Some(error),
            Self::TooLong(error) | Self::Refused(error) | Self::Failed(error) => Some(error),
            _ => None,
        }
    }

    /// Whether the same request may work in a moment, so that it is worth trying again before the first token.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::CutOff(_) => true,
            Self::RateLimited { error, .. } => {
                error.status != 402 && error.code != "insufficient_quota"
            }
            Self::Failed(error) => error.status != 501,
            _ => false,
        }
    }

    /// Whether another model may do better with the same request.
    #[must_use]
    pub fn is_worth_another_model(&self) -> bool {
        self.is_transient()
            || matches!(
                self,
                Self::TimedOut { .. }
                    | Self::RateLimited { .. }
                    | Self::KeyRefused { .. }
                    | Self::Garbage(_)
                    | Self::BudgetSpent(_)
            )
    }
}
