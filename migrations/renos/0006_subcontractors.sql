-- Companies that take on jobs.

create table renos.subcontractors (
    id           uuid not null default gen_random_uuid(),
    company_name text not null,
    contact_name text not null,
    email        text not null,
    phone        text not null,
    address      text,
    city         text,
    zip_code     text,
    cvr_number   text,
    website_url  text,
    status       text not null default 'active',
    rating       numeric(3,2) default 0,
    notes        text,
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now(),
    constraint subcontractors_pkey primary key (id),
    constraint subcontractors_email_key unique (email),
    constraint subcontractors_status_check check (status in ('active', 'inactive', 'suspended')),
    constraint subcontractors_rating_check check (rating between 0 and 5)
);

comment on table renos.subcontractors is 'Companies that take on jobs.';
comment on column renos.subcontractors.id is 'Primary key.';
comment on column renos.subcontractors.company_name is 'Company.';
comment on column renos.subcontractors.contact_name is 'Person to talk to.';
comment on column renos.subcontractors.email is 'Lower-case address.';
comment on column renos.subcontractors.phone is 'Phone number.';
comment on column renos.subcontractors.address is 'Street address.';
comment on column renos.subcontractors.city is 'City.';
comment on column renos.subcontractors.zip_code is 'Postal code.';
comment on column renos.subcontractors.cvr_number is 'Danish company number, DK + 8 digits.';
comment on column renos.subcontractors.website_url is 'Web site.';
comment on column renos.subcontractors.status is 'Whether in use.';
comment on column renos.subcontractors.rating is 'Mean of the reviews, 0.00 to 5.00; derived.';
comment on column renos.subcontractors.notes is 'Internal remarks.';
comment on column renos.subcontractors.created_at is 'When the row was made.';
comment on column renos.subcontractors.updated_at is 'When the row was last changed; set by trigger on every update.';

create index subcontractors_status_idx on renos.subcontractors (status);
create index subcontractors_rating_idx on renos.subcontractors (rating desc);

create trigger subcontractors_set_updated_at
    before update on renos.subcontractors
    for each row execute function shared.set_updated_at();

create table renos.subcontractor_services (
    id               uuid not null default gen_random_uuid(),
    subcontractor_id uuid not null,
    service_id       text not null,
    experience_years integer,
    certifications   text[] not null default '{}',
    created_at       timestamptz not null default now(),
    constraint subcontractor_services_pkey primary key (id),
    constraint subcontractor_services_subcontractor_id_service_id_key unique (subcontractor_id, service_id),
    constraint subcontractor_services_subcontractor_id_fkey
        foreign key (subcontractor_id) references renos.subcontractors (id) on delete cascade,
    constraint subcontractor_services_service_id_fkey
        foreign key (service_id) references renos.services (id) on delete cascade
);

comment on table renos.subcontractor_services is 'Which services a subcontractor performs.';
comment on column renos.subcontractor_services.id is 'Primary key.';
comment on column renos.subcontractor_services.subcontractor_id is 'Subcontractor.';
comment on column renos.subcontractor_services.service_id is 'Service.';
comment on column renos.subcontractor_services.experience_years is 'Years of practice.';
comment on column renos.subcontractor_services.certifications is 'Certificates for the service.';
comment on column renos.subcontractor_services.created_at is 'When the row was made.';

create index subcontractor_services_service_id_idx on renos.subcontractor_services (service_id);

create table renos.subcontractor_documents (
    id               uuid not null default gen_random_uuid(),
    subcontractor_id uuid not null,
    document_type    text not null,
    document_name    text not null,
    storage_url      text not null,
    expiration_date  date,
    status           text not null default 'valid',
    uploaded_at      timestamptz not null default now(),
    updated_at       timestamptz not null default now(),
    constraint subcontractor_documents_pkey primary key (id),
    constraint subcontractor_documents_document_type_check check (
        document_type in (
            'insurance', 'license', 'certification', 'contract', 'other'
        )
    ),
    constraint subcontractor_documents_status_check check (
        status in (
            'valid', 'expired', 'pending', 'rejected'
        )
    ),
    constraint subcontractor_documents_subcontractor_id_fkey
        foreign key (subcontractor_id) references renos.subcontractors (id) on delete cascade
);

