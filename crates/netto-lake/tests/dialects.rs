//! Random tables in random dialects, written as an ERP would and read back: every value must be the one that was written.
//!
//! ```text
//! table    customer 7, "Bakker; "De Zon"", since 2025-03-07, potential -1234.5
//! dialect  ; between fields, ' around them, decimal comma, thousands point, minus behind the number, dates %d.%m.%Y, UTF-16, CRLF, gz
//! file     '7';'Bakker; "De Zon"';07.03.2025;1.234,50-
//! ```
//! A case that fails is made smaller: what is left of the dialect when it is printed is what it takes.
#![allow(missing_docs, unreachable_pub, reason = "tests say the rule in their names")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "a test that can't go on stops, and says why"
)]

use std::fs;
use std::io::Write as _;
use std::path::Path;

use chrono::{Days, NaiveDate};
use netto_lake::{Lake, LoadRequest, SourceConfig};
use netto_model::contract::CUSTOMERS;
use polars::prelude::*;
use proptest::prelude::*;
use serde_json::json;

/// A row of `customers`, with a column of every type that can go wrong.
#[derive(Clone, Debug, PartialEq)]
struct Customer {
    name: Option<String>,
    /// Days since 1970.
    since: Option<i32>,
    /// Ten-thousandths.
    potential: Option<i64>,
    maintained_products: Option<i64>,
}

/// How an extract is written.
#[expect(clippy::struct_excessive_bools, reason = "a dialect has many small liberties")]
#[derive(Clone, Debug)]
struct Dialect {
    delimiter: char,
    quote: char,
    quotes: Quotes,
    decimal: char,
    thousands: Option<char>,
    /// The setting names another blank, or another apostrophe, than the file has.
    other_kind: bool,
    sign: Sign,
    /// At least so many decimals.
    decimals: usize,
    date: &'static str,
    time: &'static str,
    encoding: Encoding,
    mark: bool,
    line_end: &'static str,
    last_line_ends: bool,
    blank_lines: bool,
    null: &'static str,
    /// Whether values that aren't there are empty in every other row, whatever the word for them is.
    empty: bool,
    /// Blanks around values that are in no quotes.
    blanks: bool,
    /// In which order the columns stand; the last is one that nobody asked for.
    order: Vec<usize>,
    packing: Packing,
}

#[derive(Clone, Copy, Debug)]
enum Quotes {
    Needed,
    Texts,
    All,
}

#[derive(Clone, Copy, Debug)]
enum Sign {
    Before,
    Behind,
    /// Before, and a plus on what is above zero.
    Both,
    /// Before, with a blank between.
    Apart,
    /// The minus of typesetters.
    Typeset,
    Parentheses,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    /// An encoding of single bytes.
    Label(&'static str),
}

#[derive(Clone, Copy, Debug)]
enum Packing {
    None,
    Gzip,
    Zstd,
}

/// The columns: name in the contract, name in the extract.
const COLUMNS: [(&str, &str); 6] = [
    ("customer_id", "Debiteur"),
    ("name", "Naam"),
    ("since", "Klant sinds"),
    ("potential", "Potentieel"),
    ("maintained_products", "Artikelen"),
    ("", "Opmerking"),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 4_000, ..ProptestConfig::default() })]
    #[test]
    fn every_value_is_read_as_it_was_written(
        rows in prop::collection::vec(customer(), 1..12),
        dialect in dialect(),
    ) {
        let rows: Vec<Customer> = rows.into_iter().map(|row| dialect.can_write(row)).collect();
        let read = read_back(&rows, &dialect);
        prop_assert_eq!(&read, &rows, "{}", dialect.text(&rows));
    }
}

/// As many cases as take a few seconds; more where the environment asks for them.
fn cases() -> u32 {
    std::env::var("NETTO_FUZZ").ok().map_or(400, |cases| cases.parse().expect("NETTO_FUZZ"))
}

