//! How orders come in, and what moving them to electronic channels would save.

use netto_model::{column as c, contract};

use super::marts::{Row, ratio, sum};
use super::page::Page;
use super::section::As::{Amount, Count, Share};
use super::section::{Cell, Part, Section, Shown, Table};
use crate::PublishError;

const CHANNELS: [Shown; 7] = [
    ("Customers", c::CUSTOMERS, Count),
    ("Orders", c::ORDERS, Count),
    ("of all", c::ORDER_SHARE, Share),
    ("Lines", c::LINES, Count),
    ("Revenue", c::INVOICE_REVENUE, Amount),
    ("Cost-to-serve", c::COST_TO_SERVE, Amount),
    ("Net profit", c::NET_PROFIT, Amount),
];

const TIERS: [Shown; 5] = [
    ("Customers", c::CUSTOMERS, Count),
    ("Orders", c::ORDERS, Count),
    ("Electronic orders", c::ELECTRONIC_SHARE, Share),
    ("Electronic lines", c::ELECTRONIC_LINE_SHARE, Share),
    ("Moving the rest saves", c::CHANNEL_SAVING, Amount),
];

/// A channel by name, and whether it is electronic.
pub(super) fn channel(row: Row<'_>) -> Cell {
    let name = row.text(c::CHANNEL);
    let cell = Cell::new(if name.is_empty() { "not known" } else { name });
    if row.flag(c::ELECTRONIC) { cell.small("electronic") } else { cell }
}

pub(super) fn section(page: &Page<'_>) -> Result<Option<Section>, PublishError> {
    let channels = page.main(&contract::CHANNEL_SUMMARY)?;
    if channels.iter().all(|row| row.text(c::CHANNEL).is_empty()) {
        return Ok(None);
    }
    let format = &page.format;
    let rows: Vec<Row<'_>> = channels.iter().collect();
    let tiers = page.main(&contract::CHANNEL_TIER)?;
    let of_tiers: Vec<Row<'_>> = contract::TIERS.iter().flat_map(|tier| tiers.of(c::TIER, tier)).collect();
    let electronic = sum(rows.iter().copied().filter(|row| row.flag(c::ELECTRONIC)), c::ORDERS);
    let mut finding =
        format!("{} of the orders come in electronically", format.percent(ratio(electronic, channels.sum(c::ORDERS))));
    if of_tiers.iter().any(|row| row.maybe(c::CHANNEL_SAVING).is_some()) {
        finding += &format!("; moving the others would save {}", format.sum(tiers.sum(c::CHANNEL_SAVING)));
    }
    let mut parts =
        vec![Part::table(Table::of(format, "What each channel brings.", "Channel", &rows, channel, &CHANNELS))];
    if !of_tiers.is_empty() {
        let caption = "The electronic share by tier. The saving compares the cost per order of each channel with that of electronic ones.";
        parts.push(Part::table(Table::of(
            format,
            caption,
            "Tier",
            &of_tiers,
            |row| Cell::new(row.text(c::TIER)),
            &TIERS,
        )));
    }
    Ok(Some(Section {
        id: "channels",
        name: "Channels",
        finding,
        reading: "An order that a customer types itself needs only a look; the saving is what the minutes of the others would have cost less.".into(),
        parts,
    }))
}