comment on table renos.subcontractor_documents is 'Insurance papers, licences and other documents, with expiry.';
comment on column renos.subcontractor_documents.id is 'Primary key.';
comment on column renos.subcontractor_documents.subcontractor_id is 'Subcontractor.';
comment on column renos.subcontractor_documents.document_type is 'Kind.';
comment on column renos.subcontractor_documents.document_name is 'Title.';
comment on column renos.subcontractor_documents.storage_url is 'Where the file lies.';
comment on column renos.subcontractor_documents.expiration_date is 'Last day of validity.';
comment on column renos.subcontractor_documents.status is 'State; becomes expired after expiration_date.';
comment on column renos.subcontractor_documents.uploaded_at is 'When uploaded.';
comment on column renos.subcontractor_documents.updated_at is
    'When the row was last changed; set by trigger on every update.';

create index subcontractor_documents_subcontractor_id_idx on renos.subcontractor_documents (subcontractor_id);
create index subcontractor_documents_document_type_idx on renos.subcontractor_documents (document_type);
create index subcontractor_documents_expiration_date_idx_partial
    on renos.subcontractor_documents (expiration_date) where status = 'valid' and expiration_date is not null;

create trigger subcontractor_documents_set_updated_at
    before update on renos.subcontractor_documents
    for each row execute function shared.set_updated_at();

create table renos.subcontractor_availability (
    id                uuid not null default gen_random_uuid(),
    subcontractor_id  uuid not null,
    date              date not null,
    start_time        time,
    end_time          time,
    is_available      boolean not null default true,
    recurring         boolean not null default false,
    recurring_pattern text,
    notes             text,
    created_at        timestamptz not null default now(),
    constraint subcontractor_availability_pkey primary key (id),
    constraint subcontractor_availability_subcontractor_id_date_start_time_key
        unique nulls not distinct (subcontractor_id, date, start_time),
    constraint subcontractor_availability_end_time_check
        check (end_time is null or start_time is null or end_time > start_time),
    constraint subcontractor_availability_subcontractor_id_fkey
        foreign key (subcontractor_id) references renos.subcontractors (id) on delete cascade
);

comment on table renos.subcontractor_availability is 'Days and hours on which a subcontractor can or cannot work.';
comment on column renos.subcontractor_availability.id is 'Primary key.';
comment on column renos.subcontractor_availability.subcontractor_id is 'Subcontractor.';
comment on column renos.subcontractor_availability.date is 'Day.';
comment on column renos.subcontractor_availability.start_time is 'From; null for the whole day.';
comment on column renos.subcontractor_availability.end_time is 'To.';
comment on column renos.subcontractor_availability.is_available is 'True for free, false for blocked.';
comment on column renos.subcontractor_availability.recurring is 'Whether it repeats.';
comment on column renos.subcontractor_availability.recurring_pattern is
    'How it repeats. Known values, others are accepted: weekly, biweekly, monthly.';
comment on column renos.subcontractor_availability.notes is 'Remarks.';
comment on column renos.subcontractor_availability.created_at is 'When the row was made.';

create table renos.task_assignments (
    id                uuid not null default gen_random_uuid(),
    booking_id        text,
    subcontractor_id  uuid,
    assigned_by       text,
    assigned_at       timestamptz not null default now(),
    status            text not null default 'assigned',
    started_at        timestamptz,
    completed_at      timestamptz,
    actual_hours      numeric(5,2),
    notes             text,
    calendar_event_id text,
    invoice_id        text,
    invoice_number    text,
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now(),
    constraint task_assignments_pkey primary key (id),
    constraint task_assignments_status_check check (
        status in (
            'assigned', 'accepted', 'rejected', 'in_progress', 'completed', 'cancelled'
        )
    ),
    constraint task_assignments_subcontractor_id_fkey
        foreign key (subcontractor_id) references renos.subcontractors (id) on delete set null,
    constraint task_assignments_booking_id_fkey
        foreign key (booking_id) references renos.bookings (id) on delete set null,
    constraint task_assignments_assigned_by_fkey
        foreign key (assigned_by) references renos.users (id) on delete set null
);

