//! Parquet extracts whose bytes were damaged: an error that names the file, or rows; never a panic.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use netto_lake::SourceConfig;
use netto_model::contract::ORDER_LINES;
use parquet::arrow::ArrowWriter;
use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use parquet::file::properties::{WriterProperties, WriterVersion};

use crate::draw::{Draw, changed, flip};
use crate::project::Project;
use crate::rounds::rounds;

const FILE: &str = "lines.parquet";

#[test]
fn damaged_parquet_is_refused_by_name_or_read() {
    let seeds = seeds();
    let damage = |draw: &mut Draw| {
        let bytes = draw.pick(&seeds).clone();
        damaged(bytes, draw)
    };
    rounds(1_500, damage, |bytes| {
        let project = Project::new();
        project.file(FILE, bytes);
        let config = SourceConfig::from_json(r#"{"files":"lines.parquet","max_rejects":1000000}"#).unwrap();
        if let Err(error) = project.load(&ORDER_LINES, &config) {
            let said = format!("{error} {}", error.help().unwrap_or_default());
            assert!(said.contains(FILE) && !said.contains("defect of netto"), "{said}");
        }
    });
}

fn damaged(mut bytes: Vec<u8>, draw: &mut Draw) -> Vec<u8> {
    match draw.below(4) {
        0 => flip(&mut bytes, draw),
        1 => bytes.truncate(draw.below(bytes.len())),
        // The footer says where everything is: its damage goes deepest.
        2 => {
            let from = bytes.len() - bytes.len().min(700);
            flip(&mut bytes[from..], draw);
        }
        _ => return changed(&bytes, draw),
    }
    bytes
}

/// The same rows in every packing, with a dictionary and without, in both versions of pages.
fn seeds() -> Vec<Vec<u8>> {
    let packings = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::ZSTD(ZstdLevel::default()),
        Compression::GZIP(GzipLevel::default()),
        Compression::BROTLI(BrotliLevel::default()),
        Compression::LZ4_RAW,
    ];
    let versions = [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0];
    let all = packings.iter().flat_map(|packing| versions.map(|version| (*packing, version)));
    all.flat_map(|(packing, version)| [true, false].map(|dictionary| written(packing, version, dictionary))).collect()
}

fn written(packing: Compression, version: WriterVersion, dictionary: bool) -> Vec<u8> {
    let rows = 40;
    let texts =
        |text: fn(i64) -> String| Arc::new((0..rows).map(|row| Some(text(row))).collect::<StringArray>()) as ArrayRef;
    let amounts = Decimal128Array::from_iter_values((0..rows).map(|row| i128::from(row) * 12_345));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("order_id", texts(|row| format!("order {}", row / 2))),
        ("line_no", Arc::new(Int64Array::from_iter_values((0..rows).map(|row| row % 2)))),
        ("order_date", Arc::new(Date32Array::from_iter_values((20_150..).take(40)))),
        ("customer_id", texts(|row| format!("customer {}", row % 7))),
        ("product_id", texts(|row| format!("product {}", row % 3))),
        (
            "quantity",
            Arc::new((0..rows).map(|row| Some(f64::from(u8::try_from(row).unwrap()) / 4.0)).collect::<Float64Array>()),
        ),
        ("net_amount", Arc::new(amounts.with_precision_and_scale(18, 4).unwrap())),
        (
            "promised_date",
            Arc::new(
                (0..rows)
                    .map(|row| (row % 3 > 0).then_some(row * 86_400_000_000))
                    .collect::<TimestampMicrosecondArray>(),
            ),
        ),
        ("flag", Arc::new((0..rows).map(|row| Some(row % 2 == 0)).collect::<BooleanArray>())),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder()
        .set_compression(packing)
        .set_writer_version(version)
        .set_dictionary_enabled(dictionary)
        .set_max_row_group_row_count(Some(25))
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}
