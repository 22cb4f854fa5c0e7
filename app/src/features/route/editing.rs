//! A route being edited in the browser, while the endpoint may change underneath.

use crate::domain::endpoint::Endpoint;
use crate::domain::name::DeploymentName;
use crate::domain::plan::Plan;
use crate::domain::plan::way::Outline;
use crate::domain::route::{MIRROR_MAX, Mirror, Route};
use crate::domain::route_draft::{Blocked, Draft};
use crate::domain::route_form::{LIVE_PREFIX, MIRROR, MIRROR_PERCENT};
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
    /// Whether something is drafted.
    pub drafted: Memo<bool>,
    /// Whether scripts run: only then do handles move each other.
    pub scripted: RwSignal<bool>,
    /// How the stage has live traffic move.
    promotion: StoredValue<Option<Outline>>,
}

impl Editing {
    /// Starts from the route as it is, and follows it until something is drafted.
    #[must_use]
    pub fn new(endpoint: Memo<Endpoint>, promotion: Option<Outline>) -> Self {
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
            scripted: RwSignal::new(false),
            promotion: StoredValue::new(promotion),
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
        for (name, to) in &typed.live {
            self.set_live(name, *to);
        }
        if typed.mirror.is_some() || typed.percent.is_some() {
            let now = self.draft.with_untracked(|draft| draft.route().mirror().cloned());
            let percent = typed.percent.or(now.as_ref().map(Mirror::percent));
            let name =
                typed.mirror.clone().unwrap_or(now.map(|mirror| mirror.deployment().clone()));
            let percent = percent.unwrap_or(MIRROR_FIRST).clamp(1, MIRROR_MAX);
            self.set_mirror(name.map(|name| (name, percent)));
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
        self.promotion.with_value(|promotion| {
            self.endpoint.with(|endpoint| {
                self.draft.with(|draft| Plan::route(endpoint, draft.route(), promotion.as_ref()))
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
    }

    /// Keeps the draft, and takes the route in force as what it starts from.
    pub fn keep(self) {
        self.base.set(self.endpoint.with_untracked(|endpoint| endpoint.route.clone()));
    }

    /// Drafts that nobody gets live traffic.
    pub fn switch_off(self) {
        self.draft.update(|draft| *draft = draft.with_everything_off());
        self.trouble.set(None);
    }

    /// Moves one live handle, as far as it goes.
    pub fn set_live(self, name: &DeploymentName, to: u8) {
        let moved = self.draft.with_untracked(|draft| match draft.with_live(name, to) {
            Err(Blocked::TooMuch { max, .. }) if max < to => draft.with_live(name, max),
            moved => moved,
        });
        self.take(moved);
    }

    /// Sets or clears the mirror.
    pub fn set_mirror(self, to: Option<(DeploymentName, u8)>) {
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

/// What was typed before the editor woke.
struct Typed {
    live: Vec<(DeploymentName, u8)>,
    /// Whom to mirror to; inside, `None` is nobody.
    mirror: Option<Option<DeploymentName>>,
    percent: Option<u8>,
}

impl Typed {
    fn read(endpoint: Memo<Endpoint>) -> Self {
        let number = |id: &str| typed::in_input(id)?.trim().parse::<u8>().ok();
        let share = |name: DeploymentName| {
            let field = format!("{LIVE_PREFIX}{name}");
            let to = number(&field).or_else(|| number(&format!("{field}-range")))?;
            Some((name, to))
        };
        endpoint.with_untracked(|endpoint| {
            let mirror = endpoint.route.mirror().map(|mirror| mirror.deployment().to_string());
            Self {
                live: endpoint.names().into_iter().filter_map(share).collect(),
                mirror: typed::in_select(MIRROR, &mirror.unwrap_or_default())
                    .map(|name| name.parse().ok()),
                percent: number(MIRROR_PERCENT),
            }
        })
    }
}