comment on table renos.task_assignments is 'Bookings handed to subcontractors.';
comment on column renos.task_assignments.id is 'Primary key.';
comment on column renos.task_assignments.booking_id is 'Booking handed over.';
comment on column renos.task_assignments.subcontractor_id is 'Who got it.';
comment on column renos.task_assignments.assigned_by is 'Who handed it over (renos.users id).';
comment on column renos.task_assignments.assigned_at is 'When.';
comment on column renos.task_assignments.status is 'State.';
comment on column renos.task_assignments.started_at is 'When work began.';
comment on column renos.task_assignments.completed_at is 'When done.';
comment on column renos.task_assignments.actual_hours is 'Hours worked, for payment.';
comment on column renos.task_assignments.notes is 'Remarks.';
comment on column renos.task_assignments.calendar_event_id is 'Google Calendar event.';
comment on column renos.task_assignments.invoice_id is 'Billy.dk invoice id; external.';
comment on column renos.task_assignments.invoice_number is 'Billy.dk invoice number.';
comment on column renos.task_assignments.created_at is 'When the row was made.';
comment on column renos.task_assignments.updated_at is
    'When the row was last changed; set by trigger on every update.';

create index task_assignments_status_idx on renos.task_assignments (status);
create index task_assignments_booking_id_idx on renos.task_assignments (booking_id);
create index task_assignments_assigned_at_idx on renos.task_assignments (assigned_at desc);
create index task_assignments_subcontractor_id_assigned_at_idx
    on renos.task_assignments (subcontractor_id, assigned_at desc);
create index task_assignments_assigned_by_idx on renos.task_assignments (assigned_by);

create trigger task_assignments_set_updated_at
    before update on renos.task_assignments
    for each row execute function shared.set_updated_at();

create table renos.subcontractor_reviews (
    id                    uuid not null default gen_random_uuid(),
    task_assignment_id    uuid not null,
    subcontractor_id      uuid not null,
    reviewed_by           text,
    rating                integer not null,
    quality_score         integer,
    timeliness_score      integer,
    communication_score   integer,
    professionalism_score integer,
    would_recommend       boolean,
    comments              text,
    photos                jsonb,
    created_at            timestamptz not null default now(),
    constraint subcontractor_reviews_pkey primary key (id),
    constraint subcontractor_reviews_task_assignment_id_key unique (task_assignment_id),
    constraint subcontractor_reviews_rating_check check (rating between 1 and 5),
    constraint subcontractor_reviews_quality_score_check check (quality_score between 1 and 5),
    constraint subcontractor_reviews_timeliness_score_check check (timeliness_score between 1 and 5),
    constraint subcontractor_reviews_communication_score_check check (communication_score between 1 and 5),
    constraint subcontractor_reviews_professionalism_score_check check (professionalism_score between 1 and 5),
    constraint subcontractor_reviews_task_assignment_id_fkey
        foreign key (task_assignment_id) references renos.task_assignments (id) on delete cascade,
    constraint subcontractor_reviews_subcontractor_id_fkey
        foreign key (subcontractor_id) references renos.subcontractors (id) on delete cascade,
    constraint subcontractor_reviews_reviewed_by_fkey
        foreign key (reviewed_by) references renos.users (id) on delete set null
);

comment on table renos.subcontractor_reviews is 'One review per finished assignment.';
comment on column renos.subcontractor_reviews.id is 'Primary key.';
comment on column renos.subcontractor_reviews.task_assignment_id is 'Assignment reviewed; one review an assignment.';
comment on column renos.subcontractor_reviews.subcontractor_id is 'Subcontractor reviewed.';
comment on column renos.subcontractor_reviews.reviewed_by is 'Who reviewed (renos.users id).';
comment on column renos.subcontractor_reviews.rating is 'Stars 1 to 5.';
comment on column renos.subcontractor_reviews.quality_score is 'Stars 1 to 5.';
comment on column renos.subcontractor_reviews.timeliness_score is 'Stars 1 to 5 (punctuality).';
comment on column renos.subcontractor_reviews.communication_score is 'Stars 1 to 5.';
comment on column renos.subcontractor_reviews.professionalism_score is 'Stars 1 to 5.';
comment on column renos.subcontractor_reviews.would_recommend is 'Whether to use again.';
comment on column renos.subcontractor_reviews.comments is 'Text.';
comment on column renos.subcontractor_reviews.photos is 'Array of picture links.';
comment on column renos.subcontractor_reviews.created_at is 'When the row was made.';

