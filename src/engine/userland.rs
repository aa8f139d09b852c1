//! What stands in a container besides its program: which tools its image brings, whose wording they have, and the files
//! that every container finds.
//!
//! Images fall into three kinds: those of `BusyBox` (busybox, alpine, the `-alpine` variants), those of Debian (all other
//! official ones: GNU tools, dash as `sh`, neither `wget` nor `ps`), and those with nothing but their program. An image
//! that the sandbox does not know is taken for one of alpine's with everything.

use std::sync::Arc;

use super::process::Launch;
use super::{ImageConfig, Rules};

/// Whose tools an image has.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Userland {
    /// None at all, not even a shell.
    Bare,
    /// `BusyBox`.
    BusyBox,
    /// GNU's, as Debian packs them.
    Debian,
}

impl Userland {
    /// The tools of an image by its name and tag.
    pub(super) fn of(name: &str, tag: &str, shell: bool) -> Self {
        let short = name.rsplit('/').next().unwrap_or_default();
        match short {
            _ if !shell => Self::Bare,
            "busybox" | "alpine" => Self::BusyBox,
            _ if tag.contains("alpine") => Self::BusyBox,
            _ => Self::Debian,
        }
    }
}

/// Debian's images leave these out.
const DEBIAN_LACKS: &[&str] =
    &["wget", "curl", "nc", "nslookup", "ping", "ps", "ash", "clear", "top", "vi"];
/// `BusyBox` has no such tools.
const BUSYBOX_LACKS: &[&str] = &["curl", "bash"];
/// Commands of the shell that are no files.
const BUILTINS: &[&str] = &[
    ":", "cd", "command", "exec", "exit", "export", "local", "readonly", "set", "trap", "type",
    "ulimit", "umask", "unset",
];
/// What single images bring beyond that.
const BROUGHT: &[(&str, &[&str])] = &[
    ("nginx", &["curl"]),
    ("redis", &["redis-cli"]),
    ("postgres", &["psql", "pg_isready"]),
    ("mysql", &["mysql", "mysqladmin"]),
    ("mariadb", &["mariadb", "mariadb-admin", "mysqladmin"]),
    ("mongo", &["mongosh"]),
    ("rabbitmq", &["rabbitmqctl", "rabbitmq-diagnostics"]),
    ("node", &["curl", "wget", "ps"]),
    ("python", &["curl", "wget", "ps"]),
];
/// Those that come with their image's program only.
const CLIENTS: &[&str] = &[
    "redis-cli",
    "psql",
    "pg_isready",
    "mysql",
    "mysqladmin",
    "mariadb",
    "mariadb-admin",
    "mongosh",
    "rabbitmqctl",
    "rabbitmq-diagnostics",
];

/// Whether a container has a tool of this name; `as_file` asks for one that can be run without a shell.
pub(super) fn has(launch: &Launch, rules: Rules, name: &str, as_file: bool) -> bool {
    let image: &ImageConfig = &launch.image;
    let builtin = BUILTINS.contains(&name)
        || (name == "kill" && image.userland == Userland::Debian && image.known);
    if image.userland == Userland::Bare || (as_file && builtin) {
        return false;
    }
    if rules == Rules::Recorded || !image.known || builtin {
        return true;
    }
    let short = image.reference.repository.rsplit('/').next().unwrap_or_default();
    let brought = BROUGHT.iter().find(|(image, _)| *image == short).map_or(&[][..], |(_, all)| all);
    let slim = image.reference.tag.as_deref().is_some_and(|tag| tag.contains("slim"));
    if brought.contains(&name) && !(slim && matches!(short, "node" | "python")) {
        return true;
    }
    let lacks = match image.userland {
        Userland::BusyBox => BUSYBOX_LACKS,
        Userland::Debian | Userland::Bare => DEBIAN_LACKS,
    };
    !lacks.contains(&name) && !CLIENTS.contains(&name)
}

/// Folders that every image with a shell has, the home of its user root among them.
pub(super) const FOLDERS: &[&str] = &[
    "/bin/",
    "/dev/",
    "/etc/",
    "/home/",
    "/lib/",
    "/media/",
    "/mnt/",
    "/opt/",
    "/proc/",
    "/root/",
    "/run/",
    "/sbin/",
    "/srv/",
    "/sys/",
    "/tmp/",
    "/usr/",
    "/usr/bin/",
    "/usr/lib/",
    "/usr/local/",
    "/usr/local/bin/",
    "/usr/sbin/",
    "/usr/share/",
    "/var/",
    "/var/cache/",
    "/var/lib/",
    "/var/log/",
    "/var/run/",
    "/var/spool/",
    "/var/tmp/",
];

