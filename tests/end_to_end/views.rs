//! Views against DuckDB: the same query over the same files, computed by an engine that shares no code with netto.

use std::collections::BTreeSet;

use crate::duckdb::value_of;
use crate::harness::{Project, units};

const LINES: &str = "nr;regel;datum;klant;artikel;aantal;prijs;korting;soort\n";

/// Lines of many sizes: prices of two decimals, discounts of whole percents.
fn lines() -> String {
    let mut text = String::from(LINES);
    for n in 0..3_000_u32 {
        let cents = (u64::from(n) * 7_919) % 12_345_678;
        let (whole, cents) = (cents / 100, cents % 100);
        let grouped = if whole >= 1000 { format!("{}.{:03}", whole / 1000, whole % 1000) } else { whole.to_string() };
        let sign = if n % 13 == 0 { "-" } else { "" };
        text += &format!(
            "{n};{};{:02}-{:02}-2025;K{};1.{:03};{sign}{};{grouped},{cents:02};{};{}\n",
            n % 7,
            1 + n % 28,
            1 + n % 12,
            n % 17,
            n % 40,
            1 + n % 9,
            (n * 3) % 31,
            if n % 5 == 0 { "intern" } else { "klant" }
        );
    }
    text
}

#[test]
fn a_view_over_dutch_texts_comes_to_the_same_cents_as_duckdb() {
    let config = r#"
[source.order_lines]
sql = """
with verkocht as (
    select r.*, a.groep from r join a on r.artikel = a.artikel where soort <> 'intern' and prijs > 5
)
select nr as order_id, regel as line_no, datum as order_date, klant as customer_id, artikel as product_id, aantal as quantity,
    case when groep = 'G0' then aantal * prijs * (1 - korting / 100) else aantal * prijs end as net_amount
from verkocht
where datum between '2025-02-01' and '2025-11-15'
"""
[source.order_lines.tables]
r = "regels.csv"
a = "artikelen.csv"
[source.order_lines.csv]
delimiter = ";"
decimal = ","
thousands = "."
date = "%d-%m-%Y"
"#;
    let article = |articles: String, n: u32| articles + &format!("1.{n:03};G{}\n", n % 3);
    let articles = (0..40).fold("artikel;groep\n".to_owned(), article);
    let project = Project::new(config).file("regels.csv", lines()).file("artikelen.csv", articles);
    project.run().ok();
    let file = |name: &str| project.folder().join(name).display().to_string();
    let table = |name: &str| format!("read_csv('{}', delim = ';', header = true, all_varchar = true)", file(name));
    let number = "cast(replace(replace(prijs, '.', ''), ',', '.') as decimal(18, 2))";
    let judged = value_of(&format!(
        "with v as (
            select *, {number} as p, cast(aantal as decimal(9, 0)) as q, cast(korting as decimal(4, 0)) as k,
                strptime(datum, '%d-%m-%Y')::date as d
            from {} r join {} a using (artikel)
        )
        select string_agg(klant || ' ' || net || ' ' || n, ', ' order by klant) from (
            select klant, count(*) as n,
                sum(case when groep = 'G0' then q * p * (1 - k * 0.01) else q * p end)::decimal(18, 4) as net
            from v where soort <> 'intern' and p > 5 and d between date '2025-02-01' and date '2025-11-15' group by klant
        )",
        table("regels.csv"),
        table("artikelen.csv"),
    ));
    for judged in judged.split(", ") {
        let parts: Vec<&str> = judged.split(' ').collect();
        let [customer, net, lines] = parts.as_slice() else { panic!("{judged}") };
        let found = project.mart("fct_customer_month").only("customer_id", customer);
        assert_eq!(found.sum("invoice_revenue"), units(net), "{customer}");
        assert_eq!(found.sum("lines"), units(lines), "{customer}");
    }
    assert_eq!(judged.split(", ").count(), 17);
}

/// Lines with equal days, without days, and without amounts; texts with signs of patterns.
const ROWS: &str = "nr,k,d,b,t
1,A,2025-03-03,10.5,A.1
2,A,2025-03-03,5,A|b (x)*
3,A,2025-03-04,,
4,A,,1.25,été.5
5,B,,7,aa.b.c
6,B,2025-01-31,-2,10.200
7,B,2025-01-31,7,*
8,C,2025-02-28,,b  c
";

