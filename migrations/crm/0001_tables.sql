-- Tenants and their people, contacts, the sales pipeline, contact history and cleaning jobs.
--
-- Every row belongs to a tenant, and so do natural keys: two tenants may know the same contact.

create schema if not exists crm;

comment on schema crm is 'Customer relations: contacts, companies, deals, contact history, to-dos, cleaning jobs, by tenant.';

-- Tenants and their people
-- ------------------------

create table crm.tenants (
    id                uuid not null default gen_random_uuid(),
    name              text not null,
    slug              text not null,
    domain            text,
    cvr_number        text,
    address           text,
    city              text,
    postal_code       text,
    country           text not null default 'Denmark',
    phone             text,
    email             text,
    subscription_tier text not null default 'basic',
    max_users         integer not null default 5,
    max_jobs          integer not null default 100,
    settings          jsonb not null default '{}'::jsonb,
    is_active         boolean not null default true,
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),
    constraint tenants_pkey primary key (id),
    constraint tenants_slug_key unique (slug),
    constraint tenants_domain_key unique (domain),
    constraint tenants_cvr_number_key unique (cvr_number),
    constraint tenants_subscription_tier_check check (
        subscription_tier in (
            'basic', 'professional', 'enterprise'
        )
    )
);

comment on table crm.tenants is 'Companies that use the CRM; the tenant root of the crm and flow schemas.';
comment on column crm.tenants.id is 'Primary key.';
comment on column crm.tenants.name is 'Display name.';
comment on column crm.tenants.slug is 'Short name for addresses, lower case; e.g. rendetalje.';
comment on column crm.tenants.domain is 'Own domain.';
comment on column crm.tenants.cvr_number is 'Danish company number, eight digits.';
comment on column crm.tenants.address is 'Street address.';
comment on column crm.tenants.city is 'City.';
comment on column crm.tenants.postal_code is 'Postal code.';
comment on column crm.tenants.country is 'Country.';
comment on column crm.tenants.phone is 'Phone number.';
comment on column crm.tenants.email is 'Lower-case address.';
comment on column crm.tenants.subscription_tier is 'Plan.';
comment on column crm.tenants.max_users is 'Users allowed by the plan.';
comment on column crm.tenants.max_jobs is 'Open jobs allowed by the plan.';
comment on column crm.tenants.settings is 'Settings: timezone, currency, language, duplicate_window_hours, ...';
comment on column crm.tenants.is_active is 'Whether the tenant may use the service.';
comment on column crm.tenants.created_at is 'When the row was made.';
comment on column crm.tenants.updated_at is 'When the row was last changed; set by trigger on every update.';

create index tenants_is_active_idx on crm.tenants (is_active);

create trigger tenants_set_updated_at
    before update on crm.tenants
    for each row execute function shared.set_updated_at();

create table crm.users (
    id             uuid not null default gen_random_uuid(),
    tenant_id      uuid not null,
    shared_user_id uuid,
    email          text not null,
    name           text not null,
    phone          text,
    role           text not null default 'cleaner',
    is_active      boolean not null default true,
    last_login_at  timestamptz,
    created_at     timestamptz not null default now(),
    updated_at     timestamptz not null default now(),
    constraint users_pkey primary key (id),
    constraint users_tenant_id_email_key unique (tenant_id, email),
    constraint users_shared_user_id_key unique (shared_user_id),
    constraint users_role_check check (
        role in (
            'super_admin', 'tenant_admin', 'team_leader', 'cleaner', 'customer'
        )
    ),
    constraint users_tenant_id_fkey
        foreign key (tenant_id) references crm.tenants (id) on delete cascade,
    constraint users_shared_user_id_fkey
        foreign key (shared_user_id) references shared.users (id) on delete set null
);