/// The paths of the files that every container finds.
const FILES: &[&str] = &["/etc/hostname", "/etc/hosts", "/etc/os-release", "/etc/resolv.conf"];

/// Files and (with a slash at the end) folders that single images bring: image, path, text.
const BROUGHT_FILES: &[(&str, &str, &str)] = &[
    ("nginx", "/usr/share/nginx/html/index.html", super::program::NGINX_WELCOME),
    (
        "nginx",
        "/etc/nginx/conf.d/default.conf",
        "server {\n    listen       80;\n    server_name  localhost;\n\n    location / {\n        root   /usr/share/nginx/html;\n        index  index.html index.htm;\n    }\n}\n",
    ),
    (
        "nginx",
        "/etc/nginx/nginx.conf",
        "\nuser  nginx;\nworker_processes  auto;\n\nerror_log  /var/log/nginx/error.log notice;\npid        /run/nginx.pid;\n\n\nevents {\n    worker_connections  1024;\n}\n\n\nhttp {\n    include       /etc/nginx/mime.types;\n    default_type  application/octet-stream;\n\n    log_format  main  '$remote_addr - $remote_user [$time_local] \"$request\" '\n                      '$status $body_bytes_sent \"$http_referer\" '\n                      '\"$http_user_agent\" \"$http_x_forwarded_for\"';\n\n    access_log  /var/log/nginx/access.log  main;\n\n    sendfile        on;\n    #tcp_nopush     on;\n\n    keepalive_timeout  65;\n\n    #gzip  on;\n\n    include /etc/nginx/conf.d/*.conf;\n}\n",
    ),
    ("nginx", "/var/cache/nginx/", ""),
    ("redis", "/data/", ""),
    ("mongo", "/data/db/", ""),
    ("mysql", "/var/lib/mysql/", ""),
    ("mariadb", "/var/lib/mysql/", ""),
    ("postgres", "/var/lib/postgresql/data/", ""),
    (
        "httpd",
        "/usr/local/apache2/htdocs/index.html",
        "<html><body><h1>It works!</h1></body></html>\n",
    ),
];

/// Image, path, text.
type Brought = &'static (&'static str, &'static str, &'static str);

fn brought_files(launch: &Launch) -> impl Iterator<Item = Brought> + use<'_> {
    BROUGHT_FILES.iter().filter(|(image, ..)| brings(launch, image))
}

/// Whether a container has what the image of this name brings.
pub(super) fn brings(launch: &Launch, image: &str) -> bool {
    launch.image.known && launch.image.reference.repository.rsplit('/').next() == Some(image)
}

/// The paths of the files that a container finds besides those mounted or written. What is mounted hides what it covers.
pub(super) fn files_of(launch: &Launch) -> impl Iterator<Item = &'static str> + use<'_> {
    let brought = brought_files(launch).map(|(_, path, _)| *path);
    FILES.iter().copied().chain(brought.filter(|path| !covered(launch, path)))
}

/// Whether a folder is mounted over a path.
fn covered(launch: &Launch, path: &str) -> bool {
    launch.mounts.iter().any(|mount| {
        let rest = path.strip_prefix(mount.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.starts_with('/'))
    })
}

/// A file that every container finds, if it is one.
pub(super) fn file(launch: &Launch, path: &str) -> Option<Arc<str>> {
    let text = match path {
        "/etc/hostname" => format!("{}\n", launch.hostname),
        "/etc/hosts" => format!(
            "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n{}\t{}\n",
            launch.ip,
            if launch.domain.is_empty() {
                launch.hostname.clone()
            } else {
                format!("{0}.{1}\t{0}", launch.hostname, launch.domain)
            }
        ),
        "/etc/resolv.conf" => format!(
            "search {}.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n",
            launch.namespace
        ),
        "/etc/os-release" if launch.image.userland == Userland::Debian => {
            "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nID=debian\n".to_owned()
        }
        "/etc/os-release" if launch.image.userland == Userland::BusyBox => {
            "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.22.1\nPRETTY_NAME=\"Alpine Linux v3.22\"\n".to_owned()
        }
        _ => {
            let mut brought = brought_files(launch).filter(|_| !covered(launch, path));
            return brought.find(|(_, brought, _)| *brought == path).map(|(.., text)| (*text).into());
        }
    };
    Some(text.into())
}
