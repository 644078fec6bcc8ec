//! A throw-away project: files and a netto.toml in, the binary, published tables out.
//!
//! ```text
//! Project::new(config).file("orders.csv", rows).run().ok().mart("pyramid")
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use netto_model::{contract, star};
use tempfile::TempDir;

/// The binary under a name of its own: cargo takes the other one away for a moment whenever it builds, as the test of the wheel does.
/// `NETTO_BINARY` names another one: that of production, for what is tried a thousand times.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(path) = std::env::var_os("NETTO_BINARY") {
            return path.into();
        }
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("netto-under-test");
        drop(fs::remove_file(&path));
        fs::hard_link(env!("CARGO_BIN_EXE_netto"), &path).unwrap();
        path
    })
}

/// A project in a temporary folder, or one that lies elsewhere.
pub struct Project {
    folder: PathBuf,
    _temporary: Option<TempDir>,
}

impl Project {
    /// A project with this netto.toml; `[company]` is written for it.
    pub fn new(config: &str) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let project = Self { folder: temporary.path().to_owned(), _temporary: Some(temporary) };
        project.file("netto.toml", format!("[company]\nname = \"Test\"\n{config}"))
    }

    /// A project with this netto.toml, word for word.
    pub fn with_config(config: &str) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let project = Self { folder: temporary.path().to_owned(), _temporary: Some(temporary) };
        project.file("netto.toml", config)
    }

    /// Writes a file of the project.
    pub fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// Copies the files of a folder, without what earlier runs left there.
    pub fn copy_of(source: &Path) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        copy(source, temporary.path());
        Self { folder: temporary.path().to_owned(), _temporary: Some(temporary) }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// `netto run`.
    pub fn run(&self) -> Outcome {
        self.netto(&["run"])
    }

    /// A verb with its arguments; the project's folder comes last.
    pub fn netto(&self, arguments: &[&str]) -> Outcome {
        let output = Command::new(binary()).args(arguments).arg(&self.folder).env("NO_COLOR", "1").output().unwrap();
        Outcome { output, folder: self.folder.clone() }
    }

    /// A published table; where its levels are published one by one, all of them as they were made.
    pub fn mart(&self, name: &str) -> Mart {
        let file = |name: &str| self.folder.join("out/current/csv").join(format!("{name}.csv"));
        let made = contract::table(name).filter(|table| !table.levels.is_empty());
        let Some(made) = made else { return Mart::read(&file(name)) };
        let mut whole =
            Mart { header: made.columns.iter().map(|column| column.name.to_owned()).collect(), rows: Vec::new() };
        for form in star::published(made) {
            let (part, level) = (Mart::read(&file(form.table.name)), form.level.unwrap());
            let columns: Vec<Vec<&str>> = made
                .columns
                .iter()
                .map(|column| match column.name {
                    "level" => vec![level.name; part.rows.len()],
                    "key" => part.column(level.column),
                    name => part.column(name),
                })
                .collect();
            whole
                .rows
                .extend((0..part.rows.len()).map(|row| columns.iter().map(|cells| cells[row].to_owned()).collect()));
        }
        let keys: Vec<usize> = made.keys().map(|key| whole.place(key.name)).collect();
        whole.rows.sort_by_cached_key(|row| keys.iter().map(|place| row[*place].clone()).collect::<Vec<_>>());
        whole
    }

    /// Every published file with its bytes.
    pub fn published(&self) -> BTreeMap<String, Vec<u8>> {
        let current = self.folder.join("out/current");
        let mut files = BTreeMap::new();
        for folder in ["", "csv", "parquet"] {
            for entry in fs::read_dir(current.join(folder)).unwrap().flatten().filter(|entry| entry.path().is_file()) {
                files.insert(format!("{folder}/{}", entry.file_name().display()), fs::read(entry.path()).unwrap());
            }
        }
        files
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if name == ".netto" || name == "out" {
            continue;
        }
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            fs::copy(path, to.join(name)).unwrap();
        }
    }
}

/// What the binary did.
pub struct Outcome {
    output: Output,
    folder: PathBuf,
}

impl Outcome {
    pub fn code(&self) -> i32 {
        self.output.status.code().unwrap()
    }

    pub fn stdout(&self) -> String {
        String::from_utf8(self.output.stdout.clone()).unwrap()
    }

    /// Standard error, the temporary folder written as `PROJECT`, times left out.
    pub fn stderr(&self) -> String {
        let text = String::from_utf8_lossy(&self.output.stderr).into_owned();
        let folder = self.folder.canonicalize().unwrap();
        let text = text.replace(&folder.display().to_string(), "PROJECT");
        text.replace(&self.folder.display().to_string(), "PROJECT")
    }

