-- Demo data of the schema renos: subcontractors and what hangs on them.

-- Working table: assignments. 26 completed, 1 in progress, 5 accepted, 6 assigned, 4 rejected (then given to
-- somebody else), 3 cancelled; stars of the 24 reviews.
create temporary table demo_assignments on commit drop as
select a.n, a.status, b.n as booking, b.day, b.started, b.ended, b.worked,
       case when a.n = 25 then 5 when a.n = 26 then 6 when a.status = 'rejected' then 1 + (a.n + 2) % 4 else 1 + a.n % 4 end as partner,
       b.created + interval '2 hours' as assigned_at,
       case when a.n > 24 then null when a.n = 13 then 1 else 3 + (array[2,1,2,0,2,1,1])[1 + a.n % 7] end as stars
from (select n::int, pg_temp.share('{completed,in_progress,accepted,assigned,rejected,cancelled}', '{26,1,5,6,4,3}', n) as status,
             (case when n <= 26 then 149 + n * 2 when n = 27 then 223 when n <= 38 then 246 + n when n <= 42 then 235 + n when n > 42 then 274 + n end)::int as booking
      from generate_series(1, 45) n) a
join demo_bookings b on b.n = a.booking;

-- renos.subcontractors, 6: four active, one inactive, one suspended; the rating is the mean of the reviews.
insert into renos.subcontractors (id, company_name, contact_name, email, phone, address, city, zip_code, cvr_number, website_url, status, rating, notes, created_at, updated_at)
select pg_temp.uuid_id('renos.subcontractors', n), name, pg_temp.person(320 + n), 'post@' || pg_temp.fold(name, '-') || '.example', pg_temp.phone('renos.subcontractors', n),
       pg_temp.street('renos.subcontractors', n), substr(pg_temp.place('renos.subcontractors', n), 6), substr(pg_temp.place('renos.subcontractors', n), 1, 4), 'DK' || pg_temp.cvr('renos.subcontractors', n),
       'https://' || pg_temp.fold(name, '-') || '.example', case when n <= 4 then 'active' when n = 5 then 'inactive' else 'suspended' end,
       coalesce((select round(avg(stars), 2) from demo_assignments a where a.partner = x.n), 0), case n when 5 then 'Holder pause' when 6 then 'Forsikring mangler' end,
       pg_temp.at(-340 + n, 600), coalesce((select max(ended) + interval '2 hours' from demo_assignments a where a.partner = x.n and stars is not null), pg_temp.at(-340 + n, 600))
from (select n::int, pg_temp.nth('{Rentvand Partner,Glasklar Ruder,Flyttehjælperne Nord,Dybderens Team,Søsterens Service,Hurtigkost Rengøring}', n) as name from generate_series(1, 6) n) x
on conflict do nothing;

-- renos.subcontractor_services, 16: two to four each.
insert into renos.subcontractor_services (id, subcontractor_id, service_id, experience_years, certifications, created_at)
select pg_temp.uuid_id('renos.subcontractor_services', p * 10 + j), pg_temp.uuid_id('renos.subcontractors', p), pg_temp.text_id('renos.services', 1 + (p * 3 + j) % 8), 1 + (p + j) % 9,
       case when j = 1 then array['Demo-certifikat ' || p] else '{}'::text[] end, pg_temp.at(-330 + p, 600)
from generate_series(1, 6) p cross join lateral generate_series(1, (array[3, 2, 4, 2, 3, 2])[p]) j
on conflict do nothing;

-- renos.subcontractor_documents, 14: valid 9 (two of them for less than 30 days), expired 2, pending 2, rejected 1.
insert into renos.subcontractor_documents (id, subcontractor_id, document_type, document_name, storage_url, expiration_date, status, uploaded_at, updated_at)
select pg_temp.uuid_id('renos.subcontractor_documents', n), pg_temp.uuid_id('renos.subcontractors', partner), type, name, 'https://filer.example/demo/dokument-' || n || '.pdf',
       case when days is not null then pg_temp.anchor() + days end, status, pg_temp.at(-320 + n * 3, 620),
       case when status = 'expired' then pg_temp.at(days + 1, 60) when status = 'rejected' then pg_temp.at(-200, 700) else pg_temp.at(-320 + n * 3, 620) end
