//! Attacks on netto by what it is given: expressions, queries, paths, extracts, links. See `docs/src/threat-model.md`.

use std::fs;
use std::io::Write as _;
use std::process::Command;

use crate::harness::{Project, binary};

const LINES: &str =
    "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount\n1,1,2025-03-05,A,p,1,100,60\n";
const SOURCE: &str = "[source.order_lines]\nfiles = \"order_lines.csv\"\n";
const POOL: &str = "[source.cost_pools]\nfiles = \"cost_pools.csv\"\n[pool.desk]\n[activity.entry]\npool = \"desk\"\nmethod = \"driver\"\nsource = \"orders\"\n";

fn project(config: &str) -> Project {
    Project::new(config)
        .file("order_lines.csv", LINES)
        .file("cost_pools.csv", "pool,period,amount\ndesk,2025-03,100\n")
        .file("secret/secret.csv", "order_id\nTOPSECRET\n")
}

/// What a text of SQL could try: functions that read and write, statements, other tables.
const ATTACKS: [&str; 12] = [
    "read_text('secret/secret.csv')",
    "read_csv('secret/secret.csv')",
    "read_parquet('secret/secret.csv')",
    "scan_csv('secret/secret.csv')",
    "pg_read_file('secret/secret.csv')",
    "load_extension('secret')",
    "getenv('HOME')",
    "system('touch touched')",
    "1; drop table order_lines",
    "1) from order_lines; copy order_lines to 'touched'; select (1",
    "(select count(*) from 'secret/secret.csv')",
    "lo_export(1, 'touched')",
];

fn refused(project: &Project, arguments: &[&str], what: &str) {
    let outcome = project.netto(arguments);
    assert_eq!(outcome.code(), 2, "{what}: {}{}", outcome.stdout(), outcome.stderr());
    let said = outcome.stdout() + &outcome.stderr();
    assert!(!said.contains("TOPSECRET") && !said.contains("panicked"), "{what}: {said}");
    assert!(!project.folder().join("touched").exists(), "{what}");
}

#[test]
fn no_expression_reaches_a_file_a_statement_or_another_table() {
    for attack in ATTACKS {
        let quoted = attack.replace('"', "\\\"");
        refused(&project(&format!("{SOURCE}{POOL}quantity = \"{quoted}\"\n")), &["run"], attack);
        refused(&project(&format!("{SOURCE}where = \"{quoted} = 1\"\n")), &["run"], attack);
        let column = format!("{SOURCE}[source.order_lines.columns]\nnet_amount = {{ sql = \"{quoted}\" }}\n");
        refused(&project(&column), &["run"], attack);
    }
}

#[test]
fn no_query_reaches_what_it_was_not_given() {
    for attack in ATTACKS {
        let select = format!("select {attack} as order_id, l.* from l");
        let view =
            format!("[source.order_lines]\nsql = \"{select}\"\n[source.order_lines.tables]\nl = \"order_lines.csv\"\n");
        refused(&project(&view), &["run"], attack);
        let project = project(SOURCE);
        project.run().ok();
        refused(&project, &["sql", &format!("select {attack} from order_lines")], attack);
        let model = format!(
            "-- stolen: What isn't mine.\n-- grain: window\n-- key: window_id\nselect\n    window_id, -- text → dim_window: Window\n    {attack} as stolen -- integer: All of it\nfrom dim_window\n"
        );
        let project = project.file("models/stolen.sql", model);
        refused(&project, &["run"], attack);
    }
    for query in [
        "select * from 'secret/secret.csv'",
        "copy order_lines to 'touched'",
        "attach 'x' as y",
        "create table x as select 1",
    ] {
        let project = project(SOURCE);
        project.run().ok();
        refused(&project, &["sql", query], query);
    }
}

