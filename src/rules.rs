//! The rules of the user: netto.toml, models and scenarios. Each run keeps a copy of them, to compare and repeat runs.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::project::Project;

/// Copies the rules of a run: the text of its netto.toml, and its models and scenarios under their own names.
///
/// # Errors
/// When a file can't be written.
pub(crate) fn keep(project: &Project, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("netto.toml"), project.document.text())?;
    for path in files(project) {
        // Files outside the project are not copied.
        let Ok(name) = path.strip_prefix(project.rules()) else { continue };
        let target = folder.join(name);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(&path, target)?;
    }
    Ok(())
}

/// A hash of their content, without comments, the order of settings, and settings that don't affect figures. The last closed month
/// is left out too, as it changes every month without being another rule.
pub(crate) fn hash(project: &Project) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(settings(&project.document.whole()).as_bytes());
    for path in files(project) {
        hasher.update(path.file_name().unwrap_or_default().as_encoded_bytes());
        hasher.update(&fs::read(&path).unwrap_or_default());
    }
    hasher.finalize().to_hex().get(..16).unwrap_or_default().to_owned()
}

/// Parts of the configuration that don't affect figures.
const WITHOUT_FIGURE: [&str; 4] = ["expect", "keep", "spark", "storage"];

fn files(project: &Project) -> Vec<PathBuf> {
    let config = &project.config;
    let globs = [&config.models.files, &config.scenarios.files];
    globs.into_iter().flat_map(|glob| netto_lake::files(glob, project.rules())).collect()
}

/// The settings as one text, sorted by name.
fn settings(table: &toml::Table) -> String {
    let mut table = table.clone();
    if let Some(toml::Value::Table(company)) = table.get_mut("company") {
        company.remove("closed_through");
    }
    for name in WITHOUT_FIGURE {
        table.remove(name);
    }
    in_order(&toml::Value::Table(table))
}

fn in_order(value: &toml::Value) -> String {
    match value {
        toml::Value::Table(table) => {
            let sorted: BTreeMap<&String, String> = table.iter().map(|(key, value)| (key, in_order(value))).collect();
            format!("{sorted:?}")
        }
        toml::Value::Array(values) => format!("{:?}", values.iter().map(in_order).collect::<Vec<_>>()),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn remarks_order_and_the_last_closed_month_are_no_other_rules() {
        let settings = |text: &str| super::settings(&text.parse().unwrap());
        let one = settings("[company]\nname = \"A\"\nclosed_through = \"2025-03\"\n[pool.w]\na = 1\nb = [1, 2]\n");
        assert_eq!(
            one,
            settings(
                "# said\n[expect]\nvolume = { warn = 1 }\n[spark]\nremote = \"sc://a\"\n[storage]\nat = \"s3://a\"\n[pool.w]\nb = [1, 2]\na = 1\n[company]\nname = 'A'\n"
            )
        );
        assert_ne!(one, settings("[company]\nname = \"A\"\n[pool.w]\na = 1\nb = [2, 1]\n"));
    }
}
