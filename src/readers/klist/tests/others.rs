//! Caches of the Resource Kit's klist, MIT and Heimdal.

use super::*;

#[test]
fn resource_kit() {
    let cache = cache(
        "\nServer: HTTP/web.corp.example@CORP.EXAMPLE\n      KerbTicket Encryption Type: Kerberos DES-CBC-MD5\n      End Time: 6/5/2007 19:12:47\n      Renew Time: 6/12/2007 9:12:47\n",
    );
    let ticket = &cache.tickets[0];
    assert_eq!(
        (ticket.server.as_str(), ticket.server_realm.as_str()),
        ("HTTP/web.corp.example", "CORP.EXAMPLE")
    );
    assert_eq!(
        (ticket.etype_id, ticket.end),
        (Some(3), Some(date(2007, 6, 5).at(19, 12, 47, 0)))
    );
    assert!(!cache.complete);
}

#[test]
fn mit() {
    let content = |dates: [&str; 3]| {
        let [start, end, renew] = dates;
        format!(
            "$ klist -ef\nTicket cache: FILE:/tmp/krb5cc_1000\nDefault principal: uma@CORP.EXAMPLE\n\n\
             Valid starting       Expires              Service principal\n{start}  {end}  krbtgt/CORP.EXAMPLE@CORP.EXAMPLE\n\
             \trenew until {renew}, Flags: FRIA\n\tEtype (skey, tkt): aes256-cts-hmac-sha1-96, aes128-cts-hmac-sha1-96 , AD types: \n\
             {start}  {end}  HTTP/web.corp.example@\n\tTicket server: HTTP/web.corp.example@CORP.EXAMPLE\n\
             config: pa_type(krbtgt/CORP.EXAMPLE@CORP.EXAMPLE) = 2\n"
        )
    };
    let run = reading(&content([
        "02/27/2026 08:01:10",
        "02/27/2026 18:00:58",
        "03/06/2026 08:00:58",
    ]));
    assert_eq!(run.problems, []);
    assert_eq!(run.records[0].flavour, Flavour::Mit);
    assert_eq!(run.records[0].from.text.as_ref(), "klist -ef");
    let Shown::Cache(listed) = &run.records[0].shown else {
        panic!()
    };
    assert_eq!(
        (
            listed.principal.as_deref(),
            listed.tickets.len(),
            listed.complete
        ),
        (Some("uma@CORP.EXAMPLE"), 2, true)
    );
    let tgt = &listed.tickets[0];
    assert_eq!((tgt.client.as_str(), tgt.flags), ("uma", Some(0x40e0_0000)));
    assert_eq!(
        (tgt.etype.as_deref(), tgt.etype_id),
        (Some("aes128-cts-hmac-sha1-96"), Some(17))
    );
    assert_eq!(
        tgt.session_etype.as_deref(),
        Some("aes256-cts-hmac-sha1-96")
    );
    assert_eq!(
        tgt.renew,
        Some(date(2026, 3, 6).at(8, 0, 58, 0)),
        "another date of the cache proves the order"
    );
    assert_eq!(listed.tickets[1].server_realm, "CORP.EXAMPLE");

    let dotted = cache(&content([
        "27.02.2026 09.03.06",
        "27.02.2026 17.03.06",
        "06.03.2026 09.03.01",
    ]));
    assert_eq!(
        dotted.tickets[0].renew,
        Some(date(2026, 3, 6).at(9, 3, 1, 0))
    );
    let unclear = cache(&content([
        "02/07/22 10:15:32",
        "02/07/22 20:15:32",
        "02/08/22 10:15:32",
    ]));
    assert_eq!(
        (unclear.tickets.len(), unclear.tickets[0].start),
        (2, None),
        "either order fits"
    );
    let one_line = cache(
        "Ticket cache: FILE:/tmp/x\nDefault principal: a/admin@W\n\nValid starting     Expires            Service principal\n\
         05/17/17 08:38:01  05/18/17 08:38:01  krbtgt/W@W\n\trenew until 05/17/17 08:38:01, Etype (skey, tkt): arcfour-hmac, arcfour-hmac\n",
    );
    assert_eq!(one_line.tickets[0].etype_id, Some(23));
    assert_eq!(
        one_line.tickets[0].start,
        Some(date(2017, 5, 17).at(8, 38, 1, 0))
    );
    for none in [
        "klist: No credentials cache found (filename: /tmp/krb5cc_0)\n",
        "$ klist\nklist: No ticket file: /tmp/krb5cc_501\n",
    ] {
        let cache = cache(none);
        assert!(cache.tickets.is_empty() && cache.complete, "{none}");
    }
}

#[test]
fn an_unreadable_row_of_mit_leaves_the_cache_open() {
    let reading = reading(
        "Ticket cache: FILE:/tmp/x\nDefault principal: a@W\n\nValid starting     Expires            Service principal\nxyzzy\n",
    );
    assert!(matches!(&reading.records[0].shown, Shown::Cache(cache) if !cache.complete));
    assert_eq!(reading.problems.len(), 1);
}

#[test]
fn heimdal() {
    let listed = cache(
        "Credentials cache: API:8B2C\n        Principal: uma@CORP.EXAMPLE\n\n  Issued                Expires               Principal\n\
         Sep 26 13:55:46 2025  Sep 26 23:55:42 2025  krbtgt/CORP.EXAMPLE@CORP.EXAMPLE\nSep  6 13:55:46 2025  >>>Expired<<<  HTTP/web@CORP.EXAMPLE\n",
    );
    assert_eq!(
        listed.tickets[0].end,
        Some(date(2025, 9, 26).at(23, 55, 42, 0))
    );
    assert_eq!(
        (listed.tickets[1].server.as_str(), listed.tickets[1].end),
        ("HTTP/web", None)
    );
    let verbose = cache(
        "uma@mac ~ % klist -v\nCredentials cache: API:8B2C\n        Principal: uma@CORP.EXAMPLE\n    Cache version: 0\n\n\
         Server: HTTP/web@CORP.EXAMPLE\nClient: uma@CORP.EXAMPLE\nTicket etype: aes256-cts-hmac-sha1-96, kvno 5\nTicket length: 2748\n\
         Auth time:  Jul 28 14:48:15 2024\nStart time: Jul 28 16:48:24 2024\nEnd time:   Jul 29 16:48:17 2024\nRenew till: Aug  4 14:48:08 2024\n\
         Ticket flags: enc-pa-rep, pre-authent, initial, renewable, proxiable, forwardable\nAddresses: addressless\n",
    );
    let ticket = &verbose.tickets[0];
    assert_eq!(
        (ticket.kvno, ticket.etype_id, ticket.flags),
        (Some(5), Some(18), Some(0x50e1_0000))
    );
    assert_eq!(ticket.start, Some(date(2024, 7, 28).at(16, 48, 24, 0)));
    assert_eq!(ticket.renew, Some(date(2024, 8, 4).at(14, 48, 8, 0)));
}
