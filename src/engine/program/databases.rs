//! Databases and brokers: what their images demand of the environment, their start-up lines and ports.
//!
//! The refusals are the entrypoint scripts' own words. *Differs:* they speak no protocol: a connection is accepted and
//! that is all; nothing is stored.

use super::{Next, Program, Start, Term, flag, stderr, stdout};
use crate::engine::process::Launch;
use crate::time::Duration;

const fn database(
    name: &'static str,
    images: &'static [&'static str],
    executables: &'static [&'static str],
    start: fn(&Launch, &[String]) -> Start,
    memory_mib: u32,
) -> Program {
    let on_term = Term::Ends { code: 0, after_millis: 300, line: "" };
    Program {
        name,
        images,
        executables,
        start,
        serve: None,
        on_term,
        cpu_milli: 5,
        request_micros: 0,
        memory_mib,
    }
}

pub(super) const POSTGRES: Program =
    database("postgres", &["docker.io/library/postgres"], &["postgres"], postgres, 40);
pub(super) const MYSQL: Program =
    database("mysql", &["docker.io/library/mysql"], &["mysqld"], mysql, 380);
pub(super) const MARIADB: Program =
    database("mariadb", &["docker.io/library/mariadb"], &["mariadbd", "mysqld"], mariadb, 100);
pub(super) const MONGO: Program =
    database("mongo", &["docker.io/library/mongo"], &["mongod"], mongo, 160);
pub(super) const MEMCACHED: Program =
    database("memcached", &["docker.io/library/memcached"], &["memcached"], memcached, 3);
pub(super) const RABBITMQ: Program =
    database("rabbitmq", &["docker.io/library/rabbitmq"], &["rabbitmq-server"], rabbitmq, 130);

fn has(launch: &Launch, names: &[&str]) -> bool {
    names.iter().any(|name| launch.env.get(*name).is_some_and(|value| !value.is_empty()))
}

fn listen(lines: &[&str], port: u16, after_millis: u64) -> Start {
    let next = Next::Listen { ports: vec![port], after: Duration::from_millis(after_millis) };
    Start { lines: stdout(lines), next }
}

fn refuse(lines: &[&str], code: i32) -> Start {
    Start { lines: stderr(lines), next: Next::Exit { code, after: Duration::from_millis(50) } }
}

fn postgres(launch: &Launch, argv: &[String]) -> Start {
    let trusted =
        launch.env.get("POSTGRES_HOST_AUTH_METHOD").is_some_and(|method| method == "trust");
    if !trusted && !has(launch, &["POSTGRES_PASSWORD", "POSTGRES_PASSWORD_FILE"]) {
        return refuse(
            &[
                "Error: Database is uninitialized and superuser password is not specified.",
                "       You must specify POSTGRES_PASSWORD to a non-empty value for the",
                "       superuser. For example, \"-e POSTGRES_PASSWORD=password\" on \"docker run\".",
                "",
                "       You may also use \"POSTGRES_HOST_AUTH_METHOD=trust\" to allow all",
                "       connections without a password. This is *not* recommended.",
                "",
                "       See PostgreSQL documentation about \"trust\":",
                "       https://www.postgresql.org/docs/current/auth-trust.html",
            ],
            1,
        );
    }
    let port = flag(argv, "p").and_then(|port| port.parse().ok()).unwrap_or(5432);
    let line = format!("LOG:  listening on IPv4 address \"0.0.0.0\", port {port}");
    listen(
        &[
            "The files belonging to this database system will be owned by user \"postgres\".",
            "PostgreSQL init process complete; ready for start up.",
            &line,
            "LOG:  database system is ready to accept connections",
        ],
        port,
        1800,
    )
}

fn mysql(launch: &Launch, _argv: &[String]) -> Start {
    let names = ["MYSQL_ROOT_PASSWORD", "MYSQL_ALLOW_EMPTY_PASSWORD", "MYSQL_RANDOM_ROOT_PASSWORD"];
    if !has(launch, &names) && !has(launch, &["MYSQL_ROOT_PASSWORD_FILE"]) {
        return refuse(
            &[
                "[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified",
                "    You need to specify one of the following as an environment variable:",
                "    - MYSQL_ROOT_PASSWORD",
                "    - MYSQL_ALLOW_EMPTY_PASSWORD",
                "    - MYSQL_RANDOM_ROOT_PASSWORD",
            ],
            1,
        );
    }
    listen(
        &[
            "[Note] [Entrypoint]: Database files initialized",
            "[System] [MY-010931] [Server] /usr/sbin/mysqld: ready for connections. Socket: '/var/run/mysqld/mysqld.sock'  port: 3306  MySQL Community Server - GPL.",
        ],
        3306,
        6000,
    )
}

fn mariadb(launch: &Launch, _argv: &[String]) -> Start {
    let names = [
        "MARIADB_ROOT_PASSWORD",
        "MARIADB_ROOT_PASSWORD_HASH",
        "MARIADB_ALLOW_EMPTY_ROOT_PASSWORD",
        "MARIADB_RANDOM_ROOT_PASSWORD",
        "MYSQL_ROOT_PASSWORD",
        "MYSQL_ALLOW_EMPTY_PASSWORD",
        "MYSQL_RANDOM_ROOT_PASSWORD",
    ];
    if !has(launch, &names) {
        return refuse(
            &[
                "[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified",
                "\tYou need to specify one of MARIADB_ROOT_PASSWORD, MARIADB_ROOT_PASSWORD_HASH, MARIADB_ALLOW_EMPTY_ROOT_PASSWORD and MARIADB_RANDOM_ROOT_PASSWORD",
            ],
            1,
        );
    }
    listen(&["[Note] mariadbd: ready for connections."], 3306, 4000)
}

fn mongo(_launch: &Launch, argv: &[String]) -> Start {
    let port = flag(argv, "port").and_then(|port| port.parse().ok()).unwrap_or(27017);
    listen(&["{\"s\":\"I\",\"c\":\"NETWORK\",\"msg\":\"Waiting for connections\"}"], port, 1500)
}

fn memcached(_launch: &Launch, argv: &[String]) -> Start {
    let port = flag(argv, "p").and_then(|port| port.parse().ok()).unwrap_or(11211);
    listen(&[], port, 10)
}

fn rabbitmq(_launch: &Launch, _argv: &[String]) -> Start {
    listen(&["[info] <0.9.0> Server startup complete; 4 plugins started."], 5672, 7000)
}
