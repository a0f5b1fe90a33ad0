//! The shared procedures of the remedies (`causes.md` section 9): snapshot first, the order in which an SPN is added or
//! moved, whose key is made to open tickets, purge and retest, and the standard verification.

use super::commands::{self as c, Reach};
use super::plan::Step;

/// What to keep before anything is changed (P1). Changes nothing in the directory.
pub fn snapshot(spn: &str, accounts: &[&str]) -> Vec<Step> {
    let mut steps = vec![Step::run(
        c::setspn_query(spn, Reach::Forest),
        format!("note who holds {spn} now (keep the output)"),
    )];
    for account in accounts {
        steps.push(Step::run(
            c::setspn_list(account),
            format!("note the SPNs of {account} (keep the output)"),
        ));
    }
    steps.push(backup());
    steps
}

/// Keeps the IIS configuration.
pub fn backup() -> Step {
    Step::run(
        c::appcmd_add_backup("why401"),
        "back up the IIS configuration as it is now",
    )
}

/// Adds an SPN (P2).
pub fn add_spn(spn: &str, acceptor: &str) -> Vec<Step> {
    vec![
        Step::run(
            c::setspn_query(spn, Reach::Forest),
            format!("make sure that nobody in the forest holds {spn}"),
        )
        .stop_if("an account is printed: the name has a holder, and this would make a duplicate"),
        Step::run(
            c::setspn_add(spn, acceptor),
            format!("register {spn} on {acceptor}, whose key opens the tickets here"),
        )
        .stop_if("setspn prints anything other than that the object was updated"),
    ]
}

/// As [`add_spn`], where the bundle does not show whose key opens the tickets: no command, for want of its account.
pub fn add_spn_to_unknown(spn: &str) -> Vec<Step> {
    vec![
        Step::run(
            c::setspn_query(spn, Reach::Forest),
            format!("make sure that nobody in the forest holds {spn}"),
        )
        .stop_if("an account is printed: the name has a holder, and this would make a duplicate"),
        Step::by_hand(format!(
            "register {spn} with setspn -S on the account whose key opens the tickets: the web server's computer account in kernel mode, the pool's account with useAppPoolCredentials or in user mode (applicationHost.config tells; this bundle does not)"
        ))
        .stop_if("it is not certain which account that is: on a wrong one NTLM becomes 401"),
    ]
}

/// Moves an SPN (P3): delete first, because setspn refuses a second holder.
pub fn move_spn(spn: &str, wrong: &str, right: &str) -> Vec<Step> {
    vec![
        Step::run(
            c::setspn_list(wrong),
            format!("look at what else {wrong} holds"),
        )
        .stop_if(format!(
            "another working service of {wrong} still needs {spn}"
        )),
        Step::run(
            c::setspn_delete(spn, wrong),
            format!("remove {spn} from {wrong}"),
        )
        .risk("until the next step new clients fall back to NTLM; where NTLM is blocked they fail"),
        Step::run(
            c::setspn_add(spn, right),
            format!("register {spn} on {right}"),
        )
        .stop_if(
            "setspn reports a duplicate or missing rights: put the SPN back on its old account",
        ),
    ]
}

/// Takes an SPN from an account that must not hold it, after a look at that account.
pub fn take_spn(spn: &str, wrong: &str, object: &str) -> Vec<Step> {
    vec![
        Step::run(
            c::setspn_list(wrong),
            format!("look at what else {wrong} holds"),
        )
        .stop_if(format!(
            "the first line names another object than {object}, or another working service of it needs {spn}"
        )),
        Step::run(
            c::setspn_delete(spn, wrong),
            format!("remove {spn} from {wrong}"),
        )
        .risk("where it is the only holder, new clients fall back to NTLM until the next step; where NTLM is blocked they fail"),
    ]
}

/// Makes the pool identity open the tickets (P4).
pub fn accept_with_pool(location: &str, pool: &str) -> Vec<Step> {
    vec![
        Step::run(
            c::appcmd_set_windows_auth(location, "/useAppPoolCredentials:", "true"),
            "let kernel mode open tickets with the pool identity's key",
        )
        .risk("every application of this host name must use the same acceptor"),
        recycle(pool),
    ]
}

