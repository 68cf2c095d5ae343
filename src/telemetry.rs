//! Logs and metrics.
//!
//! In: what `LOG_*` says. Out: a subscriber and a recorder for the whole process, and [`Telemetry`], which writes the
//! metrics down. Refuses a filter that is none, and to be set up twice. Logs go to standard error, so that what
//! commands print stays clean.

pub mod metric;
mod trace_context;

use std::io::IsTerminal;

use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use tracing::{Level, Metadata, Subscriber, subscriber::SetGlobalDefaultError};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{ParseError, filter_fn},
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
};

use crate::config::TelemetryConfig;
pub use trace_context::{SpanId, TraceContext, TraceId};

/// Upper bounds of the buckets that durations are counted in, in seconds.
const BUCKETS: [f64; 14] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Why logs or metrics could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `LOG_LEVEL` is no filter.
    #[error("LOG_LEVEL is neither a level (error, warn, info, debug, trace) nor a list like info,tekup_db=debug: {0}")]
    Filter(#[from] ParseError),
    /// The process has a subscriber.
    #[error("logs have been set up already")]
    LogsTaken(#[from] SetGlobalDefaultError),
    /// The process has a recorder, or none could be made.
    #[error("metrics can't be set up: {0}")]
    Metrics(#[from] BuildError),
}

/// What has been measured.
#[derive(Clone, Debug)]
pub struct Telemetry {
    metrics: PrometheusHandle,
}

impl Telemetry {
    /// All metrics in Prometheus' text format.
    pub fn render(&self) -> String {
        self.metrics.render()
    }

    /// Gathers what histograms have recorded. To be called every few seconds: they grow until it is, or until the
    /// metrics are rendered.
    pub fn upkeep(&self) {
        self.metrics.run_upkeep();
    }
}

/// Sets up logs and metrics for the process and describes every metric.
///
/// # Errors
/// [`TelemetryError`]; where it is not the filter, the process has them already.
pub fn init(config: &TelemetryConfig) -> Result<Telemetry, TelemetryError> {
    tracing::subscriber::set_global_default(subscriber(config, std::io::stderr)?)?;
    let recorder = recorder()?;
    let metrics = recorder.handle();
    metrics::set_global_recorder(recorder).map_err(BuildError::from)?;
    metric::describe();
    Ok(Telemetry { metrics })
}

fn recorder() -> Result<PrometheusRecorder, BuildError> {
    Ok(PrometheusBuilder::new().set_buckets(&BUCKETS)?.build_recorder())
}

fn subscriber<W>(config: &TelemetryConfig, writer: W) -> Result<impl Subscriber + use<W>, ParseError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    // What migrations find there already is no news.
    let filter = EnvFilter::try_new(&config.filter)?.add_directive("sqlx=warn".parse()?);
    let lines =
        fmt::layer::<Registry>().with_writer(writer).with_ansi(!config.json_logs && std::io::stderr().is_terminal());
    let lines = if config.json_logs {
        lines.json().flatten_event(true).with_current_span(false).boxed()
    } else {
        lines.boxed()
    };
    Ok(tracing_subscriber::registry().with(lines).with(filter).with(filter_fn(is_discreet)))
}

/// Libraries quote headers, statements and parameters when they are talkative, so nobody gets to hear that, whatever
/// the filter says.
fn is_discreet(metadata: &Metadata) -> bool {
    *metadata.level() <= Level::INFO || metadata.target().starts_with(env!("CARGO_CRATE_NAME"))
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
        time::Duration,
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Log {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn config(filter: &str, json_logs: bool) -> TelemetryConfig {
        TelemetryConfig { json_logs, filter: filter.to_owned(), slow_query: Duration::from_millis(100) }
    }

    fn logged(filter: &str, json_logs: bool, events: impl FnOnce()) -> String {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = subscriber(&config(filter, json_logs), move || writer.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, events);
        log.text()
    }

    #[test]
    fn a_second_time_is_an_error() {
        let _ = init(&config("off", true));
        assert!(matches!(init(&config("off", true)), Err(TelemetryError::LogsTaken(_))));
    }

    #[test]
    fn a_filter_that_is_none_is_refused_by_its_variable() {
        let error = init(&config("info,tekup_db=loud", true)).unwrap_err();
        assert!(error.to_string().starts_with("LOG_LEVEL is neither"), "{error}");
    }

    #[test]
    fn json_lines_carry_the_trace() {
        let trace = TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").unwrap();
        let text = logged("info", true, || {
            let _request = tracing::info_span!("request", trace_id = %trace.trace_id).entered();
            tracing::info!(rows = 3, "answered");
            tracing::debug!("unheard");
        });
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["message"], "answered");
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["rows"], 3);
        assert_eq!(line["spans"][0]["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
    }

    #[test]
    fn what_libraries_say_in_detail_is_not_heard() {
        let text = logged("trace", false, || {
            tracing::debug!(target: "h2::codec", "authorization: Bearer x");
            tracing::warn!(target: "h2::codec", "connection reset");
            tracing::trace!("ours");
        });
        assert!(!text.contains("Bearer") && text.contains("connection reset") && text.contains("ours"), "{text}");
    }

    #[test]
    fn every_metric_is_described() {
        let recorder = recorder().unwrap();
        let telemetry = Telemetry { metrics: recorder.handle() };
        metrics::with_local_recorder(&recorder, || {
            metric::describe();
            for metric in metric::ALL {
                match metric.kind {
                    metric::Kind::Counter => metrics::counter!(metric.name).increment(1),
                    metric::Kind::Gauge => metrics::gauge!(metric.name).set(1.0),
                    metric::Kind::Histogram => metrics::histogram!(metric.name).record(0.003),
                }
            }
        });
        telemetry.upkeep();
        let text = telemetry.render();
        for metric in metric::ALL {
            assert!(text.contains(&format!("# HELP {} {}", metric.name, metric.help)), "{text}");
        }
        assert!(text.contains("http_request_duration_seconds_bucket{le=\"0.0025\"} 0"), "{text}");
        assert!(text.contains("http_request_duration_seconds_bucket{le=\"0.005\"} 1"), "{text}");
        assert!(text.contains("http_request_duration_seconds_bucket{le=\"10\"} 1"), "{text}");
        assert!(text.contains("build_info{version="), "{text}");
    }
}
