//! Searching for a call: the request that its arguments make, and what was found where it stands.

use memory::{Scope, SearchRequest, Searched};

use crate::call::McpCall;
use crate::params::{ParamKind, ToolArguments, ToolParam, optional};
use crate::refusal::Refusal;
use crate::scope::CallScope;

/// The least score of a hit. 0 asks for whatever there is.
pub(super) const MIN_SCORE: ToolParam = optional(
    "min_score",
    ParamKind::Number {
        min: 0.0,
        max: 1.0,
        default: 0.3,
    },
    "",
);

/// What the arguments that most searches share make of a request.
pub(super) fn request(call: &McpCall, args: &ToolArguments, query: &str) -> SearchRequest {
    let mut request = SearchRequest::new(query, Scope::Nothing, call.now());
    request.mode = call.options().search_mode;
    request.min_score = args.number("min_score");
    request
}

/// A search done, with where it was done.
pub(super) struct ScopedSearch {
    pub(super) place: CallScope,
    /// Nothing where the client's project has no history.
    pub(super) searched: Option<Searched>,
}

/// Searches where the call stands. The index catches up first, for a moment.
pub(super) fn search(
    call: &McpCall,
    args: &ToolArguments,
    mut request: SearchRequest,
) -> Result<ScopedSearch, Refusal> {
    call.catch_up();
    let place = call.archive(|archive| call.place(archive, args))?;
    let Some(scope) = place.scope() else {
        return Ok(ScopedSearch {
            place,
            searched: None,
        });
    };
    request.scope = scope;
    let searched = call.search(&request)?;
    Ok(ScopedSearch {
        place,
        searched: Some(searched),
    })
}