/// Makes the computer account open the tickets (P5).
pub fn accept_with_machine(location: &str, pool: &str) -> Vec<Step> {
    vec![
        Step::run(
            c::appcmd_set_windows_auth(location, "/useAppPoolCredentials:", "false"),
            "let kernel mode open tickets with the computer account's key",
        )
        .risk("other names of the site whose SPN is on the pool's account stop working"),
        Step::run(
            c::appcmd_set_windows_auth(location, "/useKernelMode:", "true"),
            "turn kernel mode on",
        ),
        recycle(pool),
    ]
}

/// Gives all servers behind a name one account to open tickets with: `(server, location, pool)` of each, and the account
/// that holds the SPN now. The present holder lets go first, so that clients degrade to NTLM instead of failing.
pub fn share_one_account(
    spn: &str,
    holders: &[String],
    places: &[(String, String, String)],
) -> Vec<Step> {
    let mut steps = snapshot(spn, &[]);
    steps.push(
        Step::by_hand("choose one domain account for all servers behind the name, best a gMSA that every one of them may fetch")
            .stop_if("Test-ADServiceAccount is not True on every server"),
    );
    for holder in holders {
        steps.push(
            Step::run(
                c::setspn_delete(spn, holder),
                format!("remove {spn} from {holder}"),
            )
            .risk("until the last step new clients fall back to NTLM; where NTLM is blocked they fail"),
        );
    }
    for (server, location, pool) in places {
        steps.push(
            Step::by_hand(format!(
                "on {server}, taken out of rotation: let pool {pool} run as that account"
            ))
            .risk("the application loses what its present account may do: files, databases"),
        );
        steps.push(Step::run(
            c::appcmd_set_windows_auth(location, "/useAppPoolCredentials:", "true"),
            format!("on {server}: open tickets with the pool identity's key"),
        ));
        steps.push(recycle(pool));
    }
    steps.push(
        Step::by_hand(format!(
            "when every server is ready: register {spn} on that account with setspn -S"
        ))
        .stop_if("setspn reports a duplicate"),
    );
    steps.push(replicate());
    steps.extend(purge_and_retest());
    steps
}

/// Recycles a pool, so that a change takes effect.
pub fn recycle(pool: &str) -> Step {
    Step::run(
        c::appcmd_recycle(pool),
        format!("recycle {pool}, so that the change takes effect"),
    )
}

/// Waits for replication (P7).
pub fn replicate() -> Step {
    Step::run(
        c::repadmin_syncall(),
        "replicate the change to the domain controllers of the clients (on a domain controller), or wait for it",
    )
}

/// Purges and tries again (P6).
pub fn purge_and_retest() -> Vec<Step> {
    vec![
        Step::run(
            c::klist_purge(),
            "purge the tickets in the user's own session (not in an elevated prompt, which has other tickets); then close the browser and try again",
        ),
        Step::by_hand(
            "give it time elsewhere: a client that was refused the name asks again after 15 minutes, and old tickets of other users live for up to 10 hours",
        ),
    ]
}

/// The standard verification (V1): by the directory and on the wire.
pub fn verify_kerberos(spn: &str, acceptor: &str) -> Vec<Step> {
    vec![
        Step::run(
            c::setspn_query(spn, Reach::Forest),
            format!("the query must print one account only: {acceptor}"),
        ),
        Step::run(
            c::klist_get(spn),
            "in the user's session: asking for a ticket must succeed, with AES encryption",
        ),
        Step::by_hand(
            "browse to the site: its IIS log must show 401 2 followed by 200, with no 401 1 2148074254 between them",
        ),
        Step::by_hand(
            "the web server's Security log must show a 4624 of type 3 with package Kerberos for the user, and the client's System log no new Kerberos event 4",
        ),
    ]
}

/// Turns Windows authentication on or off at a location.
pub fn windows_auth(location: &str, on: bool) -> Step {
    let (value, says) = if on {
        ("true", "turn Windows authentication on")
    } else {
        ("false", "turn Windows authentication off again")
    };
    Step::run(
        c::appcmd_set_windows_auth(location, "/enabled:", value),
        format!("{says} for {location}"),
    )
}

