//! JSON with comments: puts keys in and takes them out by changing only the bytes that have to
//! change, so that comments, order, indentation and line ends stay. Works on text alone.
//!
//! Bytes are spliced at the places that the parser tells, since editing a tree reformats what is
//! around an edit, and then no removal could give the same bytes again.

mod layout;
mod tree;

use jsonc_parser::ast::Object;
use jsonc_parser::common::Ranged;
use serde_json::Value;

use super::edit::{FileEdit, Undo, is_ours};
use super::node::Node;
use crate::fault::Fault;
use layout::{Layout, RenderPosition};
use tree::Held;

/// The mark that some editors of Windows put before everything else.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The text with all edits made, and the way back.
pub(crate) fn apply(text: &str, edits: &[FileEdit]) -> Result<(String, Vec<Undo>), Fault> {
    let (bom, body) = split(text);
    let mut body = body.to_owned();
    let mut undos = Vec::new();
    if !edits.is_empty() && body.trim().is_empty() {
        undos.push(Undo::Blank { text: body.clone() });
        "{}\n".clone_into(&mut body);
    }
    for edit in edits {
        body = put(&body, edit, &mut undos)?;
    }
    Ok((format!("{bom}{body}"), undos))
}

/// The text without what `apply` put in, as far as it is still there; and what was left since
/// somebody made it into something else.
pub(crate) fn revert(text: &str, undos: &[Undo]) -> Result<(String, Vec<String>), Fault> {
    let (bom, body) = split(text);
    let mut body = body.to_owned();
    let mut left = Vec::new();
    for undo in undos.iter().rev() {
        body = take(body, undo, &mut left)?;
    }
    Ok((format!("{bom}{body}"), left))
}

/// The value at a path; `None` where there is nothing.
pub(crate) fn get(text: &str, path: &[String]) -> Result<Option<Value>, Fault> {
    let (_, body) = split(text);
    if body.trim().is_empty() {
        return Ok(None);
    }
    let root = tree::parse(body)?;
    Ok(tree::find(&root, path).map(tree::value))
}

fn split(text: &str) -> (&str, &str) {
    match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(body) => (BYTE_ORDER_MARK, body),
        None => ("", text),
    }
}

fn put(text: &str, edit: &FileEdit, undos: &mut Vec<Undo>) -> Result<String, Fault> {
    let root = tree::parse(text)?;
    let layout = Layout::of(text, &root);
    let (path, node) = (edit.path(), edit.node());
    // How much of the path is there, and the innermost object of that.
    let mut object = &root;
    let mut depth = 0;
    while let Some(property) = path.get(depth).and_then(|key| tree::last(object, key)) {
        depth += 1;
        if depth == path.len() {
            return match edit {
                FileEdit::Set { keep, .. } if !keep => {
                    Ok(replace(&layout, property, path, node, undos))
                }
                FileEdit::Set { .. } => Ok(text.to_owned()),
                FileEdit::Element { .. } => add_element(&layout, property, path, node, undos),
            };
        }
        object = property
            .value
            .as_object()
            .ok_or_else(|| tree::not_a(text, path, depth, property.value.start(), "an object"))?;
    }
    Ok(add_key(&layout, object, depth, edit, undos))
}

/// Gives a key that is there its value.
fn replace(
    layout: &Layout<'_>,
    property: &jsonc_parser::ast::ObjectProp<'_>,
    path: &[String],
    node: &Node,
    undos: &mut Vec<Undo>,
) -> String {
    let text = layout.text;
    if tree::value(&property.value) == node.value() {
        return text.to_owned();
    }
    let (start, end) = (property.value.start(), property.value.end());
    undos.push(Undo::Other {
        path: path.to_vec(),
        value: node.value(),
        before: text[start..end].to_owned(),
    });
    let place = RenderPosition::beside(text, property.start());
    let new = layout.render(node, place);
    [&text[..start], &new, &text[end..]].concat()
}

fn add_element(
    layout: &Layout<'_>,
    property: &jsonc_parser::ast::ObjectProp<'_>,
    path: &[String],
    node: &Node,
    undos: &mut Vec<Undo>,
) -> Result<String, Fault> {
    let text = layout.text;
    let array = property
        .value
        .as_array()
        .ok_or_else(|| tree::not_a(text, path, path.len(), property.value.start(), "a list"))?;
    let value = node.value();
    if array.elements.iter().any(|held| tree::value(held) == value) {
        return Ok(text.to_owned());
    }
    let (new, inside) = layout.insert(&Held::list(array), |place| layout.render(node, place));
    undos.push(Undo::NoElement {
        path: path.to_vec(),
        value,
        inside,
    });
    Ok(new)
}

