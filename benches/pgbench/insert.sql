-- POST /crm/tasks, Prefer: return=minimal
\startpipeline
begin read write;
select num_nulls(
    set_config('request.jwt.claims', :claims, true),
    set_config('app.current_org_id', :org, true),
    set_config('app.current_user_id', '', true),
    set_config('app.current_role', 'crm_app', true),
    set_config('request.method', 'POST', true),
    set_config('request.path', '/crm/tasks', true),
    set_config('request.headers', :headers, true),
    set_config('request.cookies', '{}', true),
    set_config('search_path', '"crm", "public"', true),
    set_config('role', 'crm_app', true)
);
insert into crm.tasks as t (title, assigned_to)
select b.title, b.assigned_to
from json_to_record(:body) as b(title text, assigned_to text);
commit;
\endpipeline
