//! The documentation: every command in it works, what it shows is what netto says, and every link leads somewhere.
//!
//! ````text
//! ```console          in docs/src: run one after the other, in one copy of the demo, with docs/example beside it; once, where it comes again
//! $ netto check       must succeed; `$ netto run  # exit 2` must end so
//! Eight rows          what is shown must stand in what was said, blanks aside
//! ```
//! ````

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::{Project, binary, repository};

/// A fenced block: what it is marked with, and its lines.
struct Block {
    page: String,
    line: usize,
    mark: String,
    text: String,
}

/// A command and what the page shows of its answer.
struct Step<'a> {
    command: &'a str,
    exit: i32,
    shown: Vec<&'a str>,
}

#[test]
fn every_command_in_the_docs_does_what_they_say() {
    let project = Project::copy_of(&repository("data/wholesaler"));
    let tools = tempfile::tempdir().unwrap();
    fs::hard_link(binary(), tools.path().join("netto"))
        .or_else(|_| fs::copy(binary(), tools.path().join("netto")).map(drop))
        .unwrap();
    let path = format!("{}:{}", tools.path().display(), std::env::var("PATH").unwrap());
    let run = |command: &str| {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", command])
            .current_dir(project.folder())
            .env("PATH", &path)
            .env("NO_COLOR", "1")
            .output()
            .unwrap()
    };
    copy_example(&project.folder().join("example"));
    let (mut faults, mut known) = (Vec::new(), BTreeMap::new());
    for block in pages().iter().flat_map(|page| blocks(page)).filter(|block| block.mark == "console") {
        for step in steps(&block.text) {
            let output = known.entry(step.command.to_owned()).or_insert_with(|| run(step.command));
            let said = squeezed(&format!(
                "{}\n{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            ));
            let place = format!("{}:{} `{}`", block.page, block.line, step.command);
            if output.status.code() != Some(step.exit) {
                faults.push(format!("{place} ends with {:?}\n{said}", output.status.code()));
            }
            let unsaid = step.shown.iter().filter(|line| !said.contains(&squeezed(line)));
            faults.extend(unsaid.map(|line| format!("{place} doesn't say: {line}")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

#[test]
fn every_verb_has_examples_and_a_page_of_the_reference() {
    let reference = reference();
    let page = fs::read_to_string(reference.path().join("command-line.md")).unwrap();
    for chapter in page.split("\n## netto ").skip(1) {
        let verb = chapter.lines().next().unwrap();
        let silent = verb == "man" || verb.starts_with("new ") || verb.is_empty();
        assert!(silent || chapter.contains("Example"), "`netto {verb} --help` has no example");
    }
    let readme = fs::read_to_string(repository("README.md")).unwrap();
    let verbs =
        page.split("\n## netto ").skip(1).map(|chapter| chapter.lines().next().unwrap().split(' ').next().unwrap());
    for verb in verbs.collect::<BTreeSet<_>>() {
        assert!(readme.contains(&format!("`netto {verb}")), "README has no `netto {verb}`");
    }
}

#[test]
fn every_link_of_the_docs_leads_to_a_page_and_a_heading() {
    let reference = reference();
    let mut pages = pages();
    pages.extend(folder(reference.path()));
    // The generated pages stand in the book's folder `reference`.
    let book = |path: &Path| match path.strip_prefix(reference.path()) {
        Ok(name) => Path::new("reference").join(name),
        Err(_) => path.strip_prefix(repository("docs/src")).unwrap().to_owned(),
    };
    let texts: Vec<(PathBuf, String)> =
        pages.iter().map(|page| (book(page), fs::read_to_string(page).unwrap())).collect();
    let mut faults = Vec::new();
    for (page, text) in &texts {
        for link in links(text) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { page.clone() } else { plain(&page.parent().unwrap().join(file)) };
            let found = texts.iter().find(|(path, _)| *path == target);
            let leads = match found {
                Some((_, text)) => heading.is_empty() || anchors(text).contains(heading),
                None => heading.is_empty() && repository("docs/src").join(&target).is_file(),
            };
            if !leads {
                faults.push(format!("{}: {link}", page.display()));
            }
        }
    }
    let summary = fs::read_to_string(repository("docs/src/SUMMARY.md")).unwrap();
    let listed: BTreeSet<&str> = links(&summary).collect();
    let unlisted = texts
        .iter()
        .map(|(page, _)| page.to_str().unwrap())
        .filter(|page| *page != "SUMMARY.md" && !listed.contains(page));
    faults.extend(unlisted.map(|page| format!("SUMMARY.md lacks {page}")));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The project of the worked example.
fn copy_example(to: &Path) {
    fs::create_dir_all(to).unwrap();
    for name in ["netto.toml", "order_lines.csv", "cost_pools.csv"] {
        fs::copy(repository("docs/example").join(name), to.join(name)).unwrap();
    }
}

/// `netto schema --pages`.
fn reference() -> tempfile::TempDir {
    let reference = tempfile::tempdir().unwrap();
    let output = Command::new(binary()).args(["schema", "--pages"]).arg(reference.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    reference
}

/// The pages that are written by hand, the tutorial first.
fn pages() -> Vec<PathBuf> {
    let mut pages = folder(&repository("docs/src"));
    pages.retain(|page| !page.starts_with(repository("docs/src/reference")));
    pages.sort_by_key(|page| (!page.ends_with("tutorial.md"), page.clone()));
    pages
}

fn folder(folder: &Path) -> Vec<PathBuf> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()) {
        if entry.is_dir() {
            pages.extend(self::folder(&entry));
        } else if entry.extension().is_some_and(|end| end == "md") {
            pages.push(entry);
        }
    }
    pages
}

fn blocks(page: &Path) -> Vec<Block> {
    let text = fs::read_to_string(page).unwrap();
    let name = page.strip_prefix(repository("")).unwrap().display().to_string();
    let (mut blocks, mut open): (Vec<Block>, bool) = (Vec::new(), false);
    for (number, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), open) {
            (Some(mark), false) => {
                blocks.push(Block { page: name.clone(), line: number + 1, mark: mark.to_owned(), text: String::new() });
                open = true;
            }
            (Some(_), true) => open = false,
            (None, true) => blocks.last_mut().unwrap().text += &format!("{line}\n"),
            (None, false) => {}
        }
    }
    assert!(!open, "{name}: a block isn't closed");
    blocks
}

fn steps(text: &str) -> Vec<Step<'_>> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty() && line.trim() != "…") {
        if let Some(command) = line.strip_prefix("$ ") {
            let exit = command.rsplit_once("# exit ").map_or(0, |(_, code)| code.trim().parse().unwrap());
            steps.push(Step { command, exit, shown: Vec::new() });
        } else {
            steps.last_mut().unwrap().shown.push(line);
        }
    }
    steps
}

/// One blank for each run of them.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The links of a page that stay in the book.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let ends = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    ends.filter(|link| !link.contains("://") && !link.contains(' '))
}

/// The anchors of a page's headings, as mdBook makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text
        .lines()
        .filter_map(|line| line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#')));
    let anchor = |heading: &str| {
        let lower = heading.to_lowercase().replace(' ', "-");
        lower.chars().filter(|sign| sign.is_alphanumeric() || ['-', '_'].contains(sign)).collect()
    };
    headings.map(anchor).collect()
}

/// A path without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        if part.as_os_str() == ".." {
            plain.pop();
        } else {
            plain.push(part);
        }
    }
    plain
}
