-- Invoices and the figures of the business.

-- Invoices
-- --------

create table renos.invoices (
    id               text not null default shared.new_id(),
    invoice_number   text not null,
    booking_id       text,
    customer_id      text not null,
    customer_name    text not null,
    customer_email   text,
    customer_address text,
    issue_date       timestamptz not null default now(),
    due_date         timestamptz not null,
    status           text not null default 'draft',
    subtotal         numeric(12,2) not null,
    vat_rate         numeric(5,2) not null default 25.00,
    vat_amount       numeric(12,2) not null,
    total            numeric(12,2) not null,
    paid_at          timestamptz,
    paid_amount      numeric(12,2),
    payment_method   text,
    payment_ref      text,
    billy_invoice_id text,
    billy_contact_id text,
    billy_synced_at  timestamptz,
    billy_pdf_url    text,
    notes            text,
    internal_notes   text,
    sent_at          timestamptz,
    reminder_sent_at timestamptz,
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),
    constraint invoices_pkey primary key (id),
    constraint invoices_invoice_number_key unique (invoice_number),
    constraint invoices_billy_invoice_id_key unique (billy_invoice_id),
    constraint invoices_status_check check (status in ('draft', 'sent', 'paid', 'overdue', 'cancelled')),
    constraint invoices_vat_rate_check check (vat_rate between 0 and 100),
    constraint invoices_booking_id_fkey
        foreign key (booking_id) references renos.bookings (id) on delete set null,
    constraint invoices_customer_id_fkey
        foreign key (customer_id) references renos.customers (id) on delete restrict
);

comment on table renos.invoices is 'Invoices of the cleaning company.';
comment on column renos.invoices.id is 'Primary key.';
comment on column renos.invoices.invoice_number is 'Number, INV-<year>-<three or more digits>.';
comment on column renos.invoices.booking_id is 'Booking invoiced.';
comment on column renos.invoices.customer_id is 'Customer.';
comment on column renos.invoices.customer_name is 'Name at the time of invoicing.';
comment on column renos.invoices.customer_email is 'Address at the time of invoicing.';
comment on column renos.invoices.customer_address is 'Postal address at the time of invoicing.';
comment on column renos.invoices.issue_date is 'Date of issue.';
comment on column renos.invoices.due_date is 'Last day of payment; issue date + 14 days unless given.';
comment on column renos.invoices.status is 'State.';
comment on column renos.invoices.subtotal is 'Sum of the lines, DKK.';
comment on column renos.invoices.vat_rate is 'VAT in percent.';
comment on column renos.invoices.vat_amount is 'round(subtotal * vat_rate / 100, 2).';
comment on column renos.invoices.total is 'subtotal + vat_amount.';
comment on column renos.invoices.paid_at is 'When fully paid.';
comment on column renos.invoices.paid_amount is 'Amount received.';
comment on column renos.invoices.payment_method is
    'How it was paid. Known values, others are accepted: bank_transfer, mobilepay, cash, card.';
comment on column renos.invoices.payment_ref is 'Reference of the payment.';
comment on column renos.invoices.billy_invoice_id is 'Id in Billy.dk.';
comment on column renos.invoices.billy_contact_id is 'Contact id in Billy.dk.';
comment on column renos.invoices.billy_synced_at is 'When last sent to Billy.dk.';
comment on column renos.invoices.billy_pdf_url is 'Link to the PDF in Billy.dk.';
comment on column renos.invoices.notes is 'Text on the invoice.';
comment on column renos.invoices.internal_notes is 'Text not shown to the customer.';
comment on column renos.invoices.sent_at is 'When sent to the customer.';
comment on column renos.invoices.reminder_sent_at is 'When the last reminder was sent.';
comment on column renos.invoices.created_at is 'When the row was made.';
comment on column renos.invoices.updated_at is 'When the row was last changed; set by trigger on every update.';

create index invoices_customer_id_idx on renos.invoices (customer_id);
create index invoices_booking_id_idx on renos.invoices (booking_id);
create index invoices_due_date_idx on renos.invoices (due_date);
create index invoices_status_due_date_idx on renos.invoices (status, due_date);
create index invoices_issue_date_idx on renos.invoices (issue_date desc);

create trigger invoices_set_updated_at
    before update on renos.invoices
    for each row execute function shared.set_updated_at();