/// Puts Negotiate before NTLM in the list of providers of a location.
pub fn offer_negotiate_first(location: &str, negotiate_there: bool, ntlm_there: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    if ntlm_there {
        steps.push(
            Step::run(
                c::appcmd_remove_provider(location, c::Provider::Ntlm),
                format!("remove NTLM from the providers of {location}; a later step adds it again behind Negotiate"),
            )
            .risk("until the last of these steps some clients cannot log on"),
        );
    }
    if !negotiate_there {
        steps.push(Step::run(
            c::appcmd_add_provider(location, c::Provider::Negotiate),
            format!("add Negotiate to the providers of {location}"),
        ));
    }
    steps.push(Step::run(
        c::appcmd_add_provider(location, c::Provider::Ntlm),
        format!("add NTLM to the providers of {location}, behind Negotiate"),
    ));
    steps
}

/// Checks what IIS offers: the section in force, and the challenge itself.
pub fn verify_challenge(location: &str, url: &str) -> Vec<Step> {
    let headers = "401 with WWW-Authenticate: Negotiate and WWW-Authenticate: NTLM";
    // Under a binding for any host the bundle may not show which name to ask for.
    let ask = if url.contains("//*") {
        Step::by_hand(format!(
            "a request without credentials must be answered {headers}"
        ))
    } else {
        Step::run(
            c::show_challenge(url),
            format!("the site must answer {headers}"),
        )
    };
    vec![
        Step::run(
            c::appcmd_list_section(
                location,
                "system.webServer/security/authentication/windowsAuthentication",
            ),
            "the section in force must show enabled=\"true\" and the providers Negotiate, NTLM in this order",
        ),
        ask,
    ]
}

/// Undoes what [`add_spn`] did (R1).
pub fn take_back_spn(spn: &str, account: &str) -> Vec<Step> {
    vec![Step::run(
        c::setspn_delete(spn, account),
        format!("remove {spn} from {account} again"),
    )]
}

/// Undoes what [`accept_with_pool`] did.
pub fn stop_accepting_with_pool(location: &str, pool: &str) -> Vec<Step> {
    vec![
        Step::run(
            c::appcmd_set_windows_auth(location, "/useAppPoolCredentials:", "false"),
            "let kernel mode open tickets with the computer account again",
        ),
        recycle(pool),
    ]
}

/// Gives IIS the password that the directory has for a pool's account (P9). The password goes in by hand: a command would
/// leave it in the history of the shell.
pub fn enter_pool_password(pool: &str, account: &str) -> Vec<Step> {
    vec![
        backup(),
        Step::by_hand(format!(
            "make sure that you have the password that Active Directory holds for {account} now"
        ))
        .stop_if(
            "nobody knows it, and a reset would break other places that use the account: find them first",
        ),
        Step::by_hand(format!(
            "in IIS Manager: Application Pools, {pool}, Advanced Settings, Identity, Set: enter {account} and its password"
        ))
        .risk("every start with a wrong password counts as a failed logon, and enough of them lock the account"),
    ]
}

/// Starts a pool that WAS has stopped, and looks whether its worker process stays.
pub fn start_pool(pool: &str) -> Step {
    Step::run(
        c::appcmd_start_pool(pool),
        format!("start {pool}; if WAS logs 5021, 5057 or 5059 again, the account is still refused"),
    )
}

/// That a pool runs again.
pub fn verify_pool(pool: &str) -> Vec<Step> {
    vec![
        Step::by_hand("browse to the application, so that its worker process starts"),
        Step::run(
            c::appcmd_list_workers(pool),
            format!("the list must hold a worker process of {pool}"),
        ),
        Step::by_hand(
            "the System log must show no new WAS 5021, 5057 or 5059, and the site must answer 200 or 401 instead of 503",
        ),
    ]
}

/// Unlocks an account, once nothing sends a wrong password any more.
pub fn unlock(account: c::Identity<'_>) -> Step {
    Step::run(
        c::unlock_ad_account(account),
        format!("unlock {}", account.name),
    )
    .stop_if("another machine still sends the old password: it locks the account again")
}

/// Puts the kept configuration back.
pub fn restore() -> Vec<Step> {
    vec![
        Step::run(
            c::appcmd_restore_backup("why401"),
            "restore the IIS configuration from the backup",
        )
        .risk("stops and starts IIS: every site is interrupted"),
    ]
}