comment on table crm.users is 'People of a CRM tenant; owners and assignees.';
comment on column crm.users.id is 'Primary key.';
comment on column crm.users.tenant_id is 'Tenant.';
comment on column crm.users.shared_user_id is 'Same person in shared.users.';
comment on column crm.users.email is 'Lower-case address; unique in the tenant.';
comment on column crm.users.name is 'Name.';
comment on column crm.users.phone is 'Phone number.';
comment on column crm.users.role is 'Rights in the tenant.';
comment on column crm.users.is_active is 'Whether the account may be used.';
comment on column crm.users.last_login_at is 'Last sign-in.';
comment on column crm.users.created_at is 'When the row was made.';
comment on column crm.users.updated_at is 'When the row was last changed; set by trigger on every update.';

create index users_tenant_id_role_idx on crm.users (tenant_id, role);
create index users_shared_user_id_idx_partial on crm.users (shared_user_id) where shared_user_id is not null;

create trigger users_set_updated_at
    before update on crm.users
    for each row execute function shared.set_updated_at();

-- Contacts and deals
-- ------------------

create table crm.companies (
    id                  text not null default shared.new_id(),
    tenant_id           uuid not null default auth.org_uuid(),
    name                text not null,
    website             text,
    industry            text,
    size                text,
    revenue             numeric(12,2),
    email               text,
    phone               text,
    address             text,
    city                text,
    postal_code         text,
    country             text default 'Denmark',
    vat_number          text,
    registration_number text,
    status              text not null default 'active',
    owner               text,
    last_contact_at     timestamptz,
    notes               text,
    tags                text[] not null default '{}',
    custom_fields       jsonb,
    created_at          timestamptz not null default now(),
    updated_at          timestamptz not null default now(),
    constraint companies_pkey primary key (id),
    constraint companies_status_check check (status in ('active', 'inactive', 'prospect', 'customer')),
    constraint companies_tenant_id_fkey
        foreign key (tenant_id) references crm.tenants (id) on delete restrict
);

comment on table crm.companies is 'Companies.';
comment on column crm.companies.id is 'Primary key.';
comment on column crm.companies.tenant_id is
    'Tenant that the row belongs to; the organisation of the caller unless given.';
comment on column crm.companies.name is 'Name.';
comment on column crm.companies.website is 'Web site.';
comment on column crm.companies.industry is 'Line of business.';
comment on column crm.companies.size is
    'Head count band. Known values, others are accepted: 1-10, 11-50, 51-200, 201-500, 500+.';
comment on column crm.companies.revenue is 'Yearly revenue, DKK.';
comment on column crm.companies.email is 'Lower-case address.';
comment on column crm.companies.phone is 'Phone number.';
comment on column crm.companies.address is 'Street address.';
comment on column crm.companies.city is 'City.';
comment on column crm.companies.postal_code is 'Postal code.';
comment on column crm.companies.country is 'Country.';
comment on column crm.companies.vat_number is 'VAT number.';
comment on column crm.companies.registration_number is 'CVR number.';
comment on column crm.companies.status is 'Relationship.';
comment on column crm.companies.owner is 'User id of the owner.';
comment on column crm.companies.last_contact_at is 'Last contact.';
comment on column crm.companies.notes is 'Remarks.';
comment on column crm.companies.tags is 'Labels.';
comment on column crm.companies.custom_fields is 'Free attributes.';
comment on column crm.companies.created_at is 'When the row was made.';
comment on column crm.companies.updated_at is 'When the row was last changed; set by trigger on every update.';

create index companies_name_idx on crm.companies (name);
create index companies_status_idx on crm.companies (status);
create index companies_owner_idx on crm.companies (owner);
create index companies_industry_idx on crm.companies (industry);
create index companies_created_at_idx on crm.companies (created_at desc);
create index companies_tenant_id_created_at_idx on crm.companies (tenant_id, created_at desc);

create trigger companies_set_updated_at
    before update on crm.companies
    for each row execute function shared.set_updated_at();

