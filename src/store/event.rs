//! Recording Events: what a component says about an object, counted and combined so that nobody drowns in it.
//!
//! Models client-go `tools/record/events_cache.go` (spam filter, aggregation, counting) for the components that
//! use it, and `tools/events/event_broadcaster.go` (series) for the scheduler. The recorders' caches are read back
//! from the stored Events themselves, and from those that were deleted; beside them only the spam filter keeps state.
//! Events are named `<object>.<hex of the time>`.
//!
//! *Differs:* a series is not written again after its second occurrence (upstream does so every 30 minutes), and
//! an Event that has expired (an hour after its last write) starts a new count.

use std::sync::Arc;

use k8s_openapi::api::core::v1::{Event, EventSeries, EventSource, ObjectReference};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::{Actor, Client, Store};
use crate::object::{Body, Key, Kind, Name, Object};
use crate::time::{Duration, Time};

/// The two types of Event.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the Kubernetes event type of the same name")]
pub enum EventType {
    Normal,
    Warning,
}

impl EventType {
    fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::Warning => "Warning",
        }
    }
}

/// Where in the object and from which host something is said; both may be empty.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct EventOrigin<'a> {
    /// The machine on which the component runs: the kubelet gives its node.
    pub host: &'a str,
    /// The part of the object: `spec.containers{web}`.
    pub field_path: &'a str,
}

/// Ten different messages of one reason within this long are combined (`defaultAggregateIntervalInSeconds`).
const AGGREGATE_INTERVAL: Duration = Duration::from_mins(10);
/// From this many different messages on, they are combined (`defaultAggregateMaxEvents`).
const AGGREGATE_MESSAGES: usize = 10;
/// What a combined message begins with.
const COMBINED: &str = "(combined from similar events): ";
/// A source may say 25 things about an object at once (`defaultSpamBurst`)...
const SPAM_BURST: u32 = 25;
/// ...and one more every 300 seconds (`defaultSpamQPS`).
const SPAM_REFILL: Duration = Duration::from_mins(5);
/// A single occurrence older than this begins no series (`finishTime`).
const SERIES_WINDOW: Duration = Duration::from_mins(6);
/// How many deleted Events are remembered.
const PAST_MAX: usize = 1000;
/// How long the API server keeps an Event after its last write (`--event-ttl`).
const EVENT_TTL: Duration = Duration::from_hours(1);

