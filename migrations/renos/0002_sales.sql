-- From an enquiry to a booked job.
--
-- A lead, customer or quote that a booking refers to can't be deleted: business history is not lost by a
-- cascade.

-- Catalogue
-- ---------

create table renos.services (
    id          text not null default shared.new_id(),
    name        text not null,
    description text,
    category    text,
    price       numeric(12,2) not null default 0,
    duration    integer not null default 60,
    created_at  timestamptz not null default now(),
    updated_at  timestamptz not null default now(),
    constraint services_pkey primary key (id),
    constraint services_name_key unique (name)
);

comment on table renos.services is 'Catalogue of services.';
comment on column renos.services.id is 'Primary key.';
comment on column renos.services.name is 'Name of the service; unique.';
comment on column renos.services.description is 'Explanation.';
comment on column renos.services.category is 'Group, e.g. cleaning, specialized, maintenance.';
comment on column renos.services.price is 'List price in DKK.';
comment on column renos.services.duration is 'Usual minutes.';
comment on column renos.services.created_at is 'When the row was made.';
comment on column renos.services.updated_at is 'When the row was last changed; set by trigger on every update.';

create trigger services_set_updated_at
    before update on renos.services
    for each row execute function shared.set_updated_at();

create table renos.competitor_pricing (
    id           text not null default shared.new_id(),
    competitor   text not null,
    website_url  text not null,
    pricing_data jsonb not null,
    scraped_at   timestamptz not null default now(),
    credits_used integer not null default 1,
    constraint competitor_pricing_pkey primary key (id)
);

comment on table renos.competitor_pricing is 'Prices read from competitors'' sites over time.';
comment on column renos.competitor_pricing.id is 'Primary key.';
comment on column renos.competitor_pricing.competitor is 'Company.';
comment on column renos.competitor_pricing.website_url is 'Page read.';
comment on column renos.competitor_pricing.pricing_data is 'Prices found.';
comment on column renos.competitor_pricing.scraped_at is 'When read.';
comment on column renos.competitor_pricing.credits_used is 'Credits the reader cost.';

create index competitor_pricing_competitor_scraped_at_idx on renos.competitor_pricing (competitor, scraped_at);

-- Customers, leads, quotes
-- ------------------------

create table renos.customers (
    id              text not null default shared.new_id(),
    name            text not null,
    email           text,
    phone           text,
    address         text,
    company_name    text,
    notes           text,
    status          text not null default 'active',
    tags            text[] not null default '{}',
    total_leads     integer not null default 0,
    total_bookings  integer not null default 0,
    total_revenue   numeric(12,2) not null default 0,
    last_contact_at timestamptz,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    constraint customers_pkey primary key (id),
    constraint customers_email_key unique (email),
    constraint customers_status_check check (status in ('active', 'inactive'))
);

comment on table renos.customers is 'Customers of the cleaning company.';
comment on column renos.customers.id is 'Primary key.';
comment on column renos.customers.name is 'Name of the person or company.';
comment on column renos.customers.email is 'Lower-case address.';
comment on column renos.customers.phone is 'Phone number.';
comment on column renos.customers.address is 'Address.';
comment on column renos.customers.company_name is 'Company, for business customers.';
comment on column renos.customers.notes is 'Internal remarks.';
comment on column renos.customers.status is 'Whether the customer is active.';
comment on column renos.customers.tags is 'Labels, e.g. vip, recurring.';
comment on column renos.customers.total_leads is 'Number of leads; derived.';
comment on column renos.customers.total_bookings is 'Number of bookings; derived.';
comment on column renos.customers.total_revenue is 'Sum of paid invoices, DKK; derived.';
comment on column renos.customers.last_contact_at is 'Last contact with the customer.';
comment on column renos.customers.created_at is 'When the row was made.';
comment on column renos.customers.updated_at is 'When the row was last changed; set by trigger on every update.';

create index customers_status_idx on renos.customers (status);
create index customers_tags_idx on renos.customers using gin (tags);
create index customers_created_at_idx on renos.customers (created_at desc);

create trigger customers_set_updated_at
    before update on renos.customers
    for each row execute function shared.set_updated_at();

create table renos.leads (
    id                  text not null default shared.new_id(),
    session_id          text,
    customer_id         text,
    source              text,
    name                text,
    email               text,
    phone               text,
    address             text,
    square_meters       double precision,
    rooms               integer,
    task_type           text,
    preferred_dates     text[] not null default '{}',
    status              text not null default 'new',
    email_thread_id     text,
    follow_up_attempts  integer not null default 0,
    last_follow_up_date timestamptz,
    idempotency_key     text,
    company_name        text,
    industry            text,
    estimated_size      text,
    estimated_value     numeric(12,2),
    enrichment_data     jsonb,
    last_enriched       timestamptz,
    score               integer default 0,
    priority            text default 'medium',
    last_scored         timestamptz,
    score_metadata      jsonb,
    created_at          timestamptz not null default now(),
    updated_at          timestamptz not null default now(),
    constraint leads_pkey primary key (id),
    constraint leads_idempotency_key_key unique (idempotency_key),
    constraint leads_status_check check (
        status in (
            'new', 'contacted', 'qualified', 'quoted', 'quote_sent', 'awaiting_response', 'converted',
            'lost', 'conflict'
        )
    ),
    constraint leads_priority_check check (priority in ('low', 'medium', 'high', 'urgent')),
    constraint leads_score_check check (score between 0 and 100),
    constraint leads_follow_up_attempts_check check (follow_up_attempts >= 0),
    constraint leads_customer_id_fkey
        foreign key (customer_id) references renos.customers (id) on delete set null
);