create table crm.contacts (
    id              text not null default shared.new_id(),
    tenant_id       uuid not null default auth.org_uuid(),
    first_name      text not null,
    last_name       text not null,
    email           text,
    phone           text,
    mobile          text,
    title           text,
    company_id      text,
    linked_in       text,
    twitter         text,
    website         text,
    address         text,
    city            text,
    postal_code     text,
    country         text default 'Denmark',
    status          text not null default 'active',
    source          text,
    owner           text,
    last_contact_at timestamptz,
    next_follow_up  timestamptz,
    notes           text,
    tags            text[] not null default '{}',
    custom_fields   jsonb,
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    constraint contacts_pkey primary key (id),
    constraint contacts_tenant_id_email_key unique (tenant_id, email),
    constraint contacts_status_check check (status in ('active', 'inactive', 'lead')),
    constraint contacts_tenant_id_fkey
        foreign key (tenant_id) references crm.tenants (id) on delete restrict,
    constraint contacts_company_id_fkey
        foreign key (company_id) references crm.companies (id) on delete set null
);

comment on table crm.contacts is 'People.';
comment on column crm.contacts.id is 'Primary key.';
comment on column crm.contacts.tenant_id is
    'Tenant that the row belongs to; the organisation of the caller unless given.';
comment on column crm.contacts.first_name is 'Given name.';
comment on column crm.contacts.last_name is 'Family name.';
comment on column crm.contacts.email is 'Lower-case address.';
comment on column crm.contacts.phone is 'Phone number.';
comment on column crm.contacts.mobile is 'Mobile number.';
comment on column crm.contacts.title is 'Job title.';
comment on column crm.contacts.company_id is 'Company.';
comment on column crm.contacts.linked_in is 'Profile link.';
comment on column crm.contacts.twitter is 'Profile link.';
comment on column crm.contacts.website is 'Web site.';
comment on column crm.contacts.address is 'Street address.';
comment on column crm.contacts.city is 'City.';
comment on column crm.contacts.postal_code is 'Postal code.';
comment on column crm.contacts.country is 'Country.';
comment on column crm.contacts.status is 'Lifecycle.';
comment on column crm.contacts.source is 'Where from; open vocabulary.';
comment on column crm.contacts.owner is 'User id of the owner; crm.users.id as text, or an outer id.';
comment on column crm.contacts.last_contact_at is 'Last contact.';
comment on column crm.contacts.next_follow_up is 'When to get in touch again.';
comment on column crm.contacts.notes is 'Remarks.';
comment on column crm.contacts.tags is 'Labels.';
comment on column crm.contacts.custom_fields is 'Free attributes.';
comment on column crm.contacts.created_at is 'When the row was made.';
comment on column crm.contacts.updated_at is 'When the row was last changed; set by trigger on every update.';

create index contacts_email_idx on crm.contacts (email);
create index contacts_company_id_idx on crm.contacts (company_id);
create index contacts_status_idx on crm.contacts (status);
create index contacts_owner_idx on crm.contacts (owner);
create index contacts_created_at_idx on crm.contacts (created_at desc);
create index contacts_next_follow_up_idx_partial
    on crm.contacts (next_follow_up) where next_follow_up is not null;
create index contacts_tenant_id_created_at_idx on crm.contacts (tenant_id, created_at desc);

create trigger contacts_set_updated_at
    before update on crm.contacts
    for each row execute function shared.set_updated_at();

