//! TOML: adds a table at the end of the text and takes it out again; what is there already stays
//! as it is. Works on text alone.

use serde_json::Value;
use toml_edit::{Document, DocumentMut, InlineTable, Item, Table, TableLike};

use super::edit::{FileEdit, Undo, is_ours};
use super::node::Node;
use super::position::fault_at;
use crate::fault::Fault;

/// The text with all edits made, and the way back.
pub(crate) fn apply(text: &str, edits: &[FileEdit]) -> Result<(String, Vec<Undo>), Fault> {
    let mut text = text.to_owned();
    let mut undos = Vec::new();
    for edit in edits {
        if let FileEdit::Set { path, node, .. } = edit {
            text = put(&text, path, node, &mut undos)?;
        }
    }
    Ok((text, undos))
}

/// The text without what `apply` put in, as far as it is still there; and what was left since
/// somebody made it into something else.
pub(crate) fn revert(text: &str, undos: &[Undo]) -> Result<(String, Vec<String>), Fault> {
    let mut text = text.to_owned();
    let mut left = Vec::new();
    for undo in undos.iter().rev() {
        let Some((path, ours)) = undo.ours() else {
            continue;
        };
        match get(&text, path)? {
            None => {}
            Some(there) if !is_ours(&there, ours) => left.push(path.join(".")),
            Some(_) => text = take(&text, path, undo)?,
        }
    }
    Ok((text, left))
}

/// The value at a path; `None` where there is nothing.
pub(crate) fn get(text: &str, path: &[String]) -> Result<Option<Value>, Fault> {
    let document = parse(text)?;
    Ok(find(document.as_item(), path).map(value))
}

fn put(text: &str, path: &[String], node: &Node, undos: &mut Vec<Undo>) -> Result<String, Fault> {
    let ours = node.value();
    match get(text, path)? {
        None => {
            let (new, chunk) = add(text, path, node)?;
            undos.push(Undo::NoKey {
                path: path.to_vec(),
                value: ours,
                inside: chunk,
            });
            Ok(new)
        }
        Some(there) if there == ours => Ok(text.to_owned()),
        Some(_) => {
            undos.push(Undo::Other {
                path: path.to_vec(),
                value: ours,
                before: fragment(text, path)?,
            });
            edit(text, path, |parent, key| {
                // The comments before it are about what was and is again there.
                if let (Some(there), Some(table)) = (parent.get_mut(key), table(node).into()) {
                    exchange(there, table);
                }
            })
        }
    }
}

/// Adds the table after everything else, where no line has to change for it; and says what was
/// added. Only where `a = { … }` is closed to additions, the table goes into the braces.
fn add(text: &str, path: &[String], node: &Node) -> Result<(String, Option<String>), Fault> {
    let newline = newline(text);
    let gap = match text {
        "" => "",
        text if text.ends_with('\n') => newline,
        _ => &newline.repeat(2),
    };
    let chunk = format!("{gap}{}", written(path, node).replace('\n', newline));
    let appended = format!("{text}{chunk}");
    if get(&appended, path).is_ok_and(|there| there.as_ref() == Some(&node.value())) {
        return Ok((appended, Some(chunk)));
    }
    let new = edit(text, path, |parent, key| {
        parent.insert(key, Item::Value(inline(node).into()));
    })?;
    Ok((new, None))
}

/// The table as text.
fn written(path: &[String], node: &Node) -> String {
    let mut inner = table(node);
    inner.set_implicit(false);
    let mut item = Item::Table(inner);
    for key in path.iter().rev() {
        let mut outer = Table::new();
        outer.set_implicit(true);
        outer.insert(key, item);
        item = Item::Table(outer);
    }
    match item {
        Item::Table(root) => DocumentMut::from(root).to_string(),
        _ => String::new(),
    }
}

fn take(text: &str, path: &[String], undo: &Undo) -> Result<String, Fault> {
    match undo {
        Undo::NoKey { inside, .. } => {
            if let Some(cut) = inside.as_deref().and_then(|chunk| cut(text, path, chunk)) {
                return Ok(cut);
            }
            edit(text, path, |parent, key| {
                parent.remove(key);
            })
        }
        Undo::Other { before, .. } => {
            let before: DocumentMut = before.parse().map_err(|error| fault(before, &error))?;
            let item = find(before.as_item(), path).cloned();
            edit(text, path, |parent, key| {
                if let (Some(there), Some(item)) = (parent.get_mut(key), item) {
                    *there = item;
                }
            })
        }
        _ => Ok(text.to_owned()),
    }
}

