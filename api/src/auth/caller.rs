//! The caller of a request, once its credentials have been checked.

use lazo_domain::access::{Role, Scope, Scopes};
use lazo_domain::id::TokenId;

/// What an internal caller has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A token of ours.
    Token(TokenId),
    /// A token of the company's own provider of OpenID Connect, of which nothing is stored here.
    OpenId {
        /// The provider.
        issuer: String,
    },
}

/// Who is calling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A person at the company, or an internal tool.
    Internal {
        /// What they have shown.
        credential: Credential,
        /// Whom it was issued to.
        subject: String,
        /// What they are there for.
        role: Role,
    },
    /// A third-party integration.
    Integration {
        /// The token presented.
        token: TokenId,
        /// The integration's name.
        name: String,
        /// What it may do.
        scopes: Scopes,
        /// The purposes for which it may read data.
        purposes: Vec<String>,
    },
    /// A visitor of a storefront, who sees nobody but themselves.
    Visitor {
        /// One or two pairs of namespace and value, each of another namespace.
        subjects: Vec<(String, String)>,
        /// The purposes for which the storefront may read data.
        purposes: Vec<String>,
    },
    /// The command line, on a machine that holds the deployment secret.
    Local,
}

impl Caller {
    /// Whether the caller may do this. A visitor holds no scope.
    pub fn has(&self, scope: Scope) -> bool {
        self.scopes().contains(scope)
    }

    /// All the caller may do; what they hand out stays within it.
    pub fn scopes(&self) -> Scopes {
        match self {
            Self::Internal { role, .. } => role.scopes(),
            Self::Integration { scopes, .. } => *scopes,
            Self::Visitor { .. } => Scopes::default(),
            Self::Local => Role::Admin.scopes(),
        }
    }

    /// The caller's name in the audit log: never personal data of ours. Of a provider's token it is what the provider calls the
    /// person, since nothing else names them.
    pub fn actor(&self) -> String {
        match self {
            Self::Internal {
                credential: Credential::OpenId { issuer },
                subject,
                ..
            } => format!("openid:{issuer}#{subject}"),
            Self::Internal {
                credential: Credential::Token(token),
                ..
            }
            | Self::Integration { token, .. } => format!("token:{token}"),
            Self::Visitor { .. } => "visitor".to_owned(),
            Self::Local => "cli".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_visitor_holds_no_scope_and_no_name() {
        let visitor = Caller::Visitor {
            subjects: vec![("customer_id".into(), "ana@example.com".into())],
            purposes: vec![],
        };
        assert!(Scope::ALL.iter().all(|scope| !visitor.has(*scope)));
        assert_eq!(visitor.actor(), "visitor");
    }

    #[test]
    fn the_actor_is_the_token_never_the_person() {
        let token = TokenId(Uuid::from_u128(7));
        let person = Caller::Internal {
            credential: Credential::Token(token),
            subject: "ana@example.com".into(),
            role: Role::Analyst,
        };
        assert_eq!(person.actor(), format!("token:{token}"));
        assert!(person.has(Scope::ProfilesRead) && !person.has(Scope::ProfilesWrite));
    }

    #[test]
    fn an_integration_may_do_what_its_scopes_name() {
        let integration = Caller::Integration {
            token: TokenId(Uuid::from_u128(7)),
            name: "newsletter".into(),
            scopes: Scopes::of(&[Scope::VisitorsIssue]),
            purposes: vec![],
        };
        assert!(integration.has(Scope::VisitorsIssue) && !integration.has(Scope::ProfilesRead));
        assert!(Caller::Local.has(Scope::AuditRead));
    }
}