create table renos.invoice_line_items (
    id          text not null default shared.new_id(),
    invoice_id  text not null,
    description text not null,
    quantity    numeric(10,3) not null default 1.0,
    unit_price  numeric(12,2) not null,
    amount      numeric(12,2) not null,
    sort_order  integer not null default 0,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    constraint invoice_line_items_pkey primary key (id),
    constraint invoice_line_items_invoice_id_fkey
        foreign key (invoice_id) references renos.invoices (id) on delete cascade
);

comment on table renos.invoice_line_items is 'Lines of an invoice, in order.';
comment on column renos.invoice_line_items.id is 'Primary key.';
comment on column renos.invoice_line_items.invoice_id is 'Invoice.';
comment on column renos.invoice_line_items.description is 'Text.';
comment on column renos.invoice_line_items.quantity is 'Amount, mostly hours.';
comment on column renos.invoice_line_items.unit_price is 'DKK per unit before VAT.';
comment on column renos.invoice_line_items.amount is 'round(quantity * unit_price, 2).';
comment on column renos.invoice_line_items.sort_order is 'Position from 0.';
comment on column renos.invoice_line_items.created_at is 'When the row was made.';
comment on column renos.invoice_line_items.updated_at is
    'When the row was last changed; set by trigger on every update.';

create index invoice_line_items_invoice_id_sort_order_idx on renos.invoice_line_items (invoice_id, sort_order);

create trigger invoice_line_items_set_updated_at
    before update on renos.invoice_line_items
    for each row execute function shared.set_updated_at();

-- Figures and automation
-- ----------------------

create table renos.analytics (
    id         text not null default shared.new_id(),
    date       date not null,
    metric     text not null,
    value      double precision not null,
    metadata   jsonb,
    created_at timestamptz not null default now(),
    constraint analytics_pkey primary key (id),
    constraint analytics_date_metric_key unique (date, metric)
);

comment on table renos.analytics is 'Daily business figures.';
comment on column renos.analytics.id is 'Primary key.';
comment on column renos.analytics.date is 'Day in Europe/Copenhagen.';
comment on column renos.analytics.metric is
    'Name, e.g. leads_generated, bookings_completed, revenue, customer_satisfaction.';
comment on column renos.analytics.value is 'Figure.';
comment on column renos.analytics.metadata is 'Details, e.g. source or currency.';
comment on column renos.analytics.created_at is 'When the row was made.';

create index analytics_metric_date_idx on renos.analytics (metric, date);

create table renos.task_executions (
    id              text not null default shared.new_id(),
    task_type       text not null,
    task_payload    jsonb not null,
    status          text not null,
    result          jsonb,
    error           text,
    duration        integer,
    trace_id        text,
    session_id      text,
    user_id         text,
    intent          text,
    confidence      double precision,
    correction_type text,
    executed_at     timestamptz not null default now(),
    created_at      timestamptz not null default now(),
    constraint task_executions_pkey primary key (id),
    constraint task_executions_confidence_check check (confidence between 0 and 1)
);

comment on table renos.task_executions is 'Trail of what the assistant did and why.';
comment on column renos.task_executions.id is 'Primary key.';
comment on column renos.task_executions.task_type is
    'Kind, e.g. email.compose, email.send, calendar.book, lead.score.';
comment on column renos.task_executions.task_payload is 'Input.';
comment on column renos.task_executions.status is
    'Outcome. Known values, others are accepted: pending, running, success, failed, retried, skipped.';
comment on column renos.task_executions.result is 'Output.';
comment on column renos.task_executions.error is 'Failure text.';
comment on column renos.task_executions.duration is 'Milliseconds.';
comment on column renos.task_executions.trace_id is 'Correlation id.';
comment on column renos.task_executions.session_id is 'Chat session; soft reference.';
comment on column renos.task_executions.user_id is 'Person who caused it; soft reference.';
comment on column renos.task_executions.intent is 'Intent recognised.';
comment on column renos.task_executions.confidence is 'Certainty of the intent, 0 to 1.';
comment on column renos.task_executions.correction_type is 'Correction applied afterwards.';
comment on column renos.task_executions.executed_at is 'When run.';
comment on column renos.task_executions.created_at is 'When the row was made.';

create index task_executions_task_type_status_idx on renos.task_executions (task_type, status);
create index task_executions_executed_at_idx on renos.task_executions (executed_at);
create index task_executions_trace_id_idx on renos.task_executions (trace_id);
create index task_executions_created_at_idx on renos.task_executions (created_at);
create index task_executions_session_id_idx on renos.task_executions (session_id);
