//! Values of every type that is rendered here, as text that Postgres reads.

use proptest::{collection::vec, prelude::*, sample::select};
use tekup_db::catalog::Builtin;

/// Every type; [`name`] reminds of a new one.
pub const ALL: [Builtin; 17] = [
    Builtin::Bool,
    Builtin::Int2,
    Builtin::Int4,
    Builtin::Int8,
    Builtin::Oid,
    Builtin::Float4,
    Builtin::Float8,
    Builtin::Numeric,
    Builtin::Text,
    Builtin::Uuid,
    Builtin::Json,
    Builtin::Jsonb,
    Builtin::Date,
    Builtin::Time,
    Builtin::Timestamp,
    Builtin::TimestampTz,
    Builtin::Bytea,
];

/// Its name in SQL.
pub fn name(builtin: Builtin) -> &'static str {
    match builtin {
        Builtin::Bool => "bool",
        Builtin::Int2 => "int2",
        Builtin::Int4 => "int4",
        Builtin::Int8 => "int8",
        Builtin::Oid => "oid",
        Builtin::Float4 => "float4",
        Builtin::Float8 => "float8",
        Builtin::Numeric => "numeric",
        Builtin::Text => "text",
        Builtin::Uuid => "uuid",
        Builtin::Json => "json",
        Builtin::Jsonb => "jsonb",
        Builtin::Date => "date",
        Builtin::Time => "time",
        Builtin::Timestamp => "timestamp",
        Builtin::TimestampTz => "timestamptz",
        Builtin::Bytea => "bytea",
    }
}

/// Values where something changes.
pub fn edges(builtin: Builtin) -> Vec<String> {
    match builtin {
        Builtin::Bool => owned(&["true", "false"]),
        Builtin::Int2 => owned(&["-32768", "32767", "0"]),
        Builtin::Int4 => owned(&["-2147483648", "2147483647", "0"]),
        Builtin::Int8 => owned(&["-9223372036854775808", "9223372036854775807", "0"]),
        Builtin::Oid => owned(&["0", "4294967295"]),
        Builtin::Float4 => {
            let mut edges =
                owned(&["NaN", "Infinity", "-Infinity", "-0", "0", "1e-45", "3.4028235e38", "5.684342e-14"]);
            edges.extend((0..=254).flat_map(|exponent: u32| {
                let power = exponent << 23;
                [power.saturating_sub(1), power, power + 1, power + 2].map(|bits| format!("{:e}", f32::from_bits(bits)))
            }));
            edges.extend((-44..=38).map(|exponent| format!("-1e{exponent}")));
            edges
        }
        Builtin::Float8 => {
            let mut edges = owned(&["NaN", "Infinity", "-Infinity", "-0", "0", "5e-324", "1.7976931348623157e308"]);
            edges.extend((0..=2046).flat_map(|exponent: u64| {
                let power = exponent << 52;
                [power.saturating_sub(1), power, power + 1, power + 2].map(|bits| format!("{:e}", f64::from_bits(bits)))
            }));
            edges.extend((-323..=308).map(|exponent| format!("-1e{exponent}")));
            edges
        }
        Builtin::Numeric => {
            let mut edges = owned(&["NaN", "Infinity", "-Infinity", "0", "0.000", "-0.0001", "1e131071", "-1e-16383"]);
            edges.extend(
                (-20..=20).flat_map(|exponent| ["1", "-12345.6789"].map(|digits| format!("{digits}e{exponent}"))),
            );
            edges
        }
        Builtin::Text => (1..=0x100).filter_map(char::from_u32).map(String::from).chain([String::new()]).collect(),
        Builtin::Uuid => owned(&["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"]),
        Builtin::Json | Builtin::Jsonb => {
            owned(&["null", " {\"b\" : 1,\n\t\"a\":[ ] } ", "\"\\u00e6\"", "1.50", " [1 , 2]"])
        }
        Builtin::Date => {
            owned(&["infinity", "-infinity", "4714-11-24 BC", "5874897-12-31", "0001-12-31 BC", "0001-01-01"])
        }
        Builtin::Time => owned(&["00:00:00", "24:00:00", "23:59:59.999999", "00:00:00.000001", "12:34:56.78"]),
        Builtin::Timestamp | Builtin::TimestampTz => owned(&[
            "infinity",
            "-infinity",
            "4714-11-24 00:00:00 BC",
            "294276-12-31 23:59:59.999999",
            "0001-12-31 23:59:59.999999 BC",
            "0001-01-01 00:00:00",
            "1999-12-31 23:59:59.999999",
            "2000-02-29 00:00:00.1",
        ]),
        Builtin::Bytea => owned(&["\\x", "\\x00", "\\xdeadbeef"]),
    }
}