comment on table renos.leads is 'Enquiries for cleaning work, with enrichment and scoring.';
comment on column renos.leads.id is 'Primary key.';
comment on column renos.leads.session_id is 'Chat session the lead came from; soft reference.';
comment on column renos.leads.customer_id is 'Customer, once known.';
comment on column renos.leads.source is
    'Channel of the enquiry. Known values, others are accepted: website, website_form, email, phone, referral, social_media, google_ads, rengoring_nu, rengoring_aarhus, adhelp.';
comment on column renos.leads.name is 'Name of the person asking.';
comment on column renos.leads.email is 'Lower-case address.';
comment on column renos.leads.phone is 'Phone number.';
comment on column renos.leads.address is 'Address of the job.';
comment on column renos.leads.square_meters is 'Area to clean.';
comment on column renos.leads.rooms is 'Number of rooms.';
comment on column renos.leads.task_type is
    'Kind of cleaning asked for. Known values, others are accepted: Privatrengøring, Flytterengøring, Hovedrengøring, Erhverv, Airbnb, Vinduer, Fast rengøring.';
comment on column renos.leads.preferred_dates is 'Dates wished for, ISO text.';
comment on column renos.leads.status is 'Stage in the funnel.';
comment on column renos.leads.email_thread_id is
    'Gmail thread id (renos.email_threads.gmail_thread_id), not a row id.';
comment on column renos.leads.follow_up_attempts is 'Follow-up mails sent so far; three at most.';
comment on column renos.leads.last_follow_up_date is 'When the last one was sent.';
comment on column renos.leads.idempotency_key is
    'Caller''s key that makes creation repeatable, e.g. message id or email+subject+date.';
comment on column renos.leads.company_name is 'From enrichment: company.';
comment on column renos.leads.industry is 'From enrichment: line of business.';
comment on column renos.leads.estimated_size is 'From enrichment: number of employees or area, text.';
comment on column renos.leads.estimated_value is 'Possible value of the lead in DKK.';
comment on column renos.leads.enrichment_data is 'Raw enrichment answer.';
comment on column renos.leads.last_enriched is 'When enrichment ran.';
comment on column renos.leads.score is 'Quality 0 to 100.';
comment on column renos.leads.priority is 'Order of treatment.';
comment on column renos.leads.last_scored is 'When scoring ran.';
comment on column renos.leads.score_metadata is 'Factors behind the score.';
comment on column renos.leads.created_at is 'When the row was made.';
comment on column renos.leads.updated_at is 'When the row was last changed; set by trigger on every update.';

create index leads_email_created_at_idx on renos.leads (email, created_at);
create index leads_estimated_value_idx on renos.leads (estimated_value);
create index leads_score_priority_idx on renos.leads (score, priority);
create index leads_status_priority_idx on renos.leads (status, priority);
create index leads_status_created_at_idx on renos.leads (status, created_at desc);
create index leads_created_at_idx on renos.leads (created_at desc);
create index leads_customer_id_idx on renos.leads (customer_id);
create index leads_email_thread_id_idx_partial
    on renos.leads (email_thread_id) where email_thread_id is not null;
create index leads_status_last_follow_up_date_idx on renos.leads (status, last_follow_up_date);

create trigger leads_set_updated_at
    before update on renos.leads
    for each row execute function shared.set_updated_at();

create table renos.quotes (
    id              text not null default shared.new_id(),
    lead_id         text not null,
    hourly_rate     numeric(12,2) not null,
    estimated_hours numeric(8,2) not null,
    subtotal        numeric(12,2) not null,
    vat_rate        numeric(5,2) not null default 25.00,
    total           numeric(12,2) not null,
    notes           text,
    valid_until     timestamptz,
    status          text not null default 'draft',
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    constraint quotes_pkey primary key (id),
    constraint quotes_status_check check (status in ('draft', 'sent', 'accepted', 'rejected', 'expired')),
    constraint quotes_vat_rate_check check (vat_rate between 0 and 100),
    constraint quotes_lead_id_fkey
        foreign key (lead_id) references renos.leads (id) on delete cascade
);

