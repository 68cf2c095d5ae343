//! The jobs, and their SQL.

use std::time::Duration;

use super::{Job, Step};

/// Deletes rows of a table that a condition holds for.
macro_rules! sweep {
    ($table:literal, $when:literal) => {
        Step {
            table: $table,
            operator: None,
            sql: concat!(
                "WITH gone AS (DELETE FROM ",
                $table,
                " WHERE id = ANY (ARRAY(SELECT id FROM ",
                $table,
                " WHERE ",
                $when,
                " LIMIT 5000)) AND ",
                $when,
                " RETURNING 1) SELECT count(*) FROM gone"
            ),
        }
    };
}

/// Changes rows of a table that a condition holds for, and no longer does then.
macro_rules! turn {
    ($table:literal, $set:literal, $when:literal) => {
        Step {
            table: $table,
            operator: None,
            sql: concat!(
                "WITH turned AS (UPDATE ",
                $table,
                " SET ",
                $set,
                " WHERE id = ANY (ARRAY(SELECT id FROM ",
                $table,
                " WHERE ",
                $when,
                " ORDER BY id LIMIT 5000)) AND ",
                $when,
                " RETURNING 1) SELECT count(*) FROM turned"
            ),
        }
    };
}

/// Ends runs, with their steps, and counts them as failures at their workflows.
const OVERDUE_RUNS: &str = "
    WITH late AS (
        SELECT e.id FROM flow.executions e JOIN flow.workflows w ON w.id = e.workflow_id
        WHERE e.status = 'running' AND e.started_at < now() - make_interval(secs => w.timeout)
        ORDER BY e.id LIMIT 5000
    ),
    closed AS (
        UPDATE flow.executions e
        SET status = 'failed', error = 'timeout', completed_at = now(), current_step = NULL,
            duration_ms = least(greatest(floor(extract(epoch FROM now() - e.started_at) * 1000), 0), 2147483647)::integer,
            failed_step = coalesce(e.failed_step, (
                SELECT s.step_id FROM flow.execution_steps s
                WHERE s.execution_id = e.id AND s.status = 'running' ORDER BY s.started_at, s.id LIMIT 1))
        WHERE e.id = ANY (ARRAY(SELECT id FROM late)) AND e.status = 'running'
        RETURNING e.id, e.workflow_id
    ),
    ended AS (
        UPDATE flow.execution_steps s
        SET status = CASE s.status WHEN 'running' THEN 'failed' ELSE 'skipped' END, completed_at = now(),
            error = CASE s.status WHEN 'running' THEN 'timeout' END,
            duration_ms = least(greatest(floor(extract(epoch FROM now() - s.started_at) * 1000), 0), 2147483647)::integer
        FROM closed c
        WHERE s.execution_id = c.id AND s.status IN ('running', 'pending')
    ),
    counted AS (
        UPDATE flow.workflows w SET failure_count = w.failure_count + c.runs
        FROM (SELECT workflow_id, count(*)::integer AS runs FROM closed GROUP BY 1) c
        WHERE w.id = c.workflow_id
    )
    SELECT count(*) FROM closed";

/// Each is carried out, or has failed; either goes into the trail, and it is due no more.
const DUE_ERASURES: &str = "
    SELECT count((renos.process_due_erasure()).id) FROM (
        SELECT FROM renos.data_deletion_requests
        WHERE status = 'pending' AND scheduled_deletion_date <= now() LIMIT 5000
    ) AS due";

