//! Tables and lists of the cmdlets of IIS.

use super::*;

#[test]
fn sites_whose_columns_wrap() {
    let found = states(concat!(
        "PS C:\\> Get-Website\n\n",
        "Name             ID   State      Physical Path                  Bindings\n",
        "----             --   -----      -------------                  --------\n",
        "Default Web Site 1    Started    %SystemDrive%\\inetpub\\wwwroot  http *:80:\n",
        "                                                                net.tcp 808:*\n",
        "Portal of the    1696 Started    D:\\portal                      https *:443:portal.corp.example s\n",
        "finance team     5705                                           slFlags=1\n",
        "                 67                                             http 10.0.0.5:8080:\n",
        "Files            4                 D:\\ftp                       ftp *:21:\n",
        "\n",
    ));
    assert_eq!(
        found,
        [
            site(
                "Default Web Site",
                1,
                Some("Started"),
                &[("http", "*:80:"), ("net.tcp", "808:*")]
            ),
            site(
                "Portal of the finance team",
                1_696_570_567,
                Some("Started"),
                &[
                    ("https", "*:443:portal.corp.example"),
                    ("http", "10.0.0.5:8080:")
                ]
            ),
            site("Files", 4, None, &[("ftp", "*:21:")]),
        ]
    );
}

#[test]
fn tables_of_applications_pools_and_bindings() {
    let found = states(concat!(
        "PS C:\\> Get-WebApplication -Site Intranet\n\n",
        "Name             Application pool   Protocols    Physical Path\n",
        "----             ----------------   ---------    -------------\n",
        "hr               HumanResources     http         D:\\hr\n",
        "                 Pool\n\n",
        "PS C:\\> Get-IISAppPool\n\n",
        "Name                 Status       CLR Ver  Pipeline Mode  Start Mode\n",
        "----                 ------       -------  -------------  ----------\n",
        "DefaultAppPool       Started      v4.0     Integrated     OnDemand\n\n",
        "PS C:\\> Get-WebBinding -Name 'Intranet'\n\n",
        "protocol bindingInformation         sslFlags\n",
        "-------- ------------------         --------\n",
        "https    *:443:intranet.corp.example        1\n\n",
        "PS C:\\> dir IIS:\\AppPools\n\n",
        "Name                     State        Applications\n",
        "----                     -----        ------------\n",
        "Api                      Stopped      Intranet\n",
        "                                      /api\n\n",
    ));
    let pool = |name: &str, state: &str| Pool {
        name: name.into(),
        state: Some(state.into()),
        ..Pool::default()
    };
    assert_eq!(
        found,
        [
            application(Some("Intranet"), "/hr", "HumanResources Pool"),
            IisState::Pool(Pool {
                runtime: Some("v4.0".into()),
                pipeline: Some("Integrated".into()),
                ..pool("DefaultAppPool", "Started")
            }),
            IisState::Site(Site {
                name: "Intranet".into(),
                bindings: pairs(&[("https", "*:443:intranet.corp.example")]),
                ..Site::default()
            }),
            IisState::Pool(pool("Api", "Stopped")),
        ]
    );
}

#[test]
fn values_whose_meaning_the_command_tells() {
    let ask = "Get-WebConfigurationProperty -Filter system.webServer/security/authentication/windowsAuthentication -PSPath 'MACHINE/WEBROOT/APPHOST' -Location 'Intranet/hr'";
    let output = format!(
        "PS C:\\> {ask} -Name enabled\n\nValue\n-----\nTrue\n\nPS C:\\> ({ask} -Name useKernelMode).Value\nFalse\nPS C:\\> {ask} -Name useAppPoolCredentials\n\nIsInheritedFromDefaultValue : True\nName                        : useAppPoolCredentials\nValue                       : False\n\nPS C:\\> {ask} -Name providers.Collection | select value\n\nvalue\n-----\nNegotiate\nNTLM\n\nPS C:\\> Get-WebAppPoolState -Name Api\n\nValue\n-----\nStopped\n"
    );
    let place = Some("Intranet/hr");
    assert_eq!(
        states(&output),
        [
            setting("enabled", &["True"], place, None),
            setting("useKernelMode", &["False"], place, None),
            setting("useAppPoolCredentials", &["False"], place, Some(true)),
            setting("providers", &["Negotiate", "NTLM"], place, None),
            IisState::Pool(Pool {
                name: "Api".into(),
                state: Some("Stopped".into()),
                ..Pool::default()
            }),
        ]
    );
}

#[test]
fn a_section_as_a_list_tells_where_it_holds() {
    let found = states(concat!(
        "SectionPath              : /system.webServer/security/authentication/windowsAuthentication\n",
        "PSPath                   : MACHINE/WEBROOT/APPHOST\n",
        "Location                 : Intranet\n",
        "enabled                  : True\n",
        "useKernelMode            : False\n\n",
    ));
    assert_eq!(
        found,
        [
            setting("enabled", &["True"], Some("Intranet"), None),
            setting("useKernelMode", &["False"], Some("Intranet"), None),
        ]
    );
}
