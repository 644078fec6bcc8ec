//! An extract as a Dutch ERP writes it: semicolons, decimal comma, Windows-1252, CRLF.
//!
//! ```text
//! Debiteur;Naam;Omzetpotentieel
//! 001042;Coöperatie Het Zuiden;125.000,00
//! ```

use std::io::Write;
use std::path::Path;

use encoding_rs::WINDOWS_1252;

use crate::SampleError;

/// Rows under a header, as text.
pub(crate) struct Extract {
    name: String,
    text: String,
    rows: usize,
}

impl Extract {
    pub(crate) fn new(name: impl Into<String>, header: &str) -> Self {
        Self { name: name.into(), text: format!("{header}\r\n"), rows: 0 }
    }

    /// Adds a row.
    pub(crate) fn row<I: AsRef<str>>(&mut self, fields: impl IntoIterator<Item = I>) {
        let fields: Vec<String> = fields.into_iter().map(|field| quoted(field.as_ref())).collect();
        self.text.push_str(&fields.join(";"));
        self.text.push_str("\r\n");
        self.rows += 1;
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Writes it to a file, without its header if the file has rows already; returns the number of bytes.
    ///
    /// # Errors
    /// A character that Windows-1252 lacks, or a file that cannot be written.
    pub(crate) fn write(&self, path: &Path, file: &mut impl Write, with_header: bool) -> Result<usize, SampleError> {
        let text = if with_header { self.text.as_str() } else { self.text.split_once("\r\n").unwrap_or_default().1 };
        let (bytes, _, lossy) = WINDOWS_1252.encode(text);
        if lossy {
            return Err(SampleError::Encoding { file: self.name.clone() });
        }
        file.write_all(&bytes).map_err(|source| SampleError::Write { path: path.to_owned(), source })?;
        Ok(bytes.len())
    }
}

/// Cents as `1234,50`.
pub(crate) fn amount(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{},{:02}", cents.abs() / 100, cents.abs() % 100)
}

/// Cents as `1.234,50`.
pub(crate) fn grouped_amount(cents: i64) -> String {
    let plain = amount(cents.abs());
    let (whole, decimals) = plain.split_at(plain.len() - 3);
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    format!("{}{grouped}{decimals}", if cents < 0 { "-" } else { "" })
}

/// `part` thousandths of `whole`, rounded half away from zero.
pub(crate) fn per_mille(amount: i64, thousandths: i64) -> i64 {
    let product = amount * thousandths;
    (product.abs() + 500) / 1_000 * product.signum()
}

/// The integer part of a square root.
pub(crate) fn root(number: i64) -> i64 {
    number.max(0).isqrt()
}

fn quoted(field: &str) -> String {
    if field.contains([';', '"', '\r', '\n']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_a_decimal_comma() {
        assert_eq!([amount(123_450), amount(-5), grouped_amount(123_456_789)], ["1234,50", "-0,05", "1.234.567,89"]);
        assert_eq!(grouped_amount(-12_345), "-123,45");
    }

    #[test]
    fn a_field_with_the_delimiter_is_quoted() {
        let mut extract = Extract::new("x.csv", "a;b");
        extract.row(["12;5", "5\" kraan"]);
        assert_eq!(extract.text, "a;b\r\n\"12;5\";\"5\"\" kraan\"\r\n");
    }

    #[test]
    fn a_character_that_the_encoding_lacks_is_an_error() {
        let mut extract = Extract::new("x.csv", "a");
        extract.row(["Yıldız"]);
        let error = extract.write(Path::new("x.csv"), &mut Vec::new(), true).unwrap_err();
        assert_eq!(error.to_string(), "x.csv has a character that Windows-1252 doesn't have");
    }

    #[test]
    fn a_share_is_rounded_the_same_on_both_sides_of_zero() {
        assert_eq!([per_mille(1_005, 100), per_mille(-1_005, 100)], [101, -101]);
    }
}
