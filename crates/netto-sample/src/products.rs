//! `artikelen.csv`: two thousand products in twelve groups from 25 suppliers, at the latest cost and list price.
//!
//! ```text
//! Artikel;Omschrijving;Groep;Leverancier;Inkoopprijs;Brutoprijs;Type;Gewicht;Vanaf
//! 100101;T-stuk messing Ø 15 mm;Leidingen & fittingen;L02;1,28;2,38;G;0,484;01-01-2025
//! 100108;Kogelkraan Ø 35 mm;Leidingen & fittingen;L02;17,58;31,56;G;0,348;01-01-2025
//! 100115;Perskoppeling Ø 15 mm;Leidingen & fittingen;L02;19,18;32,80;G;0,304;01-01-2025
//! ```

use netto_model::Period;

use crate::calendar::{FIRST, LAST, dutch};
use crate::draw::{Draw, Stream};
use crate::extract::{Extract, amount, per_mille};

/// Number of products of the demo.
const PRODUCTS: usize = 2_000;
/// Number of suppliers.
pub(crate) const SUPPLIERS: usize = 25;
/// Half years, each with its cost; calendar years, each with its list price.
const HALVES: usize = 6;

/// A group: name, share of the range, cost in thousandths of list, prices in cents, weight in grams, words.
struct Group {
    name: &'static str,
    share: i64,
    cost: i64,
    price: (i64, i64),
    grams: i64,
    nouns: &'static [&'static str],
    sizes: &'static [&'static str],
}

/// A product with its history of cost and list price.
pub(crate) struct Product {
    pub(crate) code: String,
    name: String,
    pub(crate) group: usize,
    pub(crate) supplier: usize,
    kind: &'static str,
    grams: i64,
    /// Delivered by the supplier to the customer, never stocked.
    pub(crate) direct: bool,
    costs: [i64; HALVES],
    prices: [i64; 4],
}

impl Product {
    /// Cost per piece in that month, in cents.
    pub(crate) fn cost(&self, period: Period) -> i64 {
        let months = (period.year() - FIRST.year()) * 12 + period.month() - FIRST.month();
        self.costs[usize::try_from(months / 6).unwrap_or_default().min(HALVES - 1)]
    }

    /// List price per piece in that month, in cents.
    pub(crate) fn price(&self, period: Period) -> i64 {
        self.prices[usize::try_from(period.year() - FIRST.year()).unwrap_or_default().min(3)]
    }

    /// Whether it is stocked.
    pub(crate) fn stocked(&self) -> bool {
        !self.direct && self.kind == "G"
    }
}

/// The range, a multiple of the demo's; the products of a group are adjacent, best sellers first.
pub(crate) fn products(seed: u64, times: i64) -> Vec<Product> {
    let mut draw = Draw::new(seed, Stream::Products);
    let rises: Vec<[i64; HALVES]> = (0..SUPPLIERS).map(|_| cost_rises(&mut draw)).collect();
    let mut products = Vec::with_capacity(PRODUCTS);
    for (index, group) in GROUPS.iter().enumerate() {
        for number in 0..group.share * times {
            products.push(product(&mut draw, index, number, &rises));
        }
    }
    products
}

pub(crate) fn extract(products: &[Product]) -> Extract {
    let header = "Artikel;Omschrijving;Groep;Leverancier;Inkoopprijs;Brutoprijs;Type;Gewicht;Vanaf";
    let mut extract = Extract::new("artikelen.csv", header);
    for product in products {
        extract.row([
            product.code.clone(),
            product.name.clone(),
            GROUPS[product.group].name.to_owned(),
            supplier_code(product.supplier),
            amount(product.cost(LAST)),
            amount(product.price(LAST)),
            product.kind.to_owned(),
            format!("{},{:03}", product.grams / 1_000, product.grams % 1_000),
            dutch(Period::new(2025, 1).first_day()),
        ]);
    }
    extract
}

/// `L07`.
pub(crate) fn supplier_code(supplier: usize) -> String {
    format!("L{:02}", supplier + 1)
}

/// The products of a group, as a range of indexes into all products.
pub(crate) fn range_of(group: usize, products: usize) -> std::ops::Range<usize> {
    let before = |end: usize| -> usize {
        let shares: usize = GROUPS[..end].iter().map(|group| usize::try_from(group.share).unwrap_or_default()).sum();
        shares * products / PRODUCTS
    };
    before(group)..before(group + 1)
}

/// Cost per half year in thousandths of the first: suppliers raise prices at different times, one in ten lowers them.
fn cost_rises(draw: &mut Draw) -> [i64; HALVES] {
    let mut level = 1_000;
    let mut rises = [level; HALVES];
    for rise in rises.iter_mut().skip(1) {
        level = per_mille(level, if draw.chance(100) { 985 } else { 1_000 + draw.between(0, 38) });
        *rise = level;
    }
    rises
}

fn product(draw: &mut Draw, index: usize, number: i64, rises: &[[i64; HALVES]]) -> Product {
    let group = &GROUPS[index];
    let supplier = (index * 2 + draw.index(4)) % SUPPLIERS;
    // The square of a uniform draw: cheap products are many, expensive ones few.
    let dearness = draw.below(1_000);
    let price = group.price.0 + (group.price.1 - group.price.0) * dearness * dearness / 1_000_000;
    let cost = per_mille(price, group.cost + draw.between(-22, 68)).max(1);
    let service = index == GROUPS.len() - 1;
    let kind = if service { ["D", "S"][usize::from(number % 3 == 0)] } else { "G" };
    Product {
        code: format!("{:02}{:04}", index + 10, number * 7 + 101),
        name: format!("{} {}", draw.pick(group.nouns), draw.pick(group.sizes)),
        group: index,
        supplier,
        kind,
        grams: if service { 0 } else { (group.grams * draw.between(30, 250) / 100).max(1) },
        direct: !service && number % 9 == 8,
        costs: rises[supplier].map(|rise| per_mille(cost, rise).max(1)),
        prices: [1_000, 1_030, 1_062, 1_094].map(|level| per_mille(price, level)),
    }
}

