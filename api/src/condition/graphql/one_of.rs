//! Types of which an input gives exactly one member, and which are read as an object of which exactly one field is not null.

/// Makes such a type: an enum with one variant for each member.
macro_rules! one_of {
    (
        $(#[doc = $doc:tt])*
        $name:ident, $input:tt {
            $($(#[doc = $member_doc:tt])* $member:ident: $variant:ident($value:ty),)+
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, async_graphql::OneofObject)]
        #[graphql(input_name = $input)]
        pub enum $name {
            $($(#[doc = $member_doc])* $variant($value),)+
        }

        $(#[doc = $doc])*
        #[async_graphql::Object]
        impl $name {
            $(
                $(#[doc = $member_doc])*
                async fn $member(&self) -> Option<&$value> {
                    if let Self::$variant(value) = self {
                        Some(value)
                    } else {
                        None
                    }
                }
            )+
        }
    };
}

pub(super) use one_of;
