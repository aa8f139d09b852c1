//! Starting one container: back-off, image, configuration, the process itself; with the Events of each.
//!
//! Models `startContainer` and `doBackOff` of kubernetes `pkg/kubelet/kuberuntime`, and `EnsureImageExists` of
//! `pkg/kubelet/images/image_manager.go`.

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::api::core::v1::Container;

use super::images::Pulled;
use super::worker::{Ended, Run, Step, Trouble, Worker};
use super::{Host, World};
use crate::engine::{ImageConfig, ImageRef, Launch, Logs, launch};
use crate::quantity::Quantity;
use crate::store::Store;
use crate::time::{Time, go_duration};

/// What came of looking for a container's image.
enum Image {
    Present,
    Pulling,
    /// Reason and message.
    Failed(&'static str, String),
}

impl Worker {
    /// Starts the planned containers, up to one that takes time.
    pub(super) fn start_next(&mut self, host: &mut Host, world: &mut World<'_>) {
        while let Some(&index) = self.to_start.front() {
            if self.backs_off(index, host, world) {
                self.to_start.pop_front();
                continue;
            }
            match self.find_image(index, host, world) {
                Image::Present => return self.configure(host, world),
                Image::Pulling => {
                    self.step = Step::Pulling;
                    return;
                }
                Image::Failed(reason, message) => self.fail(index, reason, message, host, world),
            }
        }
        self.finish_sync(host, world);
    }

    /// When the first of the containers that crashed is started again, if one waits for that.
    pub(super) fn restart_at(&self, now: Time) -> Option<Time> {
        let at = self.runs.iter().filter_map(|run| {
            let ended = run.now.as_ref()?.ended.as_ref()?;
            run.backoff.until_since(ended.at, now)
        });
        at.min()
    }

    /// Whether a container that crashed must wait; if not, its next back-off is counted.
    fn backs_off(&mut self, index: usize, host: &Host, world: &mut World<'_>) -> bool {
        let now = world.now();
        // The newest run that the sync knew to have ended: one it has just stopped itself counts next time.
        let runs = &self.runs[index];
        let killed = runs.now.as_ref().is_some_and(|run| run.kill_at.is_some());
        let run = if killed { runs.before.as_ref() } else { runs.now.as_ref() };
        let Some(finished) = run.and_then(|run| run.ended.as_ref()).map(|ended| ended.at) else {
            return false;
        };
        let pod = format!("{}_{}({})", self.pod.name(), self.pod.namespace(), self.uid);
        let name = self.container(index).name.clone();
        let backoff = self.runs[index].backoff;
        if let Some(until) = backoff.until_since(finished, now) {
            let message = format!("Back-off restarting failed container {name} in pod {pod}");
            self.warning(index, host, world, "BackOff", message);
            let delay = go_duration(backoff.delay());
            let message = format!("back-off {delay} restarting failed container={name} pod={pod}");
            self.runs[index].waiting = Some(("CrashLoopBackOff", message));
            self.met(Trouble::BackOff(until));
            return true;
        }
        self.runs[index].backoff.next(finished, now);
        false
    }

    /// Finds the image or asks for it, by the pull policy.
    fn find_image(&mut self, index: usize, host: &mut Host, world: &mut World<'_>) -> Image {
        let now = world.now();
        let image = self.container(index).image.clone().unwrap_or_default();
        let policy = self.container(index).image_pull_policy.clone().unwrap_or_default();
        let reference = match ImageRef::parse(&image) {
            Ok(reference) => reference,
            Err(error) => {
                let message = format!(
                    "Failed to apply default image tag \"{image}\": couldn't parse image name \"{image}\": {error}"
                );
                self.warning(index, host, world, "InspectFailed", message.clone());
                return Image::Failed("InvalidImageName", message);
            }
        };
        let present = host.images.get(&reference);
        match (policy.as_str(), present) {
            ("Never", None) => {
                let message =
                    format!("Container image \"{image}\" is not present with pull policy of Never");
                self.warning(index, host, world, "ErrImageNeverPull", message.clone());
                return Image::Failed("ErrImageNeverPull", message);
            }
            ("Always", _) | (_, None) => {}
            (_, Some(_)) => {
                let message = format!(
                    "Container image \"{image}\" already present on machine and can be accessed by the pod"
                );
                self.normal(index, host, world, "Pulled", message);
                return Image::Present;
            }
        }
        if self.runs[index].pull_backoff.holds(now) {
            let message = format!("Back-off pulling image \"{image}\"");
            self.normal(index, host, world, "BackOff", message.clone());
            let message = match &self.runs[index].pull_error {
                Some(error) => format!("{message}: {error}"),
                None => message,
            };
            return Image::Failed("ImagePullBackOff", message);
        }
        self.normal(index, host, world, "Pulling", format!("Pulling image \"{image}\""));
        host.images.pull(self.uid.clone(), index, reference, host.rules, world);
        Image::Pulling
    }

