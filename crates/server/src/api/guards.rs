//! `/api/guards`: what a text holds that should not be stored, shown or obeyed, and what was found in the chat.

use axum::extract::State;
use chat::{UnkeptFinding, UnkeptFindings};
use guard::{Kind, Place, Policy};
use memory::{GuardedMessage, Role};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use wire::JudgedDoc;

use crate::api_error::{ApiError, RequestFailures};
use crate::body::{ApiJson, JsonResponse};
use crate::people::Person;
use crate::principal::Principal;
use crate::query::QueryValues;
use crate::state::AppState;

/// A text to be judged.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScanBody {
    /// The text. It is not stored.
    text: String,
}

/// Judges a text by the policy for scans.
#[utoipa::path(
    post, path = "/api/guards/scan", tag = "guards",
    request_body = ScanBody,
    responses(
        (status = 200, description = "`verdict` and `findings`, as `lorekeep scan --batch` prints them.", body = Object),
        RequestFailures,
    )
)]
pub(crate) async fn scan(
    State(state): State<AppState>,
    principal: Principal,
    ApiJson(body): ApiJson<ScanBody>,
) -> Result<JsonResponse, ApiError> {
    let person = state.people.of(&principal)?;
    state
        .blocking(move || {
            let judgement = person.engine.judge(&body.text, &person.scan_policy);
            JsonResponse::of(&JudgedDoc::new(None, &judgement))
        })
        .await
}

/// Findings of a page, unless it is asked for others.
const DEFAULT_FOUND: usize = 100;

/// Findings of a page at most.
const MAX_FOUND: usize = 500;

/// What guards found, without any of the text.
#[derive(Debug, Default, Serialize, ToSchema)]
struct ChatFindingDoc {
    /// When, in milliseconds since 1970.
    time: i64,
    /// `input` for what a person said, `tool` for what a tool brought, `output` for what a model said.
    place: String,
    /// `secret`, `pii`, `injection` or `content`.
    kind: String,
    /// What it is, such as `EMAIL_ADDRESS`, or the category of unwanted content.
    entity: String,
    /// The rule that found it.
    rule: String,
    /// How sure the rule is, more than 0 and at most 1.
    score: f64,
    /// Why the rule takes it for that.
    why: String,
    /// `flag`, `mask`, `quarantine` or `block`.
    verdict: String,
    /// Where it starts in the text that was judged, in bytes.
    start: u64,
    /// Where it ends, in bytes, exclusive.
    end: u64,
    /// The conversation that it was found in; nothing for a call of a program that isn't recorded.
    conversation: Option<String>,
    /// The message that it was found in; nothing where that isn't kept.
    message: Option<String>,
}

/// A page of findings.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FindingsDoc {
    /// The findings, the newest first.
    findings: Vec<ChatFindingDoc>,
    /// What the next page begins behind; nothing on the last one.
    next: Option<String>,
}

/// Where a page of findings begins: the numbers of the message and of the unkept finding that it lies below.
#[derive(Clone, Copy)]
struct FindingCursor {
    message: i64,
    unkept: u64,
}

impl FindingCursor {
    const START: Self = Self {
        message: i64::MAX,
        unkept: u64::MAX,
    };

    fn read(text: &str) -> Option<Self> {
        let (message, unkept) = text.split_once('.')?;
        Some(Self {
            message: message.parse().ok()?,
            unkept: unkept.parse().ok()?,
        })
    }
}

/// What guards found in the chat, and in calls of programs through the gateway.
#[utoipa::path(
    get, path = "/api/guards/findings", tag = "guards",
    params(
        ("after" = Option<String>, Query, description = "Only those behind this: `next` of the page before.", pattern = "^([0-9]{1,18}\\.[0-9]{1,18})?$"),
        ("limit" = Option<u16>, Query, description = "How many at least, if there are so many, 1 to 500; 100 unless given. All of a message are on one page.", minimum = 1, maximum = 500),
    ),
    responses(
        (status = 200, description = "A page of findings, the newest first. Of calls that aren't recorded, and of messages that were refused, the last 2,000 since the server began.", body = FindingsDoc),
        RequestFailures,
    )
)]
pub(crate) async fn findings(
    State(state): State<AppState>,
    principal: Principal,
    mut query: QueryValues,
) -> Result<JsonResponse, ApiError> {
    let limit = query
        .number("limit", 1..=MAX_FOUND)?
        .unwrap_or(DEFAULT_FOUND);
    let after = query.text("after");
    query.finish()?;
    let after = match after.as_deref() {
        None => FindingCursor::START,
        Some(text) => FindingCursor::read(text)
            .ok_or_else(|| ApiError::invalid("after", "`after` is no `next` of a page"))?,
    };
    let person = state.people.of(&principal)?;
    state
        .blocking(move || JsonResponse::of(&page(&person, after, limit)?))
        .await
}

