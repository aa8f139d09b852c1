//! Steady clients: each sends so many requests a second to one address, for ever, and keeps count of what comes back.
//!
//! They live on the user's own machine, outside the cluster but with its DNS, exactly where `curl` at the terminal runs
//! ([`Origin::terminal`]); each request is a due task and goes through [`Cluster::request`], so it finds its way, is
//! refused or lost as any other. A client is part of the world: cloned, compared and replayed with it. The newest
//! requests are kept as [`Flight`]s, for whoever draws them. Stands for a load generator such as fortio or hey.
//!
//! *Differs:* every request opens a connection of its own, and what is answered is counted when it is sent, some
//! milliseconds early; what times out is counted when it does.

use std::collections::VecDeque;
use std::sync::Arc;

use super::{Cluster, Task};
use crate::engine::Request;
use crate::network::{ConnectError, Exchange, Hop, Network, Origin};
use crate::object::{Key, Name};
use crate::time::{Duration, Time};

/// The most requests a second that one client sends.
pub const PER_SECOND_MAX: u32 = 200;
/// How many clients may run at once.
pub const LOADS_MAX: usize = 8;
/// The longest that a client waits for an answer.
pub const TIMEOUT_MAX: Duration = Duration::from_mins(1);
/// How many of its newest requests each client remembers.
pub const FLIGHTS_KEPT: usize = 256;
/// How far back, in seconds, [`Load::recent`] can look.
pub const WINDOW_SECS: i64 = 60;
/// How it names itself to servers.
const USER_AGENT: &str = "load/1.0";

/// What a client is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Its name.
    pub name: Name,
    /// The host, as written.
    pub host: Name,
    /// The port.
    pub port: u16,
    /// The path with its query.
    pub path: Name,
    /// Requests a second, 1 to [`PER_SECOND_MAX`].
    pub per_second: u32,
    /// How long it waits for an answer.
    pub timeout: Duration,
}

/// How a request ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ending {
    /// Answered, with a status below 400.
    Answered,
    /// Answered with a status of 400 to 499.
    ClientError,
    /// Answered with a status of 500 or more.
    ServerError,
    /// The Service has no ready endpoint; the client is told that its connection is refused.
    NoEndpoints,
    /// Nothing listens where it arrived.
    Refused,
    /// Nobody answered in time.
    TimedOut,
    /// The name means nothing.
    CouldNotResolve,
    /// It was accepted by something that speaks no HTTP.
    EmptyReply,
}

impl Ending {
    /// Every ending, in the order in which reports list them.
    pub const ALL: [Self; 8] = [
        Self::Answered,
        Self::ClientError,
        Self::ServerError,
        Self::NoEndpoints,
        Self::Refused,
        Self::TimedOut,
        Self::CouldNotResolve,
        Self::EmptyReply,
    ];

    /// A word or two for reports.
    pub fn label(self) -> &'static str {
        match self {
            Self::Answered => "ok",
            Self::ClientError => "http 4xx",
            Self::ServerError => "http 5xx",
            Self::NoEndpoints => "no endpoints",
            Self::Refused => "connection refused",
            Self::TimedOut => "timed out",
            Self::CouldNotResolve => "could not resolve host",
            Self::EmptyReply => "empty reply",
        }
    }

    fn of(exchange: &Exchange, asked_service: bool) -> Self {
        match &exchange.result {
            Ok(response) if response.status >= 500 => Self::ServerError,
            Ok(response) if response.status >= 400 => Self::ClientError,
            Ok(_) => Self::Answered,
            Err(ConnectError::CouldNotResolve { .. }) => Self::CouldNotResolve,
            Err(ConnectError::Refused) if asked_service && !was_balanced(exchange) => {
                Self::NoEndpoints
            }
            Err(ConnectError::Refused) => Self::Refused,
            Err(ConnectError::TimedOut) => Self::TimedOut,
            Err(ConnectError::EmptyReply) => Self::EmptyReply,
        }
    }
}

/// Whether an endpoint was chosen on the way.
fn was_balanced(exchange: &Exchange) -> bool {
    exchange.hops.iter().any(|hop| matches!(hop, Hop::Service { .. }))
}

/// One request, as far as it came: to its Service, to a Pod behind it, or to neither.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flight {
    /// Counted from 1 for each client.
    pub number: u64,
    /// When it was sent.
    pub sent: Time,
    /// When its answer was there, or the client gave up.
    pub ends: Time,
    /// The Service it was for.
    pub service: Option<Key>,
    /// The Pod that it was sent on to, whether or not it got there.
    pub pod: Option<Key>,
    /// How it ended.
    pub ending: Ending,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
}

