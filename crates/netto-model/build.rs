//! Lists the texts in `models/`: whoever adds a file has added a model.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("models");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut texts = Vec::new();
    find(&folder, &mut texts)?;
    texts.sort();
    let mut list = String::from("&[\n");
    for text in &texts {
        let name = text.strip_prefix(&folder).map_err(io::Error::other)?;
        let [name, text] = [name, text].map(|path| path.display().to_string());
        writeln!(list, "    ({name:?}, include_str!({text:?})),").map_err(io::Error::other)?;
    }
    list += "]\n";
    fs::write(Path::new(&env::var("OUT_DIR").map_err(io::Error::other)?).join("models.rs"), list)
}

fn find(folder: &Path, texts: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            println!("cargo::rerun-if-changed={}", path.display());
            find(&path, texts)?;
        } else if path.extension().is_some_and(|extension| extension == "sql") {
            texts.push(path);
        }
    }
    Ok(())
}
