//! Digits of numbers, eight at a time and without a loop.

const ZEROS: u64 = 0x3030_3030_3030_3030;

/// The eight decimal digits of a number below 100,000,000.
pub(crate) fn decimal(number: u32) -> [u8; 8] {
    (decimal_values(number) | ZEROS).to_le_bytes()
}

/// The same without leading zeros, and how many digits there are.
pub(crate) fn short_decimal(number: u32) -> ([u8; 8], usize) {
    let values = decimal_values(number);
    let zeros = (values.trailing_zeros() / 8).min(7);
    let text = (values | ZEROS) >> (8 * zeros);
    (text.to_le_bytes(), 8 - zeros as usize)
}

/// The values of the digits, the first in the lowest byte: halves, then quarters, then the digits, all of them at once. A
/// division by 100 or by 10 is a multiplication that is exact for numbers as small as these.
fn decimal_values(number: u32) -> u64 {
    let (high, low) = (number / 10_000 % 10_000, number % 10_000);
    let halves = u64::from(high) | u64::from(low) << 32;
    let hundreds = ((halves * 10_486) >> 20) & 0x0000_007f_0000_007f;
    let quarters = hundreds | (halves - 100 * hundreds) << 16;
    let tens = ((quarters * 103) >> 10) & 0x000f_000f_000f_000f;
    tens | (quarters - 10 * tens) << 8
}

/// The eight hexadecimal digits of a number.
pub(crate) fn hexadecimal(number: u32) -> [u8; 8] {
    hexadecimal_digits(number).to_le_bytes()
}

/// The same without leading zeros, and how many digits there are.
pub(crate) fn short_hexadecimal(number: u32) -> ([u8; 8], usize) {
    let zeros = (number.leading_zeros() / 4).min(7);
    let text = hexadecimal_digits(number) >> (8 * zeros);
    (text.to_le_bytes(), 8 - zeros as usize)
}

/// The digits, the first in the lowest byte.
fn hexadecimal_digits(number: u32) -> u64 {
    let mut values = u64::from(number);
    values = (values | values << 16) & 0x0000_ffff_0000_ffff;
    values = (values | values << 8) & 0x00ff_00ff_00ff_00ff;
    values = (values | values << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    let letters = ((values + 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101;
    (values + ZEROS + letters * u64::from(b'a' - b'9' - 1)).swap_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn short((text, length): ([u8; 8], usize)) -> String {
        String::from_utf8_lossy(&text[..length]).into_owned()
    }

    #[test]
    fn digits_are_those_of_the_formatter() {
        let steps = (0..400_000_u32).map(|n| n.wrapping_mul(2_654_435_761));
        let edges = (0..32).flat_map(|bit| [1 << bit, (1 << bit) - 1, u32::MAX << bit]);
        let tens = (0..9).flat_map(|power| [10_u32.pow(power), 10_u32.pow(power) - 1]);
        for number in (0..20_000).chain(steps).chain(edges).chain(tens) {
            assert_eq!(hexadecimal(number), *format!("{number:08x}").as_bytes());
            assert_eq!(short(short_hexadecimal(number)), format!("{number:x}"));
            let number = number % 100_000_000;
            assert_eq!(decimal(number), *format!("{number:08}").as_bytes());
            assert_eq!(short(short_decimal(number)), number.to_string());
        }
    }
}