/// `number|key [value]` for each row of each query, which gives columns `k` and `v`: as netto computes it, and as DuckDB does.
fn computed(queries: &[&str]) -> [BTreeSet<String>; 2] {
    let parts: Vec<String> = queries
        .iter()
        .enumerate()
        .map(|(n, query)| {
            format!(
                "select '{n}|' || cast(k as varchar) as k, coalesce('[' || cast(v as varchar) || ']', 'null') as v from ({query}) q{n}"
            )
        })
        .collect();
    let config = format!(
        r#"
[source.order_lines]
sql = """
select k as order_id, v as product_id from ({}) q
"""
tables = {{ l = "l.csv" }}
[source.order_lines.columns]
order_date = {{ constant = "2025-03-03" }}
customer_id = {{ constant = "K" }}
quantity = {{ constant = "1" }}
net_amount = {{ constant = "1" }}
line_no = {{ count_within = "order_id" }}
"#,
        parts.join("\nunion all ")
    );
    let project = Project::new(&config).file("l.csv", ROWS);
    project.netto(&["ingest"]).ok();
    let said = project
        .netto(&["sql", "select order_id || ' ' || product_id as line from order_lines", "--format", "csv"])
        .ok()
        .stdout();
    let judged = value_of(&format!(
        "create table l as select * from read_csv('{}', types = {{'nr': 'int', 'k': 'varchar', 'd': 'date', 'b': 'decimal(9, 2)', 't': 'varchar'}});
        select string_agg(k || ' ' || v, chr(10)) from ({})",
        project.folder().join("l.csv").display(),
        parts.join(" union all ")
    ));
    let lines = |text: &str| text.lines().map(|line| with_short_numbers(line.trim_matches('"'))).collect();
    [lines(said.split_once('\n').unwrap().1), lines(&judged)]
}

/// `[15.00]` as `[15]`.
fn with_short_numbers(line: &str) -> String {
    let Some((key, value)) = line.split_once(" [") else { return line.to_owned() };
    match value.trim_end_matches(']').parse::<f64>() {
        Ok(number) => format!("{key} [{number}]"),
        Err(_) => line.to_owned(),
    }
}

