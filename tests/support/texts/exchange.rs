//! Recorded exchanges: a failed-request trace of IIS (`formats.md` 4.5), a HAR file, `curl -v`.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use super::token;
use crate::support::directory::Host;
use crate::support::story::Visit;

const GENERAL: &str = "{D42CF7EF-DE92-473E-8B6C-621EA663113A}";
const AUTHENTICATION: &str = "{C33BBE8F-985B-4080-81E6-005F1A06B9E2}";
const MODULE: &str = "{002E91E3-E7AE-44AB-8E07-99230FFA6ADE}";

/// An event of a trace: its area, its name, its level, its values.
type Traced<'a> = (&'a str, &'a str, u8, Vec<(&'a str, &'a str)>);

/// A trace of a request that came with a token and was refused with this code.
pub fn refused_trace(
    time: Timestamp,
    visit: &Visit,
    site: u32,
    pool: &str,
    authorization: &[u8],
    code: u32,
) -> String {
    let host = visit.spn.split('/').nth(1).unwrap_or_default();
    let url = format!("http://{host}:80/default.aspx");
    let header = token::base64(authorization);
    let computer = &visit.server.name;
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\r\n<?xml-stylesheet type='text/xsl' href='freb.xsl'?>\r\n<!-- saved from url=(0014)about:internet -->\r\n\
         <failedRequest url=\"{url}\"\r\n               siteId=\"{site}\"\r\n               appPoolId=\"{pool}\"\r\n               processId=\"5812\"\r\n\
                        verb=\"GET\"\r\n               authenticationType=\"NOT_AVAILABLE\" activityId=\"{{00000000-0000-0000-1A00-0080010000F9}}\"\r\n\
                        failureReason=\"STATUS_CODE\"\r\n               statusCode=\"401.1\"\r\n               triggerStatusCode=\"401.1\"\r\n               timeTaken=\"32\"\r\n\
                        xmlns:freb=\"http://schemas.microsoft.com/win/2006/06/iis/freb\"\r\n               >\r\n"
    );
    let site = site.to_string();
    let decimal = code.to_string();
    let headers = format!(
        "Connection: keep-alive&#x000A;Accept: text/html&#x000A;Authorization: Negotiate {header}&#x000A;Host: {host}&#x000A;User-Agent: Mozilla/5.0&#x000A;"
    );
    let events: [Traced<'_>; 8] = [
        (
            GENERAL,
            "GENERAL_REQUEST_START",
            0,
            vec![
                ("SiteId", &site),
                ("AppPoolId", pool),
                ("ConnId", "1610612810"),
                ("RawConnId", "0"),
                ("RequestURL", &url),
                ("RequestVerb", "GET"),
            ],
        ),
        (
            GENERAL,
            "GENERAL_ENDPOINT_INFORMATION",
            4,
            vec![
                ("RemoteAddress", &visit.client.ip),
                ("RemotePort", "50123"),
                ("LocalAddress", &visit.server.ip),
                ("LocalPort", "80"),
            ],
        ),
        (
            GENERAL,
            "GENERAL_REQUEST_HEADERS",
            4,
            vec![("Headers", &headers)],
        ),
        (
            AUTHENTICATION,
            "AUTH_START",
            4,
            vec![("AuthTypeSupported", "4")],
        ),
        (
            AUTHENTICATION,
            "AUTH_SSPI_LOGON_FAILED",
            3,
            vec![("ErrorCode", &decimal)],
        ),
        (
            MODULE,
            "MODULE_SET_RESPONSE_ERROR_STATUS",
            3,
            vec![
                ("ModuleName", "WindowsAuthenticationModule"),
                ("Notification", "2"),
                ("HttpStatus", "401"),
                ("HttpReason", "Unauthorized"),
                ("HttpSubStatus", "1"),
                ("ErrorCode", &decimal),
                ("ConfigExceptionInfo", ""),
            ],
        ),
        (
            GENERAL,
            "GENERAL_RESPONSE_HEADERS",
            4,
            vec![(
                "Headers",
                "Content-Type: text/html&#x000A;WWW-Authenticate: Negotiate&#x000A;WWW-Authenticate: NTLM&#x000A;",
            )],
        ),
        (
            GENERAL,
            "GENERAL_REQUEST_END",
            0,
            vec![
                ("BytesSent", "6391"),
                ("BytesReceived", "2204"),
                ("HttpStatus", "401"),
                ("HttpSubStatus", "1"),
            ],
        ),
    ];
    for (number, (area, opcode, level, values)) in (0i64..).zip(events) {
        let at =
            (time + SignedDuration::from_millis(number * 4)).strftime("%Y-%m-%dT%H:%M:%S%.3fZ");
        let _ = write!(
            text,
            "<Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\">\r\n <System>\r\n  <Provider Name=\"WWW Server\" Guid=\"{{3A2A4E84-4C21-4981-AE10-3FDA0D9B0F83}}\"/>\r\n\
              <EventID>0</EventID>\r\n  <Version>1</Version>\r\n  <Level>{level}</Level>\r\n  <Opcode>{}</Opcode>\r\n  <Keywords>0x2</Keywords>\r\n\
              <TimeCreated SystemTime=\"{at}\"/>\r\n  <Correlation ActivityID=\"{{00000000-0000-0000-1A00-0080010000F9}}\"/>\r\n\
              <Execution ProcessID=\"5812\" ThreadID=\"9120\"/>\r\n  <Computer>{computer}</Computer>\r\n </System>\r\n <EventData>\r\n\
              <Data Name=\"ContextId\">{{00000000-0000-0000-1A00-0080010000F9}}</Data>\r\n",
            number + 1
        );
        for (name, value) in values {
            let _ = write!(text, "  <Data Name=\"{name}\">{value}</Data>\r\n");
        }
        let _ = write!(
            text,
            " </EventData>\r\n <RenderingInfo Culture=\"en-US\">\r\n  <Opcode>{opcode}</Opcode>\r\n </RenderingInfo>\r\n\
              <ExtendedTracingInfo xmlns=\"http://schemas.microsoft.com/win/2004/08/events/trace\">\r\n  <EventGuid>{area}</EventGuid>\r\n </ExtendedTracingInfo>\r\n</Event>\r\n"
        );
    }
    text + "</failedRequest>\r\n"
}

