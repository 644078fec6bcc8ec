use std::io::Write;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::parts::{is_of_days, unescaped};
use super::*;

/// An archive as workbooks are: a part is packed where that makes it smaller.
fn zip(parts: &[(&str, &str)]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in parts {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        let packed = encoder.finish().unwrap();
        let (method, content) = if packed.len() < text.len() { (8_u16, packed) } else { (0, text.as_bytes().to_vec()) };
        let (at, name_len) = (u32::try_from(bytes.len()).unwrap(), u16::try_from(name.len()).unwrap());
        let sizes = [content.len(), text.len()].map(|size| u32::try_from(size).unwrap().to_le_bytes());
        let common =
            [&[20, 0, 0, 0][..], &method.to_le_bytes(), &[0; 8], &sizes.concat(), &name_len.to_le_bytes(), &[0, 0]]
                .concat();
        bytes.extend([&b"PK\x03\x04"[..], &common, name.as_bytes(), &content].concat());
        directory.extend([&b"PK\x01\x02\x14\x00"[..], &common, &[0; 10], &at.to_le_bytes(), name.as_bytes()].concat());
    }
    let (many, start) = (u16::try_from(parts.len()).unwrap().to_le_bytes(), u32::try_from(bytes.len()).unwrap());
    let size = u32::try_from(directory.len()).unwrap();
    let end = [&b"PK\x05\x06\0\0\0\0"[..], &many, &many, &size.to_le_bytes(), &start.to_le_bytes(), &[0, 0]].concat();
    [bytes, directory, end].concat()
}

const STYLES: &str = r#"<styleSheet><numFmts count="2"><numFmt numFmtId="164" formatCode="dd\-mm\-yyyy;@"/><numFmt numFmtId="165" formatCode="0.00 &quot;days&quot;"/></numFmts>
    <cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="20"/></cellXfs></styleSheet>"#;

/// A workbook with a sheet of these rows, behind a hidden one.
fn book(rows: &str, properties: &str) -> Vec<u8> {
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    zip(&[
        ("[Content_Types].xml", "<Types/>"),
        (
            "xl/workbook.xml",
            &format!(
                r#"<workbook xmlns:r="x">{properties}<sheets><sheet name="old" sheetId="1" state="hidden" r:id="rId1"/><sheet name="Omzet &amp; marge" sheetId="2" r:id="rId2"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            r#"<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Target="/xl/worksheets/sheet2.xml"/></Relationships>"#,
        ),
        ("xl/worksheets/sheet1.xml", "<worksheet/>"),
        ("xl/worksheets/sheet2.xml", &sheet),
        (
            "xl/sharedStrings.xml",
            r"<sst><si><t>Klant</t></si><si><r><t>Ca</t></r><r><t>fé &amp; Co</t></r><rPh><t>x</t></rPh></si><si><t>03-03-2025</t></si></sst>",
        ),
        ("xl/styles.xml", STYLES),
    ])
}

/// Name, header and rows as they are read, or what is said.
fn sheet(bytes: &[u8], json: &str, csv: &str) -> Result<Vec<String>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xlsx");
    fs::write(&path, bytes).unwrap();
    let (excel, csv): (ExcelConfig, CsvConfig) =
        (serde_json::from_str(json).unwrap(), serde_json::from_str(csv).unwrap());
    let sheet = Workbook::open(&path, folder.path(), excel.max_unpacked)
        .and_then(|book| book.sheet(&excel, &csv))
        .map_err(|error| format!("{error}; {}", error.help().unwrap_or_default()))?;
    let mut rows = vec![format!("{}: {}", sheet.name, sheet.header.join("|"))];
    for block in 0..sheet.blocks() {
        sheet.each_row(block, &mut |row| rows.push(format!("{} {}", row.line, row.fields.join("|"))));
    }
    Ok(rows)
}

const HEAD: &str = r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>Netto</t></is></c><c r="C1" t="str"><v>Datum</v></c></row>"#;

