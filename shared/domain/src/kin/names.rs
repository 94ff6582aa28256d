//! Whether two names are spellings of one name, as cashiers in Indonesia write them.
//!
//! The rules, each of which only ever applies to ids of one phone number:
//! 1. Case, accents, punctuation, titles (`Bpk`, `Ibu`, `Mbak`, `dr`, `H.`) and degrees after a comma don't
//!    matter; a man's title against a woman's does: husband and wife are called by one name.
//! 2. Old and new spelling are one (`Soekarno`, `Sukarno`; `Achmad`, `Ahmad`; `Rizky`, `Rizki`), and so are the
//!    writings of `Muhammad`.
//! 3. The same words in any order, or written together, are the same name.
//! 4. A name whose words are all in the other, the first one first in both, is part of it, unless the words it
//!    lacks say who else it is (`Putra`, `Istri`), or it is a single word that half the country is called by
//!    (`Siti`, `Wayan`). An initial stands for a later word that begins with it (`Siti R.`).
//! 5. One slip of the hand in one later word of six letters or more: a letter too many, too few, or two
//!    swapped. Never another letter and never the last one: `Rahma` and `Rahmi` are sisters.

use super::{Evidence, Likeness};
use crate::name::{SLUG_MAX_LEN, SLUG_UNNAMED, slug};

/// Titles by whom they are given to.
const MEN: [&str; 14] = [
    "abang", "bang", "bapak", "bp", "bpk", "kang", "koh", "mas", "mr", "om", "pak", "saudara", "tn", "tuan",
];
const WOMEN: [&str; 14] = [
    "bu", "ibu", "mba", "mbak", "mbk", "miss", "mrs", "ms", "nn", "nona", "ny", "nyonya", "saudari", "tante",
];
const ANYBODY: [&str; 13] = [
    "dr", "dra", "drg", "drs", "h", "haji", "hajah", "hj", "ir", "ka", "kak", "kakak", "prof",
];

/// Degrees, as they follow a comma, without dots.
const DEGREES: [&str; 20] = [
    "amd", "mba", "mh", "mkom", "mm", "mpd", "msc", "msi", "mt", "phd", "sag", "se", "sfarm", "sh", "skep",
    "skom", "spd", "spog", "ssos", "st",
];

/// Words of names that are no person's: a household, a shop, a stand-in.
const NOBODY: [&str; 27] = [
    "admin",
    "cash",
    "customer",
    "cv",
    "driver",
    "family",
    "gofood",
    "gojek",
    "grab",
    "grabfood",
    "guest",
    "kantor",
    "kasir",
    "kel",
    "keluarga",
    "meja",
    "member",
    "no",
    "online",
    "pelanggan",
    "pt",
    "shopee",
    "shopeefood",
    "tamu",
    "test",
    "toko",
    "umum",
];

/// Words that tell one of a family from another.
const RELATIVES: [&str; 19] = [
    "adik", "anak", "anaknya", "bin", "binti", "ayah", "istri", "jr", "junior", "mama", "papa", "putra",
    "putranya", "putri", "putrinya", "senior", "sr", "suami", "suaminya",
];

/// Given names that say too little alone: those of half the country, and those of birth order and rank.
const COMMON: [&str; 26] = [
    "abdul", "ahmad", "anak", "andi", "ayu", "cut", "desak", "dewa", "dewi", "gede", "gusti", "ida", "kadek",
    "ketut", "komang", "made", "ni", "nur", "nyoman", "putu", "raden", "siti", "sri", "tengku", "teuku",
    "wayan",
];

/// Writings of the commonest given name, by their sound.
const MUHAMMAD: [&str; 7] = ["m", "mhd", "moh", "mohamad", "mohamed", "muh", "muhamad"];

/// The fewest letters of a name that can be compared.
const LETTERS_MIN: usize = 3;
/// The fewest letters of a word in which a slip is told from another name.
const SLIP_LETTERS_MIN: usize = 6;

/// Whom a title is given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Title {
    Man,
    Woman,
}

/// A name ready to compare: at least one word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    title: Option<Title>,
    words: Vec<String>,
}

impl Name {
    /// The words in one order, for counting different names.
    pub(super) fn key(&self) -> Vec<&str> {
        sorted(&self.words)
    }
}

