//! The API over the archive, keys and sessions: each group of routes in a file.

mod narrow;
mod search;
mod archive;
mod assets;
mod browse;
mod reflections;
mod facts;
mod import;
mod forget;
mod guards;
mod status;
mod operation;
mod keys;
mod session;
mod events;
mod providers;
mod chat_error;
mod conversations;
mod projects;
mod characters;
mod knowledge;
mod messages;
mod turn_docs;
mod tools;
mod turns;

pub use keys::{CreatedKeyDoc, KeyDoc, KeysDoc};

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

/// Routes that need the scope `memory`.
pub(crate) fn memory_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(search::search))
        .routes(routes!(archive::conversation))
        .routes(routes!(archive::outline))
        .routes(routes!(archive::find))
        .routes(routes!(browse::timeline))
        .routes(routes!(browse::recent))
        .routes(routes!(browse::sources))
        .routes(routes!(browse::projects))
        .routes(routes!(reflections::list, reflections::create))
        .routes(routes!(
            reflections::get,
            reflections::edit,
            reflections::delete
        ))
        .routes(routes!(facts::list, facts::create))
        .routes(routes!(facts::get, facts::edit, facts::forget))
        .routes(routes!(import::state, import::start))
        .routes(routes!(forget::forget))
        .routes(routes!(guards::scan))
        .routes(routes!(guards::findings))
        .routes(routes!(guards::policies))
        .routes(routes!(status::status))
}

/// Routes that need the scope `chat`.
pub(crate) fn chat_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(conversations::list, conversations::create))
        .routes(routes!(
            conversations::get,
            conversations::change,
            conversations::delete
        ))
        .routes(routes!(conversations::export))
        .routes(routes!(turns::start))
        .routes(routes!(turns::events))
        .routes(routes!(turns::cancel))
        .routes(routes!(turns::approve))
        .routes(routes!(turns::answer))
        .routes(routes!(tools::list))
        .routes(routes!(tools::forget_approval))
        .routes(routes!(tools::prompts))
        .routes(routes!(tools::prompt))
        .routes(routes!(tools::resources))
        .routes(routes!(tools::login, tools::logout))
        .routes(routes!(tools::login_callback))
        .routes(routes!(turns::request))
        .routes(routes!(messages::edit, messages::delete))
        .routes(routes!(messages::delete_summary))
        .routes(routes!(messages::undo))
        .routes(routes!(characters::list, characters::import))
        .routes(routes!(
            characters::get,
            characters::change,
            characters::remove
        ))
        .routes(routes!(characters::picture))
        .routes(routes!(characters::file))
        .routes(routes!(characters::set))
        .routes(routes!(knowledge::list, knowledge::add))
        .routes(routes!(knowledge::get, knowledge::remove))
        .routes(routes!(knowledge::section))
        .routes(routes!(knowledge::reindex))
        .routes(routes!(projects::list))
        .routes(routes!(projects::get, projects::change))
        .routes(routes!(assets::add_asset))
        .routes(routes!(assets::asset))
        .routes(routes!(providers::models))
}

/// Routes that need the scope `admin`.
pub(crate) fn admin_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(keys::list, keys::create))
        .routes(routes!(keys::revoke))
        .routes(routes!(operation::settings))
        .routes(routes!(operation::doctor))
        .routes(routes!(providers::list, providers::add))
        .routes(routes!(providers::local))
        .routes(routes!(providers::remove))
        .routes(routes!(providers::choose_default))
}

/// Routes that any valid credential may use.
pub(crate) fn any_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(session::get, session::end))
        .routes(routes!(events::listen))
}

/// The route on which a key becomes a session: it shows its credential in the body.
pub(crate) fn session_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(session::begin))
}
