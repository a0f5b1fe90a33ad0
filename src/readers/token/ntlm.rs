//! NTLM messages: names and what was negotiated. Challenges, responses and keys are skipped (\[MS-NLMP\] section 2.2).

use super::name;

/// A message of NTLM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NtlmMessage {
    /// Type 1: the client begins.
    Negotiate(NtlmNegotiate),
    /// Type 2: the server challenges.
    Challenge(NtlmChallenge),
    /// Type 3: the client answers.
    Authenticate(NtlmAuthenticate),
}

/// Type 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NtlmNegotiate {
    /// Negotiate flags.
    pub flags: u32,
    /// The client's domain or workgroup, where it says so.
    pub domain: Option<String>,
    /// The client's name, where it says so.
    pub workstation: Option<String>,
    /// The client's Windows.
    pub windows: Option<WindowsVersion>,
}

/// Type 2.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NtlmChallenge {
    /// Negotiate flags.
    pub flags: u32,
    /// The server's domain, or its own name where it is in none.
    pub target: Option<String>,
    /// The names of the server that validates.
    pub names: NtlmNames,
    /// The server's Windows.
    pub windows: Option<WindowsVersion>,
}

/// Type 3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NtlmAuthenticate {
    /// Negotiate flags.
    pub flags: u32,
    /// The user's domain.
    pub domain: Option<String>,
    /// The user.
    pub user: Option<String>,
    /// The client's name.
    pub workstation: Option<String>,
    /// Which NTLM it is.
    pub response: NtlmResponse,
    /// What the client knows of the server, where the response holds it (NTLMv2).
    pub names: NtlmNames,
    /// The client's Windows.
    pub windows: Option<WindowsVersion>,
}

/// Which kind of response an answer holds, by its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NtlmResponse {
    /// None: an anonymous logon.
    Anonymous,
    /// NTLM, 24 bytes.
    V1,
    /// NTLMv2, longer.
    V2,
    /// A length that no version has.
    Odd,
}

/// The names in a list of attribute-value pairs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NtlmNames {
    /// NetBIOS name of the server's domain.
    pub netbios_domain: Option<String>,
    /// NetBIOS name of the server.
    pub netbios_computer: Option<String>,
    /// DNS name of the server's domain.
    pub dns_domain: Option<String>,
    /// DNS name of the server.
    pub dns_computer: Option<String>,
    /// DNS name of the server's forest.
    pub forest: Option<String>,
    /// The SPN that the client meant (`MsvAvTargetName`); in a type 3 only.
    pub target_spn: Option<String>,
    /// Whether the client bound its answer to the TLS channel; in a type 3 only.
    pub channel_binding: Option<ChannelBinding>,
}

/// Whether an answer is bound to the TLS channel (`MsvAvChannelBindings`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChannelBinding {
    /// It is.
    Present,
    /// All zeros: the client saw no TLS channel, or its application does not bind.
    Zero,
}

/// The Windows that sent a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowsVersion {
    /// Major and minor number.
    pub version: (u8, u8),
    /// The build.
    pub build: u16,
}

const SIGNATURE: &[u8] = b"NTLMSSP\0";
const UNICODE: u32 = 0x1;
const VERSION: u32 = 0x0200_0000;
/// Pairs looked at in one list.
const PAIRS: usize = 32;

pub(super) fn read(bytes: &[u8]) -> Option<NtlmMessage> {
    let kind = long(bytes.strip_prefix(SIGNATURE)?, 0)?;
    match kind {
        1 => Some(NtlmMessage::Negotiate(negotiate(bytes))),
        2 => Some(NtlmMessage::Challenge(challenge(bytes))),
        3 => Some(NtlmMessage::Authenticate(authenticate(bytes))),
        _ => None,
    }
}

fn negotiate(bytes: &[u8]) -> NtlmNegotiate {
    let flags = long(bytes, 12).unwrap_or(0);
    // Names stand in the code page of the client here, whatever the flags say.
    let text = |at| field(bytes, at).and_then(|bytes| text(bytes, false));
    NtlmNegotiate {
        flags,
        domain: text(16),
        workstation: text(24),
        windows: windows(bytes, 32, flags),
    }
}

fn challenge(bytes: &[u8]) -> NtlmChallenge {
    let flags = long(bytes, 20).unwrap_or(0);
    NtlmChallenge {
        flags,
        target: field(bytes, 12).and_then(|bytes| text(bytes, flags & UNICODE != 0)),
        names: field(bytes, 40).map(names).unwrap_or_default(),
        windows: windows(bytes, 48, flags),
    }
}

fn authenticate(bytes: &[u8]) -> NtlmAuthenticate {
    let flags = long(bytes, 60).unwrap_or(UNICODE);
    let text = |at| field(bytes, at).and_then(|bytes| text(bytes, flags & UNICODE != 0));
    // The length is judged as declared: a log may have cut the response itself.
    let response = match short(bytes, 20) {
        Some(0) => NtlmResponse::Anonymous,
        Some(24) => NtlmResponse::V1,
        Some(25..) => NtlmResponse::V2,
        _ => NtlmResponse::Odd,
    };
    // 16 bytes of proof and 28 of the client's challenge stand before the pairs.
    let pairs = match response {
        NtlmResponse::V2 => field(bytes, 20).and_then(|response| response.get(44..)),
        _ => None,
    };
    NtlmAuthenticate {
        flags,
        domain: text(28),
        user: text(36),
        workstation: text(44),
        response,
        names: pairs.map(names).unwrap_or_default(),
        windows: windows(bytes, 64, flags),
    }
}

fn names(mut pairs: &[u8]) -> NtlmNames {
    let mut names = NtlmNames::default();
    for _ in 0..PAIRS {
        let (Some(id @ 1..), Some(length)) = (short(pairs, 0), short(pairs, 2)) else {
            break;
        };
        let rest = pairs.get(4..).unwrap_or_default();
        let Some((value, after)) = rest.split_at_checked(usize::from(length)) else {
            break;
        };
        pairs = after;
        let slot = match id {
            1 => &mut names.netbios_computer,
            2 => &mut names.netbios_domain,
            3 => &mut names.dns_computer,
            4 => &mut names.dns_domain,
            5 => &mut names.forest,
            9 => &mut names.target_spn,
            10 => {
                let zero = value.iter().all(|byte| *byte == 0);
                names.channel_binding = Some(if zero {
                    ChannelBinding::Zero
                } else {
                    ChannelBinding::Present
                });
                continue;
            }
            _ => continue,
        };
        *slot = text(value, true);
    }
    names
}

/// What a field of a message points to: length, allocated length, offset.
fn field(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let length = usize::from(short(bytes, at)?);
    let start = usize::try_from(long(bytes, at.checked_add(4)?)?).ok()?;
    bytes.get(start..start.checked_add(length)?)
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn windows(bytes: &[u8], at: usize, flags: u32) -> Option<WindowsVersion> {
    let [major, minor, ..] = *bytes.get(at..)?.first_chunk::<8>()?;
    let build = short(bytes, at + 2)?;
    (flags & VERSION != 0 && build != 0).then_some(WindowsVersion {
        version: (major, minor),
        build,
    })
}

/// Text in UTF-16, or in a code page of which the letters that names share with ASCII are kept.
fn text(bytes: &[u8], unicode: bool) -> Option<String> {
    let text = if unicode {
        let units = bytes.chunks_exact(2).filter_map(|unit| short(unit, 0));
        let letters = char::decode_utf16(units);
        letters
            .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    } else {
        String::from_utf8_lossy(bytes).into_owned()
    };
    Some(name(&text)).filter(|name| !name.is_empty())
}
