//! What the subcommands of `kubectl config` say of themselves at length: they print it where arguments are missing.
//!
//! Models kubectl `pkg/cmd/config/{config,set,unset,rename_context}.go`, whose output this is.

/// Where the kubeconfig is looked for.
pub(super) static LOADING: &[&str] = &[
    "The loading order follows these rules:",
    " 1.  If the --kubeconfig flag is set, then only that file is loaded. The flag may only be set once and no merging takes place.\n  2.  If $KUBECONFIG environment variable is set, then it is used as a list of paths (normal path delimiting rules for your system). These paths are merged. When a value is modified, it is modified in the file that defines the stanza. When a value is created, it is created in the first file that exists. If no files in the chain exist, then it creates the last file in the list.\n  3.  Otherwise, ${HOME}/.kube/config is used and no merging takes place.",
];

/// What a context is renamed from and to.
pub(super) static RENAME: &[&str] = &[
    "CONTEXT_NAME is the context name that you want to change.",
    "NEW_NAME is the new name you want to set.",
    "Note: If the context being renamed is the 'current-context', this field will also be updated.",
];

/// What a property is.
pub(super) static SET: &[&str] = &[
    "PROPERTY_NAME is a dot delimited name where each token represents either an attribute name or a map key. Map keys may not contain dots.",
    "PROPERTY_VALUE is the new value you want to set. Binary fields such as 'certificate-authority-data' expect a base64 encoded string unless the --set-raw-bytes flag is used.",
    "Specifying an attribute name that already exists will merge new fields on top of existing values.",
];

/// How properties are set.
pub(super) static SET_EXAMPLES: &[(&str, &str)] = &[
    (
        "Set the server field on the my-cluster cluster to https://1.2.3.4",
        "kubectl config set clusters.my-cluster.server https://1.2.3.4",
    ),
    (
        "Set the certificate-authority-data field on the my-cluster cluster",
        "kubectl config set clusters.my-cluster.certificate-authority-data $(echo \"cert_data_here\" | base64 -i -)",
    ),
    (
        "Set the cluster field in the my-context context to my-cluster",
        "kubectl config set contexts.my-context.cluster my-cluster",
    ),
    (
        "Set the client-key-data field in the cluster-admin user using --set-raw-bytes option",
        "kubectl config set users.cluster-admin.client-key-data cert_data_here --set-raw-bytes=true",
    ),
];

/// What a property is that goes.
pub(super) static UNSET: &[&str] = &[
    "PROPERTY_NAME is a dot delimited name where each token represents either an attribute name or a map key. Map keys may not contain dots.",
];

/// How properties go.
pub(super) static UNSET_EXAMPLES: &[(&str, &str)] = &[
    ("Unset the current-context", "kubectl config unset current-context"),
    ("Unset namespace in foo context", "kubectl config unset contexts.foo.namespace"),
];
