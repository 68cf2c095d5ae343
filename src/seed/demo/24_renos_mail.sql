-- Demo data of the schema renos: conversations, threads, messages, drafted answers, import runs, escalations.

-- renos.conversations, 90: 80 by mail (the threads 1-80), 6 by phone, 4 by text message; 35 closed.
insert into renos.conversations (id, customer_id, lead_id, subject, channel, status, gmail_thread_id, created_at, updated_at, closed_at)
select pg_temp.text_id('renos.conversations', n), pg_temp.text_id('renos.customers', customer), pg_temp.text_id('renos.leads', case when customer <= 54 then customer end),
       case when n > 80 then 'Opkald og beskeder' else case topic when 'enquiry' then 'Forespørgsel om rengøring' else 'Vedrørende jeres aftale' end end,
       case when n <= 80 then 'email' when n <= 86 then 'phone' else 'sms' end,
       case when closed then 'closed' else 'active' end, case when n <= 80 then gmail end, began, case when closed then ended + interval '7 days' else ended end, case when closed then ended + interval '7 days' end
from (select n::int, t.customer, t.topic, t.gmail, t.start as began, t.start + make_interval(mins => (t.messages - 1) * t.gap) as ended,
             row_number() over (order by t.start + make_interval(mins => (t.messages - 1) * t.gap), n) <= 35 as closed
      from generate_series(1, 90) n join demo_threads t on t.t = case when n <= 80 then n else n + 10 end) x
on conflict do nothing;

-- renos.email_threads, 150: 145 tied to a customer in five ways, 5 to nobody.
insert into renos.email_threads (id, gmail_thread_id, customer_id, subject, snippet, last_message_at, participants, message_count, labels, is_matched, matched_at, matched_by, confidence, created_at, updated_at)
select pg_temp.text_id('renos.email_threads', t.t), t.gmail, pg_temp.text_id('renos.customers', t.customer),
       case t.topic when 'enquiry' then 'Forespørgsel om rengøring' when 'question' then 'Spørgsmål til næste besøg' when 'invoice' then 'Vedrørende faktura' when 'praise' then 'Tak for hjælpen'
                    when 'complaint' then 'Utilfreds med rengøringen' else 'Flytning af tid' end,
       case when t.matched_by = 'snippet_email' then 'Fra ' || t.email || ': ' else '' end || substr(m.first_body, 1, 100), m.last_sent,
       case t.matched_by when 'snippet_email' then '{}' when 'message_email' then array['formular@webhotel.example'] else array[t.sender] end, m.number,
       array[case t.topic when 'enquiry' then case when t.t <= 54 then 'Booket' when t.t > 145 then 'Nyt lead' else 'Tilbud sendt' end when 'invoice' then 'Faktureret' when 'complaint' then 'Klage' when 'praise' then 'Udført' else 'Opfølgning' end, 'INBOX'],
       t.matched_by <> '', case when t.matched_by <> '' then t.start + interval '10 minutes' end, nullif(t.matched_by, ''),
       case t.matched_by when 'exact_email' then 1.0 when 'manual' then 1.0 when 'message_email' then 0.9 when 'snippet_email' then 0.8 when 'domain' then 0.8 end,
       t.start, greatest(m.last_sent, t.start + interval '10 minutes')
from demo_threads t
join (select t, count(*) as number, max(sent) as last_sent, (array_agg(body order by i))[1] as first_body from demo_messages group by t) m on m.t = t.t
on conflict do nothing;

-- renos.email_messages, 480: 264 in, 216 out, 70 of them by the assistant.
insert into renos.email_messages (id, gmail_message_id, gmail_thread_id, thread_id, "from", "to", subject, body, body_preview, direction, status, is_ai_generated, ai_model, sent_at, created_at, updated_at, conversation_id)
select pg_temp.text_id('renos.email_messages', m.id), m.gmail || '-' || m.i, m.gmail, h.id,
       case when m.direction = 'inbound' then m.sender else 'kontakt@fjordklar.example' end,
       array[case when m.direction = 'inbound' then 'kontakt@fjordklar.example' else m.sender end],
       case when m.i > 1 then 'Re: ' else '' end || h.subject, m.body, substr(m.body, 1, 200), m.direction,
       case when m.direction = 'inbound' then 'delivered' when m.id % 67 = 0 then 'bounced' when m.id % 53 = 0 then 'failed' when m.id % 61 = 0 then 'queued' when m.id % 3 = 0 then 'sent' else 'delivered' end,
       m.assistant is not null, case when m.assistant is not null then 'demo-model-1' end, m.sent, m.sent, m.sent,
       case when m.t <= 80 then pg_temp.text_id('renos.conversations', m.t) end
from demo_messages m join renos.email_threads h on h.id = pg_temp.text_id('renos.email_threads', m.t)
on conflict do nothing;

