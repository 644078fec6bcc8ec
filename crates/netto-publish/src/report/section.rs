//! The parts of a section: a finding, how to read it, and the charts and tables that show it.
//!
//! ```text
//! <p class="topic">Order size</p>
//! <h2>41,2 % of the orders lose money: EUR 88.120 together</h2>
//! <p class="reading">Orders by value; …</p>
//! ```

use minijinja::Value;
use netto_model::Language;
use netto_model::column as c;
use serde::Serialize;
use serde_json::Value as Json;

use super::format::Format;
use super::language::Text as Said;
use super::marts::Row;

/// A finding and the parts that show it.
#[derive(Debug, Serialize)]
pub(super) struct Section {
    /// Its anchor: `#order-size`.
    pub(super) id: &'static str,
    /// Its title in the navigation, and above the heading.
    pub(super) name: Said,
    /// The heading: the finding, in figures.
    pub(super) finding: String,
    /// How to read it, in one sentence.
    pub(super) reading: Said,
    pub(super) parts: Vec<Part>,
}

impl Section {
    /// Drops the columns of its tables whose heading needs a figure that isn't known.
    pub(super) fn of_known(mut self, is_known: impl Fn(&str) -> bool) -> Self {
        for part in &mut self.parts {
            if let Part::Table { table } | Part::Details { table, .. } = part {
                table.keep(&is_known);
            }
        }
        self
    }
}

impl Section {
    /// Its lists of customers that have more lines than are shown: their index among the tables, the number shown, and all lines.
    pub(super) fn lists(&self) -> Vec<(usize, usize, Vec<Json>)> {
        let tables =
            self.parts.iter().filter_map(|part| if let Part::Table { table } = part { Some(table) } else { None });
        let listed = |(place, table): (usize, &Table)| table.listed().map(|(few, lines)| (place, few, lines));
        tables.enumerate().filter_map(listed).collect()
    }

    /// Translates its messages into the language of the report.
    pub(super) fn in_language(mut self, format: &Format) -> Self {
        let language = format.language;
        self.name.in_language(language);
        self.reading.in_language(language);
        for part in &mut self.parts {
            match part {
                Part::Figure { caption: text, .. } | Part::Note { text } => text.in_language(language),
                Part::Table { table } => table.in_language(language),
                Part::Details { summary, table } => {
                    summary.in_language(language);
                    table.in_language(language);
                }
                Part::Html { .. } => {}
            }
        }
        self
    }
}

/// A part of a section, from top to bottom.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Part {
    Figure {
        svg: Value,
        caption: Said,
    },
    Table {
        table: Table,
    },
    Note {
        text: Said,
    },
    /// A part that opens on a click.
    Details {
        summary: Said,
        table: Table,
    },
    /// A part with a template of its own.
    Html {
        html: Value,
    },
}

impl Part {
    pub(super) fn figure(svg: String, caption: impl Into<Said>) -> Self {
        Self::Figure { svg: Value::from_safe_string(svg), caption: caption.into() }
    }

    pub(super) const fn table(table: Table) -> Self {
        Self::Table { table }
    }

    pub(super) fn note(text: impl Into<Said>) -> Self {
        Self::Note { text: text.into() }
    }

    pub(super) fn details(summary: impl Into<Said>, table: Table) -> Self {
        Self::Details { summary: summary.into(), table }
    }
}

/// The maximum number of lines of a list of customers that the filter knows.
pub(super) const LISTED: usize = 1_000;

/// A table: the first column names the row.
#[derive(Debug, Default, Serialize)]
pub(super) struct Table {
    pub(super) caption: Said,
    /// Class in the style sheet.
    pub(super) class: &'static str,
    heads: Vec<Head>,
    lines: Vec<Vec<Cell>>,
    /// The lines of a list of customers beyond those shown, from which the page takes the first ones of a choice.
    #[serde(skip)]
    more: Vec<Vec<Cell>>,
    foot: Vec<Cell>,
}

#[derive(Debug, Serialize)]
struct Head {
    text: Said,
    left: bool,
    /// The column of the mart that the page adds up for a choice.
    column: &'static str,
}

impl Table {
    /// A table from cells.
    pub(super) fn new<T: Into<Said>>(
        caption: impl Into<Said>,
        heads: impl IntoIterator<Item = T>,
        lines: Vec<Vec<Cell>>,
    ) -> Self {
        let left = |column: usize| {
            lines.first().and_then(|line| line.get(column)).is_some_and(|cell| cell.class.starts_with(LEFT))
        };
        let head = |(column, text): (usize, T)| Head { text: text.into(), left: left(column), column: "" };
        let heads = heads.into_iter().enumerate().map(head).collect();
        Self { caption: caption.into(), class: "", heads, lines, more: Vec::new(), foot: Vec::new() }
    }

