//! The wheel: built by maturin, installed into a fresh environment, run from there.
//!
//! It packs the binary of this test run, as the build in `just wheel` takes half an hour: what is proved is what the wheel holds and
//! that it installs, not how fast its binary is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::duckdb::{environment, said};
use crate::harness::{Project, repository};

#[test]
fn the_wheel_installs_into_a_fresh_environment_and_runs_there() {
    let folder = tempfile::tempdir().unwrap();
    let wheel = wheel(folder.path());
    let name = wheel.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with(concat!("netto_profit-", env!("CARGO_PKG_VERSION"), "-py3-none-")), "{name}");

    let fresh = folder.path().join("fresh");
    must(Command::new("python3").args(["-m", "venv"]).arg(&fresh));
    must(Command::new(fresh.join("bin/python")).args(["-m", "pip", "install", "--quiet", "--no-index"]).arg(&wheel));
    let netto = fresh.join("bin/netto");
    assert_eq!(must(Command::new(&netto).arg("--version")).trim(), concat!("netto ", env!("CARGO_PKG_VERSION")));
    let project = Project::copy_of(&repository("tests/fixtures/pyramid_and_whale"));
    must(Command::new(&netto).arg("run").arg(project.folder()));
    assert!(project.folder().join("out/current/report.html").is_file());
}

fn wheel(folder: &Path) -> PathBuf {
    let maturin = environment("wheel", &repository("tests/wheel/requirements.txt")).with_file_name("maturin");
    let target = Path::new(env!("CARGO_BIN_EXE_netto")).ancestors().nth(2).unwrap();
    let mut build = Command::new(maturin);
    build.args(["build", "--profile", "dev", "--locked", "--compatibility", "linux", "--auditwheel", "skip"]);
    build.args(["--compression-method", "stored", "--target-dir"]).arg(target).arg("--out").arg(folder);
    must(build.arg("--manifest-path").arg(repository("Cargo.toml")));
    let files = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    let mut wheels = files.filter(|path| path.extension().is_some_and(|end| end == "whl"));
    wheels.next().unwrap()
}

/// What it printed; it must have worked.
fn must(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}\n{}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}
