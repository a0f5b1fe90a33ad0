//! Texts that a test composes: configurations, setspn output and failed-request traces.

use crate::bundle::text::Text;

/// What a console showed, its lines as typed here: a carriage return inside a line stays in it.
pub(crate) fn console_text(content: &str) -> Text {
    Text {
        lines: content
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect(),
        ..Text::default()
    }
}

/// An applicationHost.config with the Windows Authentication role service, from its sites, pools and locations.
pub(crate) fn config(pools: &str, sites: &str, root_windows: &str, locations: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<configuration>
  <configSections>
    <sectionGroup name="system.applicationHost">
      <section name="applicationPools" allowDefinition="AppHostOnly" overrideModeDefault="Deny" />
      <section name="sites" allowDefinition="AppHostOnly" overrideModeDefault="Deny" />
    </sectionGroup>
    <sectionGroup name="system.webServer">
      <section name="globalModules" allowDefinition="AppHostOnly" overrideModeDefault="Deny" />
      <section name="modules" allowDefinition="MachineToApplication" overrideModeDefault="Allow" />
      <sectionGroup name="security">
        <section name="authorization" overrideModeDefault="Allow" />
        <sectionGroup name="authentication">
          <section name="anonymousAuthentication" overrideModeDefault="Deny" />
          <section name="basicAuthentication" overrideModeDefault="Deny" />
          <section name="windowsAuthentication" overrideModeDefault="Deny" />
        </sectionGroup>
      </sectionGroup>
    </sectionGroup>
  </configSections>
  <system.applicationHost>
    <applicationPools>{pools}<applicationPoolDefaults><processModel identityType="ApplicationPoolIdentity" /></applicationPoolDefaults></applicationPools>
    <sites>{sites}</sites>
  </system.applicationHost>
  <system.webServer>
    <globalModules>
      <add name="AnonymousAuthenticationModule" image="%windir%\System32\inetsrv\authanon.dll" />
      <add name="WindowsAuthenticationModule" image="%windir%\System32\inetsrv\authsspi.dll" />
    </globalModules>
    <security><authentication>
      <anonymousAuthentication enabled="false" userName="IUSR" />
      {root_windows}
    </authentication></security>
  </system.webServer>
  <location path="" overrideMode="Allow"><system.webServer><modules>
    <add name="AnonymousAuthenticationModule" lockItem="true" />
    <add name="WindowsAuthenticationModule" lockItem="false" />
  </modules></system.webServer></location>
  {locations}
</configuration>"#
    )
}

/// A site with one binding and one root application.
pub(crate) fn site(name: &str, binding: &str, pool: &str) -> String {
    let protocol = if binding.contains(":443:") {
        "https"
    } else {
        "http"
    };
    format!(
        r#"<site name="{name}" id="7"><application path="/" applicationPool="{pool}"><virtualDirectory path="/" physicalPath="D:\sites\{name}" /></application><bindings><binding protocol="{protocol}" bindingInformation="{binding}" /></bindings></site>"#
    )
}

/// A pool that runs as an account.
pub(crate) fn pool(name: &str, user: &str) -> String {
    format!(
        r#"<add name="{name}"><processModel identityType="SpecificUser" userName="{user}" password="[enc:IISWASOnlyAesProvider:abc:enc]" /></add>"#
    )
}

/// Windows authentication with these attributes and the installed providers.
pub(crate) fn windows(attributes: &str) -> String {
    format!(
        r#"<windowsAuthentication {attributes}><providers><add value="Negotiate" /><add value="NTLM" /></providers></windowsAuthentication>"#
    )
}

/// `setspn -F -Q` that finds holders: (DN, its SPNs).
pub(crate) fn query(spn: &str, holders: &[(&str, &[&str])]) -> String {
    let mut text = format!("C:\\>setspn -F -Q {spn}\nChecking forest DC=corp,DC=example\n");
    for (dn, spns) in holders {
        text.push_str(&format!("{dn}\n"));
        for spn in *spns {
            text.push_str(&format!("        {spn}\n"));
        }
    }
    text.push_str(if holders.is_empty() {
        "\nNo such SPN found.\n"
    } else {
        "\nExisting SPN found!\n"
    });
    text
}

/// A failed-request trace of WEB01: the URL, the number of the site, and its events with their values.
pub(crate) fn trace(url: &str, site: u32, events: &[(&str, &[(&str, &str)])]) -> String {
    let event = |(opcode, values): &(&str, &[(&str, &str)])| {
        let value = |(name, value): &(&str, &str)| format!("<Data Name=\"{name}\">{value}</Data>");
        let values: String = values.iter().map(value).collect();
        format!(
            "<Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\"><System><TimeCreated SystemTime=\"2026-03-02T08:00:00.467Z\"/><Computer>WEB01</Computer></System><EventData>{values}</EventData><RenderingInfo><Opcode>{opcode}</Opcode></RenderingInfo></Event>\n"
        )
    };
    let events: String = events.iter().map(event).collect();
    format!(
        "<failedRequest url=\"{url}\" siteId=\"{site}\" verb=\"GET\" statusCode=\"401.1\">\n{events}</failedRequest>\n"
    )
}
