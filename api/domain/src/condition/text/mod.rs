//! The text form of conditions: a small language for people, read and written.
//!
//! ```text
//! orders.count >= 2 AND last_order_at < -30d AND country = 'ES'
//! performed('Product Viewed', category = 'Shoes', within 14d) >= 3
//! anniversary(birthday) WITHIN 7d
//! ```
//!
//! It says what the stored form says and nothing else: [`parse`] gives a [`Condition`], [`print()`] writes any condition that passes its
//! [check](super::check::check), and `parse(print(c)) == canonical(c)` (see [`canonical`]). Nothing in a text is executed; between
//! quotes every character is itself.
//!
//! # Grammar
//!
//! Extended Backus–Naur form (ISO/IEC 14977). Words in capitals and the names of functions are read in any case; white space
//! between tokens does not matter.
//!
//! ```text
//! condition  = term , { "OR" , term } ;
//! term       = factor , { "AND" , factor } ;
//! factor     = "NOT" , factor | "(" , condition , ")" | test ;
//! test       = trait | touchpoints | sequence | purchases | segment | score
//!            | consent | stage | level | identifier | anniversary | seen ;
//!
//! trait      = name , value test | "ANY" , name , "!=" , number ;
//! value test = ( "=" | "!=" ) , value
//!            | [ "NOT" ] , "IN" , "(" , value , { "," , value } , ")"
//!            | ( "<" | "<=" | ">" | ">=" ) , number
//!            | "BETWEEN" , number , "AND" , number
//!            | ( "CONTAINS" | "STARTS" , "WITH" | "ENDS" , "WITH" ) , text
//!            | "IS" , [ "NOT" ] , "NULL"
//!            | time test ;
//! time test  = ( "<" | ">=" ) , instant
//!            | ( "<" | "<=" | ">" | ">=" ) , ( past | ahead | "now" )
//!            | "BETWEEN" , ( past , "AND" , "now" | "now" , "AND" , ahead )
//!            | "WITHIN" , [ "LAST" | "NEXT" ] , span
//!            | "LONGER" , "AGO" , "THAN" , span ;
//! comparison = ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) , number
//!            | "BETWEEN" , number , "AND" , number ;
//!
//! touchpoints = performed , [ comparison ]
//!             | performed , "." , ( "sum" | "min" | "max" | "mean" | "distinct" ) ,
//!               "(" , name , ")" , comparison
//!             | performed , "." , ( "first" | "last" ) , time test ;
//! performed  = "performed" , "(" , [ argument , { "," , argument } ] , ")" ;
//! argument   = text , { "OR" , text }        (* one of these names *)
//!            | "ON" , channel | "FROM" , text (* the name of a source *)
//!            | property | window ;
//! property   = trait ;                        (* of the touchpoint *)
//! window     = "WITHIN" , span | "BEFORE" , span | "LONGER" , "AGO" , "THAN" , span
//!            | "BETWEEN" , instant , "AND" , instant ;
//! sequence   = event , ( "THEN" | "NOT" , "FOLLOWED" , "BY" ) , event , "WITHIN" , span ;
//! event      = text | performed ;             (* a window in the first alone *)
//!
//! purchases  = ( "orders.count" | "orders.spend" | "orders.mean" | "orders.max"
//!              | "orders.products" | "orders.intervals_since_last" ) , [ lines ] , comparison
//!            | ( "first_order_at" | "last_order_at" ) , [ lines ] , time test ;
//! lines      = "(" , [ line , { "," , line } ] , ")" ;
//! line       = ( "product" | "category" | "brand" ) , texts | window ;
//! texts      = "=" , text | "IN" , "(" , text , { "," , text } , ")" ;
//!
//! segment    = "segment" , "(" , text , ")" ;
//! score      = "score" , "(" , text , [ "," , "grade" , texts ] , ")" , comparison
//!            | "score" , "(" , text , ")" , "." , "grade" , texts ;
//! consent    = "consents" , "(" , text , [ "," , channel ] , ")" , [ "=" , truth ] ;
//! stage      = "stage" , ( "=" , word | "IN" , "(" , word , { "," , word } , ")" ) ;
//! level      = "level" , ( "=" , word | "IN" , "(" , word , { "," , word } , ")" ) ;
//! identifier = "has" , "(" , word , ")" ;
//! anniversary = "anniversary" , "(" , name , ")" , "WITHIN" , span ; (* whole days; 0d is today *)
//! seen       = ( "first_seen" | "last_seen" ) , time test ;
//!
//! name       = word , { "." , word }          (* no white space; not a word of the language *)
//!            | "`" , { character | "``" } , "`" ;
//! value      = text | number | truth ;
//! text       = "'" , { character | "''" } , "'" ;
//! truth      = "TRUE" | "FALSE" ;
//! instant    = text ;                         (* '2026-03-01', '2026-03-01T10:30:00Z'; UTC unless it says *)
//! number     = [ "-" ] , digits , [ "." , digits ] ;
//! past       = "-" , span ;   ahead = "+" , span ;
//! span       = digits , ( "w" | "d" | "h" | "m" | "s" ) ;  (* m: minutes *)
//! word       = ( letter | "_" ) , { letter | digit | "_" } ;
//! channel    = word ;
//! ```
//!
//! # Names
//!
//! A name is that of a trait, or inside `performed` of a property; `address.city` is the `city` inside `address`. The language keeps
//! its own words: keywords, the names of tests such as `stage`, and all that begins with `orders`. A trait of such a name, or one with
//! other characters, stands in backquotes.
//!
//! # Values
//!
//! `!=` and `NOT IN` hold if there is a value and none of it is among those named; `ANY a != 5` if some number in it is another one.
//! What has no value passes `IS NULL` alone, while `NOT` is plain negation. A comparison that is left out after `performed(…)` is
//! `>= 1`.
//!
//! # Time
//!
//! A bound that moves is an instant like any other: `> -30d` is what is less than 30 days ago and all that is ahead, `< +7d` the next
//! 7 days and all that is past. `WITHIN LAST 30d` and `WITHIN NEXT 7d` have an end at now. `< -30d` is 30 days ago or longer, `> +7d`
//! later than in 7 days. What is at the bound itself is before it, whether `<` is written or `<=`. A date is its midnight in UTC:
//! `>= '2026-03-01'` has that day in it, `< '2026-03-01'` has not.

mod canonical;
mod error;
mod input;
mod instant;
mod parse;
mod print;
mod token;
pub(crate) mod words;

#[cfg(test)]
pub(super) mod tests;

pub use canonical::canonical;
pub use error::TextError;
pub use print::print;

use super::Condition;

/// The most characters of a text.
pub const MAX_CHARS: usize = 20_000;

/// Reads a condition.
///
/// What it gives is well formed and not yet [checked](super::check::check).
///
/// # Errors
///
/// The first place at which the text cannot be read: with line and column, what is there, and what could have been.
pub fn parse(text: &str) -> Result<Condition, TextError> {
    parse::parse(text)
}
