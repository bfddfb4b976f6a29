//! Exact comparisons of sums and means: of integers of 64 bits whose sum may be longer, as both engines can make them.
//!
//! A sum is kept in two halves: of the higher 32 bits of its summands, and of the lower. Bounds are fractions: so many units.

use lazo_domain::condition::Comparison;

use crate::db::Part;

/// A sum as a row of two numbers that compares as the sum does, in the relation `g`.
const SUM: &str = "(g.high + (g.low >> 32), g.low & 4294967295)";

/// How an integer is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    AtMost,
    AtLeast,
}

impl Operator {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::AtMost => "<=",
            Self::AtLeast => ">=",
        }
    }
}

/// What is to hold of an integer for it to pass a comparison with fractions.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    Constant(bool),
    All(Vec<(Operator, i128)>),
}

/// The test of an integer that is compared with so many units; a unit is a whole number of them.
fn test_of(comparison: &Comparison<i128>, unit: i128) -> Test {
    let floor = |bound: &i128| bound.div_euclid(unit);
    let is_whole = |bound: &i128| bound.rem_euclid(unit) == 0;
    let ceiling = |bound: &i128| floor(bound) + i128::from(!is_whole(bound));
    Test::All(match comparison {
        Comparison::Equal(bound) if !is_whole(bound) => return Test::Constant(false),
        Comparison::NotEqual(bound) if !is_whole(bound) => return Test::Constant(true),
        Comparison::Equal(bound) => vec![(Operator::Equal, floor(bound))],
        Comparison::NotEqual(bound) => vec![(Operator::NotEqual, floor(bound))],
        Comparison::Less(bound) => vec![(Operator::AtMost, ceiling(bound) - 1)],
        Comparison::AtMost(bound) => vec![(Operator::AtMost, floor(bound))],
        Comparison::More(bound) => vec![(Operator::AtLeast, floor(bound) + 1)],
        Comparison::AtLeast(bound) => vec![(Operator::AtLeast, ceiling(bound))],
        Comparison::Between(low, high) => vec![
            (Operator::AtLeast, ceiling(low)),
            (Operator::AtMost, floor(high)),
        ],
    })
}

impl Test {
    fn part(self, compare: impl Fn(Operator, i128) -> Part) -> Part {
        match self {
            Self::Constant(holds) => Part::truth(holds),
            Self::All(all) => {
                Part::all(all.into_iter().map(|(operator, of)| compare(operator, of)))
            }
        }
    }
}

/// A number, or the end of the range of 64 bits that is nearest to it.
fn nearest(number: i128) -> i64 {
    let end = if number < 0 { i64::MIN } else { i64::MAX };
    i64::try_from(number).unwrap_or(end)
}

/// Whether what an integer is compared with lies between the ends of the range of 64 bits, and is neither of them.
pub(super) fn is_within(comparison: &Comparison<i128>, unit: i128) -> bool {
    match test_of(comparison, unit) {
        Test::Constant(_) => true,
        Test::All(all) => all.iter().all(|(_, bound)| {
            i64::try_from(*bound).is_ok_and(|bound| i64::MIN < bound && bound < i64::MAX)
        }),
    }
}

/// The higher and the lower half of a number.
fn halves(number: i128) -> [Part; 2] {
    [nearest(number >> 32), nearest(number & 0xffff_ffff)].map(Part::value)
}

/// Whether an integer passes. A bound is of so many units, where `unit` of them are one.
pub(super) fn passes(expression: &Part, comparison: &Comparison<i128>, unit: i128) -> Part {
    test_of(comparison, unit).part(|operator, bound| {
        let template = format!("{{}} {} {{}}", operator.as_str());
        Part::fill(&template, [expression.clone(), Part::value(nearest(bound))])
    })
}

/// The profiles whose sum passes, where the sum of none is zero. `summands` selects `profile_id` and `x`.
pub(super) fn sum(summands: &Part, comparison: &Comparison<i128>, unit: i128) -> Part {
    let passes = test_of(comparison, unit).part(|operator, bound| {
        let [high, low] = halves(bound);
        let template = format!("{SUM} {} ({{}}, {{}})", operator.as_str());
        Part::fill(&template, [high, low])
    });
    if comparison.passes(&0) {
        grouped(summands, passes.negated()).negated()
    } else {
        grouped(summands, passes)
    }
}

