-- Demo data of the schema renos: requests about personal data, consents, policies, security, the trail.

-- renos.data_export_requests, 4: one in each state.
insert into renos.data_export_requests (id, user_id, email, request_date, status, download_url, expires_at, created_at, updated_at)
select pg_temp.text_id('renos.data_export_requests', n), u.id, u.email, s, status, case when status = 'completed' then 'https://filer.example/demo/udtraek-' || n || '.json' end, case when status = 'completed' then s + interval '7 days 2 hours' end, s,
       case status when 'pending' then s else s + interval '2 hours' end
from (values (1, 13, 'pending', -1), (2, 14, 'processing', -1), (3, 9, 'completed', -3), (4, 10, 'failed', -30)) v(n, person, status, day)
join renos.users u on u.id = pg_temp.text_id('renos.users', v.person)
cross join lateral (select pg_temp.at(v.day, 600 + v.n) as s) k
on conflict do nothing;

-- renos.data_deletion_requests, 5: pending (due in 12 days), processing, completed (mail replaced by its hash), cancelled, failed.
insert into renos.data_deletion_requests (id, user_id, email, request_date, scheduled_deletion_date, status, reason, created_at, updated_at)
select pg_temp.text_id('renos.data_deletion_requests', n), u.id, case when status = 'completed' then md5(u.email) else u.email end, s, pg_temp.at(day + 30, 660 + n), status, reason, s,
       case status when 'pending' then s when 'cancelled' then s + interval '3 days' when 'completed' then pg_temp.at(day + 30, 180) else pg_temp.at(day + 30, 150) end
from (values (1, 14, 'pending', -18, 'Bruger ikke portalen længere'), (2, 11, 'processing', -31, null), (3, 12, 'completed', -45, 'Fratrådt; lønbilag gemmes efter bogføringsloven'),
             (4, 13, 'cancelled', -80, 'Fortrudt'), (5, 8, 'failed', -60, 'Kontrol af anmodning')) v(n, person, status, day, reason)
join renos.users u on u.id = pg_temp.text_id('renos.users', v.person)
cross join lateral (select pg_temp.at(v.day, 660 + v.n) as s) k
on conflict do nothing;

-- renos.consent_records, 40: data_processing for all, marketing for half, 5 withdrawn, one refusal of third_party.
insert into renos.consent_records (id, user_id, consent_type, granted, granted_at, revoked_at, ip_address, user_agent, version, created_at, updated_at)
select pg_temp.text_id('renos.consent_records', n), pg_temp.text_id('renos.users', person), type, type <> 'third_party', s, case when n > 35 then s + interval '40 days' end,
       '192.0.2.' || (50 + person), pg_temp.nth('{Mozilla/5.0 (demo desktop),Mozilla/5.0 (demo phone)}', n), case when n % 4 = 0 then '1.1' else '1.0' end, s, case when n > 35 then s + interval '40 days' else s end
from (select n::int, case when n <= 14 then 'data_processing' when n <= 21 then 'marketing' when n <= 29 then 'cookies' when n <= 34 then 'analytics' when n = 35 then 'third_party' when n <= 38 then 'marketing' else 'analytics' end as type,
             (case when n <= 14 then n when n <= 21 then (n - 14) * 2 when n <= 29 then n - 21 when n <= 34 then n - 29 when n = 35 then 13 when n <= 38 then (n - 35) * 2 - 1 else n - 30 end)::int as person,
             pg_temp.at((-340 + n * 7)::int, (500 + n)::int) as s
      from generate_series(1, 40) n) x
on conflict do nothing;

-- renos.privacy_policies, 2: 1.1 in force.
insert into renos.privacy_policies (id, version, content, active, created_at, updated_at)
select pg_temp.text_id('renos.privacy_policies', n), version, content, n = 2, pg_temp.at(day, 600), pg_temp.at(case when n = 1 then -200 else day end, 600)
from (values (1, '1.0', -365, 'Vi gemmer navn, adresse, mail og telefon for at kunne levere rengøring og sende faktura. Oplysninger slettes, når de ikke længere er nødvendige.'),
             (2, '1.1', -200, 'Vi gemmer navn, adresse, mail og telefon for at kunne levere rengøring og sende faktura. Billeder fra opgaver gemmes i 12 måneder. Du kan få indsigt i og slettet dine oplysninger ved at skrive til kontakt@fjordklar.example.')) v(n, version, day, content)
