//! The report in headless Chromium, driven through chromedriver: what a reader sees and clicks.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::Project;

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
    }

    /// Runs a script in the page and returns what it returns.
    fn script(&self, script: &str) -> Value {
        self.command("execute/sync", &json!({"script": script, "args": []}))
    }

    fn text(&self, script: &str) -> String {
        self.script(script).as_str().unwrap_or_default().to_owned()
    }

    /// A real click on the first element that matches.
    fn click(&self, selector: &str) {
        let element = self.command("element", &json!({"using": "css selector", "value": selector}));
        let id = element.as_object().and_then(|found| found.values().next()).and_then(Value::as_str);
        let id = id.unwrap_or_else(|| panic!("{selector}: {element}"));
        self.command(&format!("element/{id}/click"), &json!({}));
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

/// Two customers, one of them with a name that would like to be a script.
fn small() -> Project {
    let config = r#"
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
    let project = Project::new(config)
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
fn the_report_fits_a_phone() {
    let Some(browser) = Browser::start(390) else { return };
    let project = small();
    browser.open(&project.folder().join("out/current/report.html"), "");
    let page = "const page = document.documentElement;";
    assert_eq!(browser.script(&format!("{page} return page.scrollWidth - page.clientWidth")), json!(0));
    assert_eq!(browser.script("return window.innerWidth"), json!(390));
}
