//! Row rules that ask the same thing again for each row.
//!
//! In: the expressions of policies as Postgres prints them. Out: those that call a setting, or a function without arguments
//! such as `auth.org_id()`, outside of a sub-select of its own, with the expression that calls it once. Pure, but for the
//! statement that reads the policies.

/// `$1` are the schemas. Gives the policy, its table, `using` and `with check`, and how its alteration begins.
pub(super) const POLICIES: &str = "
select format('policy %I on %s', p.polname, p.polrelid::regclass), pg_get_expr(p.polqual, p.polrelid),
    pg_get_expr(p.polwithcheck, p.polrelid), format('alter policy %I on %s', p.polname, p.polrelid::regclass)
from pg_catalog.pg_policy p
join pg_catalog.pg_class t on t.oid = p.polrelid
where t.relnamespace in (select oid from pg_catalog.pg_namespace where nspname = any ($1))
order by 1";

/// The expression with every such call in a sub-select; `None` where there is nothing to put there.
pub(super) fn once_per_statement(expression: &str) -> Option<String> {
    let mut text = String::with_capacity(expression.len());
    let mut rest = expression;
    let mut is_changed = false;
    while let Some((before, call, after)) = next_call(rest) {
        text.push_str(before);
        // `( SELECT auth.org_id() AS org_id)`: Postgres prints a sub-select without FROM so.
        if is_inside_select(&text) {
            text.push_str(call);
        } else {
            text.push_str(&format!("(SELECT {call})"));
            is_changed = true;
        }
        rest = after;
    }
    text.push_str(rest);
    is_changed.then_some(text)
}

/// What is before the next call, the call, and what is after it. Strings and quoted names are passed over.
fn next_call(text: &str) -> Option<(&str, &str, &str)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\'' => at = past_quote(bytes, at, b'\''),
            b'"' => at = past_quote(bytes, at, b'"'),
            first if first.is_ascii_alphabetic() || first == b'_' => {
                let end = bytes[at..].iter().position(|byte| !is_name(*byte)).map_or(bytes.len(), |length| at + length);
                let arguments = arguments(&text[end..]);
                if let Some(length) = arguments.filter(|length| is_constant(&text[at..end], &text[end..end + length])) {
                    return Some((&text[..at], &text[at..end + length], &text[end + length..]));
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    None
}

/// A part of a name, with its schema.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'.') || !byte.is_ascii()
}

/// Bytes of `(…)` at the start of a text.
fn arguments(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    if bytes.first() != Some(&b'(') {
        return None;
    }
    let (mut at, mut depth) = (0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'\'' => {
                at = past_quote(bytes, at, b'\'');
                continue;
            }
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// Past a quoted text; a doubled quote opens the next one at once.
fn past_quote(bytes: &[u8], at: usize, quote: u8) -> usize {
    bytes[at + 1..].iter().position(|byte| *byte == quote).map_or(bytes.len(), |length| at + length + 2)
}

/// Whether a call gives the same for every row, and is no cheap one of Postgres' own: those come without a schema.
fn is_constant(name: &str, arguments: &str) -> bool {
    match name {
        "current_setting" => arguments.starts_with("('"),
        _ => name.contains('.') && arguments == "()",
    }
}

/// Whether what is written so far ends within `( SELECT …`, and that select has no table: then its parentheses are open
/// still, and no FROM has come.
fn is_inside_select(text: &str) -> bool {
    let mut open = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\'' => {
                at = past_quote(bytes, at, b'\'');
                continue;
            }
            b'(' => open.push(at),
            b')' => drop(open.pop()),
            _ => {}
        }
        at += 1;
    }
    open.iter().rev().any(|at| {
        let inner = text[at + 1..].trim_start();
        inner.get(..7).is_some_and(|word| word.eq_ignore_ascii_case("select "))
            && !inner.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("from"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_in_a_select_of_their_own_are_made_once() {
        for fine in [
            "true",
            "(id = ( SELECT auth.org_uuid() AS org_uuid))",
            "((created_at < (now() - '365 days'::interval)) AND (( SELECT auth.caller_role() AS caller_role) = 'x'::text))",
            "(key = ( SELECT NULLIF(current_setting('app.key'::text, true), ''::text) AS \"nullif\"))",
            "(note = 'auth.org_id()'::text)",
            "renos.is_open(status)",
        ] {
            assert_eq!(once_per_statement(fine), None, "{fine}");
        }
    }

    #[test]
    fn calls_for_each_row_are_put_into_one() {
        let cases = [
            ("(id = auth.org_uuid())", "(id = (SELECT auth.org_uuid()))"),
            (
                "(id = (NULLIF(current_setting('app.org'::text, true), ''::text))::uuid)",
                "(id = (NULLIF((SELECT current_setting('app.org'::text, true)), ''::text))::uuid)",
            ),
            (
                "((a = ( SELECT auth.org_id() AS org_id)) OR (b = auth.user_id()))",
                "((a = ( SELECT auth.org_id() AS org_id)) OR (b = (SELECT auth.user_id())))",
            ),
            (
                "(EXISTS ( SELECT 1\n   FROM crm.tenants t\n  WHERE (t.id = auth.org_uuid())))",
                "(EXISTS ( SELECT 1\n   FROM crm.tenants t\n  WHERE (t.id = (SELECT auth.org_uuid()))))",
            ),
        ];
        for (expression, once) in cases {
            assert_eq!(once_per_statement(expression).as_deref(), Some(once));
            assert_eq!(once_per_statement(once), None, "{once}");
        }
    }

    #[test]
    fn no_text_breaks_it() {
        for text in
            ["", "(", "'", "current_setting('", "a.b(", "a.b()", "é.f()", "\"x", "( SELECT", "))((", "'a''b' auth.x()"]
        {
            let _ = once_per_statement(text);
        }
    }
}