/// A HAR file of Edge with the two legs of a refused visit; sanitized, it holds no Authorization header.
pub fn har(time: Timestamp, visit: &Visit, authorization: Option<&[u8]>) -> String {
    let host = visit.spn.split('/').nth(1).unwrap_or_default();
    let entry = |after: i64, authorization: Option<&[u8]>| {
        let at = (time + SignedDuration::from_millis(after))
            .strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
            .to_string();
        let mut sent = vec![serde_json::json!({"name": "Host", "value": host})];
        if let Some(bytes) = authorization {
            let value = format!("Negotiate {}", token::base64(bytes));
            sent.push(serde_json::json!({"name": "Authorization", "value": value}));
        }
        serde_json::json!({
            "startedDateTime": at,
            "time": 31,
            "request": {"method": "GET", "url": format!("http://{host}/default.aspx"), "httpVersion": "HTTP/1.1", "headers": sent, "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 0},
            "response": {"status": 401, "statusText": "Unauthorized", "httpVersion": "HTTP/1.1", "headers": [
                {"name": "Server", "value": "Microsoft-IIS/10.0"},
                {"name": "WWW-Authenticate", "value": "Negotiate"},
                {"name": "WWW-Authenticate", "value": "NTLM"}], "cookies": [], "content": {"size": 1293, "mimeType": "text/html"}, "redirectURL": "", "headersSize": -1, "bodySize": 1293},
            "cache": {},
            "timings": {"send": 0, "wait": 30, "receive": 1},
            "serverIPAddress": visit.server.ip,
            "connection": "80"
        })
    };
    let har = serde_json::json!({"log": {"version": "1.2", "creator": {"name": "WebInspector", "version": "537.36"}, "pages": [],
        "entries": [entry(0, None), entry(40, authorization)]}});
    serde_json::to_string_pretty(&har).expect("plain values") + "\n"
}

/// `curl -v --negotiate -u : http://host/` that ends in 401.
pub fn curl(server: &Host, host: &str, authorization: &[u8]) -> String {
    format!(
        "*   Trying {ip}:80...\n* Connected to {host} ({ip}) port 80\n> GET / HTTP/1.1\n> Host: {host}\n> User-Agent: curl/8.9.1\n> Accept: */*\n> \n\
         < HTTP/1.1 401 Unauthorized\n< Content-Type: text/html\n< Server: Microsoft-IIS/10.0\n< WWW-Authenticate: Negotiate\n< WWW-Authenticate: NTLM\n< Content-Length: 1293\n< \n\
         * Ignoring the response-body\n* Connection #0 to host {host} left intact\n* Issue another request to this URL: 'http://{host}/'\n* Server auth using Negotiate with user ''\n\
         > GET / HTTP/1.1\n> Host: {host}\n> Authorization: Negotiate {header}\n> User-Agent: curl/8.9.1\n> Accept: */*\n> \n\
         < HTTP/1.1 401 Unauthorized\n< Server: Microsoft-IIS/10.0\n< WWW-Authenticate: Negotiate\n< WWW-Authenticate: NTLM\n< Content-Length: 1293\n< \n",
        ip = server.ip,
        header = token::base64(authorization),
    )
}
