-- Rights and row rules, as in 0010_security_people.sql: mail.

-- conversations
alter table renos.conversations enable row level security, force row level security;
create policy all_rows on renos.conversations
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, update, delete on renos.conversations to service_role, renos_operator;
grant
    select,
    insert (id, customer_id, lead_id, subject, channel, status, gmail_thread_id, created_at),
    update (id, customer_id, lead_id, subject, channel, status, gmail_thread_id, created_at),
    delete
on renos.conversations to renos_app;

-- email_ingest_runs
alter table renos.email_ingest_runs enable row level security, force row level security;
create policy all_rows on renos.email_ingest_runs
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, update, delete on renos.email_ingest_runs to service_role, renos_operator;
grant
    select,
    insert (id, started_at, total_emails, new_emails, updated_emails, errors, error_log, created_at),
    update (id, started_at, total_emails, new_emails, updated_emails, errors, error_log, created_at),
    delete
on renos.email_ingest_runs to renos_app;

-- email_threads
alter table renos.email_threads enable row level security, force row level security;
create policy all_rows on renos.email_threads
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, update, delete on renos.email_threads to service_role, renos_operator;
grant
    select,
    insert (
        id, gmail_thread_id, customer_id, subject, snippet, last_message_at, participants, labels,
        created_at
    ),
    update (
        id, gmail_thread_id, customer_id, subject, snippet, last_message_at, participants, labels,
        created_at
    ),
    delete
on renos.email_threads to renos_app;

-- email_messages
alter table renos.email_messages enable row level security, force row level security;
create policy all_rows on renos.email_messages
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, update, delete on renos.email_messages to service_role, renos_operator;
grant
    select,
    insert (
        id, gmail_message_id, gmail_thread_id, thread_id, "from", "to", subject, body, body_preview,
        direction, status, is_ai_generated, ai_model, sent_at, created_at, conversation_id
    ),
    update (
        id, gmail_message_id, gmail_thread_id, thread_id, "from", "to", subject, body, body_preview,
        direction, status, is_ai_generated, ai_model, sent_at, created_at, conversation_id
    ),
    delete
on renos.email_messages to renos_app;

-- email_responses
alter table renos.email_responses enable row level security, force row level security;
create policy all_rows on renos.email_responses
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, update, delete on renos.email_responses to service_role, renos_operator;
grant
    select,
    insert (id, lead_id, recipient_email, subject, body, gmail_thread_id, ai_model, created_at),
    update (id, lead_id, recipient_email, subject, body, gmail_thread_id, ai_model, created_at),
    delete
on renos.email_responses to renos_app;

-- escalations
alter table renos.escalations enable row level security, force row level security;
create policy all_rows on renos.escalations
    to renos_app, service_role, renos_operator, tekup_owner
    using (true);
grant select, insert, update, delete on renos.escalations to service_role, renos_operator;
grant
    select,
    insert (
        id, lead_id, customer_email, customer_name, thread_id, severity, conflict_score, matched_keywords,
        email_snippet, escalated_at, escalated_by, jonas_notified, created_at
    ),
    update (
        id, lead_id, customer_email, customer_name, thread_id, severity, conflict_score, matched_keywords,
        email_snippet, escalated_at, escalated_by, jonas_notified, created_at
    ),
    delete
on renos.escalations to renos_app;

-- labels
alter table renos.labels enable row level security, force row level security;
create policy all_rows on renos.labels to renos_app, service_role, renos_operator, tekup_owner using (true);
grant select, insert, update, delete on renos.labels to service_role, renos_operator;
grant select, insert (id, name, created_at), update (id, name, created_at), delete on renos.labels to renos_app;
