//! The head of a model's text: the comment lines before the SELECT.

use super::ModelError;

/// What stands in the head.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) grain: String,
    pub(super) keys: Vec<String>,
    pub(super) needs: Vec<String>,
    pub(super) source: Option<String>,
    pub(super) internal: bool,
    pub(super) passing: bool,
    /// The table of which one row at a time is worked on, and the line.
    pub(super) row_by_row: Option<(String, usize)>,
    /// Each level, and the name of `key` where it stands alone.
    pub(super) levels: Vec<(String, String)>,
    pub(super) notes: String,
}

/// How a head begins, for messages.
const FORM: &str = "`-- name: What the table shows.`";

/// Reads the head.
pub(super) fn read(text: &str) -> Result<Head, ModelError> {
    let mut lines = (1..).zip(text.lines().map(str::trim)).filter(|(_, line)| !line.is_empty());
    let mut head = Head::default();
    let refused = |line, reason: String| ModelError::Head { line, reason };
    let first = lines.next().and_then(|(line, text)| Some((line, text.strip_prefix("--")?.split_once(':')?)));
    let Some((line, (name, description))) = first else {
        return Err(refused(1, format!("a model must begin with {FORM}")));
    };
    name.trim().clone_into(&mut head.name);
    if !is_name(&head.name) {
        return Err(refused(
            line,
            format!("`{}` is not a valid table name (lower-case letters, digits and _): {FORM}", head.name),
        ));
    }
    description.trim().clone_into(&mut head.description);
    let (mut in_head, mut notes) = (false, false);
    for (number, text) in lines {
        let Some(text) = text.strip_prefix("--").map(str::trim) else { break };
        let known = text.split_once(':').filter(|_| !notes).map(|(key, value)| (key.trim(), value.trim()));
        match known {
            Some(("grain", value)) => value.clone_into(&mut head.grain),
            Some(("key", value)) => head.keys = names(value),
            Some(("needs", value)) => head.needs = names(value),
            Some(("source", value)) => head.source = Some(value.to_owned()),
            Some(("by level", value)) => head.levels = levels(value).map_err(|reason| refused(number, reason))?,
            Some(("published", value)) => head.internal = value == "no",
            Some(("kept", value)) => head.passing = value == "no",
            Some(("row by row", value)) => head.row_by_row = Some((value.to_owned(), number)),
            _ if text.is_empty() => notes = true,
            _ if notes || in_head => {
                notes = true;
                head.notes += if head.notes.is_empty() { "" } else { "\n" };
                head.notes += text;
            }
            _ => head.description = format!("{} {text}", head.description),
        }
        in_head |= matches!(
            known,
            Some(("grain" | "key" | "by level" | "needs" | "source" | "published" | "kept" | "row by row", _))
        );
    }
    for (missing, form) in [
        (head.description.is_empty(), FORM),
        (head.grain.is_empty(), "`-- grain: window × customer` (what one row is)"),
        (head.keys.is_empty(), "`-- key: window_id, customer_id` (the columns that identify a row)"),
    ] {
        if missing {
            return Err(refused(line, format!("the head has no line {form}")));
        }
    }
    Ok(head)
}

fn is_name(name: &str) -> bool {
    let plain = name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_');
    plain && name.starts_with(|first: char| first.is_ascii_lowercase())
}

/// `employee → employee_id, pair → pair_id`
fn levels(list: &str) -> Result<Vec<(String, String)>, String> {
    let level = |part: &str| {
        let (level, column) = part.split_once('→')?;
        Some((level.trim().to_owned(), column.trim().to_owned()))
            .filter(|(level, column)| is_name(level) && is_name(column))
    };
    let form = || format!("`by level: {list}`: write it as `-- by level: employee → employee_id, pair → pair_id`");
    list.split(',').map(|part| level(part).ok_or_else(form)).collect()
}

fn names(list: &str) -> Vec<String> {
    list.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}
