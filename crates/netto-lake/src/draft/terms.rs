//! Maps column names of extracts to columns of the contract, by the names that ERPs use (`terms.txt`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

/// The names of each column of the contract, the usual one first.
static TERMS: LazyLock<BTreeMap<(&str, &str), Vec<Term>>> = LazyLock::new(|| {
    let lines = include_str!("terms.txt").lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let (place, names) = line.split_once(':')?;
            Some((place.split_once('.')?, names.split(',').map(Term::of).collect()))
        })
        .collect()
});

/// A name; `=number` matches only as a whole, because too many other names contain it.
struct Term {
    name: String,
    alone: bool,
}

impl Term {
    fn of(text: &str) -> Self {
        Self { name: plain(text), alone: text.trim().starts_with('=') }
    }
}

/// How well a name fits a column: 100 if it is a term for the column; 95 if the part after its last `/` is (`Invoice lines/Product`), or the part before
/// an ending of keys (`custkey`); 90 if it is a term for the same column of order lines; 60 if it contains a term; else 0.
pub(super) fn fit(source: &str, column: &str, name: &str) -> u32 {
    let part = name.rsplit_once('/').map(|(_, part)| plain(part));
    let name = plain(name);
    if name.is_empty() {
        return 0;
    }
    let bare = column.strip_suffix("_id").and_then(|_| without_ending(&name));
    let within = |term: &Term| !term.alone && term.name.len() >= LONG && name.contains(&term.name);
    let fits = |term: &Term| match term {
        term if term.name == name => 100,
        term if part.as_ref() == Some(&term.name) || bare == Some(term.name.as_str()) => 95,
        term if within(term) => 60,
        _ => 0,
    };
    // The contract's own name is always a term.
    let own = Term { name: plain(column), alone: false };
    let names = TERMS.get(&(source, column)).into_iter().flatten();
    let best = names.chain([&own]).map(fits).max().unwrap_or(0);
    let of_lines = TERMS.get(&("order_lines", column)).into_iter().flatten();
    let is_term = |term: &Term| term.name == name || bare == Some(term.name.as_str());
    if best < 90 && of_lines.into_iter().any(is_term) { 90 } else { best }
}

/// `cust` for `custkey`: databases use many endings for what the contract calls an id.
fn without_ending(name: &str) -> Option<&str> {
    const ENDINGS: [&str; 10] = ["key", "sk", "id", "no", "nr", "num", "number", "code", "kod", "kodu"];
    ENDINGS.iter().find_map(|end| name.strip_suffix(end)).filter(|bare| bare.len() >= SHORTEST)
}

/// Minimum length without the ending, as the rest of a shorter name could be anything.
const SHORTEST: usize = 3;

/// The kind of order lines that a word stands for, such as `Customer Credit Note`. Words for credits are checked first, as they may also name the
/// invoice that is credited.
pub(super) fn kind_of_document(word: &str) -> Option<&'static str> {
    ["credit", "return", "sale"].into_iter().find(|kind| fit("word", kind, word) > 0)
}

/// The kind of order lines that SAP's codes for types of documents stand for, in a column with the name of such a type: elsewhere RE is a `Rechnung`.
pub(super) fn kind_of_code(column: &str, code: &str) -> Option<&'static str> {
    let is_of_sap = ["auart", "vbtyp", "fkart"].contains(&plain(column).as_str());
    ["sale", "return", "credit"].into_iter().find(|kind| is_of_sap && fit("sap", kind, code) == 100)
}

/// Whether a word says that a line is none of goods: `G/L Account`, `Resource`.
pub(super) fn is_other_line(word: &str) -> bool {
    fit("word", "other_line", word) == 100
}

/// Whether a name says that something was delivered or invoiced, not only ordered.
pub(super) fn is_delivered(name: &str) -> bool {
    fit("word", "delivered", name) > 0
}

/// Minimum length of a term within a name, as too many names contain shorter ones: `no`, `art`.
const LONG: usize = 5;

