//! `lorekeep show --tree`: what a conversation came out of, and what came out of it, a line each.

use jiff::Zoned;
use recall::{Archive, RelatedConversation, TreeLine};
use transcript::Relation;
use wire::{TreeDoc, counted, short_id, thousands, when};

use crate::args;
use crate::clock;
use crate::exit::CommandOutcome;
use crate::output::Output;
use crate::output::look::Ink;
use crate::output::page::TextPage;
use crate::output::text;

/// Columns that each step down a tree takes, and the steps after which lines go no further in.
const STEP_COLUMNS: usize = 2;
const MAX_STEPS: usize = 12;

/// Columns of a title.
const MIN_TITLE_COLUMNS: usize = 16;
const MAX_TITLE_COLUMNS: usize = 60;

/// Prints the tree that a conversation belongs to.
pub(super) fn run(
    archive: &Archive,
    conversation: &str,
    args: &args::ShowArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let tree = archive.tree(conversation, args.quarantined)?;
    if args.json.json {
        out.json_line(&serde_json::to_string(&TreeDoc::new(&tree))?)?;
        return Ok(CommandOutcome::Done);
    }
    if !args.no_pager {
        out.start_pager();
    }
    let now = clock::now();
    let mut page = out.page();
    if tree.is_cut_above {
        page.line(Ink::Dim, "… more above");
    }
    for line in &tree.lines {
        match line {
            TreeLine::Conversation {
                depth,
                is_asked,
                is_archived,
                conversation,
            } => {
                indent(*depth, &mut page);
                let ink = if *is_asked { Ink::Match } else { Ink::Plain };
                if *is_archived {
                    branch(archive, conversation, (*depth, ink), &now, &mut page);
                } else {
                    page.pieces(
                        0,
                        &[
                            (Ink::Dim, "(not in the archive)".to_owned()),
                            (Ink::Name, text::one_line(&conversation.id)),
                        ],
                    );
                }
            }
            TreeLine::More { depth, count } => {
                indent(*depth, &mut page);
                page.line(Ink::Dim, &format!("… and {} more", thousands(*count)));
            }
        }
    }
    out.print(page)?;
    Ok(CommandOutcome::Done)
}

/// How a conversation came out of the one that is named next.
pub(super) fn came_out_of(relation: Relation) -> &'static str {
    match relation {
        Relation::SubAgent => "sub-agent of",
        Relation::Fork => "fork of",
        Relation::Resume => "goes on with",
    }
}

fn indent(depth: usize, page: &mut TextPage) {
    page.push(&" ".repeat(STEP_COLUMNS * depth.min(MAX_STEPS)));
}

/// Title, relation, id, time and number of messages on one line.
fn branch(
    archive: &Archive,
    conversation: &RelatedConversation,
    (depth, ink): (usize, Ink),
    now: &Zoned,
    page: &mut TextPage,
) {
    let title = match text::one_line(&conversation.title) {
        title if title.trim().is_empty() => "(no words)".to_owned(),
        title => title,
    };
    let relation = conversation.relation.filter(|_| depth > 0);
    let details = [
        (
            Ink::Dim,
            relation.map(|relation| relation.name().to_owned()),
        ),
        (Ink::Name, Some(enough_of(archive, &conversation.id))),
        (
            Ink::Plain,
            conversation.started.map(|time| when::minute(time, now)),
        ),
        (Ink::Plain, Some(counted(conversation.messages, "message"))),
    ];
    let details = details.into_iter();
    let details = details.filter_map(|(ink, detail)| Some((ink, text::one_line(&detail?))));
    let details: Vec<(Ink, String)> = details.collect();
    let taken = details.iter().map(|(_, detail)| text::width(detail) + 2);
    let taken = taken.sum::<usize>() + STEP_COLUMNS * depth.min(MAX_STEPS);
    let columns = page.look().width.saturating_sub(taken);
    let columns = columns.clamp(MIN_TITLE_COLUMNS, MAX_TITLE_COLUMNS);
    page.paint(ink, &text::clip(&title, columns));
    for (ink, detail) in details {
        page.push("  ").paint(ink, &detail);
    }
    page.end();
}

/// As much of an id as finds the conversation.
fn enough_of(archive: &Archive, id: &str) -> String {
    let short = match id.split_once('/') {
        Some((whole, part)) => format!("{}/{part}", short_id(whole)),
        None => short_id(id).to_owned(),
    };
    let is_enough = archive
        .conversation(&short)
        .is_ok_and(|found| found.id == id);
    if is_enough { short } else { id.to_owned() }
}