create table crm.deals (
    id                  text not null default shared.new_id(),
    tenant_id           uuid not null default auth.org_uuid(),
    title               text not null,
    value               numeric(12,2) not null,
    currency            text not null default 'DKK',
    stage               text not null default 'qualification',
    pipeline            text not null default 'sales',
    probability         integer,
    contact_id          text,
    company_id          text,
    owner               text not null,
    expected_close_date timestamptz,
    actual_close_date   timestamptz,
    status              text not null default 'open',
    lost_reason         text,
    description         text,
    tags                text[] not null default '{}',
    custom_fields       jsonb,
    created_at          timestamptz not null default now(),
    updated_at          timestamptz not null default now(),
    constraint deals_pkey primary key (id),
    constraint deals_stage_check check (
        stage in (
            'qualification', 'proposal', 'negotiation', 'closed_won', 'closed_lost'
        )
    ),
    constraint deals_probability_check check (probability between 0 and 100),
    constraint deals_status_check check (status in ('open', 'won', 'lost')),
    constraint deals_currency_check check (currency ~ '^[A-Z]{3}$'),
    constraint deals_tenant_id_fkey
        foreign key (tenant_id) references crm.tenants (id) on delete restrict,
    constraint deals_contact_id_fkey
        foreign key (contact_id) references crm.contacts (id) on delete set null,
    constraint deals_company_id_fkey
        foreign key (company_id) references crm.companies (id) on delete set null
);

comment on table crm.deals is 'Sales opportunities.';
comment on column crm.deals.id is 'Primary key.';
comment on column crm.deals.tenant_id is
    'Tenant that the row belongs to; the organisation of the caller unless given.';
comment on column crm.deals.title is 'Title.';
comment on column crm.deals.value is 'Value in currency.';
comment on column crm.deals.currency is 'ISO code.';
comment on column crm.deals.stage is 'Place in the pipeline.';
comment on column crm.deals.pipeline is 'Which pipeline. Known values, others are accepted: sales, partnerships.';
comment on column crm.deals.probability is 'Chance in percent.';
comment on column crm.deals.contact_id is 'Contact.';
comment on column crm.deals.company_id is 'Company.';
comment on column crm.deals.owner is 'User id of the owner.';
comment on column crm.deals.expected_close_date is 'When the decision is expected.';
comment on column crm.deals.actual_close_date is 'When it was decided.';
comment on column crm.deals.status is 'Outcome; follows the stage.';
comment on column crm.deals.lost_reason is 'Why lost.';
comment on column crm.deals.description is 'Text.';
comment on column crm.deals.tags is 'Labels.';
comment on column crm.deals.custom_fields is 'Free attributes.';
comment on column crm.deals.created_at is 'When the row was made.';
comment on column crm.deals.updated_at is 'When the row was last changed; set by trigger on every update.';

create index deals_stage_idx on crm.deals (stage);
create index deals_status_idx on crm.deals (status);
create index deals_contact_id_idx on crm.deals (contact_id);
create index deals_company_id_idx on crm.deals (company_id);
create index deals_expected_close_date_idx on crm.deals (expected_close_date);
create index deals_owner_status_idx on crm.deals (owner, status);
create index deals_created_at_idx on crm.deals (created_at desc);
create index deals_tenant_id_created_at_idx on crm.deals (tenant_id, created_at desc);

create trigger deals_set_updated_at
    before update on crm.deals
    for each row execute function shared.set_updated_at();

create table crm.deal_products (
    id           text not null default shared.new_id(),
    tenant_id    uuid not null default auth.org_uuid(),
    deal_id      text not null,
    product_name text not null,
    quantity     integer not null default 1,
    unit_price   numeric(12,2) not null,
    discount     numeric(5,2) not null default 0,
    total        numeric(12,2) not null,
    description  text,
    created_at   timestamptz not null default now(),
    constraint deal_products_pkey primary key (id),
    constraint deal_products_quantity_check check (quantity > 0),
    constraint deal_products_discount_check check (discount between 0 and 100),
    constraint deal_products_tenant_id_fkey
        foreign key (tenant_id) references crm.tenants (id) on delete restrict,
    constraint deal_products_deal_id_fkey
        foreign key (deal_id) references crm.deals (id) on delete cascade
);

