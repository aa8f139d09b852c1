//! The flags that every verb takes (`kubectl options`).
//!
//! Most speak of how to reach a real cluster; they are read and have nothing to do here.

use super::verb::Flag;

/// Global flags, in order of name.
pub(super) static GLOBAL: &[Flag] = &[
    Flag::text("as", "", "Username to impersonate for the operation."),
    Flag::array("as-group", "Group to impersonate for the operation; may be given several times."),
    Flag::text("as-uid", "", "UID to impersonate for the operation."),
    Flag::array(
        "as-user-extra",
        "User extras to impersonate for the operation; may be given several times.",
    ),
    Flag::text("cache-dir", "/home/learner/.kube/cache", "Default cache directory"),
    Flag::text("certificate-authority", "", "Path to a cert file for the certificate authority"),
    Flag::text("client-certificate", "", "Path to a client certificate file for TLS"),
    Flag::text("client-key", "", "Path to a client key file for TLS"),
    Flag::text("cluster", "", "The name of the kubeconfig cluster to use"),
    Flag::text("context", "", "The name of the kubeconfig context to use"),
    Flag::switch("disable-compression", "Do not compress responses"),
    Flag::switch("insecure-skip-tls-verify", "Do not check the server's certificate"),
    Flag::text("kubeconfig", "", "Path to the kubeconfig file to use for CLI requests."),
    Flag::text("kuberc", "", "Path to the kuberc file to use for preferences."),
    Flag::duration("log-flush-frequency", "5s", "Maximum number of seconds between log flushes"),
    Flag::switch("match-server-version", "Require server version to match client version"),
    Flag::text("namespace", "", "If present, the namespace scope for this CLI request").letter('n'),
    Flag::text("password", "", "Password for basic authentication to the API server"),
    Flag::text("profile", "none", "Name of profile to capture"),
    Flag::text("profile-output", "profile.pprof", "Name of the file to write the profile to"),
    Flag::text(
        "request-timeout",
        "0",
        "How long to wait before giving up on a single server request; 0 means for ever.",
    ),
    Flag::text("server", "", "The address and port of the Kubernetes API server").letter('s'),
    Flag::text("tls-server-name", "", "Server name to use for server certificate validation"),
    Flag::text("token", "", "Bearer token for authentication to the API server"),
    Flag::text("user", "", "The name of the kubeconfig user to use"),
    Flag::text("username", "", "Username for basic authentication to the API server"),
    Flag::int("v", "0", "number for the log level verbosity").letter('v'),
    Flag::text(
        "vmodule",
        "",
        "comma-separated list of pattern=N settings for file-filtered logging",
    ),
    Flag::switch(
        "warnings-as-errors",
        "Treat warnings received from the server as errors and exit with a non-zero exit code",
    ),
];

/// `-h`, which every verb takes and no list shows.
pub(super) static HELP: Flag = Flag::switch("help", "help for this command").letter('h');
