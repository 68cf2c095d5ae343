//! The header `traceparent`: which trace a request is part of (W3C Trace Context,
//! <https://www.w3.org/TR/trace-context/#traceparent-header>).

use std::fmt;

/// A trace, by 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceId<'h>(&'h str);

/// A step of a trace, by 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SpanId<'h>(&'h str);

/// Where a request stands in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceContext<'h> {
    /// The whole trace.
    pub trace_id: TraceId<'h>,
    /// The caller's step.
    pub parent_id: SpanId<'h>,
    /// The caller may have recorded it.
    pub sampled: bool,
}

impl<'h> TraceContext<'h> {
    /// Reads the header's value. `None` where it is malformed, names nothing (an id of zeros) or is of the version that
    /// is forbidden: such a header is to be treated as absent. Of later versions, what is known is read.
    pub fn parse(header: &'h str) -> Option<Self> {
        let mut fields = header.splitn(5, '-');
        let version = hex(fields.next()?, 2).filter(|&version| version != "ff")?;
        let trace_id = hex(fields.next()?, 32).filter(is_not_zero)?;
        let parent_id = hex(fields.next()?, 16).filter(is_not_zero)?;
        let flags = u8::from_str_radix(hex(fields.next()?, 2)?, 16).ok()?;
        if version == "00" && fields.next().is_some() {
            return None;
        }
        Some(Self { trace_id: TraceId(trace_id), parent_id: SpanId(parent_id), sampled: flags & 1 == 1 })
    }
}

/// Text of exactly so many lower-case hexadecimal digits.
fn hex(text: &str, digits: usize) -> Option<&str> {
    let is_digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (text.len() == digits && text.bytes().all(is_digit)).then_some(text)
}

fn is_not_zero(digits: &&str) -> bool {
    digits.bytes().any(|digit| digit != b'0')
}

impl<'h> TraceId<'h> {
    /// Its digits.
    pub fn as_str(self) -> &'h str {
        self.0
    }
}

impl<'h> SpanId<'h> {
    /// Its digits.
    pub fn as_str(self) -> &'h str {
        self.0
    }
}

/// The header's value.
impl fmt::Display for TraceContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", self.trace_id.0, self.parent_id.0, u8::from(self.sampled))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn a_header_names_trace_and_parent() {
        let context = TraceContext::parse(HEADER).unwrap();
        assert_eq!(context.trace_id.as_str(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(context.parent_id.as_str(), "00f067aa0ba902b7");
        assert!(context.sampled);
        assert_eq!(context.to_string(), HEADER);
    }

    #[test]
    fn only_the_flag_that_is_defined_counts() {
        for (flags, sampled) in [("00", false), ("01", true), ("02", false), ("ff", true)] {
            let header = HEADER.replace("-01", &format!("-{flags}"));
            assert_eq!(TraceContext::parse(&header).unwrap().sampled, sampled);
        }
    }

    #[test]
    fn later_versions_may_have_more() {
        assert!(TraceContext::parse(&HEADER.replacen("00", "cc", 1)).is_some());
        assert!(TraceContext::parse(&format!("{}-what-the-future-will-be", HEADER.replacen("00", "cc", 1))).is_some());
    }

    #[test]
    fn what_is_not_of_the_form_is_refused() {
        let malformed = [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 ",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b70-01",
            "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
            "00-æbf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
        ];
        for header in malformed {
            assert_eq!(TraceContext::parse(header), None, "{header}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(trace in 1_u128.., parent in 1_u64.., sampled: bool) {
            let (trace, parent) = (format!("{trace:032x}"), format!("{parent:016x}"));
            let context = TraceContext { trace_id: TraceId(&trace), parent_id: SpanId(&parent), sampled };
            let header = context.to_string();
            prop_assert_eq!(TraceContext::parse(&header), Some(context));
        }

        #[test]
        fn nothing_makes_it_panic(header in "[0-9a-f-]{0,60}|\\PC{0,60}") {
            let _ = TraceContext::parse(&header);
        }
    }
}
