-- Demo data of the schema billy, second part: the trail, the hourly figures made from it, the limits.

-- The tools of the connector: kind of access, what they touch.
drop table if exists pg_temp.demo_billy_tools;
create temporary table demo_billy_tools on commit drop as
select * from (values
  (1, 'list_invoices', 'read', 'invoice'), (2, 'get_invoice', 'read', 'invoice'), (3, 'create_invoice', 'create', 'invoice'),
  (4, 'update_invoice', 'update', 'invoice'), (5, 'approve_invoice', 'update', 'invoice'), (6, 'send_invoice', 'update', 'invoice'),
  (7, 'cancel_invoice', 'delete', 'invoice'), (8, 'get_invoice_pdf', 'read', 'invoice'), (9, 'search_invoices', 'read', 'invoice'),
  (10, 'list_customers', 'read', 'customer'), (11, 'get_customer', 'read', 'customer'), (12, 'create_customer', 'create', 'customer'),
  (13, 'update_customer', 'update', 'customer'), (14, 'list_products', 'read', 'product'), (15, 'get_product', 'read', 'product'),
  (16, 'create_product', 'create', 'product'), (17, 'update_product', 'update', 'product'), (18, 'delete_product', 'delete', 'product'),
  (19, 'get_revenue', 'read', 'revenue'), (20, 'list_bills', 'read', 'bill'), (21, 'get_bill', 'read', 'bill'),
  (22, 'list_payments', 'read', 'payment'), (23, 'register_payment', 'create', 'payment'), (24, 'list_accounts', 'read', 'account'),
  (25, 'validate_auth', 'read', null)
) t(n, tool, action, resource);

-- 420 hours with calls, seven tools a day on 60 days, and 600 calls in them. Every 14th hour belongs to
-- the test organisation. Each reading tool gets 60 to 95 percent of its answers from the cache.
drop table if exists pg_temp.demo_billy_calls;
create temporary table demo_billy_calls on commit drop as
select c.*, c.failure <= 42 as failed,
       c.action = 'read' and c.failure > 42
       and row_number() over (partition by c.tool order by c.failure <= 42, pg_temp.rnd('billy.audit_logs', c.n, 'cache'), c.n)
           <= count(*) over (partition by c.tool) * (64 + c.tool_no * 7 % 27) / 100.0 as cached
from (
  select row_number() over (order by b, k) as n, b, t.n as tool_no, t.tool, t.action, t.resource, case when b % 14 = 0 then 'test-org-123' else 'fjordklar-demo' end as organization,
         ((pg_temp.anchor() - 60 + (b - 1) / 7)::timestamp + make_interval(hours => pg_temp.rint('billy.calls', b, 'hour', 5, 15))) at time zone 'UTC' as bucket,
         k, row_number() over (order by pg_temp.rnd('billy.calls', b * 10 + k, 'failure'), b, k) as failure
  from generate_series(1, 420) b
  join pg_temp.demo_billy_tools t on t.n = 1 + (((b - 1) % 7) * 7 + ((b - 1) / 7) * 3) % 25
  cross join lateral generate_series(1, case b % 7 when 1 then 3 when 4 then 2 else 1 end) k
) c;

-- audit_logs: 600 calls of 25 tools over 60 days, 42 of them failed, some without a person.
insert into billy.audit_logs (id, organization_id, user_id, tool_name, action, resource_type, resource_id, input_params, output_data,
                              success, error_message, duration_ms, ip_address, user_agent, created_at)
select pg_temp.uuid_id('billy.audit_logs', c.n), o.id, u.id, c.tool, c.action, c.resource, x.resource_id,
       case when x.resource_id is not null then jsonb_build_object('id', x.resource_id)
            when c.action = 'create' then jsonb_build_object('name', 'Prøve ' || c.n)
            when c.resource is null then '{}'::jsonb
            else jsonb_build_object('page', 1, 'page_size', pg_temp.nth('{20,50,100}', c.n)::int) end,
       case when not c.failed then jsonb_build_object('cached', c.cached, 'count', case when c.tool like 'list%' or c.tool like 'search%' then pg_temp.rint('billy.audit_logs', c.n, 'count', 1, 50) else 1 end) end,
       not c.failed,
       case when c.failed then pg_temp.nth('{Request to Billy timed out after 1800 ms,Billy answered 401: access token is invalid,Validation failed: the field is required}', c.failure) end,
       case when not c.failed then case when c.cached then pg_temp.rint('billy.audit_logs', c.n, 'ms', 40, 95) else pg_temp.rint('billy.audit_logs', c.n, 'ms', 180, 1700) end
            when c.failure % 3 = 1 then 1800 when c.failure % 3 = 2 then pg_temp.rint('billy.audit_logs', c.n, 'ms', 120, 400) end,
       '192.0.2.' || 10 + c.n % 40, pg_temp.nth('{tekup-billy/1.4,renos-backend/2.1,claude-desktop/0.9}', c.n / 3 + 1),
       c.bucket + make_interval(mins => (c.k - 1)::int * 20 + pg_temp.rint('billy.audit_logs', c.n, 'minute', 0, 19), secs => pg_temp.rint('billy.audit_logs', c.n, 'second', 0, 59))