/// The text without what was added, if that is there once, as it was added, and nothing has been
/// added below the table elsewhere.
fn cut(text: &str, path: &[String], chunk: &str) -> Option<String> {
    let (before, after) = text.split_once(chunk)?;
    let cut = format!("{before}{after}");
    let gone = !after.contains(chunk) && matches!(get(&cut, path), Ok(None));
    gone.then_some(cut)
}

/// The table at a path as a document of its own.
fn fragment(text: &str, path: &[String]) -> Result<String, Fault> {
    let document = mutable(text)?;
    let mut item = find(document.as_item(), path).cloned().unwrap_or_default();
    for (depth, key) in path.iter().enumerate().rev() {
        let mut outer = Table::new();
        outer.set_implicit(depth > 0 || item.is_table());
        outer.insert(key, item);
        item = Item::Table(outer);
    }
    match item {
        Item::Table(root) => Ok(DocumentMut::from(root).to_string()),
        _ => Ok(String::new()),
    }
}

/// Changes what holds the last key of the path, and gives the text its line ends back.
fn edit(
    text: &str,
    path: &[String],
    change: impl FnOnce(&mut dyn TableLike, &str),
) -> Result<String, Fault> {
    let Some((key, parents)) = path.split_last() else {
        return Ok(text.to_owned());
    };
    let crlf = newline(text) == "\r\n";
    let plain = if crlf {
        text.replace("\r\n", "\n")
    } else {
        text.to_owned()
    };
    let mut document = mutable(&plain)?;
    let mut item = document.as_item_mut();
    for parent in parents {
        item = item
            .as_table_like_mut()
            .and_then(|table| table.get_mut(parent))
            .ok_or_else(|| Fault::failure(format!("`{}` is not a table", parents.join("."))))?;
    }
    let table = item
        .as_table_like_mut()
        .ok_or_else(|| Fault::failure(format!("`{}` is not a table", parents.join("."))))?;
    change(table, key);
    let new = document.to_string();
    Ok(if crlf { new.replace('\n', "\r\n") } else { new })
}

/// Puts a table in the place of another item, with its comments and at its place.
fn exchange(there: &mut Item, mut table: Table) {
    match there {
        Item::Table(old) => {
            *table.decor_mut() = old.decor().clone();
            table.set_position(old.position());
            *there = Item::Table(table);
        }
        _ => *there = Item::Value(table.into_inline_table().into()),
    }
}

fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

fn parse(text: &str) -> Result<Document<&str>, Fault> {
    Document::parse(text).map_err(|error| fault(text, &error))
}

fn mutable(text: &str) -> Result<DocumentMut, Fault> {
    text.parse().map_err(|error| fault(text, &error))
}

fn fault(text: &str, error: &toml_edit::TomlError) -> Fault {
    let what = format!("no valid TOML: {}", error.message().replace('\n', ", "));
    match error.span() {
        Some(span) => fault_at(text, span.start, &what),
        None => Fault::failure(what),
    }
}

fn find<'a>(root: &'a Item, path: &[String]) -> Option<&'a Item> {
    path.iter()
        .try_fold(root, |item, key| item.as_table_like()?.get(key))
}

fn value(item: &Item) -> Value {
    if let Some(tables) = item.as_array_of_tables() {
        return tables.iter().map(|table| entries(table)).collect();
    }
    match (item.as_table_like(), item.as_value()) {
        (Some(table), _) => entries(table),
        (None, Some(value)) => plain(value),
        (None, None) => Value::Null,
    }
}

fn entries(table: &dyn TableLike) -> Value {
    let entries = table.iter();
    entries
        .map(|(key, item)| (key.to_owned(), value(item)))
        .collect()
}

fn plain(plain: &toml_edit::Value) -> Value {
    use toml_edit::Value as Toml;
    match plain {
        Toml::String(text) => Value::from(text.value().as_str()),
        Toml::Integer(number) => Value::from(*number.value()),
        Toml::Float(number) => Value::from(*number.value()),
        Toml::Boolean(flag) => Value::from(*flag.value()),
        Toml::Datetime(time) => Value::from(time.value().to_string()),
        Toml::Array(array) => array.iter().map(self::plain).collect(),
        Toml::InlineTable(table) => entries(table),
    }
}

fn table(node: &Node) -> Table {
    let mut table = Table::new();
    if let Node::Table(entries) = node {
        for (key, node) in entries {
            table.insert(key, Item::Value(of(node)));
        }
    }
    table
}

fn inline(node: &Node) -> InlineTable {
    table(node).into_inline_table()
}

