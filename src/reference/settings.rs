//! Converts a JSON Schema to a page, with a section per table of the TOML file and a row per key.
//!
//! ```text
//! ## `[company]`
//! | key | value | default | meaning |
//! | `currency` | text | `"EUR"` | Currency of the results, such as EUR … |
//! ```

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The page of a schema.
pub(super) fn page(schema: &Value, title: &str, head: &str) -> String {
    let mut page = Page { schema, known: BTreeMap::new(), text: format!("# {title}\n\n{head}\n") };
    page.section("", schema);
    page.text
}

struct Page<'a> {
    schema: &'a Value,
    /// The sections of definitions already written.
    known: BTreeMap<String, String>,
    text: String,
}

/// A table still to be written: its path and its schema.
type Waiting<'a> = (String, String, &'a Value);

impl<'a> Page<'a> {
    fn section(&mut self, path: &str, schema: &'a Value) {
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
        let required: Vec<&str> = list(schema, "required").iter().filter_map(Value::as_str).collect();
        let mut rows = String::new();
        let mut waiting: Vec<Waiting<'a>> = Vec::new();
        for (key, value) in properties {
            let inner = self.inner(path, key, value);
            let shown = self.kind(value);
            let default = match value.get("default") {
                _ if required.contains(&key.as_str()) => "needed".to_owned(),
                Some(Value::Null) | None => String::new(),
                Some(Value::Object(map)) if map.is_empty() => String::new(),
                Some(Value::Object(_)) if !inner.is_empty() => String::new(),
                Some(default) => format!("`{default}`"),
            };
            let mut meaning = self.meaning(value);
            for (place, name, _) in &inner {
                // Keys with the same definition share the section of the first.
                let first = waiting.iter().find(|(_, known, _)| known == name).map(|(place, ..)| place);
                let link = self.known.get(name).or(first).unwrap_or(place);
                meaning += &format!(" → [{link}](#{})", anchor(link));
            }
            rows += &format!("| `{key}` | {} | {} | {} |\n", cell(&shown), cell(&default), cell(&meaning));
            waiting.extend(inner);
        }
        self.text += &format!("\n| key | value | default | meaning |\n|---|---|---|---|\n{rows}");
        for (place, name, inner) in waiting {
            if self.known.contains_key(&name) {
                continue;
            }
            self.known.insert(name, place.clone());
            let level = "#".repeat(2 + place.matches('.').count().min(2));
            self.text += &format!("\n{level} {place}\n\n{}\n", text(inner, "description").replace('\n', " "));
            self.section(&place, inner);
        }
    }

    /// The tables below a key.
    fn inner(&self, path: &str, key: &str, value: &'a Value) -> Vec<Waiting<'a>> {
        let bare = path.trim_matches(['[', ']']);
        let here = if bare.is_empty() { key.to_owned() } else { format!("{bare}.{key}") };
        let mut found = Vec::new();
        let mut look = |schema: &'a Value, place: String| {
            for (name, table) in self.tables(schema) {
                found.push((place.clone(), name, table));
            }
        };
        look(value, format!("[{here}]"));
        if let Some(items) = value.get("items") {
            look(items, format!("[[{here}]]"));
        }
        if let Some(named) = value.get("additionalProperties").filter(|named| named.is_object()) {
            let name = if key == "columns" { "COLUMN" } else { "NAME" };
            look(named, format!("[{here}.{name}]"));
        }
        found
    }

