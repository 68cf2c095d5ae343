-- GET /crm/contacts?id=eq.…
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
select * from crm.contacts as t where t.id = :contact limit 1000;
commit;
\endpipeline
