//! A route being edited in the browser, while the endpoint may change underneath.

use crate::domain::endpoint::Endpoint;
use crate::domain::guard::facts::Facts;
use crate::domain::name::DeploymentName;
use crate::domain::plan::Plan;
use crate::domain::plan::way::Outline;
use crate::domain::route::{Mirror, Route};
use crate::domain::route_draft::{Blocked, Draft};
use crate::domain::route_form::{LIVE_PREFIX, MIRROR, MIRROR_PERCENT, mirror_share, share};
use crate::ui::typed;
use leptos::prelude::*;

/// What a shadow gets first when one is chosen, in per cent.
pub const MIRROR_FIRST: u8 = 10;

/// A route being edited.
#[derive(Clone, Copy)]
pub struct Editing {
    /// The endpoint as it is now.
    pub endpoint: Memo<Endpoint>,
    /// The draft.
    pub draft: RwSignal<Draft>,
    /// The route that the person started from.
    pub base: RwSignal<Route>,
    /// Why the last movement did not happen.
    pub trouble: RwSignal<Option<String>>,
    /// The fields that hold what cannot be drafted, each with the reason. What they show stays as it is.
    pub wrong: RwSignal<Vec<(String, String)>>,
    /// Whether something is drafted.
    pub drafted: Memo<bool>,
    /// Whether scripts run: only then do handles move each other.
    pub scripted: RwSignal<bool>,
    /// How the stage has live traffic move.
    promotion: StoredValue<Option<Outline>>,
    /// What the page knows beside the endpoint.
    known: Memo<Facts>,
}

impl Editing {
    /// Starts from the route as it is, and follows it until something is drafted.
    #[must_use]
    pub fn new(endpoint: Memo<Endpoint>, promotion: Option<Outline>, known: Memo<Facts>) -> Self {
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
            known,
        };
        let typed = Typed::read(endpoint);
        Effect::new(move |_| {
            editing.scripted.set(true);
            editing.take_typed(&typed);
        });
        Effect::new(move |_| editing.follow());
        editing
    }

    /// Goes on from what was typed before the editor woke.
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
            set_if_new(self.draft, Draft::new(next.seats().to_vec(), route));
        }
    }

    /// The draft's plan against the endpoint as it is now.
    #[must_use]
    pub fn plan(self) -> Plan {
        let known = self.known.get();
        self.promotion.with_value(|promotion| {
            self.endpoint.with(|endpoint| {
                self.draft
                    .with(|draft| Plan::route(endpoint, draft.route(), promotion.as_ref(), &known))
            })
        })
    }

    /// The route in force, when it is no longer the one that the person started from.
    #[must_use]
    pub fn moved(self) -> Option<Route> {
        let now = self.endpoint.with(|endpoint| endpoint.route.clone());
        self.base.with(|base| (*base != now).then_some(now))
    }

    /// Throws the draft away.
    pub fn reset(self) {
        let endpoint = self.endpoint.get_untracked();
        self.draft.set(endpoint.draft());
        self.base.set(endpoint.route);
        self.trouble.set(None);
        self.wrong.set(Vec::new());
    }

    /// Keeps the draft, and takes the route in force as what it starts from.
    pub fn keep(self) {
        self.base.set(self.endpoint.with_untracked(|endpoint| endpoint.route.clone()));
    }

    /// Drafts that nobody gets live traffic.
    pub fn switch_off(self) {
        self.draft.update(|draft| *draft = draft.with_everything_off());
        self.trouble.set(None);
        self.wrong.set(Vec::new());
    }

    /// Moves one live handle, as far as it goes, and says where it stopped.
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

    /// Takes a written live share, or says by its field why it cannot be.
    pub fn type_live(self, name: &DeploymentName, text: &str) {
        let draft = |to| self.draft.with_untracked(|draft| draft.with_live(name, to));
        let read = share(text).map_err(|rule| format!("{rule}."));
        let drafted = read.and_then(|to| draft(to).map_err(|blocked| blocked.to_string()));
        self.written(live_field(name), drafted);
    }

    /// Takes a written percentage of the mirror, or says by its field why it cannot be.
    pub fn type_mirror(self, text: &str) {
        let read = mirror_share(text).map_err(|rule| format!("{rule}."));
        let now = self.draft.with_untracked(|draft| draft.route().mirror().cloned());
        let Some(mirror) = now else { return };
        let to = |percent| Some((mirror.deployment().clone(), percent));
        let draft = |percent| self.draft.with_untracked(|draft| draft.with_mirror(to(percent)));
        let drafted = read.and_then(|percent| draft(percent).map_err(|why| why.to_string()));
        self.written(MIRROR_PERCENT.to_owned(), drafted);
    }

    fn written(self, field: String, drafted: Result<Draft, String>) {
        self.accept(&field);
        match drafted {
            Ok(draft) => self.take(Ok(draft)),
            Err(why) => self.wrong.update(|wrong| wrong.push((field, why))),
        }
    }

    /// Forgets what was wrong with a field.
    fn accept(self, field: &str) {
        if self.wrong.with_untracked(|wrong| wrong.iter().any(|(known, _)| known == field)) {
            self.wrong.update(|wrong| wrong.retain(|(known, _)| known != field));
        }
    }

    /// What is wrong with a field.
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

    fn take(self, moved: Result<Draft, Blocked>) {
        match moved {
            Ok(draft) => {
                self.draft.set(draft);
                self.trouble.set(None);
            }
            Err(blocked) => self.trouble.set(Some(blocked.to_string())),
        }
    }
}

fn set_if_new(draft: RwSignal<Draft>, next: Draft) {
    if draft.with_untracked(|draft| *draft != next) {
        draft.set(next);
    }
}

/// The field of a deployment's live share.
#[must_use]
pub fn live_field(name: &DeploymentName) -> String {
    format!("{LIVE_PREFIX}{name}")
}

/// What was typed before the editor woke.
struct Typed {
    live: Vec<(DeploymentName, String)>,
    /// Whom to mirror to; inside, `None` is nobody.
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
