//! Dates and times in ISO 8601, as `to_json` writes them whatever `DateStyle` is (src/backend/utils/adt/json.c,
//! `JsonEncodeDateTime`). Instants are in UTC.

use super::Malformed;

const MICROSECONDS_PER_SECOND: i64 = 1_000_000;
const MICROSECONDS_PER_DAY: i64 = 86_400 * MICROSECONDS_PER_SECOND;

/// The instant that a timestamp is, or is not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    /// `timestamptz`
    Utc,
    /// `timestamp`
    None,
}

/// Writes a `date`: days since 2000-01-01.
pub(super) fn date(days: i32, out: &mut Vec<u8>) {
    match days {
        i32::MAX => out.extend_from_slice(b"\"infinity\""),
        i32::MIN => out.extend_from_slice(b"\"-infinity\""),
        _ => {
            let date = Date::of(i64::from(days));
            out.push(b'"');
            date.write(out);
            date.write_era(out);
            out.push(b'"');
        }
    }
}

/// Writes a `time`: microseconds since midnight, up to 24:00:00.
pub(super) fn time(microseconds: i64, out: &mut Vec<u8>) -> Result<(), Malformed> {
    if !(0..=MICROSECONDS_PER_DAY).contains(&microseconds) {
        return Err(Malformed);
    }
    out.push(b'"');
    write_time(microseconds, out);
    out.push(b'"');
    Ok(())
}

/// Writes a `timestamp` or `timestamptz`: microseconds since 2000-01-01.
pub(super) fn timestamp(microseconds: i64, zone: Zone, out: &mut Vec<u8>) {
    match microseconds {
        i64::MAX => out.extend_from_slice(b"\"infinity\""),
        i64::MIN => out.extend_from_slice(b"\"-infinity\""),
        _ => {
            let date = Date::of(microseconds.div_euclid(MICROSECONDS_PER_DAY));
            out.push(b'"');
            date.write(out);
            out.push(b'T');
            write_time(microseconds.rem_euclid(MICROSECONDS_PER_DAY), out);
            if zone == Zone::Utc {
                out.extend_from_slice(b"+00:00");
            }
            date.write_era(out);
            out.push(b'"');
        }
    }
}

/// A day of the proleptic Gregorian calendar; the year 0 is 1 BC.
struct Date {
    year: i64,
    month: u32,
    day: u32,
}

impl Date {
    /// By days since 2000-01-01, counted in eras of 400 years from 0000-03-01, so that the leap day ends its year
    /// (Howard Hinnant, "chrono-compatible low-level date algorithms").
    fn of(days: i64) -> Self {
        const DAYS_PER_ERA: i64 = 146_097;
        let days = days + 730_425;
        let (era, day) = (days.div_euclid(DAYS_PER_ERA), days.rem_euclid(DAYS_PER_ERA) as u32);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        Self { year: era * 400 + i64::from(year) + next, month, day }
    }

    fn write(&self, out: &mut Vec<u8>) {
        let year = if self.year > 0 { self.year } else { 1 - self.year };
        let ([m0, m1], [d0, d1]) = (pair(self.month), pair(self.day));
        if year < 10_000 {
            let ([c0, c1], [y0, y1]) = (pair(year as u32 / 100), pair(year as u32 % 100));
            out.extend_from_slice(&[c0, c1, y0, y1, b'-', m0, m1, b'-', d0, d1]);
        } else {
            out.extend_from_slice(itoa::Buffer::new().format(year).as_bytes());
            out.extend_from_slice(&[b'-', m0, m1, b'-', d0, d1]);
        }
    }

    fn write_era(&self, out: &mut Vec<u8>) {
        if self.year <= 0 {
            out.extend_from_slice(b" BC");
        }
    }
}

/// Writes what remains of a day.
fn write_time(microseconds: i64, out: &mut Vec<u8>) {
    let (seconds, fraction) = (microseconds / MICROSECONDS_PER_SECOND, microseconds % MICROSECONDS_PER_SECOND);
    let (seconds, fraction) = (seconds as u32, fraction as u32);
    let ([h0, h1], [m0, m1], [s0, s1]) = (pair(seconds / 3_600), pair(seconds / 60 % 60), pair(seconds % 60));
    out.extend_from_slice(&[h0, h1, b':', m0, m1, b':', s0, s1]);
    if fraction > 0 {
        let ([f0, f1], [f2, f3], [f4, f5]) =
            (pair(fraction / 10_000), pair(fraction / 100 % 100), pair(fraction % 100));
        let fraction = [b'.', f0, f1, f2, f3, f4, f5];
        let zeros = fraction.iter().rev().take_while(|&&digit| digit == b'0').count();
        out.extend_from_slice(&fraction[..fraction.len() - zeros]);
    }
}

/// Two digits of a number below 100.
fn pair(number: u32) -> [u8; 2] {
    [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8]
}
