//! quick
use super::{grammar::P, *};
fn err(what: &str, text: &str, details: String) -> QueryError { QueryError::Parse { message: format!("\"failed to parse {what} ({text})\" (line 1, column 1)"), details } }
fn hexv(b: u8) -> Option<u8> { (b as char).to_digit(16).map(|d| d as u8) }
fn decode_one(s: &str) -> Result<String, QueryError> {
    let b = s.as_bytes(); let mut o = Vec::with_capacity(b.len()); let mut i = 0;
    while i < b.len() {
        match b[i] { b'+' => o.push(b' '), b'%' if i + 2 < b.len() && hexv(b[i + 1]).is_some() && hexv(b[i + 2]).is_some() => { o.push(hexv(b[i + 1]).unwrap_or(0) * 16 + hexv(b[i + 2]).unwrap_or(0)); i += 2; } c => o.push(c) }
        i += 1;
    }
    if o.contains(&0) { return Err(err("query string", s, "a NUL byte can't be part of a value".into())); }
    String::from_utf8(o).map_err(|_| err("query string", s, "it is not valid UTF-8".into()))
}
pub fn decode(q: &str) -> Result<Vec<(String, Option<String>)>, QueryError> {
    q.split('&').filter(|s| !s.is_empty()).map(|p| Ok(match p.split_once('=') { Some((k, v)) => (decode_one(k)?, Some(decode_one(v)?)), None => (decode_one(p)?, None) })).collect()
}
pub fn encode(s: &str) -> String { let mut o = String::new(); for b in s.bytes() { if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) { o.push(b as char) } else { o.push_str(&format!("%{b:02X}")) } } o }
pub fn canonical(q: &str) -> String {
    let mut v = decode(q).unwrap_or_default(); v.sort_by(|a, b| a.0.cmp(&b.0));
    v.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v.as_deref().unwrap_or("")))).collect::<Vec<_>>().join("&")
}
fn node<'q>(root: &'q mut Node, path: &[String]) -> Result<&'q mut Node, QueryError> {
    let mut n = root;
    for p in path {
        let f = n.select.iter_mut().find_map(|i| match i { SelectItem::Embed(e) if e.key() == p => Some(e), _ => None });
        n = &mut f.ok_or_else(|| QueryError::NotEmbedded { path: p.clone(), aliased: None })?.node;
    }
    Ok(n)
}
impl Query {
    pub fn read(kind: Kind, qs: &str) -> Result<Self, QueryError> {
        let params: Vec<(String, String)> = decode(qs)?.into_iter().map(|(k, v)| (k, v.unwrap_or_default())).collect();
        let mut q = Query::default();
        let one = |n: &str| params.iter().find(|(k, _)| k == n).map(|(_, v)| v.clone());
        let sel = one("select").unwrap_or_else(|| "*".into());
        let mut p = P::new(&sel);
        q.root.select = p.select().and_then(|s| p.end().map(|()| s)).map_err(|d| err("select parameter", &sel, d))?;
        for (k, v) in &params {
            let mut segs: Vec<String> = k.split('.').map(str::to_owned).collect();
            let last = segs.last().cloned().unwrap_or_default();
            match k.as_str() {
                "select" => continue,
                "columns" if matches!(kind, Kind::Insert | Kind::Update | Kind::RoutineCall) => { let mut p = P::new(v); q.columns = Some(p.columns().map_err(|d| err("columns parameter", v, d))?); continue; }
                "on_conflict" if kind == Kind::Insert => { let mut p = P::new(v); q.on_conflict = Some(p.columns().map_err(|d| err("on_conflict parameter", v, d))?); continue; }
                "columns" | "on_conflict" => return Err(QueryError::Meaningless { name: k.clone(), reason: "it is for writes".into() }),
                _ => {}
            }
            match last.as_str() {
                "order" => { segs.pop(); let mut p = P::new(v); let o = p.order().and_then(|o| p.end().map(|()| o)).map_err(|d| err("order", v, d))?; node(&mut q.root, &segs)?.order = o; }
                "limit" | "offset" => {
                    segs.pop();
                    if v.starts_with('-') { return Err(QueryError::Range(RangeError::NegativeLimit)); }
                    let n: u64 = v.parse().map_err(|_| err(&last, v, "expecting a number".into()))?;
                    let r = &mut node(&mut q.root, &segs)?.range;
                    if last == "limit" { r.limit = Some(n) } else { r.offset = n }
                }
                "and" | "or" => {
                    segs.pop(); let not = segs.last().is_some_and(|s| s == "not"); if not { segs.pop(); }
                    let t = format!("{}{last}{v}", if not { "not." } else { "" });
                    let mut p = P::new(&t); let c = p.logic().and_then(|c| p.end().map(|()| c)).map_err(|d| err("logic tree", v, d))?;
                    node(&mut q.root, &segs)?.filter.push(c);
                }
                _ => {
                    let mut p = P::new(k); let mut names = vec![];
                    let path = (|| { loop { names.push(p.name()?); if k.contains('.') { let r = p.path()?; if !r.is_empty() { return Ok(r); } } else { return p.path(); } match p.end() { Ok(()) => return Ok(vec![]), Err(_) => { p.dot()?; } } } })().map_err(|d: String| err("tree path", k, d))?;
                    let name = names.pop().unwrap_or_default();
                    let mut p = P::new(v);
                    match p.operation(false) {
                        Ok((negated, operation)) => node(&mut q.root, &names)?.filter.push(Condition::Filter(Filter { field: Field { name, path }, negated, operation })),
                        Err(_) if kind == Kind::RoutineRead => q.arguments.push((k.clone(), v.clone())),
                        Err(d) => return Err(err("filter", v, d)),
                    }
                }
            }
        }
        Ok(q)
    }
}
impl Range {
    pub fn from_header(h: Option<&str>) -> Result<Self, QueryError> {
        let Some((a, b)) = h.and_then(|h| h.split_once('-')) else { return Ok(Self::default()) };
        let Ok(lo) = a.parse::<u64>() else { return Ok(Self::default()) };
        if b.is_empty() { return Ok(Self { offset: lo, limit: None }); }
        let Ok(hi) = b.parse::<u64>() else { return Ok(Self::default()) };
        if hi < lo { return Err(QueryError::Range(RangeError::LowerAboveUpper)); }
        Ok(Self { offset: lo, limit: Some(hi - lo + 1) })
    }
    pub fn intersect(self, o: Self) -> Result<Self, QueryError> {
        if self.limit == Some(0) { return Ok(self); }
        let lo = self.offset.max(o.offset);
        let end = |r: Self| r.limit.map(|l| r.offset.saturating_add(l));
        let hi = match (end(self), end(o)) { (Some(a), Some(b)) => Some(a.min(b)), (a, b) => a.or(b) };
        match hi { Some(h) if h <= lo => Err(QueryError::Range(RangeError::LowerAboveUpper)), h => Ok(Self { offset: lo, limit: h.map(|h| h - lo) }) }
    }
}