fn customer() -> impl Strategy<Value = Customer> {
    let sign = prop::sample::select("aZ9 ,;.|\t\"'`\\-+=#%/é€ñßœ\u{a0}ł漢\n\r".chars().collect::<Vec<_>>());
    let name = prop::collection::vec(sign, 1..12).prop_map(|signs| signs.into_iter().collect::<String>());
    let amount = prop_oneof![
        (-9_i64..10).prop_map(|whole| whole * 10_000),
        -20_000_000_i64..20_000_000,
        -999_999_999_999_999_999_i64..1_000_000_000_000_000_000,
    ];
    let days =
        |date: &str| i32::try_from((date.parse::<NaiveDate>().unwrap() - NaiveDate::default()).num_days()).unwrap();
    (
        prop::option::weighted(0.9, name),
        prop::option::weighted(0.8, days("1991-01-01")..days("2025-12-31")),
        prop::option::weighted(0.8, amount),
        prop::option::weighted(0.8, prop_oneof![-20_i64..2000, any::<i32>().prop_map(i64::from)]),
    )
        .prop_map(|(name, since, potential, maintained_products)| Customer {
            name,
            since,
            potential,
            maintained_products,
        })
}

fn dialect() -> impl Strategy<Value = Dialect> {
    let fields = (
        prop::sample::select(vec![',', ';', '\t', '|', '~']),
        prop::sample::select(vec!['"', '\'', '`']),
        prop::sample::select(vec![Quotes::Needed, Quotes::Texts, Quotes::All]),
        prop::sample::select(vec![
            ('.', None),
            ('.', Some(',')),
            (',', None),
            (',', Some('.')),
            ('.', Some(' ')),
            (',', Some('\'')),
            ('.', Some('’')),
            (',', Some('\u{a0}')),
            (',', Some('\u{202f}')),
            ('٫', Some('٬')),
            ('·', None),
        ]),
        prop::sample::select(vec![
            Sign::Before,
            Sign::Behind,
            Sign::Both,
            Sign::Apart,
            Sign::Typeset,
            Sign::Parentheses,
        ]),
        0_usize..7,
        any::<bool>(),
    );
    let days = (
        prop::sample::select(vec![
            "%Y-%m-%d",
            "%d-%m-%Y",
            "%d/%m/%Y",
            "%m/%d/%Y",
            "%d.%m.%Y",
            "%Y%m%d",
            "%d %b %Y",
            "%B %e, %Y",
            "%-d-%-m-%Y",
            "%d-%m-%y",
            "excel",
        ]),
        prop::sample::select(vec!["", " 00:00", "T00:00:00", " 15:30:59.999"]),
    );
    let bytes = (
        prop::sample::select(vec![
            Encoding::Utf8,
            Encoding::Utf16Le,
            Encoding::Utf16Be,
            Encoding::Label("windows-1252"),
            Encoding::Label("iso-8859-15"),
            Encoding::Label("windows-1250"),
        ]),
        any::<bool>(),
        prop::sample::select(vec!["\n", "\r\n"]),
        any::<bool>(),
        any::<bool>(),
        prop::sample::select(vec![Packing::None, Packing::None, Packing::Gzip, Packing::Zstd]),
    );
    let rest = (
        prop::sample::select(vec!["", "NULL", "-", "n/a"]),
        any::<bool>(),
        any::<bool>(),
        Just((0..COLUMNS.len()).collect::<Vec<_>>()).prop_shuffle(),
    );
    (fields, days, bytes, rest).prop_map(|(fields, days, bytes, rest)| {
        Dialect {
            delimiter: fields.0,
            quote: fields.1,
            quotes: fields.2,
            decimal: fields.3.0,
            thousands: fields.3.1,
            sign: fields.4,
            decimals: fields.5,
            other_kind: fields.6,
            date: days.0,
            time: days.1,
            encoding: bytes.0,
            mark: bytes.1,
            line_end: bytes.2,
            last_line_ends: bytes.3,
            blank_lines: bytes.4,
            packing: bytes.5,
            null: rest.0,
            empty: rest.1,
            blanks: rest.2,
            order: rest.3,
        }
        .in_its_encoding()
    })
}

