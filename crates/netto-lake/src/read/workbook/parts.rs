//! Reads the common parts of a workbook: sheet names, shared texts, and which cell formats show a number as a day.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::Fault;
use super::archive::Archive;
use crate::config::SheetName;
use crate::ids::is_same_name;

/// A workbook without its sheets.
#[derive(Debug)]
pub(super) struct Book {
    sheets: Vec<SheetPart>,
    /// Texts that cells refer to by index.
    pub(super) texts: Vec<String>,
    /// Whether a cell style shows days, by style index.
    pub(super) shows_days: Vec<bool>,
    /// Whether days are counted from 1904.
    pub(super) since_1904: bool,
}

/// A sheet and its location.
#[derive(Debug)]
pub(super) struct SheetPart {
    pub(super) name: String,
    pub(super) path: String,
    hidden: bool,
}

impl Book {
    pub(super) fn read(archive: &Archive) -> Result<Self, Fault> {
        let part = |name: &str| archive.text(name);
        let book = part("xl/workbook.xml")?;
        let help = "save it as .xlsx";
        let book = book.ok_or_else(|| Fault::new("it is a zip archive, not an Excel workbook", help))?;
        let targets = targets(&part("xl/_rels/workbook.xml.rels")?.unwrap_or_default())?;
        let (mut sheets, mut since_1904) = (Vec::new(), false);
        each_start(&book, |tag| {
            match tag.local_name().as_ref() {
                "workbookPr" => {
                    since_1904 = attribute(tag, "date1904")?.is_some_and(|value| value == "1" || value == "true");
                }
                "sheet" => {
                    let id = attribute(tag, "id")?.unwrap_or_default();
                    let Some((_, path)) = targets.iter().find(|(known, _)| *known == id) else { return Ok(()) };
                    let name = attribute(tag, "name")?.unwrap_or_default();
                    let hidden = attribute(tag, "state")?.is_some_and(|state| state != "visible");
                    sheets.push(SheetPart { name, path: path.clone(), hidden });
                }
                _ => {}
            }
            Ok(())
        })?;
        let texts = part("xl/sharedStrings.xml")?.map(|xml| shared(&xml)).transpose()?.unwrap_or_default();
        let shows_days = part("xl/styles.xml")?.map(|xml| styles(&xml)).transpose()?.unwrap_or_default();
        Ok(Self { sheets, texts, shows_days, since_1904 })
    }

    /// The visible sheets; all sheets if all are hidden.
    pub(super) fn shown(&self) -> impl Iterator<Item = &SheetPart> {
        let all_hidden = self.sheets.iter().all(|sheet| sheet.hidden);
        self.sheets.iter().filter(move |sheet| all_hidden || !sheet.hidden)
    }

    /// The configured sheet; by default the first visible one.
    pub(super) fn sheet(&self, wanted: Option<&SheetName>) -> Result<&SheetPart, Fault> {
        let found = match wanted {
            None => self.sheets.iter().find(|sheet| !sheet.hidden).or(self.sheets.first()),
            Some(SheetName::Name(name)) => {
                self.sheets.iter().find(|sheet| is_same_name(sheet.name.trim(), name.trim()))
            }
            Some(SheetName::Number(number)) => number.checked_sub(1).and_then(|place| self.sheets.get(place)),
        };
        found.ok_or_else(|| {
            let names: Vec<String> = self.sheets.iter().map(|sheet| format!("\"{}\"", sheet.name)).collect();
            let wanted = wanted.map_or_else(String::new, |sheet| format!(" {sheet}"));
            Fault::of_setting(
                "sheet",
                format!("there is no sheet{wanted}"),
                format!("its sheets are {}", names.join(", ")),
            )
        })
    }
}