comment on table crm.deal_products is 'Lines of a deal.';
comment on column crm.deal_products.id is 'Primary key.';
comment on column crm.deal_products.tenant_id is
    'Tenant that the row belongs to; the organisation of the caller unless given.';
comment on column crm.deal_products.deal_id is 'Deal.';
comment on column crm.deal_products.product_name is 'Product or service.';
comment on column crm.deal_products.quantity is 'Number.';
comment on column crm.deal_products.unit_price is 'Price each.';
comment on column crm.deal_products.discount is 'Percent 0 to 100.';
comment on column crm.deal_products.total is 'round(quantity * unit_price * (1 - discount/100), 2).';
comment on column crm.deal_products.description is 'Text.';
comment on column crm.deal_products.created_at is 'When the row was made.';

create index deal_products_deal_id_idx on crm.deal_products (deal_id);
create index deal_products_tenant_id_created_at_idx on crm.deal_products (tenant_id, created_at desc);

-- Contact history
-- ---------------

create table crm.activities (
    id               text not null default shared.new_id(),
    tenant_id        uuid not null default auth.org_uuid(),
    type             text not null,
    subject          text,
    description      text,
    contact_id       text,
    company_id       text,
    deal_id          text,
    owner            text not null,
    duration_minutes integer,
    outcome          text,
    occurred_at      timestamptz not null default now(),
    created_at       timestamptz not null default now(),
    constraint activities_pkey primary key (id),
    constraint activities_type_check check (type in ('call', 'email', 'meeting', 'note', 'task_completed')),
    constraint activities_tenant_id_fkey
        foreign key (tenant_id) references crm.tenants (id) on delete restrict,
    constraint activities_contact_id_fkey
        foreign key (contact_id) references crm.contacts (id) on delete set null,
    constraint activities_company_id_fkey
        foreign key (company_id) references crm.companies (id) on delete set null,
    constraint activities_deal_id_fkey
        foreign key (deal_id) references crm.deals (id) on delete set null
);

comment on table crm.activities is 'Calls, meetings, notes and other contact history; append-only in practice.';
comment on column crm.activities.id is 'Primary key.';
comment on column crm.activities.tenant_id is
    'Tenant that the row belongs to; the organisation of the caller unless given.';
comment on column crm.activities.type is 'Kind.';
comment on column crm.activities.subject is 'Heading.';
comment on column crm.activities.description is 'Text.';
comment on column crm.activities.contact_id is 'Contact.';
comment on column crm.activities.company_id is 'Company.';
comment on column crm.activities.deal_id is 'Deal.';
comment on column crm.activities.owner is 'User id of the actor.';
comment on column crm.activities.duration_minutes is 'Length of calls and meetings.';
comment on column crm.activities.outcome is
    'Result. Known values, others are accepted: successful, unsuccessful, no_answer.';
comment on column crm.activities.occurred_at is 'When it happened.';
comment on column crm.activities.created_at is 'When the row was made.';

create index activities_occurred_at_idx on crm.activities (occurred_at);
create index activities_owner_idx on crm.activities (owner);
create index activities_contact_id_occurred_at_idx on crm.activities (contact_id, occurred_at desc);
create index activities_deal_id_occurred_at_idx on crm.activities (deal_id, occurred_at desc);
create index activities_company_id_occurred_at_idx on crm.activities (company_id, occurred_at desc);
create index activities_tenant_id_occurred_at_idx on crm.activities (tenant_id, occurred_at desc);

