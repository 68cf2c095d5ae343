//! quick
use super::*;
use std::iter::Peekable;
use std::str::Chars;

pub struct P<'a> { it: Peekable<Chars<'a>>, depth: usize }
type R<T> = Result<T, String>;
impl<'a> P<'a> {
    pub fn new(t: &'a str) -> Self { Self { it: t.chars().peekable(), depth: 0 } }
    fn peek(&mut self) -> Option<char> { self.it.peek().copied() }
    fn eat(&mut self, c: char) -> bool { if self.peek() == Some(c) { self.it.next(); true } else { false } }
    fn rest(&self) -> String { self.it.clone().collect() }
    fn starts(&self, s: &str) -> bool { let mut i = self.it.clone(); s.chars().all(|c| i.next() == Some(c)) }
    fn skip(&mut self, s: &str) -> bool { if self.starts(s) { for _ in s.chars() { self.it.next(); } true } else { false } }
    fn ws(&mut self) { while matches!(self.peek(), Some(' ' | '\t')) { self.it.next(); } }
    fn quoted(&mut self) -> R<String> {
        let mut s = String::new();
        loop { match self.it.next() { Some('"') => return Ok(s), Some('\\') => s.push(self.it.next().ok_or("unexpected end of input")?), Some(c) => s.push(c), None => return Err("unexpected end of input".into()) } }
    }
    pub fn name(&mut self) -> R<String> {
        if self.eat('"') { return self.quoted(); }
        let mut s = String::new();
        loop {
            match self.peek() {
                Some(c) if c.is_alphanumeric() || "_ $".contains(c) => { s.push(c); self.it.next(); }
                Some('-') if !self.starts("->") && !s.is_empty() => { s.push('-'); self.it.next(); }
                _ => break,
            }
        }
        if s.is_empty() { return Err(format!("unexpected {:?} expecting field name (* or [a..z0..9_$])", self.rest().chars().take(1).collect::<String>())); }
        Ok(s.trim().to_owned())
    }
    pub fn path(&mut self) -> R<Vec<JsonStep>> {
        let mut v = Vec::new();
        while self.starts("->") {
            let arrow = if self.skip("->>") { Arrow::Text } else { self.skip("->"); Arrow::Json };
            let mut s = String::new();
            if self.eat('"') { v.push(JsonStep { arrow, operand: JsonOperand::Key(self.quoted()?) }); continue; }
            while let Some(c) = self.peek() {
                if "(:.,>)".contains(c) || (c == '-' && self.starts("->")) { break; }
                s.push(c); self.it.next();
            }
            if s.is_empty() { return Err("expecting any non reserved character different from: .,>()".into()); }
            let digits = s.strip_prefix('-').unwrap_or(&s);
            let operand = if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) { JsonOperand::Index(if s.starts_with('-') { s } else { format!("+{s}") }) } else { JsonOperand::Key(s.trim().to_owned()) };
            v.push(JsonStep { arrow, operand });
        }
        Ok(v)
    }
    pub fn field(&mut self) -> R<Field> { self.ws(); let name = self.name()?; let path = self.path()?; self.ws(); Ok(Field { name, path }) }
    pub fn select(&mut self) -> R<Vec<SelectItem>> {
        let mut v = Vec::new();
        self.depth += 1;
        if self.depth > 50 { return Err("embeds are nested deeper than 50".into()); }
        self.ws();
        if self.peek().is_none() || self.peek() == Some(')') { self.depth -= 1; return Ok(v); }
        loop { v.push(self.item()?); self.ws(); if !self.eat(',') { break; } self.ws(); }
        self.depth -= 1;
        Ok(v)
    }
    fn item(&mut self) -> R<SelectItem> {
        self.ws();
        let spread = self.skip("...");
        if !spread && self.starts("*") { self.it.next(); return Ok(SelectItem::Field(SelectField { field: Field { name: "*".into(), path: vec![] }, cast: None, aggregate: None, aggregate_cast: None, alias: None })); }
        let mut alias = None;
        let mut name = self.name()?;
        if self.starts(":") && !self.starts("::") { self.eat(':'); alias = Some(name); if self.starts("*") { return Err("unexpected \"*\"".into()); } name = self.name()?; }
        if self.starts("!") || (self.starts("(") && name != "count") {
            let (mut hint, mut join) = (None, None);
            while self.eat('!') { if self.skip("inner") { join = Some(Join::Inner); } else if self.skip("left") { join = Some(Join::Left); } else { hint = Some(self.name()?); } }
            if !self.eat('(') { return Err("expecting \"(\"".into()); }
            let select = self.select()?;
            self.ws();
            if !self.eat(')') { return Err("expecting \")\"".into()); }
            return Ok(SelectItem::Embed(Embed { target: name, alias, hint, join, spread, node: Node { select, ..Node::default() } }));
        }
        if spread { return Err("expecting \"(\"".into()); }
        if name == "count" && self.skip("()") {
            let aggregate_cast = if self.skip("::") { Some(self.name()?) } else { None };
            return Ok(SelectItem::Field(SelectField { field: Field { name: "*".into(), path: vec![] }, cast: None, aggregate: Some(Aggregate::Count), aggregate_cast, alias }));
        }
        let path = self.path()?;
        let cast = if self.skip("::") { Some(self.name()?) } else { None };
        let mut aggregate = None;
        if self.eat('.') { aggregate = Some(if self.skip("sum()") { Aggregate::Sum } else if self.skip("avg()") { Aggregate::Avg } else if self.skip("count()") { Aggregate::Count } else if self.skip("max()") { Aggregate::Max } else if self.skip("min()") { Aggregate::Min } else { return Err("expecting aggregate".into()); }); }
        let aggregate_cast = if aggregate.is_some() && self.skip("::") { Some(self.name()?) } else { None };
        Ok(SelectItem::Field(SelectField { field: Field { name, path }, cast, aggregate, aggregate_cast, alias }))
    }
    pub fn end(&mut self) -> R<()> { match self.peek() { None => Ok(()), Some(c) => Err(format!("unexpected {c:?}")) } }
    fn value(&mut self, logic: bool) -> R<String> {
        if !logic { return Ok(std::iter::from_fn(|| self.it.next()).collect()); }
        if self.peek() == Some('"') { let save = self.it.clone(); self.it.next(); if let Ok(s) = self.quoted() { if matches!(self.peek(), None | Some(',' | ')')) { return Ok(s); } } self.it = save; }
        if self.peek() == Some('{') { let save = self.it.clone(); let mut s = String::new(); for c in self.it.by_ref() { s.push(c); if c == '}' { return Ok(s); } } self.it = save; }
        let mut s = String::new();
        while let Some(c) = self.peek() { if ",)".contains(c) { break; } s.push(c); self.it.next(); }
        Ok(s)
    }
    pub fn operation(&mut self, logic: bool) -> R<(bool, Operation)> {
        let negated = self.skip("not.");
        let mut op = String::new();
        while let Some(c) = self.peek() { if !c.is_ascii_alphabetic() { break; } op.push(c); self.it.next(); }
        let mut arg = None;
        if self.eat('(') { let mut s = String::new(); loop { match self.it.next() { Some(')') => break, Some(c) => s.push(c), None => return Err("unexpected end of input".into()) } } arg = Some(s); }
        let bad = || format!("unexpected {:?} expecting \"not\" or operator (eq, gt, ...)", op.chars().take(1).collect::<String>());
        if !self.eat('.') { return Err(bad()); }
        use QuantifiedOperator as Q; use SimpleOperator as S;
        let simple = match op.as_str() { "neq" => Some(S::NotEqual), "cs" => Some(S::Contains), "cd" => Some(S::Contained), "ov" => Some(S::Overlap), "sl" => Some(S::StrictlyLeft), "sr" => Some(S::StrictlyRight), "nxr" => Some(S::NotExtendsRight), "nxl" => Some(S::NotExtendsLeft), "adj" => Some(S::Adjacent), _ => None };
        if let Some(s) = simple { return Ok((negated, Operation::Simple(s, self.value(logic)?))); }
        let quant = match op.as_str() { "eq" => Some(Q::Equal), "gte" => Some(Q::GreaterThanEqual), "gt" => Some(Q::GreaterThan), "lte" => Some(Q::LessThanEqual), "lt" => Some(Q::LessThan), "like" => Some(Q::Like), "ilike" => Some(Q::ILike), "match" => Some(Q::Match), "imatch" => Some(Q::IMatch), _ => None };
        if let Some(q) = quant {
            let quantifier = match arg.as_deref() { None => None, Some("any") => Some(Quantifier::Any), Some("all") => Some(Quantifier::All), _ => return Err(bad()) };
            return Ok((negated, Operation::Quantified(q, quantifier, self.value(logic)?)));
        }
        let fts = match op.as_str() { "fts" => Some(FullText::Plain), "plfts" => Some(FullText::Words), "phfts" => Some(FullText::Phrase), "wfts" => Some(FullText::Web), _ => None };
        if let Some(f) = fts { return Ok((negated, Operation::FullText(f, arg, self.value(logic)?))); }
        match op.as_str() {
            "in" => {
                self.ws(); if !self.eat('(') { return Err("expecting \"(\"".into()); }
                let mut v = Vec::new();
                loop {
                    if self.peek() == Some('"') { self.it.next(); v.push(self.quoted()?); } else { let mut s = String::new(); while let Some(c) = self.peek() { if ",)".contains(c) { break; } s.push(c); self.it.next(); } v.push(s); }
                    if self.eat(',') { continue; }
                    if self.eat(')') { break; }
                    return Err("expecting \")\"".into());
                }
                Ok((negated, Operation::In(v)))
            }
            "is" => { let v = self.value(logic)?.to_lowercase(); Ok((negated, Operation::Is(match v.as_str() { "null" => IsValue::Null, "not_null" => IsValue::NotNull, "true" => IsValue::True, "false" => IsValue::False, "unknown" => IsValue::Unknown, _ => return Err("expecting isVal: (null, not_null, true, false, unknown)".into()) }))) }
            "isdistinct" => Ok((negated, Operation::IsDistinct(self.value(logic)?))),
            _ => Err(bad()),
        }
    }
    pub fn logic(&mut self) -> R<Condition> {
        self.depth += 1;
        if self.depth > 100 { return Err("groups are nested deeper than 100".into()); }
        self.ws();
        let save = self.it.clone();
        let negated = self.skip("not.");
        let group = if self.starts("and(") || self.starts("and (") { self.skip("and"); Some(Logic::And) } else if self.starts("or(") { self.skip("or"); Some(Logic::Or) } else { None };
        let c = if let Some(logic) = group {
            self.ws(); self.eat('(');
            let mut members = Vec::new();
            loop { members.push(self.logic()?); self.ws(); if self.eat(',') { continue; } if self.eat(')') { break; } return Err("expecting \")\"".into()); }
            Condition::Group { negated, logic, members }
        } else {
            self.it = save;
            let field = self.field()?;
            if !self.eat('.') { return Err("expecting delimiter (.)".into()); }
            let (negated, operation) = self.operation(true)?;
            Condition::Filter(Filter { field, negated, operation })
        };
        self.ws();
        self.depth -= 1;
        Ok(c)
    }
    pub fn order(&mut self) -> R<Vec<OrderTerm>> {
        let mut v = Vec::new();
        loop {
            self.ws();
            let mut field = self.field()?;
            let mut embed = None;
            if field.path.is_empty() && self.eat('(') { embed = Some(field.name); field = self.field()?; if !self.eat(')') { return Err("expecting \")\"".into()); } }
            let direction = if self.skip(".asc") { Some(Direction::Asc) } else if self.skip(".desc") { Some(Direction::Desc) } else { None };
            let nulls = if self.skip(".nullsfirst") { Some(Nulls::First) } else if self.skip(".nullslast") { Some(Nulls::Last) } else { None };
            v.push(OrderTerm { embed, field, direction, nulls });
            self.ws();
            if !self.eat(',') { break; }
        }
        Ok(v)
    }
    pub fn columns(&mut self) -> R<Vec<String>> { let mut v = Vec::new(); loop { v.push(self.name()?); self.ws(); if !self.eat(',') { return Ok(v); } self.ws(); } }
}
impl P<'_> { pub fn dot(&mut self) -> R<()> { if self.eat('.') { Ok(()) } else { Err("expecting delimiter (.)".into()) } } }
