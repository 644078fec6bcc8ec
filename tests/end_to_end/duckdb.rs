//! DuckDB as the judge: an engine that shares no code with netto comes to the same figures.
//!
//! The first test that needs it makes a Python environment in the target folder; `tests/duckdb/judge.py` does the judging.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use crate::harness::{Project, adventureworks, binary, repository};

/// What the judge said, and whether all agreed.
pub(crate) fn judge(project: &Project) -> (bool, String) {
    let arguments = [repository("tests/duckdb/judge.py"), binary().into(), project.folder().into()];
    let output = Command::new(python()).args(arguments).output().unwrap();
    (output.status.success(), said(&output))
}

/// The first value of a query's result, as text.
pub(crate) fn value_of(sql: &str) -> String {
    let program = "import duckdb, sys; print(duckdb.connect().execute(sys.argv[1]).fetchone()[0])";
    let output = Command::new(python()).args(["-c", program, sql]).output().unwrap();
    assert!(output.status.success(), "{sql}\n{}", said(&output));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A Python with DuckDB.
pub(crate) fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| environment("duckdb", &repository("tests/duckdb/requirements.txt")))
}

/// The Python of an environment in the target folder; made once for each version of what it must have.
pub(crate) fn environment(name: &str, requirements: &Path) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let (python, marker) = (folder.join("bin/python"), folder.join("made-from.txt"));
    let wanted = fs::read_to_string(requirements).unwrap();
    if fs::read_to_string(&marker).is_ok_and(|made| made == wanted) {
        return python;
    }
    done(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
    done(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(requirements));
    fs::write(marker, wanted).unwrap();
    python
}

fn done(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}\n{}", said(&output));
}

pub(crate) fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn duckdb_agrees_with_every_table_of_the_wholesaler() {
    let project = Project::copy_of(&repository("data/wholesaler"));
    project.run().ok();
    let (agreed, said) = judge(&project);
    assert!(agreed, "{said}");
}

#[test]
fn duckdb_agrees_with_every_table_of_adventure_works() {
    let Some(project) = adventureworks() else { return };
    project.run().ok();
    let (agreed, said) = judge(&project);
    assert!(agreed, "{said}");
    assert!(said.contains("lines_below_cost 21829 of 60855"), "{said}");
}

#[test]
fn stock_that_is_reserved_for_a_customer_is_a_driver() {
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount\n\
        0,1,2024-03-05,A,q,1,8,5\n1,1,2025-03-05,A,p,1,10,6\n2,1,2025-03-05,B,q,1,12,7\n3,1,2025-04-05,B,p,1,7,4\n";
    let stock = "product_id,snapshot_date,customer_id,quantity,value\np,2025-03-31,,9,90\np,2025-03-31,B,3,30\n\
        q,2025-03-31,B,1,5\np,2025-03-31,Z,1,15\np,2025-04-30,,8,80\n";
    let config = "[source.order_lines]\nfiles = \"order_lines.csv\"\n[source.cost_pools]\nfiles = \"cost_pools.csv\"\n\
        [source.stock]\nfiles = \"stock.csv\"\n[source.products]\nfiles = \"products.csv\"\n\
        [source.rebates]\nfiles = \"rebates.csv\"\n[pool.housing]\n\
        [activity.consignment]\npool = \"housing\"\nmethod = \"driver\"\nsource = \"stock\"\nquantity = \"value\"\n";
    let project = Project::new(config)
        .file("order_lines.csv", lines)
        .file("stock.csv", stock)
        .file("products.csv", "product_id,supplier_id,kind,valid_from\np,s,goods,2025-03-10\np,s,assembly,2025-04-01\np,t,goods,2025-04-05\nq,,,\n")
        .file("rebates.csv", "supplier_id,basis,rate\ns,purchases,0.02\n")
        .file("cost_pools.csv", "pool,period,amount\nhousing,2025-03,100\nhousing,2025-04,40\n");
    project.run().ok();
    let ledger = project.mart("fct_customer_activity_month");
    assert_eq!(ledger.column("customer_id"), ["B", "Z"]);
    assert_eq!(ledger.column("quantity"), ["35.0000", "15.0000"]);
    assert_eq!(ledger.column("amount"), ["70.0000", "30.0000"]);
    assert_eq!(project.mart("pool_balance").only("period", "2025-04-01").one("unassigned_amount"), "40.0000");
    let (agreed, said) = judge(&project);
    assert!(agreed, "{said}");
    assert!(said.contains("customer_supplier_month: 1 rows, 0 differ"), "{said}");
}

#[test]
fn the_judge_finds_one_ten_thousandth() {
    let orders = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount\n\
        1,1,2024-03-05,A,p,1,10,6\n2,1,2025-03-05,A,p,1,12,7\n3,1,2025-03-05,B,p,1,7,4\n";
    let config = "[source.order_lines]\nfiles = \"order_lines.csv\"\n[source.cost_pools]\nfiles = \"cost_pools.csv\"\n\
        [pool.orders]\n[activity.order]\npool = \"orders\"\nmethod = \"driver\"\nquantity = \"1\"\n";
    let project = Project::new(config)
        .file("order_lines.csv", orders)
        .file("cost_pools.csv", "pool,period,amount\norders,2025-03,5\n");
    project.run().ok();
    let (agreed, said) = judge(&project);
    assert!(agreed, "{said}");
    for (table, column) in [
        ("fct_customer_month", "invoice_revenue"),
        ("whale_curve", "cumulative_profit"),
        ("pool_balance", "assigned_amount"),
    ] {
        let file = project.folder().join(format!("out/current/parquet/{table}.parquet"));
        let kept = fs::read(&file).unwrap();
        let changed = file.with_extension("changed");
        let (from, to) = (file.display(), changed.display());
        value_of(&format!(
            "copy (select * replace (cast({column} + 0.0001 as decimal(18, 4)) as {column}) from '{from}') to '{to}' (format parquet); select 1"
        ));
        fs::rename(&changed, &file).unwrap();
        let (agreed, said) = judge(&project);
        assert!(!agreed, "{table}.{column}: {said}");
        fs::write(&file, kept).unwrap();
    }
}
