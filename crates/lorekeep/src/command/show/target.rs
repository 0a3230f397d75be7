//! What `lorekeep show` is asked to open: a hit's number, an id or the start of one, or an address.

use percent_encoding::percent_decode_str;
use recall::{Archive, Located};

use crate::args;
use crate::command::app::App;
use crate::fault::Fault;
use crate::last_search;
use crate::output::Output;

/// How addresses begin, which assistants name conversations by.
const ADDRESS_SCHEME: &str = "lorekeep://";

/// Digits of the number of a hit: a search prints 1,000 at most.
const MAX_NUMBER_DIGITS: usize = 4;

/// What is to be shown.
pub(super) struct ShowTarget {
    /// The conversation's whole id.
    pub(super) conversation: String,
    /// The message that is meant; `None` where it is the whole conversation.
    pub(super) message: Option<String>,
}

/// Finds what the person means.
pub(super) fn find(
    app: &App,
    archive: &Archive,
    args: &args::ShowArgs,
    out: &mut Output,
) -> anyhow::Result<ShowTarget> {
    let located = located(app, archive, args.id.trim(), out)?;
    let message = args.around.clone().or(located.message);
    if message.is_none() && args.context.is_some() {
        let what = format!(
            "`{}` is a conversation, `--context` needs a message",
            args.id
        );
        return Err(Fault::usage(what)
            .hint("give the number of a hit, a message's id, or `--around MESSAGE`")
            .into());
    }
    Ok(ShowTarget {
        conversation: located.conversation,
        message,
    })
}

fn located(app: &App, archive: &Archive, id: &str, out: &mut Output) -> anyhow::Result<Located> {
    if let Some(address) = id.strip_prefix(ADDRESS_SCHEME) {
        return of_address(archive, id, address);
    }
    match number(id) {
        Some(number) => of_hit(app, archive, id, number, out),
        None => Ok(archive.locate(id)?),
    }
}

/// The number of a hit, if the text may be one.
fn number(text: &str) -> Option<usize> {
    let is_number = !text.is_empty()
        && text.len() <= MAX_NUMBER_DIGITS
        && !text.starts_with('0')
        && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// A hit of the last search, else what goes by that id.
fn of_hit(
    app: &App,
    archive: &Archive,
    id: &str,
    number: usize,
    out: &mut Output,
) -> anyhow::Result<Located> {
    let last = last_search::last(&app.loaded.locations);
    let printed = last.as_ref().map_or(0, |last| last.hits.len());
    if let Some(last) = &last
        && let Some(hit) = last.hits.get(number - 1)
    {
        if last.is_of_another {
            out.note("no search in this session: the number is of the last one without a terminal");
        }
        return Ok(Located {
            conversation: hit.conversation.clone(),
            message: Some(hit.message.clone()),
        });
    }
    archive.locate(id).map_err(|error| match error {
        recall::Error::NoConversation(_) => no_hit(number, last.is_some(), printed).into(),
        error => error.into(),
    })
}

fn no_hit(number: usize, has_searched: bool, printed: usize) -> Fault {
    let what = match (has_searched, printed) {
        (false, _) => format!("no hit {number}: nothing was searched in this terminal yet"),
        (true, 1) => format!("no hit {number}: the last search of this terminal found 1"),
        (true, _) => format!("no hit {number}: the last search of this terminal found {printed}"),
    };
    Fault::missing(what).hint("a message's id, which `search --json` prints too, works anywhere")
}

/// `lorekeep://conversation/ID`, `lorekeep://conversation/ID#MESSAGE` or `lorekeep://message/ID`, with what
/// addresses can't hold written `%XX`.
fn of_address(archive: &Archive, whole: &str, address: &str) -> anyhow::Result<Located> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let address = address.trim_end_matches('/');
    if let Some(id) = address
        .strip_prefix("conversation/")
        .filter(|id| !id.is_empty())
    {
        let (id, message) = match id.split_once('#') {
            Some((id, message)) => (id, Some(decoded(message))),
            None => (id, None),
        };
        return Ok(Located {
            conversation: archive.conversation(&decoded(id))?.id,
            message,
        });
    }
    if let Some(id) = address.strip_prefix("message/").filter(|id| !id.is_empty()) {
        return Ok(archive.locate(&decoded(id))?);
    }
    Err(
        Fault::usage(format!("`{whole}` is no address of Lorekeep's"))
            .hint("they are `lorekeep://conversation/ID` and `lorekeep://message/ID`")
            .into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_small_number_is_a_hit() {
        let numbers = ["1", "37", "1000", "0", "03", "12345", "3f", "", "-1", "١"].map(number);
        let expected = [
            Some(1),
            Some(37),
            Some(1000),
            None,
            None,
            None,
            None,
            None,
            None,
            None,
        ];
        assert_eq!(numbers, expected);
    }
}