create table crm.emails (
    id          text not null default shared.new_id(),
    tenant_id   uuid not null default auth.org_uuid(),
    subject     text not null,
    body        text not null,
    "from"      text not null,
    "to"        text[] not null default '{}',
    cc          text[] not null default '{}',
    bcc         text[] not null default '{}',
    direction   text not null,
    status      text not null default 'sent',
    opened_at   timestamptz,
    clicked_at  timestamptz,
    contact_id  text,
    external_id text,
    thread_id   text,
    sent_at     timestamptz,
    created_at  timestamptz not null default now(),
    constraint emails_pkey primary key (id),
    constraint emails_direction_check check (direction in ('inbound', 'outbound')),
    constraint emails_status_check check (
        status in (
            'draft', 'sent', 'delivered', 'opened', 'clicked', 'bounced', 'received'
        )
    ),
    constraint emails_tenant_id_fkey
        foreign key (tenant_id) references crm.tenants (id) on delete restrict,
    constraint emails_contact_id_fkey
        foreign key (contact_id) references crm.contacts (id) on delete set null
);

comment on table crm.emails is 'Mails with contacts, with open and click tracking.';
comment on column crm.emails.id is 'Primary key.';
comment on column crm.emails.tenant_id is
    'Tenant that the row belongs to; the organisation of the caller unless given.';
comment on column crm.emails.subject is 'Subject line.';
comment on column crm.emails.body is 'Text.';
comment on column crm.emails."from" is 'Sender.';
comment on column crm.emails."to" is 'Recipients.';
comment on column crm.emails.cc is 'Copies.';
comment on column crm.emails.bcc is 'Blind copies. Not shown to roles below the owning application.';
comment on column crm.emails.direction is 'From or to us.';
comment on column crm.emails.status is 'Delivery and tracking state.';
comment on column crm.emails.opened_at is 'First opening.';
comment on column crm.emails.clicked_at is 'First click.';
comment on column crm.emails.contact_id is 'Contact.';
comment on column crm.emails.external_id is 'Id in the mail system.';
comment on column crm.emails.thread_id is 'Thread in the mail system.';
comment on column crm.emails.sent_at is 'When sent or received.';
comment on column crm.emails.created_at is 'When the row was made.';

create index emails_direction_idx on crm.emails (direction);
create index emails_status_idx on crm.emails (status);
create index emails_contact_id_created_at_idx on crm.emails (contact_id, created_at desc);
create unique index emails_external_id_key_partial
    on crm.emails (tenant_id, external_id) where external_id is not null;
create index emails_thread_id_idx_partial on crm.emails (thread_id) where thread_id is not null;
create index emails_tenant_id_created_at_idx on crm.emails (tenant_id, created_at desc);

create table crm.tasks (
    id           text not null default shared.new_id(),
    tenant_id    uuid not null default auth.org_uuid(),
    title        text not null,
    description  text,
    assigned_to  text not null,
    contact_id   text,
    status       text not null default 'todo',
    priority     text not null default 'medium',
    due_date     timestamptz,
    completed_at timestamptz,
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now(),
    constraint tasks_pkey primary key (id),
    constraint tasks_status_check check (status in ('todo', 'in_progress', 'done', 'cancelled')),
    constraint tasks_priority_check check (priority in ('low', 'medium', 'high', 'urgent')),
    constraint tasks_tenant_id_fkey
        foreign key (tenant_id) references crm.tenants (id) on delete restrict,
    constraint tasks_contact_id_fkey
        foreign key (contact_id) references crm.contacts (id) on delete set null
);

comment on table crm.tasks is 'To-dos.';
comment on column crm.tasks.id is 'Primary key.';
comment on column crm.tasks.tenant_id is
    'Tenant that the row belongs to; the organisation of the caller unless given.';
comment on column crm.tasks.title is 'What to do.';
comment on column crm.tasks.description is 'Text.';
comment on column crm.tasks.assigned_to is 'User id.';
comment on column crm.tasks.contact_id is 'Contact.';
comment on column crm.tasks.status is 'State.';
comment on column crm.tasks.priority is 'Weight.';
comment on column crm.tasks.due_date is 'When due.';
comment on column crm.tasks.completed_at is 'When done.';
comment on column crm.tasks.created_at is 'When the row was made.';
comment on column crm.tasks.updated_at is 'When the row was last changed; set by trigger on every update.';

