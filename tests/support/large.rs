//! Logs of any size for benchmarks: seeded, written block by block, in what a busy server writes.
//!
//! Events, lines and people vary by the dice; their share of what the analysis wants is the argument. The names are those
//! of no story.

use std::io::{self, Seek, Write};

use jiff::{SignedDuration, Timestamp};

use super::dice::{Dice, at};
use super::directory::{Account, Domain, Host, Role};
use super::events;
use super::evtx_writer::{EventSpec, Writer};

/// What an event log holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    /// A member server: process starts, privileges, log-offs; two events in a hundred are wanted.
    Sparse,
    /// A domain controller's tickets and a server's logons: every event is wanted.
    Dense,
}

/// The people and machines of a log.
struct Cast {
    server: Host,
    clients: Vec<Host>,
    users: Vec<Account>,
}

impl Cast {
    fn new(role: Role, server: u64) -> Self {
        let domain = Domain::new("large.example", "LARGE");
        let host = |name: String, ip: String, role| Host {
            name,
            domain: domain.clone(),
            ip,
            role,
        };
        Self {
            server: host(server_name(server), server_address(server), role),
            clients: (0..200)
                .map(|n| {
                    host(
                        format!("PC{n:04}"),
                        format!("10.9.{}.{}", 1 + n / 100, 10 + n % 100),
                        Role::Client,
                    )
                })
                .collect(),
            users: (0..300)
                .map(|n| Account::new(&domain, &format!("user{n:03}"), "OU=Staff"))
                .collect(),
        }
    }
}

/// The server that a log of this seed is of.
pub fn server_name(seed: u64) -> String {
    format!("SRV{seed:02}")
}

fn server_address(seed: u64) -> String {
    format!("10.9.0.{}", seed % 250)
}

/// Writes an event log of at least `bytes`; how many records it has.
pub fn event_log(out: impl Write + Seek, mix: Mix, seed: u64, bytes: u64) -> io::Result<u64> {
    let role = match mix {
        Mix::Sparse => Role::Server,
        Mix::Dense => Role::DomainController,
    };
    let cast = Cast::new(role, seed);
    let mut dice = Dice::from_number(seed);
    let mut log = Writer::new(out)?;
    let mut time = at("2026-03-02T00:00:00Z");
    let mut records = 0;
    while log.bytes() < bytes {
        time += SignedDuration::from_micros(1 + i64::try_from(dice.below(60_000)).expect("small"));
        let event = match mix {
            Mix::Sparse => sparse(&mut dice, &cast, time),
            Mix::Dense => dense(&mut dice, &cast, time),
        };
        records += 1;
        log.write(&event, records, records)?;
    }
    log.finish(false)?;
    Ok(records)
}

fn sparse(dice: &mut Dice, cast: &Cast, time: Timestamp) -> EventSpec {
    let (user, client) = (
        dice.pick(&cast.users).clone(),
        dice.pick(&cast.clients).clone(),
    );
    match dice.below(100) {
        0 => events::logon_failed(time, &cast.server, &user, &client, 0xc000_006d, 0xc000_006a),
        1 => events::logon_ntlm(time, &cast.server, &user, &client),
        2..35 => events::logoff(time, &cast.server, &user, 0x20_0000 + dice.below(0xff_ffff)),
        35..60 => events::privileges(time, &cast.server, &user),
        _ => events::process_started(time, &cast.server, dice)
            .with("CommandLine", command_line(dice)),
    }
}

/// What a service host or an agent is started with: the longest value of most logs.
fn command_line(dice: &mut Dice) -> String {
    let program = *dice.pick(&[
        "svchost.exe -k netsvcs -p",
        "taskhostw.exe /Run",
        "conhost.exe 0xffffffff -ForceV1",
    ]);
    let work = (0..2 + dice.below(3))
        .map(|_| format!(" --work C:\\ProgramData\\Agent\\{:032x}.job", dice.guid()));
    format!(
        "C:\\Windows\\System32\\{program}{}",
        work.collect::<String>()
    )
}

fn dense(dice: &mut Dice, cast: &Cast, time: Timestamp) -> EventSpec {
    let (user, client) = (
        dice.pick(&cast.users).clone(),
        dice.pick(&cast.clients).clone(),
    );
    match dice.below(10) {
        0..3 => events::tgt(time, &cast.server, &user, &client),
        3..7 => events::service_ticket(
            time,
            &cast.server,
            &user,
            &client,
            &cast.server.machine(),
            0x12,
        ),
        _ => events::logon_kerberos(time, &cast.server, &user, &client),
    }
}

const AGENTS: [&str; 3] = [
    "Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)+AppleWebKit/537.36+(KHTML,+like+Gecko)+Chrome/143.0.0.0+Safari/537.36+Edg/143.0.0.0",
    "Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)+AppleWebKit/537.36+(KHTML,+like+Gecko)+Chrome/143.0.0.0+Safari/537.36",
    "Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64;+rv:145.0)+Gecko/20100101+Firefox/145.0",
];