-- renos.email_responses, 80: 58 sent (the assistant's answers in the threads), 9 pending, 3 approved, 7 rejected, 3 failed.
insert into renos.email_responses (id, lead_id, recipient_email, subject, body, status, gmail_thread_id, gmail_message_id, sent_at, rejected_reason, ai_model, created_at, updated_at)
select pg_temp.text_id('renos.email_responses', m.assistant), pg_temp.text_id('renos.leads', m.customer), m.sender, 'Re: Forespørgsel om rengøring', m.body, 'sent', m.gmail, m.gmail || '-' || m.i, m.sent, null, 'demo-model-1', m.sent - interval '30 minutes', m.sent
from demo_messages m where m.assistant <= 58
union all
select pg_temp.text_id('renos.email_responses', r.n), pg_temp.text_id('renos.leads', l.n), l.email, 'Tilbud på rengøring',
       'Hej ' || l.name || '. Tak for din henvendelse om ' || lower(l.task) || '. Vores pris er 349 kr. i timen pr. person inkl. moms. Vi kan komme på besigtigelse i næste uge. Venlig hilsen Fjordklar Rengøring',
       r.status, null, null, null, case r.status when 'rejected' then pg_temp.nth('{Forkert pris,For kort svar,Kunden er allerede ringet op}', r.n) end, 'demo-model-1',
       l.created + interval '20 minutes', l.created + case r.status when 'pending' then interval '20 minutes' else interval '3 hours' end
from (select n::int, pg_temp.share('{pending,approved,rejected,failed}', '{9,3,7,3}', n - 58) as status,
             (case when n <= 70 then n + 52 else n + 66 end)::int as lead
      from generate_series(59, 80) n) r join demo_leads l on l.n = r.lead
on conflict do nothing;

-- renos.email_ingest_runs, 30: one a day; two failed, the newest runs.
insert into renos.email_ingest_runs (id, started_at, finished_at, status, total_emails, new_emails, updated_emails, errors, error_log, created_at)
select pg_temp.text_id('renos.email_ingest_runs', n), s, case when n < 30 then s + make_interval(secs => 20 + n * 3) end, case when n = 30 then 'running' when n in (9, 21) then 'failed' else 'completed' end,
       case when n = 30 then 0 else 4 + n % 9 end, case when n = 30 then 0 else 1 + n % 4 end, case when n = 30 then 0 else n % 3 end, case when n in (9, 21) then 1 when n = 14 then 2 else 0 end,
       case when n in (9, 21) then '["connection reset by mail server"]'::jsonb when n = 14 then '["attachment skipped", "attachment skipped"]'::jsonb end, s
from (select n, pg_temp.at(n::int - 30, 360) as s from generate_series(1, 30) n) x
on conflict do nothing;

-- renos.escalations, 8: two of each severity; five settled, the three open ones belong to leads in conflict.
insert into renos.escalations (id, lead_id, customer_email, customer_name, thread_id, severity, conflict_score, matched_keywords, email_snippet, escalated_at, escalated_by, jonas_notified, resolved_at, resolution, created_at, updated_at)
select pg_temp.text_id('renos.escalations', e.n), pg_temp.text_id('renos.leads', e.lead), c.email, c.contact, t.gmail, e.severity, e.score, e.words, e.snippet, raised, e.by,
       e.severity in ('high', 'critical'), case when e.resolution is not null then raised + interval '2 days' end, e.resolution, raised, case when e.resolution is not null then raised + interval '2 days' else raised end
from (values
  (1, 2, 'low', 12, array['skuffet'], 'Vi er lidt skuffede over vinduerne', 'system', 'Vinduerne pudset om uden beregning'),
  (2, 18, 'low', 18, array['glemt'], 'I har glemt at tømme affaldet', 'system', 'Undskyldning sendt, kontrolpunkt tilføjet'),
  (3, 33, 'medium', 30, array['utilfreds', 'for sent'], 'Vi er utilfredse, I kom for sent', 'system', 'En times rabat givet'),
  (4, 45, 'medium', 50, array['klage'], 'Dette er en klage over badeværelset', 'manual', 'Gjort om dagen efter'),
  (5, 177, 'high', 62, array['klage', 'rabat'], 'Vi klager og forventer rabat', 'system', 'Aftalt 20 procent på fakturaen'),
  (6, 178, 'high', 78, array['uacceptabelt', 'penge tilbage'], 'Det er uacceptabelt, vi vil have pengene tilbage', 'system', null),
  (7, 179, 'critical', 110, array['advokat', 'erstatning'], 'Vi overvejer advokat og kræver erstatning', 'system', null),
  (8, 180, 'critical', 125, array['advokat', 'anmelder', 'svindel'], 'Vi anmelder jer og går til advokat', 'system', null)
) e(n, lead, severity, score, words, snippet, by, resolution)
join demo_leads l on l.n = e.lead
join demo_customers c on c.n = l.customer
join demo_threads t on t.t = l.customer
cross join lateral (select l.created + interval '8 days' as raised) k
on conflict do nothing;
