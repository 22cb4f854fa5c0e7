//! Waits with the precision of microseconds. tokio's timers have one of a millisecond, which would be counted as
//! latency.

use std::io;
use std::time::{Duration, Instant};

/// Shorter waits look at the sockets meanwhile instead of setting a timer.
const SPIN: Duration = Duration::from_micros(60);

#[cfg(target_os = "linux")]
pub(super) struct Pacer(tokio::io::unix::AsyncFd<std::os::fd::OwnedFd>);

#[cfg(target_os = "linux")]
impl Pacer {
    pub(super) fn new() -> io::Result<Self> {
        use rustix::time::{TimerfdClockId, TimerfdFlags, timerfd_create};
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        #[expect(deprecated, reason = "its replacement is unsafe; an OwnedFd keeps its promise")]
        let timer = tokio::io::unix::AsyncFd::new(timer)?;
        Ok(Self(timer))
    }

    async fn sleep(&self, time: Duration) -> io::Result<()> {
        use rustix::time::{Itimerspec, TimerfdTimerFlags, Timespec, timerfd_settime};
        let none = Timespec { tv_sec: 0, tv_nsec: 0 };
        let value = Timespec {
            tv_sec: i64::try_from(time.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: time.subsec_nanos().into(),
        };
        let new = Itimerspec { it_interval: none, it_value: value };
        timerfd_settime(&self.0, TimerfdTimerFlags::empty(), &new)?;
        loop {
            let mut ready = self.0.readable().await?;
            let mut expirations = [0; 8];
            match rustix::io::read(ready.get_inner(), &mut expirations) {
                Err(rustix::io::Errno::AGAIN) => ready.clear_ready(),
                read => {
                    ready.clear_ready();
                    return read.map(drop).map_err(io::Error::from);
                }
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) struct Pacer;

#[cfg(not(target_os = "linux"))]
impl Pacer {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn sleep(&self, time: Duration) -> io::Result<()> {
        tokio::time::sleep(time).await;
        Ok(())
    }
}

impl Pacer {
    /// Waits until a time, and lets other tasks run at least once.
    pub(super) async fn until(&self, time: Instant) -> io::Result<()> {
        loop {
            let left = time.saturating_duration_since(Instant::now());
            if left > SPIN {
                self.sleep(left - SPIN / 2).await?;
            } else {
                tokio::task::yield_now().await;
            }
            if Instant::now() >= time {
                return Ok(());
            }
        }
    }
}