create index tasks_contact_id_idx on crm.tasks (contact_id);
create index tasks_status_idx on crm.tasks (status);
create index tasks_due_date_idx on crm.tasks (due_date);
create index tasks_assigned_to_status_due_date_idx on crm.tasks (assigned_to, status, due_date);
create index tasks_tenant_id_created_at_idx on crm.tasks (tenant_id, created_at desc);

create trigger tasks_set_updated_at
    before update on crm.tasks
    for each row execute function shared.set_updated_at();

-- Figures
-- -------

create table crm.metrics (
    id         text not null default shared.new_id(),
    tenant_id  uuid not null default auth.org_uuid(),
    date       date not null,
    metric     text not null,
    value      double precision not null,
    metadata   jsonb,
    created_at timestamptz not null default now(),
    constraint metrics_pkey primary key (id),
    constraint metrics_tenant_id_date_metric_key unique (tenant_id, date, metric),
    constraint metrics_tenant_id_fkey
        foreign key (tenant_id) references crm.tenants (id) on delete restrict
);

comment on table crm.metrics is 'Daily CRM figures.';
comment on column crm.metrics.id is 'Primary key.';
comment on column crm.metrics.tenant_id is
    'Tenant that the row belongs to; the organisation of the caller unless given.';
comment on column crm.metrics.date is 'Day in Europe/Copenhagen.';
comment on column crm.metrics.metric is 'Name, e.g. deals_created, deals_won, deals_lost, revenue.';
comment on column crm.metrics.value is 'Figure.';
comment on column crm.metrics.metadata is 'Details.';
comment on column crm.metrics.created_at is 'When the row was made.';

create index metrics_date_idx on crm.metrics (date);
create index metrics_metric_date_idx on crm.metrics (metric, date);

-- Jobs
-- ----

create table crm.cleaning_jobs (
    id                     uuid not null default gen_random_uuid(),
    tenant_id              uuid not null,
    contact_id             text,
    company_id             text,
    deal_id                text,
    assigned_to            uuid,
    title                  text not null,
    description            text,
    job_type               text not null,
    status                 text not null default 'scheduled',
    priority               text not null default 'normal',
    scheduled_at           timestamptz not null,
    estimated_duration     integer not null default 180,
    actual_duration        integer,
    started_at             timestamptz,
    completed_at           timestamptz,
    address                text,
    city                   text,
    postal_code            text,
    location_details       jsonb,
    square_meters          numeric(10,2),
    recurring_config       jsonb,
    equipment_requirements jsonb,
    supply_requirements    jsonb,
    special_requirements   text[] not null default '{}',
    price                  numeric(12,2),
    currency               text not null default 'DKK',
    cost_details           jsonb,
    quality_check          jsonb,
    customer_signature     text,
    created_at             timestamptz not null default now(),
    updated_at             timestamptz not null default now(),
    constraint cleaning_jobs_pkey primary key (id),
    constraint cleaning_jobs_job_type_check check (
        job_type in (
            'kontorrenhold', 'privatrenhold', 'flytterenhold', 'byggerenhold', 'vinduespudsning',
            'taepperens', 'specialrengoering', 'vedligeholdelse', 'dybrengoering', 'akutrengoering'
        )
    ),
    constraint cleaning_jobs_status_check check (
        status in (
            'scheduled', 'confirmed', 'in_progress', 'paused', 'completed', 'cancelled', 'no_show',
            'rescheduled'
        )
    ),
    constraint cleaning_jobs_priority_check check (priority in ('low', 'normal', 'high', 'urgent')),
    constraint cleaning_jobs_estimated_duration_check check (estimated_duration > 0),
    constraint cleaning_jobs_tenant_id_fkey
        foreign key (tenant_id) references crm.tenants (id) on delete cascade,
    constraint cleaning_jobs_contact_id_fkey
        foreign key (contact_id) references crm.contacts (id) on delete set null,
    constraint cleaning_jobs_company_id_fkey
        foreign key (company_id) references crm.companies (id) on delete set null,
    constraint cleaning_jobs_deal_id_fkey
        foreign key (deal_id) references crm.deals (id) on delete set null,
    constraint cleaning_jobs_assigned_to_fkey
        foreign key (assigned_to) references crm.users (id) on delete set null
);

