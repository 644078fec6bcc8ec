//! PostgreSQL as a source: a real server, started in a temporary folder, stopped when the test is over.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::harness::{Project, repository, unwrapped};

/// The user whom a server runs as where root starts it: PostgreSQL refuses root.
const NOBODY: u32 = 65_534;

const TABLES: &str = "\
create table invoice_lines (nr int, line smallint, booked date, customer text, product text, pieces numeric(10,2), net numeric(12,4), note text, open bool);
insert into invoice_lines values (1, 1, '2025-03-03', 'K1', 'P', 2, 100.5, E'tab\\there', true), (1, 2, '2025-03-03', 'K1', 'P', 1, 50, null, false), (2, 1, '2025-04-01', 'K\\2', 'P', 1, 25.25, '', true);
";

/// A server with the tables above; none where PostgreSQL isn't installed.
struct Server {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
}

impl Server {
    fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(std::env::var_os("CI").is_none(), "PostgreSQL is not installed");
            eprintln!("SKIPPED: no query was run, PostgreSQL is not installed");
            return None;
        };
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Self { folder: tempfile::tempdir().unwrap(), programs, port };
        let folder = server.folder.path();
        fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
        if is_root(folder) {
            chown(folder, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        fs::write(folder.join("secret"), "pass,word=1\n").unwrap();
        fs::set_permissions(folder.join("secret"), fs::Permissions::from_mode(0o644)).unwrap();
        let data = folder.join("data");
        server.program(
            "initdb",
            &["-U", "erp", "-A", "scram-sha-256", "-E", "UTF8", "--no-sync", "--pwfile"],
            &folder.join("secret"),
        );
        // Which proof is asked for is a matter of the password: scram for the first role, md5 for the second.
        fs::write(data.join("pg_hba.conf"), "local all all md5\nhost all all 127.0.0.1/32 md5\n").unwrap();
        server.single(&format!("{TABLES}set password_encryption = 'md5'; create role old login password 'old'; grant select on invoice_lines to old;\n"));
        let options = format!("-p {port} -k {} -c listen_addresses=127.0.0.1 -c fsync=off", folder.display());
        let started =
            server.command("pg_ctl").args(["-w", "-o", &options, "-l"]).arg(folder.join("log")).arg("start").status();
        assert!(started.unwrap().success(), "{}", fs::read_to_string(folder.join("log")).unwrap_or_default());
        assert!(data.join("postmaster.pid").is_file());
        Some(server)
    }

    /// A program of the server over its data.
    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command
            .arg("-D")
            .arg(self.folder.path().join("data"))
            .env("LC_ALL", "C")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.current_dir(self.folder.path());
        if is_root(Path::new("/proc/self")) {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }

    fn program(&self, name: &str, arguments: &[&str], last: &Path) {
        let output = self
            .command(name)
            .args(arguments)
            .arg(last)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Statements, one a line, while no server runs.
    fn single(&self, statements: &str) {
        let file = self.folder.path().join("tables.sql");
        fs::write(&file, statements.replace("; ", ";\n")).unwrap();
        let mut command = Command::new(self.programs.join("postgres"));
        command
            .arg("--single")
            .arg("-D")
            .arg(self.folder.path().join("data"))
            .arg("postgres")
            .current_dir(self.folder.path());
        command.stdin(fs::File::open(&file).unwrap()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if is_root(Path::new("/proc/self")) {
            command.uid(NOBODY).gid(NOBODY);
        }
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !said.contains("ERROR"), "{said}");
    }

    /// A script of psql, run as the owner of the database.
    fn script(&self, script: &str) -> String {
        let mut child = self.psql();
        child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// A session of psql that is told what to do line by line.
    fn psql(&self) -> Child {
        let mut command = Command::new(self.programs.join("psql"));
        command.args([
            "-q",
            "-t",
            "-A",
            "-v",
            "ON_ERROR_STOP=1",
            "-U",
            "erp",
            "-d",
            "postgres",
            "-h",
            "127.0.0.1",
            "-p",
        ]);
        command
            .arg(self.port.to_string())
            .args(["-f", "-"])
            .env("PGPASSWORD", "pass,word=1")
            .env("PGCLIENTENCODING", "UTF8");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// A project that reads this query as this user.
    fn project(&self, host: &str, user: &str, secret: &str, query: &str) -> Project {
        Project::new(&format!(
            "[source.order_lines]\nmax_rejects = 1\n[source.order_lines.postgres]\nhost = \"{host}\"\nport = {}\ndatabase = \"postgres\"\n\
             user = \"{user}\"\npassword_file = \"secret\"\nquery = '''{query}'''\n\
             [source.order_lines.columns]\norder_id = \"nr\"\nline_no = \"line\"\norder_date = \"booked\"\ncustomer_id = \"customer\"\n\
             product_id = \"product\"\nquantity = \"pieces\"\nnet_amount = \"net\"\n",
            self.port
        ))
        .file("secret", secret)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.command("pg_ctl").args(["-m", "immediate", "stop"]).status());
    }
}

fn is_root(path: &Path) -> bool {
    fs::metadata(path).unwrap().uid() == 0
}

/// Where the newest server's programs are.
fn programs() -> Option<PathBuf> {
    let mut found: Vec<PathBuf> =
        fs::read_dir("/usr/lib/postgresql").ok()?.flatten().map(|entry| entry.path().join("bin")).collect();
    found.sort();
    found.into_iter().rev().find(|bin| bin.join("initdb").is_file())
}

const ALL: &str = "select * from invoice_lines;\n";

#[test]
fn a_query_is_read_like_an_extract_and_once() {
    let Some(server) = Server::start() else { return };
    let socket = server.folder.path().to_str().unwrap().to_owned();
    for (host, user, secret) in [("127.0.0.1", "erp", "pass,word=1\n"), (socket.as_str(), "old", "old")] {
        let project = server.project(host, user, secret, ALL);
        let said = project.run().ok().stderr();
        assert!(said.contains("column `note` of the extract is not used"), "{said}");
        let revenue = project.mart("fct_customer_month");
        assert_eq!(revenue.sum("invoice_revenue"), 1_757_500, "{host}");
        assert_eq!(revenue.only("period", "2025-04-01").column("customer_id"), ["K\\2"]);
        assert!(project.run().ok().stderr().contains("unchanged since the last load"));
    }
    // What can't be read is set apart with its row, and a session that could write can't.
    let bad = server.project("127.0.0.1", "erp", "pass,word=1", "select nr, line, booked, customer, product, pieces, case when nr = 2 then 'x' else net::text end as net from invoice_lines order by nr, line");
    let said = bad.run().ok().stderr();
    assert!(said.contains("1 set apart (not_a_number 1)"), "{said}");
    refused(&server);
}

fn refused(server: &Server) {
    let message = |user: &str, secret: &str, query: &str| {
        let project = server.project("127.0.0.1", user, secret, query);
        let outcome = project.run();
        assert_eq!(outcome.code(), 1);
        outcome
            .message()
            .replace('│', " ")
            .replace(&server.port.to_string(), "PORT")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let wrong = message("erp", "wrong", ALL);
    assert!(
        wrong.contains(
            "order_lines, PostgreSQL 127.0.0.1:PORT/postgres: password authentication failed for user \"erp\""
        ),
        "{wrong}"
    );
    let write = message("erp", "pass,word=1", "delete from invoice_lines returning *");
    assert!(write.contains("COPY") || write.contains("read-only"), "{write}");
    let two = message("erp", "pass,word=1", "select 1; select 2");
    assert!(two.contains("cannot insert multiple commands into a prepared statement"), "{two}");
    let misspelt = message("erp", "pass,word=1", "select nmber from invoice_lines");
    assert!(misspelt.contains("column \"nmber\" does not exist"), "{misspelt}");
    let nothing = message("erp", "pass,word=1", "vacuum");
    assert!(nothing.contains("the query returns no rows"), "{nothing}");
    let away = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let project = Project::new(&format!(
        "[source.order_lines.postgres]\nhost = \"127.0.0.1\"\nport = {away}\nuser = \"erp\"\nquery = \"select 1\"\n"
    ));
    assert!(project.run().message().contains("can't be reached"), "{}", project.run().message());
}

/// The statements of `netto schema --ddl` and the published CSV files are all that a database needs: every key and reference holds there,
/// an empty text isn't null, and each table and column says what it means.
#[test]
fn the_star_goes_into_a_database_with_its_keys_and_meanings() {
    let Some(server) = Server::start() else { return };
    let project = Project::copy_of(&repository("tests/fixtures/sales_force"));
    project.run().ok();
    let statements = project.netto(&["schema", "--ddl", "--project"]).ok().stdout();
    server.script(&statements);
    // In the order of the statements, dimensions come before what refers to them.
    let mut load = String::new();
    for name in statements.lines().filter_map(|line| line.strip_prefix("CREATE TABLE \"")?.split('"').next()) {
        let file = project.folder().join(format!("out/current/csv/{name}.csv"));
        if file.is_file() {
            load += &format!("\\copy \"{name}\" from '{}' csv header\n", file.display());
        }
    }
    server.script(&load);
    let asked = |query: &str| server.script(query);
    assert_eq!(asked("select name from dim_employee where employee_key = 0;"), "(unknown)");
    assert_eq!(
        asked(
            "select e.name || ' ' || s.visits from sales_force_employee s join dim_employee e using (employee_key) join dim_window w using (window_key) where w.window_id = 'main' order by visits desc limit 1;"
        ),
        "Joost 3"
    );
    assert_eq!(asked("select obj_description('dim_pair'::regclass);"), "Pairs of field and inside staff. Grain: pair.");
    let references: usize = asked("select count(*) from pg_constraint where contype = 'f';").parse().unwrap();
    assert!(references > 150, "{references}");
}

const ROLES: &str =
    "create role netto login password 'net''to'; grant create on database postgres to netto; create role metabase;
create schema reports; create view reports.sums as select 1 as one; grant all on schema reports to netto;";

#[test]
fn the_star_is_published_in_a_database_and_changes_at_once() {
    let Some(server) = Server::start() else { return };
    server.script(ROLES);
    let project = publishing(server.port, "readers = [\"metabase\"]\n");
    project.run().ok();
    let asked = |query: &str| server.script(&format!("{query};"));
    let profit = "select sum(net_profit), sum(invoice_revenue), count(*) from netto.fct_customer_month";
    let first = asked(profit);
    let month = project.mart("fct_customer_month");
    assert_eq!(
        first,
        format!(
            "{}|{}|{}",
            amount(month.sum("net_profit")),
            amount(month.sum("invoice_revenue")),
            month.column("period").len()
        )
    );
    assert_eq!(asked("select count(*) from pg_tables where schemaname = 'netto'"), tables_of(&project).to_string());
    assert!(
        asked("select count(*) from pg_constraint where contype = 'f' and connamespace = 'netto'::regnamespace")
            .parse::<usize>()
            .unwrap()
            > 150
    );
    assert_eq!(
        asked("select obj_description('netto.dim_pair'::regclass)"),
        "Pairs of field and inside staff. Grain: pair."
    );
    assert_eq!(
        asked("select name = E'=cmd()\\t\\\\N; \"x\" 🚚', potential from netto.dim_customer where customer_id = 'A'"),
        "t|9600.0000"
    );
    assert_eq!(
        asked("select name = E'two\\nlines\\\\', potential is null from netto.dim_customer where customer_id = 'B'"),
        "t|t"
    );
    // A text that a spreadsheet would run, one longer than a cell, nothing, and the largest and the smallest that DECIMAL(18,4) holds.
    assert_eq!(
        asked(
            "select string_agg(case when length(name) < 40 then name else length(name)::text end, ' ' order by customer_id) from netto.dim_customer where customer_id in ('C', 'D', 'E')"
        ),
        "x;=1+1 40000 E"
    );
    assert_eq!(
        asked(
            "select string_agg(coalesce(potential::text, 'null'), ' ' order by customer_id) from netto.dim_customer where customer_id in ('E', 'F', 'G')"
        ),
        "null 99999999999999.9998 0.0001"
    );
    assert_eq!(asked("set role metabase; select name from netto.dim_employee where employee_key = 0"), "(unknown)");
    cards_give_the_same_rows_as_in_sqlite(&server, &project);
    let parameters = fs::read_to_string(
        project.folder().join("out/current/powerbi/netto.SemanticModel/definition/expressions.tmdl"),
    );
    assert!(parameters.unwrap().contains("expression Schema = \"netto\""));
    // The same result again touches nothing.
    let made =
        || asked("select oid from pg_class where relname = 'dim_customer' and relnamespace = 'netto'::regnamespace");
    let before = made();
    project.run().ok();
    assert_eq!(made(), before);
    readers_see_one_run_or_the_other(&server, &project, profit, &first);
    what_is_not_ours_stays(&server, &project);
    a_lost_connection_leaves_what_was_there(&server);
}

/// The project of a fixture that is published at this port.
fn publishing(port: u16, more: &str) -> Project {
    let project = Project::copy_of(&repository("tests/fixtures/sales_force"));
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    let customers = "customer_id,name,account_manager,inside_rep,potential\n\
                     A,\"=cmd()\t\\N; \"\"x\"\" 🚚\",M1,M2,9600\nB,\"two\nlines\\\",M3,M2,\nC,x;=1+1,M1,,12000\nD,LONG,M1,,3000\nE,,,M2,\n\
                     F,,,,99999999999999.9998\nG,,,,0.0001\n";
    project
        .file(
            "netto.toml",
            format!(
                "{config}[publish]\nsinks = [\"csv\", \"sqlite\", \"postgres\", \"metabase\", \"powerbi\"]\n[publish.postgres]\nhost = \"127.0.0.1\"\nport = {port}\n\
                 database = \"postgres\"\nuser = \"netto\"\npassword_file = \"secret\"\n{more}"
            ),
        )
        .file("customers.csv", customers.replace("LONG", &"x".repeat(40_000)))
        .file("secret", "net'to")
}

/// What the script for Metabase asks, in both databases; with filters, too.
fn cards_give_the_same_rows_as_in_sqlite(server: &Server, project: &Project) {
    let judge =
        Command::new("python3").arg(repository("tests/readers/metabase.py")).arg(project.folder()).output().unwrap();
    assert!(judge.status.success(), "{}", String::from_utf8_lossy(&judge.stderr));
    let rows: serde_json::Value = serde_json::from_slice(&judge.stdout).unwrap();
    let text = fs::read_to_string(project.folder().join("out/current/metabase/cards.json")).unwrap();
    let cards: serde_json::Value = serde_json::from_str(&text).unwrap();
    for card in cards["cards"].as_array().unwrap() {
        let (name, sql) = (card["name"].as_str().unwrap(), card["sql"].as_str().unwrap().replace("{schema}", "netto."));
        let mut plain = sql.replace("{{window}}", "'main'");
        let filtered = plain.replace("[[", "").replace("]]", "");
        while let (Some(from), Some(to)) = (plain.find("[["), plain.find("]]")) {
            plain.replace_range(from..to + 2, "");
        }
        let [plain, filtered] = [plain, filtered].map(|sql| {
            let filled = ["market", "tier", "rep", "customer"]
                .iter()
                .fold(sql, |sql, tag| sql.replace(&format!("{{{{{tag}}}}}"), "'A'"));
            server.script(&format!("select count(*) from ({filled}) as asked;"))
        });
        assert_eq!(plain, rows[name].to_string(), "{name}");
        assert!(filtered.parse::<usize>().is_ok(), "{name}");
    }
}

/// A reader that began before goes on with what it reads, isn't held up, and finds no table empty; neither is the run held up by it.
fn readers_see_one_run_or_the_other(server: &Server, project: &Project, profit: &str, first: &str) {
    let mut reader = server.psql();
    let (mut told, mut said) = (reader.stdin.take().unwrap(), BufReader::new(reader.stdout.take().unwrap()));
    let mut ask = |query: &str| {
        writeln!(told, "{query};").unwrap();
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        line.trim().to_owned()
    };
    let fetched = ask(
        "begin isolation level repeatable read; declare rows cursor for select customer_id from netto.dim_customer order by 1 desc; fetch 1 from rows",
    );
    assert_eq!(ask(profit), first);
    order_of(project, "z1,1,2025-04-20,B,p,1,500,100,sale,M2");
    let run = project.run().ok();
    assert!(!run.stderr().contains("is kept as"), "{}", run.stderr());
    assert_eq!((fetched.as_str(), ask("fetch 1 from rows").as_str()), ("G", "F"));
    assert_eq!(ask("select count(*) > 0 from netto.dim_product"), "t");
    assert_ne!(ask(profit), first);
    let schemas = "select count(*) from pg_namespace where nspname like 'netto%'";
    assert_eq!(server.script(&format!("{schemas};")), "2", "what is read still isn't dropped");
    ask("commit; select 1");
    drop(told);
    assert!(reader.wait().unwrap().success());
    order_of(project, "z2,1,2025-04-21,B,p,1,500,100,sale,M2");
    project.run().ok();
    assert_eq!(server.script(&format!("{schemas};")), "1");
}

fn what_is_not_ours_stays(server: &Server, project: &Project) {
    server.script("create or replace view reports.sums as select count(*)::int as one from netto.dim_customer;");
    order_of(project, "z3,1,2025-04-22,B,p,1,500,100,sale,M2");
    let said = project.run().ok().stderr();
    assert!(
        said.contains("the run before is kept as netto_before_") && said.contains("view reports.sums depends on table"),
        "{said}"
    );
    assert_eq!(server.script("select one > 0 from reports.sums;"), "t");
    let message = unwrapped(&publishing(server.port, "schema = \"public\"\n").run().message());
    assert!(message.contains("schema public: the schema contains objects that netto didn't publish"), "{message}");
}

fn a_lost_connection_leaves_what_was_there(server: &Server) {
    let count = "select count(*) from netto.fct_customer_month;";
    let before = server.script(count);
    let project = publishing(cut_off_after(server.port, 20_000), "");
    let outcome = project.run();
    assert_eq!(outcome.code(), 1);
    let message = unwrapped(&outcome.message());
    assert!(
        message.contains("the connection was lost") && message.contains("The result published before is unchanged"),
        "{message}"
    );
    assert!(!project.folder().join("out/current").exists(), "all is published, or nothing");
    assert_eq!(server.script(count), before);
    assert_eq!(server.script("select count(*) from pg_namespace where nspname = 'netto_next';"), "0");
    // The next run has everything computed.
    let said = project.run().ok().stderr();
    assert!(said.contains("the database has the tables") && !said.contains("segment"), "{said}");
    assert_eq!(server.script(count), project.mart("fct_customer_month").column("period").len().to_string());
}

/// A port from which the first client's first bytes reach the server, and no more; later clients have no such bad luck.
fn cut_off_after(server: u16, bytes: u64) -> u16 {
    let door = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = door.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for (client, most) in door.incoming().flatten().zip(std::iter::once(bytes).chain(std::iter::repeat(u64::MAX))) {
            let behind = TcpStream::connect(("127.0.0.1", server)).unwrap();
            let (mut answers, mut back) = (behind.try_clone().unwrap(), client.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut answers, &mut back));
            drop(std::io::copy(&mut (&client).take(most), &mut &behind));
            drop(behind.shutdown(Shutdown::Both));
            drop(client.shutdown(Shutdown::Both));
        }
    });
    port
}

fn order_of(project: &Project, line: &str) {
    let mut file = fs::OpenOptions::new().append(true).open(project.folder().join("order_lines.csv")).unwrap();
    writeln!(file, "{line}").unwrap();
}

fn tables_of(project: &Project) -> usize {
    fs::read_dir(project.folder().join("out/current/parquet")).unwrap().count()
}

/// `-12.5000`
fn amount(units: i128) -> String {
    let sign = if units < 0 { "-" } else { "" };
    format!("{sign}{}.{:04}", units.abs() / 10_000, units.abs() % 10_000)
}
