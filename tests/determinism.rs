//! The world is a value: a clone lives on as the original does, and the same seed gives the same world twice.

use kobune::cluster::scenario::deployment;
use kobune::cluster::{Cluster, Profile, Settings};
use kobune::object::{Key, Kind};
use kobune::store::DeleteOptions;
use kobune::time::Duration;

/// A world with some life in it: Deployments come, grow and lose Pods.
fn lively(seed: u64) -> Cluster {
    let mut cluster = Cluster::new(Settings { seed, nodes: 4, profile: Profile::Default });
    for (name, replicas) in [("web", 7), ("api", 3), ("db", 1)] {
        cluster
            .act(|client| client.create(deployment(name, replicas, "nginx:1.27")))
            .expect("it is accepted");
        cluster.advance_to(cluster.now() + Duration::from_millis(1300));
    }
    let web = Key::new(Kind::Deployment, "default", "web");
    cluster.act(|client| client.scale(&web, 12)).expect("it exists");
    cluster.advance_to(cluster.now() + Duration::from_millis(40));
    let pods: Vec<Key> =
        cluster.store().list(Kind::Pod, Some("default")).step_by(3).map(|pod| pod.key()).collect();
    for pod in pods {
        cluster.act(|client| client.delete(&pod, &DeleteOptions::default())).expect("it exists");
    }
    cluster
}

#[test]
fn a_clone_lives_on_as_the_original_does() {
    for seed in 1..=4 {
        let mut original = lively(seed);
        let mut clone = original.clone();
        let hour = original.now() + Duration::from_hours(1);
        original.advance_to(hour);
        clone.advance_to(hour);
        assert!(original == clone, "the clone of seed {seed} went another way");
        assert!(original.store().list(Kind::Pod, Some("default")).count() >= 16, "seed {seed}");
    }
}

#[test]
fn the_same_seed_gives_the_same_world() {
    assert!(lively(7) == lively(7));
    assert!(lively(7) != lively(8), "the seed has no effect");
}
