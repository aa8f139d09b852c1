//! Clients of databases and brokers: `redis-cli ping`, `pg_isready`, `psql -c 'select 1'` and their kin.
//!
//! They succeed while something listens at their host and port, which is the Pod itself unless they are told otherwise.
//! *Differs:* the servers keep nothing, so of their languages only a ping and `select` of a number are understood.

use super::Stream;

/// A client: its name, its server's port, and the letters of its options for host and port.
struct Client {
    name: &'static str,
    port: u16,
    host_flag: &'static str,
    port_flag: &'static str,
}

const fn client(
    name: &'static str,
    port: u16,
    host_flag: &'static str,
    port_flag: &'static str,
) -> Client {
    Client { name, port, host_flag, port_flag }
}

const CLIENTS: &[Client] = &[
    client("mariadb", 3306, "-h", "-P"),
    client("mariadb-admin", 3306, "-h", "-P"),
    client("mongosh", 27017, "--host", "--port"),
    client("mysql", 3306, "-h", "-P"),
    client("mysqladmin", 3306, "-h", "-P"),
    client("pg_isready", 5432, "-h", "-p"),
    client("psql", 5432, "-h", "-p"),
    client("rabbitmq-diagnostics", 5672, "", ""),
    client("rabbitmqctl", 5672, "", ""),
    client("redis-cli", 6379, "-h", "-p"),
];

/// Host and port that a client's command line means; `None` if it is no client.
pub(super) fn target(tool: &str, args: &[String]) -> Option<(String, u16)> {
    let client = CLIENTS.iter().find(|client| client.name == tool)?;
    let value = |flag: &str| {
        args.iter().enumerate().find_map(|(at, arg)| {
            let rest = arg.strip_prefix(flag).filter(|_| !flag.is_empty())?;
            let value = if rest.is_empty() { args.get(at + 1)?.as_str() } else { rest };
            Some(value.trim_start_matches('='))
        })
    };
    let port = value(client.port_flag).and_then(|port| port.parse().ok()).unwrap_or(client.port);
    Some((value(client.host_flag).unwrap_or("localhost").to_owned(), port))
}

/// What a client says, once it is known whether its server was there.
pub(super) fn tell(
    tool: &str,
    args: &[String],
    host: &str,
    port: u16,
    up: bool,
) -> (i32, Vec<(Stream, String)>) {
    let said = |code: i32, stream: Stream, text: String| (code, vec![(stream, text + "\n")]);
    let failed = |code: i32, text: String| said(code, Stream::Stderr, text);
    let fine = |text: &str| said(0, Stream::Stdout, text.to_owned());
    let line = args.join(" ").to_lowercase();
    match tool {
        "pg_isready" => {
            let socket = if host == "localhost" { "/var/run/postgresql" } else { host };
            let (code, state) = if up { (0, "accepting connections") } else { (2, "no response") };
            said(code, Stream::Stdout, format!("{socket}:{port} - {state}"))
        }
        "psql" if !up => failed(2, format!(
            "psql: error: connection to server at \"{host}\", port {port} failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?"
        )),
        "redis-cli" if !up => failed(1, format!("Could not connect to Redis at {host}:{port}: Connection refused")),
        "redis-cli" if line.ends_with("ping") => fine("PONG"),
        "mysqladmin" | "mariadb-admin" if !up => {
            failed(1, format!("{tool}: connect to server at '{host}' failed\nerror: 'Can't connect to server on '{host}' (111)'"))
        }
        "mysqladmin" | "mariadb-admin" => fine("mysqld is alive"),
        "mysql" | "mariadb" if !up => {
            failed(1, format!("ERROR 2003 (HY000): Can't connect to MySQL server on '{host}:{port}' (111)"))
        }
        "mongosh" if !up => failed(1, format!("MongoNetworkError: connect ECONNREFUSED {host}:{port}")),
        "mongosh" if line.contains("ping") => fine("{ ok: 1 }"),
        "rabbitmq-diagnostics" | "rabbitmqctl" if !up => {
            failed(69, "Error: unable to perform an operation on node 'rabbit@localhost'. Please see diagnostics information and suggestions below.".to_owned())
        }
        "rabbitmq-diagnostics" | "rabbitmqctl" => fine("Ping succeeded"),
        _ => match selected(&line) {
            Some(number) if tool == "psql" => fine(&format!(
                " ?column? \n----------\n {number:>8}\n(1 row)\n"
            )),
            Some(number) => fine(&format!("{number}\n{number}")),
            None => failed(1, format!("{tool}: the server keeps no data here; only a ping or 'select NUMBER' is simulated")),
        },
    }
}

/// The number of `select NUMBER`.
fn selected(line: &str) -> Option<u32> {
    let (_, rest) = line.split_once("select ")?;
    rest.trim().trim_end_matches([';', '"', '\'']).trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_find_their_servers_and_answer() {
        for (command, up, host, code, text) in [
            ("redis-cli ping", true, "localhost:6379", 0, "PONG\n"),
            (
                "redis-cli -h cache -p 6380 ping",
                false,
                "cache:6380",
                1,
                "Could not connect to Redis at cache:6380: Connection refused\n",
            ),
            (
                "pg_isready -U postgres",
                true,
                "localhost:5432",
                0,
                "/var/run/postgresql:5432 - accepting connections\n",
            ),
            ("pg_isready -h db", false, "db:5432", 2, "db:5432 - no response\n"),
            (
                "psql -U postgres -c select 1;",
                true,
                "localhost:5432",
                0,
                " ?column? \n----------\n        1\n(1 row)\n\n",
            ),
            ("mysqladmin ping -h 127.0.0.1", true, "127.0.0.1:3306", 0, "mysqld is alive\n"),
        ] {
            let words: Vec<String> = command.split(' ').map(str::to_owned).collect();
            let (found, port) = target(&words[0], &words[1..]).unwrap();
            assert_eq!(format!("{found}:{port}"), host, "{command}");
            let (status, lines) = tell(&words[0], &words[1..], &found, port, up);
            assert_eq!((status, lines[0].1.as_str()), (code, text), "{command}");
        }
        assert_eq!(target("curl", &[]), None);
    }
}