const MINUTE: Duration = Duration::from_secs(60);
const QUARTER: Duration = Duration::from_secs(15 * 60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// All jobs. How long rows are kept stands with the tables.
pub const JOBS: &[Job] = &[
    Job {
        name: "expired_cache",
        about: "Copies of what Billy.dk holds go when they expire.",
        every: QUARTER,
        steps: &[
            sweep!("billy.cached_invoices", "expires_at <= now()"),
            sweep!("billy.cached_customers", "expires_at <= now()"),
            sweep!("billy.cached_products", "expires_at <= now()"),
        ],
    },
    Job {
        name: "rate_limit_windows",
        about: "Windows that ended more than 24 hours ago go, the longest of a day.",
        every: HOUR,
        steps: &[sweep!("billy.rate_limits", "window_start < now() - interval '48 hours'")],
    },
    Job {
        name: "expired_sessions",
        about: "Sessions go 30 days after they expired or were revoked.",
        every: HOUR,
        steps: &[sweep!(
            "shared.sessions",
            "(expires_at < now() - interval '30 days' OR revoked_at < now() - interval '30 days')"
        )],
    },
    Job {
        name: "overdue_invoices",
        about: "Sent invoices are overdue from the day after they were due.",
        every: HOUR,
        steps: &[turn!(
            "renos.invoices",
            "status = 'overdue'",
            "status = 'sent' AND (due_date AT TIME ZONE 'Europe/Copenhagen')::date
                < (now() AT TIME ZONE 'Europe/Copenhagen')::date"
        )],
    },
    Job {
        name: "expired_quotes",
        about: "Sent quotes expire when they are past valid_until.",
        every: HOUR,
        steps: &[turn!("renos.quotes", "status = 'expired'", "status = 'sent' AND valid_until < now()")],
    },
    Job {
        name: "subcontractor_documents",
        about: "Documents and agreements of subcontractors expire the day after their last.",
        every: HOUR,
        steps: &[
            turn!(
                "renos.subcontractor_documents",
                "status = 'expired'",
                "status = 'valid' AND expiration_date < (now() AT TIME ZONE 'Europe/Copenhagen')::date"
            ),
            turn!(
                "renos.subcontractor_agreements",
                "status = 'expired'",
                "status = 'active' AND expiration_date < (now() AT TIME ZONE 'Europe/Copenhagen')::date"
            ),
        ],
    },
    Job {
        name: "undo_actions",
        about: "What can't be undone any more goes a day after that.",
        every: HOUR,
        steps: &[sweep!("renos.undo_actions", "expires_at < now() - interval '1 day'")],
    },
    Job {
        name: "due_erasures",
        about: "Requests to be forgotten are carried out when their time has come.",
        every: HOUR,
        steps: &[Step { table: "renos.data_deletion_requests", operator: Some("renos_operator"), sql: DUE_ERASURES }],
    },
    Job {
        name: "finished_exports",
        about: "Completed requests for a copy of one's data go when the copy expires.",
        every: HOUR,
        steps: &[sweep!("renos.data_export_requests", "status = 'completed' AND expires_at <= now()")],
    },
    Job {
        name: "overdue_runs",
        about: "Runs that last longer than their workflow lets them fail.",
        every: MINUTE,
        steps: &[
            Step { table: "flow.executions", operator: None, sql: OVERDUE_RUNS },
            // A step that began while its run was being ended was not seen there.
            turn!(
                "flow.execution_steps",
                "status = CASE status WHEN 'running' THEN 'failed' ELSE 'skipped' END, completed_at = now(),
                    error = CASE status WHEN 'running' THEN 'execution ended' END",
                "status IN ('running', 'pending') AND EXISTS (
                    SELECT FROM flow.executions e WHERE e.id = execution_id AND e.status <> 'running')"
            ),
        ],
    },
    Job {
        name: "retention",
        about: "Trails, logs and figures go when they are as old as they are kept.",
        every: DAY,
        steps: &[
            sweep!("billy.audit_logs", "created_at < now() - interval '365 days'"),
            sweep!("billy.usage_metrics", "date < (now() AT TIME ZONE 'UTC')::date - 730"),
            sweep!("renos.notifications", "read_at < now() - interval '90 days'"),
            sweep!("renos.audit_logs", "created_at < now() - interval '365 days'"),
            sweep!("renos.security_events", "resolved_at < now() - interval '365 days'"),
            sweep!("renos.email_ingest_runs", "started_at < now() - interval '90 days'"),
            sweep!("renos.task_executions", "created_at < now() - interval '365 days'"),
            sweep!("renos.booking_validations", "created_at < now() - interval '365 days'"),
            sweep!("flow.execution_logs", "\"timestamp\" < now() - interval '90 days'"),
            sweep!("flow.executions", "status <> 'running' AND started_at < now() - interval '365 days'"),
            sweep!("shared.audit_logs", "created_at < now() - interval '365 days'"),
        ],
    },
];