impl Dialect {
    /// The row without what this dialect can't say: signs that the encoding lacks, and what stands for an empty value.
    fn can_write(&self, mut row: Customer) -> Customer {
        let known = |name: String| name.chars().filter(|sign| self.known(*sign)).collect::<String>();
        row.name = row.name.map(|name| known(name).trim().to_owned());
        // `="…"` is how a spreadsheet keeps a text: what is within is meant.
        row.name = row.name.map(|name| name.trim_start_matches('=').trim().to_owned());
        // A record of more lines is taken for a quote that was never closed.
        row.name = row.name.map(|name| name.split('\n').take(4).collect::<Vec<_>>().join("\n").trim().to_owned());
        row.name = row.name.filter(|name| !name.is_empty() && name != self.null);
        row
    }

    /// Whether the encoding has the sign.
    fn known(&self, sign: char) -> bool {
        let Encoding::Label(label) = self.encoding else { return true };
        !encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().encode(&sign.to_string()).2
    }

    /// Numbers as the encoding can write them.
    fn in_its_encoding(mut self) -> Self {
        self.thousands = self.thousands.filter(|sign| self.known(*sign));
        self.decimal = if self.known(self.decimal) { self.decimal } else { '.' };
        self.thousands = self.thousands.filter(|sign| *sign != self.decimal);
        self
    }

    fn text(&self, rows: &[Customer]) -> String {
        let mut lines = vec![self.line(&COLUMNS.map(|(_, name)| (name.to_owned(), true)))];
        for (number, row) in (1..).zip(rows) {
            let null = || if self.empty && number % 2 == 0 { String::new() } else { self.null.to_owned() };
            lines.push(self.line(&[
                (id(number), true),
                (row.name.clone().unwrap_or_else(null), true),
                (row.since.map_or_else(null, |day| self.day(day)), false),
                (row.potential.map_or_else(null, |units| self.number(units.into(), 4)), false),
                (row.maintained_products.map_or_else(null, |whole| self.number(whole.into(), 0)), false),
                ("x".to_owned(), true),
            ]));
            if self.blank_lines && number % 3 == 1 {
                lines.push(String::new());
            }
        }
        lines.join(self.line_end) + if self.last_line_ends { self.line_end } else { "" }
    }

    /// Values with whether they are texts.
    fn line(&self, values: &[(String, bool); COLUMNS.len()]) -> String {
        let field = |&column: &usize| self.field(&values[column].0, values[column].1);
        self.order.iter().map(field).collect::<Vec<_>>().join(&self.delimiter.to_string())
    }

    fn field(&self, value: &str, is_text: bool) -> String {
        let quote = self.quote;
        let needed = value.starts_with(quote) || value.contains([self.delimiter, '\n', '\r']);
        let quoted = match self.quotes {
            Quotes::Needed => needed,
            Quotes::Texts => needed || is_text,
            Quotes::All => true,
        };
        let blanks = if self.blanks && self.delimiter != '\t' { " " } else { "" };
        if !quoted {
            return format!("{blanks}{value}{blanks}");
        }
        format!("{quote}{}{quote}", value.replace(quote, &format!("{quote}{quote}")))
    }

    fn day(&self, day: i32) -> String {
        if self.date == "excel" {
            return (day + 25_569).to_string();
        }
        let date = NaiveDate::default() + Days::new(u64::try_from(day).unwrap());
        format!("{}{}", date.format(self.date), self.time)
    }

    /// A number of so many decimals at most.
    fn number(&self, units: i128, decimals: usize) -> String {
        let size = 10_i128.pow(u32::try_from(decimals).unwrap());
        let (whole, rest) = (units.abs() / size, units.abs() % size);
        let mut text = self.grouped(&whole.to_string());
        let fraction = format!("{rest:0decimals$}");
        let mut fraction = if decimals == 0 { String::new() } else { fraction.trim_end_matches('0').to_owned() };
        while fraction.len() < self.decimals && decimals > 0 {
            fraction.push('0');
        }
        if !fraction.is_empty() {
            text.push(self.decimal);
            text += &fraction;
        }
        match (units < 0, self.sign) {
            (true, Sign::Before | Sign::Both) => format!("-{text}"),
            (true, Sign::Behind) => format!("{text}-"),
            (true, Sign::Apart) => format!("- {text}"),
            (true, Sign::Typeset) => format!("{}{text}", if self.known('\u{2212}') { '\u{2212}' } else { '-' }),
            (true, Sign::Parentheses) => format!("({text})"),
            (false, Sign::Both) if units > 0 => format!("+{text}"),
            (false, _) => text,
        }
    }