/// Number of groups.
pub(crate) const GROUP_COUNT: usize = 12;
const MILLIMETRES: &[&str] = &["Ø 12 mm", "Ø 15 mm", "Ø 22 mm", "Ø 28 mm", "Ø 35 mm", "½\"", "¾\"", "1\""];
const MODELS: &[&str] = &["wit", "chroom", "RVS", "type A", "type B", "compact", "pro", "60 cm", "80 cm", "100 cm"];
const GROUPS: [Group; GROUP_COUNT] = [
    Group {
        name: "Leidingen & fittingen",
        share: 380,
        cost: 560,
        price: (90, 9_500),
        grams: 400,
        nouns: &["T-stuk messing", "Knie 90°", "Perskoppeling", "Koperbuis", "Kogelkraan", "Meerlagenbuis"],
        sizes: MILLIMETRES,
    },
    Group {
        name: "Sanitair",
        share: 160,
        cost: 545,
        price: (2_500, 62_000),
        grams: 9_000,
        nouns: &["Wastafelmengkraan", "Closetcombinatie", "Douchegoot", "Thermostaatkraan", "Bidet"],
        sizes: MODELS,
    },
    Group {
        name: "Verwarming",
        share: 150,
        cost: 590,
        price: (3_500, 145_000),
        grams: 22_000,
        nouns: &["Paneelradiator", "Hybride warmtepomp", "Cv-ketel", "Vloerverwarmingsset", "Expansievat"],
        sizes: MODELS,
    },
    Group {
        name: "Kabel & draad",
        share: 170,
        cost: 610,
        price: (140, 24_000),
        grams: 1_800,
        nouns: &["Installatiedraad VD", "Grondkabel YMvK", "Datakabel Cat6", "Mantelleiding"],
        sizes: &["3×1,5 mm²", "3×2,5 mm²", "5×2,5 mm²", "5×6 mm²", "ring 100 m", "haspel 500 m"],
    },
    Group {
        name: "Schakelmateriaal",
        share: 260,
        cost: 530,
        price: (250, 18_000),
        grams: 180,
        nouns: &["Wandcontactdoos", "Installatieautomaat", "Aardlekschakelaar", "Groepenkast", "Dimmer"],
        sizes: &["B16", "C16", "30 mA", "1-fase", "3-fase", "wit", "antraciet"],
    },
    Group {
        name: "Verlichting",
        share: 170,
        cost: 520,
        price: (450, 32_000),
        grams: 900,
        nouns: &["Led-paneel", "Noodverlichting", "Inbouwspot", "Lijnarmatuur"],
        sizes: &["3000 K", "4000 K", "IP20", "IP65"],
    },
    Group {
        name: "Bevestiging",
        share: 240,
        cost: 480,
        price: (60, 4_800),
        grams: 350,
        nouns: &["Plug nylon", "Keilbout", "Beugel", "Montagerail", "Zelftapper"],
        sizes: &["M6", "M8", "M10", "50 st.", "100 st.", "2 m"],
    },
    Group {
        name: "Gereedschap",
        share: 150,
        cost: 590,
        price: (900, 68_000),
        grams: 1_600,
        nouns: &["Accuboormachine", "Perstang", "Moersleutel", "Multimeter", "Zaagblad"],
        sizes: &["18 V", "10,8 V", "set", "Ø 125 mm", "pro"],
    },
    Group {
        name: "Pompen",
        share: 80,
        cost: 575,
        price: (6_500, 120_000),
        grams: 8_000,
        nouns: &["Circulatiepomp", "Dompelpomp", "Hydrofoor"],
        sizes: &["25-60", "32-80", "40-100", "6 m³/h"],
    },
    Group {
        name: "Ventilatie",
        share: 90,
        cost: 550,
        price: (800, 92_000),
        grams: 3_500,
        nouns: &["Wtw-unit", "Spirobuis", "Badkamerventilator", "Toevoerventiel"],
        sizes: &["Ø 125 mm", "Ø 160 mm", "300 m³/h", "400 m³/h"],
    },
    Group {
        name: "Veiligheid",
        share: 110,
        cost: 500,
        price: (300, 15_500),
        grams: 500,
        nouns: &["Werkhandschoen", "Veiligheidsschoen S3", "Gehoorkap", "Stofmasker FFP2"],
        sizes: &["maat 9", "maat 10", "maat 43", "10 st."],
    },
    Group {
        name: "Diensten & montage",
        share: 40,
        cost: 620,
        price: (3_500, 26_000),
        grams: 0,
        nouns: &["Zaagwerk", "Pompset gemonteerd", "Schakelkast geassembleerd", "Instructie op locatie"],
        sizes: &["per uur", "per stuk", "klein", "groot"],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_groups_share_the_range() {
        assert_eq!(GROUPS.iter().map(|group| group.share).sum::<i64>(), 2_000);
        assert_eq!(range_of(GROUP_COUNT - 1, PRODUCTS).end, PRODUCTS);
        assert_eq!(products(1, 1).len(), PRODUCTS);
        assert_eq!(products(1, 3).len(), range_of(GROUP_COUNT - 1, 3 * PRODUCTS).end);
    }

    #[test]
    fn the_extract_has_the_latest_cost() {
        let product = &products(1, 1)[0];
        assert_eq!(product.cost(LAST), product.costs[HALVES - 1]);
        assert_eq!(product.cost(FIRST), product.costs[0]);
    }
}