/// Any value.
pub fn any(builtin: Builtin) -> BoxedStrategy<String> {
    let usual = match builtin {
        Builtin::Bool => text(any_of::<bool>()),
        Builtin::Int2 => text(any_of::<i16>()),
        Builtin::Int4 => text(any_of::<i32>()),
        Builtin::Int8 => text(any_of::<i64>()),
        Builtin::Oid => text(any_of::<u32>()),
        Builtin::Float4 => prop_oneof![
            any_of::<u32>()
                .prop_map(f32::from_bits)
                .prop_map(|number| format!("{number:e}").replace("inf", "Infinity")),
            (any_of::<i32>(), 0..=12).prop_map(|(digits, scale)| format!("{digits}e-{scale}")),
            (any_of::<i32>(), 0..=28).prop_map(|(digits, scale)| format!("{digits}e{scale}")),
        ]
        .boxed(),
        Builtin::Float8 => prop_oneof![
            any_of::<u64>()
                .prop_map(f64::from_bits)
                .prop_map(|number| format!("{number:e}").replace("inf", "Infinity")),
            (any_of::<i32>(), 0..=20).prop_map(|(digits, scale)| format!("{digits}e-{scale}")),
            // Decimals right between two numbers: integers that are a little too large to be exact.
            (any_of::<i64>(), 0..=10).prop_map(|(digits, shift)| format!("{}", digits >> shift)),
            (any_of::<i64>(), -30..=30).prop_map(|(digits, scale)| format!("{digits}e{scale}")),
        ]
        .boxed(),
        Builtin::Numeric => prop_oneof![
            "-?[0-9]{1,12}(\\.[0-9]{1,6})?",
            "-?[0-9]{1,60}(\\.[0-9]{1,60})?",
            "-?0\\.0{0,20}[0-9]{1,10}",
            "-?[1-9]0{0,20}(\\.0{1,10})?",
            "-?[0-9]{1,10}e-?[0-9]{1,3}"
        ]
        .boxed(),
        Builtin::Text => {
            let special = select(vec!['"', '\\', '\n', '\t', '\u{1}', '\u{1f}', '\u{7f}', ',', '(', ' ', '/', '\u{b}']);
            let plain = prop::char::range(' ', '~');
            let character = prop_oneof![20 => plain, 2 => special, 2 => prop::char::any()];
            vec(character.prop_filter("no NUL", |&character| character != '\0'), 0..100)
                .prop_map(String::from_iter)
                .boxed()
        }
        Builtin::Uuid => "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}".boxed(),
        Builtin::Json | Builtin::Jsonb => {
            let string = any(Builtin::Text).prop_map(|text| serde_json::Value::from(text).to_string());
            let leaf = prop_oneof![string, text(any_of::<i32>()), Just("null".to_owned()), Just("1.50".to_owned())];
            (leaf, "[ \t\r\n]{0,2}", "[ \n]{0,2}")
                .prop_map(|(leaf, a, b)| format!("{a}{{\"key\"{b}:{a}[{leaf}{b},{b}{leaf}]{b}}}{a}"))
                .boxed()
        }
        Builtin::Date => day(5_874_896),
        Builtin::Time => time_of_day(),
        Builtin::Timestamp | Builtin::TimestampTz => (day(294_275), time_of_day())
            .prop_map(|(day, time)| match day.strip_suffix(" BC") {
                Some(day) => format!("{day} {time} BC"),
                None => format!("{day} {time}"),
            })
            .boxed(),
        Builtin::Bytea => "(\\\\x)([0-9a-f]{2}){0,40}".boxed(),
    };
    prop_oneof![20 => usual, 1 => select(edges(builtin))].boxed()
}

/// Any array of one to three dimensions, some of its elements NULL.
pub fn any_array(builtin: Builtin) -> BoxedStrategy<String> {
    vec(1_usize..4, 1..=3)
        .prop_flat_map(move |lengths| {
            let elements = vec(proptest::option::weighted(0.8, any(builtin)), lengths.iter().product::<usize>());
            (Just(lengths), elements)
        })
        .prop_map(|(lengths, elements)| {
            let quoted = |text: String| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
            let mut parts: Vec<_> =
                elements.into_iter().map(|element| element.map_or("NULL".to_owned(), quoted)).collect();
            for length in lengths.into_iter().rev() {
                parts = parts.chunks(length).map(|parts| format!("{{{}}}", parts.join(","))).collect();
            }
            parts.concat()
        })
        .boxed()
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

fn any_of<T: Arbitrary>() -> impl Strategy<Value = T> {
    proptest::prelude::any::<T>()
}

fn text<T: ToString + std::fmt::Debug>(values: impl Strategy<Value = T> + 'static) -> BoxedStrategy<String> {
    values.prop_map(|value| value.to_string()).boxed()
}

/// A day of any year that Postgres knows whole, more often than not of our time.
fn day(last_year: i32) -> BoxedStrategy<String> {
    let year = prop_oneof![1900..2100_i32, -4_712..3_000, -4_712..=last_year];
    (year, 1..=12_i32, 1..=31_i32)
        .prop_map(|(year, month, day)| {
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let last = match month {
                2 => 28 + i32::from(leap),
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            let (year, era) = if year > 0 { (year, "") } else { (1 - year, " BC") };
            format!("{year:04}-{month:02}-{:02}{era}", day.min(last))
        })
        .boxed()
}

fn time_of_day() -> BoxedStrategy<String> {
    let fraction = prop_oneof![Just(0), 0..1_000_000, (0..1_000).prop_map(|milliseconds| milliseconds * 1_000)];
    (0..24, 0..60, 0..60, fraction)
        .prop_map(|(hour, minute, second, fraction)| format!("{hour:02}:{minute:02}:{second:02}.{fraction:06}"))
        .boxed()
}