#[test]
fn paths_that_lead_out_of_the_project_are_refused_unless_they_are_given_in_full() {
    let settings = [
        "[source.order_lines]\nfiles = \"../elsewhere/*.csv\"\n".to_owned(),
        "[source.order_lines]\nfiles = [\"order_lines.csv\", \"a/../../b.csv\"]\n".to_owned(),
        "[source.order_lines]\nsql = \"select * from l\"\n[source.order_lines.tables]\nl = \"../l.csv\"\n".to_owned(),
        format!("{SOURCE}[models]\nfiles = \"../models/*.sql\"\n"),
        format!("{SOURCE}[scenarios]\nfiles = \"../*.toml\"\n"),
        "[source.order_lines]\npostgres = { user = \"u\", query = \"select 1\", password_file = \"../password\" }\n"
            .to_owned(),
    ];
    for config in settings {
        let project = project(&config);
        let outcome = project.run();
        assert_eq!(outcome.code(), 2, "{config}: {}", outcome.stderr());
        assert!(outcome.message().contains("points outside the project"), "{config}: {}", outcome.message());
    }
    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(elsewhere.path().join("lines.csv"), LINES).unwrap();
    project(&format!("[source.order_lines]\nfiles = \"{}/*.csv\"\n", elsewhere.path().display())).run().ok();
}

/// Every byte of every file that a project holds.
fn holds(folder: &std::path::Path, text: &str) -> bool {
    fs::read_dir(folder).into_iter().flatten().flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() && !path.is_symlink() {
            return holds(&path, text);
        }
        fs::read(&path).is_ok_and(|bytes| bytes.windows(text.len()).any(|part| part == text.as_bytes()))
    })
}

#[test]
fn a_password_stands_in_no_message_no_log_and_no_record() {
    let password = "correct-horse-battery";
    let server = "postgres = { host = \"127.0.0.1\", port = 1, user = \"u\", query = \"select 1\"";
    let config = format!("[source.order_lines]\n{server}, password_env = \"NETTO_TEST_PASSWORD\" }}\n");
    let project = project(&config);
    for log in [&[][..], &["--log", "json"], &["--format", "json"]] {
        let mut command = Command::new(binary());
        command.arg("run").args(log).arg(project.folder()).env("NETTO_TEST_PASSWORD", password);
        let output = command.output().unwrap();
        assert!(!output.status.success());
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains(password), "{said}");
    }
    assert!(project.folder().join(".netto/runs/000001/log.ndjson").exists());
    assert!(!holds(project.folder(), password));
    // Written where it doesn't belong it is refused, and not shown.
    let config = format!("[source.order_lines]\n{server}, password = \"{password}\" }}\n");
    let project = self::project(&config);
    let outcome = project.run();
    assert_eq!(outcome.code(), 2);
    assert!(!outcome.stderr().contains(password), "{}", outcome.stderr());
    assert!(outcome.message().contains("password_env"), "{}", outcome.message());
}

#[test]
fn cells_that_a_spreadsheet_would_run_and_html_are_texts() {
    let names =
        ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@sum(a)", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>"];
    let row = |(at, name): (usize, &&str)| format!("K{at},\"{name}\"\n");
    let line = |at: usize| format!("{at},1,2025-03-05,K{at},p,1,100,60\n");
    let rows: String = names.iter().enumerate().map(row).collect();
    let lines: String = (0..names.len()).map(line).collect();
    let config =
        format!("{SOURCE}[source.customers]\nfiles = \"customers.csv\"\n[publish]\nsinks = [\"csv\", \"xlsx\"]\n");
    let project = project(&config)
        .file("customers.csv", format!("customer_id,name\n{rows}"))
        .file("order_lines.csv", format!("{}{lines}", LINES.split_inclusive('\n').next().unwrap()));
    project.run().ok();
    let csv = fs::read_to_string(project.folder().join("out/current/csv/dim_customer.csv")).unwrap();
    for sign in ['=', '+', '-', '@'] {
        assert!(!csv.contains(&format!(",{sign}")) && !csv.contains(&format!(",\"{sign}")), "{sign}: {csv}");
    }
    let report = fs::read_to_string(project.folder().join("out/current/report.html")).unwrap();
    assert!(!report.contains("<script>alert(1)") && !report.contains("<img src=x"), "a name is run");
}

