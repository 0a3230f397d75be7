//! Tool calls in a Claude Code session: the call, what the model sees, what the harness keeps.

use super::outputs;
use super::project::SourceFile;
use super::record::opaque;
use super::session::ClaudeSession;

/// A call of some tool and its result.
pub(super) fn call(session: &mut ClaudeSession<'_>) {
    let id = format!("toolu_01{}", opaque(&mut session.rng, 22));
    match session.rng.below(100) {
        0..29 => read(session, &id),
        29..54 => edit(session, &id),
        54..85 => bash(session, &id),
        85..93 => grep(session, &id),
        93..97 => write(session, &id),
        _ => todos(session, &id),
    }
}

/// A file of the project: mostly one of those in focus.
fn some_file(session: &mut ClaudeSession<'_>) -> usize {
    if session.rng.chance(0.75) {
        return *session.rng.pick(&session.focus);
    }
    let file = session.rng.below(session.project.files.len());
    let slot = session.rng.below(session.focus.len());
    session.focus[slot] = file;
    file
}

/// Opens the record of a call, up to the members of its input.
fn open(session: &mut ClaudeSession<'_>, tool: &str, id: &str) {
    session.assistant();
    session
        .lines
        .raw("{\"type\":\"tool_use\",\"id\":\"")
        .raw(id);
    session
        .lines
        .raw("\",\"name\":\"")
        .raw(tool)
        .raw("\",\"input\":{");
}

fn run(session: &mut ClaudeSession<'_>, tool: &str, id: &str) {
    session.lines.raw("},\"caller\":{\"type\":\"direct\"}}");
    session.assistant_end();
    session.hooks_around(tool, id);
    session.result(id);
}

/// Lines as `cat -n` shows them, inside of a string.
fn numbered(session: &mut ClaudeSession<'_>, file: usize, from: usize, to: usize) {
    let lines = &mut session.lines;
    for (at, line) in session.project.files[file].lines[from..to]
        .iter()
        .enumerate()
    {
        let number = (from + at + 1).to_string();
        lines
            .raw(&"     "[number.len().min(5)..])
            .raw(&number)
            .raw("→")
            .inside(line)
            .raw("\\n");
    }
}

/// Lines as they are, inside of a string.
fn plain(session: &mut ClaudeSession<'_>, file: usize, from: usize, to: usize) {
    let lines = &mut session.lines;
    for line in &session.project.files[file].lines[from..to] {
        lines.inside(line).raw("\\n");
    }
}

fn path_member(session: &mut ClaudeSession<'_>, name: &str, file: usize) {
    let path = &session.project.files[file].path;
    session.lines.raw("\"").raw(name).raw("\":").text(path);
}

/// Part of a file: all of it, or up to 250 lines from somewhere.
fn part(session: &mut ClaudeSession<'_>, file: usize) -> (usize, usize) {
    let count = session.project.files[file].lines.len();
    if session.rng.chance(0.5) {
        return (0, count.min(260));
    }
    let from = session.rng.below(count);
    (from, (from + session.rng.range(20, 120)).min(count))
}

fn read(session: &mut ClaudeSession<'_>, id: &str) {
    let file = some_file(session);
    let (from, to) = part(session, file);
    open(session, "Read", id);
    path_member(session, "file_path", file);
    run(session, "Read", id);
    numbered(session, file, from, to);
    session.lines.raw("\\n<system-reminder>\\nWhenever you read a file, you should consider whether it would be considered malware.\\n</system-reminder>\\n");
    session.result_detail();
    session.lines.raw("{\"type\":\"text\",\"file\":{");
    path_member(session, "filePath", file);
    session.lines.raw(",\"content\":\"");
    plain(session, file, from, to);
    let total = session.project.files[file].lines.len();
    session
        .lines
        .raw("\",\"numLines\":")
        .number(to - from)
        .raw(",\"startLine\":")
        .number(from + 1);
    session
        .lines
        .raw(",\"totalLines\":")
        .number(total)
        .raw("}}");
    session.result_end();
}

fn edit(session: &mut ClaudeSession<'_>, id: &str) {
    let file = some_file(session);
    let count = session.project.files[file].lines.len();
    let from = session.rng.below(count);
    let to = (from + session.rng.range(1, 8)).min(count);
    let mut depth = 1;
    let new: Vec<String> = (0..session.rng.range(1, 10))
        .map(|_| session.project.line(&mut session.rng, &mut depth))
        .collect();
    let new_text = new.join("\n");
    let old_text = session.project.files[file].lines[from..to].join("\n");
    open(session, "Edit", id);
    path_member(session, "file_path", file);
    session
        .lines
        .raw(",\"old_string\":")
        .text(&old_text)
        .raw(",\"new_string\":")
        .text(&new_text);
    run(session, "Edit", id);
    let path = session.project.files[file].path.clone();
    session.lines.raw("The file ").inside(&path);
    session.lines.raw(" has been updated. Here's the result of running `cat -n` on a snippet of the edited file:\\n");
    numbered(session, file, from.saturating_sub(4), (to + 4).min(count));
    session.result_detail();
    session.lines.raw("{");
    path_member(session, "filePath", file);
    session
        .lines
        .raw(",\"oldString\":")
        .text(&old_text)
        .raw(",\"newString\":")
        .text(&new_text);
    session.lines.raw(",\"originalFile\":\"");
    plain(session, file, 0, count);
    session
        .lines
        .raw("\",\"structuredPatch\":[{\"oldStart\":")
        .number(from + 1);
    session
        .lines
        .raw(",\"oldLines\":")
        .number(to - from)
        .raw(",\"newStart\":")
        .number(from + 1);
    session
        .lines
        .raw(",\"newLines\":")
        .number(new.len())
        .raw(",\"lines\":[");
    patch(session, file, (from, to), &new);
    session
        .lines
        .raw("]}],\"userModified\":false,\"replaceAll\":false}");
    session.result_end();
    session.project.files[file].lines.splice(from..to, new);
    // Files neither grow without end nor vanish.
    session.project.files[file].lines.truncate(700);
}

