//! Word lists from which names are built. They are invented; none is meant to be an existing company or person.
//!
//! ```text
//! Installatiebedrijf Daniëls · Bouwbedrijf Noordhoek & Zn. · Coöperatie De Schakel
//! ```

use crate::draw::Draw;

/// The markets of customers.
pub(crate) const MARKETS: [&str; 5] = ["Installateurs", "Industrie", "Bouw", "Detailhandel", "Overheid"];

/// Town and region.
pub(crate) const TOWNS: [(&str, &str); 36] = [
    ("Amersfoort", "Midden"),
    ("Utrecht", "Midden"),
    ("Zeist", "Midden"),
    ("Nieuwegein", "Midden"),
    ("Ede", "Midden"),
    ("Hilversum", "Midden"),
    ("Almere", "Midden"),
    ("Veenendaal", "Midden"),
    ("Apeldoorn", "Oost"),
    ("Deventer", "Oost"),
    ("Zwolle", "Oost"),
    ("Enschede", "Oost"),
    ("Hengelo", "Oost"),
    ("Doetinchem", "Oost"),
    ("Arnhem", "Oost"),
    ("Goor", "Oost"),
    ("Groningen", "Noord"),
    ("Leeuwarden", "Noord"),
    ("Assen", "Noord"),
    ("Drachten", "Noord"),
    ("Sneek", "Noord"),
    ("Súdwest-Fryslân", "Noord"),
    ("Rotterdam", "West"),
    ("Den Haag", "West"),
    ("Amsterdam", "West"),
    ("Haarlem", "West"),
    ("Alphen aan den Rijn", "West"),
    ("Gouda", "West"),
    ("Dordrecht", "West"),
    ("Eindhoven", "Zuid"),
    ("Tilburg", "Zuid"),
    ("'s-Hertogenbosch", "Zuid"),
    ("Breda", "Zuid"),
    ("Venlo", "Zuid"),
    ("Maastricht", "Zuid"),
    ("Eijsden", "Zuid"),
];

const SURNAMES: [&str; 60] = [
    "Daniëls",
    "Van der Veen",
    "De Groot",
    "Müller",
    "Özdemir",
    "Noordhoek",
    "Kuijpers",
    "Van den Berg",
    "Hoekstra",
    "Çelik",
    "Brouwer",
    "Israëls",
    "Dijkstra",
    "Van 't Hof",
    "Schoenmaker",
    "Thijssen",
    "Ruël",
    "Postma",
    "Veldkamp",
    "Zijlstra",
    "André",
    "Verhoeven",
    "Bosman",
    "Terpstra",
    "Klaassen",
    "Wiersma",
    "Van Loon",
    "Geerts",
    "Holtkamp",
    "Ter Braak",
    "Rosier",
    "Peeters",
    "Lambrecht",
    "Van Eijk",
    "Meijer",
    "Oosterhuis",
    "Sanders",
    "Vos",
    "Krüger",
    "Timmermans",
    "Van Oijen",
    "Hendriks",
    "Joziasse",
    "Nijland",
    "Elzinga",
    "Van Rossum",
    "Kampstra",
    "Roëll",
    "Dekker",
    "Schipper",
    "Van Beek",
    "Mulder",
    "Bruïne",
    "Kok",
    "Wolters",
    "Haïtsma",
    "Van Dam",
    "Pronk",
    "Baarslag",
    "Niënhuis",
];

const BEFORE: [&[&str]; 5] = [
    &["Installatiebedrijf", "Loodgietersbedrijf", "Elektrotechniek", "Klimaattechniek", "Technisch Bureau"],
    &["Machinefabriek", "Constructiewerken", "Metaalindustrie", "Zuivelfabriek", "Apparatenbouw"],
    &["Bouwbedrijf", "Aannemersbedrijf", "Bouwgroep", "Timmerfabriek", "Renovatiebedrijf"],
    &["IJzerwaren", "Doe-het-zelf", "Badkamerstudio", "Verlichtingshuis", "Gereedschapshuis"],
    &["Gemeente", "Scholengemeenschap", "Woningcoöperatie", "Zorggroep", "Waterschap"],
];
const AFTER: [&str; 8] = ["", "", " B.V.", " B.V.", " & Zn.", " & Zonen", " Groep", " V.O.F."];
const PUBLIC_NAMES: [&str; 12] = [
    "De Schakel",
    "Rijnveld",
    "Het Baken",
    "Eemstroom",
    "De Poëet",
    "Oostwaard",
    "Zuiderlicht",
    "De Coöperatie",
    "Weidegaard",
    "Lindenhof",
    "Noorderpoort",
    "De Reünie",
];

/// A name for a customer of a market.
pub(crate) fn company(draw: &mut Draw, market: usize, town: &str) -> String {
    let before = draw.pick(BEFORE[market]);
    if market == 4 {
        return format!("{before} {} {town}", draw.pick(&PUBLIC_NAMES));
    }
    match draw.below(4) {
        0 => format!("{} {before}{}", draw.pick(&SURNAMES), draw.pick(&[" B.V.", ""])),
        _ => format!("{before} {}{}", draw.pick(&SURNAMES), draw.pick(&AFTER)),
    }
}
