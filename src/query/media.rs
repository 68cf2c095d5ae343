//! Media types of requests and answers.
//!
//! In: the text of `Accept` and `Content-Type`. Out: [`MediaType`]s, most wanted first. Refuses nothing: what is not
//! known is [`MediaType::Other`]. PostgREST's vendor types keep their names.

/// A media type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MediaType {
    /// `application/json`
    Json,
    /// `application/geo+json`
    GeoJson,
    /// `application/x-ndjson`: a JSON value a line.
    NdJson,
    /// `text/csv`
    Csv,
    /// `text/plain`
    Text,
    /// `text/xml`
    Xml,
    /// `application/openapi+json`
    OpenApi,
    /// `application/x-www-form-urlencoded`
    Form,
    /// `application/octet-stream`
    OctetStream,
    /// `*/*`
    Any,
    /// `application/vnd.pgrst.array+json;nulls=stripped`
    ArrayStripped,
    /// `application/vnd.pgrst.object+json`: the one row.
    Object(Nulls),
    /// `application/vnd.pgrst.plan`: how the database would go about it.
    Plan(Box<Plan>),
    /// Any other, as written.
    Other(String),
}

/// Whether keys whose value is null are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the enum says it")]
pub enum Nulls {
    Kept,
    Stripped,
}

/// An execution plan that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Plan {
    /// The media type of the request that is explained.
    pub of: MediaType,
    /// How the plan is written.
    pub format: PlanFormat,
    /// Options of EXPLAIN, in the order of [`PlanOption::ALL`].
    pub options: Vec<PlanOption>,
}

/// FORMAT of EXPLAIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "named as in SQL")]
pub enum PlanFormat {
    Json,
    Text,
}

/// Options of EXPLAIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "named as in SQL")]
pub enum PlanOption {
    Analyze,
    Verbose,
    Settings,
    Buffers,
    Wal,
}

impl PlanOption {
    /// Every option, in the order in which a media type lists them.
    pub const ALL: [Self; 5] = [Self::Analyze, Self::Verbose, Self::Settings, Self::Buffers, Self::Wal];

    /// As the media type spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Analyze => "analyze",
            Self::Verbose => "verbose",
            Self::Settings => "settings",
            Self::Buffers => "buffers",
            Self::Wal => "wal",
        }
    }
}

impl MediaType {
    /// Reads one media type with its parameters.
    pub fn parse(text: &str) -> Self {
        let Some((kind, subtype, parameters)) = tokens(text) else { return Self::Other(text.to_owned()) };
        let stripped = parameter(&parameters, "nulls") == Some("stripped");
        match (kind.to_lowercase().as_str(), subtype.to_lowercase().as_str()) {
            ("application", "json") => Self::Json,
            ("application", "geo+json") => Self::GeoJson,
            ("application", "x-ndjson") => Self::NdJson,
            ("text", "csv") => Self::Csv,
            ("text", "plain") => Self::Text,
            ("text", "xml") => Self::Xml,
            ("application", "openapi+json") => Self::OpenApi,
            ("application", "x-www-form-urlencoded") => Self::Form,
            ("application", "octet-stream") => Self::OctetStream,
            ("application", "vnd.pgrst.plan" | "vnd.pgrst.plan+text") => Self::plan(PlanFormat::Text, &parameters),
            ("application", "vnd.pgrst.plan+json") => Self::plan(PlanFormat::Json, &parameters),
            ("application", "vnd.pgrst.object+json" | "vnd.pgrst.object") => {
                Self::Object(if stripped { Nulls::Stripped } else { Nulls::Kept })
            }
            ("application", "vnd.pgrst.array+json" | "vnd.pgrst.array") if stripped => Self::ArrayStripped,
            ("application", "vnd.pgrst.array+json" | "vnd.pgrst.array") => Self::Json,
            ("*", "*") => Self::Any,
            _ => Self::Other(text.to_owned()),
        }
    }

    fn plan(format: PlanFormat, parameters: &[(String, &str)]) -> Self {
        let of = parameter(parameters, "for").map_or(Self::Json, Self::parse);
        let named: Vec<&str> = parameter(parameters, "options").unwrap_or_default().split('|').collect();
        let options = PlanOption::ALL.into_iter().filter(|option| named.contains(&option.name())).collect();
        Self::Plan(Box::new(Plan { of, format, options }))
    }

