//! Who is let in.

use axum::body::Body;
use axum::http::{Request, StatusCode};

use super::{PORT, Page, run};

/// A request to `/api/start` with these headers.
fn asked(page: &Page, path: &str, headers: &[(&str, &str)]) -> StatusCode {
    let mut request = Request::builder().uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    run(page.send(request.body(Body::empty()).unwrap())).status
}

#[test]
fn only_the_own_page_with_the_token_is_let_in() {
    let page = Page::new();
    let token = ("x-faascast-token", page.token.as_str());
    let host = format!("127.0.0.1:{PORT}");
    let own = ("host", host.as_str());
    let origin = format!("http://localhost:{PORT}");
    let start = |headers: &[(&str, &str)]| asked(&page, "/api/start", headers);
    assert_eq!(start(&[own, token]), StatusCode::OK);
    assert_eq!(start(&[own, token, ("origin", &origin), ("sec-fetch-site", "same-origin")]), StatusCode::OK);
    for name in ["localhost", "[::1]"] {
        assert_eq!(start(&[("host", &format!("{name}:{PORT}")), token]), StatusCode::OK, "{name}");
    }
    assert_eq!(start(&[own]), StatusCode::UNAUTHORIZED);
    assert_eq!(start(&[own, ("x-faascast-token", &page.token[1..])]), StatusCode::UNAUTHORIZED);
    assert_eq!(asked(&page, &format!("/api/start?token={}", page.token), &[own]), StatusCode::UNAUTHORIZED);
    for host in ["evil.example:4321", "127.0.0.1", "127.0.0.1:80", "localhost:43210", "127.0.0.1:4321.evil.example", ""] {
        assert_eq!(start(&[("host", host), token]), StatusCode::FORBIDDEN, "{host}");
        assert_eq!(asked(&page, "/", &[("host", host)]), StatusCode::FORBIDDEN, "the page itself, {host}");
    }
    assert_eq!(start(&[token]), StatusCode::FORBIDDEN);
    assert_eq!(start(&[own, ("host", "evil.example"), token]), StatusCode::FORBIDDEN);
    for origin in ["http://evil.example", "null", "https://127.0.0.1:4321", "http://127.0.0.1:4322", "http://127.0.0.1"] {
        assert_eq!(start(&[own, token, ("origin", origin)]), StatusCode::FORBIDDEN, "{origin}");
    }
    assert_eq!(start(&[own, token, ("sec-fetch-site", "cross-site")]), StatusCode::FORBIDDEN);
    assert_eq!(start(&[own, token, ("sec-fetch-site", "same-site")]), StatusCode::FORBIDDEN);
    assert_eq!(asked(&page, "/", &[own]), StatusCode::OK);
}

#[test]
fn every_answer_tells_the_browser_to_be_careful() {
    let page = Page::new();
    for (path, status) in
        [("/", 200), ("/api/start", 200), ("/nowhere", 404), ("/assets/..%2fmod.rs", 404), ("/api/controls", 405)]
    {
        let answer = page.get(path);
        assert_eq!(answer.status.as_u16(), status, "{path}");
        let header = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        assert!(header("content-security-policy").starts_with("default-src 'none'; script-src 'self';"), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert!(!answer.headers.contains_key("access-control-allow-origin"), "{path}");
    }
}

#[test]
fn what_is_refused_is_said_as_json() {
    let page = Page::new();
    let mut request = page.request("GET", "/api/start", "");
    request.headers_mut().remove("x-faascast-token");
    let answer = run(page.send(request));
    assert_eq!(answer.json()["errors"][0]["message"], "the token is missing or wrong");
    assert_eq!(answer.headers["content-type"], "application/json");
}
