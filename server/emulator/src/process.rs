//! The resource usage of a process, from `/proc`; nothing on other systems.

use std::path::Path;

/// Kernel ticks per second; the same for programs on every Linux.
const TICKS_PER_S: f64 = 100.0;

fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(Path::new("/proc").join(path)).ok()
}

/// Mean share of one processor since the process started.
pub fn cpu_percent(pid: u32) -> Option<f64> {
    let stat = read(&format!("{pid}/stat"))?;
    // The name in parentheses may contain spaces; the fields after it do not.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
    let used = ticks(11)? + ticks(12)?;
    let up: f64 = read("uptime")?.split_whitespace().next()?.parse().ok()?;
    let age = up - ticks(19)? / TICKS_PER_S;
    (age > 0.0).then(|| (used / TICKS_PER_S / age * 100.0).clamp(0.0, 100.0))
}

/// Resident share of the machine's memory.
pub fn memory_percent(pid: u32) -> Option<f64> {
    let kilobytes = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse::<f64>().ok()
    };
    let used = kilobytes(&read(&format!("{pid}/status"))?, "VmRSS:")?;
    let total = kilobytes(&read("meminfo")?, "MemTotal:")?;
    Some(used / total * 100.0)
}