/// The profiles whose mean passes, where there is none of none. `summands` selects `profile_id` and `x`.
pub(super) fn mean(summands: &Part, comparison: &Comparison<i128>, unit: i128) -> Part {
    let one = |operator: &str, bound: &i128| mean_compares(operator, *bound, unit);
    let passes = match comparison {
        Comparison::Equal(bound) => Part::all([one("<=", bound), one(">=", bound)]),
        Comparison::NotEqual(bound) => Part::any([one("<", bound), one(">", bound)]),
        Comparison::Less(bound) => one("<", bound),
        Comparison::AtMost(bound) => one("<=", bound),
        Comparison::More(bound) => one(">", bound),
        Comparison::AtLeast(bound) => one(">=", bound),
        Comparison::Between(low, high) => Part::all([one(">=", low), one("<=", high)]),
    };
    grouped(summands, passes)
}

/// Compares the sum with what it is if the mean is the bound: the bound times their number `g.n`.
///
/// Of the fraction `whole + rest / unit`, the sum is compared with `whole × n + rest × n / unit`, rounded down or up, whichever leaves
/// the comparison as it is.
fn mean_compares(operator: &str, bound: i128, unit: i128) -> Part {
    let whole = i128::from(nearest(bound.div_euclid(unit)));
    let rest = nearest(bound.rem_euclid(unit));
    let [high, low] = halves(whole);
    let unit = || Part::value(nearest(unit));
    let rest = || Part::value(rest);
    let over = match operator {
        "<" | ">=" => Part::fill(
            " + (CASE WHEN ({} * g.n) % {} = 0 THEN 0 ELSE 1 END)",
            [rest(), unit()],
        ),
        _ => Part::default(),
    };
    let low = || {
        Part::fill(
            "({} * g.n + ({} * g.n) / {}{})",
            [low.clone(), rest(), unit(), over.clone()],
        )
    };
    let template = format!("{SUM} {operator} ({{}} * g.n + ({{}} >> 32), {{}} & 4294967295)");
    Part::fill(&template, [high, low(), low()])
}

/// The profiles whose group passes.
fn grouped(summands: &Part, passes: Part) -> Part {
    Part::fill(
        "p.id IN (SELECT g.profile_id FROM (SELECT v.profile_id, CAST(sum(v.x >> 32) AS BIGINT) AS high, \
         CAST(sum(v.x & 4294967295) AS BIGINT) AS low, count(*) AS n FROM ({}) AS v GROUP BY v.profile_id) AS g WHERE {})",
        [summands.clone(), passes],
    )
}

/// Compares a product of two integers with a bound times a third, where a bound of `unit` is one: `since × times` with
/// `bound × range`. All are expressions of integers that are not negative.
pub(super) fn ratio(
    product: &Part,
    range: &Part,
    comparison: &Comparison<i128>,
    unit: i64,
) -> Part {
    let one = |operator: &str, bound: &i128| ratio_compares(product, range, operator, *bound, unit);
    match comparison {
        Comparison::Equal(bound) => Part::all([one("<=", bound), one(">=", bound)]),
        Comparison::NotEqual(bound) => Part::any([one("<", bound), one(">", bound)]),
        Comparison::Less(bound) => one("<", bound),
        Comparison::AtMost(bound) => one("<=", bound),
        Comparison::More(bound) => one(">", bound),
        Comparison::AtLeast(bound) => one(">=", bound),
        Comparison::Between(low, high) => Part::all([one(">=", low), one("<=", high)]),
    }
}

fn ratio_compares(product: &Part, range: &Part, operator: &str, bound: i128, unit: i64) -> Part {
    /// Further than any product is, and far enough from the end of the range of 64 bits.
    const BEYOND: i64 = 4_000_000_000_000_000_000;
    let whole = nearest(bound.div_euclid(i128::from(unit))).clamp(-1, BEYOND);
    let rest = nearest(bound.rem_euclid(i128::from(unit)));
    let number = |number: i64| Part::value(number);
    let whole = Part::fill(
        "(CASE WHEN {} > {} / {} THEN {} / {} ELSE {} END)",
        [
            number(whole),
            number(BEYOND),
            range.clone(),
            number(BEYOND),
            range.clone(),
            number(whole),
        ],
    );
    let over = match operator {
        "<" | ">=" => Part::fill(
            " + (CASE WHEN ({} * ({} % {})) % {} = 0 THEN 0 ELSE 1 END)",
            [number(rest), range.clone(), number(unit), number(unit)],
        ),
        _ => Part::default(),
    };
    let template = format!(
        "{{}} {operator} {{}} * {{}} + {{}} * ({{}} / {{}}) + ({{}} * ({{}} % {{}})) / {{}}{{}}"
    );
    Part::fill(
        &template,
        [
            product.clone(),
            whole,
            range.clone(),
            number(rest),
            range.clone(),
            number(unit),
            number(rest),
            range.clone(),
            number(unit),
            number(unit),
            over,
        ],
    )
}