impl Client<'_> {
    /// Records an Event about an object, or raises the count of the one that says the same
    /// (same object, type, reason, message and component).
    pub fn record(
        &mut self,
        about: &Object,
        event: EventType,
        reason: &str,
        message: impl Into<String>,
    ) {
        self.record_from(about, EventOrigin::default(), event, reason, message);
    }

    /// Records an Event from a host, about a part of an object: what the kubelet does.
    pub fn record_from(
        &mut self,
        about: &Object,
        origin: EventOrigin<'_>,
        event: EventType,
        reason: &str,
        message: impl Into<String>,
    ) {
        // The filter comes after aggregation upstream; asking it first spares both for what it holds back.
        // What is said about an object by its name alone has a bucket for the name.
        let subject = if about.uid().is_empty() { about.name() } else { about.uid() };
        if !self.store.admit_event(self.cause.actor, origin.host, subject, self.now) {
            return;
        }
        let new = Event {
            involved_object: reference(about, origin.field_path),
            type_: Some(event.as_str().to_owned()),
            reason: Some(reason.to_owned()),
            message: Some(message.into()),
            source: Some(EventSource {
                component: Some(self.cause.actor.name().to_owned()),
                host: (!origin.host.is_empty()).then(|| origin.host.to_owned()),
            }),
            reporting_component: Some(self.cause.actor.name().to_owned()),
            reporting_instance: (!origin.host.is_empty()).then(|| origin.host.to_owned()),
            ..Event::default()
        };
        self.correlate(new);
    }

    /// Records an Event through the newer interface, which has an action and counts repeats as a series:
    /// what the scheduler does.
    pub fn record_action(
        &mut self,
        about: &Object,
        event: EventType,
        reason: &str,
        action: &str,
        message: impl Into<String>,
    ) {
        let component = self.cause.actor.name();
        let new = Event {
            involved_object: reference(about, ""),
            type_: Some(event.as_str().to_owned()),
            reason: Some(reason.to_owned()),
            action: Some(action.to_owned()),
            message: Some(message.into()),
            source: Some(EventSource::default()),
            event_time: Some(self.now.to_micro_time()),
            reporting_component: Some(component.to_owned()),
            reporting_instance: Some(format!("{component}-control-plane")),
            ..Event::default()
        };
        let same = self.store.events_about(&new.involved_object).find(|(_, old)| {
            same_series(old, &new)
                && (old.series.is_some()
                    || is_recent(old.event_time.as_ref().map(Into::into), self.now, SERIES_WINDOW))
        });
        match same.map(|(key, old)| (key.clone(), old.series.is_some())) {
            Some((_, true)) => {}
            Some((key, false)) => self.change_event(&key, |old, now| {
                old.series = Some(EventSeries {
                    count: Some(2),
                    last_observed_time: Some(now.to_micro_time()),
                });
            }),
            None => self.create_event(new, None),
        }
    }

    /// Removes the Events whose hour is over.
    pub fn expire_events(&mut self) {
        let now = self.now;
        if self.store.event_spam_cleared + EVENT_TTL <= now {
            self.store.event_spam_cleared = now;
            self.store.event_spam.retain(|_, full_at| *full_at > now);
        }
        while let Some(key) = self.store.take_expired_event(self.now) {
            self.store.write(&key, None, self.now, self.cause);
            self.store.forget_event(&key);
        }
    }

    /// Aggregates and counts; then writes.
    fn correlate(&mut self, mut new: Event) {
        let similar: Vec<(Key, Arc<Event>)> = self
            .store
            .events_about(&new.involved_object)
            .filter(|(_, old)| same_source(old, &new))
            .map(|(key, old)| (key.clone(), Arc::clone(old)))
            .collect();
        let message = new.message.clone().unwrap_or_default();
        let others = similar
            .iter()
            .filter(|(_, old)| !combined(old) && old.message.as_deref() != Some(&message))
            .filter(|(_, old)| is_recent(last_time(old), self.now, AGGREGATE_INTERVAL))
            .count();
        let combine = others + 1 >= AGGREGATE_MESSAGES;
        if combine {
            new.message = Some(format!("{COMBINED}{message}"));
        }
        let known = similar
            .iter()
            .find(|(_, old)| if combine { combined(old) } else { old.message == new.message });
        if let Some((key, old)) = known {
            let message = new.message.take();
            if self.store.get(key).is_none() {
                // Somebody deleted it: the recorder writes it anew, as it remembers it.
                self.store.forget_event(key);
                new.count = Some(old.count.unwrap_or(1) + 1);
                new.first_timestamp.clone_from(&old.first_timestamp);
                new.last_timestamp = Some(self.now.to_meta());
                new.message = message;
                return self.create_event(new, Some(key.clone()));
            }
            self.change_event(key, |old, now| {
                old.count = Some(old.count.unwrap_or(1) + 1);
                old.last_timestamp = Some(now.to_meta());
                old.message = message;
            });
            return;
        }
        new.count = Some(1);
        new.first_timestamp = Some(self.now.to_meta());
        new.last_timestamp = Some(self.now.to_meta());
        self.create_event(new, None);
    }

    fn change_event(&mut self, key: &Key, change: impl FnOnce(&mut Event, Time)) {
        let Ok(current) = self.current(key) else { return };
        let mut next = Object::clone(current);
        if let Body::Event(event) = &mut next.body {
            change(Arc::make_mut(event), self.now);
        }
        self.store.event_expiry.push_back((self.now + EVENT_TTL, key.clone()));
        self.put(key, next);
    }

    /// Writes a new Event, by the name that it once had or by one that tells the time.
    fn create_event(&mut self, event: Event, known: Option<Key>) {
        let about = &event.involved_object;
        let namespace = event_namespace(about);
        // Nothing new comes into a namespace that is going away, not even an Event.
        let home = self.store.get(&Key::cluster(Kind::Namespace, namespace));
        if home.is_some_and(|home| home.terminating()) {
            return;
        }
        let subject = about.name.as_deref().unwrap_or_default();
        // Two at one moment would have one name: the later takes the next nanosecond.
        let mut nanos = self.now.micros().saturating_mul(1000);
        let key = known.unwrap_or_else(|| {
            loop {
                let key = Key::new(Kind::Event, namespace, format!("{subject}.{nanos:x}"));
                if self.store.get(&key).is_none() {
                    break key;
                }
                nanos += 1;
            }
        });
        let meta = ObjectMeta {
            name: Some(key.name.to_string()),
            namespace: Some(namespace.to_owned()),
            uid: Some(self.store.random.uid()),
            creation_timestamp: Some(self.now.to_meta()),
            ..ObjectMeta::default()
        };
        self.store.event_expiry.push_back((self.now + EVENT_TTL, key.clone()));
        self.put(&key, Object::new(meta, Body::Event(Arc::new(event))));
    }
}

impl Store {
    /// When the next Event expires, if there is any.
    pub fn next_event_expiry(&self) -> Option<Time> {
        self.event_expiry.get(0).map(|(time, _)| *time)
    }

