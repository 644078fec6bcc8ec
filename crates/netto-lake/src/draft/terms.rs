//! Which column of the contract a name of an extract means: by what ERPs call it, `terms.txt`.

use std::sync::LazyLock;

/// The terms of a column: where they stand in the contract, and the names, the usual one first.
struct Terms {
    source: &'static str,
    column: &'static str,
    names: Vec<String>,
}

static TERMS: LazyLock<Vec<Terms>> = LazyLock::new(|| {
    let lines = include_str!("terms.txt").lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let (place, names) = line.split_once(':')?;
            let (source, column) = place.split_once('.')?;
            Some(Terms { source, column, names: names.split(',').map(plain).collect() })
        })
        .collect()
});

/// How well a name fits a column: 100 where it is a term for it, 60 where it contains one, else 0.
pub(super) fn fit(source: &str, column: &str, name: &str) -> u32 {
    let name = plain(name);
    if name.is_empty() {
        return 0;
    }
    let of_column = |terms: &&Terms| terms.source == source && terms.column == column;
    let names = TERMS.iter().filter(of_column).flat_map(|terms| &terms.names);
    let within = |term: &str| term.len() >= LONG && name.contains(term);
    // The contract's own name is always a term.
    let own = plain(column);
    let fits = |term: &str| match term {
        term if term == name => 100,
        term if within(term) => 60,
        _ => 0,
    };
    names.map(String::as_str).chain([own.as_str()]).map(fits).max().unwrap_or(0)
}

/// Shorter terms stand in too many names: `no`, `art`.
const LONG: usize = 5;

/// Whether a name says that tax is in the amount, or is the amount: `Amount Including VAT`, `BTW-bedrag`; but not `Bedrag excl. BTW`.
pub(super) fn has_tax(name: &str) -> bool {
    const TAX: [&str; 9] = ["btw", "gst", "mwst", "steuer", "tax", "ttc", "tva", "ust", "vat"];
    const WITHOUT: [&str; 12] =
        ["before", "ex", "excl", "excluding", "exclusief", "exkl", "hors", "ht", "net", "ohne", "without", "zonder"];
    let words = words(name);
    let any = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let run_together = plain(name);
    let within = ["inclvat", "inclbtw", "inklmwst", "includingvat", "inclusiefbtw", "incltax", "includingtax"];
    any(&TAX) && !any(&WITHOUT) || within.iter().any(|term| run_together.contains(term))
}

/// Whether a name says that the values are of a hundred.
pub(super) fn is_percentage(name: &str) -> bool {
    const OF_HUNDRED: [&str; 8] = ["pct", "perc", "percent", "percentage", "pourcentage", "procent", "prozent", "taux"];
    name.contains('%') || words(name).iter().any(|word| OF_HUNDRED.contains(&word.as_str()))
}

fn words(name: &str) -> Vec<String> {
    name.split(|sign: char| !sign.is_alphanumeric()).map(plain).filter(|word| !word.is_empty()).collect()
}

/// Lower case, letters without accents, digits; nothing else.
fn plain(text: &str) -> String {
    let letter = |sign: char| -> &'static str {
        match sign {
            'ä' | 'à' | 'â' | 'á' | 'å' => "a",
            'é' | 'è' | 'ê' | 'ë' => "e",
            'ï' | 'î' | 'í' => "i",
            'ö' | 'ô' | 'ó' | 'ø' | '°' | 'º' => "o",
            'ü' | 'û' | 'ù' | 'ú' => "u",
            'ç' => "c",
            'ñ' => "n",
            'ß' => "ss",
            _ => "",
        }
    };
    let mut plain = String::new();
    for sign in text.to_lowercase().chars() {
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
        assert_eq!(fit("order_lines", "net_amount", "Nettobedrag EUR"), 60);
        assert_eq!(fit("order_lines", "quantity", "Remark"), 0);
    }

    #[test]
    fn amounts_with_tax_and_percentages_are_told_by_their_names() {
        let taxed = ["Amount Including VAT", "BTW-bedrag", "Montant TTC", "AmountInclVAT", "Brutto inkl. MwSt"];
        let untaxed = ["Bedrag (excl. BTW)", "Montant HT (hors TVA)", "Net (without tax)", "Amount", "Status"];
        assert_eq!(taxed.map(has_tax), [true; 5]);
        assert_eq!(untaxed.map(has_tax), [false; 5]);
        assert_eq!(["Korting (%)", "Line Discount Pct", "Rabatt"].map(is_percentage), [true, true, false]);
    }

    #[test]
    fn every_term_belongs_to_a_column_of_the_contract() {
        for terms in TERMS.iter().filter(|terms| !["file", "price"].contains(&terms.source)) {
            let source = SOURCES.iter().find(|source| source.name == terms.source);
            assert!(
                source.is_some_and(|source| source.column(terms.column).is_some()),
                "{}.{}",
                terms.source,
                terms.column
            );
        }
    }
}