/// Writes a W3C log of at least `bytes`, as IIS writes it as installed: a request in twenty is answered with a challenge first.
/// How many requests it has.
pub fn web_log(out: impl Write, seed: u64, bytes: u64) -> io::Result<u64> {
    let mut out = Counted::new(out);
    let mut dice = Dice::from_number(seed);
    let mut time = at("2026-03-02T00:00:00Z");
    let (mut requests, server) = (0, server_address(seed));
    write!(
        out,
        "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Date: 2026-03-02 00:00:00\r\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n"
    )?;
    while out.bytes < bytes {
        time += SignedDuration::from_millis(i64::try_from(dice.below(120)).expect("small"));
        let clock = time.strftime("%Y-%m-%d %H:%M:%S");
        let path = match dice.below(4) {
            0 => format!("/portal/orders/{}", dice.below(20_000)),
            1 => format!("/portal/static/script-{}.js", dice.below(200)),
            2 => format!("/portal/api/v2/items/{}/details", dice.below(9_000)),
            _ => "/portal/default.aspx".to_owned(),
        };
        let (agent, user) = (*dice.pick(&AGENTS), dice.below(300));
        let client = format!("10.9.{}.{}", 1 + user / 100, 10 + user % 100);
        let page = dice.below(5_000);
        let mut line = |user: &str, status: &str, taken: u64| {
            write!(
                out,
                "{clock} {server} GET {path} page={page}&sort=asc 443 {user} {client} {agent} https://portal.large.example/portal/ {status} {taken}\r\n"
            )
        };
        if dice.below(20) == 0 {
            line("-", "401 2 5", 1)?;
            requests += 1;
        }
        line(&format!("LARGE\\user{user:03}"), "200 0 0", dice.below(400))?;
        requests += 1;
    }
    Ok(requests)
}

/// Writes a log of http.sys of at least `bytes`; how many lines it has.
pub fn http_err(out: impl Write, seed: u64, bytes: u64) -> io::Result<u64> {
    let mut out = Counted::new(out);
    let mut dice = Dice::from_number(seed);
    let mut time = at("2026-03-02T00:00:00Z");
    let mut lines = 0;
    write!(
        out,
        "#Software: Microsoft HTTP API 2.0\r\n#Version: 1.0\r\n#Date: 2026-03-02 00:00:00\r\n#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename\r\n"
    )?;
    while out.bytes < bytes {
        time += SignedDuration::from_millis(i64::try_from(dice.below(900)).expect("small"));
        let clock = time.strftime("%Y-%m-%d %H:%M:%S");
        let (client, port) = (10 + dice.below(200), dice.port());
        match dice.below(50) {
            0 => write!(
                out,
                "{clock} 10.9.1.{client} {port} 10.9.0.1 443 HTTP/1.1 GET /portal/ 503 1 AppOffline Portal\r\n"
            )?,
            1 => write!(
                out,
                "{clock} 10.9.1.{client} {port} 10.9.0.1 443 HTTP/1.1 GET /portal/ 400 - RequestLength -\r\n"
            )?,
            _ => write!(
                out,
                "{clock} 10.9.1.{client} {port} 10.9.0.1 443 - - - - - Timer_ConnectionIdle -\r\n"
            )?,
        }
        lines += 1;
    }
    Ok(lines)
}

/// Writes a `netlogon.log` of at least `bytes`; how many lines it has.
pub fn netlogon_log(out: impl Write, seed: u64, bytes: u64) -> io::Result<u64> {
    let mut out = Counted::new(out);
    let mut dice = Dice::from_number(seed);
    let mut time = at("2026-03-02T00:00:00Z");
    let mut lines = 0;
    while out.bytes < bytes {
        time += SignedDuration::from_millis(i64::try_from(dice.below(400)).expect("small"));
        let clock = time.strftime("%m/%d %H:%M:%S");
        let (thread, user, client) = (1000 + dice.below(4_000), dice.below(300), dice.below(200));
        let says = match dice.below(4) {
            0 => format!(
                "SamLogon: Network logon of LARGE\\user{user:03} from PC{client:04} Entered"
            ),
            1 => format!(
                "SamLogon: Network logon of LARGE\\user{user:03} from PC{client:04} Returns 0x0"
            ),
            2 => "NlPingDcNameWithContext: Sent 1/1 ldap pings to DC1.large.example".to_owned(),
            _ => "DsGetDcName function called: client PID=816, Dom:LARGE Acct:(null) Flags: FORCE"
                .to_owned(),
        };
        let kind = if says.starts_with("Sam") {
            "LOGON"
        } else {
            "MISC"
        };
        write!(out, "{clock} [{kind}] [{thread}] LARGE: {says}\r\n")?;
        lines += 1;
    }
    Ok(lines)
}

/// Counts what is written.
struct Counted<W: Write> {
    out: io::BufWriter<W>,
    bytes: u64,
}

impl<W: Write> Counted<W> {
    fn new(out: W) -> Self {
        Self {
            out: io::BufWriter::new(out),
            bytes: 0,
        }
    }
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