create index subcontractor_reviews_subcontractor_id_idx on renos.subcontractor_reviews (subcontractor_id);
create index subcontractor_reviews_rating_idx on renos.subcontractor_reviews (rating desc);
create index subcontractor_reviews_reviewed_by_idx on renos.subcontractor_reviews (reviewed_by);

create table renos.subcontractor_agreements (
    id               uuid not null default gen_random_uuid(),
    subcontractor_id uuid not null,
    agreement_type   text not null,
    terms            text not null,
    signed_date      date,
    expiration_date  date,
    status           text not null default 'pending',
    document_url     text,
    payment_terms    text,
    hourly_rate_dkk  numeric(10,2),
    created_by       text,
    notes            text,
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now(),
    constraint subcontractor_agreements_pkey primary key (id),
    constraint subcontractor_agreements_status_check check (
        status in (
            'pending', 'active', 'expired', 'terminated'
        )
    ),
    constraint subcontractor_agreements_subcontractor_id_fkey
        foreign key (subcontractor_id) references renos.subcontractors (id) on delete cascade,
    constraint subcontractor_agreements_created_by_fkey
        foreign key (created_by) references renos.users (id) on delete set null
);

comment on table renos.subcontractor_agreements is 'Contracts with subcontractors.';
comment on column renos.subcontractor_agreements.id is 'Primary key.';
comment on column renos.subcontractor_agreements.subcontractor_id is 'Subcontractor.';
comment on column renos.subcontractor_agreements.agreement_type is 'Kind of contract.';
comment on column renos.subcontractor_agreements.terms is 'Text.';
comment on column renos.subcontractor_agreements.signed_date is 'When signed.';
comment on column renos.subcontractor_agreements.expiration_date is 'When it ends.';
comment on column renos.subcontractor_agreements.status is 'State.';
comment on column renos.subcontractor_agreements.document_url is 'Where the signed file lies.';
comment on column renos.subcontractor_agreements.payment_terms is 'Terms of payment.';
comment on column renos.subcontractor_agreements.hourly_rate_dkk is 'Agreed price per hour, DKK.';
comment on column renos.subcontractor_agreements.created_by is 'Who drew it up (renos.users id).';
comment on column renos.subcontractor_agreements.notes is 'Remarks.';
comment on column renos.subcontractor_agreements.created_at is 'When the row was made.';
comment on column renos.subcontractor_agreements.updated_at is
    'When the row was last changed; set by trigger on every update.';

create index subcontractor_agreements_subcontractor_id_idx on renos.subcontractor_agreements (subcontractor_id);
create index subcontractor_agreements_status_idx on renos.subcontractor_agreements (status);
create index subcontractor_agreements_created_by_idx on renos.subcontractor_agreements (created_by);

create trigger subcontractor_agreements_set_updated_at
    before update on renos.subcontractor_agreements
    for each row execute function shared.set_updated_at();

create table renos.push_subscriptions (
    id               uuid not null default gen_random_uuid(),
    subcontractor_id uuid not null,
    subscription     jsonb not null,
    user_agent       text,
    created_at       timestamptz not null default now(),
    last_used_at     timestamptz not null default now(),
    constraint push_subscriptions_pkey primary key (id),
    constraint push_subscriptions_subcontractor_id_fkey
        foreign key (subcontractor_id) references renos.subcontractors (id) on delete cascade
);

comment on table renos.push_subscriptions is 'Browser push endpoints of subcontractors.';
comment on column renos.push_subscriptions.id is 'Primary key.';
comment on column renos.push_subscriptions.subcontractor_id is 'Subcontractor.';
comment on column renos.push_subscriptions.subscription is
    'Push subscription with endpoint and keys. Never returned by lists.';
comment on column renos.push_subscriptions.user_agent is 'Browser.';
comment on column renos.push_subscriptions.created_at is 'When the row was made.';
comment on column renos.push_subscriptions.last_used_at is 'Last successful push.';

create index push_subscriptions_subcontractor_id_idx on renos.push_subscriptions (subcontractor_id);
