//! Who may ask, and what every answer says to the browser. A page of another site can make a browser send requests here: its
//! name in `Host` (DNS rebinding) or `Origin` gives it away, and it does not know the token.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use axum::middleware::Next;

use super::Site;
use super::problem::Problem;

/// Header that carries the token.
pub(super) const TOKEN: &str = "x-faascast-token";

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Checks a request, and puts the headers on its answer.
pub(super) async fn gate(State(site): State<Arc<Site>>, request: Request<Body>, next: Next) -> Response<Body> {
    let refused = refusal(&site, request.uri().path(), request.headers());
    let mut response = match refused {
        Some(problem) => problem.response(),
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    response
}

/// Why a request is refused before it is looked at.
fn refusal(site: &Site, path: &str, headers: &HeaderMap) -> Option<Problem> {
    let address = "Open the address that `faascast serve` printed.";
    let forbidden = |message: &str| Some(Problem::new(StatusCode::FORBIDDEN, message, address));
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok());
    if hosts.next().is_some() || !host.is_some_and(|host| site.is_own(host)) {
        return forbidden("the request is for another host");
    }
    if !path.starts_with("/api/") {
        return None;
    }
    let own =
        |origin: &HeaderValue| origin.to_str().is_ok_and(|o| o.strip_prefix("http://").is_some_and(|host| site.is_own(host)));
    if !headers.get_all(header::ORIGIN).iter().all(own) {
        return forbidden("the request comes from a page of another origin");
    }
    let same = |from: &HeaderValue| matches!(from.as_bytes(), b"same-origin" | b"none");
    if !headers.get_all("sec-fetch-site").iter().all(same) {
        return forbidden("the request comes from a page of another site");
    }
    let token = headers.get(TOKEN);
    if !token.is_some_and(|token| site.token.is(token.as_bytes())) {
        return Some(Problem::new(StatusCode::UNAUTHORIZED, "the token is missing or wrong", address));
    }
    None
}