    /// Takes the next Event whose time is over. A key stands in the list once for each write; only the last counts.
    fn take_expired_event(&mut self, now: Time) -> Option<Key> {
        while self.event_expiry.get(0).is_some_and(|(time, _)| *time <= now) {
            let (_, key) = self.event_expiry.pop_front()?;
            let last = self.get(&key).and_then(|object| object.as_event()).map(|event| {
                let series =
                    event.series.as_ref().and_then(|series| series.last_observed_time.as_ref());
                last_time(event)
                    .or(series.map(Into::into))
                    .or(event.event_time.as_ref().map(Into::into))
                    .unwrap_or_default()
            });
            if last.is_some_and(|last| last + EVENT_TTL <= now) {
                return Some(key);
            }
        }
        None
    }

    /// The stored Events about an object, the oldest first.
    fn events_about<'a>(
        &'a self,
        about: &'a ObjectReference,
    ) -> impl Iterator<Item = (&'a Key, &'a Arc<Event>)> {
        let keys = self.told.get(subject(about)).into_iter().flatten();
        let object = |key| self.objects.get(key).or_else(|| self.past_events.get(key));
        keys.filter_map(move |key| Some((key, object(key)?.as_event()?)))
            .filter(move |(_, event)| same_part(&event.involved_object, about))
    }

    /// Notes what a new Event is about.
    pub(super) fn tell(&mut self, key: &Key, object: &Object) {
        let Some(event) = object.as_event() else { return };
        let subject = subject(&event.involved_object);
        match self.told.get_mut(subject) {
            Some(told) => told.push(key.clone()),
            None => self.told.insert(subject.into(), vec![key.clone()]),
        }
    }

    /// Notes that an Event is gone; who counts what it says remembers it.
    pub(super) fn untell(&mut self, key: &Key, object: &Arc<Object>) {
        let Some(event) = object.as_event() else { return };
        self.past_events.insert(key.clone(), Arc::clone(object));
        let home = self.get(&Key::cluster(Kind::Namespace, key.namespace.clone()));
        let goes = home.is_some_and(|home| home.terminating());
        if goes || event.count.is_none() || self.past_events.len() > PAST_MAX {
            self.forget_event(key);
        }
    }

    /// Forgets an Event that is gone.
    fn forget_event(&mut self, key: &Key) {
        let Some(object) = self.past_events.remove(key) else { return };
        let Some(event) = object.as_event() else { return };
        let subject = subject(&event.involved_object);
        let Some(told) = self.told.get_mut(subject) else { return };
        told.retain(|one| one != key);
        if told.is_empty() {
            self.told.discard(subject);
        }
    }

    /// The spam filter: a bucket of 25 tokens for each source and object, one more every 300 seconds.
    /// The bucket is kept as the moment at which it will be full again.
    fn admit_event(&mut self, actor: Actor, host: &str, uid: &str, now: Time) -> bool {
        let bucket: Name = format!("{uid}/{}/{host}", actor.name()).into();
        let full_at = self.event_spam.entry(bucket).or_default();
        let later = (*full_at).max(now);
        let admitted = later - now <= SPAM_REFILL * (SPAM_BURST - 1);
        if admitted {
            *full_at = later + SPAM_REFILL;
        }
        admitted
    }
}

fn reference(about: &Object, field_path: &str) -> ObjectReference {
    let info = about.kind().info();
    // Upstream refers to a Node by its name in place of its uid in the kubelet only; here the uid stands everywhere.
    ObjectReference {
        api_version: Some(info.api_version()),
        kind: Some(info.name.to_owned()),
        name: Some(about.name().to_owned()),
        namespace: (!about.namespace().is_empty()).then(|| about.namespace().to_owned()),
        uid: (!about.uid().is_empty()).then(|| about.uid().to_owned()),
        resource_version: (about.revision != 0).then(|| about.revision.to_string()),
        field_path: (!field_path.is_empty()).then(|| field_path.to_owned()),
    }
}

/// What tells one object from all others: its uid, or its name where an Event knows no more.
fn subject(about: &ObjectReference) -> &str {
    let uid = about.uid.as_deref().filter(|uid| !uid.is_empty());
    uid.or(about.name.as_deref()).unwrap_or_default()
}

/// An Event stands in the namespace of what it is about, or in `default`.
fn event_namespace(about: &ObjectReference) -> &str {
    about.namespace.as_deref().filter(|namespace| !namespace.is_empty()).unwrap_or("default")
}

fn combined(event: &Event) -> bool {
    event.message.as_deref().is_some_and(|message| message.starts_with(COMBINED))
}

