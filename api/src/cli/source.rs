//! `lazo source`: sources of touchpoints.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use lazo_domain::touchpoint::Channel;
use lazo_entity::source::Model;

use super::output::{Failure, Output};
use super::session::Session;
use crate::app::App;
use crate::auth::caller::Caller;
use crate::config::Config;
use crate::page::Page;
use crate::source::{self, service};

/// The channels as they are written here.
const CHANNELS: [&str; 7] = [
    "web",
    "social",
    "email",
    "store",
    "phone",
    "messaging",
    "other",
];

#[derive(Debug, Subcommand)]
pub(super) enum Options {
    /// Creates a source and prints its key, this once.
    Create(Create),
    /// Prints all sources, the newest first: id, name, channel, trust, state, and the ends of their keys.
    List,
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// Its name, of which there is only one.
    #[arg(long)]
    name: String,
    /// Where its touchpoints happen, unless an event itself says it.
    #[arg(long, value_parser = channel())]
    channel: Channel,
    /// What it claims about identity is verified, and its key a secret: a backend.
    #[arg(long)]
    trusted: bool,
    /// The shop whose order ids it carries.
    #[arg(long, default_value = "main")]
    shop: String,
    /// The country (ISO 3166) of phone numbers without a country code.
    #[arg(long)]
    region: Option<String>,
    /// Its touchpoints never reach profiles.
    #[arg(long)]
    test: bool,
}

impl Options {
    pub(super) async fn run(self, config: Config, output: &mut Output<'_>) -> Result<(), Failure> {
        let session = Session::open(config).await?;
        match self {
            Self::Create(create) => create.run(&session.app, output).await?,
            Self::List => list(&session.app, output).await?,
        }
        session.close().await
    }
}

impl Create {
    async fn run(self, app: &App, output: &mut Output<'_>) -> Result<(), Failure> {
        let create = source::Create {
            name: self.name,
            channel: self.channel,
            trusted: self.trusted,
            live: !self.test,
            shop: self.shop,
            region: self.region,
            links_known: false,
        };
        let keyed = service::create(app, &Caller::Local, &create, None).await?;
        output.data(keyed.key.as_ref().map_or("", |key| key.expose()))?;
        output.note(format!(
            "Created {}. Its key is not shown again.",
            keyed.source.id
        ))?;
        Ok(())
    }
}

async fn list(app: &App, output: &mut Output<'_>) -> Result<(), Failure> {
    let mut page = Page::all_by(250);
    loop {
        let listed = service::list(app, &page, false).await?;
        for (_, source) in &listed.rows {
            output.data(line(source))?;
        }
        page.after = listed.rows.last().map(|(key, _)| *key);
        if !listed.more {
            return Ok(());
        }
    }
}

fn line(source: &Model) -> String {
    let trust = if source.trusted { "trusted" } else { "public" };
    let state = match (source.archived_at, source.live) {
        (Some(_), _) => "archived",
        (None, true) => "live",
        (None, false) => "test",
    };
    let hints = [
        Some(source.key_hint.as_str()),
        source.second_key_hint.as_deref(),
    ];
    let hints: Vec<_> = hints.into_iter().flatten().collect();
    let Model {
        id, name, channel, ..
    } = source;
    format!(
        "{id}\t{name}\t{channel}\t{trust}\t{state}\t{}",
        hints.join(" ")
    )
}

fn channel() -> impl TypedValueParser<Value = Channel> {
    PossibleValuesParser::new(CHANNELS).try_map(|text| text.to_ascii_uppercase().parse())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_can_be_named() {
        assert_eq!(
            CHANNELS.map(str::to_ascii_uppercase),
            Channel::ALL.map(|channel| channel.to_string())
        );
    }
}