fn of(node: &Node) -> toml_edit::Value {
    match node {
        Node::Text(text) => text.as_str().into(),
        Node::Number(number) => i64::try_from(*number).unwrap_or(i64::MAX).into(),
        Node::Flag(flag) => (*flag).into(),
        Node::List(nodes) => nodes.iter().map(of).collect(),
        Node::Table(_) => inline(node).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(command: &str) -> Node {
        Node::table([
            ("command", Node::text(command)),
            ("args", Node::texts(["mcp"])),
            ("env", Node::table([("LOREKEEP_HOME", Node::text("/x y"))])),
        ])
    }

    fn edit(name: &str) -> FileEdit {
        FileEdit::set(&["mcp_servers", name], server("/bin/lorekeep"))
    }

    #[track_caller]
    fn round(text: &str, with: &str) {
        let (new, undos) = apply(text, &[edit("lorekeep")]).expect("it can be added");
        assert_eq!(new, with);
        let again = apply(&new, &[edit("lorekeep")]).expect("it can be added twice");
        assert_eq!(again, (new.clone(), Vec::new()));
        assert_eq!(
            revert(&new, &undos).expect("it can be removed"),
            (text.to_owned(), Vec::new())
        );
    }

    const TABLE: &str = "[mcp_servers.lorekeep]\ncommand = \"/bin/lorekeep\"\nargs = [\"mcp\"]\n\
        env = { LOREKEEP_HOME = \"/x y\" }\n";

    #[test]
    fn a_table_is_added_at_the_end_and_taken_out_again() {
        round("", TABLE);
        for text in ["model = \"x\" # why\n", "[a]\nb = { c = 1 }\n# the end\n"] {
            round(text, &format!("{text}\n{TABLE}"));
        }
        round("a = 1", &format!("a = 1\n\n{TABLE}"));
        let crlf = "[mcp_servers.other]\r\ncommand = \"x\"\r\n";
        round(crlf, &format!("{crlf}\r\n{}", TABLE.replace('\n', "\r\n")));
    }

    #[test]
    fn inline_and_dotted_tables_are_added_to() {
        let text = "mcp_servers = { a = { command = \"x\" } } # mine\nmodel = \"m\"\n";
        let (new, undos) = apply(text, &[edit("lorekeep")]).expect("it can be added");
        assert!(new.ends_with("# mine\nmodel = \"m\"\n"), "{new}");
        let path = ["mcp_servers".to_owned(), "a".to_owned()];
        assert!(get(&new, &path).expect("it is valid").is_some());
        assert_eq!(revert(&new, &undos).expect("it can be removed").0, text);
        let dotted = "mcp_servers.a.command = \"x\"\n";
        round(dotted, &format!("{dotted}\n{TABLE}"));
    }

    #[test]
    fn what_others_add_later_stays() {
        let text = "[mcp_servers.a]\ncommand = \"a\"\n";
        let (new, undos) = apply(text, &[edit("lorekeep")]).expect("it can be added");
        let later = format!(
            "# first\n{new}\n[mcp_servers.lorekeep.tools.x]\nok = true\n\n[projects.\"/p\"]\nt = 1\n"
        );
        assert_eq!(
            revert(&later, &undos).expect("it can be removed").0,
            format!("# first\n{text}\n[projects.\"/p\"]\nt = 1\n")
        );
    }

    #[test]
    fn another_registration_of_the_name_comes_back() {
        let text = "# top\n\n# ours once\n[mcp_servers.lorekeep]\ncommand = 'old' # here\nargs = [\n  'a',\n]\n\n[z]\na = 1\n";
        let (new, undos) = apply(text, &[edit("lorekeep")]).expect("it can be changed");
        assert!(
            new.contains("# ours once\n[mcp_servers.lorekeep]\ncommand = \"/bin/lorekeep\""),
            "{new}"
        );
        assert_eq!(revert(&new, &undos).expect("it comes back").0, text);
        let theirs = new.replace("/bin/lorekeep", "/bin/else");
        let (kept, left) = revert(&theirs, &undos).expect("it is left");
        assert_eq!(
            (kept, left),
            (theirs, vec!["mcp_servers.lorekeep".to_owned()])
        );
    }

    #[test]
    fn a_mistake_is_told_with_its_place() {
        let fault = apply("a = 1\nb = [1,\n", &[edit("x")]).expect_err("it is invalid");
        assert!(fault.what.starts_with("line "), "{fault}");
        let fault = apply("mcp_servers = 3\n", &[edit("x")]).expect_err("it is no table");
        assert!(fault.what.contains("mcp_servers"), "{fault}");
    }
}
