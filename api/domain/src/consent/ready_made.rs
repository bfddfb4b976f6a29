//! The purposes of the trade, ready to be used.

use super::{Basis, Category, Purpose, PurposeKey, Words};
use crate::period::Period;
use crate::touchpoint::Channel;

/// From which age on a person consents for themself in Spain (Ley Orgánica 3/2018, article 7).
const SPANISH_AGE: u8 = 14;

const MESSAGES: [Channel; 3] = [Channel::Email, Channel::Phone, Channel::Messaging];

/// The seven purposes a new deployment begins with. Content and offers are two: who asked for articles gets no offers.
pub fn ready_made() -> Vec<Purpose> {
    let two_years = Period::months(24);
    let thirteen_months = Period::months(13);
    let mut purposes = vec![
        purpose(
            Category::Service,
            ("Service", "Servicio"),
            (
                "To serve your orders and answer your questions.",
                "Atender tus pedidos y responder a tus preguntas.",
            ),
        ),
        purpose(
            Category::Content,
            ("News and articles", "Novedades y artículos"),
            (
                "To send you news and articles, without offers.",
                "Enviarte novedades y artículos, sin ofertas.",
            ),
        ),
        purpose(
            Category::Offers,
            ("Offers", "Ofertas"),
            (
                "To send you offers of our products.",
                "Enviarte ofertas de nuestros productos.",
            ),
        ),
        purpose(
            Category::Personalization,
            ("Personalization", "Personalización"),
            (
                "To choose what our site shows you by what you looked at and bought.",
                "Elegir lo que te muestra nuestra web según lo que has visto y comprado.",
            ),
        ),
        purpose(
            Category::Profiling,
            ("Profiling", "Elaboración de perfiles"),
            (
                "To find out what may interest you, by segments and scores.",
                "Averiguar qué puede interesarte, mediante segmentos y puntuaciones.",
            ),
        ),
        purpose(
            Category::Analytics,
            ("Analytics", "Análisis"),
            (
                "To measure how our site is used.",
                "Medir cómo se usa nuestra web.",
            ),
        ),
        purpose(
            Category::Advertising,
            ("Advertising", "Publicidad"),
            (
                "To show you our advertisements on other sites, which learn that you know us.",
                "Mostrarte nuestros anuncios en otras webs, que sabrán que nos conoces.",
            ),
        ),
    ];
    for purpose in &mut purposes {
        match purpose.category {
            Category::Service => purpose.basis = Basis::Contract,
            Category::Content | Category::Offers => {
                purpose.channels = MESSAGES.into();
                purpose.double_opt_in = true;
                purpose.valid_for = two_years;
            }
            Category::Analytics | Category::Advertising => purpose.valid_for = thirteen_months,
            _ => purpose.valid_for = two_years,
        }
        if purpose.basis == Basis::Consent {
            purpose.minimum_age = Some(SPANISH_AGE);
        }
    }
    purposes
}

/// The purpose under which a person uses their rights and the company answers: it is always there, nobody is asked for it, and it
/// is the only one that restricted profiles are shown for.
pub fn rights() -> Purpose {
    Purpose {
        basis: Basis::LegalObligation,
        ..purpose(
            Category::Rights,
            ("Your rights", "Tus derechos"),
            (
                "To answer what you ask about your data.",
                "Responder a lo que pides sobre tus datos.",
            ),
        )
    }
}

/// A purpose that rests on consent and is named after its category.
fn purpose(category: Category, title: (&str, &str), description: (&str, &str)) -> Purpose {
    Purpose {
        key: PurposeKey::of(category),
        category,
        title: Words::english_and_spanish(title.0, title.1),
        description: Words::english_and_spanish(description.0, description.1),
        basis: Basis::Consent,
        channels: [].into(),
        double_opt_in: false,
        valid_for: None,
        minimum_age: None,
        soft_opt_in: None,
        void_texts: [].into(),
    }
}
