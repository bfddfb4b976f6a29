//! The fold of stored touchpoints, as the writer folds those that come.

use std::collections::HashMap;

use futures::StreamExt;
use lazo_domain::id::{FragmentId, SourceId};
use lazo_domain::money::Currency;
use lazo_domain::profile::{Delta, Order, Projection, Stamp};
use lazo_domain::purchase::{OrderEvent, PurchaseState};
use lazo_domain::touchpoint::Kind;
use lazo_entity::touchpoint;
use sea_orm::{ConnectionTrait, DbErr, StreamTrait};
use serde_json::Value as Json;

use super::store;
use crate::app::App;
use crate::writer::fold::{fit, weight};

/// A purchase as one fragment knows it, by shop and order id.
pub(super) type Orders = HashMap<(String, String), PurchaseState>;

/// What the touchpoints of a fragment come to.
#[derive(Default)]
pub(super) struct Folded {
    pub(super) projection: Projection,
    pub(super) orders: Orders,
}

/// What a touchpoint is folded with.
pub(super) struct Folder {
    sources: HashMap<SourceId, (bool, String)>,
    pub(super) currency: Currency,
}

impl Folder {
    pub(super) async fn load(app: &App) -> Result<Self, DbErr> {
        Ok(Self {
            sources: store::sources(app.db().read()).await?,
            currency: app.deployment().currency,
        })
    }

    /// Folds all touchpoints of fragments. Returns what each comes to, and how many touchpoints there were.
    pub(super) async fn fold<C: ConnectionTrait + StreamTrait>(
        &self,
        connection: &C,
        fragments: impl IntoIterator<Item = FragmentId>,
    ) -> Result<(HashMap<FragmentId, Folded>, u64), DbErr> {
        let mut folded: HashMap<FragmentId, Folded> = HashMap::new();
        let mut count = 0;
        let mut touchpoints = store::touchpoints(connection, fragments).await?;
        while let Some(touchpoint) = touchpoints.next().await {
            let touchpoint = touchpoint?;
            let fragment = folded.entry(touchpoint.fragment_id).or_default();
            self.add(fragment, touchpoint)?;
            count += 1;
        }
        Ok((folded, count))
    }

    fn add(&self, fragment: &mut Folded, touchpoint: touchpoint::Model) -> Result<(), DbErr> {
        // A source that came after the list was read is no older than its first touchpoint, which this run then has not seen.
        let (is_trusted, shop) = self
            .sources
            .get(&touchpoint.source_id)
            .ok_or_else(|| DbErr::RecordNotFound(format!("source {}", touchpoint.source_id)))?;
        let (rank, most) = weight(*is_trusted, touchpoint.declared == Some(true));
        let unreadable = |what: &str| {
            DbErr::Type(format!(
                "touchpoint {}: {what} does not read",
                touchpoint.id
            ))
        };
        let stamp = Stamp {
            rank,
            order: Order {
                occurred_at: touchpoint.occurred_at,
                received_at: touchpoint.received_at,
                position: u32::try_from(touchpoint.position)
                    .map_err(|_| unreadable("the position"))?,
                message_id: touchpoint.message_id.clone(),
            },
            touchpoint: touchpoint.id,
        };
        let mut delta = Delta {
            channel: touchpoint.channel.clone(),
            occurred_at: touchpoint.occurred_at,
            active: touchpoint
                .active
                .unwrap_or_else(|| touchpoint.context.get("active") != Some(&Json::Bool(false))),
            traits: serde_json::from_value(touchpoint.traits).map_err(|_| unreadable("a trait"))?,
            stamp: stamp.clone(),
            source: touchpoint.source_id,
        };
        fit(&fragment.projection.traits, &mut delta, most);
        fragment.projection.apply(&delta);

        let Json::Object(properties) = &touchpoint.properties else {
            return Ok(());
        };
        if touchpoint.kind == Kind::Track.as_str()
            && let Some(Ok(event)) = OrderEvent::parse(&touchpoint.name, properties, &self.currency)
        {
            let shop = touchpoint.shop.unwrap_or_else(|| shop.clone());
            fragment
                .orders
                .entry((shop, event.order_id.clone()))
                .or_default()
                .apply(&stamp, &event);
        }
        Ok(())
    }
}