    /// A table from columns of a mart; columns without any value are left out.
    pub(super) fn of<'a>(
        format: &Format,
        caption: impl Into<Said>,
        key: &'static str,
        rows: &[Row<'a>],
        name: impl Fn(Row<'a>) -> Cell,
        columns: &[Shown],
    ) -> Self {
        let known = |shown: &&Shown| rows.iter().any(|row| shown.2.cell(format, *row, shown.1).is_some());
        let columns: Vec<&Shown> = columns.iter().filter(known).collect();
        let line = |row: &Row<'a>| {
            let cells =
                columns.iter().map(|(_, column, how)| how.cell(format, *row, column).unwrap_or_else(Cell::none));
            std::iter::once(name(*row)).chain(cells).collect()
        };
        let lines = rows.iter().map(line).collect();
        let heads = std::iter::once(key).chain(columns.iter().map(|(head, ..)| *head));
        Self::new(caption, heads, lines).columns(columns.iter().map(|(_, column, _)| *column))
    }

    /// Names the mart's columns behind all columns but the first.
    pub(super) fn columns(mut self, columns: impl IntoIterator<Item = &'static str>) -> Self {
        for (head, column) in self.heads.iter_mut().skip(1).zip(columns) {
            head.column = column;
        }
        self
    }

    fn in_language(&mut self, language: Language) {
        self.caption.in_language(language);
        for head in &mut self.heads {
            head.text.in_language(language);
        }
    }

    /// Keeps only the columns whose heading matches.
    fn keep(&mut self, wanted: impl Fn(&str) -> bool) {
        let kept: Vec<bool> = self.heads.iter().map(|head| wanted(head.text.as_str())).collect();
        let mut places = kept.iter();
        self.heads.retain(|_| places.next().copied().unwrap_or(true));
        for line in self.lines.iter_mut().chain(&mut self.more).chain([&mut self.foot]) {
            let mut places = kept.iter();
            line.retain(|_| places.next().copied().unwrap_or(true));
        }
    }

    pub(super) fn class(mut self, class: &'static str) -> Self {
        self.class = class;
        self
    }

    /// A list of customers, of which only the first ones are shown.
    pub(super) fn first(mut self, few: usize) -> Self {
        self.more = self.lines.split_off(few.min(self.lines.len()));
        self
    }

    /// The number shown, and all lines of the list, each with its customer; `None` if all are shown.
    fn listed(&self) -> Option<(usize, Vec<Json>)> {
        let line = |line: &Vec<Cell>| {
            let whose = line.first().and_then(|cell| cell.whose.as_deref()).unwrap_or_default().into();
            std::iter::once(whose).chain(line.iter().map(Cell::json)).collect()
        };
        let lines = || self.lines.iter().chain(&self.more).map(line).collect();
        (!self.more.is_empty()).then(|| (self.lines.len(), lines()))
    }

    /// Adds a last line with totals.
    pub(super) fn foot(mut self, cells: Vec<Cell>) -> Self {
        self.foot = cells;
        self
    }
}

/// A column of a table: its heading, the column of the mart, and its format.
pub(super) type Shown = (&'static str, &'static str, As);

/// The format of a mart's column.
#[derive(Clone, Copy, Debug)]
pub(super) enum As {
    /// An amount to the unit, orange below zero.
    Amount,
    /// A whole number.
    Count,
    /// An amount, and beneath it its share from another column.
    AmountAnd(&'static str),
    /// Minutes as hours.
    Hours,
    /// Hours, and beneath them their share.
    HoursAnd(&'static str),
    /// A share as a percentage.
    Share,
    /// The difference of two shares, in percentage points.
    Points,
    /// A ratio with one decimal.
    Decimal,
    /// A name.
    Text,
    /// A word of the marts, in the language of the report.
    Word,
    /// Peers: their market and revenue.
    Peers,
    /// A sentence, in the language of the report as far as its catalogue knows it.
    Sentence,
}

impl As {
    pub(super) fn cell(self, format: &Format, row: Row<'_>, column: &str) -> Option<Cell> {
        let of = |share: &str| row.share(share).map(|share| format.percent(Some(share))).unwrap_or_default();
        match self {
            Self::AmountAnd(share) => row.maybe(column).map(|amount| Cell::amount(format, amount).small(of(share))),
            Self::HoursAnd(share) => row.maybe(column).map(|minutes| Cell::new(format.hours(minutes)).small(of(share))),
            Self::Sentence => row.maybe_text(column).map(|text| Cell::sentence(format, text)),
            Self::Amount => row.maybe(column).map(|amount| Cell::amount(format, amount)),
            Self::Count => row.maybe(column).map(|number| Cell::count(format, number)),
            Self::Hours => row.maybe(column).map(|minutes| Cell::new(format.hours(minutes))),
            Self::Share => row.share(column).map(|share| Cell::share(format, Some(share))),
            Self::Points => row.share(column).map(|points| Cell::new(format.decimals(points * 100.0, 1))),
            Self::Decimal => row.share(column).map(|ratio| Cell::new(format.decimals(ratio, 1))),
            Self::Text => row.maybe_text(column).map(Cell::text),
            Self::Peers => row.maybe_text(column).map(|text| Cell::text(format.peers(text))),
            Self::Word => row.maybe_text(column).map(|text| Cell::text(format.say(text))),
        }
    }
}

const LEFT: &str = "left";

/// A cell of a table.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Cell {
    pub(super) text: String,
    /// Small print beneath the text.
    small: String,
    class: &'static str,
    /// How strongly it is coloured, 0 to 1.
    heat: Option<String>,
    /// A bar beneath the text, in percent of the cell's width.
    bar: Option<String>,
    /// The page that a click on the row opens.
    customer: Option<String>,
    employee: Option<String>,
    /// The customer that it names, with a page or not.
    #[serde(skip)]
    whose: Option<String>,
    /// Tier, market and rep of a customer, which lists are filtered by.
    place: Option<[String; 4]>,
    /// Marks the proposed one of several.
    proposed: bool,
}

impl Cell {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// Text, aligned left.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::new(text).class(LEFT)
    }