fn assert_same(queries: &[&str]) {
    let [found, judged] = computed(queries);
    assert!(!judged.is_empty());
    let differing: Vec<String> = found
        .symmetric_difference(&judged)
        .map(|line| {
            let query = line.split('|').next().and_then(|n| n.parse::<usize>().ok()).map_or("", |n| queries[n]);
            format!("{} has {line}: {query}", if found.contains(line) { "netto" } else { "DuckDB" })
        })
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn windows_are_what_duckdb_computes() {
    assert_same(&[
        "select nr as k, row_number() over (partition by k order by d, nr) as v from l",
        "select nr as k, row_number() over (partition by k order by d desc, nr) as v from l",
        "select nr as k, row_number() over (order by d desc nulls last, nr desc) as v from l",
        "select nr as k, row_number() over (order by b nulls first, nr) as v from l",
        "select nr as k, row_number() over (order by b desc nulls first, nr) as v from l",
        "select nr as k, rank() over (order by b desc) as v from l",
        "select nr as k, dense_rank() over (partition by k order by d) as v from l",
        "select nr as k, sum(b) over (partition by k order by d) as v from l",
        "select nr as k, sum(b) over (order by d desc) as v from l",
        "select nr as k, sum(b) over (order by nr rows between unbounded preceding and current row) as v from l",
        "select nr as k, sum(b) over (partition by k order by d rows between unbounded preceding and unbounded following) as v from l",
        "select nr as k, sum(b) over (partition by k) as v from l",
        "select nr as k, sum(b) over () as v from l",
        "select nr as k, round(avg(b) over (partition by k order by d), 4) as v from l",
        "select nr as k, count(b) over (order by d) as v from l",
        "select nr as k, count(*) over (partition by k order by d) as v from l",
        "select nr as k, max(b) over (partition by k order by d) as v from l",
        "select nr as k, min(b) over (order by nr) as v from l",
        "select nr as k, max(d) over (partition by k order by nr) as v from l where d is not null",
        "select nr as k, first_value(nr) over (partition by k order by d desc nulls first, nr) as v from l",
        "select nr as k, last_value(nr) over (partition by k order by b, nr) as v from l",
        "select nr as k, lag(nr) over (partition by k order by d, nr) as v from l",
        "select nr as k, lag(b, 1, 0) over (order by nr) as v from l",
        "select nr as k, lead(nr, 2) over (order by nr) as v from l",
        "select k, sum(sum(b)) over () as v from l group by k",
        "select k, round(sum(b) * 100 / sum(sum(b)) over (), 4) as v from l group by k",
        "select k, rank() over (order by count(*) desc, k) as v from l group by k",
        "select k, max(sum(b)) over (order by k) as v from l group by k having count(*) > 1",
        "select k, sum(count(*)) over w as v from l group by k window w as (order by k)",
        "select nr as k, b as v from l qualify row_number() over (partition by l.k order by d desc, nr) = 1",
        "select nr as k, row_number() over (order by d, nr) as v from l qualify v <= 3",
        "select k, v from (select nr as k, b as v from l order by b desc limit 3) t",
        "select k, v from (select nr as k, b as v from l order by d desc, nr limit 3) t",
        "select k, v from (select nr as k, b as v from l order by d nulls first, nr limit 3) t",
        "select k, v from (select nr as k, k as name, row_number() over (order by d, nr) as v from l) t where name = 'B' and v > 1",
    ]);
}

/// Functions of texts, each with arguments that a pattern, or bytes instead of characters, would take for something else.
fn of_texts() -> Vec<String> {
    let values = [
        "char_length(t)",
        "length(t)",
        "length(null)",
        "concat(t, '|', k, b > 1)",
        "concat(null, t)",
        "concat_ws('.', t, null, k)",
        "t || '.' || k",
        "lower(t)",
        "lower('ΟΔΥΣΣΕΥΣ İ ẞ Ǆ')",
        "upper(t)",
        "upper('straße ﬁ ŉ ÿ')",
        "reverse(t)",
        "replace(t, '.', '|')",
        "replace(t, '*', '')",
        "replace(t, '', 'x')",
        "replace(t, '(x)', k)",
        "replace(t, null, 'x')",
    ];
    let mut queries: Vec<String> = values.iter().map(|value| format!("select nr as k, {value} as v from l")).collect();
    let searched = ["'.'", "'|'", "'('", "'(x)'", "'*'", "'é'", "'b'", "'a'", "''", "null", "k"];
    for wanted in searched {
        for value in [
            format!("strpos(t, {wanted})"),
            format!("instr(t, {wanted})"),
            format!("position({wanted} in t)"),
            format!("starts_with(t, {wanted})"),
            format!("ends_with(t, {wanted})"),
            format!("split_part(t, {wanted}, 1)"),
            format!("split_part(t, {wanted}, 2)"),
            format!("split_part(t, {wanted}, -1)"),
            format!("split_part(t, {wanted}, 0)"),
            format!("ltrim(t, {wanted})"),
            format!("rtrim(t, {wanted})"),
            format!("trim(t, {wanted})"),
            format!("trim(leading {wanted} from t)"),
            format!("left(t, strpos(t, {wanted}) - 1)"),
            format!("substr(t, strpos(t, {wanted}) + 1)"),
            format!("t like '%' || {wanted} || '_%'"),
            format!("upper(t) ilike {wanted} || '%'"),
            format!("t not like 'A' || {wanted} || '%' escape '|'"),
        ] {
            // An escape that escapes nothing is an error in DuckDB.
            if !(value.contains("escape") && wanted == "'|'") {
                queries.push(format!("select nr as k, {value} as v from l"));
            }
        }
    }
    for count in [-9, -2, -1, 0, 1, 2, 9] {
        for value in [
            format!("left(t, {count})"),
            format!("right(t, {count})"),
            format!("substr(t, {count})"),
            format!("substring(t from {count})"),
            format!("substr(t, {count}, 2)"),
            format!("substr(t, {count}, -2)"),
            format!("substring(t from 2 for {count})"),
            format!("substr(t, nr, {count})"),
            format!("lpad(t, {count}, '.')"),
            format!("lpad(t, {count}, 'é|')"),
            format!("rpad(t, {count}, '(*')"),
            format!("rpad(k, {count}, t || 'x')"),
            format!("left(t, nr + {count})"),
        ] {
            queries.push(format!("select nr as k, {value} as v from l"));
        }
    }
    for value in [
        "trim(' ' || t || ' ')",
        "ltrim('  ' || t)",
        "rtrim(t || ' ')",
        "left(t, null)",
        "lpad(null, 3, 'x')",
        "substr(t, 1, null)",
    ] {
        queries.push(format!("select nr as k, {value} as v from l"));
    }
    queries
}

#[test]
fn functions_of_texts_are_what_duckdb_computes() {
    let queries = of_texts();
    // Several columns at once, as a union of hundreds of SELECTs is slow to plan.
    let rows: Vec<String> = queries
        .chunks(60)
        .map(|chunk| {
            let values: Vec<String> = chunk
                .iter()
                .enumerate()
                .map(|(n, query)| {
                    let value = query.trim_start_matches("select nr as k, ").trim_end_matches(" as v from l");
                    format!("'{n}:' || coalesce('<' || cast({value} as varchar) || '>', 'null')")
                })
                .collect();
            format!("select nr as k, concat_ws(' ; ', {}) as v from l", values.join(", "))
        })
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let [found, judged] = computed(&rows);
    let mut differing = Vec::new();
    for (found, judged) in found.iter().zip(&judged) {
        let chunk: usize = judged.split('|').next().unwrap().parse().unwrap();
        for (n, (found, judged)) in found.split(" ; ").zip(judged.split(" ; ")).enumerate() {
            if found != judged {
                differing.push(format!("netto {found}, DuckDB {judged}: {}", queries[chunk * 60 + n]));
            }
        }
    }
    assert_eq!(found.len(), judged.len());
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn tests_of_truth_are_what_duckdb_computes() {
    assert_same(&[
        "select nr as k, (b > 5) is true as v from l",
        "select nr as k, (b > 5) is not true as v from l",
        "select nr as k, (b > 5) is false as v from l",
        "select nr as k, (b > 5) is not false as v from l",
        "select nr as k, t as v from l where (b > 5) is not true",
        "select nr as k, t as v from l where not ((b > 5) is true)",
        "select nr as k, t as v from l where (b > 5) is not false",
        "select nr as k, case when (b > 5) is not true then 'no' else 'yes' end as v from l",
        "select nr as k, t is distinct from 'A.1' as v from l",
        "select nr as k, b as v from l where b is not distinct from 7",
        "select nr as k, b as v from l where d is not distinct from null",
        "select k, max(b) > 9 is not true as v from l group by k",
    ]);
}

#[test]
fn tables_joined_in_where_are_what_duckdb_joins() {
    assert_same(&[
        "select a.nr || '-' || b.nr as k, b.b as v from l a, l b where a.b = b.b",
        "select a.nr || '-' || b.nr as k, b.b as v from l a, l b where a.b = b.b + 2",
        "select a.nr || '-' || b.nr as k, b.b as v from l a cross join l b where a.b * 2 = b.b * 2 and a.k = b.k",
        "select a.nr || '-' || b.nr as k, b.b as v from l a, l b where a.b + 0 < b.b + 0 and a.b * 2 > b.b",
        "select a.nr || '-' || b.nr as k, b.t as v from l a, l b where cast(a.nr as int) = cast(b.nr as int) + 1",
        "select a.nr || '-' || b.nr as k, b.t as v from l a, l b where a.d = cast(b.d as timestamp)",
        "select a.nr || '-' || c.nr as k, b.t as v from l a, l b, l c where a.d = b.d and b.b = c.b and a.nr <> b.nr",
        "select a.nr || '-' || b.nr as k, c.t as v from l a, l b left join l c on c.nr = b.nr where a.b = b.b",
        "select a.nr || '-' || c.nr as k, c.t as v from l a left join l b on b.nr = a.nr cross join l c where b.b = c.b and c.b > 5",
        "select x || '-' || y as k, b as v from (select a.nr as x, b.nr as y, a.b, b.b as c from l a cross join l b) q where b = c + 2",
    ]);
}
