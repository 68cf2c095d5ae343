//! `tekup-db studio`: where the API can be looked at and tried, in a browser.

use std::time::Duration;

use super::{Failure, ask};
use crate::config::{Config, Surface};

/// Options of `studio`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// How long the page may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Where the page is: at the public URL where one is configured, else where a service of this configuration listens. A public
/// URL that is PostgREST's API's ends with its path, which the page is not under.
fn url(config: &Config) -> Result<String, Failure> {
    let Surface::Whole { rest } = &config.server.surface else {
        return Err("a service of this configuration is PostgREST's API alone, and has no page: \
                    REST_BASE_PATH and PGRST_ variables say so"
            .into());
    };
    let base = match &config.api.public_url {
        Some(url) => {
            let url = url.trim_end_matches('/');
            url.strip_suffix(rest.as_str()).unwrap_or(url).to_owned()
        }
        None => {
            let scheme = if config.server.tls.is_some() { "https" } else { "http" };
            format!("{scheme}://{}", ask::reachable(config.server.address))
        }
    };
    Ok(format!("{base}/docs/"))
}

/// Prints the URL; fails where nothing answers there, and says what starts it.
///
/// # Errors
/// The configuration serves no page, or nothing answers.
pub fn run(_: Args, config: &Config) -> Result<(), Failure> {
    let url = url(config)?;
    println!("{url}");
    match ask::get(&url, config.api.public_url.is_none(), None, TIMEOUT)?.status {
        200..=399 => Ok(()),
        status => Err(format!(
            "{url} answered {status}: is it another service? PORT and OPENAPI_SERVER_URL say where ours is"
        )
        .into()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn of(variables: &[(&str, &str)]) -> Result<String, Failure> {
        url(&Config::read(&variables.iter().copied().collect::<BTreeMap<_, _>>()).unwrap())
    }

    #[test]
    fn the_page_is_where_the_service_is() {
        assert_eq!(of(&[]).unwrap(), "http://127.0.0.1:8080/docs/");
        assert_eq!(of(&[("HOST", "0.0.0.0"), ("PORT", "81")]).unwrap(), "http://127.0.0.1:81/docs/");
        assert_eq!(
            of(&[("OPENAPI_SERVER_URL", "https://api.tekup.example/")]).unwrap(),
            "https://api.tekup.example/docs/"
        );
        for (path, page) in
            [("/rest/v1/", "/docs/"), ("/behind/rest/v1", "/behind/docs/"), ("/behind", "/behind/docs/")]
        {
            let url = format!("https://api.tekup.example{path}");
            assert_eq!(of(&[("OPENAPI_SERVER_URL", &url)]).unwrap(), format!("https://api.tekup.example{page}"));
        }
        assert!(of(&[("REST_BASE_PATH", "/")]).unwrap_err().to_string().contains("no page"));
    }
}
