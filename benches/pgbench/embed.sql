-- GET /crm/companies?select=id,name,deals(id,title,value,deal_products(product_name,quantity,total))&order=id&limit=20
\startpipeline
begin read only;
select num_nulls(
    set_config('request.jwt.claims', :claims, true),
    set_config('app.current_org_id', :org, true),
    set_config('app.current_user_id', '', true),
    set_config('app.current_role', 'crm_app', true),
    set_config('request.method', 'GET', true),
    set_config('request.path', '/crm/companies', true),
    set_config('request.headers', :headers, true),
    set_config('request.cookies', '{}', true),
    set_config('search_path', '"crm", "public"', true),
    set_config('role', 'crm_app', true)
);
select row_to_json(r.*) as document
from (
    select t.id, t.name, coalesce(d.rows, '[]') as deals
    from crm.companies as t
    left join lateral (
        select json_agg(r.*)::jsonb as rows
        from (
            select e.id, e.title, e.value, coalesce(p.rows, '[]') as deal_products
            from crm.deals as e
            left join lateral (
                select json_agg(r.*)::jsonb as rows
                from (
                    select l.product_name, l.quantity, l.total
                    from crm.deal_products as l
                    where l.deal_id = e.id
                ) as r
            ) as p on true
            where e.company_id = t.id
        ) as r
    ) as d on true
    order by t.id
    limit 20
) as r;
commit;
\endpipeline