    /// The customer's name and id, if known.
    pub(super) fn attributed(format: &Format, row: Row<'_>, column: &str) -> Self {
        Self::new(match row.text(c::ATTRIBUTION) {
            "several" => format.say("several may be meant"),
            "unknown" => format.say("not known"),
            _ => row.text(column).to_owned(),
        })
    }

    /// A sentence of the tables: it wraps, and its numbers have the configured format.
    pub(super) fn sentence(format: &Format, text: &str) -> Self {
        Self::new(format.phrase(text)).class("left reason")
    }

    /// An unknown value.
    pub(super) fn none() -> Self {
        Self::new("–").class("nil")
    }

    /// An amount to the unit, orange below zero; less than half a unit is shown as zero, and isn't orange.
    pub(super) fn amount(format: &Format, amount: i64) -> Self {
        let text = format.whole(amount);
        let class = match amount {
            0 => "nil",
            _ if text.starts_with('−') => "negative",
            _ => "",
        };
        Self::new(text).class(class)
    }

    pub(super) fn count(format: &Format, number: i64) -> Self {
        Self::new(format.grouped(number))
    }

    pub(super) fn share(format: &Format, share: Option<f64>) -> Self {
        share.map_or_else(Self::none, |share| Self::new(format.percent(Some(share))))
    }

    pub(super) const fn class(mut self, class: &'static str) -> Self {
        self.class = class;
        self
    }

    pub(super) fn small(mut self, text: impl Into<String>) -> Self {
        self.small = text.into();
        self
    }

    /// Coloured by its size relative to the largest.
    pub(super) fn heat(mut self, value: i64, largest: i64) -> Self {
        let share = super::marts::ratio(value.saturating_abs(), largest.saturating_abs()).unwrap_or_default();
        self.heat = Some(format!("{:.2}", share.clamp(0.0, 1.0).sqrt()));
        self.class = if value < 0 { "heat below" } else { "heat" };
        self
    }

    /// With a bar whose length is a share of the cell.
    pub(super) fn bar(mut self, share: Option<f64>) -> Self {
        self.bar = share.map(|share| format!("{:.1}", (share * 100.0).clamp(0.0, 100.0)));
        self
    }

    /// JSON for the script: the text alone, or with its small print, colour and linked page.
    pub(super) fn json(&self) -> serde_json::Value {
        if self.small.is_empty() && self.heat.is_none() && self.customer.is_none() {
            return self.text.as_str().into();
        }
        let proposed = "1".to_owned();
        let parts = [
            ("p", Some(&proposed).filter(|_| self.proposed)),
            ("t", Some(&self.text)),
            ("s", Some(&self.small)),
            ("h", self.heat.as_ref()),
            ("c", self.customer.as_ref()),
        ];
        let known = parts
            .into_iter()
            .filter_map(|(key, part)| Some((key.to_owned(), part.filter(|part| !part.is_empty())?.as_str().into())));
        serde_json::Value::Object(known.collect())
    }

    /// Marks the proposed one of several.
    pub(super) const fn proposed(mut self, proposed: bool) -> Self {
        self.proposed = proposed;
        self
    }

    /// Opens the page of a customer.
    pub(super) fn of_customer(mut self, id: &str) -> Self {
        self.customer = Some(id.to_owned());
        self
    }

    /// Attaches the tier, market and rep of a customer.
    pub(super) fn of_place(mut self, id: &str, place: Option<[String; 4]>) -> Self {
        self.whose = Some(id.to_owned());
        self.place = place;
        self
    }

    /// Opens the page of an employee.
    pub(super) fn of_employee(mut self, id: &str) -> Self {
        self.employee = Some(id.to_owned());
        self
    }
}