from (values
  (1, 1, 'insurance', 'Ansvarsforsikring', 210, 'valid'), (2, 1, 'contract', 'Rammeaftale', null, 'valid'), (3, 2, 'insurance', 'Ansvarsforsikring', 12, 'valid'), (4, 2, 'certification', 'Arbejde i højden', 190, 'valid'),
  (5, 3, 'insurance', 'Ansvarsforsikring', 150, 'valid'), (6, 3, 'license', 'Kørsel med gods', 320, 'valid'), (7, 4, 'insurance', 'Ansvarsforsikring', 25, 'valid'), (8, 4, 'other', 'Børneattest', 400, 'valid'),
  (9, 5, 'contract', 'Rammeaftale', null, 'valid'), (10, 6, 'insurance', 'Ansvarsforsikring', -14, 'expired'), (11, 5, 'insurance', 'Ansvarsforsikring', -45, 'expired'), (12, 1, 'certification', 'Tæpperens niveau 2', 365, 'pending'),
  (13, 4, 'license', 'Affaldstransport', 300, 'pending'), (14, 6, 'other', 'Ulæselig kopi', null, 'rejected')
) v(n, partner, type, name, days, status)
on conflict do nothing;

-- renos.subcontractor_availability, 60: the four active ones over four weeks, whole and half days; 8 blocked, never on a day with work.
insert into renos.subcontractor_availability (id, subcontractor_id, date, start_time, end_time, is_available, recurring, recurring_pattern, notes, created_at)
select pg_temp.uuid_id('renos.subcontractor_availability', (p - 1) * 15 + j), pg_temp.uuid_id('renos.subcontractors', p), day,
       case when half and not busy and not blocked then case when j % 2 = 0 then time '08:00' else time '12:00' end end, case when half and not busy and not blocked then case when j % 2 = 0 then time '12:00' else time '16:00' end end,
       not blocked, j % 7 = 0, case when j % 7 = 0 then (array['weekly', 'biweekly', 'monthly'])[1 + p % 3] end, case when blocked then 'Fri' end, pg_temp.at(-7, 540 + j)
from (select *, row_number() over (partition by p order by busy, j desc) <= 2 as blocked
      from (select p::int, j::int, pg_temp.workday((j * 4 / 3)::int) as day, (p + j) % 3 = 0 as half,
                   exists (select from demo_assignments a where a.partner = p and a.status in ('assigned', 'accepted', 'in_progress') and a.day = pg_temp.workday((j * 4 / 3)::int)) as busy
            from generate_series(1, 4) p, generate_series(0, 14) j) x) y
on conflict do nothing;

-- renos.task_assignments, 45.
insert into renos.task_assignments (id, booking_id, subcontractor_id, assigned_by, assigned_at, status, started_at, completed_at, actual_hours, notes, calendar_event_id, invoice_id, invoice_number, created_at, updated_at)
select pg_temp.uuid_id('renos.task_assignments', n), pg_temp.text_id('renos.bookings', booking), pg_temp.uuid_id('renos.subcontractors', partner), pg_temp.text_id('renos.users', 3 + n % 2), assigned_at, status,
       case when status in ('completed', 'in_progress') then started end, case when status = 'completed' then ended end, case when status = 'completed' then round(worked / 60.0, 2) end,
       case status when 'rejected' then 'Har ikke tid den dag' when 'cancelled' then 'Bookingen er aflyst' end, case when n % 2 = 0 then 'demo-sub-event-' || n end,
       case when status = 'completed' and n % 3 = 0 then 'billy-demo-' || n end, case when status = 'completed' and n % 3 = 0 then 'UL-' || lpad(n::text, 4, '0') end,
       assigned_at, case status when 'completed' then ended when 'in_progress' then started when 'assigned' then assigned_at else assigned_at + interval '1 hour' end
