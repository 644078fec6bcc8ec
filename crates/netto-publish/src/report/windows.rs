//! Packs the pages of all other windows behind the first, so that a report is one file: `report.html?window=2024` opens one of them.
//!
//! ```text
//! main        2024-07..2025-06     the page itself
//! previous    2023-07..2024-06  ⎫  gzip, in base64, in script elements that no browser runs;
//! 2024        2024-01..2024-12  ⎭  about a tenth of the page
//! ```
//! Sections about the present (what to do first, goals, slipping customers) appear only in the main window.

use std::io::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use netto_model::{column as c, contract};
use polars::prelude::PolarsResult;
use serde::Serialize;

use super::format::Format;
use super::language::say;
use super::marts::{MAIN, Marts};
use crate::PublishError;
use crate::error::at;

/// A window that a reader may choose.
#[derive(Debug, Serialize)]
pub(super) struct Choice {
    pub(super) name: String,
    /// Its label: `2024: 2024-01 – 2024-12`.
    label: String,
}

/// The page of a window.
#[derive(Debug, Serialize)]
pub(super) struct Packed {
    name: String,
    /// Its HTML: gzip, in base64.
    packed: String,
}

/// The windows with sales, the main one first.
pub(super) fn choices(marts: &Marts<'_>, format: &Format) -> PolarsResult<Vec<Choice>> {
    let (windows, summary) = (marts.rows(&contract::DIM_WINDOW)?, marts.rows(contract::model("window_summary"))?);
    let bought = |name: &str| summary.of(c::WINDOW, name).iter().any(|row| row.units(c::CUSTOMERS) > 0);
    let mut choices = Vec::new();
    for row in windows.iter() {
        let name = row.text(c::WINDOW);
        let (Some(first), Some(last)) = (row.day(c::FIRST_PERIOD), row.day(c::LAST_PERIOD)) else { continue };
        if name != MAIN && !bought(name) {
            continue;
        }
        let shown = match name {
            MAIN => say!(format, "Latest"),
            "previous" => say!(format, "Before that"),
            other => other.to_owned(),
        };
        choices.push(Choice {
            name: name.to_owned(),
            label: format!("{shown}: {} – {}", format.month(first), format.month(last)),
        });
    }
    choices.sort_by_key(|choice| choice.name != MAIN);
    Ok(choices)
}

impl Packed {
    /// Packs a page.
    pub(super) fn new(choice: &Choice, html: &str) -> Result<Self, PublishError> {
        Ok(Self { name: choice.name.clone(), packed: packed(html.as_bytes())? })
    }
}

/// Data that the page unpacks on demand: gzip, in base64.
pub(super) fn packed(text: &[u8]) -> Result<String, PublishError> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let bytes = encoder.write_all(text).and_then(|()| encoder.finish());
    Ok(BASE64_STANDARD.encode(bytes.map_err(at(Path::new("report.html")))?))
}