    /// The possible definitions of a value that have keys of their own.
    fn tables(&self, schema: &'a Value) -> Vec<(String, &'a Value)> {
        if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next()) {
            let Some(definition) = self.definition(name) else { return Vec::new() };
            if definition.get("properties").is_some() {
                return vec![(name.to_owned(), definition)];
            }
            return self.tables(definition);
        }
        list(schema, "anyOf").iter().flat_map(|one| self.tables(one)).collect()
    }

    fn definition(&self, name: &str) -> Option<&'a Value> {
        self.schema.get("$defs")?.get(name)
    }

    /// The form of a value.
    fn kind(&self, schema: &Value) -> String {
        if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next()) {
            return self.definition(name).map_or_else(String::new, |definition| self.kind(definition));
        }
        let several = [list(schema, "anyOf"), list(schema, "oneOf")].concat();
        if !several.is_empty() {
            let mut kinds: Vec<String> =
                several.iter().map(|one| self.kind(one)).filter(|kind| !kind.is_empty()).collect();
            kinds.dedup();
            return kinds.join(" or ");
        }
        if let Some(constant) = schema.get("const") {
            return format!("`{constant}`");
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            return values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(" or ");
        }
        let kinds = match schema.get("type") {
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(kind)) => vec![kind.as_str()],
            _ => Vec::new(),
        };
        let words = kinds.into_iter().filter(|kind| *kind != "null").map(|kind| match kind {
            "string" => "text".to_owned(),
            "integer" => "whole number".to_owned(),
            "boolean" => "true or false".to_owned(),
            "array" => format!("list of {}", schema.get("items").map_or_else(String::new, |items| self.kind(items))),
            "object" => match schema.get("additionalProperties").filter(|named| named.is_object()) {
                Some(named) => format!("names = {}", self.kind(named)),
                None => "table".to_owned(),
            },
            other => other.to_owned(),
        });
        words.collect::<Vec<_>>().join(" or ")
    }

    /// The description of a key and of each of its possible values.
    fn meaning(&self, value: &Value) -> String {
        let mut meaning = text(value, "description");
        let mut said = |schema: &Value| {
            for one in list(schema, "oneOf") {
                if let Some(constant) = one.get("const") {
                    meaning += &format!(" `{constant}`: {}", text(one, "description"));
                }
            }
        };
        let choices = [Some(value), value.get("items"), value.get("additionalProperties")].into_iter().flatten();
        for schema in choices.flat_map(|schema| [schema].into_iter().chain(list(schema, "anyOf"))) {
            said(schema);
            let name = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
            if let Some(definition) = name.and_then(|name| self.definition(name)) {
                said(definition);
            }
        }
        meaning
    }
}

fn list<'a>(schema: &'a Value, key: &str) -> &'a [Value] {
    schema.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text(schema: &Value, key: &str) -> String {
    schema
        .as_object()
        .and_then(|map: &Map<String, Value>| map.get(key))
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// A text within a table row; a code block becomes inline code.
pub(super) fn cell(text: &str) -> String {
    let parts = text.split("```").enumerate().map(|(place, part)| {
        if place % 2 == 0 {
            return part.trim_end_matches('\n').to_owned();
        }
        let lines = part.lines().skip(1).map(str::trim).filter(|line| !line.is_empty());
        format!(" `{}`", lines.collect::<Vec<_>>().join(" "))
    });
    let text: String = parts.collect();
    text.replace('\n', " ").replace('|', "\\|").replace('<', "&lt;")
}

/// The anchor of a heading, as in mdBook.
pub(super) fn anchor(heading: &str) -> String {
    let lower = heading.to_lowercase().replace(' ', "-");
    lower.chars().filter(|sign| sign.is_alphanumeric() || ['-', '_'].contains(sign)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_schema_is_a_section_per_table_and_a_row_per_key() {
        let schema = json!({
            "properties": {
                "company": { "$ref": "#/$defs/Company", "description": "Whose." },
                "pool": { "type": "object", "additionalProperties": { "$ref": "#/$defs/Pool" }, "description": "Pools.", "default": {} },
            },
            "required": ["company"],
            "$defs": {
                "Company": { "properties": { "currency": { "type": "string", "description": "Such as EUR | USD.\n\n```toml\n[company]\ncurrency = \"USD\"\n```", "default": "EUR" } }, "description": "Whose figures." },
                "Pool": { "properties": { "idle": { "$ref": "#/$defs/Idle", "description": "What is idle." } }, "description": "A pool." },
                "Idle": { "oneOf": [{ "const": "report", "description": "Shown." }, { "const": "charge", "description": "Charged." }] },
            },
        });
        insta::assert_snapshot!(page(&schema, "Settings", "All."), @r#"
        # Settings

        All.

        | key | value | default | meaning |
        |---|---|---|---|
        | `company` |  | needed | Whose. → [[company]](#company) |
        | `pool` | names =  |  | Pools. → [[pool.NAME]](#poolname) |

        ## [company]

        Whose figures.

        | key | value | default | meaning |
        |---|---|---|---|
        | `currency` | text | `"EUR"` | Such as EUR \| USD. `[company] currency = "USD"` |

        ### [pool.NAME]

        A pool.

        | key | value | default | meaning |
        |---|---|---|---|
        | `idle` | `"report"` or `"charge"` |  | What is idle. `"report"`: Shown. `"charge"`: Charged. |
        "#);
    }
}
