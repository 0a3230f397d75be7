//! Messages of a server, from bytes to what `rmcp` takes: within limits, and with results left as values, since real
//! servers send shapes that strict types refuse.

use rmcp::model::{
    CustomResult, ErrorCode, ErrorData, InitializeResult, JsonRpcError, JsonRpcResponse,
    JsonRpcVersion2_0, RequestId, ServerJsonRpcMessage, ServerResult,
};
use serde_json::Value;

use crate::bounds::{self, MAX_VALUES};

/// The code of errors that stand for what was wrong with an answer rather than what the server said; free in JSON-RPC.
pub(crate) const FAULT_CODE: i32 = -31_900;

/// What is wrong with bytes that came from a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FrameFault {
    /// More than the limit, in bytes.
    TooLarge(usize),
    /// Not what the protocol says.
    Malformed(String),
}

impl FrameFault {
    /// The fault as an error of the protocol, in the place of the answer to a request.
    pub(crate) fn as_answer(&self, id: RequestId) -> ServerJsonRpcMessage {
        ServerJsonRpcMessage::Error(JsonRpcError::new(Some(id), self.as_error()))
    }

    fn as_error(&self) -> ErrorData {
        let (message, data) = match self {
            Self::TooLarge(limit) => ("too large".to_owned(), Some(Value::from(*limit))),
            Self::Malformed(what) => (what.clone(), None),
        };
        ErrorData::new(ErrorCode(FAULT_CODE), message, data)
    }

    /// The fault that an error stands for, if it does.
    pub(crate) fn of(error: &ErrorData) -> Option<Self> {
        if error.code.0 != FAULT_CODE {
            return None;
        }
        let limit = error.data.as_ref().and_then(Value::as_u64);
        Some(match limit.and_then(|limit| usize::try_from(limit).ok()) {
            Some(limit) => Self::TooLarge(limit),
            None => Self::Malformed(error.message.to_string()),
        })
    }
}

/// One message. `None` is something that isn't meant for us: an empty line, a line of a log.
pub(crate) fn decode(text: &[u8]) -> Result<Option<ServerJsonRpcMessage>, FrameFault> {
    let text = text
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(text)
        .trim_ascii();
    if !text.starts_with(b"{") {
        // Many programs print a greeting where only messages belong.
        return Ok(None);
    }
    if let Err(excess) = bounds::check(text, MAX_VALUES) {
        return Err(FrameFault::Malformed(match excess {
            bounds::Excess::Values => format!("a message holds more than {MAX_VALUES} values"),
            bounds::Excess::Depth => "a message is nested too deeply".to_owned(),
        }));
    }
    match serde_json::from_slice::<Value>(text) {
        Ok(value) => decode_value(value),
        Err(_) => Ok(None),
    }
}

fn decode_value(mut value: Value) -> Result<Option<ServerJsonRpcMessage>, FrameFault> {
    let id = value.get("id").map(request_id);
    let has_method = value.get("method").is_some_and(Value::is_string);
    let result = value.get_mut("result").map(Value::take);
    let error = value.get_mut("error").map(Value::take);
    match (has_method, id, result, error) {
        (true, ..) => Ok(serde_json::from_value(value).ok()),
        (false, Some(Some(id)), _, Some(error)) if !error.is_null() => {
            let error = JsonRpcError::new(Some(id), lenient_error(&error));
            Ok(Some(ServerJsonRpcMessage::Error(error)))
        }
        (false, Some(Some(id)), Some(result), _) => {
            Ok(Some(ServerJsonRpcMessage::Response(JsonRpcResponse {
                jsonrpc: JsonRpcVersion2_0,
                id,
                result: typed(result),
            })))
        }
        // An error without an id belongs to nobody, as far as one can tell.
        _ => Ok(None),
    }
}

/// The id of a request. Some servers send numbers as texts or with a decimal point.
fn request_id(id: &Value) -> Option<RequestId> {
    match id {
        Value::Number(number) => {
            let whole = number.as_i64();
            #[expect(
                clippy::cast_possible_truncation,
                reason = "ids are small numbers of ours"
            )]
            let whole = whole.or_else(|| number.as_f64().map(|float| float as i64));
            whole.map(RequestId::Number)
        }
        Value::String(text) => Some(match text.parse() {
            Ok(number) => RequestId::Number(number),
            Err(_) => RequestId::String(text.as_str().into()),
        }),
        _ => None,
    }
}

/// Only the handshake needs its type.
fn typed(result: Value) -> ServerResult {
    if result.get("protocolVersion").is_some()
        && let Ok(initialized) = serde_json::from_value::<InitializeResult>(result.clone())
    {
        return ServerResult::InitializeResult(initialized);
    }
    ServerResult::CustomResult(CustomResult::new(result))
}

fn lenient_error(error: &Value) -> ErrorData {
    let code = error.get("code").and_then(Value::as_i64);
    let code = code.and_then(|code| i32::try_from(code).ok());
    // A server can't pretend that we found a fault.
    let code = code.filter(|code| *code != FAULT_CODE).unwrap_or(-32_603);
    let message = match error.get("message").and_then(Value::as_str) {
        Some(message) => message.to_owned(),
        None => error.to_string(),
    };
    ErrorData::new(ErrorCode(code), message, error.get("data").cloned())
}

/// The id that a message answers, if it is an answer.
pub(crate) fn answered(message: &ServerJsonRpcMessage) -> Option<&RequestId> {
    match message {
        ServerJsonRpcMessage::Response(response) => Some(&response.id),
        ServerJsonRpcMessage::Error(error) => error.id.as_ref(),
        _ => None,
    }
}
