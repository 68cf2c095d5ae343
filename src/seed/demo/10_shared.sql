-- Demo data of the schema shared: people, sign-in sessions, the trail across applications.

-- shared.users, 18: admin, the staff, two portal customers, two operators, the manager of the second company.
insert into shared.users (id, email, name, role, metadata, is_active, created_at, updated_at)
select pg_temp.uuid_id('shared.users', n), email, name, role, metadata::jsonb, n <> 13,
       pg_temp.at(-365 + n, 480), case when n = 13 then pg_temp.at(-20, 960) else pg_temp.at(-365 + n, 480) end
from (values
  (1, 'admin@tekup.dk', 'Admin User', 'admin', '{}'),
  (2, 'maja.lindkaer@fjordklar.example', 'Maja Lindkær', 'admin', '{"tenant": "fjordklar", "title": "Ejer"}'),
  (3, 'bo.estrup@fjordklar.example', 'Bo Estrup', 'admin', '{"tenant": "fjordklar", "title": "Administration"}'),
  (4, 'sanne.hvidt@fjordklar.example', 'Sanne Hvidt', 'user', '{"tenant": "fjordklar", "title": "Driftsleder"}'),
  (5, 'ali.rahimi@fjordklar.example', 'Ali Rahimi', 'user', '{"tenant": "fjordklar", "title": "Driftsleder"}'),
  (6, 'karen.juel@fjordklar.example', 'Karen Juel', 'user', '{"tenant": "fjordklar", "title": "Rengøringsassistent"}'),
  (7, 'tobias.vang@fjordklar.example', 'Tobias Vang', 'user', '{"tenant": "fjordklar", "title": "Rengøringsassistent"}'),
  (8, 'elif.demir@fjordklar.example', 'Elif Demir', 'user', '{"tenant": "fjordklar", "title": "Rengøringsassistent"}'),
  (9, 'piotr.zielak@fjordklar.example', 'Piotr Zielak', 'user', '{"tenant": "fjordklar", "title": "Rengøringsassistent"}'),
  (10, 'signe.aabo@fjordklar.example', 'Signe Aabo', 'user', '{"tenant": "fjordklar", "title": "Rengøringsassistent"}'),
  (11, 'hassan.noor@fjordklar.example', 'Hassan Noor', 'user', '{"tenant": "fjordklar", "title": "Rengøringsassistent"}'),
  (12, 'mette.krag@fjordklar.example', 'Mette Krag', 'user', '{"tenant": "fjordklar", "title": "Rengøringsassistent"}'),
  (13, 'lukas.friis@fjordklar.example', 'Lukas Friis', 'user', '{"tenant": "fjordklar", "title": "Rengøringsassistent", "left": true}'),
  (14, pg_temp.mail(pg_temp.person(1)), pg_temp.person(1), 'user', '{"portal": true}'),
  (15, pg_temp.mail(pg_temp.person(2)), pg_temp.person(2), 'user', '{"portal": true}'),
  (16, 'vagt1@tekup.example', 'Drift Et', 'admin', '{"operator": true}'),
  (17, 'vagt2@tekup.example', 'Drift To', 'admin', '{"operator": true}'),
  (18, 'leder@ostby-service.example', 'Vibe Østby', 'user', '{"tenant": "ostby-service", "title": "Ejer"}')
) v(n, email, name, role, metadata)
on conflict do nothing;

-- shared.sessions, 12: live 7, expired 3, revoked 2; the hashes belong to no token that anybody has.
insert into shared.sessions (id, user_id, app, token_hash, ip_address, user_agent, metadata, last_seen_at, expires_at, revoked_at, created_at)
select pg_temp.uuid_id('shared.sessions', n), pg_temp.uuid_id('shared.users', person), app,
       pg_temp.hex('shared.sessions', n, 'token', 32), '192.0.2.' || (10 + n),
       pg_temp.nth('{Mozilla/5.0 (demo desktop),Mozilla/5.0 (demo phone),TekupApp/1.0 (demo)}', n),
       case when app in ('renos', 'crm', 'flow') then jsonb_build_object('organization_id', pg_temp.uuid_id('crm.tenants', 1)) else '{}'::jsonb end,
       started + interval '5 hours', started + case when n <= 7 then interval '7 days' else interval '24 hours' end,
       case when n > 10 then started + interval '6 hours' end, started
from (select n, app, person, case when n <= 7 then pg_temp.at(-1, 420 + n * 17) else pg_temp.at(-3 - n, 420 + n * 11) end as started
      from (values (1, 'renos', 2), (2, 'renos', 4), (3, 'renos', 6), (4, 'crm', 3), (5, 'flow', 16), (6, 'dashboard', 1),
                   (7, 'vault', 17), (8, 'billy', 3), (9, 'renos', 7), (10, 'crm', 5), (11, 'renos', 13), (12, 'dashboard', 16)) v(n, app, person)) x
on conflict do nothing;

-- shared.audit_logs, 150 over 90 days: sign-ins, secrets shown, exports, changes of rights.
insert into shared.audit_logs (id, user_id, service, action, resource_type, resource_id, success, metadata, created_at)
select pg_temp.uuid_id('shared.audit_logs', n),
       case when n % 25 <> 0 then pg_temp.uuid_id('shared.users', person) end,
       service, action,
       case action when 'secret.reveal' then 'secret' when 'data.export' then 'export' when 'rights.change' then 'role' else 'session' end,
       case action when 'secret.reveal' then service || '.api_key' when 'data.export' then service || '/export/' || n
                   when 'rights.change' then pg_temp.uuid_id('shared.users', 2 + n % 12)::text
                   else pg_temp.uuid_id('shared.sessions', 1 + n % 12)::text end,
       case when n % 29 = 0 then null else not (action = 'login' and n % 11 = 0) end,
       case action when 'rights.change' then jsonb_build_object('from', 'user', 'to', 'admin')
                   when 'data.export' then jsonb_build_object('rows', pg_temp.rint('shared.audit_logs', n, 'rows', 20, 900), 'format', 'csv')
                   when 'login' then jsonb_build_object('ip', '192.0.2.' || (10 + n % 12)) else '{}'::jsonb end,
       pg_temp.at(-1 - pg_temp.rint('shared.audit_logs', n, 'day', 0, 89), pg_temp.rint('shared.audit_logs', n, 'minute', 420, 1080))
from (select n, pg_temp.nth('{renos,vault,billy,crm,flow,shared}', n) as service,
             pg_temp.pick_weighted('{login,logout,secret.reveal,data.export,rights.change}', '{55,25,8,8,4}', pg_temp.rnd('shared.audit_logs', n, 'action')) as action,
             pg_temp.rint('shared.audit_logs', n, 'person', 1, 17) as person
      from generate_series(1, 150) n) x
on conflict do nothing;
