-- Demo data of the schema renos: accounts, staff, catalogue.

-- renos.users, 14: four of the office, eight cleaners, two portal customers. No password opens an account
-- of these; Lukas Friis has left and may not sign in.
insert into renos.users (id, email, name, phone, password_hash, role, is_active, last_login_at, created_at, updated_at, shared_user_id)
select pg_temp.text_id('renos.users', g.n), s.email, s.name, case when g.n <= 12 then pg_temp.phone('renos.users', g.n) else c.phone end, '!',
       (array['owner','admin','manager','manager','employee','employee','employee','employee','employee','employee','employee','employee','customer','customer'])[g.n],
       g.n <> 12, case when g.n = 12 then pg_temp.at(-20, 960) else pg_temp.at(-1 - g.n % 4, 440 + g.n * 13) end,
       s.created_at, case when g.n = 12 then pg_temp.at(-20, 960) else pg_temp.at(-1 - g.n % 4, 440 + g.n * 13) end, s.id
from generate_series(1, 14) g(n)
join shared.users s on s.id = pg_temp.uuid_id('shared.users', g.n + 1)
left join demo_customers c on c.n = g.n + 3
on conflict do nothing;

-- The owner that the minimal data made stands alone until now.
update renos.users u set shared_user_id = s.id
from shared.users s
where u.id = pg_temp.text_id('renos.users', 1) and s.id = pg_temp.uuid_id('shared.users', 2) and u.shared_user_id is null;

-- renos.team_members, 8: the cleaners; their figures come from the time entries.
insert into renos.team_members (id, user_id, employee_id, skills, hourly_rate, availability, performance_metrics, is_active, hire_date, created_at, updated_at)
select pg_temp.text_id('renos.team_members', n), pg_temp.text_id('renos.users', n + 4),
       'EMP-' || extract(year from hired) || '-' || lpad(n::text, 4, '0'),
       (array['standard_cleaning','deep_cleaning','window_cleaning','carpet_cleaning','office_cleaning'])[1:2 + (n * 3) % 4],
       (array[232.50, 180.00, 214.00, 260.00, 196.50, 205.00, 241.00, 188.00])[n],
       (select jsonb_object_agg(d, jsonb_build_object('start', '07:00', 'end', case when d = 'friday' then '15:00' else '16:00' end, 'available', not (d in ('saturday', 'sunday') or (d = 'wednesday' and n = 6))))
        from unnest(array['monday','tuesday','wednesday','thursday','friday','saturday','sunday']) d),
       jsonb_build_object('jobsCompleted', jobs, 'averageJobDuration', round(minutes / jobs), 'averageQualityScore', 4.2 + (n % 5) * 0.1, 'customerSatisfaction', 4.1 + (n % 4) * 0.2,
                          'punctualityScore', 92 + n % 7, 'efficiencyRating', round(estimate / minutes, 2), 'totalHoursWorked', round(minutes / 60.0, 1), 'overtimeHours', 0),
       n <> 8, hired, pg_temp.on_day(greatest(hired, pg_temp.anchor() - 365), 480), case when n = 8 then pg_temp.at(-20, 960) else last_end end
from (select member as n, count(*) filter (where ended is not null) as jobs, sum(worked) as minutes, sum(estimate) filter (where ended is not null)::numeric as estimate, max(ended) as last_end,
             pg_temp.workday(-240) - 90 * (8 - member) as hired
      from demo_entries group by member) x
on conflict do nothing;

-- renos.services, 8: list prices in DKK with VAT.
insert into renos.services (id, name, description, category, price, duration, created_at, updated_at)
select pg_temp.text_id('renos.services', n), name, description, category, price, duration, pg_temp.at(-365, 480), pg_temp.at(-365, 480)
from (values
  (1, 'Fast rengøring', 'Ugentlig eller hver anden uge, samme hold hver gang', 'cleaning', 349.00, 150),
  (2, 'Hovedrengøring', 'Grundig gennemgang af hele boligen', 'cleaning', 449.00, 300),
  (3, 'Flytterengøring', 'Klar til aflevering, med gennemgang', 'cleaning', 549.00, 360),
  (4, 'Erhvervsrengøring', 'Kontor, klinik og butik efter aftalt plan', 'maintenance', 299.00, 150),
  (5, 'Vinduespudsning', 'Ude og inde, pris pr. time', 'specialized', 399.00, 120),
  (6, 'Tæpperens', 'Rens af tæpper og møbelstof', 'specialized', 499.00, 180),
  (7, 'Håndværkerrengøring', 'Efter ombygning og maling', 'specialized', 599.00, 300),
  (8, 'Airbnb-rengøring', 'Skift mellem gæster, med linned', 'cleaning', 349.00, 120)
) v(n, name, description, category, price, duration)
on conflict do nothing;

-- renos.labels, 12.
insert into renos.labels (id, name, created_at, updated_at)
select pg_temp.text_id('renos.labels', n), name, pg_temp.at(-365, 480), pg_temp.at(-365, 480)
from unnest(array['Nyt lead','Tilbud sendt','Afventer svar','Booket','Udført','Faktureret','Betalt','Klage','Konflikt','Opfølgning','Leverandør','Intern']) with ordinality v(name, n)
on conflict do nothing;

-- renos.competitor_pricing, 12: four competitors that do not exist, last three quarters.
insert into renos.competitor_pricing (id, competitor, website_url, pricing_data, scraped_at, credits_used)
select pg_temp.text_id('renos.competitor_pricing', n), name, 'https://' || pg_temp.fold(name, '-') || '.example/priser',
       jsonb_build_object('currency', 'DKK', 'hourly', 319 + 15 * (n % 4) + 5 * quarter, 'moving_per_m2', 32 + n % 4, 'windows_each', 24 + n % 3),
       pg_temp.at(-30 - 91 * (2 - quarter), 360 + n), 1 + n % 3
from (select n, (n - 1) / 4 as quarter, pg_temp.nth('{Rentby Service,Skinnende Huse,Kystens Rengøring,Blank og Fin}', n) as name from generate_series(1, 12) n) x
on conflict do nothing;