/// Whether a name says that the amount includes tax, or is the tax: `Amount Including VAT`, `BTW-bedrag`; but not `Bedrag excl. BTW`.
pub(super) fn has_tax(name: &str) -> bool {
    const TAX: [&str; 19] = [
        "afa", "alv", "btw", "ddv", "dph", "gst", "iva", "kdv", "moms", "mva", "mwst", "pdv", "podatek", "steuer",
        "tax", "ttc", "tva", "ust", "vat",
    ];
    const RUN_TOGETHER: [&str; 3] = ["moms", "mwst", "steuer"];
    const WITHOUT: [&str; 22] = [
        "before",
        "bez",
        "eksl",
        "ekskl",
        "ex",
        "excl",
        "excluding",
        "exclusief",
        "exkl",
        "fara",
        "haric",
        "hors",
        "ht",
        "nelkul",
        "net",
        "ohne",
        "senza",
        "sin",
        "uden",
        "utan",
        "without",
        "zonder",
    ];
    let words = words(name);
    let any = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let begins = RUN_TOGETHER.iter().any(|tax| words.iter().any(|word| word.starts_with(tax)));
    let run_together = plain(name);
    let within = ["inclvat", "inclbtw", "inklmwst", "includingvat", "inclusiefbtw", "incltax", "includingtax"];
    (any(&TAX) || begins) && !any(&WITHOUT) || within.iter().any(|term| run_together.contains(term))
}

/// Whether a name says that discounts or taxes aren't deducted yet: `Bruttoerlös`, `Gross Revenue`.
pub(super) fn is_gross(name: &str) -> bool {
    const WORDS: [&str; 6] = ["gross", "brut", "brute", "lordo", "lordi", "lorda"];
    let is_gross =
        |word: &String| WORDS.contains(&word.as_str()) || word.starts_with("brutto") || word.starts_with("bruto");
    words(name).iter().any(is_gross)
}

/// Whether a name says that everything is already deducted: `Nettobedrag`.
pub(super) fn is_called_net(name: &str) -> bool {
    const BEGIN: [&str; 4] = ["net", "liquid", "imponibile", "base"];
    words(name).iter().any(|word| BEGIN.iter().any(|begin| word.starts_with(begin)))
}

/// Whether a name says that the amount includes tax, rather than being the tax: `Bedrag incl. BTW`, `Montant TTC`.
pub(super) fn includes_tax(name: &str) -> bool {
    const WITHIN: [&str; 4] = ["incl", "inkl", "gross", "brutto"];
    let words = words(name);
    let is_within = words.iter().any(|word| {
        ["dahil", "ttc", "verollinen"].contains(&word.as_str()) || WITHIN.iter().any(|with| word.starts_with(with))
    });
    is_within && !is_percentage(name) && !words.iter().any(|word| word == "excl" || word == "price" || word == "prijs")
}

/// Whether a name says that an amount belongs to the line, although it is called a price: `Total Price`, `Gesamtpreis netto`.
pub(super) fn is_of_line(name: &str) -> bool {
    const OF_LINE: [&str; 4] = ["ext", "row", "summe", "razem"];
    let begins = |word: &str| ["extended", "gesamt", "total", "totaal"].iter().any(|begin| word.starts_with(begin));
    words(name).iter().any(|word| OF_LINE.contains(&word.as_str()) || begins(word)) || plain(name).contains("extprice")
}

/// Whether a name says that amounts are in thousands: `Omzet x 1.000`, `Sales (k€)`.
pub(super) fn is_in_thousands(name: &str) -> bool {
    const WORDS: [&str; 12] = [
        "thousand",
        "thousands",
        "duizend",
        "duizenden",
        "tausend",
        "milliers",
        "miles",
        "migliaia",
        "keur",
        "teur",
        "kusd",
        "kgbp",
    ];
    let run_together: String = name.to_lowercase().chars().filter(|sign| !sign.is_whitespace()).collect();
    let signs = ["x1.000", "x1000", "x1,000", "k€", "t€", "k$", "k£", "(000)", "'000"];
    words(name).iter().any(|word| WORDS.contains(&word.as_str()))
        || signs.iter().any(|sign| run_together.contains(sign))
}

/// The kind of activities that a file name stands for.
pub(super) fn kind_of_activity(file: &str) -> Option<&'static str> {
    ["visit", "call", "complaint"].into_iter().find(|kind| fit("word", kind, file) > 0)
}

/// Whether a word says that a row is cancelled, or was only offered.
pub(super) fn is_cancelled(word: &str) -> bool {
    fit("word", "cancelled", word) == 100
}

