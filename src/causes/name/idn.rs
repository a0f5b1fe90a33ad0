//! International names as DNS and SPNs carry them: `bücher.example` is `xn--bcher-kva.example` (RFC 3492).

const BASE: u32 = 36;
const T_MIN: u32 = 1;
const T_MAX: u32 = 26;

/// A host name in the letters that DNS carries, in lower case. A label that is too long to be one stays as it is.
pub(in crate::causes) fn to_ascii(host: &str) -> String {
    let labels = host.split('.').map(|label| {
        let lower = label.to_lowercase();
        match encode(&lower) {
            Some(encoded) if !lower.is_ascii() => format!("xn--{encoded}"),
            _ => lower,
        }
    });
    labels.collect::<Vec<_>>().join(".")
}

/// Punycode of a label; `None` of one that no name can hold.
fn encode(label: &str) -> Option<String> {
    let points: Vec<u32> = label.chars().map(u32::from).collect();
    if points.len() > 63 {
        return None;
    }
    let mut out: String = label.chars().filter(char::is_ascii).collect();
    let basic = u32::try_from(out.len()).ok()?;
    let mut handled = basic;
    if basic > 0 {
        out.push('-');
    }
    let (mut n, mut delta, mut bias) = (128u32, 0u32, 72u32);
    while (handled as usize) < points.len() {
        let next = points.iter().copied().filter(|p| *p >= n).min()?;
        delta = delta.checked_add((next - n).checked_mul(handled + 1)?)?;
        n = next;
        for point in &points {
            if *point < n {
                delta = delta.checked_add(1)?;
            }
            if *point == n {
                write(&mut out, delta, bias);
                bias = adapt(delta, handled + 1, handled == basic);
                delta = 0;
                handled += 1;
            }
        }
        delta = delta.checked_add(1)?;
        n = n.checked_add(1)?;
    }
    Some(out)
}

fn write(out: &mut String, delta: u32, bias: u32) {
    let digit = |value: u32| {
        char::from_digit(value, BASE).map(|c| {
            if value < 26 {
                char::from(b'a' + value as u8)
            } else {
                char::from_digit(value - 26, 10).unwrap_or(c)
            }
        })
    };
    let (mut q, mut k) = (delta, BASE);
    loop {
        let t = k.saturating_sub(bias).clamp(T_MIN, T_MAX);
        if q < t {
            out.extend(digit(q));
            return;
        }
        out.extend(digit(t + (q - t) % (BASE - t)));
        q = (q - t) / (BASE - t);
        k += BASE;
    }
}

fn adapt(delta: u32, points: u32, first: bool) -> u32 {
    let mut delta = if first { delta / 700 } else { delta / 2 };
    delta += delta / points;
    let mut k = 0;
    while delta > ((BASE - T_MIN) * T_MAX) / 2 {
        delta /= BASE - T_MIN;
        k += BASE;
    }
    k + (BASE * delta) / (delta + 38)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_other_alphabets() {
        for (name, expected) in [
            ("bücher.example", "xn--bcher-kva.example"),
            ("MÜNCHEN.corp.example", "xn--mnchen-3ya.corp.example"),
            ("портал.example", "xn--80awhdgm.example"),
            ("例え.example", "xn--r8jz45g.example"),
            ("web.corp.example", "web.corp.example"),
            ("", ""),
        ] {
            assert_eq!(to_ascii(name), expected);
        }
    }
}
