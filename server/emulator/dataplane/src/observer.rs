//! What the data plane shows of its work, for a log: answered requests, console lines of containers, and events of
//! containers.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::{HeaderValue, Method, Version};
use time::OffsetDateTime;

use crate::log::Container;

/// Receives what happens. It is called by the tasks that do the work, so it must return at once.
pub trait Observer: Send + Sync {
    /// The router has answered a request of a client. Copies for a shadow are not among these.
    fn request(&self, seen: &SeenRequest<'_>);
    /// A container has written a line.
    fn line(&self, seen: &SeenLine<'_>);
    /// Something has happened to a container.
    fn event(&self, seen: &SeenEvent<'_>);
}

/// A request and its answer. Durations count from the arrival of the request's head.
#[derive(Clone, Debug)]
pub struct SeenRequest<'a> {
    /// When it was answered.
    pub at: OffsetDateTime,
    pub endpoint: &'a str,
    /// The deployment that answered; `None` if the request was rejected before one was chosen.
    pub deployment: Option<&'a str>,
    pub method: &'a Method,
    pub path: &'a str,
    pub protocol: Version,
    pub status: u16,
    /// The model's status, if the model was called and answered.
    pub model_status: Option<u16>,
    pub bytes_in: usize,
    pub bytes_out: usize,
    /// Until the answer.
    pub total: Duration,
    /// Until the last byte of the request.
    pub read: Duration,
    /// Until the model's answer, if a model was called.
    pub ran: Option<Duration>,
    pub user_agent: Option<&'a HeaderValue>,
    pub request_id: &'a HeaderValue,
    pub client_request_id: Option<&'a HeaderValue>,
}

/// A line of a container's console.
#[derive(Clone, Copy, Debug)]
pub struct SeenLine<'a> {
    pub at: OffsetDateTime,
    pub endpoint: &'a str,
    pub deployment: &'a str,
    pub container: Container,
    /// `None` for what is not written by one instance.
    pub instance: Option<&'a str>,
    pub text: &'a str,
}

/// What can happen to a container, by the names that Azure documents for the table `AmlOnlineEndpointEventLog`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContainerEvent {
    /// It waits before its next start.
    BackOff,
    /// Its image is there.
    Pulled,
    Created,
    Started,
    Killing,
    LivenessProbeFailed,
    ReadinessProbeFailed,
}

impl ContainerEvent {
    /// The name in the log.
    pub fn name(self) -> &'static str {
        match self {
            Self::BackOff => "BackOff",
            Self::Pulled => "Pulled",
            Self::Created => "Created",
            Self::Started => "Started",
            Self::Killing => "Killing",
            Self::LivenessProbeFailed => "LivenessProbeFailed",
            Self::ReadinessProbeFailed => "ReadinessProbeFailed",
        }
    }
}

/// An event of an instance's container.
#[derive(Clone, Copy, Debug)]
pub struct SeenEvent<'a> {
    pub at: OffsetDateTime,
    pub endpoint: &'a str,
    pub deployment: &'a str,
    pub instance: &'a str,
    pub event: ContainerEvent,
    pub message: &'a str,
}

/// The observer, once there is one.
#[derive(Clone, Default)]
pub(crate) struct Tap(Arc<OnceLock<Arc<dyn Observer>>>);

impl Tap {
    /// Sets the observer, unless there is one already.
    pub(crate) fn set(&self, observer: Arc<dyn Observer>) {
        // The second observer of a data plane would be a mistake of its owner, and sees nothing.
        let _ = self.0.set(observer);
    }

    pub(crate) fn get(&self) -> Option<&dyn Observer> {
        self.0.get().map(|observer| &**observer)
    }
}
