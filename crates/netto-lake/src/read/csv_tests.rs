//! Tests with real-world CSV files: each line is read correctly or set apart.

use proptest::prelude::*;

use super::*;
use crate::read::Input;

fn in_blocks(bytes: &[u8], json: &str, size: usize) -> Result<CsvFile, LakeError> {
    let config: CsvConfig = serde_json::from_str(json).unwrap();
    CsvFile::in_blocks(Content { name: "x.csv".into(), bytes: bytes.to_vec() }, &config, size)
}

fn open(bytes: &[u8], json: &str) -> Result<CsvFile, LakeError> {
    in_blocks(bytes, json, BLOCK)
}

/// Every row with its line, fields and fault; the lines add up.
fn rows_of(file: &CsvFile) -> Vec<String> {
    let (mut rows, mut lines) = (Vec::new(), Lines::default());
    for block in 0..file.blocks.len() {
        lines += file.each_row(block, &mut |row| {
            let fields = row.fields.join("|");
            let fault = row.fault.map(|fault| format!(" {fault}: {} <{}>", row.why, row.raw())).unwrap_or_default();
            rows.push(format!("{} {fields}{fault}", row.line));
        });
    }
    file.account(lines).unwrap();
    rows
}

fn rows(bytes: impl AsRef<[u8]>, json: &str) -> Vec<String> {
    rows_of(&open(bytes.as_ref(), json).unwrap())
}

/// Rows that are read, and lines that are set apart.
fn read_and_set_apart(bytes: impl AsRef<[u8]>, json: &str) -> (Vec<String>, Vec<String>) {
    rows(bytes, json).into_iter().partition(|row| !row.contains('<'))
}

fn refusal(bytes: impl AsRef<[u8]>, json: &str) -> String {
    let error = open(bytes.as_ref(), json).unwrap_err();
    format!("{error}\nhelp: {}", error.help().unwrap())
}

fn lines_of(bytes: impl AsRef<[u8]>, json: &str) -> Lines {
    let file = open(bytes.as_ref(), json).unwrap();
    let mut lines = Lines::default();
    (0..file.blocks.len()).for_each(|block| lines += file.each_row(block, &mut |_| ()));
    file.account(lines).unwrap()
}

const SEMICOLON: &str = r#"{"delimiter":";"}"#;

mod quotes {
    use super::*;

    #[test]
    fn they_hold_line_ends_and_lines_are_those_of_the_file() {
        let text = b"a,b\n1,\"x\ny\"\n\n2,\"say \"\"hi\"\"\"\r\n3,5\" pipe\n4,\"x\r\ny\"\r\n5,\"z\" \n";
        assert_eq!(rows(text, "{}"), ["2 1|x\ny", "5 2|say \"hi\"", "6 3|5\" pipe", "7 4|x\r\ny", "9 5|z"]);
    }

