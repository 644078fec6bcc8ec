//! Files of the lake that were damaged on the disk: an error that names the file, or the same figures; never others.

use std::fs;
use std::path::{Path, PathBuf};

use netto_lake::{KeyKind, Lake, LakeError, SourceConfig};
use netto_model::contract::{COST_POOLS, CUSTOMERS, ORDER_LINES};
use netto_model::{Period, Table};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use polars::prelude::DataFrame;

use crate::draw::{Draw, changed, flip};
use crate::project::Project;
use crate::rounds::rounds;

const SOURCES: [(&Table, &str, &str); 3] = [
    (&CUSTOMERS, "customers.csv", "customer_id,name,since,potential\nA,Alpha,2020-01-01,1000\nB,Beta,,\n"),
    (&COST_POOLS, "pools.csv", "pool,period,amount\nwarehouse,2025-03,1000\noffice,2025-04,12.5\n"),
    (
        &ORDER_LINES,
        "lines.csv",
        "order_id,line_no,order_date,customer_id,product_id,quantity,net_amount\n1,1,2025-03-05,A,p,1,10.5\n2,1,2025-04-06,B,q,3,1000\n",
    ),
];

#[derive(Debug)]
struct Damage {
    file: PathBuf,
    bytes: Option<Vec<u8>>,
}

#[test]
fn a_damaged_lake_is_refused_by_name_or_reads_as_it_was() {
    let whole = lake();
    let expected = figures(&whole.lake().unwrap()).unwrap();
    let files = files(&whole.folder().join("lake"));
    let damage = |draw: &mut Draw| {
        let file = draw.pick(&files).clone();
        let bytes = fs::read(whole.folder().join("lake").join(&file)).unwrap();
        // Without its newest entry a table is the table as it was before: nothing but that entry knows better.
        let may_go = file.extension().is_some_and(|end| end == "parquet");
        Damage { bytes: damaged(bytes, draw).or_else(|| (!may_go).then(Vec::new)), file }
    };
    rounds(300, damage, |damage| {
        let project = Project::new();
        copy(&whole.folder().join("lake"), &project.folder().join("lake"));
        let path = project.folder().join("lake").join(&damage.file);
        match &damage.bytes {
            Some(bytes) => fs::write(&path, bytes).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        match project.lake().and_then(|lake| figures(&lake)) {
            Ok(found) => assert!(found == expected, "{} gives other figures: {found:?}", damage.file.display()),
            Err(error) => {
                let table = damage.file.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
                assert!(error.to_string().contains(&table), "{}: {error}", damage.file.display());
            }
        }
    });
}

/// Lost with the power, cut short, or with other bytes.
fn damaged(mut bytes: Vec<u8>, draw: &mut Draw) -> Option<Vec<u8>> {
    match draw.below(8) {
        0 if draw.one_in(3) => return None,
        0 | 1 => bytes.truncate(draw.below(bytes.len())),
        2 => return Some(changed(&bytes, draw)),
        _ => flip(&mut bytes, draw),
    }
    Some(bytes)
}

/// A lake whose tables have entries behind a checkpoint, as after some months of daily runs.
fn lake() -> Project {
    let project = Project::new();
    for (source, file, text) in SOURCES {
        for change in 0..35 {
            // The last load is the one that counts.
            let text = if change < 34 { text.replacen("10", &format!("{}", 11 + change), 1) } else { text.to_owned() };
            project.file(file, text.as_bytes());
            project.load(source, &SourceConfig::from_json(&format!(r#"{{"files":"{file}"}}"#)).unwrap()).unwrap();
        }
    }
    project
}

type Figures = (Vec<DataFrame>, Vec<(Period, String)>);

/// Everything that a run reads of it.
fn figures(lake: &Lake) -> Result<Figures, LakeError> {
    let mut tables: Vec<DataFrame> = Vec::new();
    for (source, ..) in SOURCES.iter().take(2) {
        tables.push(lake.table(source)?.unwrap_or_default());
    }
    for kind in KeyKind::ALL {
        tables.push(lake.keys(kind)?);
    }
    let mut lines = Vec::new();
    for (month, files) in lake.months()? {
        let batches = files.iter().flat_map(|file| {
            let reader = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(file).unwrap()).unwrap();
            reader.build().unwrap().map(Result::unwrap)
        });
        lines.extend(batches.map(|batch| (month, format!("{batch:?}"))));
    }
    Ok((tables, lines))
}

/// Every file, relative to the folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path().strip_prefix(folder).unwrap().to_owned());
            }
        }
    }
    files.sort();
    files
}

fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        fs::create_dir_all(to.join(&file).parent().unwrap()).unwrap();
        fs::copy(from.join(&file), to.join(&file)).unwrap();
    }
}