from pg_temp.demo_billy_calls c
join billy.organizations o on o.billy_organization_id = c.organization
cross join lateral (select case when c.action in ('update', 'delete') or c.tool like 'get\_%' and c.resource <> 'revenue' then
       case c.resource when 'invoice' then 'inv-demo-' || case when c.organization = 'test-org-123' then 30 else 1 + c.n % 29 end
                       when 'customer' then 'con-demo-' || case when c.organization = 'test-org-123' then 24 else 1 + c.n % 23 end
                       when 'product' then 'pro-demo-' || case when c.organization = 'test-org-123' then 12 else 1 + c.n % 11 end
                       else 'bil-demo-' || 1 + c.n % 15 end end as resource_id) x
left join billy.users u on u.organization_id = o.id and c.n % 9 <> 0
     and u.email = case when c.organization = 'test-org-123' then 'test@tekup.local'
                        when c.action <> 'read' or c.n % 3 > 0 then pg_temp.nth('{maja.lindkaer@fjordklar.example,bo.estrup@fjordklar.example}', c.n)
                        else 'sanne.hvidt@fjordklar.example' end
order by c.n
on conflict do nothing;

-- usage_metrics: the trail summed up by organisation, UTC hour and tool.
insert into billy.usage_metrics (id, organization_id, date, hour, tool_name, call_count, success_count, error_count, avg_duration_ms, cache_hit_rate,
                                 timed_count, total_duration_ms, cache_hits, created_at)
select pg_temp.uuid_id('billy.usage_metrics', c.b), l.organization_id, (c.bucket at time zone 'UTC')::date, extract(hour from c.bucket at time zone 'UTC')::smallint, l.tool_name,
       count(*), count(*) filter (where l.success), count(*) filter (where not l.success),
       round(sum(l.duration_ms)::numeric / nullif(count(l.duration_ms), 0)),
       round(100.0 * count(*) filter (where (l.output_data ->> 'cached')::boolean) / count(*), 2),
       count(l.duration_ms), coalesce(sum(l.duration_ms), 0), count(*) filter (where (l.output_data ->> 'cached')::boolean), min(l.created_at)
from pg_temp.demo_billy_calls c join billy.audit_logs l on l.id = pg_temp.uuid_id('billy.audit_logs', c.n)
group by c.b, c.bucket, l.organization_id, l.tool_name
order by c.b
on conflict do nothing;

-- rate_limits: the windows of 15 minutes that run at the moment of seeding, list_invoices of fjordklar has used 100 of 100.
insert into billy.rate_limits (id, organization_id, endpoint, window_start, request_count, created_at)
select pg_temp.uuid_id('billy.rate_limits', r.n), o.id, r.endpoint, w.start, r.used, w.start
from (values
  (1, 'fjordklar-demo', 'list_invoices', 100), (2, 'fjordklar-demo', 'get_invoice', 42), (3, 'fjordklar-demo', 'create_invoice', 7),
  (4, 'fjordklar-demo', 'send_invoice', 5), (5, 'fjordklar-demo', 'list_customers', 61), (6, 'fjordklar-demo', 'get_customer', 18),
  (7, 'fjordklar-demo', 'list_products', 23), (8, 'fjordklar-demo', 'get_revenue', 3), (9, 'fjordklar-demo', 'list_payments', 11),
  (10, 'test-org-123', 'list_invoices', 4), (11, 'test-org-123', 'list_customers', 2), (12, 'test-org-123', 'validate_auth', 1)
) r(n, organization, endpoint, used)
join billy.organizations o on o.billy_organization_id = r.organization
cross join (select to_timestamp(floor(extract(epoch from pg_temp.demo_clock()) / 900) * 900) as start) w
on conflict do nothing;