/// Whether a name says that the values are percentages.
pub(super) fn is_percentage(name: &str) -> bool {
    const OF_HUNDRED: [&str; 12] = [
        "cota",
        "mertek",
        "oran",
        "orani",
        "pct",
        "perc",
        "percent",
        "percentage",
        "pourcentage",
        "procent",
        "prozent",
        "taux",
    ];
    let ends = |word: &String| word.ends_with("pct") || word.ends_with("prozent") || word.ends_with("procent");
    name.contains('%') || words(name).iter().any(|word| OF_HUNDRED.contains(&word.as_str()) || ends(word))
}

fn words(name: &str) -> Vec<String> {
    name.split(|sign: char| !sign.is_alphanumeric()).map(plain).filter(|word| !word.is_empty()).collect()
}

/// The text in lower case, reduced to letters without accents and digits.
pub(super) fn plain(text: &str) -> String {
    let letter = |sign: char| match sign {
        'æ' => "ae",
        'đ' => "d",
        'ı' => "i",
        'ł' => "l",
        'ø' | '°' | 'º' => "o",
        'ß' => "ss",
        _ => "",
    };
    let mut plain = String::new();
    // This normal form separates accents from their letters.
    for sign in text.to_lowercase().nfd() {
        if sign.is_ascii_alphanumeric() { plain.push(sign) } else { plain.push_str(letter(sign)) }
    }
    plain
}

#[cfg(test)]
mod tests {
    use netto_model::contract::SOURCES;

    use super::*;

    #[test]
    fn names_are_compared_without_case_accents_and_signs() {
        assert_eq!(fit("order_lines", "customer_id", "Kunden-Nr."), 100);
        assert_eq!(fit("order_lines", "quantity", "Quantité"), 100);
        assert_eq!(fit("order_lines", "order_id", "N° facture"), 100);
        assert_eq!(fit("order_lines", "net_amount", "Wartość netto"), 100);
        assert_eq!(fit("order_lines", "employee_id", "Sælgerkode"), 100);
        assert_eq!(fit("order_lines", "net_amount", "Nettobedrag EUR"), 60);
        assert_eq!(fit("order_lines", "quantity", "Remark"), 0);
        assert_eq!(fit("order_lines", "product_id", "Invoice lines/Product"), 95);
        assert_eq!(fit("products", "product_id", "Itemcode"), 95);
        assert_eq!(fit("products", "product_id", "Katalogové číslo"), 90);
        assert_eq!(["c_key", "custkey", "CARIKOD"].map(|name| fit("order_lines", "customer_id", name)), [0, 95, 95]);
        assert_eq!(["Number", "Phone number"].map(|name| fit("order_lines", "order_id", name)), [100, 0]);
    }

    #[test]
    fn amounts_with_tax_and_percentages_are_told_by_their_names() {
        let taxed =
            ["Amount Including VAT", "BTW-bedrag", "Montant TTC", "AmountInclVAT", "Brutto inkl. MwSt", "Steuerbetrag"];
        let untaxed = ["Bedrag (excl. BTW)", "Montant HT (hors TVA)", "Net (without tax)", "Amount", "Status"];
        assert_eq!(taxed.map(has_tax), [true; 6]);
        assert_eq!(untaxed.map(has_tax), [false; 5]);
        let gross = ["Bruttoerlös", "Gross Revenue", "Ricavi lordi", "Umsatz Großhandel", "Net Revenue"].map(is_gross);
        assert_eq!(gross, [true, true, true, false, false]);
        let percentages = ["Korting (%)", "Line Discount Pct", "Linjerabatpct.", "Rabatt"];
        assert_eq!(percentages.map(is_percentage), [true, true, true, false]);
    }

    #[test]
    fn documents_are_told_by_their_words() {
        let kinds = ["Customer Credit Note", "Customer Invoice", "Retour", "out_refund", "F"].map(kind_of_document);
        assert_eq!(kinds, [Some("credit"), Some("sale"), Some("return"), Some("credit"), None]);
        let codes = ["TA", "RE", "G2", "XX"].map(|code| kind_of_code("AUART", code));
        assert_eq!(codes, [Some("sale"), Some("return"), Some("credit"), None]);
        assert_eq!(kind_of_code("Belegart", "RE"), None);
    }

    #[test]
    fn every_term_belongs_to_a_column_of_the_contract() {
        for (source, column) in
            TERMS.keys().filter(|(source, _)| !["file", "month", "price", "sap", "span", "word"].contains(source))
        {
            let table = SOURCES.iter().find(|table| table.name == *source);
            assert!(table.is_some_and(|table| table.column(column).is_some()), "{source}.{column}");
        }
    }
}
