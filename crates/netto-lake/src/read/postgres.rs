//! Reads the rows of a PostgreSQL query, streamed by `COPY … TO STDOUT`, like an extract.
//!
//! ```text
//! [source.order_lines.postgres]
//! host = "erp.example.com"        or the folder of a local socket, "/var/run/postgresql"
//! database = "erp"
//! user = "netto"
//! query = "select order_no as order_id, … from invoice_lines where order_date >= '2023-01-01'"
//! ```
//! The session is read-only, and the query must be a single statement that returns rows. Numbers and days have native types, as in
//! Parquet; texts are read in the source's notation. The rows are fetched once per load and identified by their content hash.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{StringArray, StringBuilder};
use blake3::{Hash, Hasher};
use netto_postgres::{Column, Session, Stop};

use super::cell::{self, Written};
use super::parquet::TextTable;
use crate::config::PostgresConfig;
use crate::error::LakeError;

/// The rows of a query, and their content hash.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) table: Arc<TextTable>,
    pub(crate) content: Hash,
}

/// Rows in a batch.
const BATCH: usize = 1 << 16;

/// Runs the query of a source.
pub(crate) fn fetch(source: &str, config: &PostgresConfig, base: &Path) -> Result<Fetched, LakeError> {
    let server = config.server();
    let failed = |stop: Stop| LakeError::Format {
        file: format!("{source}, PostgreSQL {}", server.place()),
        message: stop.message,
        help: Some(stop.help),
    };
    let password = server.password(base).map_err(|message| LakeError::Config {
        table: source.to_owned(),
        message,
        help: Some(
            "password_env names an environment variable, password_file a file that contains only the password".into(),
        ),
    })?;
    let mut session = Session::reading(&server, password.as_deref()).map_err(failed)?;
    let query = config.query.trim().trim_end_matches(';');
    let columns = session.describe(query).map_err(failed)?;
    let mut hasher = Hasher::new();
    for Column { name, kind } in &columns {
        hasher.update(format!("{name}\0{kind}\0").as_bytes());
    }
    let is_decimal = columns.iter().map(|column| column.kind == NUMERIC).collect();
    let mut rows = Rows::new(is_decimal);
    session
        .copy(query, &mut |data| {
            hasher.update(data);
            rows.add(data)
        })
        .map_err(failed)?;
    let header = columns.iter().map(|column| column.name.clone()).collect();
    let written = columns.iter().map(|column| written(column.kind)).collect();
    let table = TextTable::in_batches(format!("{source} (PostgreSQL)"), header, written, rows.finish());
    Ok(Fetched { table: Arc::new(table), content: hasher.finalize() })
}

/// The OID of `numeric`.
const NUMERIC: u32 = 1700;

/// The notation of a type, by its OID.
const fn written(kind: u32) -> Written {
    match kind {
        // float4, float8
        700 | 701 => Written::Rounded,
        // bool, int8, int2, int4, oid, date, time, timestamp, timestamptz, timetz, numeric
        16 | 20 | 21 | 23 | 26 | 1082 | 1083 | 1114 | 1184 | 1266 | NUMERIC => Written::Plainly,
        _ => Written::AsSource,
    }
}

/// Parses rows: fields are separated by tabs, rows by line feeds, and `\N` is null.
struct Rows {
    columns: Vec<StringBuilder>,
    /// Whether a column is `numeric`, whose values PostgreSQL writes with all decimals of the column.
    is_decimal: Vec<bool>,
    height: usize,
    batches: Vec<Vec<StringArray>>,
    /// An incomplete row.
    rest: Vec<u8>,
}

impl Rows {
    fn new(is_decimal: Vec<bool>) -> Self {
        Self {
            columns: is_decimal.iter().map(|_| StringBuilder::new()).collect(),
            is_decimal,
            height: 0,
            batches: Vec::new(),
            rest: Vec::new(),
        }
    }

    fn add(&mut self, data: &[u8]) -> Result<(), Stop> {
        self.rest.extend_from_slice(data);
        let rest = std::mem::take(&mut self.rest);
        let mut lines = rest.split(|byte| *byte == b'\n').peekable();
        while let Some(line) = lines.next() {
            if lines.peek().is_none() {
                line.clone_into(&mut self.rest);
            } else {
                self.row(line)?;
            }
        }
        Ok(())
    }

    fn row(&mut self, line: &[u8]) -> Result<(), Stop> {
        let mut fields = line.split(|byte| *byte == b'\t');
        for (column, is_decimal) in self.columns.iter_mut().zip(&self.is_decimal) {
            let field = fields.next().ok_or_else(|| Stop::fault("a row has fewer fields than the query"))?;
            match field {
                b"\\N" => column.append_null(),
                field => {
                    let text = unescaped(field)?;
                    column.append_value(if *is_decimal { cell::shortest(&text) } else { &text });
                }
            }
        }
        self.height += 1;
        if self.height == BATCH {
            self.close();
        }
        Ok(())
    }

    fn close(&mut self) {
        self.batches.push(self.columns.iter_mut().map(StringBuilder::finish).collect());
        self.height = 0;
    }

    fn finish(mut self) -> Vec<Vec<StringArray>> {
        if self.height > 0 {
            self.close();
        }
        self.batches
    }
}

/// A field without its escapes.
fn unescaped(field: &[u8]) -> Result<String, Stop> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut signs = field.iter().copied();
    while let Some(sign) = signs.next() {
        if sign != b'\\' {
            bytes.push(sign);
            continue;
        }
        bytes.push(match signs.next() {
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'v') => 11,
            Some(other) => other,
            None => return Err(Stop::fault("an escape ends too early")),
        });
    }
    String::from_utf8(bytes).map_err(|_| Stop::fault("a value is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_at_tabs_and_line_feeds_wherever_messages_end() {
        let mut rows = Rows::new(vec![false; 2]);
        for part in ["a\\tb\t\\N\nc\\", "\\d\t\n", "é\\n\t1"] {
            rows.add(part.as_bytes()).unwrap();
        }
        rows.add(b".5\n").unwrap();
        let batches = rows.finish();
        let shown = |column: usize| batches[0][column].iter().map(|text| text.map(str::to_owned)).collect::<Vec<_>>();
        assert_eq!(shown(0), ["a\tb", "c\\d", "é\n"].map(|text| Some(text.to_owned())));
        assert_eq!(shown(1), [None, Some(String::new()), Some("1.5".to_owned())]);
        assert!(Rows::new(vec![false; 2]).add(b"1\n").is_err());
    }

    #[test]
    fn a_decimal_is_its_shortest_text_and_a_text_is_left_alone() {
        let mut rows = Rows::new(vec![true, false]);
        rows.add(b"12.00\t12.00\n-1.50\t1.50\nNaN\t\\N\n").unwrap();
        let batches = rows.finish();
        let texts = |column: usize| batches[0][column].iter().flatten().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            (texts(0), texts(1)),
            (vec!["12".into(), "-1.5".into(), "NaN".into()], vec!["12.00".into(), "1.50".into()])
        );
    }
}
