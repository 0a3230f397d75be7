//! Searching for a call: the request that its arguments make, and what was found where it stands.

use memory::{Scope, SearchRequest, Searched};

use crate::call::Call;
use crate::params::{Args, Kind, Param, optional};
use crate::place::Place;
use crate::refusal::Refusal;

/// The least score of a hit. 0 asks for whatever there is.
pub(super) const MIN_SCORE: Param = optional(
    "min_score",
    Kind::Number {
        min: 0.0,
        max: 1.0,
        default: 0.3,
    },
    "",
);

/// What the arguments that most searches share make of a request.
pub(super) fn request(call: &Call, args: &Args, query: &str) -> SearchRequest {
    let mut request = SearchRequest::new(query, Scope::Nothing, call.now());
    request.mode = call.options().search_mode;
    request.min_score = args.number("min_score");
    request
}

/// A search done, with where it was done.
pub(super) struct Found {
    pub(super) place: Place,
    /// Nothing where the client's project has no history.
    pub(super) searched: Option<Searched>,
}

/// Searches where the call stands. The index catches up first, for a moment.
pub(super) fn search(
    call: &Call,
    args: &Args,
    mut request: SearchRequest,
) -> Result<Found, Refusal> {
    call.catch_up();
    let place = call.archive(|archive| call.place(archive, args))?;
    let Some(scope) = place.scope() else {
        return Ok(Found {
            place,
            searched: None,
        });
    };
    request.scope = scope;
    let searched = call.search(&request)?;
    Ok(Found {
        place,
        searched: Some(searched),
    })
}
