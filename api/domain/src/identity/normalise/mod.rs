//! Normalisation: the one form under which an identifier is stored, looked up and compared.

mod email;
mod handle;
mod phone;

use unicode_normalization::UnicodeNormalization;

use super::{Namespace, Worthless};

/// The most characters in the value of an identifier.
pub const MAX_VALUE_CHARS: usize = 256;

/// The most bytes of a value that is looked at. More than a value needs, since an address of a page may come with its query.
const MAX_RAW_BYTES: usize = 2048;

/// Why a value is not used as an identifier. It stays in the payload all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Dropped {
    /// It identifies nobody, such as `null`.
    #[error("the value identifies nobody")]
    Worthless,
    /// It is not written as values of its namespace are.
    #[error("the value is malformed")]
    Malformed,
    /// It is longer than values of its namespace can be.
    #[error("the value is too long")]
    TooLong,
}

/// The normalised form of an identifier's value.
///
/// `region` is the country (ISO 3166-1 alpha-2) in which telephone numbers without a country code are read.
pub fn normalise(
    namespace: &Namespace,
    raw: &str,
    region: Option<&str>,
    worthless: &Worthless,
) -> Result<String, Dropped> {
    if namespace.is_internal() {
        return Err(Dropped::Malformed);
    }
    let raw = raw.trim();
    if worthless.covers(raw) {
        return Err(Dropped::Worthless);
    }
    if raw.len() > MAX_RAW_BYTES {
        return Err(Dropped::TooLong);
    }
    let value = match namespace.as_str() {
        "email" => email::normalise(raw)?,
        "phone" => phone::normalise(raw, region)?,
        _ if namespace.is_handle() => handle::normalise(raw)?,
        _ => raw.nfc().collect(),
    };
    if value.chars().any(char::is_control) {
        return Err(Dropped::Malformed);
    }
    if value.chars().count() > MAX_VALUE_CHARS {
        return Err(Dropped::TooLong);
    }
    if worthless.covers(&value) {
        return Err(Dropped::Worthless);
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn read(namespace: &str, raw: &str, region: Option<&str>) -> Result<String, Dropped> {
        normalise(
            &Namespace::new(namespace).unwrap(),
            raw,
            region,
            &Worthless::default(),
        )
    }

    #[rstest]
    #[case::blanks_and_case(" Ana.Ruiz@Example.COM ", "ana.ruiz@example.com")]
    #[case::dots_and_tags_are_kept("a.b+shop@gmail.com", "a.b+shop@gmail.com")]
    #[case::an_international_domain("info@Peñíscola.es", "info@xn--pescola-8ya9a.es")]
    #[case::decomposed_letters("jose\u{301}@example.com", "josé@example.com")]
    fn an_email_address_has_one_form(#[case] raw: &str, #[case] address: &str) {
        assert_eq!(read("email", raw, None).as_deref(), Ok(address));
    }

    #[rstest]
    #[case::no_at("ana.example.com")]
    #[case::two_ats("ana@ruiz@example.com")]
    #[case::no_local_part("@example.com")]
    #[case::no_domain("ana@")]
    #[case::no_dot("ana@localhost")]
    #[case::a_quoted_local_part("\"ana ruiz\"@example.com")]
    #[case::a_blank_inside("ana ruiz@example.com")]
    #[case::a_display_name("Ana <ana@example.com>")]
    #[case::an_address_of_a_machine("ana@192.0.2.1")]
    #[case::an_empty_label("ana@example..com")]
    #[case::an_invisible_character("ana\u{200b}@example.com")]
    fn what_is_no_email_address_is_dropped(#[case] raw: &str) {
        assert_eq!(read("email", raw, None), Err(Dropped::Malformed));
    }

    #[rstest]
    #[case::the_local_part(&format!("{}@example.com", "a".repeat(65)))]
    #[case::the_address(&format!("ana@{}example.com", "abcdefghi.".repeat(25)))]
    fn an_email_address_beyond_the_limits_is_dropped(#[case] raw: &str) {
        assert_eq!(read("email", raw, None), Err(Dropped::TooLong));
    }

    #[rstest]
    #[case::mobile("612 34 56 78", "ES", "+34612345678")]
    #[case::fixed("933 516 148", "ES", "+34933516148")]
    #[case::zeros_for_plus("0034 911 232 109", "ES", "+34911232109")]
    #[case::punctuation("+34 (911) 232-109", "ES", "+34911232109")]
    #[case::pairs("91 123 21 09", "es", "+34911232109")]
    #[case::another_country("+34 (911) 232-109", "CO", "+34911232109")]
    #[case::the_legacy_mexican_mobile_prefix("+52 1 55 1234 5678", "MX", "+525512345678")]
    #[case::an_argentine_mobile("011 15-2345-6789", "AR", "+5491123456789")]
    #[case::a_colombian_mobile("300 123 4567", "CO", "+573001234567")]
    #[case::an_extension("6 12 34 56 78 ext 9", "ES", "+34612345678")]
    #[case::an_italian_zero("06 698 12345", "IT", "+390669812345")]
    fn a_telephone_number_has_one_form(
        #[case] raw: &str,
        #[case] region: &str,
        #[case] e164: &str,
    ) {
        assert_eq!(read("phone", raw, Some(region)).as_deref(), Ok(e164));
    }

    #[rstest]
    #[case::too_short("12345", Some("ES"), Dropped::Malformed)]
    #[case::no_country("612 34 56 78", None, Dropped::Malformed)]
    #[case::no_number("call me", Some("ES"), Dropped::Malformed)]
    #[case::zeros("000-000-000", Some("ES"), Dropped::Worthless)]
    #[case::a_novel(&"1 ".repeat(40), Some("ES"), Dropped::TooLong)]
    fn what_is_no_telephone_number_is_dropped(
        #[case] raw: &str,
        #[case] region: Option<&str>,
        #[case] reason: Dropped,
    ) {
        assert_eq!(read("phone", raw, region), Err(reason));
    }

    #[rstest]
    #[case::a_mention("instagram", "@Ana.Ruiz", "ana.ruiz")]
    #[case::a_page("instagram", "https://www.instagram.com/Ana.Ruiz/?hl=es", "ana.ruiz")]
    #[case::no_scheme("x", "x.com/AnaRuiz", "anaruiz")]
    #[case::a_page_with_a_mention("tiktok", "https://www.tiktok.com/@ana", "ana")]
    #[case::a_step_before_the_name("linkedin", "https://linkedin.com/in/ana-ruiz", "ana-ruiz")]
    #[case::a_page_by_number("facebook", "https://facebook.com/profile.php?id=42&x=1", "42")]
    #[case::a_name_with_a_dot("instagram", "ana.com", "ana.com")]
    fn a_handle_is_the_bare_name(#[case] namespace: &str, #[case] raw: &str, #[case] handle: &str) {
        assert_eq!(read(namespace, raw, None).as_deref(), Ok(handle));
    }

    #[rstest]
    #[case::a_sign_alone("@", Dropped::Malformed)]
    #[case::a_page_of_nobody("https://instagram.com/", Dropped::Malformed)]
    #[case::words("ana ruiz", Dropped::Malformed)]
    #[case::nobody("@null", Dropped::Worthless)]
    fn what_is_no_handle_is_dropped(#[case] raw: &str, #[case] reason: Dropped) {
        assert_eq!(read("instagram", raw, None), Err(reason));
    }

    #[test]
    fn another_value_keeps_its_case_and_has_at_most_256_characters() {
        assert_eq!(read("customer_id", " Abc-7 ", None).as_deref(), Ok("Abc-7"));
        assert!(read("customer_id", &"é".repeat(256), None).is_ok());
        assert_eq!(
            read("customer_id", &"é".repeat(257), None),
            Err(Dropped::TooLong)
        );
        assert_eq!(
            read("customer_id", "a\u{7}b", None),
            Err(Dropped::Malformed)
        );
    }

    #[test]
    fn a_pattern_of_the_deployment_drops_a_value_in_its_normalised_form_too() {
        let worthless = Worthless::with_patterns(&["+34911232109".to_owned()]);
        let dropped = normalise(&Namespace::phone(), "911 23 21 09", Some("ES"), &worthless);
        assert_eq!(dropped, Err(Dropped::Worthless));
    }

    proptest! {
        #[test]
        fn normalising_again_changes_nothing(
            namespace in prop::sample::select(vec!["email", "phone", "instagram", "facebook", "customer_id"]),
            raw in prop_oneof!["\\PC{0,40}", "[a-zA-Z.+]{1,9}@[a-zA-Zéñ-]{1,9}\\.[a-z]{2,4}", "[+0-9 ()ext.;=-]{1,20}"],
        ) {
            if let Ok(once) = read(namespace, &raw, Some("ES")) {
                prop_assert_eq!(read(namespace, &once, Some("MX")), Ok(once));
            }
        }
    }
}
