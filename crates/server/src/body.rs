//! Bodies as JSON: read within a limit and a time, and refused with the place of what is wrong.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use axum::response::IntoResponse;
use serde::de::DeserializeOwned;
use serde::{Deserialize as _, Deserializer, Serialize};
use tokio::time::timeout;

use crate::api_error::ApiError;
use crate::state::AppState;

/// Bytes of a body unless the route says otherwise.
pub const MAX_BODY_BYTES: usize = 2 << 20;

/// A body as a JSON value of a type; `LIMIT` is the most bytes that are read. Unknown fields are the type's
/// business (`#[serde(deny_unknown_fields)]`).
pub struct ApiJson<T, const LIMIT: usize = MAX_BODY_BYTES>(pub T);

impl<T: DeserializeOwned, const LIMIT: usize> FromRequest<AppState> for ApiJson<T, LIMIT> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ApiError> {
        check_is_json(request.headers())?;
        let bytes = read_body(request, LIMIT, state).await?;
        // Else a list of values would count as an object of which they are the fields.
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        if first.is_some_and(|byte| *byte != b'{') {
            return Err(ApiError::invalid("", "the body isn't a JSON object"));
        }
        from_json(&bytes).map(Self)
    }
}

/// The part of a path that a route names, as text.
pub struct ApiPath(pub String);

impl<S: Send + Sync> FromRequestParts<S> for ApiPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let text = Path::<String>::from_request_parts(parts, state).await;
        let Path(text) = text.map_err(|_| ApiError::invalid("path", "the path isn't UTF-8"))?;
        Ok(Self(text))
    }
}

/// All bytes of a body.
///
/// # Errors
/// 413 if it has more than `limit` bytes, 408 if it takes too long, 400 if it ends early.
pub async fn read_body(
    request: Request,
    limit: usize,
    state: &AppState,
) -> Result<Bytes, ApiError> {
    let announced = request.headers().get(CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(ApiError::too_large(limit));
    }
    // One more than is taken, so that a body of exactly the limit is told apart from a longer one.
    let read = axum::body::to_bytes(request.into_body(), limit);
    let Ok(read) = timeout(state.options.limits.body_timeout, read).await else {
        let why = "the body took too long to come in";
        return Err(ApiError::new(StatusCode::REQUEST_TIMEOUT, "timeout", why));
    };
    read.map_err(|error| match is_too_long(&error) {
        true => ApiError::too_large(limit),
        false => ApiError::invalid("", "the body ended early"),
    })
}

fn is_too_long(error: &axum::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error.to_string().contains("length limit exceeded") {
            return true;
        }
        cause = error.source();
    }
    false
}

fn check_is_json(headers: &HeaderMap) -> Result<(), ApiError> {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let essence = kind.map(|kind| kind.split(';').next().unwrap_or(kind).trim());
    let is_json = essence.is_some_and(|kind| {
        kind.eq_ignore_ascii_case("application/json")
            || (kind.to_ascii_lowercase().starts_with("application/")
                && kind.to_ascii_lowercase().ends_with("+json"))
    });
    match is_json {
        true => Ok(()),
        false => Err(ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "the body isn't `application/json`",
        )
        .at("content-type")),
    }
}

/// For `#[serde(deserialize_with)]`: a whole number that may be written as `1.0`, which JSON doesn't tell apart
/// from `1`, or nothing.
///
/// # Errors
/// If it is another number, or something else.
pub fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    const MAX_EXACT: f64 = 9_007_199_254_740_992.0;
    let Some(number) = Option::<serde_json::Number>::deserialize(deserializer)? else {
        return Ok(None);
    };
    let whole = number.as_u64().or_else(|| {
        let number = number.as_f64()?;
        let is_whole = number.fract() == 0.0 && (0.0..=MAX_EXACT).contains(&number);
        // Without a fraction it prints as the whole number that it is.
        is_whole
            .then(|| format!("{number:.0}").parse().ok())
            .flatten()
    });
    let wrong = || serde::de::Error::custom("expected a whole number that isn't negative");
    whole.map(Some).ok_or_else(wrong)
}

/// A value of JSON text.
///
/// # Errors
/// 400 with the path of the field that is wrong.
pub fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        // What it can't name it calls `?` or `.`.
        let field = path.trim_end_matches(['?', '.']).to_owned();
        ApiError::invalid(field, told(error.inner()))
    })?;
    let end = reader.end();
    end.map_err(|error| ApiError::invalid("", told(&error)))?;
    Ok(value)
}

/// What is wrong, without what a string in the body says: nobody has judged that yet.
fn told(error: &serde_json::Error) -> String {
    use serde_json::error::Category;
    let place = format!("line {}, column {}", error.line(), error.column());
    let text = error.to_string();
    match error.classify() {
        Category::Data => {
            let what = text.split(" at line ").next().unwrap_or(&text);
            let what = match (what.find('"'), what.rfind('"')) {
                (Some(start), Some(end)) if start < end => {
                    format!("{}…{}", &what[..=start], &what[end..])
                }
                _ => what.to_owned(),
            };
            format!("{what} ({place})")
        }
        Category::Syntax | Category::Eof | Category::Io => {
            let what = match text.split(" at line ").next() {
                Some(what) if what.contains("surrogate") || what.contains("hex escape") => {
                    "an escape that is no character, such as a lone surrogate"
                }
                what => what.unwrap_or("not JSON"),
            };
            format!("not valid JSON: {what} ({place})")
        }
    }
}

/// A JSON document as a response.
pub struct JsonResponse(String);

impl JsonResponse {
    /// A document. Characters that no reader sees are left out of it.
    ///
    /// # Errors
    /// 500 if it can't be written as JSON.
    pub fn of(document: &impl Serialize) -> Result<Self, ApiError> {
        let text = serde_json::to_string(document).map_err(ApiError::internal)?;
        Ok(Self(wire::json_without_hidden(text)))
    }
}

impl IntoResponse for JsonResponse {
    fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.0));
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, json);
        response
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[serde(default)]
        list: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[serde(rename = "number")]
        _number: u8,
    }

    fn check(body: &[u8], field: &str, message: &str) {
        let error = from_json::<Outer>(body).map(|outer| outer.list.len());
        let error = error.expect_err("it is wrong");
        let shown: serde_json::Value = serde_json::from_slice(
            &tokio::runtime::Builder::new_current_thread()
                .build()
                .expect("a runtime")
                .block_on(axum::body::to_bytes(error.respond("r").into_body(), 4096))
                .expect("a body"),
        )
        .expect("JSON");
        let shown = &shown["error"];
        assert_eq!(shown["field"].as_str().unwrap_or(""), field, "{shown}");
        let told = shown["message"].as_str().expect("a message");
        assert!(told.contains(message), "{told:?}");
        assert!(!told.contains("secret"), "{told:?}");
    }

    #[test]
    fn what_is_wrong_is_located_and_not_quoted() {
        check(
            br#"{"list": [{"number": 1}, {"number": "secret"}]}"#,
            "list[1].number",
            "invalid type",
        );
        check(
            br#"{"list": [{"number": 300}]}"#,
            "list[0].number",
            "expected u8",
        );
        check(br#"{"lost": 1}"#, "lost", "unknown field `lost`");
        check(br#"{"list": []} x"#, "", "trailing characters");
        check(br#"{"list": ["#, "list", "EOF");
        check(b"{\"list\": [{\"\xff\": 1}]}", "list[0]", "invalid unicode");
        check(br#"{"\ud800": 1}"#, "", "surrogate");
        check(b"", "", "EOF");
    }
}