    /// A pull that this worker asked for has ended.
    pub(super) fn pulled(&mut self, done: Pulled, host: &mut Host, world: &mut World<'_>) {
        let index = done.container;
        if self.step != Step::Pulling || self.to_start.front() != Some(&index) {
            return;
        }
        let image = self.container(index).image.clone().unwrap_or_default();
        match done.result {
            Ok(config) => {
                let message = format!(
                    "Successfully pulled image \"{image}\" in {} ({} including waiting). Image size: {} bytes.",
                    go_duration(done.took),
                    go_duration(done.waited),
                    config.bytes
                );
                self.normal(index, host, world, "Pulled", message);
                self.runs[index].pull_error = None;
                self.configure(host, world);
            }
            Err(error) => {
                let message = format!("Failed to pull image \"{image}\": {}", error.0);
                self.warning(index, host, world, "Failed", message);
                let now = world.now();
                self.runs[index].pull_backoff.next(now, now);
                self.runs[index].pull_error = Some(format!("ErrImagePull: {}", error.0));
                self.fail(index, "ErrImagePull", error.0, host, world);
                self.start_next(host, world);
            }
        }
        self.work(host, world);
    }

    /// With the image at hand, reads the configuration; if that works, the runtime goes to work.
    fn configure(&mut self, host: &mut Host, world: &mut World<'_>) {
        let Some(&index) = self.to_start.front() else { return };
        let environment = self.check_environment(index, host, world.client.store());
        match environment.and_then(|()| self.verify_user(index, host)) {
            Ok(()) => self.step = Step::Starting(world.now() + host.rules.start_duration()),
            Err(message) => {
                self.fail_with(
                    index,
                    "CreateContainerConfigError",
                    &message.clone(),
                    message,
                    host,
                    world,
                );
                self.start_next(host, world);
            }
        }
    }

    /// Refuses root where the Pod wants none (`verifyRunAsNonRoot` of `kuberuntime/security_context.go`).
    fn verify_user(&self, index: usize, host: &Host) -> Result<(), String> {
        let container = self.container(index);
        let own = container.security_context.as_ref();
        let pods = self.spec().security_context.as_ref();
        let wanted = own.and_then(|own| own.run_as_non_root);
        if wanted.or_else(|| pods?.run_as_non_root) != Some(true) {
            return Ok(());
        }
        let user = own.and_then(|own| own.run_as_user).or_else(|| pods?.run_as_user);
        let image = container.image.as_deref().and_then(|image| ImageRef::parse(image).ok());
        let image = image.and_then(|reference| host.images.get(&reference));
        let images = image.map(|image| image.user.split(':').next().unwrap_or_default());
        let problem = match (user, images) {
            (Some(0), _) => "container's runAsUser breaks non-root policy".to_owned(),
            (None, Some("" | "0")) => {
                "container has runAsNonRoot and image will run as root".to_owned()
            }
            (None, Some(name)) if name.parse::<i64>().is_err() => format!(
                "container has runAsNonRoot and image has non-numeric user ({name}), cannot verify user is non-root"
            ),
            (Some(_) | None, _) => return Ok(()),
        };
        let pod = format!("{}_{}({})", self.pod.name(), self.pod.namespace(), self.uid);
        Err(format!("{problem} (pod: \"{pod}\", container: {})", container.name))
    }

    /// The runtime has created and started the container, or failed to.
    pub(super) fn start_container(&mut self, host: &mut Host, world: &mut World<'_>) {
        let Some(index) = self.to_start.pop_front() else { return };
        let now = world.now();
        let written = self.container(index).image.clone().unwrap_or_default();
        let found = ImageRef::parse(&written)
            .ok()
            .and_then(|reference| host.images.get(&reference).cloned());
        let environment = self.environment(index, host, world.client.store());
        let (Some(image), Ok(env)) = (found, environment) else {
            // The image or a reference went away while the runtime was at work; the next sync will say so.
            self.met(Trouble::Failure);
            return self.start_next(host, world);
        };
        self.normal(index, host, world, "Created", "Container created");
        let spec = self.launch(index, &image, env, host, world.client.store());
        let mut logs = Logs::default();
        let mut run = Run {
            id: container_id(host),
            image,
            written,
            process: None,
            started_at: now,
            ended: None,
            logs: Logs::default(),
            kill_at: None,
            term_at: None,
            failing: Vec::new(),
        };
        self.met(Trouble::Acted);
        match launch(host.rules, spec, now, &mut logs) {
            Ok(process) => {
                run.process = Some(process);
                run.logs = logs;
                self.take_place(index, run);
                self.keep_empty_dirs(index);
                self.runs[index].waiting = None;
                self.normal(index, host, world, "Started", "Container started");
                host.plan_pressure(world);
                self.note_end(index, host, world);
                self.plan_process(index, world);
                self.new_run(index, world);
                if self.runs[index].running() && self.post_start(index, host, now) {
                    return self.want(host.relist_after(now));
                }
            }
            Err(error) => {
                let message = error.0;
                let ended = Ended {
                    code: 128,
                    reason: "StartError",
                    message: Some(message.clone()),
                    at: now,
                };
                run.started_at = Time::from_micros(0);
                run.ended = Some(ended);
                self.take_place(index, run);
                self.fail_with(index, "RunContainerError", &message.clone(), message, host, world);
            }
        }
        self.want(host.relist_after(now));
        self.start_next(host, world);
    }