    /// The media type, as errors and media handlers name it.
    pub fn mime(&self) -> String {
        let name = match self {
            Self::Json => "application/json",
            Self::GeoJson => "application/geo+json",
            Self::NdJson => "application/x-ndjson",
            Self::Csv => "text/csv",
            Self::Text => "text/plain",
            Self::Xml => "text/xml",
            Self::OpenApi => "application/openapi+json",
            Self::Form => "application/x-www-form-urlencoded",
            Self::OctetStream => "application/octet-stream",
            Self::Any => "*/*",
            Self::ArrayStripped => "application/vnd.pgrst.array+json;nulls=stripped",
            Self::Object(Nulls::Kept) => "application/vnd.pgrst.object+json",
            Self::Object(Nulls::Stripped) => "application/vnd.pgrst.object+json;nulls=stripped",
            Self::Other(text) => text,
            Self::Plan(plan) => return plan.mime(),
        };
        name.to_owned()
    }

    /// The value of `Content-Type` for a body of this type.
    pub fn content_type(&self) -> String {
        match self {
            Self::NdJson | Self::OctetStream | Self::Other(_) => self.mime(),
            _ => self.mime() + "; charset=utf-8",
        }
    }
}

impl Plan {
    fn mime(&self) -> String {
        let format = match self.format {
            PlanFormat::Json => "json",
            PlanFormat::Text => "text",
        };
        let names: Vec<&str> = self.options.iter().map(|option| option.name()).collect();
        let options = if names.is_empty() { String::new() } else { format!("; options={}", names.join("|")) };
        format!("application/vnd.pgrst.plan+{format}; for=\"{}\"{options}", self.of.mime())
    }
}

/// Reads `Accept`: the most wanted first, equals in their order. The rule is wai-extra's, which PostgREST goes by:
/// blanks do not count, quality sorts first, then the number of parameters less the number of stars.
pub fn parse_accept(text: &str) -> Vec<MediaType> {
    let mut ranges: Vec<(String, f64, i64)> = text
        .split(',')
        .map(|range| {
            let range = range.replace(' ', "");
            let (name, quality) = match range.split_once(";q=") {
                Some((name, quality)) => (name, leading_number(quality).unwrap_or(1.0)),
                None => (range.as_str(), 1.0),
            };
            let count = |c: char| i64::try_from(name.matches(c).count()).unwrap_or(i64::MAX);
            (name.to_owned(), quality, count(';') - count('*'))
        })
        .collect();
    ranges.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.2.cmp(&a.2)));
    ranges.iter().map(|(name, ..)| MediaType::parse(name)).collect()
}

/// The decimal number that a text begins with.
fn leading_number(text: &str) -> Option<f64> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(text);
    let fraction = text[whole..].strip_prefix('.').map_or(0, digits);
    let length = if fraction > 0 { whole + 1 + fraction } else { whole };
    if whole == 0 { None } else { text[..length].parse().ok() }
}

/// Keys, in lower case, and values.
type Parameters<'t> = Vec<(String, &'t str)>;

/// The parts of a media type: `kind/subtype;key=value`, parameters with their key in lower case. What follows the last
/// parameter that can be read is left out, as PostgREST leaves it out.
fn tokens(text: &str) -> Option<(&str, &str, Parameters<'_>)> {
    let (kind, rest) = span(text, |c| c.is_alphanumeric() || ".*".contains(c))?;
    let (subtype, mut rest) = span(rest.strip_prefix('/')?, |c| c.is_alphanumeric() || ".*+-".contains(c))?;
    let mut parameters = Vec::new();
    while let Some((key, value, after)) = key_value(rest) {
        parameters.push((key.to_lowercase(), value));
        rest = after;
    }
    Some((kind, subtype, parameters))
}

/// The parameter that `rest` begins with, and what follows it.
fn key_value(rest: &str) -> Option<(&str, &str, &str)> {
    let rest = rest.trim_start().strip_prefix(';')?.trim_start();
    let (key, rest) = span(rest, |c| c.is_alphanumeric() || c == '-')?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start();
    let (value, rest) = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?,
        None => span(rest, |c| c.is_alphanumeric() || "|-".contains(c))?,
    };
    Some((key, value, rest))
}

