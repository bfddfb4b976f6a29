//! The time zone of a person.

use chrono_tz::{TZ_VARIANTS, Tz};

/// The trait that names the time zone of a profile: an IANA name, compared without case.
pub const TIME_ZONE: &str = "timezone";

/// The time zone of this name in the IANA time zone database, in any case.
pub fn zone_of_name(name: &str) -> Option<Tz> {
    name.parse().ok().or_else(|| {
        let mut zones = TZ_VARIANTS.iter();
        zones
            .find(|zone| zone.name().eq_ignore_ascii_case(name))
            .copied()
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Europe/Madrid", Some(Tz::Europe__Madrid))]
    #[case("europe/madrid", Some(Tz::Europe__Madrid))]
    #[case("Madrid", None)]
    #[case("", None)]
    fn a_name_in_any_case_names_it(#[case] name: &str, #[case] zone: Option<Tz>) {
        assert_eq!(zone_of_name(name), zone);
    }
}
