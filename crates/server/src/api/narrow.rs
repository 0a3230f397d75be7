//! Parameters that several routes narrow their answers by.

use memory::{Millis, Scope};
use wire::when::TimeBound;

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AnyOf, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::api_error::ApiError;
use crate::query::QueryValues;
use crate::state::AppState;

/// The project that is named; without one all of the person's archive.
pub(super) fn scope(query: &mut QueryValues) -> Scope {
    named(query.text("project").as_deref())
}

/// What a project's name means.
pub(super) fn named(project: Option<&str>) -> Scope {
    match project {
        None | Some("all") => Scope::All,
        Some(name) => Scope::Project(name.to_owned()),
    }
}

/// From when and until when. Between a time and an earlier one there is nothing.
pub(super) fn span(
    state: &AppState,
    query: &mut QueryValues,
) -> Result<(Option<Millis>, Option<Millis>), ApiError> {
    let now = (state.options.local_time)();
    let since = query.time("since", TimeBound::Since, &now)?;
    let until = query.time("until", TimeBound::Until, &now)?;
    Ok((since, until))
}

/// As [`span`], of texts in a body.
pub(super) fn span_of(
    state: &AppState,
    since: Option<&str>,
    until: Option<&str>,
) -> Result<(Option<Millis>, Option<Millis>), ApiError> {
    let now = (state.options.local_time)();
    let read = |name: &str, text: Option<&str>, bound| {
        let wrong = |why: String| {
            ApiError::invalid(name, format!("`{name}` can't be read as a time")).hint(why)
        };
        let read = text.map(|text| wire::when::parse(text, bound, &now).map_err(wrong));
        read.transpose()
    };
    let since = read("since", since, TimeBound::Since)?;
    let until = read("until", until, TimeBound::Until)?;
    Ok((since, until))
}

/// The version of a conversation, as `ETag` has it, for the document of the API.
pub(super) struct VersionTag;

impl PartialSchema for VersionTag {
    fn schema() -> RefOr<Schema> {
        let tag = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some("^(\\*|(W/)?\"[0-9]{1,18}\"|[0-9]{1,18})$"));
        RefOr::T(Schema::Object(tag.build()))
    }
}

impl ToSchema for VersionTag {}

/// A time as people write it, for the document of the API. More is read than it says, such as `2 weeks ago`.
pub(super) struct TimeText;

impl PartialSchema for TimeText {
    fn schema() -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let of_format = |format| text().format(Some(SchemaFormat::KnownFormat(format)));
        let mut any = AnyOf::new();
        any.items = vec![
            of_format(KnownFormat::DateTime).into(),
            of_format(KnownFormat::Date).into(),
            text().pattern(Some("^[1-9][0-9]{0,2}[dhw]$")).into(),
            text()
                .enum_values(Some(["now", "today", "yesterday"]))
                .into(),
        ];
        Schema::AnyOf(any).into()
    }
}

impl ToSchema for TimeText {}

/// The roles of messages, for the document of the API.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "it only describes")]
pub(super) enum RoleChoice {
    User,
    Assistant,
    System,
    Tool,
}

/// How a search finds, for the document of the API.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "it only describes")]
pub(super) enum ModeChoice {
    Hybrid,
    Lexical,
    Semantic,
}

/// How long a period is, for the document of the API.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "it only describes")]
pub(super) enum GranularityChoice {
    Hour,
    Day,
    Week,
    Month,
}

/// What recent work is grouped by, for the document of the API.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "it only describes")]
pub(super) enum GroupChoice {
    Conversation,
    Day,
    Session,
}

/// What became of a reflection, for the document of the API.
#[derive(ToSchema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "it only describes")]
pub(super) enum StatusChoice {
    Open,
    Resolved,
    Superseded,
}