/// Visits every start tag, including empty elements.
fn each_start(xml: &str, mut visit: impl FnMut(&BytesStart<'_>) -> Result<(), Fault>) -> Result<(), Fault> {
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event().map_err(Fault::damaged)? {
            Event::Start(tag) | Event::Empty(tag) => visit(&tag)?,
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// The value of an attribute, by its name without prefix.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>, Fault> {
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(Fault::damaged)?;
        if attribute.key.local_name().as_ref() == name {
            return Ok(Some(attribute.normalized_value(XmlVersion::Implicit1_0).map_err(Fault::damaged)?.into_owned()));
        }
    }
    Ok(None)
}

/// The text of an event; entities are separate events.
pub(super) fn text_of(event: &Event<'_>, text: &mut String) -> Result<(), Fault> {
    match event {
        Event::Text(part) => text.push_str(&part.xml10_content()),
        Event::CData(part) => text.push_str(&part.xml10_content()),
        Event::GeneralRef(entity) => match entity.resolve_char_ref().map_err(Fault::damaged)? {
            Some(sign) => text.push(sign),
            None => text.push_str(match entity.xml10_content().as_ref() {
                "amp" => "&",
                "lt" => "<",
                "gt" => ">",
                "quot" => "\"",
                "apos" => "'",
                other => return Err(Fault::damaged(format!("it contains `&{other};`"))),
            }),
        },
        _ => {}
    }
    Ok(())
}

/// The locations of the parts that a workbook refers to.
fn targets(xml: &str) -> Result<Vec<(String, String)>, Fault> {
    let mut targets = Vec::new();
    each_start(xml, |tag| {
        if let (Some(id), Some(target)) = (attribute(tag, "Id")?, attribute(tag, "Target")?) {
            let path = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
            targets.push((id, path));
        }
        Ok(())
    })?;
    Ok(targets)
}

/// The shared texts, without phonetic hints.
fn shared(xml: &str) -> Result<Vec<String>, Fault> {
    let mut reader = Reader::from_str(xml);
    let (mut texts, mut text, mut within, mut spoken) = (Vec::new(), String::new(), false, false);
    loop {
        let event = reader.read_event().map_err(Fault::damaged)?;
        match &event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "si" => text.clear(),
                "rPh" => spoken = true,
                "t" => within = !spoken,
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                "si" => texts.push(unescaped(&text)),
                "rPh" => spoken = false,
                "t" => within = false,
                _ => {}
            },
            Event::Empty(tag) if tag.local_name().as_ref() == "si" => texts.push(String::new()),
            Event::Eof => return Ok(texts),
            event if within => text_of(event, &mut text)?,
            _ => {}
        }
    }
}

/// Decodes `_x000D_`, the notation for characters that XML doesn't allow.
pub(super) fn unescaped(text: &str) -> String {
    let (mut rest, mut out) = (text, String::new());
    while let Some(at) = rest.find("_x") {
        out.push_str(rest.get(..at).unwrap_or_default());
        let code = rest.get(at + 2..at + 6).filter(|_| rest.get(at + 6..at + 7) == Some("_"));
        let sign = code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
        out.push_str(&sign.map_or_else(|| "_x".to_owned(), String::from));
        rest = rest.get(at + if sign.is_some() { 7 } else { 2 }..).unwrap_or_default();
    }
    out + rest
}

/// Which styles of cells show days or times.
fn styles(xml: &str) -> Result<Vec<bool>, Fault> {
    let (mut custom, mut styles, mut of_cells) = (Vec::new(), Vec::new(), false);
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event().map_err(Fault::damaged)? {
            Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                "numFmt" => {
                    let (id, code) = (attribute(&tag, "numFmtId")?, attribute(&tag, "formatCode")?);
                    custom.extend(id.zip(code).map(|(id, code)| (id, is_of_days(&code))));
                }
                "cellXfs" => of_cells = true,
                "xf" if of_cells => {
                    let id = attribute(&tag, "numFmtId")?.unwrap_or_default();
                    let known = custom.iter().find(|(known, _)| *known == id);
                    styles.push(known.map_or_else(|| is_built_in(&id), |(_, days)| *days));
                }
                _ => {}
            },
            Event::End(tag) if tag.local_name().as_ref() == "cellXfs" => of_cells = false,
            Event::Eof => return Ok(styles),
            _ => {}
        }
    }
}

/// Whether a built-in format, by number, shows days or times, including East Asian formats.
fn is_built_in(id: &str) -> bool {
    id.parse::<u32>().is_ok_and(|id| matches!(id, 14..=22 | 27..=36 | 45 | 47 | 50..=58))
}

/// Whether a format shows a day or a time: `dd-mm-yyyy`, `[$-413]d mmm yy;@`, not `0.00 "days"`. `[h]:mm` counts hours, and is none.
pub(super) fn is_of_days(code: &str) -> bool {
    let (mut signs, mut bare) = (code.chars(), String::new());
    while let Some(sign) = signs.next() {
        match sign {
            '"' => drop(signs.by_ref().find(|sign| *sign == '"')),
            '\\' | '_' | '*' => drop(signs.next()),
            '[' => {
                let within: String = signs.by_ref().take_while(|sign| *sign != ']').collect();
                if matches!(within.to_lowercase().as_str(), "h" | "hh" | "m" | "mm" | "s" | "ss") {
                    return false;
                }
            }
            sign => bare.extend(sign.to_lowercase()),
        }
    }
    !bare.contains("general") && bare.contains(['y', 'd', 'h', 's', 'm'])
}
