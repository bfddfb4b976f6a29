//! Notices: what a person was told, the same for all who were shown one text (ISO/IEC TS 27560:2023, section "processing").

use serde::{Deserialize, Serialize};

use super::{LanguageTag, PurposeKey};
use crate::hash::Hash256;

/// The most bytes of a notice as JSON, without its text.
const MAX_BYTES: usize = 32_768;

/// A party: the company, or who gets data from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// A name for programs.
    pub id: String,
    /// The name.
    pub name: String,
    /// What kind of party it is, such as `controller` or `processor`.
    pub kind: String,
    /// Where it is.
    pub address: String,
    /// How it can be reached: an email address or an address of a page.
    pub contact: String,
}

/// A kind of data that is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataItem {
    /// What kind of data it is, such as `email`.
    pub kind: String,
    /// Whether the purpose cannot do without it.
    pub necessary: bool,
    /// Whether it belongs to the special categories (Regulation (EU) 2016/679, article 9).
    pub special: bool,
}

/// A version of what people were told about a purpose, known by the hash of its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// The purpose.
    pub purpose: PurposeKey,
    /// The version, as people call it.
    pub version: String,
    /// The language of the text.
    pub language: LanguageTag,
    /// The hash of the text.
    pub sha256: Hash256,
    /// Where the text can be read.
    pub url: Option<String>,
    /// Who decides about the use.
    pub controllers: Vec<Party>,
    /// Who else gets the data. None is said by an empty list.
    pub recipients: Vec<Party>,
    /// Which data are used.
    pub data: Vec<DataItem>,
    /// How long they are kept: an ISO 8601 duration or a rule.
    pub retention: String,
    /// In which countries they are stored (ISO 3166-1 alpha-2).
    pub storage_locations: Vec<String>,
    /// Under which law, as a country or `EU`.
    pub jurisdiction: String,
    /// Where consent can be withdrawn.
    pub withdrawal_url: String,
    /// Where the rights of the person are told.
    pub rights_url: Option<String>,
    /// Which authority hears complaints.
    pub authority: Option<String>,
    /// Whether data are used without people in between.
    pub automated: bool,
    /// Whether profiles are made.
    pub profiling: bool,
}

/// What is wrong with a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoticeProblem {
    /// What the specification demands is missing.
    #[error("the notice needs its {0}")]
    Missing(&'static str),
    /// A country is not written as one.
    #[error("a country is two capital letters")]
    Country,
    /// There is too much of it.
    #[error("the notice has more than 32768 bytes")]
    TooLong,
}

impl Notice {
    /// Everything that is wrong with the notice.
    pub fn check(&self) -> Vec<NoticeProblem> {
        let texts = [
            ("version", &self.version),
            ("retention", &self.retention),
            ("jurisdiction", &self.jurisdiction),
            ("withdrawal_url", &self.withdrawal_url),
        ];
        let empty = texts
            .into_iter()
            .filter(|(_, text)| text.trim().is_empty())
            .map(|(field, _)| field);
        let lists = [
            ("controllers", self.controllers.is_empty()),
            ("data", self.data.is_empty()),
            ("storage_locations", self.storage_locations.is_empty()),
        ];
        let nothing = lists.into_iter().filter(|(_, empty)| *empty);
        let mut problems: Vec<_> = empty
            .chain(nothing.map(|(field, _)| field))
            .map(NoticeProblem::Missing)
            .collect();
        let is_country = |country: &String| {
            country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase())
        };
        if !self.storage_locations.iter().all(is_country) {
            problems.push(NoticeProblem::Country);
        }
        let bytes = serde_json::to_vec(self).map_or(usize::MAX, |json| json.len());
        if bytes > MAX_BYTES {
            problems.push(NoticeProblem::TooLong);
        }
        problems
    }
}