#[test]
#[cfg(unix)]
fn a_lock_that_leads_elsewhere_harms_nothing_and_one_that_is_removed_is_noticed() {
    let project = project(SOURCE);
    let precious = project.folder().join("precious.txt");
    fs::write(&precious, "mine").unwrap();
    fs::create_dir_all(project.folder().join(".netto")).unwrap();
    let lock = project.folder().join(".netto/lock");
    std::os::unix::fs::symlink(&precious, &lock).unwrap();
    let outcome = project.run();
    assert_eq!((outcome.code(), fs::read_to_string(&precious).unwrap().as_str()), (1, "mine"));
    assert!(outcome.message().contains("symbolic link"), "{}", outcome.message());
    fs::remove_file(&lock).unwrap();
    project.run().ok();
}

#[test]
fn a_small_file_fills_neither_the_memory_nor_the_disk() {
    let packed = |bytes: &[u8]| {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        Command::new("gzip").args(["-9", "--stdout"]).arg(file.path()).output().unwrap().stdout
    };
    let lines = format!("{LINES}{}", "\n".repeat(100 << 20));
    let project =
        project("[source.order_lines]\nfiles = \"bomb.csv.gz\"\n").file("bomb.csv.gz", packed(lines.as_bytes()));
    let outcome = project.run();
    assert_eq!(outcome.code(), 1, "{}", outcome.stderr());
    assert!(outcome.message().contains("it decompresses to more than 64 MiB"), "{}", outcome.message());
    // Nothing but bad rows: reading ends, and what is kept of them is bounded.
    let project = project.file("bomb.csv.gz", packed(format!("{LINES}{}", "x,\n".repeat(15 << 20)).as_bytes()));
    let outcome = project.run();
    assert_eq!(outcome.code(), 3, "{}", outcome.stderr());
    assert!(outcome.message().contains("are set apart"), "{}", outcome.message());
    let record = fs::read_to_string(project.folder().join(".netto/runs/000002/run.json")).unwrap();
    let peak: u64 = serde_json::from_str::<serde_json::Value>(&record).unwrap()["peak_memory"].as_u64().unwrap();
    assert!(peak < 600 << 20, "{peak} bytes of memory");
    let folder = project.folder().join(".netto/quarantine/order_lines");
    let bytes: u64 = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.metadata().unwrap().len()).sum();
    assert!(bytes < 20 << 20, "{bytes} bytes of rows set apart");
}

#[test]
fn a_folder_may_be_called_as_it_likes() {
    let around = tempfile::tempdir().unwrap();
    for name in ["a [old] 100%", "b*?{c}", "d%20e", "f\ng", "h'i\"j", "%2e%2e"] {
        let folder = around.path().join(name);
        fs::create_dir_all(folder.join("extracts [1]")).unwrap();
        fs::write(folder.join("netto.toml"), format!("[company]\nname = \"T\"\n[source.order_lines]\nfiles = \"extracts ?1]/*.csv\"\n{POOL}quantity = \"1\"\n")).unwrap();
        fs::write(folder.join("extracts [1]/lines.csv"), LINES).unwrap();
        fs::write(folder.join("cost_pools.csv"), "pool,period,amount\ndesk,2025-03,100\n").unwrap();
        for arguments in [
            &["run"][..],
            &["check", "--marts"],
            &["explain", "customer", "A"],
            &["sql", "select * from order_lines"],
            &["report"],
        ] {
            let output =
                Command::new(binary()).args(arguments).arg(&folder).current_dir(around.path()).output().unwrap();
            assert!(output.status.success(), "{name:?} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
}
