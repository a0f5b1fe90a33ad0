//! What commands print, and what only looks like it.

use super::*;
use crate::bundle::{AHEAD, Tool};

#[test]
fn console_output_in_any_language() {
    for text in [
        "C:\\>setspn -L svc\r\n",
        "C:\\>nslookup web.corp.example\r\n",
        "PS C:\\> Resolve-DnsName web.corp.example\r\n",
        "[web01]: PS C:\\Users\\bob> & 'C:\\Windows\\System32\\klist.exe' tickets\r\n",
        "> klist\r\n",
        "PS > setspn.exe /q http/x\r\n",
        "klist tickets\r\n",
        "C:\\>nslookup portal.corp.test\r\nServer:  dc1.corp.test\r\n",
        "PS C:\\> Resolve-DnsName -Name portal -Type CNAME\r\n",
        "CN=svc,CN=Users,DC=corp,DC=test\r\n\r\n\tHTTP/web\r\n",
        "Noms ServicePrincipalName inscrits pour CN=svc,DC=corp,DC=test:\r\n        HTTP/web:80\r\n",
        "Die Domäne \"DC=corp,DC=test\" wird überprüft.\r\n\r\nEs wurde kein solcher SPN gefunden.\r\n",
        "Vérification du domaine DC=corp,DC=test\r\nTraitement de l'entrée 0\r\n0 groupe de SPN en double détectés.\r\n",
        "ドメイン DC=corp,DC=test を確認しています\r\n\r\n既存の SPN が見つかりました\r\n",
        "found 2 groups of duplicate SPNs.\r\n",
        "#0>     Клиент: bob @ CORP.TEST\r\n",
        "        Marcas de vale 0x40e10000 -> forwardable renewable\r\n",
        "Aktuelle Anmelde-ID ist 0:0x3e7\r\n",
        "klist failed with 0xc000018b/-1073741429: …\r\n",
        "Ticket cache: FILE:/tmp/krb5cc_0\r\n",
        "Credentials cache: API:501\r\n",
        "klist: No credentials cache found\r\n",
        "*   Trying 192.0.2.20:80...\r\n* Connected to web.corp.test (192.0.2.20) port 80 (#0)\r\n",
        "* Host web.corp.test:80 was resolved.\r\n",
        "> GET /a HTTP/1.1\r\n> Host: web.corp.test\r\n>\r\n< HTTP/1.1 401 Unauthorized\r\n",
        "< HTTP/1.1 401 Unauthorized\r\n< WWW-Authenticate: Negotiate\r\n",
        "C:\\>curl -v http://web.corp.test/\r\n",
    ] {
        assert_eq!(kind_of(text), Kind::Console, "{text}");
    }
}

#[test]
fn the_state_of_machines_in_any_language() {
    for text in [
        "C:\\> ipconfig /all\r\n\r\n   IPv4 Address. . . : 10.0.0.1\r\n",
        "   Nom de l'hôte . . . . . . : WEB01\r\n   Suffixe DNS principal . . . : corp.test\r\n",
        "Hostname:      WEB01\r\nBetriebssystemname:   Microsoft Windows Server 2019\r\nBetriebssystemversion:  10.0.17763 Build 17763\r\n",
        "Indicateurs : 30 HAS_IP\r\nNom \\\\DC1\r\nÉtat = 0 0x0 NERR_Success\r\n",
        "10:20:00, +00,0206779s\r\n",
        "Source  Description  HotFixID  InstalledBy\r\n",
        "x: 2026/03/02 09:00:00 <UTC+01:00>\r\n",
        "w3wp.exe      4712 Services\r\n",
        "ALLUSERSPROFILE=C:\\ProgramData\r\nCOMPUTERNAME=WEB01\r\n",
        "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Lsa\r\n    X    REG_DWORD    0x1\r\n",
        "Windows Registry Editor Version 5.00\r\n\r\n[HKEY_LOCAL_MACHINE\\SOFTWARE]\r\n",
        "REGEDIT4\r\n",
        "X : 1\r\nPSPath : Microsoft.PowerShell.Core\\Registry::HKEY_LOCAL_MACHINE\\SYSTEM\r\n",
        "[Unicode]\r\nUnicode=yes\r\n",
        "Kategorie/Unterkategorie        Einstellung\r\nSystem\r\n  Systemintegrität       Erfolg\r\n",
        "WEB01,System,Anmelden,{0CCE9215-69AE-11D9-BED3-505054503030},Erfolg,,\r\n",
        "    Name . . : web\r\n    Type : 5\r\n    TTL . : 3599\r\n    Length : 8\r\n",
        "# This is a sample HOSTS file used by Microsoft TCP/IP for Windows.\r\n192.0.2.1 web\r\n",
    ] {
        assert_eq!(kind_of(text), Kind::Console, "{text}");
    }
    let entry = "03/02 08:00:01 [LOGON] [1234] CORP: SamLogon: Network logon of CORP\\uma from PC7 Entered\r\n";
    for text in [
        entry.to_owned(),
        entry.repeat(3),
        format!("{entry}    goes on\r\n{entry}"),
    ] {
        assert_eq!(kind_of(&text), Kind::NetlogonLog, "{text}");
    }
    for text in [
        "Summary:\r\n03/02 08:00:01 [LOGON] is what such a line looks like\r\n",
        "HKEY_LOCAL_MACHINE is a hive\r\n",
        "2026/03/02 09:00:00 all clocks show UTC\r\n",
        "w3wp.exe crashed again\r\n",
        "Category/Name    Value\r\nnothing of the kind\r\n",
        "Name: x\r\nKind: y z\r\nVersion: 10.0\r\n",
        "Source: WAS\r\nGenerated: 22.03.2026 08:00:01\r\nWritten: 22.03.2026 08:00:01\r\n",
        "set\r\n",
    ] {
        assert_eq!(kind_of(text), Kind::Text, "{text}");
    }
}

