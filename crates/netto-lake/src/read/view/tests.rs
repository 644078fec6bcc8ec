//! Views over small files: what comes out, as text, row by row.

use std::fs;
use std::sync::Arc;

use super::View as OfSource;
use super::pieces::ViewPieces;
use crate::config::SourceConfig;
use crate::read::Extract;

/// Dutch files, by name.
const DUTCH: &str = r#""csv": { "delimiter": ";", "decimal": ",", "thousands": ".", "date": "%d-%m-%Y" }"#;

struct View {
    folder: tempfile::TempDir,
    tables: Vec<String>,
    csv: &'static str,
}

fn dutch() -> View {
    View { folder: tempfile::tempdir().unwrap(), tables: Vec::new(), csv: DUTCH }
}

fn plain() -> View {
    View { csv: r#""csv": {}"#, ..dutch() }
}

impl View {
    fn table(mut self, name: &str, text: &str) -> Self {
        fs::write(self.folder.path().join(format!("{name}.csv")), text).unwrap();
        self.tables.push(format!(r#""{name}": "{name}.csv""#));
        self
    }

    fn of(&self, sql: &str) -> Result<OfSource, crate::LakeError> {
        let sql = serde_json::to_string(sql).unwrap();
        let json = format!(r#"{{ "sql": {sql}, "tables": {{ {} }}, {} }}"#, self.tables.join(", "), self.csv);
        OfSource::of("order_lines", &SourceConfig::from_json(&json).unwrap(), self.folder.path())
    }

    fn read(&self, sql: &str) -> Result<Extract, crate::LakeError> {
        Ok(Extract::Table(Arc::new(self.of(sql)?.whole()?)))
    }

    /// The same in pieces, as small as they can be; nothing where it has to be made as a whole.
    fn in_pieces(&self, sql: &str) -> Option<Vec<String>> {
        let (mut rows, mut last) = (Vec::new(), 0);
        for piece in ViewPieces::in_size(self.of(sql).unwrap(), 1).unwrap().ok()? {
            let piece = piece.unwrap();
            for block in 0..piece.blocks() {
                piece.each_row(block, &mut |row| {
                    assert_eq!(row.line, last + 1, "{sql}");
                    last = row.line;
                    rows.push(row.fields.join("|"));
                });
            }
        }
        rows.sort();
        Some(rows)
    }

    /// The rows, in the order of their text.
    fn rows(&self, sql: &str) -> Vec<String> {
        let extract = self.read(sql).unwrap_or_else(|error| panic!("{sql}: {error}\n{:?}", error.help()));
        let rows = rows_of(&extract);
        if let Some(pieces) = self.in_pieces(sql) {
            assert_eq!(pieces, rows, "{sql}");
        }
        rows
    }

    fn refusal(&self, sql: &str) -> String {
        match self.read(sql) {
            Err(error) => error.to_string(),
            Ok(_) => format!("{sql} was let through"),
        }
    }
}

/// The rows of an extract, in the order of their text.
fn rows_of(extract: &Extract) -> Vec<String> {
    let mut rows = Vec::new();
    for block in 0..extract.blocks() {
        extract.each_row(block, &mut |row| rows.push(row.fields.join("|")));
    }
    rows.sort();
    rows
}

fn lines() -> View {
    dutch()
        .table("r", "nr;artikel;datum;prijs;aantal;korting\n1;10.200;03-12-2024;1.234,50;2;2,50\n2;10200;15-01-2025;10,00;-1;0\n3;0010;28-02-2025;0,10;3;\n")
        .table("p", "artikel;groep\n10.200;A\n10200;B\n0010;A\n")
}

#[test]
fn columns_of_csv_files_are_texts_as_they_stand() {
    let rows = lines().rows("select nr, artikel, datum, prijs, korting from r");
    assert_eq!(rows, ["1|10.200|03-12-2024|1.234,50|2,50", "2|10200|15-01-2025|10,00|0", "3|0010|28-02-2025|0,10|"]);
    assert_eq!(
        lines().rows("select r.artikel, p.groep from r join p on r.artikel = p.artikel"),
        ["0010|A", "10.200|A", "10200|B"]
    );
    assert_eq!(lines().rows("select * from r where artikel = '10.200'"), ["1|10.200|03-12-2024|1.234,50|2|2,50"]);
}

#[test]
fn arithmetic_reads_the_dialect_and_is_exact() {
    let rows = lines().rows("select nr, aantal * prijs * (1 - korting / 100) as net from r");
    assert_eq!(rows, ["1|2407.275", "2|-10", "3|"]);
    assert_eq!(lines().rows("select nr, prijs * 0.05 as a, prijs / 3 as b, -prijs as c, prijs % 3 as d, prijs - 1e-5 as e from r where nr = 2"), [
        "2|0.5|3.3333333333333333333|-10|1|9.99999"
    ]);
    assert_eq!(
        lines().rows("select sum(prijs) as a, avg(prijs) as b, count(*) as c, sum(aantal * prijs) as d from r"),
        ["1244.6|414.8666666666666666666|3|2459.3"]
    );
    assert_eq!(lines().rows("select round(prijs / 3, 2) as a, floor(prijs) as b, ceil(prijs) as c, abs(aantal) as d, trunc(prijs, 1) as e from r where nr = 2"), ["2|3.33|10|10|1|10".split_once('|').unwrap().1]);
}

#[test]
fn sums_by_group_read_the_dialect() {
    let view = lines();
    assert_eq!(view.rows("select p.groep, sum(r.prijs * r.aantal) as omzet, avg(r.prijs) as gem, count(*) as n from r join p on r.artikel = p.artikel group by p.groep"), [
        "A|2469.3|617.3|2",
        "B|-10|10|1"
    ]);
    assert_eq!(view.rows("select p.groep, sum(r.prijs) as omzet from r join p on r.artikel = p.artikel group by p.groep having sum(r.prijs) > 100"), ["A|1234.6"]);
    assert_eq!(
        view.rows("select strftime(datum, '%Y') as jaar, sum(prijs) as som from r group by strftime(datum, '%Y')"),
        ["2024|1234.5", "2025|10.1"]
    );
    assert_eq!(view.rows("select nr, sum(prijs) over (partition by artikel) as s, row_number() over (order by prijs desc) as n from r"), ["1|1234.5|1", "2|10|2", "3|0.1|3"]);
}

#[test]
fn dates_are_read_by_the_dialect_where_they_are_used_as_dates() {
    let view = lines();
    assert_eq!(view.rows("select nr from r where datum >= date '2025-01-01'"), ["2", "3"]);
    assert_eq!(view.rows("select nr from r where datum >= '2025-01-01'"), ["2", "3"]);
    assert_eq!(view.rows("select nr from r where datum between '2024-12-01' and '2025-01-31'"), ["1", "2"]);
    assert_eq!(view.rows("select nr from r where datum = '2025-01-15' or datum in ('2024-12-03')"), ["1", "2"]);
    assert_eq!(
        view.rows("select nr, cast(datum as date) as d, extract(year from datum) as j from r where nr = 1"),
        ["1|2024-12-03|2024"]
    );
    assert_eq!(view.rows("select max(datum) as laatst, min(datum) as eerst from r"), ["28-02-2025|03-12-2024"]);
    assert_eq!(view.rows("select nr from r order by datum desc limit 1"), ["3"]);
    assert_eq!(view.rows("select nr from r where datum < '01-02-2025'"), ["1", "2"]);
}

#[test]
fn numbers_are_put_in_order_as_numbers() {
    let view = lines();
    assert_eq!(view.rows("select max(prijs) as hoogste, min(prijs) as laagste from r"), ["1.234,50|0,10"]);
    assert_eq!(view.rows("select nr from r where prijs > 9.5"), ["1", "2"]);
    assert_eq!(view.rows("select nr from r where prijs > aantal"), ["1", "2"]);
    assert_eq!(view.rows("select nr from r order by prijs limit 1"), ["3"]);
    assert_eq!(view.rows("select nr from r where aantal in (2, 3) and prijs = 0.1"), ["3"]);
    let mixed = dutch().table("m", "k;v\n1;9\n2;10A\n");
    let said = mixed.refusal("select max(v) as v from m");
    assert!(
        said.contains("m.csv:2, column \"v\": `9` and `10A`") || said.contains("m.csv:3, column \"v\": `10A` and `9`"),
        "{said}"
    );
    assert!(mixed.refusal("select k from m order by v limit 1").contains("different kinds"));
    assert!(mixed.refusal("select k from m where v > '8'").contains("different kinds"));
}

#[test]
fn a_value_that_cannot_be_read_names_file_line_column_and_value() {
    let view = dutch().table("r", "nr;soort;prijs\n1;n;1,50\n2;t;n.v.t.\n3;n;0\n");
    insta::assert_snapshot!(view.refusal("select nr, prijs * 2 as p from r"), @r#"the view of `order_lines`: r.csv:3, column "prijs": `n.v.t.` is not a number"#);
    assert!(view.refusal("select sum(prijs) as p from r").contains("`n.v.t.` is not a number"));
    assert!(view.refusal("select nr from r where prijs > 1").contains("`n.v.t.` is not a number"));
    assert!(view.refusal("select cast(prijs as date) as p from r").contains("is not a date"));
    assert_eq!(view.rows("select nr, case when soort = 'n' then prijs * 2 end as p from r"), ["1|3", "2|", "3|0"]);
    assert_eq!(view.rows("select nr from r where soort = 'n' and prijs > 1"), ["1"]);
    assert_eq!(view.rows("select nr from r where soort <> 'n' or prijs > 1"), ["1", "2"]);
    assert!(view.refusal("select nr, 1 / prijs as p from r where soort = 'n'").contains("divides 1 by zero"));
    assert_eq!(
        view.rows("select nr, case when soort = 'n' and prijs <> 0 then 3 / prijs else 0 end as p from r"),
        ["1|2", "2|0", "3|0"]
    );
    assert_eq!(view.rows("select nr, 3 / nullif(prijs, 0) as p from r where soort = 'n'"), ["1|2", "3|"]);
}

#[test]
fn parts_of_a_view_pass_their_numbers_on() {
    let view = lines();
    assert_eq!(
        view.rows("with n as (select nr, prijs * aantal as w from r) select sum(w) as w, max(w) as m from n"),
        ["2459.3|2469"]
    );
    assert_eq!(
        view.rows("select q.nr, q.w * 2 as w from (select nr, prijs * aantal as w from r) q where q.w > 0"),
        ["1|4938", "3|0.6"]
    );
    assert_eq!(
        view.rows(
            "select nr, prijs * 2 as p from r where nr = 1 union all select artikel, 5 as p from p where groep = 'B'"
        ),
        ["10200|5", "1|2469"]
    );
    assert_eq!(view.rows("select nr from r where artikel in (select artikel from p where groep = 'A')"), ["1", "3"]);
    assert_eq!(
        view.rows("select nr from r where exists (select 1 from p where p.artikel = r.artikel and p.groep = 'B')")
            .len(),
        1
    );
    assert_eq!(view.rows("select coalesce(korting, 0) as k from r"), ["0", "0", "2.5"]);
    assert_eq!(
        view.rows("select concat(nr, '-', aantal * 2) as k, nr || '/' || (prijs * 2) as l from r where nr = 1"),
        ["1-4|1/2469"]
    );
    assert_eq!(view.rows("select nr, lag(prijs) over (order by datum) as p from r"), ["1|", "2|1.234,50", "3|10,00"]);
}

#[test]
fn a_number_in_a_union_with_texts_reads_back_as_it_was() {
    let view = lines();
    assert_eq!(
        view.rows("select prijs from r where nr = 1 union all select prijs * 2 as prijs from r where nr = 3"),
        ["0,2", "1.234,50"]
    );
}

#[test]
fn rows_are_counted_where_no_column_is_named() {
    assert_eq!(lines().rows("select count(*) as n from r"), ["3"]);
    assert_eq!(lines().rows("select 'x' as x from r"), ["x", "x", "x"]);
}

#[test]
fn bad_records_are_set_apart_and_the_rest_is_read() {
    let view = plain().table("r", "a,b\n1,2\n3\n4,5\n");
    let extract = view.read("select a, sum(b) as b from r group by a").unwrap();
    let apart: Vec<String> = extract.set_apart().iter().map(|rejected| rejected.reject.to_string()).collect();
    assert_eq!(apart.len(), 1);
    assert!(apart[0].contains("r.csv:3"), "{apart:?}");
    assert_eq!(view.rows("select a, sum(b) as b from r group by a"), ["1|2", "4|5"]);
}

#[test]
fn a_joined_table_is_found_on_either_side_of_a_comparison() {
    let view = plain().table("m", "id\nA\nB\nC\n").table("k", "id,parent\nA,B\nB,C\nC,\n");
    for sql in [
        "select m.id, p.id as parent from m join k on k.id = m.id left join k as p on p.id = k.parent",
        "select m.id, p.id as parent from m join k on m.id = k.id left join k as p on k.parent = p.id",
    ] {
        assert_eq!(view.rows(sql), ["A|B", "B|C", "C|"], "{sql}");
    }
    assert_eq!(
        view.rows("select m.id, p.id as parent from m, k, k as p where p.id = k.parent and k.id = m.id"),
        ["A|B", "B|C"]
    );
}

#[test]
fn joins_that_explode_are_stopped() {
    let text: String = std::iter::once("a,b\n".to_owned()).chain((0..4000).map(|n| format!("{n},x\n"))).collect();
    let view = plain().table("r", &text).table("s", &text);
    for bad in [
        "select r.a from r cross join s",
        "select r.a from r, s",
        "select r.a from r join s on r.a <> s.a",
        "with t as (select * from r) select t.a from t, s where t.b <> s.b",
    ] {
        assert!(view.refusal(bad).contains("16,000,000 rows"), "{bad}: {}", view.refusal(bad));
    }
    let said = view.refusal("select r.a from r join s on r.b = s.b");
    assert!(said.contains("`r` and `s` are joined by `b` = `b`, which is repeated in both: 16,000,000 rows"), "{said}");
    assert_eq!(view.rows("select r.a from r, s where r.a = s.a").len(), 4000);
    assert_eq!(view.rows("select r.a from r join s on r.b = s.b and r.a = s.a").len(), 4000);
    assert_eq!(view.rows("select count(*) as n from r join s on r.a = s.a"), ["4000"]);
}

#[test]
fn what_is_not_there_is_named() {
    let view = lines();
    insta::assert_snapshot!(view.refusal("select prij from r"), @"the view of `order_lines`: there is no column `prij`; did you mean `prijs`?");
    insta::assert_snapshot!(view.refusal("select nr from r where datum > 5 and datum * 2 > cast(datum as date)"), @"the view of `order_lines`: `datum * 2` is not a date, but it is used as one");
}

/// `1234.5` as `1.234,5`.
fn written(number: rust_decimal::Decimal) -> String {
    let text = number.abs().to_string();
    let (whole, places) = text.split_once('.').unwrap_or((&text, ""));
    let groups: Vec<&str> =
        whole.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
    let sign = if number.is_sign_negative() && !number.is_zero() { "-" } else { "" };
    let comma = if places.is_empty() { "" } else { "," };
    format!("{sign}{}{comma}{places}", groups.join("."))
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]
    #[test]
    fn views_compute_as_exact_decimals_do(
        rows in proptest::collection::vec((-99_999_999_i64..99_999_999, 0_u32..5, -99_999_i64..99_999, 0_u32..4, 0_i64..10_000), 1..40),
    ) {
        use rust_decimal::Decimal;
        let rows: Vec<[Decimal; 3]> = rows
            .into_iter()
            .map(|(a, places, b, fewer, c)| [Decimal::new(a, places), Decimal::new(b, fewer), Decimal::new(c, 2)])
            .collect();
        let text = rows.iter().map(|[a, b, c]| format!("x;{};{};{}\n", written(*a), written(*b), written(*c)));
        let view = dutch().table("r", &(String::from("k;a;b;c\n") + &text.collect::<String>()));
        let hundred = Decimal::from(100);
        let nets: Vec<Decimal> = rows.iter().map(|[a, b, c]| a * b * (Decimal::ONE - c / hundred)).collect();
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        let mut found: Vec<Decimal> =
            view.rows("select a * b * (1 - c / 100) as net from r").iter().map(|row| number(row)).collect();
        let mut wanted = nets.clone();
        found.sort();
        wanted.sort();
        proptest::prop_assert_eq!(found, wanted);
        let sums = view.rows("select k, sum(a * b * (1 - c / 100)) as s, min(a) as m, count(*) as n from r group by k");
        let least = rows.iter().map(|[a, _, _]| *a).min().unwrap();
        let parts: Vec<&str> = sums[0].split('|').collect();
        proptest::prop_assert_eq!(number(parts[1]), nets.iter().sum::<Decimal>());
        proptest::prop_assert_eq!(number(&parts[2].replace('.', "").replace(',', ".")), least);
        let over = view.rows("select k, avg(a) as m from r group by k");
        let mean = rows.iter().map(|[a, _, _]| *a).sum::<Decimal>() / Decimal::from(rows.len());
        let found = number(over[0].split_once('|').unwrap().1);
        proptest::prop_assert!((found - mean).abs() <= Decimal::new(2, 19), "{} is not {}", found, mean);
    }
}

#[test]
fn rows_come_a_piece_at_a_time_where_each_follows_from_one_row() {
    let view = dutch()
        .table("l", "nr;bedrag\n1;10,00\n2;20,00\n3;30,00\n4;40,00\n")
        .table("m", "nr;bedrag\n5;50,00\n")
        .table("h", "nr;klant\n1;A\n2;B\n3;A\n");
    for sql in [
        "select nr, bedrag from l",
        "select * from l where bedrag > 15",
        "select l.nr, h.klant, l.bedrag * 2 as dubbel from l left join h on h.nr = l.nr",
        "select l.nr, h.klant from l join h on h.nr = l.nr order by l.nr",
    ] {
        assert_eq!(view.in_pieces(sql).as_ref(), Some(&view.rows(sql)), "{sql}");
    }
    for sql in [
        "select sum(bedrag) as som from l",
        "select nr, sum(bedrag) as som from l group by nr",
        "select distinct bedrag from l",
        "select nr, row_number() over (order by nr) as plaats from l",
        "select nr, row_number() as plaats from l",
        "select nr, first_value(nr) as eerste from l",
        "select nr, bedrag from l union all select nr, bedrag from m",
        "select nr from l order by nr limit 2",
        "select l.nr from l right join h on h.nr = l.nr",
        "select l.nr from l join l as ander on ander.nr = l.nr",
        "with x as (select nr from l) select nr from x",
    ] {
        assert_eq!(view.in_pieces(sql), None, "{sql}");
    }
}

#[test]
fn several_files_with_the_same_columns_are_several_pieces() {
    let view = dutch().table("l_1", "nr;bedrag\n1;10,00\n").table("l_2", "nr;bedrag\n2;20,00\n");
    let all = View { tables: vec![r#""l": "l_*.csv""#.to_owned()], ..view };
    assert_eq!(all.rows("select nr, bedrag from l"), ["1|10,00", "2|20,00"]);
    let pieces = ViewPieces::in_size(all.of("select nr, bedrag from l").unwrap(), 1).unwrap();
    assert_eq!(pieces.ok().unwrap().count(), 2);
    fs::write(all.folder.path().join("l_3.csv"), "nr;anders\n3;30,00\n").unwrap();
    let pieces = ViewPieces::in_size(all.of("select nr, bedrag from l").unwrap(), 1).unwrap();
    let failed = pieces.ok().unwrap().find_map(Result::err).unwrap();
    assert!(failed.to_string().contains("no column \"bedrag\""), "{failed}");
}

#[test]
fn records_of_a_piece_without_rows_are_set_apart_as_others_are() {
    let view = dutch().table("l_1", "nr;bedrag\n1;10,00\n").table("l_2", "nr;bedrag\n2;20,00;3\n");
    let all = View { tables: vec![r#""l": "l_*.csv""#.to_owned()], ..view };
    let pieces = ViewPieces::in_size(all.of("select nr, bedrag from l").unwrap(), 1).unwrap();
    let set_apart = pieces.ok().unwrap().map(|piece| piece.unwrap().rejected.len()).sum::<usize>();
    assert_eq!((set_apart, all.read("select nr, bedrag from l").unwrap().set_apart().len()), (1, 1));
}

fn days() -> View {
    plain().table(
        "r",
        "nr,k,d,b\n1,A,2025-03-03,10\n2,A,2025-03-03,5\n3,A,2025-03-04,\n4,A,,1\n5,B,,7\n6,B,2025-01-31,-2\n",
    )
}

#[test]
fn nulls_are_last_in_a_window_unless_the_view_says_otherwise() {
    let view = days();
    for (order, wanted) in [
        ("d", "1 2 3 4"),
        ("d desc", "2 3 1 4"),
        ("d desc nulls last", "2 3 1 4"),
        ("d nulls first", "2 3 4 1"),
        ("d desc nulls first", "3 4 2 1"),
        ("d is null desc, d desc, nr desc", "4 3 2 1"),
        ("cast(d as date) desc, nr desc", "3 2 1 4"),
    ] {
        let sql = format!("select nr, row_number() over (partition by k order by {order}) as n from r where k = 'A'");
        let places: Vec<String> =
            view.rows(&sql).iter().map(|row| row.rsplit('|').next().unwrap().to_owned()).collect();
        assert_eq!(places.join(" "), wanted, "{order}");
    }
    assert_eq!(view.rows("select nr from r order by d desc limit 4"), ["1", "2", "3", "6"]);
    assert_eq!(view.rows("select nr from r order by d nulls first limit 2"), ["4", "5"]);
    assert_eq!(view.rows("select nr from r order by b desc limit 1"), ["1"]);
}

#[test]
fn equal_rows_of_a_window_have_the_same_running_value() {
    let view = days();
    let over = |what: &str| {
        let rows = view.rows(&format!("select nr, {what} as v from r"));
        rows.iter().map(|row| row.split_once('|').unwrap().1.to_owned()).collect::<Vec<_>>().join(" ")
    };
    let by_day = "over (partition by k order by d)";
    assert_eq!(over(&format!("sum(b) {by_day}")), "15 15 15 16 5 -2");
    assert_eq!(over(&format!("count(b) {by_day}")), "2 2 2 3 2 1");
    assert_eq!(over(&format!("count(*) {by_day}")), "2 2 3 4 2 1");
    assert_eq!(over(&format!("avg(b) {by_day}")), "7.5 7.5 7.5 5.3333333333333333333 2.5 -2");
    assert_eq!(over(&format!("max(b) {by_day}")), "10 10 10 10 7 -2");
    assert_eq!(over(&format!("min(b) {by_day}")), "5 5 5 1 -2 -2");
    assert_eq!(over(&format!("last_value(b) {by_day}")), "5 5  1 7 -2");
    assert_eq!(over(&format!("first_value(b) {by_day}")), "10 10 10 10 -2 -2");
    assert_eq!(over(&format!("rank() {by_day}")), "1 1 3 4 2 1");
    assert_eq!(over(&format!("dense_rank() {by_day}")), "1 1 2 3 2 1");
    assert_eq!(over("sum(b) over (partition by k order by d rows unbounded preceding)"), "10 15 15 16 5 -2");
    assert_eq!(
        over("sum(b) over (partition by k order by d range between unbounded preceding and unbounded following)"),
        "16 16 16 16 5 5"
    );
    assert_eq!(over("lag(b, 1, 0) over (partition by k order by nr)"), "0 10 5  0 7");
    assert_eq!(over("lead(b, 2) over (order by nr)"), " 1 7 -2  ");
}

#[test]
fn texts_of_one_number_are_equal_in_a_window() {
    let view = dutch().table("r", "nr;b\n1;1,50\n2;1,5\n3;2\n");
    assert_eq!(view.rows("select nr, rank() over (order by b) as n from r"), ["1|1", "2|1", "3|3"]);
    assert_eq!(view.rows("select nr, count(*) over (order by b desc) as n from r"), ["1|3", "2|3", "3|1"]);
}

#[test]
fn a_window_over_groups_looks_at_the_groups() {
    let view = days();
    assert_eq!(view.rows("select k, sum(b) as s, sum(sum(b)) over () as a from r group by k"), ["A|16|21", "B|5|21"]);
    assert_eq!(
        view.rows("select r.k, sum(r.b) * 100 / sum(sum(r.b)) over () as share from r group by k having count(*) > 2"),
        ["A|100"]
    );
    assert_eq!(
        view.rows("select upper(k) as g, row_number() over (order by sum(b), g) as n from r group by g"),
        ["A|2", "B|1"]
    );
    assert_eq!(view.rows("select k, rank() over (order by count(*) desc) as n from r group by 1"), ["A|1", "B|2"]);
    assert_eq!(
        view.rows("select k, max(d) as d, rank() over (order by max(d)) as n from r group by all"),
        ["A|2025-03-04|2", "B|2025-01-31|1"]
    );
    assert_eq!(view.rows("select sum(b) as s, count(*) over () as n from r"), ["21|1"]);
    assert_eq!(
        view.rows("select k, sum(b) as s from r group by k qualify row_number() over (order by s desc) = 1"),
        ["A|16"]
    );
    assert_eq!(
        view.rows("select k, sum(b) as s from r group by k order by rank() over (order by sum(b)) limit 1"),
        ["B|5"]
    );
    insta::assert_snapshot!(view.refusal("select k, nr, sum(b) over () as s from r group by k"), @"the view of `order_lines`: `nr` is neither grouped by nor in an aggregate");
    insta::assert_snapshot!(view.refusal("select k, x, sum(sum(b)) over () as s from r group by k"), @"the view of `order_lines`: there is no column `x`; did you mean `b`?");
}

#[test]
fn named_windows_are_put_where_they_are_used() {
    let view = days();
    assert_eq!(
        view.rows("select nr, sum(b) over w as s, count(*) over (v order by nr) as n from r window v as (partition by k), w as (v order by d desc) qualify row_number() over w = 1"),
        ["3||3", "6|-2|2"]
    );
    insta::assert_snapshot!(view.refusal("select nr, sum(b) over w as s from r"), @"the view of `order_lines`: there is no window `w`");
}

#[test]
fn qualify_reads_any_column() {
    let view = days();
    for sql in [
        "select nr as n, k from r qualify row_number() over (partition by k order by d desc) = 1",
        "select nr, row_number() over (partition by k order by d desc) as p, k as kk from r qualify p = 1",
        "select * from r qualify row_number() over (partition by r.k order by r.d desc) = 1",
        "select distinct nr from r qualify row_number() over (partition by k order by d desc) = 1 order by nr limit 9",
        "select nr from (select nr, k, row_number() over (partition by k order by d desc) as p from r) t where p = 1 and k >= 'A'",
    ] {
        let found: Vec<String> = view.rows(sql).iter().map(|row| row.split('|').next().unwrap().to_owned()).collect();
        assert_eq!(found, ["3", "6"], "{sql}");
    }
    insta::assert_snapshot!(view.refusal("select nr from r qualify k = 'A'"), @"the view of `order_lines`: `qualify k = 'A'` has no window function");
    insta::assert_snapshot!(view.refusal("select nr from r where row_number() over (order by d) = 1"), @"the view of `order_lines`: `where row_number() OVER (ORDER BY d) = 1` has a window function, which is computed after `where`");
    assert_eq!(
        view.rows("select nr from r where k in (select k from r qualify count(*) over (partition by k) > 2)").len(),
        4
    );
}

#[test]
fn windows_that_a_view_does_not_compute_are_refused() {
    let view = days();
    let mut said = String::new();
    for sql in [
        "select sum(b) over (order by nr rows between 1 preceding and current row) as s from r",
        "select lag(b) over (partition by k) as s from r",
        "select last_value(b) over (partition by k) as s from r",
        "select sum(b) over (rows unbounded preceding) as s from r",
        "select count(distinct b) over (order by nr) as s from r",
        "select sum(distinct b) over (order by nr) as s from r",
        "select lag(b, nr) over (order by nr) as s from r",
        "select sum(b) filter (where b > 0) over (order by nr) as s from r",
        "select lag(b) ignore nulls over (order by nr) as s from r",
        "select upper(k) over (order by nr) as s from r",
    ] {
        said += &(view.refusal(sql) + "\n");
    }
    insta::assert_snapshot!(said, @r"
    the view of `order_lines`: `sum(b) OVER (ORDER BY nr ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)`: a view doesn't know this frame
    the view of `order_lines`: `lag(b) OVER (PARTITION BY k)` depends on the order of the rows, which is not given
    the view of `order_lines`: `last_value(b) OVER (PARTITION BY k)` depends on the order of the rows, which is not given
    the view of `order_lines`: `sum(b) OVER (ROWS UNBOUNDED PRECEDING)` depends on the order of the rows, which is not given
    the view of `order_lines`: `count(DISTINCT b) OVER (ORDER BY nr)`: distinct is not allowed in a window with an order
    the view of `order_lines`: `sum(DISTINCT b) OVER (ORDER BY nr)`: distinct is not allowed in a window with an order
    the view of `order_lines`: `lag(b, nr) OVER (ORDER BY nr)`: lag takes a value, a whole number of rows and a value for where there is none
    the view of `order_lines`: `filter (where b > 0)` is not allowed in a view
    the view of `order_lines`: `lag(b) IGNORE NULLS OVER (ORDER BY nr)`: ignore nulls, respect nulls and order by within the parentheses are not allowed
    the view of `order_lines`: `upper(k) OVER (ORDER BY nr)` is not a window function
    ");
}

#[test]
fn functions_of_texts_take_every_sign_literally_and_count_characters() {
    let view = plain().table("r", "nr,t,n\n1,A.(x)|b,2\n2,été.5,1\n3,,3\n");
    let of = |value: &str| {
        let rows = view.rows(&format!("select nr, {value} as v from r"));
        rows.iter().map(|row| row.split_once('|').unwrap().1.to_owned()).collect::<Vec<_>>().join(" ; ")
    };
    assert_eq!(of("strpos(t, '.')"), "2 ; 4 ; ");
    assert_eq!(of("position('(x' in t)"), "3 ; 0 ; ");
    assert_eq!(of("instr(t, '|')"), "6 ; 0 ; ");
    assert_eq!(of("left(t, strpos(t, '.') - 1)"), "A ; été ; ");
    assert_eq!(of("substr(t, -2, n)"), "|b ; . ; ");
    assert_eq!(of("split_part(t, '|', -1)"), "b ; été.5 ; ");
    assert_eq!(of("lpad(t, 9, 'éx')"), "éxA.(x)|b ; éxéxété.5 ; ");
    assert_eq!(of("t like '%(_)|%'"), "true ; false ; ");
    assert_eq!(of("t not like 'A' || '.%'"), "false ; true ; ");
    assert_eq!(of("upper(t)"), "A.(X)|B ; ÉTÉ.5 ; ");
    let mut said = String::new();
    for value in [
        "lpad(t, 9)",
        "lpad(t, 9, '')",
        "left(t)",
        "left(t, 1.5)",
        "concat_ws(t, 'a')",
        "row_number()",
        "strpos(t, n) over ()",
    ] {
        said += &(view.refusal(&format!("select {value} as v from r")) + "\n");
    }
    insta::assert_snapshot!(said, @r#"
    the view of `order_lines`: `lpad(t, 9)` has too few or too many arguments
    the view of `order_lines`: `lpad(t, 9, '')`: an empty text can't fill another one
    the view of `order_lines`: `left(t)` has too few or too many arguments
    the view of `order_lines`: column "1.5": `1.5` is not a whole number; use floor(…) or round(…)
    the view of `order_lines`: `concat_ws(t, 'a')`: the separator must be a text in quotes
    the view of `order_lines`: `row_number()` is a window function
    the view of `order_lines`: `strpos(t, n) OVER ()` is not a window function
    "#);
}

#[test]
fn tests_of_truth_know_that_null_is_neither_true_nor_false() {
    let view = plain().table("r", "nr,b,k\n1,5,A\n2,-1,B\n3,,\n");
    for (condition, wanted) in [
        ("(b > 0) is true", "1"),
        ("(b > 0) is not true", "2 3"),
        ("(b > 0) is false", "2"),
        ("(b > 0) is not false", "1 3"),
        ("not ((b > 0) is true)", "2 3"),
        ("not ((b > 0) is not false)", "2"),
        ("(b > 0) is unknown", "3"),
        ("(b > 0) is not unknown", "1 2"),
        ("case when (b > 0) is not true then 1 else 0 end = 1", "2 3"),
        ("k is distinct from 'A'", "2 3"),
        ("k is not distinct from 'A'", "1"),
        ("b is distinct from 5.0", "2 3"),
        ("k is not distinct from null", "3"),
        ("k is not distinct from b", "3"),
        ("nr = 3 or (k = 'A') is not true", "2 3"),
        ("null is not true and nr = 1", "1"),
    ] {
        let rows = view.rows(&format!("select nr from r where {condition}"));
        assert_eq!(rows.join(" "), wanted, "{condition}");
    }
    insta::assert_snapshot!(view.refusal("select nr from r where k is true"), @"the view of `order_lines`: `k` is neither true nor false, but it is used as such");
}

#[test]
fn tables_joined_in_where_are_joined_as_if_on_said_so() {
    let view = plain()
        .table("l", "id,price,d\n1,10.0,2025-03-03\n2,2.50,2025-03-04\n3,,\n")
        .table("p", "pid,cost,e\n01,2.5,2025-03-04\n2,10,2025-03-03\n3,7,\n")
        .table("q", "qid\n1\n3\n");
    for (rest, wanted) in [
        ("l, p where l.price = p.cost + 0", "1-2 2-01"),
        ("l, p where cast(l.id as int) = p.pid + 0", "1-01 2-2 3-3"),
        ("l cross join p where l.price * 2 = p.cost * 2", "1-2 2-01"),
        ("l join p on true where l.price + 0 = p.cost", "1-2 2-01"),
        ("l, p where l.price + 0 < p.cost and p.cost + 0 > l.price * 2", "2-2 2-3"),
        ("l, p where cast(l.d as date) = cast(p.e as timestamp)", "1-2 2-01"),
        ("l, p where (l.id = p.pid and p.cost > 5)", "2-2 3-3"),
        ("l, p, q where l.id = q.qid and cast(q.qid as int) = p.pid + 0", "1-01 3-3"),
        ("q, l left join p on l.id = p.pid where q.qid = l.id and l.price is null", "3-3"),
        ("l left join p on l.id = p.pid where l.price + 7.5 = p.cost + 0", "2-2"),
        ("l, p right join q on q.qid = p.pid where l.price = p.cost + 3", "1-3"),
        ("(select * from l cross join p) x where x.price = x.cost + 0", "1-2 2-01"),
        ("l, p where l.price + 0 = p.cost or l.id = p.pid", "1-2 2-01 2-2 3-3"),
    ] {
        let (id, pid) = if rest.starts_with('(') { ("x.id", "x.pid") } else { ("l.id", "p.pid") };
        let rows = view.rows(&format!("select {id} || '-' || {pid} as k from {rest}"));
        assert_eq!(rows.join(" "), wanted, "{rest}");
    }
}

#[test]
fn if_reads_each_value_only_where_it_is_wanted() {
    let view = plain().table("r", "nr,a,q\n1,6,2\n2,5,0\n3,x,-1\n");
    assert_eq!(view.rows("select nr, if(q > 0, a / q, 0) as v from r"), ["1|3", "2|0", "3|0"]);
    assert_eq!(view.rows("select nr, if(q > 0, a / q) as v from r"), ["1|3", "2|", "3|"]);
}

#[test]
fn a_subquery_among_the_columns_is_refused_with_what_to_write() {
    let view = days();
    insta::assert_snapshot!(view.refusal("select nr, (select max(b) from r) as v from r"), @"the view of `order_lines`: `(SELECT max(b) FROM r)` is a value of the SELECT list");
    assert_eq!(view.rows("select nr from r cross join (select max(b) + 0 as most from r) t where b + 0 = most"), ["1"]);
}
