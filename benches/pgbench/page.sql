-- GET /crm/contacts?order=created_at.desc,id&limit=20
\startpipeline
begin read only;
select num_nulls(
    set_config('request.jwt.claims', :claims, true),
    set_config('app.current_org_id', :org, true),
    set_config('app.current_user_id', '', true),
    set_config('app.current_role', 'crm_app', true),
    set_config('request.method', 'GET', true),
    set_config('request.path', '/crm/contacts', true),
    set_config('request.headers', :headers, true),
    set_config('request.cookies', '{}', true),
    set_config('search_path', '"crm", "public"', true),
    set_config('role', 'crm_app', true)
);
select * from crm.contacts as t order by t.created_at desc, t.id limit 20;
commit;
\endpipeline
