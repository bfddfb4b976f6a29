//! Single tests in words.

use super::voice::Voice;
use crate::condition::{AnniversaryTest, Condition, ConsentTest, ScoreTest, Seen, SeenTest, Span};
use crate::identity::Namespace;
use crate::lifecycle::{Level, Stage};

/// What a single test asks.
pub(super) fn leaf(voice: Voice, condition: &Condition) -> String {
    match condition {
        // Not single tests; said by the caller.
        Condition::All(_) | Condition::Any(_) | Condition::Not(_) => String::new(),
        Condition::Trait(test) => voice.value_test(&test.name, &test.test),
        Condition::Touchpoint(test) => voice.touchpoints(test),
        Condition::Purchase(test) => voice.purchases(test),
        Condition::Sequence(test) => voice.sequence(test),
        Condition::Segment(test) => {
            let segment = voice.pick("is in the segment", "está en el segmento");
            format!("{segment} {}", voice.quoted(&test.key))
        }
        Condition::Score(test) => score(voice, test),
        Condition::Consent(test) => consent(voice, test),
        Condition::Stage(test) => {
            let of = |stage: &Stage| self::stage(voice, *stage).to_owned();
            let stages: Vec<_> = test.stages.iter().map(of).collect();
            let is = voice.pick("the lifecycle stage is", "la etapa del ciclo de vida es");
            format!("{is} {}", voice.any_of(&stages))
        }
        Condition::Level(test) => {
            let of = |level: &Level| self::level(voice, *level).to_owned();
            let levels: Vec<_> = test.levels.iter().map(of).collect();
            let is = voice.pick("the pyramid level is", "el nivel de la pirámide es");
            format!("{is} {}", voice.any_of(&levels))
        }
        Condition::Identifier(test) => identifier(voice, &test.namespace),
        Condition::Anniversary(test) => anniversary(voice, test),
        Condition::Seen(test) => seen(voice, test),
    }
}

fn score(voice: Voice, test: &ScoreTest) -> String {
    let key = voice.quoted(&test.key);
    let grades = voice.texts(&test.grades);
    match &test.value {
        None => voice.pick(
            format!("the grade of the score {key} is {grades}"),
            format!("el grado de la puntuación {key} es {grades}"),
        ),
        Some(value) => {
            let much = voice.number_is(value);
            let is = voice.pick(
                format!("the score {key} is {much}"),
                format!("la puntuación {key} es {much}"),
            );
            if test.grades.is_empty() {
                is
            } else {
                let with = voice.pick("with the grade", "con el grado");
                format!("{is} {with} {grades}")
            }
        }
    }
}

fn consent(voice: Voice, test: &ConsentTest) -> String {
    let consents = if test.granted {
        voice.pick("consents to", "da su consentimiento para")
    } else {
        voice.pick("does not consent to", "no da su consentimiento para")
    };
    let purpose = voice.quoted(&test.purpose);
    match test.channel {
        Some(channel) => format!("{consents} {purpose} {}", voice.by(channel)),
        None => format!("{consents} {purpose}"),
    }
}

fn stage(voice: Voice, stage: Stage) -> &'static str {
    match stage {
        Stage::Anonymous => voice.pick("anonymous", "anónimo"),
        Stage::Lead => voice.pick("lead", "contacto"),
        Stage::New => voice.pick("new", "nuevo"),
        Stage::Active => voice.pick("active", "activo"),
        Stage::LosingInterest => voice.pick("losing interest", "perdiendo interés"),
        Stage::Lost => voice.pick("lost", "perdido"),
        Stage::Recovered => voice.pick("recovered", "recuperado"),
    }
}

fn level(voice: Voice, level: Level) -> &'static str {
    match level {
        Level::Top => voice.pick("top", "superior"),
        Level::Large => voice.pick("large", "grande"),
        Level::Medium => voice.pick("medium", "mediano"),
        Level::Small => voice.pick("small", "pequeño"),
        Level::Inactive => voice.pick("inactive", "inactivo"),
        Level::Potential => voice.pick("potential", "potencial"),
        Level::Probable => voice.pick("probable", "probable"),
        Level::Rest => voice.pick("rest", "resto"),
    }
}

fn identifier(voice: Voice, namespace: &Namespace) -> String {
    match namespace.as_str() {
        "email" => voice
            .pick("has an email address", "tiene una dirección de correo")
            .to_owned(),
        "phone" => voice
            .pick("has a phone number", "tiene un número de teléfono")
            .to_owned(),
        other => {
            let has = voice.pick(
                "has an identifier of the kind",
                "tiene un identificador del tipo",
            );
            format!("{has} {}", voice.quoted(other))
        }
    }
}

fn anniversary(voice: Voice, test: &AnniversaryTest) -> String {
    let name = voice.name(&test.name);
    let today = voice.pick(
        format!("the anniversary of {name} is today"),
        format!("el aniversario de {name} es hoy"),
    );
    // Of no days there is no span.
    match Span::days(test.within_days) {
        Ok(span) => {
            let next = voice.next(span);
            format!("{today} {} {next}", voice.or(&next))
        }
        Err(_) => today,
    }
}

fn seen(voice: Voice, test: &SeenTest) -> String {
    let when = voice.when(test.time);
    let seen = match test.which {
        Seen::First => voice.pick("was first seen", "se le vio por primera vez"),
        Seen::Last => voice.pick("was last seen", "se le vio por última vez"),
    };
    format!("{seen} {when}")
}
