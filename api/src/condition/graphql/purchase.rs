//! Tests of purchases.

use async_graphql::{InputObject, SimpleObject};
use lazo_domain::condition as domain;

use super::one_of::one_of;
use super::reading::{Readable, Reading};
use super::{CountComparison, NumberComparison, TimeTest, Window};

/// Which lines of a purchase count: those that pass all that is given, without regard to case and accents.
#[derive(Clone, InputObject, SimpleObject)]
#[graphql(input_name = "PurchaseLinesInput")]
pub struct PurchaseLines {
    /// One of these product ids or stock-keeping units; none of them lets all pass.
    #[graphql(default)]
    products: Vec<String>,
    /// One of these categories; none of them lets all pass.
    #[graphql(default)]
    categories: Vec<String>,
    /// One of these brands; none of them lets all pass.
    #[graphql(default)]
    brands: Vec<String>,
}

impl PurchaseLines {
    pub(crate) fn of(lines: &domain::Lines) -> Option<Self> {
        (!lines.is_all()).then(|| Self {
            products: lines.products.clone(),
            categories: lines.categories.clone(),
            brands: lines.brands.clone(),
        })
    }
}

impl From<PurchaseLines> for domain::Lines {
    fn from(lines: PurchaseLines) -> Self {
        Self {
            products: lines.products,
            categories: lines.categories,
            brands: lines.brands,
        }
    }
}

one_of! {
    /// What purchases must come to, with amounts in major units of the deployment's currency. Exactly one of these. Of none, the
    /// count, the spend and the products are 0, and the others are missing.
    PurchaseMeasure, "PurchaseMeasureInput" {
        /// How many there are.
        count: Count(CountComparison),
        /// What was paid and not refunded; with a choice of lines, the price times the quantity of the lines that pass.
        spend: Spend(NumberComparison),
        /// The mean of what was paid and not refunded.
        mean_spend: MeanSpend(NumberComparison),
        /// The most that was paid and not refunded for one.
        max_spend: MaxSpend(NumberComparison),
        /// How many different products there are in them.
        products: Products(CountComparison),
        /// When the first of them was placed.
        first: First(TimeTest),
        /// When the last of them was placed.
        last: Last(TimeTest),
        /// How long ago the last of them was placed, as a multiple of the mean interval between all purchases of the person.
        since_last_in_intervals: SinceLastInIntervals(NumberComparison),
    }
}

impl From<&domain::PurchaseMeasure> for PurchaseMeasure {
    fn from(measure: &domain::PurchaseMeasure) -> Self {
        use domain::PurchaseMeasure as Of;
        match measure {
            Of::Count(is) => Self::Count(is.into()),
            Of::Spend(is) => Self::Spend(is.into()),
            Of::MeanSpend(is) => Self::MeanSpend(is.into()),
            Of::MaxSpend(is) => Self::MaxSpend(is.into()),
            Of::Products(is) => Self::Products(is.into()),
            Of::First(time) => Self::First((*time).into()),
            Of::Last(time) => Self::Last((*time).into()),
            Of::SinceLastInIntervals(is) => Self::SinceLastInIntervals(is.into()),
        }
    }
}

impl Readable for PurchaseMeasure {
    type Value = domain::PurchaseMeasure;

    fn read(self, reading: &mut Reading) -> Option<domain::PurchaseMeasure> {
        use domain::PurchaseMeasure as To;
        match self {
            Self::Count(is) => reading.part("count", is).map(To::Count),
            Self::Spend(is) => reading.part("spend", is).map(To::Spend),
            Self::MeanSpend(is) => reading.part("meanSpend", is).map(To::MeanSpend),
            Self::MaxSpend(is) => reading.part("maxSpend", is).map(To::MaxSpend),
            Self::Products(is) => reading.part("products", is).map(To::Products),
            Self::First(time) => reading.part("first", time).map(To::First),
            Self::Last(time) => reading.part("last", time).map(To::Last),
            Self::SinceLastInIntervals(is) => reading
                .part("sinceLastInIntervals", is)
                .map(To::SinceLastInIntervals),
        }
    }
}

/// What the purchases that were placed and not cancelled come to, in a window.
#[derive(Clone, InputObject, SimpleObject)]
#[graphql(input_name = "PurchaseTestInput")]
pub struct PurchaseTest {
    /// Which lines a purchase must have at least one of. Null lets all purchases pass.
    lines: Option<PurchaseLines>,
    /// When they must have been placed to count. Null means whenever.
    window: Option<Window>,
    /// What they must come to.
    measure: PurchaseMeasure,
}

impl From<&domain::PurchaseTest> for PurchaseTest {
    fn from(test: &domain::PurchaseTest) -> Self {
        Self {
            lines: PurchaseLines::of(&test.lines),
            window: Window::of(test.window),
            measure: (&test.measure).into(),
        }
    }
}

impl Readable for PurchaseTest {
    type Value = domain::PurchaseTest;

    fn read(self, reading: &mut Reading) -> Option<domain::PurchaseTest> {
        let window = reading.part_or_default("window", self.window);
        let measure = reading.part("measure", self.measure);
        Some(domain::PurchaseTest {
            lines: self.lines.map(Into::into).unwrap_or_default(),
            window: window?,
            measure: measure?,
        })
    }
}
