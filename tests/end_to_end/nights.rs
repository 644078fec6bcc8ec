//! Runs night after night: what each leaves behind, what one would do, and what changed between two.

use std::fs;

use serde_json::Value;

use crate::harness::Project;

const HEADER: &str = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount\n";

/// Two customers and a pool that orders are charged for.
fn project() -> Project {
    let config = "[source.order_lines]\nfiles = \"order_lines.csv\"\n[source.cost_pools]\nfiles = \"cost_pools.csv\"\n\
                  [pool.desk]\n[activity.entry]\npool = \"desk\"\nmethod = \"driver\"\nsource = \"orders\"\nquantity = \"1\"\n";
    Project::new(config)
}

fn night(project: Project, march: &str, pool: &str) -> Project {
    let lines = format!("{HEADER}1,1,2025-02-05,A,p,1,100,60\n{march}");
    project
        .file("order_lines.csv", lines)
        .file("cost_pools.csv", format!("pool,period,amount\ndesk,2025-02,100\ndesk,2025-03,{pool}\n"))
}

fn json(project: &Project, arguments: &[&str]) -> Value {
    let outcome = project.netto(arguments);
    serde_json::from_str(&outcome.stdout()).unwrap_or_else(|_| panic!("{}{}", outcome.stdout(), outcome.stderr()))
}

/// The parts of a change that aren't zero.
fn parts(of: &Value) -> Vec<String> {
    let parts = of["parts"].as_object().unwrap().iter();
    parts
        .filter(|(_, money)| *money != "0.0000")
        .map(|(part, money)| format!("{part} {}", money.as_str().unwrap()))
        .collect()
}