    #[test]
    fn one_that_is_closed_before_a_text_costs_its_line() {
        let text = "a;b;c\n1;\"Pipe 15 mm;100\n2;Bend;200\n3;\"T-piece\" 22 mm;400\n4;Tap;800\n";
        let (read, apart) = read_and_set_apart(text, SEMICOLON);
        assert_eq!(read, ["3 2|Bend|200", "5 4|Tap|800"]);
        insta::assert_snapshot!(apart.join("\n"), @r#"
        2  unclosed_quote: there is text after a closing quote <1;"Pipe 15 mm;100>
        4  unclosed_quote: there is text after a closing quote <3;"T-piece" 22 mm;400>
        "#);
    }

    #[test]
    fn one_that_is_never_closed_costs_its_line_wherever_it_stands() {
        for bad in [2, 500, 999, 1000] {
            let line = |row| format!("{row};{}Bend;10\n", if row == bad { "\"" } else { "" });
            let text = "a;b;c\n".to_owned() + &(1..=1000).map(line).collect::<String>();
            for text in [text.trim_end(), &text] {
                let (read, apart) = read_and_set_apart(text, SEMICOLON);
                assert_eq!((read.len(), apart.len()), (999, 1));
                assert!(apart[0].starts_with(&format!("{} ", bad + 1)), "{apart:?}");
            }
        }
    }

    #[test]
    fn two_bad_ones_cost_two_lines() {
        let text = "a;b;c\n1;\"Super tap;10\n2;Bend;10\n3;\"Super tap;10\n4;Bend;10\n";
        let (read, apart) = read_and_set_apart(text, SEMICOLON);
        assert_eq!(
            (read.as_slice(), apart.len()),
            (["3 2|Bend|10".to_owned(), "5 4|Bend|10".to_owned()].as_slice(), 2)
        );
    }

    #[test]
    fn one_that_an_inch_sign_closes_lines_later_swallows_nothing() {
        let text = "a;b;c\n1;\"Super tap;10\n2;Bend;20\n3;Pipe 1/2\";40\n4;Bend;80\n";
        let (read, apart) = read_and_set_apart(text, SEMICOLON);
        assert_eq!(read, ["3 2|Bend|20", "4 3|Pipe 1/2\"|40", "5 4|Bend|80"]);
        insta::assert_snapshot!(apart.join("\n"), @r#"2  unclosed_quote: a quote is closed only on a later line, which is a separate record <1;"Super tap;10>"#);
        let last = "a;b;c\n1;10;\"Super tap\n2;20;Bend\n3;40;Pipe 1/2\"\n4;80;Bend\n";
        assert_eq!(read_and_set_apart(last, SEMICOLON).0, ["3 2|20|Bend", "4 3|40|Pipe 1/2\"", "5 4|80|Bend"]);
    }

    #[test]
    fn texts_of_several_lines_with_delimiters_in_them_are_fields() {
        let text = "id,name,address,region\nK1,\"De Zon\",\"Dam 1, left, door 2\nAmsterdam, NL\",west\nK2,\"x\",\"y\n, , \",z\n";
        assert_eq!(rows(text, "{}"), ["2 K1|De Zon|Dam 1, left, door 2\nAmsterdam, NL|west", "4 K2|x|y\n, , |z"]);
        let without_digits = "id,name,note\nK1,\"De Zon, 1\nAmsterdam, NL\",x\n";
        assert_eq!(rows(without_digits, "{}"), ["2 K1|De Zon, 1\nAmsterdam, NL|x"]);
        let two = "id,address\nK1,\"Dam 1\n1011 AB, Amsterdam\"\n";
        assert_eq!(rows(two, "{}"), ["2 K1|Dam 1\n1011 AB, Amsterdam"]);
    }

    #[test]
    fn a_record_that_would_have_other_fields_goes_back_to_its_line() {
        let text = "a;b;c\n1;\"Tap;10\n2;Bend\";20;x\n3;Bend;30\n";
        let (read, apart) = read_and_set_apart(text, SEMICOLON);
        assert_eq!((read.as_slice(), apart.len()), (["4 3|Bend|30".to_owned()].as_slice(), 2));
        assert!(apart[0].starts_with("2  unclosed_quote") && apart[1].starts_with("3 2|Bend\"|20|x wrong_field_count"));
    }

    #[test]
    fn a_record_has_as_many_lines_as_are_set() {
        let field = |lines: usize| format!("a;b;c\n1;\"{}\";3\n4;5;6\n", vec!["x"; lines].join("\n"));
        assert_eq!(rows(field(8), SEMICOLON).len(), 2);
        let (read, apart) = read_and_set_apart(field(9), SEMICOLON);
        assert_eq!((read.as_slice(), apart.len()), (["11 4|5|6".to_owned()].as_slice(), 9));
        insta::assert_snapshot!(apart[0], @r#"2  unclosed_quote: a quote is opened but not closed within 8 lines, the maximum for a record (max_record_lines) <1;"x>"#);
        assert_eq!(rows(field(9), r#"{"delimiter":";","max_record_lines":9}"#).len(), 2);
        assert_eq!(read_and_set_apart(field(2), r#"{"delimiter":";","max_record_lines":1}"#).1.len(), 2);
    }

    #[test]
    fn without_them_they_are_characters_like_others() {
        let json = r#"{"delimiter":";","quote":"none"}"#;
        assert_eq!(
            rows("a;b\n\"1;'s Gravenhage\n2\";\"Bend\" 15\"\n", json),
            ["2 \"1|'s Gravenhage", "3 2\"|\"Bend\" 15\""]
        );
        assert_eq!(rows("a;b\n'1;2';'it''s'\n", r#"{"delimiter":";","quote":"'"}"#), ["2 1;2|it's"]);
    }

    #[test]
    fn an_escape_before_them_is_no_end() {
        let json = r#"{"delimiter":";","escape":"\\"}"#;
        let text = r#"a;b
1;"5\" pipe; \\"
2;"C:\new ""x"""
3;x\;y
4;C:\
5;"x\"
6;y"
"#;
        let (read, apart) = read_and_set_apart(text, json);
        assert_eq!(read, [r#"2 1|5" pipe; \"#, r#"3 2|C:\new "x""#, "4 3|x;y", r"5 4|C:\", "6 5|x\"\n6;y"]);
        assert_eq!(apart, [""; 0]);
        assert_eq!(rows("a;b\n1;x\\;y\n", r#"{"delimiter":";","escape":"\\","quote":"none"}"#), ["2 1|x;y"]);
    }

    #[test]
    fn many_open_ones_take_no_longer_than_their_lines() {
        let lines = 200_000;
        // The last one makes records of two lines that are taken back, each.
        for (bad, rows) in [("1;\"Super tap;10\n", 1), ("1;\"a\"\"b;10\n", 1), ("\"\n", 1), ("1;\"x;\n2\";3;4\n", 2)] {
            let text = "a;b;c\n".to_owned() + &bad.repeat(lines / rows);
            let started = std::time::Instant::now();
            let (read, apart) = read_and_set_apart(&text, SEMICOLON);
            assert!(started.elapsed().as_secs() < 60, "{bad:?} took {:?}", started.elapsed());
            assert!(read.len() + apart.len() > lines / 10, "{bad:?}: {} read, {} set apart", read.len(), apart.len());
        }
    }
}

mod shapes {
    use super::*;

    #[test]
    fn records_that_are_cut_are_faults_not_losses() {
        insta::assert_snapshot!(rows("a,b\n1\n1,2,3\n1,2", "{}").join("\n"), @r"
        2 1 wrong_field_count: 1 fields, the header has 2 <1>
        3 1|2|3 wrong_field_count: 3 fields, the header has 2 <1,2,3>
        4 1|2
        ");
    }

    #[test]
    fn rows_of_nothing_but_delimiters_are_empty() {
        let text = "a;b;c\n1;2;3\n;;\n ; ;\t\n\"\";\"\";\"\"\n\n;\n;;;;\n4;5;6\n;;";
        assert_eq!(rows(text, SEMICOLON), ["2 1|2|3", "9 4|5|6"]);
        assert_eq!(lines_of(text, SEMICOLON), Lines { total: 10, header: 1, blank: 7, repeated: 0, records: 2 });
    }

    #[test]
    fn surplus_fields_that_are_empty_are_nothing() {
        assert_eq!(rows("a;b\n1;2;\n3;4; ;\n5;6\n", SEMICOLON), ["2 1|2", "3 3|4", "4 5|6"]);
        assert_eq!(rows("a;b;;\n1;2\n3;4;\n5;6;7\n", SEMICOLON), ["2 1|2||", "3 3|4||", "4 5|6|7|"]);
        let (read, apart) = read_and_set_apart("a;b\n1;2;3\n4;5;;x\n6\n", SEMICOLON);
        assert_eq!((read.len(), apart.len()), (0, 3));
    }

    #[test]
    fn carriage_returns_alone_end_lines() {
        assert_eq!(rows("a;b\r1;2\r3;\"x\ry\"\r4;5", SEMICOLON), ["2 1|2", "3 3|x\ny", "5 4|5"]);
        assert_eq!(rows("a;b\r\n1;2\r3;4\r\n5;6\n7;8\r", SEMICOLON), ["2 1|2", "3 3|4", "4 5|6", "5 7|8"]);
        assert_eq!(rows("a;b\n1;2\r3\r\n4;x\ry\n", SEMICOLON), ["2 1|2\r3", "3 4|x\ry"]);
        assert_eq!(rows("a;b\n1;\"x\n;\r;\"\n2;z\n", SEMICOLON), ["2 1|x\n;\r;", "4 2|z"]);
        assert_eq!(rows("a;b\n1;\"x\ry\"\n2;\"x\r\ry\nz\"\n", SEMICOLON), ["2 1|x\ry", "3 2|x\r\ry\nz"]);
        assert_eq!(
            lines_of("a;b\r1;2\r\r\n3;4\r", SEMICOLON),
            Lines { total: 4, header: 1, blank: 1, repeated: 0, records: 2 }
        );
    }

    #[test]
    fn titles_are_skipped_and_blank_lines_before_the_header_too() {
        let text = "Revenue \"March;;\nPrinted;\n\na;b\n1;2\n";
        assert_eq!(rows(text, r#"{"delimiter":";","skip_lines":2}"#), ["5 1|2"]);
        assert_eq!(rows("\n;\na;b\n1;2\n", SEMICOLON), ["4 1|2"]);
        let file = open(text.as_bytes(), r#"{"delimiter":";"}"#);
        assert_eq!(file.unwrap().header_place("a", &["a".into(), "b".into()]), (1, Some(3)));
        let file = open(b"a;b\n1;2\n", SEMICOLON).unwrap();
        assert_eq!(file.header_place("c", &["a".into(), "c".into()]), (1, None));
        insta::assert_snapshot!(refusal("a;b\n1;2\n", r#"{"delimiter":";","skip_lines":2}"#), @r"
        x.csv: there is no header in its 2 lines
        help: skip_lines = 2 is set
        ");
    }

    #[test]
    fn the_hint_of_a_spreadsheet_is_the_delimiter() {
        for hint in ["sep=;", "SEP=;\r", "\"sep=;\"", "\u{feff}sep=;"] {
            assert_eq!(rows(format!("{hint}\na;b\n1;2\n"), "{}"), ["3 1|2"], "{hint}");
        }
        assert_eq!(rows("sep=\t\na\tb\n1\t2\n", SEMICOLON), ["3 1|2"]);
        assert_eq!(rows("sep=;\nTitle\na;b\n1;2\n", r#"{"skip_lines":2}"#), ["4 1|2"]);
        assert_eq!(rows("Title\nsep=;\na;b\n1;2\n", r#"{"skip_lines":1}"#), ["4 1|2"]);
        assert_eq!(rows("sep=ab\n1\n", "{}"), ["2 1"]);
    }

    #[test]
    fn repeated_headers_are_left_out_and_counted() {
        let text = "a;b;\n1;2\na;b\n3;4\n\"a\"; b;;\na;c\n\u{feff}a;b\n\u{feff}5;6\n";
        assert_eq!(rows(text, SEMICOLON), ["2 1|2|", "4 3|4|", "6 a|c|", "8 5|6|"]);
        assert_eq!(lines_of(text, SEMICOLON).repeated, 3);
        // In a file of one column it may be a value.
        assert_eq!(rows("a\na\n", "{}"), ["2 a"]);
    }

    #[test]
    fn zero_bytes_and_marks_are_read_right_or_set_apart() {
        let (read, apart) = read_and_set_apart("a;b\n1;2\n3;\0\n4;5\n\0\0\0", SEMICOLON);
        assert_eq!((read.as_slice(), apart.len()), (["2 1|2".to_owned(), "4 4|5".to_owned()].as_slice(), 2));
        assert!(apart[0].contains("encoding: the record has a zero byte"), "{apart:?}");
        assert_eq!(rows("\u{feff}a;b\n\u{feff}\"1\";2\n\u{feff}\n", SEMICOLON), ["2 1|2"]);
        let text = "a;b\n\u{feff}\"x\ny\";2\n";
        assert_eq!(rows_of(&in_blocks(text.as_bytes(), SEMICOLON, 1).unwrap()), ["2 x\ny|2"]);
    }

    #[test]
    fn files_without_rows_are_read_and_files_without_a_header_refused() {
        assert_eq!(rows("a;b\n", SEMICOLON), [""; 0]);
        assert_eq!(rows("a;b", SEMICOLON), [""; 0]);
        insta::assert_snapshot!(refusal("", "{}"), @r"
        x.csv: the file is empty
        help: an extract must start with a line of column names
        ");
        insta::assert_snapshot!(refusal("\n\r\n", "{}"), @r"
        x.csv: there is no header in its 2 lines
        help: an extract must start with a line of column names
        ");
        assert!(refusal("\u{feff}", "{}").contains("the file is empty"));
        insta::assert_snapshot!(refusal("a;\"b\n1;2\n", SEMICOLON), @r#"
        x.csv: line 1 was read as the header, and a quote is opened but never closed
        help: correct the line, or set quote = "none" if quotes are ordinary characters; skip_lines = N skips titles
        "#);
    }

    #[test]
    fn long_lines_are_read_and_cut_when_they_are_set_apart() {
        let long = "x".repeat(3 << 20);
        assert_eq!(rows(format!("a;b\n1;{long}\n2;y\n"), SEMICOLON)[1], "3 2|y");
        let apart = rows(format!("a;b\n1;\"{long}\n2;y\n"), SEMICOLON);
        assert_eq!(apart[1], "3 2|y");
        assert!(
            apart[0].len() < 2_200 && apart[0].ends_with("… (cut: 3,145,731 characters)>")
                || apart[0].contains("cut: 3145731")
        );
    }
}

mod encodings {
    use super::*;

    #[test]
    fn they_are_strict_and_a_mark_wins() {
        let read = |bytes: &[u8], json: &str| rows(bytes, json);
        let windows = read(b"a,b\n1,caf\xe9\n2,\x81\n3,\x80\n", r#"{"encoding":"windows-1252"}"#);
        assert_eq!(windows, ["2 1|café", "3 2|\u{fffd} encoding:  <2,\u{fffd}>", "4 3|€"]);
        let utf8 = read(b"a,b\n1,caf\xe9\n2,ok\n3,\xef\xbf\xbd\n", "{}");
        assert_eq!(utf8, ["2 1|caf\u{fffd} encoding:  <1,caf\u{fffd}>", "3 2|ok", "4 3|\u{fffd}"]);
        assert_eq!(read(b"\xef\xbb\xbfa,b\n1,\xc3\xa9\n", r#"{"encoding":"windows-1252"}"#), ["2 1|é"]);
        assert!(refusal(b"a,caf\xe9\n1,2\n", "{}").contains("encoding = \"windows-1252\""));
    }

    #[test]
    fn utf_16_is_read_with_its_mark_or_its_setting_and_else_named() {
        let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        assert_eq!(rows(wide("a,b\r\n1,é\r\n"), r#"{"encoding":"utf-16le"}"#), ["2 1|é"]);
        assert_eq!(rows(wide("\u{feff}a,b\r\n1,é\r\n"), "{}"), ["2 1|é"]);
        insta::assert_snapshot!(refusal(wide("a,b\r\n1,é\r\n"), "{}"), @r#"
        x.csv: every second byte is zero: it is UTF-16LE
        help: encoding = "utf-16le" reads it
        "#);
        insta::assert_snapshot!(refusal("a,b\n1,2\n", r#"{"encoding":"utf-16le"}"#), @r#"
        x.csv: UTF-16 is set, but no byte of its first lines is zero, so it is another encoding
        help: the most common ones are encoding = "utf-8" and "windows-1252"
        "#);
    }

    #[test]
    fn code_pages_of_dos_and_encodings_of_several_bytes_are_read() {
        assert_eq!(rows(b"a,b\r\n1,Caf\x82 Zo\x89\r\n\x1a", r#"{"encoding":"cp850"}"#), ["2 1|Café Zoë"]);
        assert_eq!(rows(b"a,b\n1,\x83\x5c\n", r#"{"encoding":"shift_jis","escape":"\\"}"#), ["2 1|ソ"]);
    }
}

/// What every file of random signs holds, whatever is wrong with it.
fn signs() -> impl Strategy<Value = Vec<u8>> {
    let sign = prop_oneof![
        6 => Just(b";".to_vec()),
        5 => Just(b"\"".to_vec()),
        4 => Just(b"\n".to_vec()),
        1 => Just(b"\r".to_vec()),
        1 => Just(b"\r\n".to_vec()),
        1 => Just(b"\\".to_vec()),
        1 => Just(b"\xef\xbb\xbf".to_vec()),
        1 => Just(b"\xe9".to_vec()),
        1 => Just(b"\0".to_vec()),
        1 => Just(b" ".to_vec()),
        2 => Just(b"a;b;c\n".to_vec()),
        3 => Just(b"1;2;3\n".to_vec()),
        3 => Just(b"\n1;\"x".to_vec()),
        8 => prop::sample::select(&b"ab12"[..]).prop_map(|sign| vec![sign]),
    ];
    prop::collection::vec(sign, 0..120).prop_map(|signs| [b"a;b;c\n".to_vec(), signs.concat()].concat())
}

fn dialects() -> impl Strategy<Value = String> {
    let parts = (
        prop::sample::select(&["\"", "'", "none"][..]),
        prop::sample::select(&["null", r#""\\""#][..]),
        1..6_u32,
        prop::sample::select(&["utf-8", "windows-1252", "cp850"][..]),
    );
    parts.prop_map(|(quote, escape, lines, encoding)| {
        format!(
            r#"{{"delimiter":";","quote":{quote:?},"escape":{escape},"max_record_lines":{lines},"encoding":"{encoding}"}}"#
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn records_are_the_same_whatever_the_size_of_a_window(bytes in signs(), json in dialects(), window in 4..40_usize, size in 1..60_usize) {
        let config: CsvConfig = serde_json::from_str(&json).unwrap();
        let whole = in_blocks(&bytes, &json, usize::MAX).map(|file| rows_of(&file));
        let windows = Windows::in_sizes(Input::of("x.csv", bytes), &config, (window, size));
        let cut: Result<Vec<Vec<String>>, LakeError> = windows.map(|window| window.map(|file| rows_of(&file))).collect();
        match (whole, cut) {
            (Ok(whole), Ok(cut)) => prop_assert_eq!(whole, cut.concat()),
            // The header needs its lines ahead too, and so few bytes don't hold them.
            (whole, cut) => prop_assert!(cut.is_err() || whole.is_err()),
        }
    }

    #[test]
    fn records_are_the_same_whatever_the_size_of_a_block(bytes in signs(), json in dialects(), size in 1..60_usize) {
        let whole = rows_of(&in_blocks(&bytes, &json, usize::MAX).unwrap());
        let cut = rows_of(&in_blocks(&bytes, &json, size).unwrap());
        prop_assert_eq!(whole, cut);
    }

    /// A quote that is put before a field of a sound file costs its own line at most.
    #[test]
    fn one_bad_quote_costs_one_row(rows in 1..30_usize, bad in 0..30_usize, column in 0..4_usize, inches in prop::collection::vec(any::<bool>(), 30)) {
        let line = |row: usize| {
            let name = if inches[row] { format!("pipe {row}/2\"") } else { format!("bend {row}") };
            let mut fields = [format!("{row}"), "x".to_owned(), name, "10".to_owned()];
            if row == bad {
                fields[column].insert(0, '"');
            }
            fields.join(";") + "\n"
        };
        let text = "id;kind;name;amount\n".to_owned() + &(0..rows).map(line).collect::<String>();
        let (read, apart) = read_and_set_apart(&text, SEMICOLON);
        prop_assert!(apart.len() <= 1, "{:?}", apart);
        prop_assert_eq!(read.len() + apart.len(), rows);
    }

    /// Any table, written as some program would, is read back as it was.
    #[test]
    fn what_was_written_is_read(table in tables(), dialect in written()) {
        let text = dialect.write(&table);
        let file = open(&text, &dialect.json()).unwrap();
        let (mut found, mut lines) = (Vec::new(), Lines::default());
        for block in 0..file.blocks.len() {
            lines += file.each_row(block, &mut |row| {
                found.push((row.fault, row.fields.iter().take(3).map(ToString::to_string).collect::<Vec<_>>()));
            });
        }
        file.account(lines).unwrap();
        let wanted: Vec<_> = table.into_iter().map(|row| (None, row)).collect();
        prop_assert_eq!(found, wanted, "{:?}", String::from_utf8_lossy(&text));
    }
}

/// Rows of three fields, each with something in it. Line ends stand in fields without a delimiter.
fn tables() -> impl Strategy<Value = Vec<Vec<String>>> {
    let field = prop_oneof![
        prop::collection::vec(
            prop::sample::select(&["a", "1", "\"", "'", "\\", ";", ",", "\t", " ", "é", "€"][..]),
            0..8
        ),
        prop::collection::vec(prop::sample::select(&["a", "1", "\"", "'", "\n", "\r\n", "é"][..]), 0..6),
    ];
    let field = field.prop_map(|signs| signs.concat());
    let row = (field.clone(), field).prop_map(|(a, b)| vec![format!("r{}", a.len()), a, b]);
    prop::collection::vec(row, 0..20)
}

#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one habit of a program that writes CSV")]
struct Written {
    delimiter: char,
    quote: char,
    escape: bool,
    all_quoted: bool,
    line_end: &'static str,
    encoding: &'static str,
    hint: bool,
    surplus: bool,
    last_end: bool,
}

fn written() -> impl Strategy<Value = Written> {
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let choices = (
        prop::sample::select(&[';', ',', '\t', '|'][..]),
        prop::sample::select(&['"', '\''][..]),
        prop::sample::select(&["\n", "\r\n"][..]),
        prop::sample::select(&["utf-8", "windows-1252", "utf-16le", "utf-16be", "cp858"][..]),
    );
    (flags, choices).prop_map(
        |((escape, all_quoted, hint, surplus, last_end), (delimiter, quote, line_end, encoding))| Written {
            delimiter,
            quote,
            escape,
            all_quoted,
            line_end,
            encoding,
            hint,
            surplus,
            last_end,
        },
    )
}

impl Written {
    fn json(&self) -> String {
        let escape = if self.escape { r#","escape":"\\""# } else { "" };
        format!(
            r#"{{"delimiter":{:?},"quote":{:?},"encoding":"{}","max_record_lines":1000{escape}}}"#,
            self.delimiter.to_string(),
            self.quote.to_string(),
            self.encoding
        )
    }

    fn write(&self, table: &[Vec<String>]) -> Vec<u8> {
        let mut text = if self.hint { format!("sep={}{}", self.delimiter, self.line_end) } else { String::new() };
        let header = vec!["id".to_owned(), "name".to_owned(), "note".to_owned()];
        for row in std::iter::once(&header).chain(table) {
            let fields: Vec<String> = row.iter().map(|field| self.field(field)).collect();
            text += &fields.join(&self.delimiter.to_string());
            if self.surplus {
                text.push(self.delimiter);
            }
            text += self.line_end;
        }
        if !self.last_end {
            text.truncate(text.len() - self.line_end.len());
        }
        self.encoded(&text)
    }

    fn field(&self, field: &str) -> String {
        let needs = [self.delimiter, self.quote, '\n', '\r', '\\'];
        if !self.all_quoted && !field.contains(needs) {
            return field.to_owned();
        }
        let (quote, escape) =
            (self.quote.to_string(), if self.escape { "\\".to_owned() } else { self.quote.to_string() });
        let field = if self.escape { field.replace('\\', "\\\\") } else { field.to_owned() };
        format!("{quote}{}{quote}", field.replace(&quote, &(escape + &quote)))
    }

    fn encoded(&self, text: &str) -> Vec<u8> {
        match self.encoding {
            "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            "utf-16be" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            "windows-1252" => encoding_rs::WINDOWS_1252.encode(text).0.into_owned(),
            "cp858" => text
                .chars()
                .map(|sign| match sign {
                    'é' => 0x82,
                    '€' => 0xd5,
                    sign => u8::try_from(sign).unwrap(),
                })
                .collect(),
            _ => text.as_bytes().to_vec(),
        }
    }
}
