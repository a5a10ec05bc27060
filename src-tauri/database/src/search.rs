//! How names are folded for search, and how a typed text becomes words to look for.
//!
//! A name and a query go through the same [`fold`], so that what is typed on any keyboard of the region finds
//! the good: `Көктем` = `коктем`, `ё` = `е`. A number and its unit are one word (`1,5 л` = `1·5l`): a lone digit
//! or letter would begin words of half the catalogue.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Stands for the decimal mark inside a word; the tokenizer keeps it with its neighbours.
const MARK: char = '·';

/// Units written after a number, folded, with the one word they are indexed as.
const UNITS: [(&str, &str); 12] = [
    ("l", "l"),
    ("л", "l"),
    ("ml", "ml"),
    ("мл", "ml"),
    ("g", "g"),
    ("г", "g"),
    ("гр", "g"),
    ("kg", "kg"),
    ("кг", "kg"),
    ("шт", "pcs"),
    ("pcs", "pcs"),
    ("дана", "pcs"),
];

/// Keys of the US layout with what they type on the Russian one. The Kazakh layout differs in [`KAZAKH`] alone.
const RUSSIAN: (&str, &str) = ("qwertyuiop[]asdfghjkl;'zxcvbnm,.`", "йцукенгшщзхъфывапролджэячсмитьбюё");

/// The digit row of the Kazakh layout.
const KAZAKH: (&str, &str) = ("2345890-=", "әіңғүұқөһ");

/// Lower case, words parted by single spaces, letters that keyboards confuse made one, accents dropped.
pub fn fold(text: &str) -> String {
    let letters: Vec<char> = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).map(folded).collect();
    let mut spaced = String::with_capacity(text.len());
    for (index, c) in letters.iter().copied().enumerate() {
        let digit_at = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(char::is_ascii_digit);
        match c {
            '.' | ',' | MARK if digit_at(index.checked_sub(1)) && digit_at(Some(index + 1)) => spaced.push(MARK),
            c if c.is_alphanumeric() => spaced.push(c),
            c if is_combining_mark(c) => {}
            _ => spaced.push(' '),
        }
    }
    let mut out = String::with_capacity(spaced.len());
    let mut words = spaced.split_whitespace().peekable();
    while let Some(word) = words.next() {
        if !out.is_empty() {
            out.push(' ');
        }
        let digits = word.trim_end_matches(|c: char| !c.is_ascii_digit());
        let unit_of = |tail: &str| UNITS.iter().find(|(written, _)| *written == tail).map(|(_, unit)| *unit);
        let is_number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == MARK);
        if !is_number(digits) {
            out.push_str(word);
            continue;
        }
        out.push_str(digits);
        let tail = &word[digits.len()..];
        if !tail.is_empty() {
            out.push_str(unit_of(tail).unwrap_or(tail));
        } else if let Some(unit) = words.peek().and_then(|next| unit_of(next)) {
            out.push_str(unit);
            words.next();
        }
    }
    out
}

fn folded(c: char) -> char {
    match c {
        'ё' => 'е',
        'қ' => 'к',
        'ғ' => 'г',
        'ң' => 'н',
        'ү' | 'ұ' => 'у',
        'ө' => 'о',
        'ә' => 'а',
        'һ' => 'х',
        'і' => 'и',
        'ə' => 'e',
        'ı' => 'i',
        c => c,
    }
}

/// The text as the other keyboard layout would have typed it; nothing where the keys are the same.
/// Latin becomes Cyrillic, with the Kazakh digit row inside words; Cyrillic becomes Latin.
pub fn other_layout(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let latin = lower.chars().any(|c| c.is_ascii_alphabetic());
    let pairs = |(us, cyrillic): (&'static str, &'static str)| us.chars().zip(cyrillic.chars());
    let typed = if latin {
        lower
            .split(' ')
            .map(|word| {
                let in_word = word.chars().any(|c| c.is_ascii_alphabetic());
                let key = |c: char| {
                    pairs(RUSSIAN).chain(pairs(KAZAKH).filter(|_| in_word)).find(|(us, _)| *us == c).map_or(c, |(_, typed)| typed)
                };
                word.chars().map(key).collect::<String>()
            })
            .collect::<Vec<_>>()
            .join(" ")
    } else {
        let key = |c: char| pairs(RUSSIAN).chain(pairs(KAZAKH)).find(|(_, cyrillic)| *cyrillic == c).map_or(c, |(us, _)| us);
        lower.chars().map(key).collect()
    };
    (typed != lower).then_some(typed)
}

