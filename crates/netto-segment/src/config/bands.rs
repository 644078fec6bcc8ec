//! Bands of order values, and their labels.
//!
//! ```text
//! bands = [50, 2500]     below 0: returns and credits · 0–50 · 50–2,500 · 2,500 and more
//! ```

use netto_model::money::SCALE;

use super::OrderSizeConfig;

/// A band of order values, in ten-thousandths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Band {
    /// Its lower limit; `None` for the lowest band.
    pub(crate) from: Option<i64>,
    /// Its exclusive upper limit; `None` for the highest band.
    pub(crate) to: Option<i64>,
}

impl OrderSizeConfig {
    /// The bands, lowest first.
    pub(crate) fn named_bands(&self) -> Vec<Band> {
        let limits: Vec<Option<i64>> = self.limits().into_iter().map(Some).collect();
        let ends = limits.iter().copied().chain([None]);
        [None].into_iter().chain(limits.iter().copied()).zip(ends).map(|(from, to)| Band { from, to }).collect()
    }
}

impl Band {
    /// Such as 100–250.
    pub(crate) fn label(&self) -> String {
        match (self.from, self.to) {
            (Some(from), Some(to)) => format!("{}–{}", plain(from), plain(to)),
            (Some(from), None) => format!("{} and more", plain(from)),
            (None, Some(to)) => format!("below {}: returns and credits", plain(to)),
            (None, None) => "all".to_owned(),
        }
    }
}

/// An amount above zero for a label: `2,500`, and `99.95` where it isn't whole.
fn plain(units: i64) -> String {
    let digits = (units / SCALE).to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    let fraction = format!("{:04}", units % SCALE);
    match fraction.trim_end_matches('0') {
        "" => text,
        rest => format!("{text}.{rest:0<2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_are_named_by_their_limits() {
        let config = OrderSizeConfig { bands: vec![50.0, 99.95, 2_500.0, 1_000_000.0], small_below: 50.0 };
        let labels: Vec<String> = config.named_bands().iter().map(Band::label).collect();
        let expected = [
            "below 0: returns and credits",
            "0–50",
            "50–99.95",
            "99.95–2,500",
            "2,500–1,000,000",
            "1,000,000 and more",
        ];
        assert_eq!(labels, expected);
        assert_eq!(config.named_bands().last().unwrap(), &Band { from: Some(10_000_000_000), to: None });
        assert_eq!(
            (plain(125_000), plain(1_234_567_800), plain(500)),
            ("12.50".into(), "123,456.78".into(), "0.05".into())
        );
    }
}
