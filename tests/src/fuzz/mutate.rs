//! Changes to golden frames, the same for the same seed on every machine.

use crate::chance::Chance;

/// What parsers stumble over, whatever they read.
const WORDS: [&[u8]; 24] = [
    b"0",
    b"-1",
    b"1",
    b"999",
    b"00",
    b"2147483648",
    b"9223372036854775807",
    b"99999999999999999999",
    b"1e9",
    b"0.1",
    b",",
    b"%",
    b"\"",
    b"{",
    b"[",
    b"\x1d",
    b"\0",
    b"\r\n",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xc2\xa0",
    b"\xe2\x82\xb8",
    b"\xe2\x88\x92",
    b"\xcc\x88",
];

pub struct Mutator {
    seeds: Vec<Vec<u8>>,
    longest: usize,
    chance: Chance,
}

impl Mutator {
    pub fn new(seeds: Vec<Vec<u8>>, longest: usize, seed: u64) -> Mutator {
        assert!(!seeds.is_empty(), "a corpus has frames");
        Mutator { seeds, longest, chance: Chance::new(seed) }
    }

    fn below(&mut self, bound: usize) -> usize {
        self.chance.below(bound as u64) as usize
    }

    fn seed(&mut self) -> Vec<u8> {
        let index = self.below(self.seeds.len());
        self.seeds[index].clone()
    }

    /// A frame with one to six changes.
    pub fn frame(&mut self) -> Vec<u8> {
        let mut bytes = self.seed();
        for _ in 0..=self.below(6) {
            self.change(&mut bytes);
        }
        bytes.truncate(self.longest);
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len() + 1);
        let to = at + self.below((bytes.len() - at).min(64) + 1);
        match self.below(9) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            1 if at < bytes.len() => bytes[at] = self.below(256) as u8,
            2 => drop(bytes.drain(at..to)),
            3 => {
                let again = bytes[at..to].to_vec();
                bytes.splice(at..at, again);
            }
            4 => {
                let other = self.seed();
                let from = self.below(other.len() + 1);
                bytes.splice(at..to, other[from..].iter().copied().take(256));
            }
            5 => self.change_digit(bytes),
            6 => bytes.truncate(at),
            7 => {
                let other = self.seed();
                bytes.extend(other);
            }
            _ => {
                let word = WORDS[self.below(WORDS.len())];
                bytes.splice(at..to.min(at + word.len()), word.iter().copied());
            }
        }
    }

    /// Another digit in place of one: a number of the same length.
    fn change_digit(&mut self, bytes: &mut [u8]) {
        let digits: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at].is_ascii_digit()).collect();
        if !digits.is_empty() {
            let at = digits[self.below(digits.len())];
            bytes[at] = b'0' + self.below(10) as u8;
        }
    }
}

/// The same words for a fuzzer guided by coverage, one quoted a line.
pub fn dictionary() -> String {
    let quoted = |word: &[u8]| word.iter().map(|byte| format!("\\x{byte:02x}")).collect::<String>();
    WORDS.iter().map(|word| format!("\"{}\"\n", quoted(word))).collect()
}
