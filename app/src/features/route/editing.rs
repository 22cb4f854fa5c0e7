//! A route being edited in the browser, while the endpoint may change underneath.

use crate::domain::endpoint::Endpoint;
use crate::domain::name::DeploymentName;
use crate::domain::plan::Plan;
use crate::domain::route::Route;
use crate::domain::route_draft::{Blocked, Draft};
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
}

impl Editing {
    /// Starts from the route as it is, and follows it until something is drafted.
    #[must_use]
    pub fn new(endpoint: Memo<Endpoint>) -> Self {
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
        };
        Effect::new(move |_| editing.scripted.set(true));
        Effect::new(move |_| editing.follow());
        editing
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
        self.endpoint.with(|endpoint| self.draft.with(|draft| Plan::route(endpoint, draft.route())))
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