from demo_assignments
on conflict do nothing;

-- renos.subcontractor_reviews, 24: three to five stars, one with a single star.
insert into renos.subcontractor_reviews (id, task_assignment_id, subcontractor_id, reviewed_by, rating, quality_score, timeliness_score, communication_score, professionalism_score, would_recommend, comments, photos, created_at)
select pg_temp.uuid_id('renos.subcontractor_reviews', n), pg_temp.uuid_id('renos.task_assignments', n), pg_temp.uuid_id('renos.subcontractors', partner), pg_temp.text_id('renos.users', 3 + n % 2), stars,
       stars, greatest(1, stars - n % 2), least(5, stars + (n % 3) / 2), stars, stars >= 3,
       case when stars = 1 then 'Mødte ikke op til tiden og gik før aftalt.' when stars = 5 then 'Grundigt arbejde, kunden var glad.' when stars = 4 then 'Godt udført, lille mangel i køkkenet.' else 'Acceptabelt, men for langsomt.' end,
       case when n % 6 = 0 then jsonb_build_array('https://billeder.example/demo/anmeldelse-' || n || '.jpg') end, ended + interval '2 hours'
from demo_assignments where stars is not null
on conflict do nothing;

-- renos.subcontractor_agreements, 6: pending 1, active 3, expired 1, terminated 1.
insert into renos.subcontractor_agreements (id, subcontractor_id, agreement_type, terms, signed_date, expiration_date, status, document_url, payment_terms, hourly_rate_dkk, created_by, notes, created_at, updated_at)
select pg_temp.uuid_id('renos.subcontractor_agreements', n), pg_temp.uuid_id('renos.subcontractors', n), case when n % 2 = 0 then 'enkeltopgaver' else 'rammeaftale' end,
       'Opgaver udføres efter Fjordklars tjeklister. Betaling efter udført og godkendt arbejde.', case when status <> 'pending' then pg_temp.anchor() - 330 + n end,
       case status when 'expired' then pg_temp.anchor() - 30 when 'terminated' then pg_temp.anchor() + 60 else pg_temp.anchor() + 200 + n * 20 end, status,
       case when status <> 'pending' then 'https://filer.example/demo/aftale-' || n || '.pdf' end, '30 dage netto', 200 + 10 * n, pg_temp.text_id('renos.users', 1), case when status = 'terminated' then 'Opsagt efter manglende forsikring' end,
       pg_temp.at(-332 + n, 600), case status when 'expired' then pg_temp.at(-29, 60) when 'terminated' then pg_temp.at(-14, 600) else pg_temp.at(-330 + n, 600) end
from (select n::int, (array['active', 'active', 'active', 'pending', 'expired', 'terminated'])[n] as status from generate_series(1, 6) n) x
on conflict do nothing;

-- renos.push_subscriptions, 5: endpoints that nobody answers.
insert into renos.push_subscriptions (id, subcontractor_id, subscription, user_agent, created_at, last_used_at)
select pg_temp.uuid_id('renos.push_subscriptions', n), pg_temp.uuid_id('renos.subcontractors', 1 + n % 4),
       jsonb_build_object('endpoint', 'https://push.example/demo/' || n, 'keys', jsonb_build_object('p256dh', pg_temp.hex('renos.push_subscriptions', n, 'p256dh', 32), 'auth', pg_temp.hex('renos.push_subscriptions', n, 'auth', 16))),
       'Mozilla/5.0 (demo phone)', pg_temp.at((-40 - n)::int, 600), pg_temp.at((-1 - n)::int, 700)
from generate_series(1, 5) n
on conflict do nothing;