comment on table crm.cleaning_jobs is 'Cleaning jobs sold through the CRM.';
comment on column crm.cleaning_jobs.id is 'Primary key.';
comment on column crm.cleaning_jobs.tenant_id is 'Tenant.';
comment on column crm.cleaning_jobs.contact_id is 'Contact.';
comment on column crm.cleaning_jobs.company_id is 'Company.';
comment on column crm.cleaning_jobs.deal_id is 'Deal the job came from.';
comment on column crm.cleaning_jobs.assigned_to is 'Leading cleaner.';
comment on column crm.cleaning_jobs.title is 'Title.';
comment on column crm.cleaning_jobs.description is 'Text.';
comment on column crm.cleaning_jobs.job_type is 'Kind of cleaning.';
comment on column crm.cleaning_jobs.status is 'State.';
comment on column crm.cleaning_jobs.priority is 'Weight.';
comment on column crm.cleaning_jobs.scheduled_at is 'Planned start.';
comment on column crm.cleaning_jobs.estimated_duration is 'Planned minutes.';
comment on column crm.cleaning_jobs.actual_duration is 'Minutes used.';
comment on column crm.cleaning_jobs.started_at is 'Start of work.';
comment on column crm.cleaning_jobs.completed_at is 'End of work.';
comment on column crm.cleaning_jobs.address is 'Street address.';
comment on column crm.cleaning_jobs.city is 'City.';
comment on column crm.cleaning_jobs.postal_code is 'Postal code.';
comment on column crm.cleaning_jobs.location_details is 'Coordinates, access instructions, parking.';
comment on column crm.cleaning_jobs.square_meters is 'Area.';
comment on column crm.cleaning_jobs.recurring_config is '{frequency, interval, end_date, skip_holidays}.';
comment on column crm.cleaning_jobs.equipment_requirements is 'Equipment needed.';
comment on column crm.cleaning_jobs.supply_requirements is 'Supplies needed.';
comment on column crm.cleaning_jobs.special_requirements is 'Wishes, e.g. green products, pets.';
comment on column crm.cleaning_jobs.price is 'Agreed price before VAT.';
comment on column crm.cleaning_jobs.currency is 'ISO code.';
comment on column crm.cleaning_jobs.cost_details is
    '{base_price, hourly_rate, supplies, equipment, total, invoiced}.';
comment on column crm.cleaning_jobs.quality_check is 'Result of the check: score, remarks, by whom.';
comment on column crm.cleaning_jobs.customer_signature is 'Signature picture, base64.';
comment on column crm.cleaning_jobs.created_at is 'When the row was made.';
comment on column crm.cleaning_jobs.updated_at is 'When the row was last changed; set by trigger on every update.';

create index cleaning_jobs_tenant_id_scheduled_at_idx on crm.cleaning_jobs (tenant_id, scheduled_at desc);
create index cleaning_jobs_tenant_id_status_idx on crm.cleaning_jobs (tenant_id, status);
create index cleaning_jobs_assigned_to_scheduled_at_idx on crm.cleaning_jobs (assigned_to, scheduled_at);
create index cleaning_jobs_contact_id_idx on crm.cleaning_jobs (contact_id);
create index cleaning_jobs_company_id_idx on crm.cleaning_jobs (company_id);
create index cleaning_jobs_deal_id_idx on crm.cleaning_jobs (deal_id);

create trigger cleaning_jobs_set_updated_at
    before update on crm.cleaning_jobs
    for each row execute function shared.set_updated_at();
