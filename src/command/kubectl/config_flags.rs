//! The flags of `kubectl config set-cluster`, `set-credentials` and `set-context`: fields of the kubeconfig; and of `get-contexts`.

use super::verb::Flag;

/// Of a cluster.
pub(super) const CLUSTER: &[Flag] = &[
    Flag::text(
        "certificate-authority",
        "",
        "Path to certificate-authority file for the cluster entry in kubeconfig",
    ),
    Flag::switch("embed-certs", "embed-certs for the cluster entry in kubeconfig"),
    Flag::switch(
        "insecure-skip-tls-verify",
        "insecure-skip-tls-verify for the cluster entry in kubeconfig",
    ),
    Flag::text("proxy-url", "", "proxy-url for the cluster entry in kubeconfig"),
    Flag::text("server", "", "server for the cluster entry in kubeconfig"),
    Flag::text("tls-server-name", "", "tls-server-name for the cluster entry in kubeconfig"),
];

/// Of a user.
pub(super) const CREDENTIALS: &[Flag] = &[
    Flag::text("auth-provider", "", "Auth provider for the user entry in kubeconfig"),
    Flag::list("auth-provider-arg", "'key=value' arguments for the auth provider"),
    Flag::text(
        "client-certificate",
        "",
        "Path to client-certificate file for the user entry in kubeconfig",
    ),
    Flag::text("client-key", "", "Path to client-key file for the user entry in kubeconfig"),
    Flag::switch("embed-certs", "Embed client cert/key for the user entry in kubeconfig"),
    Flag::text("exec-api-version", "", "API version of the exec credential plugin"),
    Flag::list("exec-arg", "New arguments for the exec credential plugin command"),
    Flag::text("exec-command", "", "Command for the exec credential plugin"),
    Flag::list("exec-env", "'key=value' environment values for the exec credential plugin"),
    Flag::text("exec-interactive-mode", "", "Interactive mode of the exec credential plugin"),
    Flag::switch("exec-provide-cluster-info", "Provide cluster info to the exec credential plugin"),
    Flag::text("password", "", "password for the user entry in kubeconfig"),
    Flag::text("token", "", "token for the user entry in kubeconfig"),
    Flag::text("username", "", "username for the user entry in kubeconfig"),
];

/// Of a context.
pub(super) const CONTEXT: &[Flag] = &[
    Flag::text("cluster", "", "cluster for the context entry in kubeconfig"),
    Flag::switch("current", "Modify the current context"),
    Flag::text("namespace", "", "namespace for the context entry in kubeconfig").letter('n'),
    Flag::text("user", "", "user for the context entry in kubeconfig"),
];

/// Of the list of contexts.
pub(super) const CONTEXTS: &[Flag] = &[
    Flag::switch(
        "no-headers",
        "When using the default or custom-column output format, don't print headers.",
    ),
    Flag::text("output", "", "Output format. One of: (name).").letter('o'),
];