comment on table renos.quotes is 'Offers made to a lead.';
comment on column renos.quotes.id is 'Primary key.';
comment on column renos.quotes.lead_id is 'Lead.';
comment on column renos.quotes.hourly_rate is 'Price per hour in DKK.';
comment on column renos.quotes.estimated_hours is 'Hours offered.';
comment on column renos.quotes.subtotal is 'Before VAT, DKK.';
comment on column renos.quotes.vat_rate is 'VAT in percent (25.00), never a fraction.';
comment on column renos.quotes.total is 'Including VAT, DKK.';
comment on column renos.quotes.notes is 'Text on the offer.';
comment on column renos.quotes.valid_until is 'Last day of validity.';
comment on column renos.quotes.status is 'State.';
comment on column renos.quotes.created_at is 'When the row was made.';
comment on column renos.quotes.updated_at is 'When the row was last changed; set by trigger on every update.';

create index quotes_lead_id_idx on renos.quotes (lead_id);
create index quotes_status_idx on renos.quotes (status);

create trigger quotes_set_updated_at
    before update on renos.quotes
    for each row execute function shared.set_updated_at();

-- Bookings
-- --------

create table renos.bookings (
    id                 text not null default shared.new_id(),
    customer_id        text,
    lead_id            text,
    quote_id           text,
    service_type       text,
    address            text,
    scheduled_at       timestamptz not null default now(),
    estimated_duration integer not null default 120,
    start_time         timestamptz,
    end_time           timestamptz,
    status             text not null default 'scheduled',
    calendar_event_id  text,
    calendar_link      text,
    notes              text,
    actual_start_time  timestamptz,
    actual_end_time    timestamptz,
    actual_duration    integer,
    time_variance      integer,
    efficiency_score   double precision,
    time_notes         text,
    timer_status       text not null default 'not_started',
    created_at         timestamptz not null default now(),
    updated_at         timestamptz not null default now(),
    constraint bookings_pkey primary key (id),
    constraint bookings_status_check check (
        status in (
            'pending', 'scheduled', 'confirmed', 'in_progress', 'completed', 'cancelled', 'rescheduled'
        )
    ),
    constraint bookings_timer_status_check check (
        timer_status in (
            'not_started', 'running', 'paused', 'completed'
        )
    ),
    constraint bookings_estimated_duration_check check (estimated_duration > 0),
    constraint bookings_customer_id_fkey
        foreign key (customer_id) references renos.customers (id) on delete restrict,
    constraint bookings_lead_id_fkey
        foreign key (lead_id) references renos.leads (id) on delete restrict,
    constraint bookings_quote_id_fkey
        foreign key (quote_id) references renos.quotes (id) on delete restrict
);

comment on table renos.bookings is 'Planned and performed jobs, with the job timer.';
comment on column renos.bookings.id is 'Primary key.';
comment on column renos.bookings.customer_id is 'Customer.';
comment on column renos.bookings.lead_id is 'Lead the job came from.';
comment on column renos.bookings.quote_id is 'Accepted offer.';
comment on column renos.bookings.service_type is
    'Kind of service. Known values, others are accepted: Privatrengøring, Flytterengøring, Hovedrengøring, Erhverv, Airbnb, Vinduer, Fast Rengøring, office_cleaning.';
comment on column renos.bookings.address is 'Place.';
comment on column renos.bookings.scheduled_at is 'Planned start.';
comment on column renos.bookings.estimated_duration is 'Planned minutes.';
comment on column renos.bookings.start_time is 'Planned start of the calendar slot.';
comment on column renos.bookings.end_time is 'Planned end of the calendar slot.';
comment on column renos.bookings.status is 'State of the job.';
comment on column renos.bookings.calendar_event_id is 'Google Calendar event.';
comment on column renos.bookings.calendar_link is 'Link to that event.';
comment on column renos.bookings.notes is 'Remarks.';
comment on column renos.bookings.actual_start_time is 'When the timer was started.';
comment on column renos.bookings.actual_end_time is 'When the timer was stopped.';
comment on column renos.bookings.actual_duration is 'Worked minutes without pauses.';
comment on column renos.bookings.time_variance is 'actual_duration - estimated_duration; positive is overtime.';
comment on column renos.bookings.efficiency_score is
    'estimated_duration / actual_duration; above 1 is faster than planned; null when actual_duration is 0.';
comment on column renos.bookings.time_notes is 'Remarks on the time used.';
comment on column renos.bookings.timer_status is 'State of the timer.';
comment on column renos.bookings.created_at is 'When the row was made.';
comment on column renos.bookings.updated_at is 'When the row was last changed; set by trigger on every update.';

create index bookings_lead_id_idx on renos.bookings (lead_id);
create index bookings_scheduled_at_idx on renos.bookings (scheduled_at);
create index bookings_timer_status_idx on renos.bookings (timer_status);
create index bookings_customer_id_scheduled_at_idx on renos.bookings (customer_id, scheduled_at desc);
create index bookings_status_scheduled_at_idx on renos.bookings (status, scheduled_at);
create index bookings_quote_id_idx_partial on renos.bookings (quote_id) where quote_id is not null;
create index bookings_calendar_event_id_idx_partial
    on renos.bookings (calendar_event_id) where calendar_event_id is not null;

create trigger bookings_set_updated_at
    before update on renos.bookings
    for each row execute function shared.set_updated_at();