fn last_time(event: &Event) -> Option<Time> {
    event.last_timestamp.as_ref().map(Into::into)
}

fn is_recent(time: Option<Time>, now: Time, within: Duration) -> bool {
    time.is_some_and(|time| now - time <= within)
}

/// Whether two Events differ in nothing but their message and counts.
fn same_source(old: &Event, new: &Event) -> bool {
    old.source == new.source && old.type_ == new.type_ && old.reason == new.reason
}

/// Whether both refer to one part of one object, of whatever version.
fn same_part(one: &ObjectReference, other: &ObjectReference) -> bool {
    one.name == other.name
        && one.uid == other.uid
        && one.field_path == other.field_path
        && one.kind == other.kind
        && one.namespace == other.namespace
}

/// Whether two Events are one that goes on: also the object must not have changed since (client-go
/// `tools/events/event_broadcaster.go`, `getKey`).
fn same_series(old: &Event, new: &Event) -> bool {
    old.involved_object.resource_version == new.involved_object.resource_version
        && old.reporting_component == new.reporting_component
        && old.action == new.action
        && old.type_ == new.type_
        && old.reason == new.reason
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use crate::store::{Because, Cause};

    /// Says each message about one ConfigMap at one-second intervals; prints every Event that is there at the end.
    fn recorded(messages: &[&str], repeat: usize) -> Vec<String> {
        let mut store = Store::new(&Random::new(1));
        let cause = Cause { actor: Actor::Component("tester"), because: Because::Time };
        let meta = ObjectMeta {
            name: Some("web".into()),
            namespace: Some("default".into()),
            ..ObjectMeta::default()
        };
        let object = Object::new(meta, Body::ConfigMap(Arc::default()));
        let mut now = Time::START;
        for message in messages.iter().cycle().take(messages.len() * repeat) {
            now += Duration::from_secs(1);
            Client::new(&mut store, now, cause).record(
                &object,
                EventType::Normal,
                "Said",
                *message,
            );
        }
        let mut lines: Vec<_> = store
            .list(Kind::Event, Some("default"))
            .filter_map(|object| object.as_event())
            .map(|event| {
                format!("x{} {}", event.count.unwrap_or(0), event.message.as_deref().unwrap_or(""))
            })
            .collect();
        crate::order::sort(&mut lines);
        lines
    }

    #[test]
    fn the_same_thing_said_again_is_counted() {
        assert_eq!(recorded(&["a", "b"], 3), ["x3 a", "x3 b"]);
    }

    #[test]
    fn from_the_tenth_message_on_events_are_combined() {
        let words = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
        let lines = recorded(&words, 1);
        assert_eq!(lines.len(), 10);
        assert!(lines.contains(&"x2 (combined from similar events): k".to_owned()), "{lines:?}");
    }

    #[test]
    fn a_source_may_say_25_things_at_once() {
        assert_eq!(recorded(&["a"], 40), ["x25 a"]);
    }

    #[test]
    fn events_go_an_hour_after_their_last_write() {
        let mut store = Store::new(&Random::new(1));
        let cause = Cause { actor: Actor::Component("tester"), because: Because::Time };
        let object = Object::new(ObjectMeta::default(), Body::ConfigMap(Arc::default()));
        for minutes in [0, 30] {
            let now = Time::START + Duration::from_mins(minutes);
            Client::new(&mut store, now, cause).record(&object, EventType::Normal, "Said", "a");
        }
        let mut left = Vec::new();
        for minutes in [60, 89, 90] {
            let now = Time::START + Duration::from_mins(minutes);
            Client::new(&mut store, now, cause).expire_events();
            left.push(store.list(Kind::Event, None).count());
        }
        assert_eq!(left, [1, 1, 0]);
    }

    #[test]
    fn a_deleted_event_comes_back_as_it_was() {
        let mut store = Store::new(&Random::new(1));
        let cause = Cause { actor: Actor::Component("tester"), because: Because::Time };
        let object = Object::new(ObjectMeta::default(), Body::ConfigMap(Arc::default()));
        let mut said = Vec::new();
        for seconds in [1, 2, 3] {
            let now = Time::START + Duration::from_secs(seconds);
            let mut client = Client::new(&mut store, now, cause);
            client.record(&object, EventType::Normal, "Said", "a");
            let event = client.store().list(Kind::Event, None).next().unwrap();
            let (key, count) = (event.key(), event.as_event().unwrap().count.unwrap());
            client.delete(&key, &crate::store::DeleteOptions::default()).unwrap();
            said.push((key, count));
        }
        let key = &said[0].0;
        assert_eq!(said, [(key.clone(), 1), (key.clone(), 2), (key.clone(), 3)]);
    }
}
