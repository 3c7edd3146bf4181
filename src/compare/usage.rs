//! What the operating system knows about a process and its machine. Linux tells by files under `/proc`
//! (proc(5)); elsewhere these numbers are missing.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;

/// What a comparison ran on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// The processor's name, where the system tells.
    pub processor: Option<String>,
    /// Cores that the process may use.
    pub cores: usize,
    /// Such as `linux x86_64`.
    pub system: String,
}

impl Machine {
    /// This one.
    pub fn this() -> Self {
        Self {
            processor: fs_err::read_to_string("/proc/cpuinfo")
                .ok()
                .and_then(|text| field(&text, "model name")),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        }
    }
}

/// The most memory this process has held, in bytes.
pub(super) fn peak_memory() -> Option<u64> {
    let status = fs_err::read_to_string("/proc/self/status").ok()?;
    let size = field(&status, "VmHWM")?;
    let kibibytes: u64 = size.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// The processor time of all threads of this process so far.
pub(super) fn processor_time() -> Option<Duration> {
    let tasks = std::fs::read_dir("/proc/self/task").ok()?;
    // Threads that have ended, if only since the folder was listed, are missing; none ends between two laps.
    let times = tasks.filter_map(|task| time_of_thread(&task.ok()?.path()));
    times.reduce(|sum, time| sum + time)
}

/// The processor time of the thread that `folder` tells of.
fn time_of_thread(folder: &Path) -> Option<Duration> {
    // `schedstat` counts nanoseconds, `stat` only hundredths of a second.
    let text = fs_err::read_to_string(folder.join("schedstat")).ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// The value of `name: value` in such a file.
fn field(text: &str, name: &str) -> Option<String> {
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    let mut values = lines.filter(|(key, _)| key.trim() == name);
    values.next().map(|(_, value)| value.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found() {
        let text = "VmPeak:\t  10 kB\nVmHWM:\t  2048 kB\nmodel name\t: A: B\n";
        assert_eq!(field(text, "VmHWM").as_deref(), Some("2048 kB"));
        assert_eq!(field(text, "model name").as_deref(), Some("A: B"));
        assert_eq!(field(text, "VmRSS"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn work_costs_processor_time_and_memory() {
        // Of this thread alone: other tests' threads end meanwhile.
        let time = || time_of_thread(Path::new("/proc/thread-self")).unwrap();
        let before = time();
        let numbers: Vec<u64> = (0..4_000_000).map(|n: u64| n.wrapping_mul(n)).collect();
        assert!(numbers.contains(&9));
        assert!(time() > before);
        assert!(processor_time().unwrap() > Duration::ZERO);
        assert!(peak_memory().unwrap() > 8 * 4_000_000);
    }
}
