//! Why a search found nothing: which of the things that it was narrowed by left everything out.

use rusqlite::Connection;

use super::scope::SearchFilter;
use crate::{Result, SearchNote, SearchRequest};

/// Says why there are no hits, where what was asked for beside the query is the reason.
pub(super) fn explain(
    connection: &Connection,
    filter: &SearchFilter<'_>,
    request: &SearchRequest,
    notes: &mut Vec<SearchNote>,
) -> Result<()> {
    if filter.is_closed() {
        return Ok(());
    }
    if let Some(note) = missing(filter, request) {
        notes.push(note);
        return Ok(());
    }
    let left_out = filter.left_out();
    if filter.bounds_time() {
        let (latest, is_any_in_time) = filter.times(connection)?;
        if !is_any_in_time {
            notes.push(SearchNote::NothingInTime { latest });
            return Ok(());
        }
        if let Some(latest) = left_out.by_time {
            notes.push(SearchNote::OutsideTime { latest });
        }
    }
    if let Some(role) = request.role.filter(|_| left_out.by_role) {
        notes.push(SearchNote::OtherRoles(role));
    }
    if let Some(source) = request.source.clone().filter(|_| left_out.by_source) {
        notes.push(SearchNote::OtherSources(source));
    }
    Ok(())
}

/// The file or tool that no message in the scope has to do with.
fn missing(filter: &SearchFilter<'_>, request: &SearchRequest) -> Option<SearchNote> {
    let is_named = request.file.is_some() || request.tool.is_some();
    if !is_named || filter.has_messages() {
        return None;
    }
    match (&request.file, &request.tool) {
        (Some(file), None) => Some(SearchNote::NoFile(file.clone())),
        (None, Some(tool)) => Some(SearchNote::NoTool(tool.clone())),
        _ => None,
    }
}
