//! What a search's hits don't tell, in words.

use jiff::Zoned;
use recall::SearchNote;

use crate::when;

/// A sentence for a person about a search, without a full stop; times are in the time zone of `now`. Words of
/// the query and of messages stand in it as they are: a surface escapes the whole.
pub fn search_note(note: &SearchNote, now: &Zoned) -> String {
    match note {
        SearchNote::OnlyFirstWords(count) => {
            format!("only {count} of the query's words were looked for")
        }
        SearchNote::Corrected(words) => {
            let (typed, taken): (Vec<_>, Vec<_>) = words
                .iter()
                .map(|(typed, taken)| (format!("`{typed}`"), format!("`{taken}`")))
                .unzip();
            let (typed, taken) = (typed.join(", "), taken.join(", "));
            format!("no match for {typed}, showing {taken}")
        }
        SearchNote::NoFile(file) => format!("no message is about a file that ends with `{file}`"),
        SearchNote::NoTool(tool) => format!("no message calls a tool `{tool}`"),
        SearchNote::NothingInTime { latest: None } => {
            "nothing here has a time, so nothing was said in the time asked for".to_owned()
        }
        SearchNote::NothingInTime {
            latest: Some(latest),
        } => format!(
            "nothing at all was said in the time asked for; the latest message is of {}",
            when::minute(*latest, now)
        ),
        SearchNote::OutsideTime { latest } => format!(
            "what fits was said outside of the time asked for, the latest of it on {}",
            when::minute(*latest, now)
        ),
        SearchNote::OtherRoles(role) => {
            format!("what fits has another role than `{}`", role.name())
        }
        SearchNote::OtherSources(source) => {
            format!("what fits has another source than `{source}`")
        }
    }
}