fn page(person: &Person, after: FindingCursor, limit: usize) -> Result<FindingsDoc, ApiError> {
    let kept = person
        .memory
        .archive()?
        .guarded_messages(after.message, limit)?;
    let mut unkept = person.found.before(after.unkept, limit);
    if let Some(chat) = person.chat.opened().get() {
        let refused: &UnkeptFindings = chat.refused();
        unkept.extend(refused.before(after.unkept, limit));
    }
    unkept.sort_by_key(|found| std::cmp::Reverse(found.number));
    let (mut kept, mut unkept) = (kept.into_iter().peekable(), unkept.into_iter().peekable());
    let mut at = after;
    let mut findings = Vec::new();
    while findings.len() < limit {
        let kept_time = kept.peek().map(|message| message.time.unwrap_or_default());
        let unkept_time = unkept.peek().map(|found| found.time);
        if kept_time.is_none() && unkept_time.is_none() {
            return Ok(FindingsDoc {
                findings,
                next: None,
            });
        }
        if kept_time >= unkept_time {
            let Some(message) = kept.next() else { break };
            at.message = message.number;
            findings.extend(of_message(&message));
        } else {
            let Some(found) = unkept.next() else { break };
            at.unkept = found.number;
            findings.push(of_unkept(found));
        }
    }
    let is_end = kept.peek().is_none() && unkept.peek().is_none() && findings.len() < limit;
    Ok(FindingsDoc {
        findings,
        next: (!is_end).then(|| {
            format!(
                "{}.{}",
                at.message.min(CURSOR_END),
                at.unkept.min(CURSOR_END.unsigned_abs())
            )
        }),
    })
}

/// The largest number in a cursor, which has at most 18 digits.
const CURSOR_END: i64 = 999_999_999_999_999_999;

/// What was found in a message: its findings, or those for which it was refused.
fn of_message(message: &GuardedMessage) -> Vec<ChatFindingDoc> {
    let detail: Value = serde_json::from_str(&message.detail).unwrap_or_default();
    let found = [&detail["findings"], &detail["refusal"]["findings"]];
    let found = found
        .into_iter()
        .filter_map(Value::as_array)
        .find(|found| !found.is_empty());
    let place = match message.role {
        Role::Assistant => "output",
        Role::Tool => "tool",
        _ => "input",
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let doc = |found: &Value| ChatFindingDoc {
        time: message.time.unwrap_or_default(),
        place: place.to_owned(),
        kind: text(&found["kind"]),
        entity: text(&found["entity"]),
        rule: text(&found["rule"]),
        score: found["score"].as_f64().unwrap_or_default(),
        why: text(&found["why"]),
        verdict: text(&found["action"]),
        start: found["start"].as_u64().unwrap_or_default(),
        end: found["end"].as_u64().unwrap_or_default(),
        conversation: Some(message.chat.clone()),
        message: Some(message.id.clone()),
    };
    found.into_iter().flatten().map(doc).collect()
}

fn of_unkept(found: UnkeptFinding) -> ChatFindingDoc {
    let here = found.found;
    ChatFindingDoc {
        time: found.time,
        place: found.place.to_owned(),
        kind: here.kind.to_owned(),
        entity: here.entity,
        rule: here.rule,
        score: here.score.into(),
        why: here.why,
        verdict: here.action.to_owned(),
        start: here.start as u64,
        end: here.end as u64,
        conversation: found.conversation,
        message: None,
    }
}

/// What becomes of findings in one place.
#[derive(Debug, Serialize, ToSchema)]
struct PolicyDoc {
    /// `store`, `recall`, `input`, `output` or `scan`.
    place: &'static str,
    /// The project that it holds for; nothing for all that have none of their own.
    project: Option<String>,
    /// What becomes of secrets: `allow`, `flag`, `mask`, `quarantine` or `block`.
    secret: &'static str,
    /// Of personal data.
    pii: &'static str,
    /// Of instructions aimed at assistants.
    injection: &'static str,
    /// Of unwanted content.
    content: &'static str,
    /// Entities and rules with an action of their own; the last that fits decides.
    exceptions: Vec<PolicyExceptionDoc>,
    /// What is done about a text on which a guard failed.
    on_failure: &'static str,
    /// Whether second opinions are asked for.
    second_opinion: bool,
}

/// An entity or rule with an action of its own.
#[derive(Debug, Serialize, ToSchema)]
struct PolicyExceptionDoc {
    /// The entity, such as `EMAIL_ADDRESS`, or the rule.
    subject: String,
    /// What becomes of it.
    action: &'static str,
}

/// The policies in force.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PoliciesDoc {
    /// The policies, by place.
    policies: Vec<PolicyDoc>,
}

/// What becomes of findings in each place, as the settings say.
#[utoipa::path(
    get, path = "/api/guards/policies", tag = "guards",
    responses(
        (status = 200, description = "The policies that are in force.", body = PoliciesDoc),
        RequestFailures,
    )
)]
pub(crate) async fn policies(
    State(state): State<AppState>,
    principal: Principal,
    query: QueryValues,
) -> Result<JsonResponse, ApiError> {
    query.finish()?;
    let person = state.people.of(&principal)?;
    let mut policies = Vec::new();
    for (place, of_place) in &person.policies {
        policies.push(policy(*place, None, &of_place.default));
        let projects = of_place.projects.iter();
        policies.extend(projects.map(|(project, own)| policy(*place, Some(project), own)));
    }
    JsonResponse::of(&PoliciesDoc { policies })
}

fn policy(place: Place, project: Option<&String>, policy: &Policy) -> PolicyDoc {
    let of = |kind| policy.in_general(kind).name();
    let exceptions = policy.exceptions();
    PolicyDoc {
        place: place.name(),
        project: project.cloned(),
        secret: of(Kind::Secret),
        pii: of(Kind::Pii),
        injection: of(Kind::Injection),
        content: of(Kind::Content),
        exceptions: exceptions
            .map(|(subject, action)| PolicyExceptionDoc {
                subject: subject.to_owned(),
                action: action.name(),
            })
            .collect(),
        on_failure: policy.on_failure.name(),
        second_opinion: policy.second_opinion,
    }
}
