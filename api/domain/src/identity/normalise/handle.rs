//! Handles on social networks: the bare name, in lower case, out of a name, a mention or the address of a page.

use unicode_normalization::UnicodeNormalization;

use super::Dropped;

/// Steps of a page's path that come before the name.
const PATH_PREFIXES: [&str; 5] = ["in", "pub", "c", "user", "channel"];

pub(super) fn normalise(raw: &str) -> Result<String, Dropped> {
    let text = raw.nfc().collect::<String>().to_lowercase();
    let name = name_of_page(&text)
        .unwrap_or(&text)
        .trim_start_matches('@')
        .trim();
    let forbidden = |character: char| {
        character.is_whitespace()
            || character.is_control()
            || matches!(character, '/' | '@' | '?' | '#')
    };
    if name.is_empty() || name.chars().any(forbidden) {
        return Err(Dropped::Malformed);
    }
    Ok(name.nfc().collect())
}

/// The name in the address of a profile's page; `None` if the text is no address.
fn name_of_page(text: &str) -> Option<&str> {
    let address = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .unwrap_or(text);
    let (host, path) = address.split_once('/')?;
    if !host.contains('.') {
        return None;
    }
    if let Some((_, query)) = path.split_once("profile.php?") {
        return query
            .split(['&', '#'])
            .find_map(|pair| pair.strip_prefix("id="));
    }
    let path = path.split(['?', '#']).next().unwrap_or(path);
    path.split('/')
        .find(|step| !step.is_empty() && !PATH_PREFIXES.contains(step))
}
