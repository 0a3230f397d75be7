//! The hooks that clients run, and the lines that run them.

use crate::setup::edit::FileEdit;
use crate::setup::launch::LaunchCommand;
use crate::setup::node::Node;

/// What hooks the person wants, and the program that they run.
pub(crate) struct Hooks<'a> {
    /// The program with what it needs, without arguments.
    pub(crate) launch: &'a LaunchCommand,
    /// Whether prompts get evidence from the archive too.
    pub(crate) prompt_evidence: bool,
}

/// A moment in a session; each client has a name of its own for it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum HookOccasion {
    /// A session begins or goes on: the recap goes in.
    SessionStart,
    /// The person sends a prompt.
    Prompt,
    /// An answer is complete.
    Stop,
    /// The session ends.
    SessionEnd,
    /// The context is about to be shortened.
    PreCompact,
}

/// How long a client waits for a hook at most, in seconds. A hook takes some hundredths of one.
pub(super) const HOOK_TIMEOUT_SECONDS: u64 = 5;

impl Hooks<'_> {
    /// The events of this list that are wanted.
    pub(super) fn wanted<'e>(
        &self,
        events: &'e [(HookOccasion, &'static str)],
    ) -> impl Iterator<Item = (HookOccasion, &'static str)> + use<'e> {
        let prompts = self.prompt_evidence;
        let events = events.iter().copied();
        events.filter(move |(event, _)| prompts || *event != HookOccasion::Prompt)
    }

    /// The line that a client runs; all but Claude Code are named, since what a hook may print
    /// differs.
    pub(super) fn line(
        &self,
        (event, theirs): (HookOccasion, &str),
        client: Option<&str>,
    ) -> String {
        let mut launch = self.launch.clone();
        launch.args = vec!["hook".into(), theirs.into()];
        if event == HookOccasion::Prompt {
            // The setting is off, so that a hook of somebody's own does nothing unasked.
            let on = ("HOOKS__PROMPT_EVIDENCE".into(), "true".into());
            launch.env.push(on);
        }
        if let Some(client) = client {
            launch.args.extend(["--client".into(), client.into()]);
        }
        launch.line()
    }

    /// A group of one hook, in the form of Claude Code that others have taken over.
    pub(super) fn group(
        &self,
        event: (HookOccasion, &'static str),
        matcher: Option<&str>,
        client: Option<&str>,
        timeout: u64,
    ) -> FileEdit {
        let hook = Node::table([
            ("type", Node::text("command")),
            ("command", Node::text(self.line(event, client))),
            ("timeout", Node::Number(timeout)),
        ]);
        let matcher = matcher.map(|matcher| ("matcher", Node::text(matcher)));
        let hooks = ("hooks", Node::List(vec![hook]));
        let group = Node::table(matcher.into_iter().chain([hooks]));
        FileEdit::element(&["hooks", event.1], group)
    }
}
