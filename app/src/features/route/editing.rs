//! A route being edited in the browser, while the endpoint may change at the same time.

use crate::components::hindrance::Hindering;
use crate::ui::typed;
use domain::endpoint::Endpoint;
use domain::name::DeploymentName;
use domain::plan::Plan;
use domain::plan::rollout_path::Outline;
use domain::route::{Mirror, Route};
use domain::route_draft::{Blocked, RouteDraft};
use domain::route_form::{LIVE_PREFIX, MIRROR, MIRROR_PERCENT, mirror_share, share};
use domain::text::sentence;
use leptos::prelude::*;

/// The initial mirror percentage of a newly chosen shadow.
pub const MIRROR_FIRST: u8 = 10;

/// A route being edited.
#[derive(Clone, Copy)]
pub struct Editing {
    pub endpoint: Memo<Endpoint>,
    pub draft: RwSignal<RouteDraft>,
    /// The route that the person started from.
    pub base: RwSignal<Route>,
    /// Why the last edit was rejected.
    pub trouble: RwSignal<Option<String>>,
    /// The fields with invalid text, each with the reason. Their text stays as typed.
    pub wrong: RwSignal<Vec<(String, String)>>,
    pub drafted: Memo<bool>,
    /// Whether scripts run: without scripts, handles do not move each other.
    pub scripted: RwSignal<bool>,
    promotion: StoredValue<Option<Outline>>,
    hindering: Memo<Hindering>,
}

impl Editing {
    /// Starts from the current route, and follows the endpoint until the person edits something.
    #[must_use]
    pub fn new(
        endpoint: Memo<Endpoint>,
        promotion: Option<Outline>,
        hindering: Memo<Hindering>,
    ) -> Self {
        let (draft, base) = endpoint.with_untracked(|e| (e.draft(), e.route.clone()));
        let draft = RwSignal::new(draft);
        let editing = Self {
            endpoint,
            draft,
            drafted: Memo::new(move |_| {
                draft.with(|draft| endpoint.with(|endpoint| *draft.route() != endpoint.route))
            }),
            base: RwSignal::new(base),
            trouble: RwSignal::new(None),
            wrong: RwSignal::new(Vec::new()),
            scripted: RwSignal::new(false),
            promotion: StoredValue::new(promotion),
            hindering,
        };
        let typed = Typed::read(endpoint);
        Effect::new(move |_| {
            editing.scripted.set(true);
            editing.take_typed(&typed);
        });
        Effect::new(move |_| editing.follow());
        editing
    }

    /// Takes over what was typed before hydration.
    fn take_typed(self, typed: &Typed) {
        for (name, text) in &typed.live {
            self.type_live(name, text);
        }
        let now = self.draft.with_untracked(|draft| draft.route().mirror().cloned());
        if let Some(name) = &typed.mirror {
            let percent = now.as_ref().map_or(MIRROR_FIRST, Mirror::percent);
            self.set_mirror(name.clone().map(|name| (name, percent)));
        }
        if let Some(text) = &typed.percent {
            self.type_mirror(text);
        }
    }

    fn follow(self) {
        let endpoint = self.endpoint.get();
        let untouched = self.draft.with_untracked(|d| self.base.with_untracked(|b| d.route() == b));
        let route = self.draft.with_untracked(|draft| draft.route().clone());
        let next = endpoint.draft();
        if untouched {
            self.base.set(endpoint.route);
            set_if_new(self.draft, next);
        } else {
            set_if_new(self.draft, RouteDraft::new(next.seats().to_vec(), route));
        }
    }

    /// The draft's plan against the current endpoint.
    #[must_use]
    pub fn plan(self) -> Plan {
        let known = self.hindering.with(Hindering::known);
        self.promotion.with_value(|promotion| {
            self.endpoint.with(|endpoint| {
                self.draft
                    .with(|draft| Plan::route(endpoint, draft.route(), promotion.as_ref(), &known))
            })
        })
    }

    /// The current route, if it is no longer the one that the person started from.
    #[must_use]
    pub fn moved(self) -> Option<Route> {
        let now = self.endpoint.with(|endpoint| endpoint.route.clone());
        self.base.with(|base| (*base != now).then_some(now))
    }

    /// Discards the draft.
    pub fn reset(self) {
        let endpoint = self.endpoint.get_untracked();
        self.draft.set(endpoint.draft());
        self.base.set(endpoint.route);
        self.trouble.set(None);
        self.wrong.set(Vec::new());
    }

    /// Keeps the draft, based on the current route.
    pub fn keep(self) {
        self.base.set(self.endpoint.with_untracked(|endpoint| endpoint.route.clone()));
    }

