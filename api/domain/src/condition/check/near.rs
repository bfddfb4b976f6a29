//! Names that are written almost alike, for those who mistype.

use crate::profile::fold_text;

/// How many near matches are named.
const MAX_MATCHES: usize = 3;

/// Names longer than this are compared with none: nobody mistypes so much, and a comparison takes the product of both lengths.
const MAX_CHARS: usize = 50;

/// The names that are at most a third of their letters away from this one, without regard to case and accents; the nearest first.
pub(in crate::condition) fn near<T: AsRef<str>>(
    name: &str,
    names: impl IntoIterator<Item = T>,
) -> Vec<String> {
    let wanted = fold_text(name);
    let length = wanted.chars().count();
    if length > MAX_CHARS {
        return Vec::new();
    }
    let mut matches: Vec<(usize, String)> = names
        .into_iter()
        .filter(|known| known.as_ref().chars().count().abs_diff(length) <= allowed(length))
        .filter_map(|known| {
            let distance = strsim::osa_distance(&wanted, &fold_text(known.as_ref()));
            (distance <= allowed(length)).then(|| (distance, known.as_ref().to_owned()))
        })
        .collect();
    matches.sort();
    matches.dedup();
    matches.truncate(MAX_MATCHES);
    matches.into_iter().map(|(_, name)| name).collect()
}

/// How many letters may differ.
fn allowed(length: usize) -> usize {
    (length / 3).clamp(1, 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("contry", &["country"])]
    #[case("Country", &["country"])]
    #[case("ctiy", &["city"])]
    #[case("cit", &["city"])]
    #[case("segments", &[])]
    #[case("", &[])]
    fn who_mistypes_is_told_what_was_meant(#[case] name: &str, #[case] expected: &[&str]) {
        assert_eq!(near(name, ["country", "city", "birthday"]), expected);
    }

    #[test]
    fn very_long_names_are_near_nothing() {
        let long = "x".repeat(100_000);
        assert_eq!(near(&long, [&long]), Vec::<String>::new());
    }
}