    fn grouped(&self, digits: &str) -> String {
        let Some(sign) = self.thousands else { return digits.to_owned() };
        let mut text = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(sign);
            }
            text.push(digit);
        }
        text
    }

    fn bytes(&self, rows: &[Customer]) -> Vec<u8> {
        let text = self.text(rows);
        let marked = if self.mark { format!("\u{feff}{text}") } else { text.clone() };
        let bytes = match self.encoding {
            Encoding::Utf8 => marked.into_bytes(),
            Encoding::Utf16Le => marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16Be => marked.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            Encoding::Label(label) => {
                let (bytes, _, lost) = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().encode(&text);
                assert!(!lost, "{label} can't say: {text}");
                bytes.into_owned()
            }
        };
        match self.packing {
            Packing::None => bytes,
            Packing::Gzip => {
                let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                gz.write_all(&bytes).unwrap();
                gz.finish().unwrap()
            }
            Packing::Zstd => zstd::encode_all(bytes.as_slice(), 1).unwrap(),
        }
    }

    fn file(&self) -> &'static str {
        match self.packing {
            Packing::None => "klanten.csv",
            Packing::Gzip => "klanten.csv.gz",
            Packing::Zstd => "klanten.csv.zst",
        }
    }

    fn settings(&self) -> SourceConfig {
        let encoding = match self.encoding {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16Le => "utf-16le",
            Encoding::Utf16Be => "utf-16be",
            Encoding::Label(label) => label,
        };
        let columns: serde_json::Map<String, serde_json::Value> = COLUMNS
            .iter()
            .filter(|(name, _)| !name.is_empty())
            .map(|(name, from)| ((*name).to_owned(), (*from).into()))
            .collect();
        let settings = json!({
            "files": self.file(),
            "max_rejects": 0,
            "csv": {
                "delimiter": self.delimiter, "quote": self.quote, "encoding": encoding, "decimal": self.decimal,
                "thousands": self.thousands.map(|sign| if self.other_kind { of_its_kind(sign) } else { sign }), "date": self.date, "null": [self.null],
            },
            "columns": columns,
        });
        SourceConfig::from_json(&settings.to_string()).unwrap()
    }
}

/// People type the sign that their keyboard has.
fn of_its_kind(sign: char) -> char {
    match sign {
        '\u{a0}' | '\u{202f}' => ' ',
        ' ' => '\u{a0}',
        '’' => '\'',
        '\'' => '’',
        _ => sign,
    }
}

/// Ids that sort as they are numbered.
fn id(number: usize) -> String {
    format!("K{number:03}")
}

/// The rows as they are in the lake.
fn read_back(rows: &[Customer], dialect: &Dialect) -> Vec<Customer> {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    fs::write(folder.path().join(dialect.file()), dialect.bytes(rows)).unwrap();
    let lake = Lake::open(&folder.path().join("lake")).unwrap();
    let config = dialect.settings();
    let request = LoadRequest {
        source: &CUSTOMERS,
        config: &config,
        base: folder.path(),
        quarantine: &folder.path().join("apart"),
        known_customers: None,
        currency: None,
        rates: None,
        products: None,
        accept_shrink: false,
    };
    let report = lake.load(&request).unwrap_or_else(|error| panic!("{error}\n{}", dialect.text(rows)));
    assert_eq!(report.unmapped_columns, ["Opmerking"]);
    let data = lake.table(&CUSTOMERS).unwrap().unwrap();
    customers(&data).unwrap()
}

fn customers(data: &DataFrame) -> PolarsResult<Vec<Customer>> {
    let (ids, names) = (data.column("customer_id")?.str()?, data.column("name")?.str()?);
    let (days, amounts) = (data.column("since")?.date()?.physical(), data.column("potential")?.i64()?);
    let counts = data.column("maintained_products")?.i64()?;
    Ok((0..data.height())
        .map(|row| {
            assert_eq!(ids.get(row), Some(id(row + 1).as_str()));
            Customer {
                name: names.get(row).map(str::to_owned),
                since: days.get(row),
                potential: amounts.get(row),
                maintained_products: counts.get(row),
            }
        })
        .collect())
}