/// Splits off the characters that pass `test`; there must be one.
fn span(text: &str, test: impl Fn(char) -> bool) -> Option<(&str, &str)> {
    let end = text.find(|c| !test(c)).unwrap_or(text.len());
    if end == 0 { None } else { Some(text.split_at(end)) }
}

/// The value of a parameter; of two, the last.
fn parameter<'t>(parameters: &[(String, &'t str)], name: &str) -> Option<&'t str> {
    parameters.iter().rev().find(|(key, _)| key == name).map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(of: MediaType, format: PlanFormat, options: &[PlanOption]) -> MediaType {
        MediaType::Plan(Box::new(Plan { of, format, options: options.to_vec() }))
    }

    #[test]
    fn media_types_are_read() {
        use PlanFormat::{Json, Text};
        for (text, expected) in [
            ("application/json", MediaType::Json),
            ("application/json; charset=utf-8", MediaType::Json),
            ("application/vnd.pgrst.plan;", plan(MediaType::Json, Text, &[])),
            ("application/vnd.pgrst.plan;for=\"application/json\"", plan(MediaType::Json, Text, &[])),
            (
                "application/vnd.pgrst.plan ; for=\"text/xml\" ; options=analyze",
                plan(MediaType::Xml, Text, &[PlanOption::Analyze]),
            ),
            ("application/vnd.pgrst.plan+json;for=\"text/csv\"", plan(MediaType::Csv, Json, &[])),
            (
                "application/vnd.pgrst.plan+json;OPTIONS=wal|analyze|none",
                plan(MediaType::Json, Json, &[PlanOption::Analyze, PlanOption::Wal]),
            ),
            ("application/vnd.pgrst.array+json;nulls=stripped", MediaType::ArrayStripped),
            ("application/vnd.pgrst.array+json", MediaType::Json),
            ("application/vnd.pgrst.object+json;nulls=stripped", MediaType::Object(Nulls::Stripped)),
            ("application/vnd.pgrst.object+json", MediaType::Object(Nulls::Kept)),
            ("ApplicatIon/vnd.PgRsT.object+json", MediaType::Object(Nulls::Kept)),
            ("application/x-ndjson", MediaType::NdJson),
            ("application/vnd.twkb", MediaType::Other("application/vnd.twkb".to_owned())),
            ("*/*", MediaType::Any),
            ("", MediaType::Other(String::new())),
            ("x-y/z", MediaType::Other("x-y/z".to_owned())),
            ("text/", MediaType::Other("text/".to_owned())),
        ] {
            assert_eq!(MediaType::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn media_types_are_written() {
        let explained = plan(MediaType::Csv, PlanFormat::Text, &[PlanOption::Analyze, PlanOption::Buffers]);
        let text = "application/vnd.pgrst.plan+text; for=\"text/csv\"; options=analyze|buffers";
        assert_eq!(explained.mime(), text);
        assert_eq!(MediaType::parse(text), explained);
        assert_eq!(explained.content_type(), format!("{text}; charset=utf-8"));
        assert_eq!(MediaType::Json.content_type(), "application/json; charset=utf-8");
        assert_eq!(MediaType::OctetStream.content_type(), "application/octet-stream");
        assert_eq!(MediaType::Other("a/b".to_owned()).content_type(), "a/b");
    }

    #[test]
    fn the_most_wanted_comes_first() {
        use MediaType::{Any, Csv, Json, Xml};
        for (text, expected) in [
            ("text/csv, application/json", vec![Csv, Json]),
            ("text/csv;q=0.5, application/json", vec![Json, Csv]),
            ("*/*, text/csv", vec![Csv, Any]),
            ("text/csv;q=0.2, */*; q=0.1, text/xml;q=.9", vec![Xml, Csv, Any]),
            ("text/csv;q=0.8;x=1,application/json ; q=0.9", vec![Json, Csv]),
            ("text/xml, application/json;a=b", vec![Json, Xml]),
        ] {
            assert_eq!(parse_accept(text), expected, "{text}");
        }
    }
}
