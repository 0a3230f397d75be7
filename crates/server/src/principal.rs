//! Who sends a request.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::api_error::ApiError;
use crate::keys::{KeyId, KeyScope, KeyScopes};
use crate::owner::OwnerId;

/// Who sends a request: whose credential it came with. Handlers take it as an argument; on a route that asks
/// for no credential that fails with status 401.
#[derive(Clone, Debug)]
pub struct Principal {
    /// Whose archive and keys the request is about.
    pub owner: OwnerId,
    /// The key that it came with; nothing for a session, and without authentication.
    pub key: Option<KeyId>,
    /// What it may do.
    pub scopes: KeyScopes,
}

impl Principal {
    /// Fails unless the credential has this scope.
    ///
    /// # Errors
    /// 403, which names the scope.
    pub fn check(&self, scope: KeyScope) -> Result<(), ApiError> {
        match self.scopes.has(scope) {
            true => Ok(()),
            false => Err(ApiError::forbidden(format!(
                "the key doesn't have the scope `{}`",
                scope.name()
            ))),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Principal {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let principal = parts.extensions.get::<Self>().cloned();
        principal.ok_or_else(|| ApiError::unauthorized("this needs a key"))
    }
}
