//! Limits on connections, in total and per address. A new connection over the limit evicts the one that has been idle
//! longest.

use crate::limits::network;
use crate::lock::lock;
use axum::body::{Body, Bytes};
use http_body::{Frame, SizeHint};
use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// The places for connections.
#[derive(Debug)]
pub(super) struct Places {
    most: usize,
    each_most: usize,
    taken: Mutex<HashMap<u64, Arc<State>>>,
    next: AtomicU64,
}

#[derive(Debug)]
struct State {
    /// `None` if the connection is exempt from the limit per address.
    network: Option<IpAddr>,
    work: Mutex<Work>,
    evicted: Notify,
}

#[derive(Debug)]
struct Work {
    /// Requests in progress.
    busy: usize,
    /// Whether there was a request yet.
    any: bool,
    /// The end of the last request, or the start of the connection.
    since: Instant,
}

/// A connection's place, released on drop.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    id: u64,
    state: Arc<State>,
}

/// Marks a request in progress until dropped.
#[derive(Debug)]
pub(super) struct Busy(Arc<State>);

impl Places {
    pub(super) fn new(most: usize, each_most: usize) -> Arc<Self> {
        Arc::new(Self { most, each_most, taken: Mutex::default(), next: AtomicU64::new(0) })
    }

    /// A place for a connection; `None` if all are taken and none of them is idle.
    pub(super) fn take(self: &Arc<Self>, address: IpAddr, exempt: bool) -> Option<Place> {
        let network = (!exempt).then(|| network(address));
        let mut taken = self.lock();
        let mine = |state: &Arc<State>| network.is_some() && state.network == network;
        if network.is_some() && taken.values().filter(|state| mine(state)).count() >= self.each_most
        {
            evict(&mut taken, mine)?;
        }
        if taken.len() >= self.most {
            evict(&mut taken, |_| true)?;
        }
        let work = Work { busy: 0, any: false, since: Instant::now() };
        let state = State { network, work: Mutex::new(work), evicted: Notify::new() };
        let (id, state) = (self.next.fetch_add(1, Ordering::Relaxed), Arc::new(state));
        taken.insert(id, Arc::clone(&state));
        drop(taken);
        Some(Place { places: Arc::clone(self), id, state })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Arc<State>>> {
        lock(&self.taken)
    }
}

/// Evicts the connection that has been idle longest; `None` if none is idle.
fn evict(taken: &mut HashMap<u64, Arc<State>>, of: impl Fn(&Arc<State>) -> bool) -> Option<()> {
    let idle = taken.iter().filter(|(_, state)| of(state));
    let idle = idle.filter_map(|(id, state)| {
        let work = state.lock();
        (work.busy == 0).then_some((work.since, *id))
    });
    let (_, id) = idle.min()?;
    taken.remove(&id)?.evicted.notify_one();
    Some(())
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Work> {
        lock(&self.work)
    }
}

impl Place {
    /// Marks the start of a request.
    pub(super) fn begin(&self) -> Busy {
        let mut work = self.state.lock();
        work.busy += 1;
        work.any = true;
        drop(work);
        Busy(Arc::clone(&self.state))
    }

    /// Resolves when a new connection needs the place.
    pub(super) async fn evicted(&self) {
        self.state.evicted.notified().await;
    }

    /// How long the connection may still be idle; zero if it must close.
    pub(super) fn patience(&self, first: Duration, idle: Duration) -> Duration {
        let work = self.state.lock();
        let lasts = if work.any { idle } else { first };
        match work.busy {
            0 => lasts.saturating_sub(work.since.elapsed()),
            _ => idle,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.lock().remove(&self.id);
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let mut work = self.0.lock();
        work.busy -= 1;
        work.since = Instant::now();
    }
}

/// A response's body, which keeps its connection busy until dropped.
#[derive(Debug)]
pub(super) struct Working {
    body: Body,
    _busy: Busy,
}

impl Working {
    pub(super) fn new(body: Body, busy: Busy) -> Self {
        Self { body, _busy: busy }
    }
}

impl http_body::Body for Working {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(n: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, n])
    }

    #[test]
    fn the_connection_that_is_idle_longest_is_evicted() {
        let places = Places::new(3, 2);
        let first = places.take(from(1), false).expect("a place");
        let working = places.take(from(1), false).expect("a place");
        let busy = working.begin();
        let third = places.take(from(1), false).expect("the first one is evicted");
        assert_eq!(places.lock().len(), 2, "two from one address");
        drop(first);
        let at_work = third.begin();
        assert!(places.take(from(1), false).is_none(), "both are busy");
        let _other = places.take(from(2), false).expect("a place for somebody else");
        let _another = places.take(from(3), false).expect("the idle one is evicted");
        drop((busy, at_work));
        assert_eq!(places.lock().len(), 3);
        drop((working, third));
        assert_eq!(places.lock().len(), 1);
    }

    #[test]
    fn exempt_connections_have_no_limit_per_address() {
        let places = Places::new(10, 1);
        let all: Vec<_> = (0..10).filter_map(|_| places.take(from(1), true)).collect();
        assert_eq!((all.len(), places.lock().len()), (10, 10));
    }

    #[test]
    fn an_idle_connection_must_close() {
        let places = Places::new(1, 1);
        let place = places.take(from(1), false).expect("a place");
        let (short, long) = (Duration::ZERO, Duration::from_secs(60));
        assert!(place.patience(short, long).is_zero(), "it has not sent a request yet");
        let busy = place.begin();
        assert_eq!(place.patience(short, long), long);
        drop(busy);
        assert!(!place.patience(short, long).is_zero());
        assert!(place.patience(long, short).is_zero());
    }
}