    /// What the program will see.
    fn launch(
        &self,
        index: usize,
        image: &Arc<ImageConfig>,
        env: BTreeMap<String, String>,
        host: &Host,
        store: &Store,
    ) -> Launch {
        let container = self.container(index);
        let expand = |words: &Vec<String>| {
            words.iter().map(|word| super::config::expand(word, &env)).collect()
        };
        let (command, args) = (container.command.as_ref(), container.args.as_ref());
        let ports = container.ports.iter().flatten();
        let mounts = container.volume_mounts.iter().flatten();
        let folders = mounts.filter(|mount| self.is_folder(mount));
        Launch {
            argv: command_line(image, command.map(expand), args.map(expand)),
            ports: ports.filter_map(|port| u16::try_from(port.container_port).ok()).collect(),
            files: self.files(container, store),
            mounts: folders.map(|mount| mount.mount_path.clone()).collect(),
            hostname: self.hostname(&host.node),
            domain: self.domain(),
            memory_limit: limit(container, "memory", Quantity::value),
            cpu_milli: limit(container, "cpu", Quantity::milli_value).unwrap_or(host.cpu_milli),
            namespace: self.pod.namespace().to_owned(),
            folder: container.working_dir.clone().unwrap_or_else(|| "/".to_owned()),
            ip: self.ip.unwrap_or(host.address),
            stdin: container.stdin == Some(true),
            image: Arc::clone(image),
            env,
        }
    }

    /// A new run takes the place of the one before.
    fn take_place(&mut self, index: usize, run: Run) {
        let runs = &mut self.runs[index];
        runs.stale = false;
        if let Some(mut before) = runs.now.replace(run) {
            before.process = None;
            runs.before = Some(before);
            runs.restarts += 1;
        }
    }

    /// Notes why a container could not be started; the Event gives the reason's name.
    fn fail(
        &mut self,
        index: usize,
        reason: &'static str,
        message: String,
        host: &Host,
        world: &mut World<'_>,
    ) {
        self.fail_with(index, reason, reason, message, host, world);
    }

    fn fail_with(
        &mut self,
        index: usize,
        reason: &'static str,
        said: &str,
        message: String,
        host: &Host,
        world: &mut World<'_>,
    ) {
        if self.to_start.front() == Some(&index) {
            self.to_start.pop_front();
        }
        self.warning(index, host, world, "Failed", format!("Error: {said}"));
        self.runs[index].waiting = Some((reason, message));
        self.met(Trouble::Failure);
    }
}

/// How much of a resource a container may use, if there is a limit.
fn limit(container: &Container, resource: &str, amount: fn(&Quantity) -> i64) -> Option<u64> {
    let limits = container.resources.as_ref()?.limits.as_ref()?;
    let limit = amount(&Quantity::parse(&limits.get(resource)?.0).ok()?);
    u64::try_from(limit).ok().filter(|limit| *limit > 0)
}

/// `command` replaces the image's entrypoint and with it its arguments; `args` replaces the arguments.
fn command_line(
    image: &ImageConfig,
    command: Option<Vec<String>>,
    args: Option<Vec<String>>,
) -> Vec<String> {
    let command = command.filter(|words| !words.is_empty());
    let args = args.filter(|words| !words.is_empty());
    match (command, args) {
        (Some(command), args) => command.into_iter().chain(args.unwrap_or_default()).collect(),
        (None, args) => {
            let args = args.unwrap_or_else(|| image.cmd.clone());
            image.entrypoint.iter().cloned().chain(args).collect()
        }
    }
}

/// 64 hexadecimal digits.
fn container_id(host: &mut Host) -> String {
    host.random.hex(64)
}