/// Reads a name. `None` where it says nothing of a person: only a title, a household, a number at the table, or
/// letters that can't be compared here.
pub(super) fn read(text: &str) -> Option<Name> {
    let unknown = |c: char| c.is_alphabetic() && slug(c.encode_utf8(&mut [0; 4])) == SLUG_UNNAMED;
    if text.chars().any(|c| c.is_numeric() || unknown(c)) {
        return None;
    }
    let mut parts = text.split(',');
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts.filter(|part| !is_degree(part)) {
        kept.push(' ');
        kept.push_str(part);
    }
    let slug = slug(&kept);
    if slug == SLUG_UNNAMED || slug.len() >= SLUG_MAX_LEN {
        return None;
    }
    let mut words: Vec<&str> = slug.split('-').collect();
    let mut title = None;
    while let Some(first) = words.first() {
        if MEN.contains(first) {
            title = title.or(Some(Title::Man));
        } else if WOMEN.contains(first) {
            title = title.or(Some(Title::Woman));
        } else if !ANYBODY.contains(first) {
            break;
        }
        words.remove(0);
    }
    if words.iter().any(|word| NOBODY.contains(word)) {
        return None;
    }
    let mut words: Vec<String> = words.into_iter().map(folded).collect();
    if let Some(first) = words
        .first_mut()
        .filter(|first| MUHAMMAD.contains(&first.as_str()))
    {
        "muhammad".clone_into(first);
    }
    let letters: usize = words.iter().map(String::len).sum();
    (letters >= LETTERS_MIN).then_some(Name { title, words })
}

fn is_degree(part: &str) -> bool {
    let letters: String = part.chars().filter(|c| c.is_alphanumeric()).collect();
    letters.is_empty() || DEGREES.contains(&letters.to_lowercase().as_str())
}

/// A word by its sound, so that old and new spelling, and doubled letters, are one.
fn folded(word: &str) -> String {
    const SOUNDS: [(&str, &str); 15] = [
        ("oe", "u"),
        ("dj", "j"),
        ("tj", "c"),
        ("ch", "h"),
        ("kh", "h"),
        ("dh", "d"),
        ("th", "t"),
        ("sh", "s"),
        ("sy", "s"),
        ("ph", "f"),
        ("v", "f"),
        ("y", "i"),
        ("z", "s"),
        ("q", "k"),
        ("x", "ks"),
    ];
    let mut sound = word.to_owned();
    for (written, spoken) in SOUNDS {
        sound = sound.replace(written, spoken);
    }
    let mut once = String::with_capacity(sound.len());
    for c in sound.chars() {
        if !once.ends_with(c) {
            once.push(c);
        }
    }
    if once.len() > LETTERS_MIN && once.ends_with('h') {
        once.pop();
    }
    once
}

/// How alike two names are.
pub(super) fn likeness(a: &Name, b: &Name) -> Option<Likeness> {
    if a.title.is_some() && b.title.is_some() && a.title != b.title {
        return None;
    }
    if sorted(&a.words) == sorted(&b.words) || a.words.concat() == b.words.concat() {
        return Some(Likeness::Same(Evidence::SimilarName));
    }
    let (short, long) = if a.words.len() <= b.words.len() {
        (a, b)
    } else {
        (b, a)
    };
    let part = is_part(&short.words, &long.words)
        || (short.words.len() == long.words.len() && is_part(&long.words, &short.words));
    (part || is_slip(&short.words, &long.words)).then_some(Likeness::Alike)
}

/// Whether a word, by its sound, is one of a list.
fn is_one_of(word: &str, list: &[&str]) -> bool {
    list.iter().any(|other| folded(other) == word)
}

fn sorted(words: &[String]) -> Vec<&str> {
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    words.sort_unstable();
    words
}

/// Whether the long name is the short one with words added that don't tell relatives apart.
fn is_part(short: &[String], long: &[String]) -> bool {
    let telling = match short {
        [only] => only.len() >= LETTERS_MIN && only != "muhammad" && !is_one_of(only, &COMMON),
        _ => true,
    };
    let mut added: Vec<&str> = long.iter().map(String::as_str).collect();
    for word in short {
        let known = added.iter().position(|other| other == word);
        // An initial stands for a later word of which it is the first letter.
        let place = known.or_else(|| added.iter().position(|other| is_initial(word, other)));
        let Some(place) = place else {
            return false;
        };
        added.remove(place);
    }
    telling && short.first() == long.first() && !added.iter().any(|word| is_one_of(word, &RELATIVES))
}

fn is_initial(word: &str, of: &str) -> bool {
    word.len() == 1 && of.starts_with(word)
}

/// Whether both names have the same words but for a slip of the hand in one that is not the first.
fn is_slip(a: &[String], b: &[String]) -> bool {
    if a.len() != b.len() || a.first() != b.first() {
        return false;
    }
    let mut differing = a.iter().zip(b).filter(|(a, b)| a != b);
    match (differing.next(), differing.next()) {
        (Some((a, b)), None) => is_slip_of(a.as_bytes(), b.as_bytes()),
        _ => false,
    }
}

/// Whether one word is the other with a letter too many inside, or with two neighbours inside swapped.
fn is_slip_of(a: &[u8], b: &[u8]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let fits =
        short.len() >= SLIP_LETTERS_MIN && short.first() == long.first() && short.last() == long.last();
    if !fits {
        return false;
    }
    let alike = short.iter().zip(long).take_while(|(a, b)| a == b).count();
    match (short.get(alike..), long.get(alike..)) {
        (Some(short), Some([_, rest @ ..])) if short == rest => true,
        (Some([a, b, short @ ..]), Some([c, d, long @ ..])) => a == d && b == c && short == long,
        _ => false,
    }
}