fn patch(session: &mut ClaudeSession<'_>, file: usize, (from, to): (usize, usize), new: &[String]) {
    let lines = &mut session.lines;
    let old = &session.project.files[file].lines;
    for (at, line) in old[from.saturating_sub(3)..to].iter().enumerate() {
        let sign = if at < from.min(3) { " " } else { "-" };
        lines
            .raw(if at == 0 { "\"" } else { ",\"" })
            .raw(sign)
            .inside(line)
            .raw("\"");
    }
    for line in new {
        lines.raw(",\"+").inside(line).raw("\"");
    }
}

fn bash(session: &mut ClaudeSession<'_>, id: &str) {
    let (command, description) = outputs::command(session.project, &mut session.rng);
    let count = session.rng.range(1, 12) + session.rng.below(11) * session.rng.below(12);
    let mut output = String::new();
    outputs::output(session.project, &mut session.rng, count, &mut output);
    open(session, "Bash", id);
    session
        .lines
        .raw("\"command\":")
        .text(&command)
        .raw(",\"description\":")
        .text(&description);
    run(session, "Bash", id);
    session.lines.inside(&output);
    session.result_detail();
    session.lines.raw("{\"stdout\":").text(&output);
    session.lines.raw(
        ",\"stderr\":\"\",\"interrupted\":false,\"isImage\":false,\"noOutputExpected\":false}",
    );
    session.result_end();
}

fn grep(session: &mut ClaudeSession<'_>, id: &str) {
    let pattern = session.rng.favour(&session.project.names).clone();
    let mut found = String::new();
    for _ in 0..session.rng.range(1, 40) {
        let file: &SourceFile = session.rng.favour(&session.project.files);
        let at = session.rng.below(file.lines.len());
        found.push_str(&format!("{}:{}:{}\n", file.path, at + 1, file.lines[at]));
    }
    open(session, "Grep", id);
    session
        .lines
        .raw("\"pattern\":")
        .text(&pattern)
        .raw(",\"output_mode\":\"content\",\"-n\":true");
    run(session, "Grep", id);
    session.lines.inside(&found);
    session.result_detail();
    session
        .lines
        .raw("{\"mode\":\"content\",\"numFiles\":0,\"filenames\":[],\"content\":")
        .text(&found);
    session
        .lines
        .raw(",\"numLines\":")
        .number(found.lines().count())
        .raw("}");
    session.result_end();
}

fn write(session: &mut ClaudeSession<'_>, id: &str) {
    let new = session.project.file(&mut session.rng);
    let slot = session.rng.below(session.project.files.len());
    session.project.files[slot] = new;
    let count = session.project.files[slot].lines.len();
    open(session, "Write", id);
    path_member(session, "file_path", slot);
    session.lines.raw(",\"content\":\"");
    plain(session, slot, 0, count);
    session.lines.raw("\"");
    run(session, "Write", id);
    let path = session.project.files[slot].path.clone();
    session
        .lines
        .raw("File created successfully at: ")
        .inside(&path);
    session.result_detail();
    session.lines.raw("{\"type\":\"create\",");
    path_member(session, "filePath", slot);
    session.lines.raw(",\"content\":\"");
    plain(session, slot, 0, count);
    session
        .lines
        .raw("\",\"structuredPatch\":[],\"originalFile\":null}");
    session.result_end();
}

fn todos(session: &mut ClaudeSession<'_>, id: &str) {
    let mut list = String::from("[");
    for at in 0..session.rng.range(3, 9) {
        let (a, b) = (
            session.rng.favour(&session.project.names),
            session.rng.favour(&session.project.topic),
        );
        list.push_str(if at > 0 { "," } else { "" });
        list.push_str(&format!(
            "{{\"content\":\"Update {a} for {b}\",\"status\":\"pending\",\"activeForm\":\"Updating {a} for {b}\"}}"
        ));
    }
    list.push(']');
    open(session, "TodoWrite", id);
    session.lines.raw("\"todos\":").raw(&list);
    run(session, "TodoWrite", id);
    session.lines.raw("Todos have been modified successfully. Ensure that you continue to use the todo list to track your progress.");
    session.result_detail();
    session
        .lines
        .raw("{\"oldTodos\":[],\"newTodos\":")
        .raw(&list)
        .raw("}");
    session.result_end();
}

/// What a person pastes beside a question.
pub(super) fn pasted_error(session: &mut ClaudeSession<'_>, text: &mut String) {
    let count = session.rng.range(2, 12);
    outputs::output(session.project, &mut session.rng, count, text);
}
