//! `netsh http show …` and what appcmd lists (`formats.md` 5.2 and 6).

/// `netsh http show servicestate`: a request queue for each pool, with its URL.
pub fn service_state(pools: &[(&str, &str)]) -> String {
    let mut text = String::from(
        "\nSnapshot of HTTP service state (Request Queue View):\n-----------------------------------------------------\n\n\
         Request queue name: Request queue is unnamed.\n    Version: 1.0\n    State: Active\n    Request queue 503 verbosity level: Limited\n    Max requests: 1000\n\
         Number of active processes attached: 1\n    Process IDs:\n        1044\n\n    URL group ID: FE00000240000001\n        State: Active\n        Request queue name: Request queue is unnamed.\n\
         Number of registered URLs: 1\n        Registered URLs:\n            HTTP://+:5985/WSMAN/\n\n",
    );
    for (number, (pool, url)) in pools.iter().enumerate() {
        text += &format!(
            "Request queue name: {pool}\n    Version: 2.0\n    State: Active\n    Request queue 503 verbosity level: Limited\n    Max requests: 1000\n    Number of active processes attached: 1\n\
             Controller process ID: 2400\n    Process IDs:\n        {}\n\n    URL group ID: FF0000012000000{number}\n        State: Active\n        Request queue name: {pool}\n\
             Number of registered URLs: 1\n        Registered URLs:\n            {url}\n\n",
            5_800 + number * 12
        );
    }
    text
}

/// `netsh http show sslcert`: one certificate for every address.
pub fn ssl_cert() -> String {
    "\nSSL Certificate bindings:\n-------------------------\n\n    IP:port                      : 0.0.0.0:443\n    Certificate Hash             : 5a1e0c7d3b9f24688201c4d75e96af10b2837c4d\n\
     Application ID               : {4dc3e181-e14b-4a21-b022-59fc669b0914}\n    Certificate Store Name       : My\n    Verify Client Certificate Revocation : Enabled\n    Negotiate Client Certificate : Disabled\n\n".into()
}

/// `netsh http show urlacl`.
pub fn url_acl() -> String {
    "\nURL Reservations:\n-----------------\n\n    Reserved URL            : http://+:80/Temporary_Listen_Addresses/\n        User: \\Everyone\n            Listen: Yes\n            Delegate: No\n            SDDL: D:(A;;GX;;;WD)\n\n".into()
}

/// A site, its id, its binding, its pool.
pub type Listed<'a> = (&'a str, u32, &'a str, &'a str);

/// `appcmd list site`, `apppool`, `app`, one after the other without headings.
pub fn appcmd(sites: &[Listed<'_>]) -> String {
    let mut text = String::new();
    for (site, id, binding, _) in sites {
        text += &format!("SITE \"{site}\" (id:{id},bindings:{binding},state:Started)\n");
    }
    for (_, _, _, pool) in sites {
        text += &format!("APPPOOL \"{pool}\" (MgdVersion:v4.0,MgdMode:Integrated,state:Started)\n");
    }
    for (site, _, _, pool) in sites {
        text += &format!("APP \"{site}/\" (applicationPool:{pool})\n");
    }
    for (number, (_, _, _, pool)) in sites.iter().enumerate() {
        text += &format!("WP \"{}\" (applicationPool:{pool})\n", 5_800 + number * 12);
    }
    text
}
