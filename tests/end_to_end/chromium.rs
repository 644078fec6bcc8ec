//! The report in headless Chromium, driven through chromedriver: what a reader sees and clicks.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Mart, Project, repository, units};

/// A browser with one window.
struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

impl Browser {
    /// Starts one; `None`, said aloud, where there is no Chromium. Where CI is set, that is a failure.
    fn start(width: u32) -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let started = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(driver) = started else {
            assert!(std::env::var_os("CI").is_none(), "chromedriver is not installed");
            eprintln!("SKIPPED: the report was not looked at, chromedriver is not installed");
            return None;
        };
        let mut browser = Self { driver, port, session: String::new() };
        let options = json!({
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
            "mobileEmulation": {"deviceMetrics": {"width": width, "height": 900, "pixelRatio": 1, "mobile": false, "touch": false}},
        });
        let wanted = json!({"capabilities": {"alwaysMatch": {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}});
        let deadline = Instant::now() + Duration::from_mins(1);
        while browser.session.is_empty() {
            assert!(Instant::now() < deadline, "Chromium did not start");
            match browser.request("POST", "/session", &wanted) {
                Ok(value) => {
                    value["sessionId"].as_str().unwrap_or_else(|| panic!("{value}")).clone_into(&mut browser.session);
                }
                Err(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        }
        Some(browser)
    }

    fn open(&self, page: &Path, fragment: &str) {
        let url = format!("file://{}{fragment}", page.canonicalize().unwrap().display());
        self.command("url", &json!({"url": url}));
        self.until("return String(document.querySelector('[aria-busy]'))", "null");
    }

    /// Chooses a value of a filter; nothing for no choice.
    fn choose(&self, filter: &str, value: &str) {
        self.script(&format!(
            "const s = document.getElementById('filter-{filter}'); s.value = {}; s.dispatchEvent(new Event('change'))",
            json!(value)
        ));
    }

    /// Runs a script in the page and returns what it returns.
    fn script(&self, script: &str) -> Value {
        self.command("execute/sync", &json!({"script": script, "args": []}))
    }

    fn text(&self, script: &str) -> String {
        self.script(script).as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a script returns a text: a page that is being replaced has none, or none of its own yet.
    fn until(&self, script: &str, wanted: &str) {
        let deadline = Instant::now() + Duration::from_secs(20);
        let asked = json!({"script": script, "args": []});
        loop {
            let found = self.request("POST", &format!("/session/{}/execute/sync", self.session), &asked);
            if found.as_ref().is_ok_and(|found| found == wanted) {
                return;
            }
            assert!(Instant::now() < deadline, "{found:?}, not {wanted}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// A real click on the first element that matches.
    fn click(&self, selector: &str) {
        // What lies behind the bar of the contents is scrolled away from it, as a reader would.
        self.script(&format!("document.querySelector({}).scrollIntoView({{ block: 'center' }})", json!(selector)));
        let element = self.command("element", &json!({"using": "css selector", "value": selector}));
        let id = element.as_object().and_then(|found| found.values().next()).and_then(Value::as_str);
        let id = id.unwrap_or_else(|| panic!("{selector}: {element}"));
        self.command(&format!("element/{id}/click"), &json!({}));
    }

    /// A command of the browser's own protocol.
    fn devtools(&self, command: &str, parameters: &Value) {
        self.command("goog/cdp/execute", &json!({"cmd": command, "params": parameters}));
    }

    /// How far the page, or an element of it, could be scrolled sideways.
    fn sideways(&self, element: &str) -> Value {
        self.script(&format!("const page = {element}; return page.scrollWidth - page.clientWidth"))
    }

    /// What the page complained about.
    fn complaints(&self) -> Value {
        self.command("se/log", &json!({"type": "browser"}))
    }

    fn command(&self, command: &str, body: &Value) -> Value {
        let value = self.request("POST", &format!("/session/{}/{command}", self.session), body).unwrap();
        assert!(value.get("error").is_none(), "{command}: {value}");
        value
    }

    fn request(&self, method: &str, path: &str, body: &Value) -> std::io::Result<Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        let body = body.to_string();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )?;
        // chromedriver keeps the connection open: read as much as the header announces.
        let mut answer = Vec::new();
        let mut chunk = vec![0; 65_536];
        loop {
            let text = String::from_utf8_lossy(&answer).into_owned();
            if let Some((header, rest)) = text.split_once("\r\n\r\n") {
                let length = header
                    .lines()
                    .find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse::<usize>().ok());
                if rest.len() >= length.unwrap_or(usize::MAX) {
                    return Ok(serde_json::from_str::<Value>(rest)?["value"].take());
                }
            }
            match stream.read(&mut chunk)? {
                0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
                read => answer.extend_from_slice(&chunk[..read]),
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            drop(self.request("DELETE", &format!("/session/{}", self.session), &json!({})));
        }
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}

/// Customers, their orders and what the desk costs, in a report with decimal commas.
const ORDERS_AND_A_POOL: &str = r#"
[source.order_lines]
files = "order_lines.csv"
[source.customers]
files = "customers.csv"
[source.cost_pools]
files = "cost_pools.csv"
[pool.desk]
[activity.orders]
pool = "desk"
method = "driver"
quantity = "1"
[report]
decimal_separator = ","
thousands_separator = "."
"#;

/// Two customers, one of them with a name that would like to be a script.
fn small() -> Project {
    let project = Project::new(ORDERS_AND_A_POOL)
        .file("order_lines.csv", "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,list_amount,cogs_amount\n1,1,2025-03-05,A,p,1,2000,2500,1000\n2,1,2025-03-06,B,p,1,50,50,45\n")
        .file("customers.csv", "customer_id,name\nA,Ämne & Co\nB,<script>document.title='taken'</script>\n")
        .file("cost_pools.csv", "pool,period,amount\ndesk,2025-03,200\n");
    project.run().ok();
    project
}

#[test]
fn a_click_on_a_customer_shows_the_waterfall_to_net_profit() {
    let Some(browser) = Browser::start(1280) else { return };
    let project = small();
    browser.open(&project.folder().join("out/current/report.html"), "");
    assert_eq!(browser.script("return document.getElementById('customer-panel').open"), json!(false));
    browser.click("#customers tr[data-customer='A'] button");
    let step = |name: &str| {
        browser.text(&format!("return document.querySelector('#customer-panel [data-step={name}]').textContent"))
    };
    assert_eq!(
        ["list_revenue", "invoice_discount", "gross_margin", "cost_to_serve", "net_profit"].map(step),
        ["2.500,00", "500,00", "1.000,00", "100,00", "900,00"]
    );
    assert_eq!(step("rebates_given"), "not supplied");
    browser.click(".close");
    browser.click("#best tr[data-customer='B'] button");
    assert_eq!(step("net_profit"), "−95,00");
    assert_eq!(
        browser.text("return document.getElementById('panel-name').textContent"),
        "<script>document.title='taken'</script>"
    );
    assert_eq!(browser.text("return document.title"), "Test · net profit per customer");
    assert_eq!(browser.complaints(), json!([]), "the page complains");
}

#[test]
fn the_address_opens_a_customer_and_the_search_finds_one() {
    let Some(browser) = Browser::start(1280) else { return };
    let project = small();
    let page = project.folder().join("out/current/report.html");
    browser.open(&page, "#customer=B");
    assert_eq!(browser.text("return document.getElementById('customer-panel').dataset.customer"), "B");
    browser.script("document.getElementById('customer-panel').close(); const s = document.getElementById('search'); s.value = 'ämne'; s.dispatchEvent(new Event('input'))");
    let shown = "return [...document.querySelectorAll('#customers tr[data-customer]')].filter(r => !r.hidden).map(r => r.dataset.customer).join()";
    assert_eq!(browser.text(shown), "A");
}

#[test]
fn another_window_opens_in_its_place_with_its_own_figures_and_the_way_back_works() {
    let Some(browser) = Browser::start(1280) else { return };
    let project = Project::new(ORDERS_AND_A_POOL)
        .file("order_lines.csv", "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount\n1,1,2024-03-05,A,p,1,300,100\n2,1,2025-03-05,A,p,1,2000,1000\n3,1,2025-03-06,B,p,1,50,45\n")
        .file("customers.csv", "customer_id,name\nA,Adam\nB,Bakker\n")
        .file("cost_pools.csv", "pool,period,amount\ndesk,2024-03,20\ndesk,2025-03,200\n");
    project.run().ok();
    let current = project.folder().join("out/current");
    let (run, report) = (std::fs::read_link(&current).unwrap(), current.join("report.html"));
    let run = run.file_name().unwrap().to_str().unwrap();
    let revenue = "return document.querySelector('.figures dd').textContent";
    let choose = |window: &str| {
        browser.script(&format!(
            "const w = document.getElementById('window'); w.value = '{window}'; w.dispatchEvent(new Event('change'))"
        ));
    };
    browser.open(&report, "#customer=A");
    browser.until(revenue, "2.050");
    assert_eq!(
        browser.text("return document.querySelector('#panel-waterfall [data-step=net_profit]').textContent"),
        "900,00"
    );
    choose("previous");
    browser.until(revenue, "300");
    assert_eq!(
        browser.text("return document.getElementById('window').selectedOptions[0].textContent"),
        "Before that: 2023-04 – 2024-03"
    );
    // The customer that was open is open, and its page is that of the window.
    assert_eq!(
        browser.text("return document.querySelector('#panel-waterfall [data-step=net_profit]').textContent"),
        "180,00"
    );
    assert!(browser.text("return document.querySelector('p.window').textContent").ends_with(&format!("run {run}")));
    // What is to do now isn't said of the past.
    assert_eq!(browser.script("return document.querySelectorAll('.todo, #goals, #slipping').length"), json!(0));
    choose("2025");
    browser.until(revenue, "2.050");
    assert_eq!(browser.text("return location.search"), "?window=2025");
    choose("main");
    browser.until("return location.search + document.getElementById('window').value", "main");
    browser.command("back", &json!({}));
    browser.until("return location.search", "?window=2025");
    // A window that isn't there is the main one, and nothing is hidden.
    browser.open(&report, "?window=1999");
    browser.until(revenue, "2.050");
    assert_eq!(browser.script("return document.body.hidden"), json!(false));
    assert_eq!(browser.complaints(), json!([]), "the page complains");
}

#[test]
fn the_report_fits_a_phone() {
    let Some(browser) = Browser::start(390) else { return };
    let project = small();
    browser.open(&project.folder().join("out/current/report.html"), "");
    let page = "const page = document.documentElement;";
    assert_eq!(browser.script(&format!("{page} return page.scrollWidth - page.clientWidth")), json!(0));
    assert_eq!(browser.script("return window.innerWidth"), json!(390));
    let top = browser.script("return document.getElementById('headline').getBoundingClientRect().top");
    assert!(top.as_f64().is_some_and(|top| top < 300.0), "the figures begin at {top} of 900");
    let chosen = "return document.getElementById('window').checkVisibility()";
    assert_eq!(browser.script(chosen), json!(false), "the filter is behind a button");
    browser.click(".unfold");
    assert_eq!(browser.script(chosen), json!(true));
    assert_eq!(browser.sideways("document.documentElement"), json!(0), "and fits the phone as well");
    browser.script("document.querySelectorAll('.contents details').forEach(menu => { menu.open = true; })");
    assert_eq!(browser.script(&format!("{page} return page.scrollWidth - page.clientWidth")), json!(0));
    let charts = "return document.querySelectorAll('main figure text').length";
    assert!(browser.script(charts).as_i64().is_some_and(|letters| letters > 20));
    let small = "return [...document.querySelectorAll('main figure text')].filter(text => parseFloat(getComputedStyle(text).fontSize) * text.getCTM().a < 8).map(text => text.textContent)";
    assert_eq!(browser.script(small), json!([]), "letters of charts that are too small to read");
}

#[test]
fn a_table_whose_columns_are_all_in_sight_says_nothing_of_more() {
    let Some(browser) = Browser::start(1280) else { return };
    let project = small();
    browser.open(&project.folder().join("out/current/report.html"), "");
    browser.script("document.querySelectorAll('details').forEach(d => d.open = true)");
    browser.until("return String(document.querySelectorAll('main .scroll .more').length > 10)", "true");
    let untrue = "return [...document.querySelectorAll('main .scroll')].filter(part => part.scrollWidth <= part.clientWidth && part.querySelector('.more').textContent).map(part => part.closest('section').id)";
    assert_eq!(browser.script(untrue), json!([]));
}

/// The first screen is for the figures, the names of the subjects are in sight from everywhere, and one menu at a time is open.
#[test]
fn the_contents_are_menus_that_stay_in_sight() {
    let Some(browser) = Browser::start(1280) else { return };
    let project = small();
    browser.open(&project.folder().join("out/current/report.html"), "");
    let top = browser.script("return document.getElementById('headline').getBoundingClientRect().top");
    assert!(top.as_f64().is_some_and(|top| top < 270.0), "the figures begin at {top} of 900");
    let open = "return [...document.querySelectorAll('.contents details')].map((menu, place) => menu.open ? place : '').join('')";
    browser.click(".contents summary");
    assert_eq!(browser.text(open), "0");
    browser.click(".contents details:last-child summary");
    assert_eq!(browser.text(open).len(), 1, "the first is closed again");
    browser.script("scrollTo(0, 1e6)");
    browser.click(".contents details:last-child a");
    assert_eq!(browser.text(open), "");
    let places = "const [bar, section] = [document.querySelector('.contents'), document.querySelector(location.hash)].map(e => e.getBoundingClientRect()); return [bar.top, section.top >= bar.bottom]";
    assert_eq!(browser.script(places), json!([0, true]), "the bar hides nothing of the section");
    browser.click(".contents summary");
    browser.script("document.querySelector('.contents a').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))");
    assert_eq!(browser.text(open), "", "Escape");
    browser.click(".contents summary");
    browser.click("h1");
    assert_eq!(browser.text(open), "", "a click elsewhere");
}

/// A support pool, a pool by warehouse of which one has too little time, and a customer near zero.
fn complete() -> Project {
    let config = r#"
[source.order_lines]
files = "order_lines.csv"
[source.cost_pools]
files = "cost_pools.csv"
[pool.house_and_yard]
label = "House <&> yard"
passes_to = { store_rooms = 0.5, inside_desk = 0.3 }
[pool.store_rooms]
label = "Store rooms"
by = "warehouse"
[pool.inside_desk]
label = "Inside desk"
[activity.order_picking]
label = "Picking"
pool = "store_rooms"
method = "time"
minutes = "60*lines"
[activity.order_entry]
label = "Entry"
pool = "inside_desk"
method = "time"
source = "orders"
minutes = "50"
[report]
decimal_separator = ","
thousands_separator = "."
date_format = "%d-%m-%Y"
"#;
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,cogs_amount,warehouse
1,1,2025-02-05,A,p,1,90000,40000,North
2,1,2025-02-06,B,p,1,500,470,South
3,1,2025-03-06,C,p,1,1850,250,North
3,2,2025-03-06,C,p,1,100,50,North
4,1,2025-03-07,A,p,1,800,300,South
";
    let pools = "pool,period,gl_account,warehouse,amount,practical_minutes
house_and_yard,2025-02,4200,,1000,
house_and_yard,2025-03,4200,,1333.40,
store_rooms,2025-02,4300,North,900,90
store_rooms,2025-02,4300,South,700,100
store_rooms,2025-03,4300,North,950,100
store_rooms,2025-03,4310,South,700,200
inside_desk,2025-02,4300,,611.11,150
inside_desk,2025-03,4300,,600,150
";
    let project = Project::new(config).file("order_lines.csv", lines).file("cost_pools.csv", pools);
    project.run().ok();
    project
}

/// Ten-thousandths as the report of `complete` writes cents: `1.234,50`.
fn cents(units: i128) -> String {
    let cents = (units + 50).div_euclid(100);
    let whole = (cents / 100).to_string();
    let (thousands, rest) = whole.split_at(whole.len().saturating_sub(3));
    let point = if thousands.is_empty() { "" } else { "." };
    format!("{thousands}{point}{rest},{:02}", cents % 100)
}

/// Cells of the first row that starts with a name, without their small print.
fn cells(browser: &Browser, table: &str, name: &str) -> Vec<String> {
    let script = format!(
        "const row = [...document.querySelectorAll('{table} tr')].find(r => r.cells[0].textContent === '{name}'); \
         return [...row.cells].slice(1).map(c => c.firstChild ? c.firstChild.textContent : '')"
    );
    let cells = browser.script(&script);
    cells.as_array().unwrap().iter().map(|cell| cell.as_str().unwrap().to_owned()).collect()
}

#[test]
fn cost_capacity_and_certainty_show_the_numbers_of_the_marts_on_a_phone() {
    let Some(browser) = Browser::start(390) else { return };
    let project = complete();
    browser.open(&project.folder().join("out/current/report.html"), "");
    browser.script("document.querySelectorAll('details').forEach(d => d.open = true)");
    let page = "const page = document.documentElement;";
    assert_eq!(browser.script(&format!("{page} return page.scrollWidth - page.clientWidth")), json!(0));

    let balance = |pool: &str| project.mart("pool_balance").only("pool", pool);
    let sum = |mart: &Mart, name: &str| cents(mart.sum(name));
    for (pool, label) in
        [("house_and_yard", "House <&> yard"), ("store_rooms", "Store rooms"), ("inside_desk", "Inside desk")]
    {
        let mart = balance(pool);
        let columns = ["own", "received", "passed_on", "assigned", "idle", "unassigned"];
        let mut expected = columns.map(|name| sum(&mart, &format!("{name}_amount"))).to_vec();
        expected.push("0,00".into());
        assert_eq!(cells(&browser, "#pools .pools", label), expected, "{pool}");
    }
    let ledger = project.mart("fct_customer_activity_month");
    let part = |name: &str| browser.text(&format!("return document.querySelector('[data-part={name}]').textContent"));
    let all = project.mart("pool_balance");
    assert_eq!(
        ["booked", "cost_to_serve", "idle", "unassigned", "difference"].map(part),
        [
            "6.794,51".to_owned(),
            sum(&ledger, "amount"),
            sum(&all, "idle_amount"),
            sum(&all, "unassigned_amount"),
            "0,00".into()
        ]
    );
    let picking = sum(&project.mart("fct_customer_activity_month").only("activity", "order_picking"), "amount");
    assert_eq!(
        cells(&browser, "#pools .activities", "Picking"),
        [&picking, &picking, "0,00", "0,00", "3", "Store rooms"]
    );

    // North has 100 minutes in March and works 120; 60 + 60 of 190, then 120 + 60 of 300: 300 of 490 in all.
    let figure = "[...document.querySelectorAll('#capacity figure')].find(f => f.textContent.includes('Store rooms'))";
    let said = browser.text(&format!("return {figure}.querySelector('.note').textContent"));
    let idle = cents((balance("store_rooms").sum("idle_amount") + 5_000) / 10_000 * 10_000).replace(",00", "");
    assert_eq!(said, format!("61,2\u{a0}% of 8,2 hours used · idle EUR\u{a0}{idle}"));
    assert_eq!(
        browser.text(&format!("return {figure}.querySelector('figcaption').textContent")),
        "▲ Over capacity 03-2025 North by 0,3 h"
    );
    assert_eq!(browser.script(&format!("return {figure}.querySelectorAll('.over').length")), json!(1));

    let doubtful = project.mart("sensitivity").only("window_id", "main").only("sign_certain", "false");
    let marked = "return [...document.querySelectorAll('#customers tr[data-customer]')] \
                  .filter(r => r.textContent.includes('may earn or lose')).map(r => r.dataset.customer)";
    assert_eq!(browser.script(marked), json!(doubtful.column("customer_id")));
    assert_eq!(doubtful.column("customer_id"), ["C"]);
    let certain = project.mart("sensitivity").only("window_id", "main").only("sign_certain", "true");
    let losing = certain.column("net_profit").into_iter().filter(|profit| units(profit) < 0).count();
    let lead = browser.text("return document.querySelector('.company .answers').textContent");
    assert!(lead.contains(&format!("{losing} of them for certain")) && losing == 1, "{lead}");
    browser.click("#customers tr[data-customer='C'] button");
    let low = cents(-units(doubtful.one("net_profit_low")));
    let band = browser.text("return document.getElementById('panel-band').textContent");
    assert!(
        band.starts_with(&format!("Net profit between −{low} and ")) && band.ends_with("may earn or lose."),
        "{band}"
    );

    let words = browser.text("return document.body.innerText");
    for key in ["house_and_yard", "store_rooms", "inside_desk", "order_picking", "order_entry"] {
        assert!(!words.contains(key) && !words.contains(&key.replace('_', " ")), "{key} has a label");
    }
    assert_eq!(browser.complaints(), json!([]), "the page complains");
}

/// A rep with a name that would like to be a script, who visits; customers who earn and lose, one with a very long name.
fn staffed() -> Project {
    let people = "[source.employees]\nfiles = \"employees.csv\"\n[source.activities]\nfiles = \"activities.csv\"\n\
                  [source.products]\nfiles = \"products.csv\"\n[segment.sales_force]\npay_pools = [\"desk\"]\n";
    let long = "Wholesale of everything that anybody may ever want to buy ".repeat(6);
    let customers = format!(
        "customer_id,name,market,account_manager\nA,Ämne & Co,Farms,E1\nB,<script>document.title='taken'</script>,Farms,E1\nC,{long},Farms,E1\n"
    );
    let lines = "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,list_amount,cogs_amount,channel
1,1,2025-03-05,A,p,1,2000,2500,1000,web
2,1,2025-03-10,B,q,1,50,50,45,phone
3,1,2025-03-12,C,p,1,400,500,395,phone
4,1,2025-03-19,C,p,1,300,500,290,phone
";
    let employees = "employee_id,name,role,wage,car,representation,bonus,minutes_per_month
E1,<img src=x onerror=document.title='taken'>,field,300,50,20,10,9600
";
    let project = Project::new(&format!("{ORDERS_AND_A_POOL}pay = true\n{people}"))
        .file("order_lines.csv", lines)
        .file("customers.csv", customers)
        .file("products.csv", "product_id,name,product_group\np,Pipe,Pipes & fittings\nq,Pump,Pumps\n")
        .file("employees.csv", employees)
        .file(
            "activities.csv",
            "activity_id,occurred_at,kind,employee_id,customer_id,minutes\nV1,2025-03-07,visit,E1,B,60\nV2,2025-03-03,visit,E1,A,30\n",
        )
        .file("cost_pools.csv", "pool,period,amount\ndesk,2025-03,400\n");
    project.run().ok();
    project
}

#[test]
fn a_click_on_a_rep_shows_cost_visits_and_customers_and_leads_on_to_a_customer() {
    let Some(browser) = Browser::start(1280) else { return };
    let project = staffed();
    let page = project.folder().join("out/current/report.html");
    browser.open(&page, "");
    browser.click("#sales tr[data-employee='E1'] button");
    let panel = "const panel = document.getElementById('employee-panel');";
    let fact = |label: &str| {
        browser.text(&format!(
            "{panel} return [...panel.querySelectorAll('dt')].find(dt => dt.textContent === '{label}').nextSibling.textContent"
        ))
    };
    let mart = project.mart("sales_force").only("window_id", "main").only("level", "employee");
    assert_eq!(fact("Full cost"), "380");
    let added = (units(mart.one("added_value")) + 5_000).div_euclid(10_000);
    assert_eq!(fact("Adds").replace(['.', '−'], ""), added.abs().to_string());
    assert_eq!(fact("Visits"), "2");
    let hostile = "<img src=x onerror=document.title='taken'>";
    assert_eq!(browser.text("return document.getElementById('employee-name').textContent"), hostile);
    // 3 March is a Monday, 7 March a Friday; orders followed both.
    let timing = format!(
        "{panel} return [...panel.querySelectorAll('[data-table=timing] td')].map(td => td.textContent).join()"
    );
    assert_eq!(browser.text(&timing), "1100,0\u{a0}%,–,–,–,1100,0\u{a0}%");
    browser.click("#employee-panel [data-table=bottom] button");
    assert_eq!(browser.script(&format!("{panel} return panel.open")), json!(false));
    let customer = browser.text("return document.getElementById('customer-panel').dataset.customer");
    assert_eq!(browser.text("return location.hash"), format!("#customer={customer}"));
    browser.open(&page, "#employee=E1");
    browser.script("window.dispatchEvent(new Event('hashchange'))");
    assert_eq!(browser.script(&format!("{panel} return panel.open")), json!(true));
    assert_eq!(browser.text("return document.title"), "Test · net profit per customer");
    assert_eq!(browser.complaints(), json!([]), "the page complains");
}

#[test]
fn an_open_customer_prints_its_account_plan_on_one_page() {
    let Some(browser) = Browser::start(1280) else { return };
    let project = staffed();
    let report = project.folder().join("out/current/report.html");
    let whole = pages(&report, "");
    assert!(whole > 1, "the report takes more than a page: {whole}");
    for customer in ["A", "B", "C"] {
        assert_eq!(pages(&report, &format!("#customer={customer}")), 1, "{customer}");
    }
    browser.open(&report, "#customer=C");
    browser.devtools("Emulation.setEmulatedMedia", &json!({"media": "print"}));
    // Chromium repeats the head of a table on the next page only where no box of a button stands in it.
    let heads =
        "return [...new Set([...document.querySelectorAll('.sort')].map(button => getComputedStyle(button).display))]";
    assert_eq!(browser.script(heads), json!(["contents"]));
    let shown = "return [...document.body.children].filter(e => getComputedStyle(e).display !== 'none' && e.tagName !== 'SCRIPT').map(e => e.id)";
    assert_eq!(browser.script(shown), json!(["plan"]), "only the plan is printed");
    let plan = browser.text("return document.getElementById('plan').innerText");
    for part in [
        "ACCOUNT PLAN",
        "WHOLESALE OF",
        "NET PROFIT",
        "AGAINST ITS PEERS",
        "WHAT CAN BE DONE",
        "FOR OURSELVES",
        "NEXT DATE",
    ] {
        assert!(plan.to_uppercase().contains(part), "{part} in {plan}");
    }
    let cut = "const plan = document.getElementById('plan'); return plan.scrollHeight - plan.clientHeight";
    assert_eq!(browser.script(cut), json!(0), "nothing is cut off");
    // The sheet for the customer has no word of what it earns us; behind it stands the plan for ourselves again.
    browser.script("window.print = () => { window.printed = document.getElementById('plan').innerText; }");
    browser.script("document.querySelector('#customer-panel [data-for=customer]').click()");
    let sheet = browser.text("return window.printed").to_uppercase();
    for part in ["WHAT WE AGREE", "WHOLESALE OF", "REVENUE BY MONTH", "YOUR ORDERS BY SIZE", "AGREED WITH"] {
        assert!(sheet.contains(part), "{part} in {sheet}");
    }
    for part in ["PROFIT", "MARGIN", "COST", "LEAVE", "EXPECTED", "PEERS", "LOSE", "OURSELVES"] {
        assert!(!sheet.contains(part), "{part} in {sheet}");
    }
    assert!(browser.text("return document.getElementById('plan').innerText").to_uppercase().contains("FOR OURSELVES"));
}

/// Page one says what to do, page two what was found, part by part; then come the parts, what is folded left out and long tables cut.
#[test]
fn paper_begins_with_a_summary_of_two_pages_and_shows_the_first_rows_of_long_tables() {
    let Some(browser) = Browser::start(1280) else { return };
    let project = two_years();
    browser.open(&project.folder().join("out/current/report.html"), "");
    browser.choose("rep", "Bob");
    let cut = "dispatchEvent(new Event('beforeprint')); const table = document.querySelector('#customers table'); \
               return [table.querySelectorAll('.off-paper').length, table.parentElement.querySelector('.cut').textContent]";
    assert_eq!(browser.script(cut), json!([0, ""]), "twelve customers");
    let found = "return document.querySelector('[data-finding=whale]').textContent === document.querySelector('#whale h2').textContent";
    assert_eq!(browser.script(found), json!(true), "the contents follow the filter");
    browser.choose("rep", "");
    assert_eq!(browser.script(cut), json!([4, "The first 20 of 24"]));
    browser.devtools("Emulation.setEmulatedMedia", &json!({"media": "print"}));
    // A4 within its margins: 186 by 273 millimetres.
    let paper = json!({"width": 703, "height": 1031, "deviceScaleFactor": 1, "mobile": false});
    browser.devtools("Emulation.setDeviceMetricsOverride", &paper);
    let pages = browser.script(
        "const [first, contents] = ['#headline', '.paper'].map(part => document.querySelector(part).getBoundingClientRect()); \
         return [first.bottom + scrollY < 1031, contents.height < 1031, getComputedStyle(document.querySelector('.paper')).breakAfter]",
    );
    assert_eq!(pages, json!([true, true, "page"]));
    let folded =
        "return [...document.querySelectorAll('main details')].filter(folded => folded.checkVisibility()).length";
    assert_eq!(browser.script(folded), json!(0));
    let parts = browser.script("return document.querySelectorAll('.paper h3 ~ p').length - document.querySelectorAll('main > section[aria-labelledby]:not(#customers)').length");
    assert_eq!(parts, json!(0), "the contents have each part");
}

/// How many pages Chromium makes of a report.
fn pages(report: &Path, fragment: &str) -> usize {
    let pdf = report.with_extension("pdf");
    let url = format!("file://{}{fragment}", report.canonicalize().unwrap().display());
    let printed = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"])
        .arg(format!("--print-to-pdf={}", pdf.display()))
        .arg(url)
        .stderr(Stdio::null())
        .status();
    assert!(printed.unwrap().success());
    let bytes = std::fs::read(&pdf).unwrap();
    String::from_utf8_lossy(&bytes).replace("/Type /Pages", "").matches("/Type /Page").count()
}

#[test]
fn every_page_fits_a_phone_and_nothing_is_loaded_from_outside() {
    let Some(browser) = Browser::start(390) else { return };
    let project = staffed();
    let report = project.folder().join("out/current/report.html");
    browser.open(&report, "");
    browser.script("document.querySelectorAll('details').forEach(d => d.open = true)");
    assert_eq!(browser.sideways("document.documentElement"), json!(0));
    let out_of_sight = "return [...document.querySelectorAll('main .stacked :is(th, td)')].filter(cell => cell.checkVisibility() && (cell.getBoundingClientRect().right > innerWidth || cell.getBoundingClientRect().left < 0)).length";
    assert_eq!(browser.script(out_of_sight), json!(0), "tables of few rows are read line by line");
    let stacked = "return document.querySelectorAll('#pyramid .stacked td[data-head]').length";
    assert!(browser.script(stacked).as_i64().is_some_and(|cells| cells > 8));
    let silent = "return [...document.querySelectorAll('main .scroll')].filter(part => part.scrollWidth > part.clientWidth + 40 && !part.querySelector('.more').textContent).map(part => part.closest('section').id)";
    browser.until(&format!("{silent}.join()"), "");
    let wide =
        "return [...document.querySelectorAll('main .more')].filter(said => said.textContent.endsWith('→')).length";
    assert!(browser.script(wide).as_i64().is_some_and(|tables| tables > 0), "tables with columns at the right say so");
    for (kind, id) in [("customer", "A"), ("customer", "C"), ("employee", "E1")] {
        browser.script(&format!("location.hash = '#{kind}={id}'; window.dispatchEvent(new Event('hashchange'))"));
        let panel = format!("document.getElementById('{kind}-panel')");
        assert_eq!(browser.script(&format!("return {panel}.open")), json!(true), "{kind} {id}");
        assert_eq!(browser.sideways(&panel), json!(0), "{kind} {id}");
        let silent = format!(
            "return [...{panel}.querySelectorAll('[data-table] .scroll')].filter(part => part.scrollWidth > part.clientWidth + 8 && !part.querySelector('.more').textContent).length.toString()"
        );
        browser.until(&silent, "0");
        let stacked = format!("return {panel}.querySelectorAll('.stacked td[data-head]').length");
        assert!(browser.script(&stacked).as_i64().is_some_and(|cells| cells > 4), "{kind} {id} is read line by line");
    }
    let loaded =
        "return performance.getEntriesByType('resource').map(e => e.name).filter(name => !name.startsWith('data:'))";
    assert_eq!(browser.script(loaded), json!([]));
    let dead = "return [...document.querySelectorAll('nav a, .answers a')].map(a => a.hash.slice(1)).filter(id => !document.getElementById(id))";
    assert_eq!(browser.script(dead), json!([]), "links that lead nowhere");
    let twice = "const ids = [...document.querySelectorAll('[id]')].map(e => e.id); return ids.filter((id, index) => ids.indexOf(id) !== index)";
    assert_eq!(browser.script(twice), json!([]), "ids that are given twice");
    assert_eq!(browser.complaints(), json!([]), "the page complains");
}

#[test]
fn tables_sort_lists_are_filtered_and_back_closes_a_page() {
    let Some(browser) = Browser::start(1280) else { return };
    let project = staffed();
    browser.open(&project.folder().join("out/current/report.html"), "");
    let names = "return [...document.querySelectorAll('#customers tbody tr')].filter(r => !r.matches('.out')).map(r => r.dataset.customer).join()";
    let heading = |name: &str| {
        format!(
            "const b = [...document.querySelectorAll('#customers .sort')].find(b => b.textContent === '{name}'); b.click(); b.click();"
        )
    };
    browser.script(&heading("Revenue"));
    assert_eq!(browser.text(names), "B,C,A", "50, 700, 2.000");
    let choose_of = |filter: &str, place: usize| {
        browser.script(&format!("const s = document.getElementById('filter-{filter}'); s.selectedIndex = {place}; s.dispatchEvent(new Event('change'))"));
    };
    choose_of("group", 1);
    assert_eq!(browser.text(names), "C,A", "who bought pipes and fittings");
    choose_of("group", 2);
    assert_eq!(browser.text(names), "B", "who bought pumps");
    assert_eq!(browser.text("return location.hash"), "#filter?group=Pumps");
    choose_of("group", 0);
    let choose = |place: usize| choose_of("tier", place);
    choose(1);
    let shown = browser.text(names);
    let tier = browser.text("return document.getElementById('filter-tier').value");
    assert_eq!(browser.text("return location.hash"), format!("#filter?tier={tier}"));
    assert!(!shown.is_empty() && shown.len() < "B,C,A".len(), "{shown}");
    choose(0);
    assert_eq!(browser.text(names), "B,C,A");
    browser.click("#customers tr[data-customer='A'] button");
    let open = "return document.getElementById('customer-panel').open";
    assert_eq!(browser.script(open), json!(true));
    let back = "history.back(); return new Promise(done => addEventListener('popstate', () => setTimeout(done)))";
    browser.script(back);
    assert_eq!(browser.script(open), json!(false));
    let tip = "document.querySelector('#whale .point').focus(); return document.querySelector('.tip').textContent";
    assert!(browser.text(tip).starts_with("First "), "{}", browser.text(tip));
    // A chart of many points is one stop of the keyboard; arrows lead on, Enter opens the page.
    let press = |key: &str| {
        browser.script(&format!(
            "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {{ key: '{key}', bubbles: true }}))"
        ));
        browser.text("return document.querySelector('.tip').textContent")
    };
    browser.script("document.querySelector('#quadrants .dot').focus()");
    let tips = ["ArrowRight", "ArrowRight", "ArrowLeft"].map(press);
    assert!(tips[0] != tips[1] && tips[0] == tips[2] && tips[0].contains(": margin "), "{tips:?}");
    assert_eq!(browser.script("return document.querySelectorAll('#quadrants [tabindex=\"0\"].dot').length"), json!(1));
    press("Enter");
    assert_eq!(browser.script(open), json!(true));
    browser.click("#customer-panel .close");
    assert_eq!(browser.complaints(), json!([]), "the page complains");
}

/// What the customers of a choice bring is added up from all of them, with a page or not, and ties to the marts.
#[test]
fn a_filter_adds_up_what_its_customers_bring_and_says_what_does_not_follow_it() {
    let Some(browser) = Browser::start(1280) else { return };
    let project = staffed();
    let config = std::fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    let project = project.file("netto.toml", config.replace("pay = true", "pay = true\ncustomers = 1"));
    project.run().ok();
    let page = project.folder().join("out/current/report.html");
    browser.open(&page, "");
    let figures =
        "return [...document.querySelectorAll('#choice-figures dd')].map(dd => dd.firstChild.textContent).join(' ')";
    let says = |section: &str| {
        browser.text(&format!("return getComputedStyle(document.getElementById('{section}'), '::before').content"))
    };
    assert_eq!((browser.text(figures), says("whale")), (String::new(), "none".to_owned()), "nothing is chosen");
    browser.choose("group", "Pipes & fittings");
    let of = |id: &str, name: &str| {
        units(project.mart("customer_window").only("window_id", "main").only("customer_id", id).one(name))
    };
    let amounts = AMOUNTS.map(|name| to_unit(of("A", name) + of("C", name)));
    let losing = ["A", "C"].iter().filter(|id| of(id, "net_profit") < 0).count();
    assert_eq!(browser.text(figures), format!("2 3 {} {losing}", amounts.join(" ")), "A and C");
    assert_eq!(
        browser.text("return document.getElementById('choice-finding').textContent"),
        "Product group: Pipes & fittings"
    );
    let answer = browser.text("return document.querySelector('#choice-answers dd').textContent");
    assert!(answer.starts_with("100\u{a0}% of the customers, 2, bring 100,0\u{a0}% of revenue"), "{answer}");
    let found = "return [...document.querySelectorAll('#customers tbody tr:not(.out)')].map(r => r.querySelector('small').textContent).join()";
    assert_eq!(browser.text(found), "A · Farms,C · Farms", "C has no page");
    assert_eq!(says("whale"), "\"Of your choice\"");
    assert_eq!(says("pools"), "\"Of all customers\"");
    // Who is in which kind, as the marts have it.
    for (section, table, column) in [("strata", "customer_stratum", "stratum"), ("quadrants", "quadrant", "quadrant")] {
        let mart = project.mart(table).only("window_id", "main").where_in("customer_id", &["A", "C"]);
        let counted = browser.script(&format!(
            "return [...document.querySelector('#{section} .scroll.of-choice tbody').rows].reduce((sum, row) => sum + Number(row.cells[1].textContent), 0)"
        ));
        assert_eq!(counted, json!(mart.column(column).len()), "{section}");
        assert!(counted.as_i64().is_some_and(|customers| customers > 0), "there is something to count");
    }
    assert_eq!(browser.complaints(), json!([]), "the page complains");
    browser.open(&page, "#filter?group=Pumps");
    browser.script("location.reload()");
    browser.until(&figures.replace(".join(", ".slice(0, 3).join("), "1 1 50");
}

const AMOUNTS: [&str; 4] = ["invoice_revenue", "gross_margin", "cost_to_serve", "net_profit"];

/// Ten-thousandths to the unit, as the report writes them.
fn to_unit(units: i128) -> String {
    let text = cents((units.abs() + 5_000) / 10_000 * 10_000).replace(",00", "");
    if units < 0 { format!("−{text}") } else { text }
}

/// Two dozen customers of two reps in one market, who bought in both of two years, through three channels; some lose, some came, some left, some waited.
fn two_years() -> Project {
    let sources = ["products", "employees", "stock"].map(|name| format!("[source.{name}]\nfiles = \"{name}.csv\"\n"));
    let config = format!("{ORDERS_AND_A_POOL}{}[segment.stock]\nholding_rate = 0.25\n", sources.concat());
    let mut lines =
        "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount,list_amount,cogs_amount,channel,delivery,promised_date,delivered_date\n".to_owned();
    let mut customers = "customer_id,name,market,region,account_manager,potential\n".to_owned();
    for customer in 0..24 {
        let region = if customer % 3 == 0 { "North" } else { "South" };
        customers += &format!("C{customer:02},Name {customer},Farms,{region},E{},{}\n", customer % 2, 9_000 + customer);
        for month in 0..24 {
            let came_or_left = (customer % 7 == 0 && month < 12) || (customer % 11 == 5 && month >= 12);
            if came_or_left || (customer + month) % (1 + customer % 4) != 0 {
                continue;
            }
            let (year, number) = (2023 + (month + 3) / 12, (month + 3) % 12 + 1);
            let amount = 16 + (customer * 37 + month * 11) % 90 * (1 + customer % 5) * (1 + customer % 5);
            let product = ["p", "q", "s"][(customer + month) % 3];
            let (channel, delivery) = (
                ["web", "phone", "counter"][(customer + month / 3) % 3],
                ["stock", "direct"][(customer + month) % 5 / 4],
            );
            lines += &format!(
                "{customer}-{month},1,{year}-{number:02}-05,C{customer:02},{product},{},{amount},{}.5,{}.25,{channel},{delivery},{year}-{number:02}-08,{year}-{number:02}-{:02}\n",
                1 + month % 3,
                amount + month,
                amount * 2 / 3,
                6 + customer % 4
            );
        }
    }
    let mut pools = "pool,period,amount\n".to_owned();
    for month in 0..24 {
        pools += &format!("desk,{}-{:02},{}.37\n", 2023 + (month + 3) / 12, (month + 3) % 12 + 1, 700 + month);
    }
    let project = Project::new(&config)
        .file("order_lines.csv", lines)
        .file("customers.csv", customers)
        .file("employees.csv", "employee_id,name,role\nE0,Ann,field\nE1,Bob,field\n")
        .file(
            "products.csv",
            "product_id,name,product_group,kind\np,Pipe,Pipes,goods\nq,Pump,Pumps,goods\ns,Fitting,Work,service\n",
        )
        .file(
            "stock.csv",
            "product_id,snapshot_date,warehouse,quantity,value\np,2024-12-31,north,1,20000\nq,2024-12-31,north,1,900\n",
        )
        .file("cost_pools.csv", pools);
    project.run().ok();
    project
}

#[test]
fn tables_fit_1280_pixels_in_the_language_with_the_longest_words_and_the_change_chart_fits_a_phone() {
    let (Some(desktop), Some(phone)) = (Browser::start(1280), Browser::start(390)) else { return };
    let project = two_years();
    let config = std::fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    let project = project.file("netto.toml", config.replace("[report]", "[report]\nlanguage = \"de\"")).file(
        "products.csv",
        "product_id,name,product_group,kind,supplier_id\np,Pipe,Pipes,goods,L1\nq,Pump,Pumps,goods,L2\ns,Fitting,Work,service,L1\n",
    );
    project.run().ok();
    let page = project.folder().join("out/current/report.html");
    desktop.open(&page, "");
    desktop.script("document.querySelectorAll('details').forEach(d => d.open = true)");
    let widest = "return Math.max(...[...document.querySelectorAll('main .scroll tr')].map(row => row.cells.length))";
    assert!(desktop.script(widest).as_i64().is_some_and(|columns| columns > 10));
    let wide = "return [...document.querySelectorAll('main .scroll')].filter(part => part.scrollWidth > part.clientWidth).map(part => part.closest('section').id)";
    assert_eq!(desktop.script(wide), json!([]));
    phone.open(&page, "");
    assert_eq!(phone.sideways("document.querySelector('#change figure')"), json!(0));
    let small = "return [...document.querySelectorAll('#change figure text')].filter(text => parseFloat(getComputedStyle(text).fontSize) * text.getCTM().a < 8).length";
    assert_eq!(phone.script(small), json!(0), "letters of the chart are large enough to read");
    let said = "return document.querySelector('#change .point:last-of-type').dataset.tip.split(':')[0]";
    assert_eq!(phone.text(said), "Jetzt");
}

/// The sections of a report as a reader sees them: headings, words, cells, and what charts say and show, each place to a unit of the picture.
const SEEN: &str = "
const near = text => (text || '').replace(/-?\\d+\\.\\d+/g, number => Math.round(Number(number) * 5) / 5);
const shape = part => ['points', 'd', 'x', 'y', 'width', 'height', 'cx', 'cy', 'r', 'class'].map(name => near(part.getAttribute(name))).join(' ');
const words = part => [
    ...(part.matches('p') ? [part.textContent] : []), ...[...part.querySelectorAll('figcaption, caption, summary, text')].map(text => text.textContent),
    ...[...part.querySelectorAll('[data-tip]')].map(tip => tip.dataset.tip + (tip.dataset.open || '')), ...[...part.querySelectorAll('polyline, .steps rect, .dot circle, .layer')].map(shape),
    ...[...part.querySelectorAll('tr')].map(row => [row.dataset.customer, ...[...row.cells].map(cell => cell.textContent + ' ' + cell.className)].join(' | ')),
];
const shown = section => [section.querySelector('h2').textContent, ...[...section.children].slice(3).filter(part => part.checkVisibility() && !part.matches('.tools, .of')).flatMap(words)];
return Object.fromEntries([...document.querySelectorAll('main > section:not(#headline)')].map(section => [section.id, shown(section)]));";

/// The sections that a choice of customers redraws.
const FOLLOWING: [&str; 14] = [
    "pyramid",
    "concentration",
    "whale",
    "best",
    "strata",
    "quadrants",
    "migration",
    "change",
    "order-size",
    "channels",
    "service",
    "services",
    "stock",
    "markets",
];

/// Two ways to the same figures: rendered with the tables, and added up in the page from what is known of each customer.
#[test]
fn a_filter_that_keeps_everyone_changes_no_figure_and_without_one_all_is_as_it_was() {
    let Some(browser) = Browser::start(1280) else { return };
    let project = two_years();
    browser.open(&project.folder().join("out/current/report.html"), "");
    let before = browser.script(SEEN);
    browser.choose("market", "Farms");
    let everyone = browser.script(SEEN);
    for section in FOLLOWING {
        assert_eq!(everyone[section], before[section], "{section}");
        let drawn = format!("return document.querySelectorAll('#{section} > .of-choice:not(.of, .tools)').length");
        assert!(browser.script(&drawn).as_i64().is_some_and(|parts| parts > 0), "{section} was drawn anew");
    }
    browser.choose("rep", "Bob");
    let some = browser.script(SEEN);
    for section in FOLLOWING {
        assert_ne!(some[section], before[section], "{section} follows");
    }
    browser.choose("rep", "");
    browser.choose("market", "");
    assert_eq!(browser.script(SEEN), before);
    assert_eq!(browser.complaints(), json!([]), "the page complains");
}

#[test]
fn the_report_of_a_run_is_the_same_when_it_is_made_again() {
    let project = two_years();
    let again = project.folder().join("again.html");
    project.netto(&["report", "--output", again.to_str().unwrap()]).ok();
    // The pages of other windows were packed before the name of the run was known.
    let main = |path: &Path| {
        let html = std::fs::read_to_string(path).unwrap();
        html.split_once("id=\"window-").map_or(html.clone(), |(main, _)| main.to_owned())
    };
    assert!(main(&again) == main(&project.folder().join("out/current/report.html")));
}

/// What can't be unpacked is said, and all else is there.
#[test]
fn a_browser_that_unpacks_nothing_shows_the_report_and_says_what_it_lacks() {
    let Some(browser) = Browser::start(1280) else { return };
    let project = small();
    let source = json!({"source": "delete window.DecompressionStream"});
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", &source);
    browser.open(&project.folder().join("out/current/report.html"), "");
    let shown =
        |selector: &str| browser.script(&format!("return document.querySelector('{selector}').checkVisibility()"));
    assert_eq!(["#too-old", ".filter", ".search", "#whale"].map(shown), [true, false, false, true].map(Value::from));
    browser.click("#customers tr[data-customer='A'] button");
    assert_eq!(browser.script("return document.getElementById('customer-panel').open"), json!(true));
    assert_eq!(browser.complaints(), json!([]), "the page complains");
}

#[test]
fn figures_of_a_rep_are_the_sums_of_the_marts_over_its_customers() {
    let Some(browser) = Browser::start(1280) else { return };
    let project = two_years();
    browser.open(&project.folder().join("out/current/report.html"), "");
    browser.choose("rep", "Bob");
    let known = project.mart("dim_customer").only("account_manager", "E1");
    let ids = known.column("customer_id");
    assert_eq!(ids.len(), 12);
    let of = |window: &str| project.mart("customer_window").only("window_id", window).where_in("customer_id", &ids);
    let (now, before) = (of("main"), of("previous"));
    let losing = now.column("net_profit").into_iter().filter(|profit| units(profit) < 0).count();
    let active = now.column("orders").into_iter().filter(|orders| *orders != "0").count();
    let orders: i64 = now.column("orders").into_iter().map(|orders| orders.parse::<i64>().unwrap()).sum();
    let figures =
        "return [...document.querySelectorAll('#choice-figures dd')].map(dd => dd.firstChild.textContent).join(' ')";
    let amounts = AMOUNTS.map(|name| to_unit(now.sum(name)));
    assert_eq!(browser.text(figures), format!("{active} {orders} {} {losing}", amounts.join(" ")));
    let text = |selector: &str| browser.text(&format!("return document.querySelector('{selector}').textContent"));
    let profits: Vec<i128> = now.column("net_profit").into_iter().map(units).collect();
    let earned: i128 = profits.iter().copied().filter(|profit| *profit > 0).sum();
    let whale = text("#whale h2").replace('\u{a0}', " ");
    assert!(losing > 0 && whale.contains(&format!("earn EUR {};", to_unit(earned))), "{whale}");
    let change = text("#change h2").replace('\u{a0}', " ");
    let gained = now.sum("net_profit") - before.sum("net_profit");
    assert!(change.contains(&format!(" by EUR {}:", to_unit(gained.abs()))), "{change}");
    // The pyramid is that of Bob, tier by tier.
    for tier in ["Top", "Large", "Medium", "Small"] {
        let of_tier = of("main").only("tier", tier);
        let row = format!(
            "const row = [...document.querySelectorAll('#pyramid .of-choice tbody tr')].find(row => row.cells[0].textContent === '{tier}'); \
             return row ? [row.cells[1], row.cells[2].firstChild].map(cell => cell.textContent).join(' ') : '0'"
        );
        let expected = match of_tier.column("tier").len() {
            0 => "0".to_owned(),
            customers => format!("{customers} {}", to_unit(of_tier.sum("invoice_revenue"))),
        };
        assert_eq!(browser.text(&row), expected, "{tier}");
    }
    // Orders by size and by channel, and stock, row by row.
    let of_bob = |table: &str, id: &str| project.mart(table).only("window_id", "main").where_in(id, &ids);
    let (sizes, channels) =
        (of_bob("customer_order_size", "customer_id"), of_bob("customer_order_channel", "customer_id"));
    let rows = |selector: &str, places: &[usize]| {
        let found = browser.script(&format!(
            "return [...document.querySelector('{selector}').querySelectorAll('tbody tr')].map(row => {places:?}.map(place => row.cells[place].firstChild.textContent).join(' '))"
        ));
        let rows = found.as_array().unwrap().iter().map(|row| row.as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert!(rows.len() > 1, "{selector}: {rows:?}");
        rows
    };
    let expected = |mart: &Mart, by: &str, shown: &dyn Fn(&str) -> Mart, columns: &[&str]| {
        let mut names = mart.column(by);
        names.sort_unstable();
        names.dedup();
        let line = |name: &&str| {
            let of = shown(name);
            let orders: i64 = of.column("orders").into_iter().map(|orders| orders.parse::<i64>().unwrap()).sum();
            let amounts: Vec<String> = columns.iter().map(|column| to_unit(of.sum(column))).collect();
            format!("{} {orders} {}", name.replace(',', "."), amounts.join(" "))
        };
        let mut lines: Vec<String> = names.iter().map(line).collect();
        lines.sort_unstable();
        lines
    };
    let mut found = rows("#order-size > .scroll.of-choice", &[0, 1, 4, 6, 7, 9]);
    found.sort_unstable();
    let columns = ["invoice_revenue", "cost_to_serve", "net_profit", "loss_amount"];
    let of_size = |name: &str| of_bob("customer_order_size", "customer_id").only("label", name);
    assert_eq!(found, expected(&sizes, "label", &of_size, &columns));
    let of_channel = |name: &str| of_bob("customer_order_channel", "customer_id").only("channel", name);
    let columns = ["invoice_revenue", "cost_to_serve", "net_profit"];
    assert_eq!(
        rows("#channels > .scroll.of-choice", &[0, 2, 5, 6, 7]),
        expected(&channels, "channel", &of_channel, &columns)
    );
    let held = of_bob("stock_customer_group", "key").only("level", "customer");
    let heat = "return [...document.querySelectorAll('#stock > .scroll.of-choice .heatmap small')].reduce((sum, cell) => sum + Number(cell.textContent.replace(/[^0-9]/g, '')), 0)";
    let stock = browser.script(heat).as_i64().unwrap();
    assert!(
        (i128::from(stock) - held.sum("average_stock") / 10_000).abs() < 5 && stock > 0,
        "{stock}, each cell rounded"
    );
    // The sections of the sales force are Bob's.
    let sales =
        "return [...document.querySelectorAll('#sales > .of-choice tbody tr')].map(row => row.dataset.employee).join()";
    assert_eq!(browser.text(sales), "E1");
    assert!(text("#sales h2").contains("Bob"), "{}", text("#sales h2"));
}

#[test]
fn a_filter_lists_the_remedies_proposed_to_its_customers() {
    let Some(browser) = Browser::start(1280) else { return };
    let project = Project::copy_of(&repository("tests/fixtures/remedies"));
    project.run().ok();
    browser.open(&project.folder().join("out/current/report.html"), "");
    let proposed = project.mart("remedy").only("window_id", "main").only("proposed", "true").column("remedy").len();
    assert!(proposed > 0);
    let tiers = browser.script("return document.getElementById('filter-tier').options.length - 1").as_i64().unwrap();
    let of_tier = |place: i64| {
        browser.script(&format!(
            "const s = document.getElementById('filter-tier'); s.selectedIndex = {place}; s.dispatchEvent(new Event('change')); \
             const foot = document.querySelector('#remedies .of-choice tfoot'); \
             return foot ? Number(foot.rows[0].cells[1].textContent) : 0"
        ))
    };
    let listed: i64 = (1..=tiers).map(|place| of_tier(place).as_i64().unwrap()).sum();
    assert_eq!(listed, i64::try_from(proposed).unwrap(), "each in the choice of its tier");
}

#[test]
fn the_search_finds_customers_without_a_page_too() {
    let Some(browser) = Browser::start(1280) else { return };
    let project = staffed();
    let config = std::fs::read_to_string(project.folder().join("netto.toml")).unwrap();
    let project = project.file("netto.toml", config.replace("pay = true", "pay = true\ncustomers = 1"));
    project.run().ok();
    browser.open(&project.folder().join("out/current/report.html"), "");
    let search = |words: &str| {
        browser.script(&format!(
            "const s = document.getElementById('search'); s.value = '{words}'; s.dispatchEvent(new Event('input'))"
        ));
        let rows = "return [...document.querySelectorAll('#customers tbody tr')].filter(r => !r.hidden).map(r => r.cells.length + ' ' + r.querySelector('small').textContent).join()";
        (browser.text("return document.getElementById('found').textContent"), browser.text(rows))
    };
    assert_eq!(search("").1, "8 A · Farms");
    assert_eq!(search("WHOLESALE farms"), ("1 found".to_owned(), "8 C · Farms".to_owned()));
    assert_eq!(search("farms").0, "3 found");
    assert_eq!(browser.text("return document.title"), "Test · net profit per customer", "a name is never run");
    assert_eq!(search("").1, "8 A · Farms");
    assert_eq!(browser.complaints(), json!([]), "the page complains");
}

/// Where npm is at hand, axe-core looks for what keeps people from reading the page.
#[test]
fn axe_finds_nothing_serious_in_light_or_dark() {
    let Some(browser) = Browser::start(1280) else { return };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("axe");
    let script = folder.join("node_modules/axe-core/axe.min.js");
    if !script.exists() {
        std::fs::create_dir_all(&folder).unwrap();
        let install = ["install", "--silent", "--no-audit", "--no-fund", "--prefix", ".", "axe-core@4.10.3"];
        drop(
            Command::new("npm").args(install).current_dir(&folder).stdout(Stdio::null()).stderr(Stdio::null()).status(),
        );
    }
    let Ok(axe) = std::fs::read_to_string(&script) else {
        eprintln!("SKIPPED: axe-core could not be installed by npm");
        return;
    };
    let project = staffed();
    browser.open(&project.folder().join("out/current/report.html"), "");
    browser.script(&format!("{axe}; window.axe = axe"));
    for scheme in ["light", "dark"] {
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        browser.devtools("Emulation.setEmulatedMedia", &features);
        let choice = "const s = document.getElementById('filter-group'); s.selectedIndex = 1; s.dispatchEvent(new Event('change'));";
        for opened in ["", choice, "document.querySelector('#customers tr[data-customer] button').click();"] {
            let found = browser.script(&format!(
                "{opened} return axe.run(document, {{ resultTypes: ['violations'] }}).then(all => all.violations\
                 .filter(one => ['serious', 'critical'].includes(one.impact)).map(one => one.id + ': ' + one.nodes[0].html))"
            ));
            assert_eq!(found, json!([]), "{scheme} {opened}");
        }
        browser.script("document.querySelector('.close').click()");
    }
}