    /// Drafts a route without live traffic.
    pub fn switch_off(self) {
        self.draft.update(|draft| *draft = draft.with_everything_off());
        self.trouble.set(None);
        self.wrong.set(Vec::new());
    }

    /// Moves one live handle as far as possible, and reports where the handle stopped.
    pub fn slide_live(self, name: &DeploymentName, to: u8) {
        self.accept(&live_field(name));
        let moved = self.draft.with_untracked(|draft| draft.with_live(name, to));
        let stopped = match &moved {
            Err(Blocked::TooMuch { max, .. }) if *max < to => Some(*max),
            _ => None,
        };
        if let Some(Ok(draft)) =
            stopped.map(|max| self.draft.with_untracked(|draft| draft.with_live(name, max)))
        {
            self.draft.set(draft);
        }
        self.take(moved);
    }

    /// Drafts a typed live share, or reports at the field why the text is invalid.
    pub fn type_live(self, name: &DeploymentName, text: &str) {
        let draft = |to| self.draft.with_untracked(|draft| draft.with_live(name, to));
        let read = share(text).map_err(|rule| sentence(&rule));
        let drafted = read.and_then(|to| draft(to).map_err(|blocked| blocked.to_string()));
        self.written(live_field(name), drafted);
    }

    /// Drafts a typed mirror percentage, or reports at the field why the text is invalid.
    pub fn type_mirror(self, text: &str) {
        let read = mirror_share(text).map_err(|rule| sentence(&rule));
        let now = self.draft.with_untracked(|draft| draft.route().mirror().cloned());
        let Some(mirror) = now else { return };
        let to = |percent| Some((mirror.deployment().clone(), percent));
        let draft = |percent| self.draft.with_untracked(|draft| draft.with_mirror(to(percent)));
        let drafted = read.and_then(|percent| draft(percent).map_err(|why| why.to_string()));
        self.written(MIRROR_PERCENT.to_owned(), drafted);
    }

    fn written(self, field: String, drafted: Result<RouteDraft, String>) {
        self.accept(&field);
        match drafted {
            Ok(draft) => self.take(Ok(draft)),
            Err(why) => self.wrong.update(|wrong| wrong.push((field, why))),
        }
    }

    /// Clears a field's problem.
    fn accept(self, field: &str) {
        if self.wrong.with_untracked(|wrong| wrong.iter().any(|(known, _)| known == field)) {
            self.wrong.update(|wrong| wrong.retain(|(known, _)| known != field));
        }
    }

    /// Why a field's text is invalid.
    #[must_use]
    pub fn problem(self, field: &str) -> Option<String> {
        let is_it = |(known, why): &(String, String)| (known == field).then(|| why.clone());
        self.wrong.with(|wrong| wrong.iter().find_map(is_it))
    }

    /// Sets or clears the mirror.
    pub fn set_mirror(self, to: Option<(DeploymentName, u8)>) {
        self.accept(MIRROR_PERCENT);
        let moved = self.draft.with_untracked(|draft| draft.with_mirror(to));
        self.take(moved);
    }

    fn take(self, moved: Result<RouteDraft, Blocked>) {
        match moved {
            Ok(draft) => {
                self.draft.set(draft);
                self.trouble.set(None);
            }
            Err(blocked) => self.trouble.set(Some(blocked.to_string())),
        }
    }
}

fn set_if_new(draft: RwSignal<RouteDraft>, next: RouteDraft) {
    if draft.with_untracked(|draft| *draft != next) {
        draft.set(next);
    }
}

/// The name of the field for a deployment's live share.
#[must_use]
pub fn live_field(name: &DeploymentName) -> String {
    format!("{LIVE_PREFIX}{name}")
}

/// What was typed before hydration.
struct Typed {
    live: Vec<(DeploymentName, String)>,
    /// The mirror's deployment if it was changed; the inner `None` means no mirror.
    mirror: Option<Option<DeploymentName>>,
    percent: Option<String>,
}

impl Typed {
    fn read(endpoint: Memo<Endpoint>) -> Self {
        let share = |name: DeploymentName| {
            let field = live_field(&name);
            let slid = || typed::in_input(&format!("{field}-range"));
            let text = typed::in_input(&field).or_else(slid)?;
            Some((name, text))
        };
        endpoint.with_untracked(|endpoint| {
            let mirror = endpoint.route.mirror().map(|mirror| mirror.deployment().to_string());
            Self {
                live: endpoint.names().into_iter().filter_map(share).collect(),
                mirror: typed::in_select(MIRROR, &mirror.unwrap_or_default())
                    .map(|name| name.parse().ok()),
                percent: typed::in_input(MIRROR_PERCENT),
            }
        })
    }
}