/// The words of a query, folded, longest first: the rarest word bounds the work.
pub(crate) fn words(text: &str) -> Vec<String> {
    /// More words than this narrow nothing down any more.
    const WORDS_AT_MOST: usize = 8;
    let mut words: Vec<String> = fold(text).split_whitespace().map(str::to_owned).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    words.dedup();
    words.truncate(WORDS_AT_MOST);
    words
}

/// The longest beginning that has an index of its own (`catalogue_index.sql`).
const LONGEST_INDEXED: usize = 6;

/// The words as the index understands them, cheapest first. A beginning that is longer than the index's own is first
/// taken for the whole word, which is read as it stands, and only then gathered from all words that begin so.
pub(crate) fn expressions(words: &[String]) -> Vec<String> {
    let is_long = |word: &String| word.chars().count() > LONGEST_INDEXED;
    let expression = |whole: bool| {
        words
            .iter()
            .map(|word| if whole && is_long(word) { format!("\"{word}\"") } else { format!("\"{word}\"*") })
            .collect::<Vec<_>>()
            .join(" AND ")
    };
    let mut expressions = Vec::new();
    if words.iter().any(is_long) {
        expressions.push(expression(true));
    }
    expressions.push(expression(false));
    expressions
}

/// Does every word begin a word of the folded name?
pub(crate) fn fits(folded: &str, words: &[String]) -> bool {
    words.iter().all(|word| folded.split(' ').any(|of_name| of_name.starts_with(word.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn letters_that_keyboards_confuse_are_one() {
        for (one, other) in [
            ("Сүт «Көктем», 2,5 %", "сут коктем 2.5"),
            ("ЁЖ Қымыз", "еж кымыз"),
            ("Əli Işıq", "eli isiq"),
            ("Őszi Çörək", "oszi corek"),
            ("1,5 л", "1.5l"),
            ("400 ГР", "400g"),
            ("Іңір Һәм Ұғым", "инир хам угым"),
        ] {
            assert_eq!(fold(one), fold(other), "{one} and {other} find the same");
        }
        assert_eq!(fold("Сок 1,5 л"), "сок 1·5l");
        assert_eq!(fold("Чай 25 пак."), "чаи 25 пак");
    }

    #[test]
    fn the_wrong_layout_is_read_as_meant() {
        assert_eq!(other_layout("ghbdtn").as_deref(), Some("привет"));
        assert_eq!(other_layout("vjkjrj").as_deref(), Some("молоко"));
        assert_eq!(other_layout("сщсф").as_deref(), Some("coca"));
        assert_eq!(other_layout("c9n").as_deref(), Some("сұт"));
        assert_eq!(fold(&other_layout("c8n").unwrap()), fold("сүт"));
        assert_eq!(other_layout("4870"), None);
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "[а-яёқғңүұөәһіa-zəı0-9 .,%«»]{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn case_does_not_matter(text in "[а-яёқғңүұөәһіa-z0-9 .,]{0,40}") {
            prop_assert_eq!(fold(&text.to_uppercase()), fold(&text));
        }

        #[test]
        fn the_layout_goes_there_and_back(text in "[а-яё]{1,20}") {
            let typed = other_layout(&text).unwrap();
            prop_assume!(typed.chars().any(|c| c.is_ascii_alphabetic()));
            prop_assert_eq!(other_layout(&typed), Some(text));
        }

        #[test]
        fn every_beginning_of_every_word_fits(name in "[а-яқәa-z]{2,8}( [а-яқәa-z]{2,8}){0,3}", take in 1_usize..6) {
            let beginnings: Vec<String> = fold(&name).split(' ').rev().map(|word| word.chars().take(take).collect()).collect();
            prop_assert!(fits(&fold(&name), &beginnings));
        }
    }
}
