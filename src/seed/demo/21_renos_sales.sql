-- Demo data of the schema renos: customers, leads, offers.

-- renos.customers, 70: totals from leads, bookings that were not cancelled, and paid invoices.
insert into renos.customers (id, name, email, phone, address, company_name, notes, status, tags, total_leads, total_bookings, total_revenue, last_contact_at, created_at, updated_at)
select pg_temp.text_id('renos.customers', n), name, email, phone, address, case when business then name end,
       case when business then 'Kontaktperson: ' || contact when n % 7 = 0 then 'Ring på ved sidedøren.' when n % 11 = 0 then 'Ønsker besked på sms dagen før.' end,
       case when active then 'active' else 'inactive' end,
       case when n = 1 then array['fast'] else array_remove(array[case when n <= 26 and n <> 15 then 'fast' end, case when n % 9 = 0 then 'vip' end, case when n % 6 = 0 then 'nøgle' end,
                                    case when n % 13 = 0 then 'allergi' end, case when n % 8 = 3 and not business then 'hund' end], null) end,
       leads, bookings, revenue, greatest(last_job, last_mail, first_lead), born, greatest(last_job, last_mail, first_lead, born)
from (select c.*,
             (select count(*) from demo_leads l where l.customer = c.n) as leads,
             (select min(created) from demo_leads l where l.customer = c.n) as first_lead,
             (select count(*) from demo_bookings b where b.customer = c.n and b.status <> 'cancelled') as bookings,
             (select coalesce(sum(t.total), 0) from demo_invoices i join demo_totals t on t.invoice = i.n where i.customer = c.n and i.status = 'paid') as revenue,
             (select max(coalesce(ended, started)) from demo_bookings b where b.customer = c.n and b.status in ('completed', 'in_progress')) as last_job,
             (select max(m.sent) from demo_messages m where m.customer = c.n) as last_mail,
             least((select min(l.created) + interval '5 days' from demo_leads l where l.n = c.n and l.n <= 54), case when c.n > 54 then pg_temp.at(-365, 480 + c.n) end) as born
      from demo_customers c) x
on conflict do nothing;

-- renos.leads, 180. 144-147 prove the order by priority; 108-137 are not scored yet; 20 have the key of their message.
insert into renos.leads (id, session_id, customer_id, source, name, email, phone, address, square_meters, rooms, task_type, preferred_dates, status, email_thread_id,
                         follow_up_attempts, last_follow_up_date, idempotency_key, company_name, industry, estimated_size, estimated_value, enrichment_data, last_enriched,
                         score, priority, last_scored, score_metadata, created_at, updated_at)
select pg_temp.text_id('renos.leads', n), null, pg_temp.text_id('renos.customers', customer), source, name, email, phone, address, area, greatest(1, area / 28), task,
       case when status in ('new', 'contacted', 'qualified', 'quoted') then array[(pg_temp.workday((3 + n % 9)::int))::text, (pg_temp.workday((14 + n % 9)::int))::text] else '{}' end,
       status, (select gmail from demo_threads t where t.t = case when l.n <= 54 then l.n when l.n between 113 and 117 then l.n + 33 end),
       attempts, created + make_interval(days => 5 * attempts) - case when n <= 54 then interval '6 hours' else interval '0' end * (attempts > 0)::int + case when attempts = 0 then null::interval else interval '0' end,
       case when n between 108 and 127 then 'mail:' || pg_temp.hex('renos.leads', n, 'key', 12) end,
       company, case when business then industry end, case when business then (5 * (1 + n % 12)) || ' ansatte' end,
       case when n between 144 and 147 then (array[1000.00, 50000.00, null, 9000.00])[n - 143]
            when n % 12 = 7 then null
            else least(60000, greatest(900, round((hours * 349 * case when task in ('Erhverv', 'Fast rengøring') then 8 + n % 19 else 1 end)::numeric, -2))) end,
       case when business then jsonb_build_object('source', 'demo', 'employees', 5 * (1 + n % 12), 'industry', industry) end,
       case when business then created + interval '2 hours' end,
       score,
       case when n between 144 and 147 then (array['urgent', 'high', 'medium', 'low'])[n - 143] when score >= 80 then 'urgent' when score >= 60 then 'high' when score >= 35 then 'medium' when score is not null then 'low' end,
       case when score is not null then created + interval '3 hours' end,
       case when score is not null then jsonb_build_object('factors', jsonb_build_object('area', least(40, area / 8), 'source', 10 + n % 15, 'contact', case when email is null then 5 else 20 end), 'model', 'rules-1') end,
       created,
       case when status = 'converted' then created + interval '5 days' when attempts > 0 then created + make_interval(days => 5 * attempts)
            when status in ('quote_sent', 'awaiting_response') then created + interval '26 hours'
            when status in ('lost', 'conflict') then created + interval '9 days' when score is not null then created + interval '3 hours' else created end
from (select l.*, pg_temp.nth('{Sundhed,Jura,Kontor,Håndværk,Institution,Café,Boligforening,Butik}', n) as industry,
             case when n between 77 and 84 then least(3, greatest(1, (pg_temp.anchor() - day - 1) / 5)) when n in (85, 86) then 3 when n in (16, 30, 41) then 1 when n = 173 then 3 else 0 end as attempts,
             case when n between 144 and 147 then (array[85, 70, 50, 20])[n - 143] when n between 108 and 125 or n between 132 and 143 then null
                  else least(98, 12 + area / 8 + pg_temp.rint('renos.leads', n, 'score', 0, 50)) end as score,
             case task when 'Flytterengøring' then area / 20.0 when 'Hovedrengøring' then area / 15.0 when 'Erhverv' then area / 35.0 when 'Airbnb' then area / 25.0 when 'Vinduer' then area / 100.0 else area / 30.0 end as hours
      from demo_leads l) l
on conflict do nothing;

-- renos.quotes, 120: hours by area and speed at 279.20 before VAT. 56 is the offer of eight hours.
insert into renos.quotes (id, lead_id, hourly_rate, estimated_hours, subtotal, vat_rate, total, notes, valid_until, status, created_at, updated_at)
select pg_temp.text_id('renos.quotes', n), pg_temp.text_id('renos.leads', lead), 279.20, hours, round(hours * 279.20, 2), 25.00,
       round(hours * 279.20, 2) + round(round(hours * 279.20, 2) * 0.25, 2),
       case when n % 4 <> 0 then pg_temp.nth('{Midler og udstyr er med i prisen.,Vi afregner kun den brugte tid.,Første besøg tager ofte lidt længere.}', n) end,
       created + interval '30 days', status, created,
       case status when 'accepted' then decided when 'rejected' then decided when 'expired' then created + interval '31 days' else created end
from demo_quotes
on conflict do nothing;
