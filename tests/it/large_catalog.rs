//! A catalog of 2,000 tables. The service runs in a process of its own: its memory is nobody else's.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;

use crate::support::{SECRET, TestDb, empty, token};

/// What a test waits for at most.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long the service waits for more before it reloads.
const DEBOUNCE: Duration = Duration::from_millis(100);
/// What it says when it has.
const LOADED: &str = "catalog loaded";
/// The aims: of a release. A debug build is slower, and often tested beside other work.
const MILLISECONDS: f64 = 2000.0;
const DEBUG_MILLISECONDS: f64 = 8000.0;
const SLACK: Duration = Duration::from_millis(5);
const MEBIBYTES: f64 = 100.0;
/// Reloads, and how many more until one is not held up by what else the machine does.
const ROUNDS: usize = 4;
const MORE: usize = 8;

/// The service as a process; it ends with this value.
struct Process {
    child: Child,
    log: Receiver<Value>,
    url: String,
    client: ureq::Agent,
    authorization: String,
}

impl Process {
    fn start(db: &TestDb, schema: &str) -> Self {
        let binary = std::env::var("TEKUP_DB").unwrap_or_else(|_| env!("CARGO_BIN_EXE_tekup-db").to_owned());
        let mut child = Command::new(binary)
            .arg("serve")
            .env_clear()
            .env("DATABASE_URL", db.login_url().expose())
            .envs([("PORT", "0"), ("DB_SCHEMAS", schema), ("JWT_SECRET", SECRET), ("LOG_FORMAT", "json")])
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (sender, log) = channel();
        thread::spawn(move || {
            let parsed = lines.map_while(Result::ok).filter_map(|line| serde_json::from_str(&line).ok());
            parsed.take_while(|line: &Value| sender.send(line.clone()).is_ok()).for_each(drop);
        });
        let authorization = format!("Bearer {}", token("authenticated", None, "ann"));
        let mut process =
            Self { child, log, url: String::new(), client: ureq::Agent::new_with_defaults(), authorization };
        process.url = process.next("serving")["url"].as_str().unwrap().to_owned();
        process
    }

    /// The next line of the log that says so.
    fn next(&self, message: &str) -> Value {
        loop {
            let line = self.log.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("the service never said {message:?}"));
            if line["message"] == message {
                return line;
            }
        }
    }

    fn reload(&self) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), Signal::SIGUSR1).unwrap();
    }

    /// A request, and how long it took.
    fn get(&self, path: &str) -> Duration {
        let started = Instant::now();
        let request = self.client.get(format!("{}{path}", self.url)).header("authorization", &self.authorization);
        let mut response = request.call().unwrap_or_else(|error| panic!("{path}: {error}"));
        response.body_mut().read_to_vec().unwrap();
        started.elapsed()
    }

    /// Mebibytes that `/proc` says of it.
    fn memory(&self, field: &str) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
        line.trim_start_matches(':').trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Requests one after the other between reloads and during them, by turns.
struct Load {
    quiet: Vec<Duration>,
    busy: Vec<Duration>,
    /// Milliseconds that each reading of the catalog took.
    readings: Vec<f64>,
}

impl Load {
    fn put_on(process: &Process, path: &str) -> Self {
        let mut load = Self { quiet: Vec::new(), busy: Vec::new(), readings: Vec::new() };
        process.get(path);
        while load.readings.len() < ROUNDS || load.fastest() >= milliseconds() && load.readings.len() < ROUNDS + MORE {
            load.quiet.extend((0..100).map(|_| process.get(path)));
            process.log.try_iter().for_each(drop);
            process.reload();
            let asked = Instant::now();
            let line = loop {
                let time = process.get(path);
                if asked.elapsed() > DEBOUNCE {
                    load.busy.push(time);
                }
                if let Some(line) = process.log.try_iter().find(|line| line["message"] == LOADED) {
                    break line;
                }
                assert!(asked.elapsed() < PATIENCE, "the catalog is never read");
            };
            load.readings.push(line["milliseconds"].as_f64().unwrap());
        }
        load
    }

    /// What a reading takes; what the others took longer is the machine's other work.
    fn fastest(&self) -> f64 {
        self.readings.iter().copied().fold(f64::INFINITY, f64::min)
    }
}

fn milliseconds() -> f64 {
    match std::env::var_os("TEKUP_DB") {
        Some(_) => MILLISECONDS,
        None => DEBUG_MILLISECONDS,
    }
}

fn median(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    times[times.len() / 2]
}

/// `TEKUP_DB` names another binary than the debug build, such as a release: docs/PERFORMANCE.md has its figures.
#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_tables_are_read_fast_take_little_memory_and_hold_up_no_request() {
    let db = empty().await;
    db.execute(include_str!("../fixtures/large.sql")).await;
    let measure = move || {
        let small = Process::start(&db, "small");
        small.get("/small/t1");
        let without = small.memory("VmRSS");
        drop(small);
        let large = Process::start(&db, "large");
        let load = Load::put_on(&large, "/large/t1?select=id,kind,half(id)&limit=10");
        let growth = large.memory("VmRSS") - without;
        let (quiet, busy) = (median(&load.quiet), median(&load.busy));
        println!(
            "read in {:.0?} ms, {growth:.1} MiB more, median {quiet:?} and {busy:?} during a reload",
            load.readings
        );
        assert!(load.fastest() < milliseconds(), "{:?} ms", load.readings);
        assert!(growth < MEBIBYTES, "{growth} MiB");
        assert!(busy <= 2 * quiet + SLACK, "a request takes {quiet:?}, and {busy:?} during a reload");
    };
    tokio::task::spawn_blocking(measure).await.unwrap();
}