#[test]
fn numbers_are_the_text_of_the_file_and_days_are_days() {
    let rows = r#"<row r="3"><c r="A3" t="s"><v>1</v></c><c r="B3"><v>1234.5</v></c><c r="C3" s="1"><v>45719</v></c></row>
        <row r="4"><c r="A4"><v>12345678901234567890</v></c><c r="B4"><v>0.30000000000000004</v></c><c r="C4" s="1"><v>45719.645833333336</v></c></row>
        <row><c><v>12</v></c><c><v>1E-2</v></c><c s="3"><v>0.645833333333333</v></c></row>"#;
    assert_eq!(
        sheet(&book(&format!("{HEAD}{rows}"), ""), "{}", "{}").unwrap(),
        [
            "a.xlsx [Omzet & marge]: Klant|Netto|Datum",
            "3 Café & Co|1234.5|2025-03-03",
            "4 12345678901234567890|0.30000000000000004|2025-03-03T15:30",
            "5 12|0.01|15:30",
        ]
    );
    let rows = r#"<row r="2"><c r="C2" s="1"><v>44257</v></c></row>"#;
    let found = sheet(&book(&format!("{HEAD}{rows}"), r#"<workbookPr date1904="1"/>"#), "{}", "{}").unwrap();
    assert_eq!(found[1], "2 ||2025-03-03");
}

#[test]
fn where_texts_stand_between_numbers_and_days_all_are_written_as_the_source_writes() {
    let rows = r#"<row r="2"><c r="A2"><v>7</v></c><c r="B2" t="str"><v>1.234,50</v></c><c r="C2" t="s"><v>2</v></c></row>
        <row r="3"><c r="A3"><v>8</v></c><c r="B3"><v>1234.5</v></c><c r="C3" s="1"><v>45720</v></c></row>"#;
    let found =
        sheet(&book(&format!("{HEAD}{rows}"), ""), "{}", r#"{"decimal":",","thousands":".","date":"%d-%m-%Y"}"#);
    assert_eq!(found.unwrap()[1..], ["2 7|1.234,50|03-03-2025", "3 8|1234,5|04-03-2025"]);
}

#[test]
fn empty_rows_are_none_and_columns_without_a_name_have_their_letters() {
    let rows = r#"<row r="4"><c r="B4"><v>1</v></c><c r="E4" t="str"><v>note</v></c></row><row r="5"><c r="B5" t="str"><v> </v></c></row>
        <row r="6"/><row r="7"><c r="A7" t="e"><v>#N/A</v></c><c r="B7"><f>1+1</f></c></row>
        <row r="9"><c r="A9" t="s"><v>0</v></c><c r="B9" t="str"><v>Netto</v></c><c r="C9" t="str"><v>Datum</v></c></row>"#;
    let title = r#"<row r="1"><c r="A1" t="str"><v>Omzet van maart</v></c></row>"#;
    let head = HEAD.replace("r=\"1\"", "r=\"3\"").replace("1\"", "3\"");
    let found = sheet(&book(&format!("{title}{head}{rows}"), ""), r#"{"header_row":3}"#, "{}").unwrap();
    assert_eq!(
        found,
        [
            "a.xlsx [Omzet & marge]: Klant|Netto|Datum|column D|column E",
            "4 |1|||note",
            "7 #N/A|#NOT-COMPUTED!|||",
            "9 Klant|Netto|Datum||"
        ]
    );
}

#[test]
fn a_sheet_is_found_by_name_or_number_or_the_names_are_said() {
    let file = book(HEAD, "");
    for config in [r#"{"sheet":"Omzet & marge"}"#, r#"{"sheet":2}"#] {
        assert_eq!(sheet(&file, config, "{}").unwrap().len(), 1, "{config}");
    }
    let missing = sheet(&file, r#"{"sheet":"Marge"}"#, "{}").unwrap_err();
    assert_eq!(missing, r#"a.xlsx: there is no sheet "Marge"; its sheets are "old", "Omzet & marge""#);
    assert!(sheet(&file, r#"{"sheet":1}"#, "{}").unwrap_err().contains("there is no row with column names"));
}

#[test]
fn what_is_no_workbook_or_grows_beyond_its_limit_is_refused_by_name() {
    let said = |bytes: &[u8], json: &str| sheet(bytes, json, "{}").unwrap_err();
    assert!(said(b"a;b\n1;2\n", "{}").starts_with("a.xlsx: it is not a workbook"));
    assert!(said(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "{}").contains("protected by a password"));
    assert!(said(&zip(&[("a.csv", "1")]), "{}").contains("not an Excel workbook"));
    let bomb = book(&format!("{HEAD}{}", " ".repeat(3 << 20)), "");
    assert!(bomb.len() < 20_000, "{}", bomb.len());
    assert!(said(&bomb, r#"{"max_unpacked":"2 MiB"}"#).contains("it decompresses to more than 2 MiB"));
    assert_eq!(sheet(&bomb, r#"{"max_unpacked":"4 MiB"}"#, "{}").unwrap().len(), 1);
    let whole = book(HEAD, "");
    for end in [whole.len() - 30, whole.len() / 2, 40] {
        let said = said(&whole[..end], "{}");
        assert!(said.contains("damaged") || said.contains("not a workbook"), "{said}");
    }
}

#[test]
fn a_workbook_of_several_sheets_is_opened_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xlsx");
    fs::write(&path, book(&format!("{HEAD}{}", " ".repeat(300 << 10)), "")).unwrap();
    let opened = Opened::default();
    let config: ExcelConfig = serde_json::from_str(r#"{"max_unpacked":"1 MiB"}"#).unwrap();
    let first = opened.open(&path, folder.path(), &config).unwrap();
    // It is in memory: nobody asks for the file again.
    fs::remove_file(&path).unwrap();
    let again = opened.open(&path, folder.path(), &config).unwrap();
    assert!(Rc::ptr_eq(&first, &again));
    assert_eq!(again.sheet(&config, &CsvConfig::default()).unwrap().header.len(), 3);
    // A part that is read again doesn't count as grown twice.
    assert!((0..4).all(|_| again.sheet(&config, &CsvConfig::default()).is_ok()));
    assert!(opened.open(&folder.path().join("b.xlsx"), folder.path(), &config).is_err());
}

#[test]
fn formats_of_days_are_told_from_those_of_numbers() {
    for days in ["dd-mm-yyyy;@", "[$-413]d mmm yy;@", "yyyy\\-mm\\-dd", "h:mm AM/PM", "mmm-yy", "m/d/yy h:mm"] {
        assert!(is_of_days(days), "{days}");
    }
    for number in ["General", "0.00", "#,##0.00 \"days\"", "[h]:mm", "0%", "[Red]-0.0", "_-* #,##0_-", "@", "\\d0"] {
        assert!(!is_of_days(number), "{number}");
    }
}

#[test]
fn signs_that_xml_has_no_place_for_are_read() {
    assert_eq!(unescaped("a_x000D_\nb_x005F_x"), "a\r\nb_x");
    assert_eq!(unescaped("max_xl _x12"), "max_xl _x12");
    assert_eq!(
        (letters(0), letters(25), letters(26), letters(701)),
        ("A".into(), "Z".into(), "AA".into(), "ZZ".into())
    );
}