fn entry(project: &Project, number: u32) -> Value {
    let file = project.folder().join(format!(".netto/runs/{number:06}/run.json"));
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

#[test]
fn nights_are_planned_recorded_and_compared() {
    let project = night(project(), "2,1,2025-03-05,A,p,1,100,60\n3,1,2025-03-06,B,p,1,60,15\n", "100");
    let plan = project.netto(&["plan"]);
    assert_eq!((plan.code(), plan.stderr()), (2, String::new()));
    assert!(plan.stdout().contains("never loaded: 1 file"), "{}", plan.stdout());
    assert!(!project.folder().join(".netto").exists(), "a plan writes nothing");
    assert!(project.netto(&["history"]).ok().stdout().contains("no run yet"));
    assert!(project.netto(&["status"]).ok().stdout().contains("no run has published"));
    project.run().ok();
    assert_eq!(project.netto(&["plan"]).ok().stdout(), "nothing to do: extracts, configuration and result agree\n");

    // A line has another price and cost, an order came, and the pool costs more.
    let march = "2,1,2025-03-05,A,p,1,130,65\n3,1,2025-03-06,B,p,1,60,15\n4,1,2025-03-07,B,p,1,60,15\n";
    let project = night(project, march, "120");
    let planned = project.netto(&["plan"]);
    assert_eq!(planned.code(), 2);
    let planned = planned.stdout();
    for said in ["changed: order_lines.csv", "changed: cost_pools.csv", "2 months, 2025-02 to 2025-03", "segment"] {
        assert!(planned.contains(said), "{planned}");
    }
    let logged = project.netto(&["run", "--log", "json"]).ok().stderr();
    let lines: Vec<Value> = logged.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["stage"] == "profit" && line["level"] == "info" && line["time"].is_string()));
    let diff = json(&project, &["diff", "previous", "current", "--format", "json"]);
    assert_eq!((&diff["net_profit_before"], &diff["net_profit_after"]), (&"-75.0000".into(), &"-25.0000".into()));
    assert_eq!(parts(&diff), ["lines 45.0000", "price 30.0000", "goods -5.0000", "usage -50.0000", "rates 30.0000"]);
    let moved = &diff["moved"][0];
    assert_eq!(
        (&moved["customer_id"], &moved["net_profit_before"], &moved["net_profit_after"]),
        (&"B".into(), &"-5.0000".into(), &"10.0000".into())
    );
    assert_eq!(parts(moved), ["lines 45.0000", "usage -50.0000", "rates 20.0000"]);
    assert_eq!(diff["notes"], Value::Array(Vec::new()));

    // The order is gone again, and orders are charged by their amount.
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    let project = night(project, "2,1,2025-03-05,A,p,1,130,65\n3,1,2025-03-06,B,p,1,60,15\n", "120");
    let project = project.file("netto.toml", config.replace("quantity = \"1\"", "quantity = \"net_amount\""));
    assert!(
        project
            .netto(&["plan", "--format", "json"])
            .stdout()
            .contains("the configuration, a model or a scenario changed")
    );
    project.run().ok();
    let diff = json(&project, &["diff", "#2", "#3", "--format", "json"]);
    assert_eq!((&diff["net_profit_before"], &diff["net_profit_after"]), (&"-25.0000".into(), &"-70.0000".into()));
    assert_eq!(parts(&diff), ["lines -45.0000", "usage 40.0000", "rates -40.0000"]);
    let said = project.netto(&["diff", "previous", "current"]).ok().stdout();
    assert!(said.contains("the later configuration instead of the earlier one, on the later data"), "{said}");

    // A remark is no rule; and the same result again is the same run, with an entry of its own.
    let config = fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    let project = project.file("netto.toml", format!("# said\n{config}"));
    project.netto(&["plan"]).ok();
    project.run().ok();
    // What fails is recorded as well, and said; readers see what they saw.
    let project = project.file("order_lines.csv", "order_id\n1\n");
    assert_eq!(project.run().code(), 2);
    let status = project.netto(&["status"]).ok().stdout();
    for said in
        ["data through 2025-03, net profit -70.0000", "last run     #5 failed", "exit code 2: ", "nobody writes"]
    {
        assert!(status.contains(said), "{status}");
    }
    let history = json(&project, &["history", "--format", "json"]);
    let outcomes: Vec<_> = history
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["outcome"].as_str().unwrap(), entry["unchanged"] == true, entry["kept"] == true))
        .collect();
    assert_eq!(
        outcomes,
        [
            ("done", false, true),
            ("done", false, true),
            ("done", false, true),
            ("done", true, true),
            ("failed", false, false)
        ]
    );
    assert_eq!(history[2]["run_id"], history[3]["run_id"]);

    let second = entry(&project, 2);
    assert_eq!(
        (&second["data_through"], &second["windows"]["main"]["net_profit"]),
        (&"2025-03".into(), &"-25.0000".into())
    );
    assert_eq!(
        (&second["balances"]["own_amount"], &second["balances"]["difference"]),
        (&"220.0000".into(), &"0.0000".into())
    );
    assert!(second["peak_memory"].as_u64().unwrap() > 1 << 20 && second["timings_ms"]["profit"].is_number());
    assert_eq!(second["files"]["order_lines"].as_object().unwrap().len(), 1);
    let kept = fs::read_to_string(project.folder().join(".netto/runs/000002/rules/netto.toml")).unwrap();
    assert!(kept.contains("quantity = \"1\""));
    let lineage = fs::read_to_string(project.folder().join(".netto/runs/000002/lineage.ndjson")).unwrap();
    let events: Vec<Value> = lineage.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |job: &str| {
        events
            .iter()
            .filter(|event| event["job"]["name"] == job)
            .map(|event| event["eventType"].as_str().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!([of("run"), of("ingest.order_lines"), of("publish")], [["START", "COMPLETE"]; 3]);
    let failed = fs::read_to_string(project.folder().join(".netto/runs/000005/lineage.ndjson")).unwrap();
    assert!(failed.contains("\"FAIL\"") && failed.lines().count() > 3, "{failed}");
}