/// What ended within one second.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
struct Bucket {
    second: i64,
    answered: u64,
    failed: u64,
    latency_micros: u64,
    latency_max_micros: u64,
}

/// How the last seconds went.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Recent {
    /// How many requests succeeded.
    pub answered: u64,
    /// How many did not.
    pub failed: u64,
    /// How long the successful ones took on average.
    pub latency_mean: Duration,
    /// How long the slowest of them took.
    pub latency_max: Duration,
}

impl Recent {
    /// Successes in thousandths of all; `None` if nothing ended.
    pub fn success_permille(&self) -> Option<u64> {
        permille(self.answered, self.failed)
    }
}

/// `good` in thousandths of all, rounded down, so that 1000 means every one.
fn permille(good: u64, bad: u64) -> Option<u64> {
    good.saturating_mul(1000).checked_div(good + bad)
}

/// A steady client and its counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// What it does.
    pub plan: Plan,
    /// Which client this is, among all that ever were.
    pub number: u64,
    /// When it began.
    pub started: Time,
    /// How many requests it has sent.
    pub sent: u64,
    /// How many ended in each way, in the order of [`Ending::ALL`].
    tally: [u64; Ending::ALL.len()],
    /// What ended in each of the last [`WINDOW_SECS`] seconds; those in which nothing did are left out.
    buckets: VecDeque<Bucket>,
    /// The newest requests, oldest first.
    flights: VecDeque<Flight>,
    /// When those give up that nobody answers, oldest first.
    waiting: VecDeque<Time>,
}

impl Load {
    fn new(plan: Plan, number: u64, started: Time) -> Self {
        Self {
            plan,
            number,
            started,
            sent: 0,
            tally: [0; Ending::ALL.len()],
            buckets: VecDeque::new(),
            flights: VecDeque::new(),
            waiting: VecDeque::new(),
        }
    }

    /// The address as a URL.
    pub fn url(&self) -> String {
        let Plan { host, port, path, .. } = &self.plan;
        if *port == 80 {
            format!("http://{host}{path}")
        } else {
            format!("http://{host}:{port}{path}")
        }
    }

    /// How many requests ended in this way.
    pub fn count(&self, ending: Ending) -> u64 {
        Ending::ALL.iter().zip(self.tally).find(|(one, _)| **one == ending).map_or(0, |(_, n)| n)
    }

    /// How many requests failed, in whatever way.
    pub fn failed(&self) -> u64 {
        self.tally.iter().sum::<u64>() - self.count(Ending::Answered)
    }

    /// Successes in thousandths of all that ended; `None` if nothing did.
    pub fn success_permille(&self) -> Option<u64> {
        permille(self.count(Ending::Answered), self.failed())
    }

    /// The newest requests, oldest first.
    pub fn flights(&self) -> impl DoubleEndedIterator<Item = &Flight> {
        self.flights.iter()
    }

    /// How the last `secs` seconds went, at most [`WINDOW_SECS`]; the current one counts in part.
    pub fn recent(&self, now: Time, secs: i64) -> Recent {
        let mut recent = Recent::default();
        let mut micros = 0;
        for bucket in self.buckets.iter().filter(|bucket| bucket.second > now.secs() - secs) {
            recent.answered += bucket.answered;
            recent.failed += bucket.failed;
            micros += bucket.latency_micros;
            let max = Duration::from_micros(bucket.latency_max_micros);
            recent.latency_max = recent.latency_max.max(max);
        }
        let mean = micros.checked_div(recent.answered).unwrap_or(0);
        recent.latency_mean = Duration::from_micros(mean);
        recent
    }

    /// When the next request is due.
    fn next_due(&self) -> Time {
        let micros = u128::from(self.sent) * 1_000_000 / u128::from(self.plan.per_second.max(1));
        self.started + Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
    }

    /// Takes note of a request that was sent now.
    fn note(&mut self, flight: Flight) {
        self.sent += 1;
        if flight.ending == Ending::TimedOut {
            self.waiting.push_back(flight.ends);
        } else {
            self.end(flight.ending, flight.sent, flight.ends - flight.sent);
        }
        if self.flights.len() >= FLIGHTS_KEPT {
            self.flights.pop_front();
        }
        self.flights.push_back(flight);
    }

    /// Counts the requests that have been given up by now.
    fn give_up(&mut self, now: Time) {
        while let Some(at) = self.waiting.front().copied().filter(|at| *at <= now) {
            self.waiting.pop_front();
            self.end(Ending::TimedOut, at, Duration::ZERO);
        }
    }

