//! The requests whose SQL is kept: each kind of select, filter, embed, write and call once.

/// A request, as its file's name and its first lines say.
pub struct Case {
    pub file: &'static str,
    /// Method and resource with its query, unencoded.
    pub request: &'static str,
    /// `Prefer`
    pub prefer: &'static str,
    /// `Accept`
    pub accept: &'static str,
    /// JSON
    pub body: &'static str,
}

pub const JSON: &str = "application/json";
const CASE: Case = Case { file: "", request: "", prefer: "", accept: JSON, body: "" };
const REPRESENTATION: &str = "return=representation";

pub const CASES: &[Case] = &[
    Case { file: "select_all", request: "GET cities", ..CASE },
    Case {
        file: "select_columns",
        request: "GET cities?select=name,no:id::text,facts->mayor->>name,full_name&order=population.desc.nullslast,facts->bridges.asc&limit=3&offset=1",
        ..CASE
    },
    Case { file: "select_quoted", request: "GET Odd \"Name\" €?select=\"a b\",select&\"a b\"=eq.1", ..CASE },
    Case { file: "select_exotic", request: "GET everything?select=bt,r,iv,tz,at,e&r=adj.[5,9)", ..CASE },
    Case { file: "select_hidden", request: "GET secrets", ..CASE },
    Case {
        file: "filter_comparisons",
        request: "GET cities?select=id&id=gt.1&id=lte.9&name=neq.Oslo&country=not.eq.SE&population=isdistinct.5",
        ..CASE
    },
    Case {
        file: "filter_patterns",
        request: "GET cities?select=id&name=like.A*&name=not.ilike.*x*&name=match.^[AO]&name=imatch.s$&name=like(any).{A*,O*}",
        ..CASE
    },
    Case {
        file: "filter_lists",
        request: "GET cities?select=id&id=in.(1,2)&name=not.in.(\"a,b\",c)&id=eq(any).{1,2}&id=gt(all).{0}&founded=in.()",
        ..CASE
    },
    Case {
        file: "filter_is",
        request: "GET everything?select=id&b=is.true&i2=is.null&n=is.not_null&b=not.is.unknown",
        ..CASE
    },
    Case {
        file: "filter_containment",
        request: "GET cities?select=id&tags=cs.{capital}&tags=not.cd.{fjord}&tags=ov.{harbour,fjord}&facts=cs.{\"bridges\":7}&facts->mayor->>name=eq.Jo",
        ..CASE
    },
    Case { file: "filter_ranges", request: "GET everything?select=id&r=sl.(9,)&r=nxr.(9,)&r=nxl.(0,1)", ..CASE },
    Case {
        file: "filter_text_search",
        request: "GET cities?select=id&name=fts(english).oslo&name=plfts.aarhus&name=phfts.oslo&name=not.wfts(simple).odense",
        ..CASE
    },
    Case {
        file: "filter_logic",
        request: "GET cities?select=id&or=(id.eq.1,and(id.gt.3,name.like.A*,country.is.null))&not.and=(id.eq.2,or(id.eq.4,id.in.(5,6)))",
        ..CASE
    },
    Case {
        file: "embed_to_one",
        request: "GET cities?select=name,countries(name)&countries.name=neq.Nowhere&order=countries(name).desc",
        ..CASE
    },
    Case { file: "embed_one_to_one", request: "GET cities?select=name,mayors(name,since)", ..CASE },
    Case {
        file: "embed_to_many",
        request: "GET countries?select=code,cities(id,name)&cities.population=gt.1000&cities.order=name.desc&cities.limit=2&cities.offset=1",
        ..CASE
    },
    Case { file: "embed_many_to_many", request: "GET rivers?select=name,cities(name,countries(name))", ..CASE },
    Case { file: "embed_hint", request: "GET cities?select=name,other:cities!twin(name)", ..CASE },
    Case {
        file: "embed_inner",
        request: "GET countries?select=code,cities!inner(id)&cities.name=eq.Oslo",
        prefer: "count=exact",
        ..CASE
    },
    Case {
        file: "embed_null",
        request: "GET countries?select=code,cities()&cities=is.null&or=(code.eq.DK,code.eq.XX)",
        ..CASE
    },
    Case { file: "embed_not_null", request: "GET countries?select=code,cities()&cities=not.is.null", ..CASE },
    Case { file: "embed_spread_one", request: "GET cities?select=name,...countries(country_name:name)", ..CASE },
    Case { file: "embed_spread_many", request: "GET countries?select=code,...cities(cities:name,id)", ..CASE },
    Case {
        file: "aggregates",
        request: "GET cities?select=country,count(),people:population.sum(),area.avg()::text&order=country",
        ..CASE
    },
    Case {
        file: "aggregates_csv",
        request: "GET cities?select=country,count(),name.count()&order=country",
        accept: "text/csv",
        ..CASE
    },
    Case { file: "aggregates_embedded", request: "GET countries?select=code,cities(population.max(),count())", ..CASE },
    Case {
        file: "aggregates_distinct",
        request: "GET cities?select=country,name.count(distinct),people:population::int.sum(distinct)::text",
        ..CASE
    },
    Case {
        file: "having",
        request: "GET cities?select=country,population.sum()&name=neq.Oslo&population.sum()=gt.5&not.or=(count().lt.1,area::int.avg().is.null)&country.max()=in.(DK,SE)&order=population.sum().desc.nullslast,country&limit=2",
        prefer: "count=exact",
        ..CASE
    },
    Case { file: "having_alone", request: "GET cities?select=country,tags&name.count(distinct)=gt.1", ..CASE },
    Case {
        file: "having_embedded",
        request: "GET countries?select=code,cities(name,population.max())&cities.population.max()=gt.5&cities.order=population.max().desc",
        ..CASE
    },
    Case {
        file: "having_hidden",
        request: "GET countries?select=code,cities!inner()&cities.count()=gte.2",
        prefer: "count=exact",
        ..CASE
    },
    Case {
        file: "having_call",
        request: "GET rpc/cities_of?code=DK&select=country&full_name.count(distinct)=gt.1",
        prefer: "count=exact",
        ..CASE
    },
    Case { file: "order_by_aggregate", request: "GET cities?select=country&order=count().desc,country", ..CASE },
    Case { file: "count", request: "GET cities?select=id&id=gt.1&limit=2", prefer: "count=exact", ..CASE },
    Case {
        file: "object_without_nulls",
        request: "GET cities?select=id,country,mayors(name)&id=eq.5",
        accept: "application/vnd.pgrst.object+json;nulls=stripped",
        ..CASE
    },
    Case { file: "csv", request: "GET cities?select=id,tags,opened&order=id", accept: "text/csv", ..CASE },
    Case { file: "insert", request: "POST keys", body: r#"[{"a":1,"b":2,"value":"x"}]"#, ..CASE },
    Case {
        file: "insert_representation",
        request: "POST keys?select=a,value",
        prefer: REPRESENTATION,
        body: r#"{"a":1,"b":2}"#,
        ..CASE
    },
    Case {
        file: "insert_location",
        request: "POST keys",
        prefer: "return=headers-only",
        body: r#"{"a":1,"b":2}"#,
        ..CASE
    },
    Case {
        file: "insert_missing_default",
        request: "POST keys?columns=a,b,value,counter",
        prefer: "missing=default",
        body: r#"[{"a":1,"b":2},{"a":1,"b":3,"counter":1}]"#,
        ..CASE
    },
    Case {
        file: "insert_embeds",
        request: "POST cities?select=id,countries(name)",
        prefer: REPRESENTATION,
        body: r#"{"name":"Bergen","country":"NO"}"#,
        ..CASE
    },
    Case { file: "insert_defaults", request: "POST cities", body: "{}", ..CASE },
    Case {
        file: "upsert_merge",
        request: "POST keys",
        prefer: "resolution=merge-duplicates,return=representation",
        body: r#"[{"a":1,"b":2,"value":"x"}]"#,
        ..CASE
    },
    Case {
        file: "upsert_ignore",
        request: "POST countries?on_conflict=code",
        prefer: "resolution=ignore-duplicates",
        body: r#"[{"code":"DK","name":"Denmark"}]"#,
        ..CASE
    },
    Case {
        file: "put",
        request: "PUT keys?a=eq.1&b=eq.2",
        prefer: REPRESENTATION,
        body: r#"{"a":1,"b":2,"value":"x"}"#,
        ..CASE
    },
    Case { file: "patch", request: "PATCH cities?id=eq.1&name=like.A*", body: r#"{"population":1}"#, ..CASE },
    Case {
        file: "patch_embeds",
        request: "PATCH cities?id=eq.1&select=name,countries(name),mayors(name)",
        prefer: REPRESENTATION,
        body: r#"{"population":1,"facts":{"bridges":8}}"#,
        ..CASE
    },
    Case {
        file: "patch_bulk",
        request: "PATCH cities?select=id",
        prefer: "return=representation",
        body: r#"[{"id":1,"population":1},{"id":2,"population":2}]"#,
        ..CASE
    },
    Case {
        file: "patch_bulk_by_key_and_filter",
        request: "PATCH keys?on_conflict=a,b&counter=gt.1",
        body: r#"[{"a":1,"b":2,"value":"x"}]"#,
        ..CASE
    },
    Case { file: "patch_nothing", request: "PATCH cities?id=eq.1", body: "{}", ..CASE },
    Case { file: "delete", request: "DELETE cities?or=(id.eq.1,id.eq.2)", ..CASE },
    Case {
        file: "delete_embeds",
        request: "DELETE cities?id=eq.1&select=id,countries(name)&order=id.desc",
        prefer: REPRESENTATION,
        ..CASE
    },
    Case { file: "call_get", request: "GET rpc/add?a=2&b=3", ..CASE },
    Case { file: "call_post", request: "POST rpc/add", body: r#"{"a":2}"#, ..CASE },
    Case {
        file: "call_rows",
        request: "GET rpc/cities_of?code=DK&select=name,countries(name)&id=gt.1&order=name.desc&limit=1",
        ..CASE
    },
    Case { file: "call_variadic", request: "GET rpc/sum?numbers=1&numbers=2", ..CASE },
    Case { file: "call_unnamed", request: "POST rpc/echo", body: r#"{"any":["thing"]}"#, ..CASE },
    Case { file: "call_void", request: "POST rpc/nothing", body: "{}", ..CASE },
    Case {
        file: "call_counted",
        request: "GET rpc/cities_of?code=DK&select=id&limit=1",
        prefer: "count=exact",
        ..CASE
    },
    Case { file: "call_counted_scalars", request: "GET rpc/names?limit=1&offset=1", prefer: "count=exact", ..CASE },
];
