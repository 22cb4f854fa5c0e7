//! The registry in ARM: the resource itself, upload URLs, and `scheduleRun`.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::{Value, json};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use uuid::Uuid;

use super::order::{self, bad};
use super::{drive, misfortune, runs, shapes};
use crate::builds::kept::{Order, RegistryState, Run, RunStatus};
use crate::builds::names::Values;
use crate::inner::Inner;
use crate::naming::registry_name;
use crate::protocol::call::{Answer, Answered, Call};
use crate::protocol::error::ArmError;
use crate::protocol::paging;
use crate::state::State;
use crate::store::Unkept;
use crate::when;

/// The blob container of uploaded source code.
pub const SOURCES: &str = "acr-sources";
/// The minute in an upload's name.
const MINUTE: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day][hour][minute]");

/// Names the registry at the first start, after the first workspace.
pub fn seed(inner: &Inner) -> Result<(), Unkept> {
    let now = when::arm(inner.clock.now());
    let login_server = shapes::login_server(&inner.own_url()).to_owned();
    inner.store.write(|state| {
        rename(state, &login_server);
        if !state.registry.name.is_empty() {
            return;
        }
        let Some(workspace) = state.workspaces.values().next() else { return };
        state.registry = RegistryState {
            name: registry_name(&workspace.name),
            location: workspace.location.clone(),
            login_server,
            created_at: now,
            passwords: [crate::entra::random_text(), crate::entra::random_text()],
            ..RegistryState::default()
        };
    })
}

/// Keeps images in the registry when the emulator starts at another address, which is the registry's name.
fn rename(state: &mut State, login_server: &str) {
    let before = std::mem::replace(&mut state.registry.login_server, login_server.to_owned());
    if before.is_empty() || before == login_server {
        return;
    }
    let environments =
        state.workspaces.values_mut().filter_map(|ws| ws.assets.get_mut("environments"));
    let versions = environments.flat_map(BTreeMap::values_mut).flat_map(|one| &mut one.versions);
    for version in versions {
        let image = version.properties.get("image").and_then(Value::as_str);
        let rest = image.and_then(|image| image.strip_prefix(&before)?.strip_prefix('/'));
        if let Some(rest) = rest {
            let image = format!("{login_server}/{rest}");
            version.properties.insert("image".to_owned(), image.into());
        }
    }
}

/// `GET {RG}/providers/Microsoft.ContainerRegistry/registries`, also of the subscription.
pub fn list(inner: &Arc<Inner>, call: &Call) -> Answered {
    call.only(&Method::GET, "GET")?;
    let registry = inner.store.read(|state| shapes::registry(inner, &call.base, &state.registry));
    paging::page(call, vec![registry])
}

/// `{ACR}` and everything below it.
pub fn route(inner: &Arc<Inner>, call: &Call, name: &str, rest: &[&str]) -> Answered {
    let is_ours = inner.store.read(|state| state.registry.name.eq_ignore_ascii_case(name));
    if !is_ours {
        let resource = format!("Microsoft.ContainerRegistry/registries/{name}");
        return Err(ArmError::no_resource(&resource, &inner.resource_group));
    }
    match rest {
        [] => {
            call.only(&Method::GET, "GET")?;
            let registry = &|state: &RegistryState| shapes::registry(inner, &call.base, state);
            Ok(Answer::ok(inner.store.read(|state| registry(&state.registry))))
        }
        ["listcredentials"] => credentials(inner, call),
        ["listbuildsourceuploadurl"] => upload_url(inner, call),
        ["schedulerun"] => schedule(inner, call),
        ["runs"] => runs::list(inner, call),
        ["runs", id] => match call.method {
            Method::GET => runs::get(inner, id),
            Method::PATCH => runs::patch(inner, call, id),
            _ => Err(ArmError::method("GET, PATCH")),
        },
        ["runs", id, "listlogsasurl"] => runs::log_url(inner, call, id),
        ["runs", id, "cancel"] => runs::cancel(inner, call, id),
        ["tasks" | "taskruns" | "agentpools" | "webhooks" | "replications"] => {
            call.only(&Method::GET, "GET")?;
            Ok(Answer::ok(json!({ "value": [] })))
        }
        _ => Err(ArmError::no_resource(&call.path, &inner.resource_group)),
    }
}

/// `POST {ACR}/listCredentials`: those of the admin user.
fn credentials(inner: &Inner, call: &Call) -> Answered {
    call.only(&Method::POST, "POST")?;
    let (name, [one, two]) =
        inner.store.read(|state| (state.registry.name.clone(), state.registry.passwords.clone()));
    Ok(Answer::ok(json!({
        "username": name,
        "passwords": [{ "name": "password", "value": one }, { "name": "password2", "value": two }],
    })))
}

/// `POST {ACR}/listBuildSourceUploadUrl`
fn upload_url(inner: &Inner, call: &Call) -> Answered {
    call.only(&Method::POST, "POST")?;
    let minute = inner.clock.now().format(MINUTE).unwrap_or_default();
    let path = format!("tasks-source/{minute}-{}.tar.gz", Uuid::new_v4().simple());
    let url = format!("{}/blob/acrtasks/{SOURCES}/{path}?{}", call.base, inner.blobs.signature());
    Ok(Answer::ok(json!({ "uploadUrl": url, "relativePath": path })))
}

/// `POST {ACR}/scheduleRun`: 200 with the queued run.
fn schedule(inner: &Arc<Inner>, call: &Call) -> Answered {
    call.only(&Method::POST, "POST")?;
    let order = order::read(&call.object()?)?;
    if misfortune::is_refused(&order.image_names) {
        let registry = inner.store.read(|state| state.registry.name.clone());
        return Err(ArmError::arm(
            StatusCode::FORBIDDEN,
            "TasksOperationsNotAllowed",
            format!(
                "ACR Tasks requests for the registry {registry} and {} are not permitted. Please file an Azure \
                 support request at http://aka.ms/azuresupport for assistance.",
                inner.subscription
            ),
        ));
    }
    let (number, view) = inner.store.try_write(|state| {
        let number = state.registry.scheduled + 1;
        let run = queued(inner, call, &state.registry, number, order)?;
        let view = shapes::run(inner, &state.registry.name, &run);
        state.registry.scheduled = number;
        state.registry.add(run);
        Ok::<_, ArmError>((number, view))
    })?;
    drive::spawn(inner, number);
    Ok(Answer::ok(view))
}

fn queued(
    inner: &Inner,
    call: &Call,
    registry: &RegistryState,
    number: u64,
    order: Order,
) -> Result<Run, ArmError> {
    let login_server = shapes::login_server(&call.base).to_owned();
    let now = inner.clock.now();
    let values = Values {
        number,
        login_server: &login_server,
        registry: &registry.name,
        architecture: &order.architecture,
        now,
    };
    let images = order.image_names.iter().map(|name| values.image(name)).collect::<Result<_, _>>();
    let images = images.map_err(|rule| bad(format!("The request is not valid: {rule}.")))?;
    let now = when::arm(now);
    Ok(Run {
        number,
        status: RunStatus::Queued,
        order,
        images,
        login_server,
        created_by: call.caller.clone(),
        created_at: now.clone(),
        started_at: None,
        ended_at: None,
        updated_at: now,
        digest: None,
        error: None,
        is_cancelled: false,
    })
}
