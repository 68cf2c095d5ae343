-- A million rows in a database with the demo data, as its large tables would hold them. Triggers are off: nothing follows.
set session_replication_role = replica;
select setseed(0.5);
create temporary view a_tenant as select min(id::text)::uuid as id from crm.tenants;

insert into crm.companies (id, tenant_id, name, website, industry, email, phone, city, postal_code, owner, notes, tags)
select 'c' || md5('company' || n), t.id, 'Company ' || n, 'https://company-' || n || '.example', 'cleaning',
    'office@company-' || n || '.example', '+45 00 00 00 00', 'Aarhus', '8000', 'owner-' || n % 7, repeat('note ', n % 20),
    array['tag-' || n % 9]
from generate_series(1, 20000) as n, a_tenant as t;

insert into crm.contacts (id, tenant_id, first_name, last_name, email, phone, company_id, city, status, source, owner, notes, tags, custom_fields)
select 'c' || md5('contact' || n), t.id, 'First ' || n % 500, 'Last ' || n, 'person-' || n || '@post.example', '+45 00 00 00 00',
    'c' || md5('company' || 1 + n % 20000), 'Aarhus', 'active', 'web', 'owner-' || n % 7, repeat('note ', n % 30),
    array['tag-' || n % 9, 'b'], jsonb_build_object('n', n, 'text', repeat('x', n % 50))
from generate_series(1, 180000) as n, a_tenant as t;

insert into crm.activities (id, tenant_id, type, subject, description, contact_id, company_id, owner, duration_minutes, occurred_at)
select 'c' || md5('activity' || n), t.id, (array['call', 'email', 'meeting', 'note'])[1 + n % 4], 'Subject ' || n,
    repeat('what was said ', n % 20), 'c' || md5('contact' || 1 + n % 180000), 'c' || md5('company' || 1 + n % 20000),
    'owner-' || n % 7, n % 90, now() - make_interval(mins => n)
from generate_series(1, 300000) as n, a_tenant as t;

insert into flow.executions (id, workflow_id, status, input, completed_steps, started_at, completed_at, duration_ms, triggered_by)
select 'c' || md5('execution' || n), w.id, 'completed', jsonb_build_object('n', n), array['one', 'two'],
    now() - make_interval(mins => n), now() - make_interval(mins => n - 1), n % 9000, 'schedule'
from generate_series(1, 100000) as n, (select min(id) as id from flow.workflows) as w;

insert into flow.execution_logs (id, execution_id, level, message, data, "timestamp")
select 'c' || md5('log' || n), 'c' || md5('execution' || 1 + n % 100000), 'info', repeat('a line of a log ', 1 + n % 8),
    jsonb_build_object('n', n), now() - make_interval(secs => n)
from generate_series(1, 300000) as n;

insert into billy.audit_logs (organization_id, tool_name, action, input_params, success, duration_ms, created_at)
select o.id, 'tool-' || n % 13, 'read', jsonb_build_object('n', n), true, n % 900, now() - make_interval(secs => n)
from generate_series(1, 100000) as n, (select min(id::text)::uuid as id from billy.organizations) as o;

reset session_replication_role;