    fn end(&mut self, ending: Ending, at: Time, latency: Duration) {
        let place = Ending::ALL.iter().position(|one| *one == ending);
        if let Some(count) = place.and_then(|place| self.tally.get_mut(place)) {
            *count += 1;
        }
        let second = at.secs();
        // Those that were given up may come after later ones: they count for the newest second.
        if self.buckets.back().is_none_or(|last| last.second < second) {
            self.buckets.push_back(Bucket { second, ..Bucket::default() });
        }
        while self.buckets.front().is_some_and(|first| first.second <= second - WINDOW_SECS) {
            self.buckets.pop_front();
        }
        let Some(bucket) = self.buckets.back_mut() else { return };
        if ending == Ending::Answered {
            let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
            bucket.answered += 1;
            bucket.latency_micros += micros;
            bucket.latency_max_micros = bucket.latency_max_micros.max(micros);
        } else {
            bucket.failed += 1;
        }
    }
}

/// The Service and the Pod that a request was for, as far as its way tells.
fn targets(network: &Network, exchange: &Exchange) -> (Option<Key>, Option<Key>) {
    let asked = exchange.address.and_then(|address| network.service_at(address)).cloned();
    let (mut service, mut pod) = (asked, None);
    for hop in &exchange.hops {
        match hop {
            Hop::LoadBalancer { service: key, .. } => service = Some(key.clone()),
            Hop::NodePort { port, .. } => service = network.service_of_port(*port).cloned(),
            Hop::Service { service: key, endpoint, .. } => {
                service = Some(key.clone());
                pod = network.pod_at(*endpoint).cloned();
            }
            Hop::Pod { pod: Some(key), .. } => pod = Some(key.clone()),
            Hop::Client { .. } | Hop::Dns { .. } | Hop::Pod { pod: None, .. } => {}
        }
    }
    (service, pod)
}

impl Cluster {
    /// The steady clients, in the order of their start.
    pub fn loads(&self) -> &[Arc<Load>] {
        &self.loads
    }

    /// Starts a steady client; its first request is sent at once. The error is a sentence for the user.
    pub fn start_load(&mut self, plan: Plan) -> Result<Arc<Load>, String> {
        if plan.per_second == 0 || plan.per_second > PER_SECOND_MAX {
            return Err(format!("--rps must be between 1 and {PER_SECOND_MAX}"));
        }
        if plan.timeout.is_zero() || plan.timeout > TIMEOUT_MAX {
            return Err(format!(
                "--timeout must be between 1 and {} seconds",
                TIMEOUT_MAX.as_secs()
            ));
        }
        if self.loads.iter().any(|load| load.plan.name == plan.name) {
            return Err(format!("a client named {:?} is running already", &*plan.name));
        }
        if self.loads.len() >= LOADS_MAX {
            return Err(format!("{LOADS_MAX} clients are running already; stop one first"));
        }
        self.acts += 1;
        self.loads_started += 1;
        let number = self.loads_started;
        self.loads.push(Arc::new(Load::new(plan, number, self.now)));
        self.send_load(number);
        let started = self.loads.iter().find(|load| load.number == number);
        Ok(Arc::clone(started.expect("the client was added just now")))
    }

    /// Stops a steady client and returns its last counts; `None` if there is none of that name.
    pub fn stop_load(&mut self, name: &str) -> Option<Arc<Load>> {
        let place = self.loads.iter().position(|load| &*load.plan.name == name)?;
        self.acts += 1;
        Some(self.loads.remove(place))
    }

    /// A client's next request is due; one that was stopped sends nothing.
    #[inline(never)]
    pub(super) fn send_load(&mut self, number: u64) {
        let Some(place) = self.loads.iter().position(|load| load.number == number) else { return };
        let plan = self.loads[place].plan.clone();
        let origin = Origin::terminal();
        let host = match plan.port {
            80 => plan.host.to_string(),
            port => format!("{}:{port}", plan.host),
        };
        let request = Request::get(&plan.path, &host, USER_AGENT, origin.address);
        let exchange = self.request(&origin, &plan.host, plan.port, request);
        let (service, pod) = targets(&self.network, &exchange);
        let mut ending = Ending::of(&exchange, service.is_some());
        if exchange.latency > plan.timeout {
            ending = Ending::TimedOut;
        }
        let lost = ending == Ending::TimedOut;
        let latency = if lost { plan.timeout } else { exchange.latency };
        let load = Arc::make_mut(&mut self.loads[place]);
        load.give_up(self.now);
        load.note(Flight {
            number: load.sent + 1,
            sent: self.now,
            ends: self.now + latency,
            service,
            pod,
            ending,
            status: exchange.result.ok().map(|response| response.status),
        });
        let due = load.next_due().max(self.now);
        self.queue.push(due, Task::Load { number });
    }
}