#[test]
fn other_text_is_not_console_output() {
    for text in [
        "Notes: run setspn on the DC, then look at the SPN.\r\n",
        "klist shows the tickets of this session\r\n",
        "nslookup of the alias answers with web01.corp.test\r\n",
        "Address 00:0c:29 and 12:0x1ffffffff0 are no sessions\r\n",
        "function f() { return a->b; }\r\n0x1 -> mapped\r\n",
        "\"ComputerName\",\"LogName\"\r\n\"WEB01\",\"Default Web Site\"\r\n",
        "* Trying harder\r\n> GET the file\r\n< HTTP is a protocol\r\n",
        "curl is not installed here\r\n",
    ] {
        assert_eq!(kind_of(text), Kind::Text, "{text}");
    }
}

#[test]
fn objects_of_the_directory_and_sessions() {
    for text in [
        "\r\nDistinguishedName : CN=svc,DC=corp,DC=test\r\nEnabled           : True\r\n",
        "AccountExpirationDate : \r\naccountExpires        : 0\r\nSamAccountName        : svc\r\n",
        "dn: CN=svc,DC=corp,DC=test\r\nchangetype: add\r\n",
        "dn:: Q049c3ZjLERDPWNvcnA=\r\nobjectClass: user\r\n",
        "DN,objectClass,sAMAccountName\r\n\"CN=svc,DC=corp,DC=test\",user,svc\r\n",
        "\"DistinguishedName\",\"Enabled\",\"SamAccountName\"\r\n",
        "  sAMAccountName    servicePrincipalName\r\n  svc               HTTP/web\r\n",
        "SamAccountName Enabled\r\n-------------- -------\r\nsvc            True\r\n",
        "DN: CN=svc,DC=corp,DC=test\r\n    1> cn: svc\r\n",
        "[\r\n    {\r\n        \"SamAccountName\":  \"svc\"\r\n",
        "PS C:\\> Get-ADUser svc\r\n",
        "Benutzername SID\r\n============ ========================\r\ncorp\\uma     S-1-5-21-1-2-3-1104\r\n",
        "Nom de privilège     Description\r\n==================== ===========\r\nSeShutdownPrivilege  Arrêter\r\n",
        "\"User Name\",\"SID\"\r\n\"corp\\uma\",\"S-1-5-21-1-2-3-1104\"\r\n",
        "Betriebssystem Microsoft (R) Windows (R) Gruppenrichtlinienergebnis-Tool v2.0\r\n",
    ] {
        assert_eq!(kind_of(text), Kind::Console, "{text}");
    }
    for text in [
        "Name    : Default Web Site\r\nEnabled : True\r\nState   : Started\r\n",
        "dn: the distinguished name\r\n",
        "DN,street,city\r\n1,2,3\r\n",
        "Name State\r\n---- -----\r\nPool Started\r\n",
        "{\r\n  \"name\": \"web\",\r\n  \"enabled\": true\r\n}\r\n",
        "Title Text\r\n===== =====\r\nwords S-1-a\r\n",
        "\"a\",\"b\"\r\n\"c\",\"d\"\r\n",
        "the userPrincipalName : of a user\r\n",
    ] {
        assert_eq!(kind_of(text), Kind::Text, "{text}");
    }
}

#[test]
fn the_state_of_iis_and_http_sys_in_any_encoding() {
    for text in [
        "SITE \"Web\" (id:1,bindings:http/*:80:,state:Started)\r\n",
        "WP \"12\" (apppool:Web)\r\n",
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<appcmd>\r\n</appcmd>\r\n",
        "APPPOOL\r\n  APPPOOL.NAME:\"Web\"\r\n",
        "Name  ID  State  Physical Path  Bindings\r\n----  --  -----  -------------  --------\r\n",
        "SectionPath : /system.webServer/security/authentication/windowsAuthentication\r\n",
        "\"ComputerName\",\"LogName\",\"Product\",\"Location\",\"TypeInfo\"\r\n",
        "LogCatcherV3.5\r\n",
        "Name der Anforderungswarteschlange: Web\r\n    Version: 2.0\r\n",
        "    Reservierte URL : http://*:80/\r\n        Benutzer: CORP\\svc\r\n",
        "    IP:Port : 0.0.0.0:443\r\n    Hash : 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b\r\n",
    ] {
        assert_eq!(kind_of(text), Kind::Console, "{text}");
    }
}

#[test]
fn look_alikes_of_iis_state_are_none() {
    for text in [
        "SITE \"Web\" is down again, see (id: 12)\r\n",
        "SITE\r\n  is down\r\n",
        "Name  State\r\n----  -----\r\nx     y\r\n",
        "SectionPath is the name of a property\r\n",
        "Version: 2.0\r\n    Version: x\r\n",
        "see : http://www.example/\r\nno account here\r\n",
        "sitename;applicationpool\r\n",
    ] {
        assert_eq!(kind_of(text), Kind::Text, "{text}");
    }
}

#[test]
fn no_tool_is_told_by_lines_far_ahead() {
    let first = "TimeCreated : 5/7/2024 8:00:00 AM";
    let rest = ["Id          : 4", "Message     : x"];
    for (between, told) in [(AHEAD - 3, Some(Tool::Events)), (AHEAD - 2, None)] {
        let mut lines = vec![first];
        lines.resize(1 + between, "x");
        lines.extend(rest);
        assert_eq!(Tool::opened_by(&lines), told, "{between} lines between");
    }
}
