//! The header `traceparent`: which trace a request is part of (W3C Trace Context,
//! <https://www.w3.org/TR/trace-context/#traceparent-header>).

use std::fmt;

/// A trace, as its header names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceId(u128);

/// A step of a trace, as the header names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SpanId(u64);

/// Where a request stands in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceContext {
    /// The whole trace.
    pub trace_id: TraceId,
    /// The caller's step.
    pub parent_id: SpanId,
    /// The caller may have recorded it.
    pub sampled: bool,
}

impl TraceContext {
    /// Reads the header's value. `None` where it is malformed, names nothing (an id of zeros) or is of the version that
    /// is forbidden: such a header is to be treated as absent. Of later versions, what is known is read.
    pub fn parse(header: &str) -> Option<Self> {
        const FORBIDDEN_VERSION: u128 = 0xff;
        let mut fields = header.splitn(5, '-');
        let version = hex(fields.next()?, 2)?;
        let trace_id = hex(fields.next()?, 32).filter(|&id| id != 0)?;
        let parent_id = hex(fields.next()?, 16).filter(|&id| id != 0)?;
        let flags = hex(fields.next()?, 2)?;
        if version == FORBIDDEN_VERSION || (version == 0 && fields.next().is_some()) {
            return None;
        }
        let parent_id = SpanId(u64::try_from(parent_id).ok()?);
        Some(Self { trace_id: TraceId(trace_id), parent_id, sampled: flags & 1 == 1 })
    }
}

/// A number of exactly so many lower-case hexadecimal digits.
fn hex(text: &str, digits: usize) -> Option<u128> {
    let is_digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let valid = text.len() == digits && text.bytes().all(is_digit);
    valid.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The header's value.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{:02x}", self.trace_id, self.parent_id, u8::from(self.sampled))
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
        assert_eq!(context.trace_id.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(context.parent_id.to_string(), "00f067aa0ba902b7");
        assert!(context.sampled);
        assert_eq!(context.to_string(), HEADER);
    }

    #[test]
    fn only_the_flag_that_is_defined_counts() {
        for (flags, sampled) in [("00", false), ("01", true), ("02", false), ("ff", true)] {
            let context = TraceContext::parse(&HEADER.replace("-01", &format!("-{flags}"))).unwrap();
            assert_eq!(context.sampled, sampled);
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
            let context = TraceContext { trace_id: TraceId(trace), parent_id: SpanId(parent), sampled };
            prop_assert_eq!(TraceContext::parse(&context.to_string()), Some(context));
        }

        #[test]
        fn nothing_makes_it_panic(header in "[0-9a-f-]{0,60}|\\PC{0,60}") {
            let _ = TraceContext::parse(&header);
        }
    }
}