/// Adds the key at `depth` of the path to the object, with all that belongs below it.
fn add_key(
    layout: &Layout<'_>,
    object: &Object<'_>,
    depth: usize,
    edit: &FileEdit,
    undos: &mut Vec<Undo>,
) -> String {
    let (path, node) = (edit.path(), edit.node());
    let is_element = matches!(edit, FileEdit::Element { .. });
    let innermost = if is_element {
        Node::List(vec![node.clone()])
    } else {
        node.clone()
    };
    let nested = path[depth + 1..]
        .iter()
        .rev()
        .fold(innermost, |node, key| Node::table([(key.clone(), node)]));
    let (new, mut inside) = layout.insert(&Held::object(object), |place| {
        layout.render_key(&path[depth], &nested, place)
    });
    let containers = if is_element {
        path.len()
    } else {
        path.len() - 1
    };
    for length in depth + 1..=containers {
        undos.push(Undo::NoContainer {
            path: path[..length].to_vec(),
            inside: inside.take(),
        });
    }
    let (path, value) = (path.to_vec(), node.value());
    undos.push(if is_element {
        Undo::NoElement {
            path,
            value,
            inside,
        }
    } else {
        Undo::NoKey {
            path,
            value,
            inside,
        }
    });
    new
}

/// Takes one step back; a step whose place is gone is none.
fn take(text: String, undo: &Undo, left: &mut Vec<String>) -> Result<String, Fault> {
    if text.trim().is_empty() {
        return Ok(text);
    }
    let root = tree::parse(&text)?;
    let new = match undo {
        Undo::Blank { text } => root.properties.is_empty().then(|| text.clone()),
        Undo::NoContainer { path, inside } => take_container(&text, &root, path, inside.as_deref()),
        Undo::NoKey {
            path,
            value,
            inside,
        } => take_key(&text, &root, path, value, inside.as_deref(), left),
        Undo::Other {
            path,
            value,
            before,
        } => put_back(&text, &root, path, value, before, left),
        Undo::NoElement {
            path,
            value,
            inside,
        } => take_element(&text, &root, path, value, inside.as_deref()),
    };
    Ok(new.unwrap_or(text))
}

fn take_container(
    text: &str,
    root: &Object<'_>,
    path: &[String],
    inside: Option<&str>,
) -> Option<String> {
    let held = Held::of(tree::find(root, path)?)?;
    let within = &text[held.open + 1..held.close];
    // A comment in it is somebody's.
    if !held.children.is_empty() || !within.trim().is_empty() {
        return None;
    }
    cut_key(text, root, path, inside)
}

fn cut_key(text: &str, root: &Object<'_>, path: &[String], inside: Option<&str>) -> Option<String> {
    let (key, parents) = path.split_last()?;
    let parent = if parents.is_empty() {
        root
    } else {
        tree::find(root, parents)?.as_object()?
    };
    let index = parent
        .properties
        .iter()
        .rposition(|property| property.name.as_str() == key)?;
    Some(layout::cut(text, &Held::object(parent), index, inside))
}

fn take_key(
    text: &str,
    root: &Object<'_>,
    path: &[String],
    ours: &Value,
    inside: Option<&str>,
    left: &mut Vec<String>,
) -> Option<String> {
    let there = tree::value(tree::find(root, path)?);
    if is_ours(&there, ours) {
        return cut_key(text, root, path, inside);
    }
    left.push(path.join("."));
    None
}

fn put_back(
    text: &str,
    root: &Object<'_>,
    path: &[String],
    ours: &Value,
    before: &str,
    left: &mut Vec<String>,
) -> Option<String> {
    let there = tree::find(root, path)?;
    if !is_ours(&tree::value(there), ours) {
        left.push(path.join("."));
        return None;
    }
    Some([&text[..there.start()], before, &text[there.end()..]].concat())
}

fn take_element(
    text: &str,
    root: &Object<'_>,
    path: &[String],
    ours: &Value,
    inside: Option<&str>,
) -> Option<String> {
    let array = tree::find(root, path)?.as_array()?;
    let values: Vec<Value> = array.elements.iter().map(tree::value).collect();
    let same = values.iter().rposition(|there| there == ours);
    let same = same.or_else(|| values.iter().rposition(|there| is_ours(there, ours)));
    if let Some(index) = same {
        return Some(layout::cut(text, &Held::list(array), index, inside));
    }
    // A group of hooks that somebody has added to, or whose matcher or time limit was changed.
    let ours = ours.get("hooks")?.get(0)?;
    let (group, at) = values.iter().enumerate().find_map(|(group, there)| {
        let hooks = there.get("hooks")?.as_array()?;
        let at = hooks.iter().position(|hook| is_ours(hook, ours))?;
        Some((group, (at, hooks.len())))
    })?;
    if at.1 == 1 {
        return Some(layout::cut(text, &Held::list(array), group, inside));
    }
    let hooks = tree::last(array.elements[group].as_object()?, "hooks")?;
    let hooks = Held::list(hooks.value.as_array()?);
    Some(layout::cut(text, &hooks, at.0, None))
}

#[cfg(test)]
mod tests;
