//! quick
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaType { Any, Json, SingularJson { strip_nulls: bool }, ArrayJsonStripped, Csv, Text, Xml, UrlEncoded, OctetStream, Other(String) }
impl MediaType {
    pub fn parse(s: &str) -> Self {
        let mut parts = s.split(';').map(str::trim); let m = parts.next().unwrap_or("").to_lowercase();
        let strip = parts.any(|p| p.eq_ignore_ascii_case("nulls=stripped"));
        match m.as_str() { "*/*" => Self::Any, "application/json" => Self::Json, "application/vnd.pgrst.object+json" | "application/vnd.pgrst.object" => Self::SingularJson { strip_nulls: strip }, "application/vnd.pgrst.array+json" | "application/vnd.pgrst.array" => if strip { Self::ArrayJsonStripped } else { Self::Json }, "text/csv" => Self::Csv, "text/plain" => Self::Text, "text/xml" => Self::Xml, "application/x-www-form-urlencoded" => Self::UrlEncoded, "application/octet-stream" => Self::OctetStream, _ => Self::Other(s.into()) }
    }
    pub fn mime(&self) -> String {
        match self { Self::Any => "*/*", Self::Json => "application/json", Self::SingularJson { strip_nulls: true } => "application/vnd.pgrst.object+json;nulls=stripped", Self::SingularJson { .. } => "application/vnd.pgrst.object+json", Self::ArrayJsonStripped => "application/vnd.pgrst.array+json;nulls=stripped", Self::Csv => "text/csv", Self::Text => "text/plain", Self::Xml => "text/xml", Self::UrlEncoded => "application/x-www-form-urlencoded", Self::OctetStream => "application/octet-stream", Self::Other(s) => s }.to_owned()
    }
    pub fn content_type(&self) -> String { match self { Self::OctetStream | Self::Other(_) => self.mime(), _ => format!("{}; charset=utf-8", self.mime()) } }
}
pub fn parse_accept(s: &str) -> Vec<MediaType> { s.split(',').map(|m| MediaType::parse(m.trim())).collect() }