on conflict do nothing;

-- renos.security_events, 25: low 12, medium 7, high 4, critical 2; six open; number 25 belongs to the second company.
insert into renos.security_events (id, organization_id, user_id, event_type, severity, description, metadata, ip_address, user_agent, resolved, resolved_at, resolved_by, created_at)
select pg_temp.text_id('renos.security_events', n), pg_temp.uuid_id('crm.tenants', case when n = 25 then 2 else 1 end)::text, case when n % 4 <> 0 then pg_temp.text_id('renos.users', 1 + n % 12) end, type, severity,
       case type when 'failed_login' then 'Fem forkerte forsøg på at logge ind' when 'rate_limit_exceeded' then 'For mange kald på et minut' when 'unusual_export' then 'Udtræk af usædvanlig størrelse' else 'Adgangsnøgle brugt fra ukendt adresse' end,
       jsonb_build_object('count', 3 + n % 9), '198.51.100.' || n, 'Mozilla/5.0 (demo)', not open, case when not open then s + interval '5 hours' end, case when not open then pg_temp.text_id('renos.users', 2) end, s
from (select n::int, pg_temp.share('{low,medium,high,critical}', '{12,7,4,2}', n) as severity, case when n <= 12 then pg_temp.nth('{failed_login,rate_limit_exceeded}', n) when n <= 19 then 'unusual_export' else 'key_misuse' end as type,
             n in (3, 9, 15, 18, 21, 24) as open, pg_temp.at((-3 - n * 6)::int, (500 + n * 9)::int) as s
      from generate_series(1, 25) n) x
on conflict do nothing;

-- renos.audit_logs, 300 over 120 days: create, update, delete, login, and one entry for each security event; number 300 belongs to the second company.
insert into renos.audit_logs (id, organization_id, user_id, action, entity_type, entity_id, old_values, new_values, ip_address, user_agent, created_at)
select pg_temp.text_id('renos.audit_logs', x.n), coalesce(e.organization_id, pg_temp.uuid_id('crm.tenants', 1)::text), coalesce(e.user_id, case when x.action <> 'security_event' then pg_temp.text_id('renos.users', x.person) end), x.action, x.entity,
       case when x.action = 'delete' then pg_temp.text_id('renos.leads', 1000 + x.n) when x.entity = 'lead' then pg_temp.text_id('renos.leads', 55 + x.n % 126) when x.entity = 'booking' then pg_temp.text_id('renos.bookings', 1 + x.n % 320) when x.entity = 'invoice' then pg_temp.text_id('renos.invoices', 1 + x.n % 180)
                     when x.entity = 'user' then pg_temp.text_id('renos.users', x.person) else e.id end,
       case when x.action = 'update' then jsonb_build_object('status', case x.entity when 'lead' then 'new' when 'booking' then 'scheduled' when 'invoice' then 'draft' else 'inactive' end)
            when x.action = 'delete' then jsonb_build_object('status', 'draft') end,
       case when x.action in ('create', 'update') then jsonb_build_object('status', case x.entity when 'lead' then 'contacted' when 'booking' then 'confirmed' when 'invoice' then 'sent' else 'active' end)
            when x.action = 'security_event' then jsonb_build_object('severity', e.severity, 'event_type', e.event_type) end,
       coalesce(e.ip_address, '192.0.2.' || (10 + x.person)), coalesce(e.user_agent, 'Mozilla/5.0 (demo desktop)'),
       coalesce(e.created_at, pg_temp.at(-1 - (x.n * 119 / 300)::int, (430 + x.n)::int))
from (select n, action, (case when n % 5 = 0 then 5 + n % 7 else 1 + n % 4 end)::int as person, case action when 'login' then 'user' when 'security_event' then 'security' when 'delete' then 'lead' else pg_temp.nth('{lead,booking,invoice,user}', n) end as entity
      from (select n, case when n > 275 then 'security_event' else pg_temp.share('{create,update,login,delete}', '{80,80,95,20}', pg_temp.spread(n, 275)) end as action from generate_series(1, 300) n) y) x
left join renos.security_events e on x.n > 275 and e.id = pg_temp.text_id('renos.security_events', x.n - 275)
on conflict do nothing;
