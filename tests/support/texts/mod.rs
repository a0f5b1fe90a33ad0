//! Console output as customers send it: setspn, klist, nslookup, in the language and the encoding of their machine.
//!
//! Only wordings that were seen are written (`formats.md` 1 and 2). Asking for one that nobody has seen panics and
//! says so: a fixture must not teach the readers an invented sentence.

pub mod event_list;
pub mod exchange;
pub mod http_sys;
pub mod klist;
pub mod machine;
pub mod nslookup;
pub mod objects;
pub mod requests;
pub mod setspn;
pub mod token;
pub mod web_log;

use std::fmt::Write as _;

use super::directory::{Domain, Host};

/// Display language of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// German.
    German,
    /// French.
    French,
    /// Spanish.
    Spanish,
    /// Russian.
    Russian,
    /// Chinese, simplified.
    Chinese,
    /// Japanese.
    Japanese,
}

/// How a text file is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 (pwsh 7, editors).
    Utf8,
    /// UTF-8 with a byte order mark.
    Utf8Bom,
    /// UTF-16LE with a byte order mark: `>` and `Out-File` of Windows PowerShell.
    Utf16,
    /// UTF-16LE without a byte order mark.
    Utf16NoBom,
    /// OEM code page 437, `cmd >` in the United States.
    Oem437,
    /// OEM code page 850, `cmd >` in western Europe.
    Oem850,
    /// OEM code page 866, `cmd >` in Russia.
    Oem866,
    /// Windows-1252, `Set-Content`.
    Windows1252,
    /// UTF-16LE with mark, and OEM 850 from the last heading of `=` signs on: a script wrote its headings with
    /// `Out-File -Append` and the output with `cmd /c … >>`.
    Utf16ThenOem850,
}

/// Text, with LF line ends, into the bytes of a file with CRLF line ends.
pub fn encode(text: &str, encoding: Encoding) -> Vec<u8> {
    let text = text.replace("\r\n", "\n").replace('\n', "\r\n");
    match encoding {
        Encoding::Utf8 => text.into_bytes(),
        Encoding::Utf8Bom => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        Encoding::Utf16 => [vec![0xff, 0xfe], utf16(&text)].concat(),
        Encoding::Utf16NoBom => utf16(&text),
        Encoding::Oem437 => {
            oem_cp::encode_string_lossy(&text, &oem_cp::code_table::ENCODING_TABLE_CP437)
        }
        Encoding::Oem850 => {
            oem_cp::encode_string_lossy(&text, &oem_cp::code_table::ENCODING_TABLE_CP850)
        }
        Encoding::Oem866 => {
            oem_cp::encode_string_lossy(&text, &oem_cp::code_table::ENCODING_TABLE_CP866)
        }
        Encoding::Windows1252 => encoding_rs::WINDOWS_1252.encode(&text).0.into_owned(),
        Encoding::Utf16ThenOem850 => {
            let heading = text
                .match_indices("=\r\n")
                .last()
                .map_or(0, |(at, mark)| at + mark.len());
            let (wide, narrow) = text.split_at(heading);
            [
                encode(wide, Encoding::Utf16),
                oem_cp::encode_string_lossy(narrow, &oem_cp::code_table::ENCODING_TABLE_CP850),
            ]
            .concat()
        }
    }
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Who typed the commands, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// `C:\Windows\system32>`
    Cmd,
    /// `PS C:\Users\adm.kim>`
    PowerShell,
    /// `[WEB01]: PS C:\Users\adm.kim\Documents>`
    Remote(String),
    /// No prompt and no echo: the output alone.
    None,
    /// A heading of `=` signs, as collecting scripts write.
    Heading,
}

/// Commands and their output, one after the other, as a console shows them.
#[derive(Clone, Debug)]
pub struct Transcript {
    prompt: Prompt,
    text: String,
}

impl Transcript {
    /// An empty console.
    pub fn new(prompt: Prompt) -> Self {
        Self {
            prompt,
            text: String::new(),
        }
    }

    /// A command and what it printed. Empty output: it failed to stderr, or was not captured.
    pub fn run(mut self, command: &str, output: &str) -> Self {
        let line = "=".repeat(command.len().max(24));
        let echo = match &self.prompt {
            Prompt::Cmd => format!("C:\\Windows\\system32>{command}\n"),
            Prompt::PowerShell => format!("PS C:\\Users\\adm.kim> {command}\n"),
            Prompt::Remote(host) => {
                format!("[{host}]: PS C:\\Users\\adm.kim\\Documents> {command}\n")
            }
            Prompt::None => String::new(),
            Prompt::Heading => format!("{line}\n{command}\n{line}\n"),
        };
        let _ = write!(self.text, "{echo}{output}");
        if !output.ends_with("\n\n") {
            self.text.push('\n');
        }
        self
    }

    /// A line typed by nobody's command: a remark, a banner.
    pub fn remark(mut self, line: &str) -> Self {
        let _ = writeln!(self.text, "{line}");
        self
    }

    /// The text, with LF line ends.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of the file.
    pub fn encode(&self, encoding: Encoding) -> Vec<u8> {
        encode(&self.text, encoding)
    }
}

/// `ipconfig /all`, the lines that matter.
pub fn ipconfig(host: &Host) -> String {
    format!(
        "\nWindows IP Configuration\n\n   Host Name . . . . . . . . . . . . : {}\n   \
         Primary Dns Suffix  . . . . . . . : {}\n   Node Type . . . . . . . . . . . . : Hybrid\n   \
         IP Routing Enabled. . . . . . . . : No\n\nEthernet adapter Ethernet0:\n\n   \
         IPv4 Address. . . . . . . . . . . : {}(Preferred)\n   \
         Subnet Mask . . . . . . . . . . . : 255.255.255.0\n",
        host.name, host.domain.dns, host.ip
    )
}

/// `nltest /sc_verify:DOMAIN`; `status` is the Win32 code, 0 for healthy, 5 for access denied.
pub fn nltest_sc_verify(domain: &Domain, dc: &Host, status: u32) -> String {
    let name = match status {
        0 => "NERR_Success",
        5 => "ERROR_ACCESS_DENIED",
        1311 => "ERROR_NO_LOGON_SERVERS",
        1355 => "ERROR_NO_SUCH_DOMAIN",
        1786 => "ERROR_NO_TRUST_LSA_SECRET",
        1787 => "ERROR_NO_TRUST_SAM_ACCOUNT",
        other => panic!("no name known for Win32 error {other}"),
    };
    let server = if status == 0 {
        format!("\\\\{}.{}", dc.name, domain.dns)
    } else {
        String::new()
    };
    format!(
        "Flags: b0 HAS_IP  HAS_TIMESERV\nTrusted DC Name {server}\n\
         Trusted DC Connection Status Status = {status} 0x{status:x} {name}\n\
         Trust Verification Status = {status} 0x{status:x} {name}\nThe command completed successfully\n"
    )
}
