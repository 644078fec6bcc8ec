//! Draws from a seed, and changes to bytes.

/// A sequence of numbers (splitmix64): the same for the same seed, everywhere.
pub struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From zero to below `end`; zero where that is zero.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    pub fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// A part of so many bytes.
    pub fn range(&mut self, len: usize) -> std::ops::Range<usize> {
        let start = self.below(len + 1);
        let longest = if self.one_in(4) { len } else { 16 };
        start..(start + self.below(longest + 1)).min(len)
    }
}

/// What stands in extracts where nobody expects it.
const ODD: &[&str] = &[
    "\"",
    "\"\"",
    "'",
    "\\",
    "\\\"",
    ",",
    ";",
    "\t",
    "|",
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    "\0",
    "-",
    "+",
    "(",
    ")",
    "=1+1",
    ".",
    ",5",
    "1e308",
    "1e-400",
    "NaN",
    "inf",
    "-0",
    "0",
    "007",
    "99999999999999999999999999999999999999999",
    "170141183460469231731687303715884105728",
    "99999999999999.9999",
    "-99999999999999.9999",
    "0.00005",
    "2025-02-30",
    "0000-00-00",
    "9999-12-31",
    "999999-01-01",
    "-0001-01-01",
    "1899-12-31",
    "45000",
    "24:00",
    "\u{feff}",
    "\u{a0}",
    "\u{202f}",
    "’",
    "٫",
    "é",
    "€",
    "\u{1f600}",
    "\u{0}",
    "NULL",
    "n/a",
    "%",
    "{}",
    "’",
    "\u{7f}",
];

/// The bytes with a few changes.
pub fn changed(bytes: &[u8], draw: &mut Draw) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=draw.below(6) {
        change(&mut bytes, draw);
    }
    bytes
}

fn change(bytes: &mut Vec<u8>, draw: &mut Draw) {
    let len = bytes.len();
    let range = draw.range(len);
    match draw.below(9) {
        0 | 1 => flip(bytes, draw),
        2 => bytes.iter_mut().skip(range.start).take(1).for_each(|byte| *byte = u8::try_from(draw.below(256)).unwrap()),
        3 | 4 => drop(bytes.splice(range.start..range.start, draw.pick(ODD).bytes())),
        5 => drop(bytes.drain(range)),
        6 => {
            let part = bytes[range].to_vec();
            let at = draw.below(len + 1);
            bytes.splice(at..at, part);
        }
        7 if draw.one_in(3) => bytes.truncate(range.start),
        7 => bytes[range].fill(*draw.pick(&[0, b'"', b'9', b'\n', 0xff])),
        _ => drop(bytes.splice(range, draw.pick(ODD).bytes())),
    }
}

/// One bit is turned.
pub fn flip(bytes: &mut [u8], draw: &mut Draw) {
    let (at, bit) = (draw.below(bytes.len()), draw.below(8));
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << bit;
    }
}