    /// Only the message: what follows the lines of progress.
    pub fn message(&self) -> String {
        let progress = |line: &&str| {
            ["  ingest  ", "  rollup  ", "  profit  ", "   split  ", " segment  ", " publish  ", "    done  "]
                .iter()
                .any(|start| line.starts_with(start))
        };
        let lines: Vec<String> =
            self.stderr().lines().filter(|line| !progress(line)).map(|line| line.trim_end().to_owned()).collect();
        lines.join("\n").trim().to_owned()
    }

    /// It must have worked.
    pub fn ok(self) -> Self {
        assert_eq!(self.code(), 0, "{}\n{}", self.stdout(), self.stderr());
        self
    }
}

/// A text as one line, whatever the width at which its messages were broken: also within a path or a date.
pub fn unwrapped(text: &str) -> String {
    let frame = |letter: char| letter.is_whitespace() || ['│', '·', '×', '─'].contains(&letter);
    text.lines().fold(String::new(), |said, line| {
        let line = line.trim_matches(frame).split_whitespace().collect::<Vec<_>>().join(" ");
        let in_a_word = said.ends_with(['-', '/']) && !said.ends_with(" -") && !said.ends_with(" /");
        if said.is_empty() || in_a_word { said + &line } else { said + " " + &line }
    })
}

/// A published table as text cells.
pub struct Mart {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Mart {
    /// A CSV file.
    pub fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut lines = text.lines().map(split);
        Self { header: lines.next().unwrap(), rows: lines.collect() }
    }

    /// Only the rows with this value.
    pub fn only(mut self, column: &str, value: &str) -> Self {
        let place = self.place(column);
        self.rows.retain(|row| row[place] == value);
        self
    }

    /// Only the rows with another value.
    pub fn without(mut self, column: &str, value: &str) -> Self {
        let place = self.place(column);
        self.rows.retain(|row| row[place] != value);
        self
    }

    /// Only the rows with one of these values.
    pub fn where_in(mut self, column: &str, values: &[&str]) -> Self {
        let place = self.place(column);
        self.rows.retain(|row| values.contains(&row[place].as_str()));
        self
    }

    /// The names of the columns.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Whether the table has the column.
    pub fn has(&self, column: &str) -> bool {
        self.header.iter().any(|name| name == column)
    }

    /// The values of a column.
    pub fn column(&self, name: &str) -> Vec<&str> {
        let place = self.place(name);
        self.rows.iter().map(|row| row[place].as_str()).collect()
    }

    /// Only the row at this place.
    pub fn row(&self, place: usize) -> Self {
        Self { header: self.header.clone(), rows: vec![self.rows[place].clone()] }
    }

    /// The value of a table with one row.
    pub fn one(&self, name: &str) -> &str {
        let values = self.column(name);
        assert_eq!(values.len(), 1, "{name} has {} values", values.len());
        values[0]
    }

    /// The sum of an amount column, in ten-thousandths.
    pub fn sum(&self, name: &str) -> i128 {
        self.column(name).into_iter().map(units).sum()
    }

    fn place(&self, name: &str) -> usize {
        self.header.iter().position(|column| column == name).unwrap_or_else(|| panic!("no column {name}"))
    }
}

/// A file or folder of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Where the files of Adventure Works are; nothing, and a word on it, where they aren't.
pub fn adventureworks_data() -> Option<PathBuf> {
    let shared = std::env::var_os("NETTO_SHARED").map_or_else(|| repository("../shared"), PathBuf::from);
    let data = shared.join("data/adventureworks");
    if !data.join("FactResellerSales.parquet").is_file() {
        let place = data.display();
        // Straight to the stream: what a passing test prints is not shown.
        let mut stream = std::io::stderr();
        writeln!(stream, "SKIPPED: no data in {place}; NETTO_SHARED names the folder above data/").unwrap();
        return None;
    }
    Some(data.canonicalize().unwrap())
}

/// The project of Adventure Works, the place of its data filled in.
pub fn adventureworks() -> Option<Project> {
    let data = adventureworks_data()?;
    let config = fs::read_to_string(repository("tests/adventureworks/netto.toml")).unwrap();
    Some(Project::with_config(&config.replace("\"data/", &format!("\"{}/", data.display()))))
}

/// `-12.5000` as ten-thousandths; whole numbers count as amounts.
pub fn units(text: &str) -> i128 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{fraction:0<4}").parse().unwrap()
}

/// Cells of a CSV line.
fn split(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => cells.last_mut().unwrap().push(other),
        }
    }
    cells
}
