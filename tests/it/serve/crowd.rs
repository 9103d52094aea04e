//! The program itself, over a socket: crowds, broken connections, and its end.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::cargo::CommandCargoExt;

/// A running `faascast serve`.
struct Program {
    child: Child,
    port: u16,
    token: String,
}

impl Program {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::cargo_bin("faascast")
            .unwrap()
            .arg("serve")
            .args(arguments)
            .args(["--threads", "1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        let (place, token) = address.trim().split_once("/?token=").unwrap();
        let port = place.strip_prefix("http://127.0.0.1:").unwrap().parse().unwrap();
        Self { child, port, token: token.to_owned() }
    }

    /// Systems give a process about a thousand files: who gets none waits for others to close theirs.
    fn connect(&self) -> TcpStream {
        let began = Instant::now();
        let stream = loop {
            match TcpStream::connect(("127.0.0.1", self.port)) {
                Ok(stream) => break stream,
                Err(error) => assert!(began.elapsed() < Duration::from_secs(60), "{error}"),
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        stream
    }

    fn head(&self, method: &str, path: &str, length: usize) -> String {
        let (port, token) = (self.port, &self.token);
        format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nx-faascast-token: {token}\r\nconnection: close\r\n\
             content-length: {length}\r\n\r\n"
        )
    }

    /// The status and the text of an answer.
    fn ask(&self, method: &str, path: &str, body: &[u8]) -> (u16, String) {
        let mut stream = self.connect();
        stream.write_all(self.head(method, path, body.len()).as_bytes()).unwrap();
        stream.write_all(body).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{text}"));
        (status, text)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const STUDY: &str = r#"{"client":"CLIENT","toml":"platform = 'generic'\nsimulation = { horizon = '10min', replications = 2 }\n[functions.f]\nwork.io = '50ms'\n[[traffic]]\nto = 'f'\narrivals = { poisson = '1/s' }\n"}"#;

#[test]
fn a_thousand_at_once_and_broken_connections_do_no_harm() {
    let program = Program::start(&[]);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let one = |i: usize| {
            let program = &program;
            scope.spawn(move || match i % 4 {
                0 => program.ask("POST", "/api/study", STUDY.replace("CLIENT", &i.to_string()).as_bytes()).0,
                1 => program.ask("GET", "/", b"").0,
                _ => program.ask("GET", "/api/health", b"").0,
            })
        };
        let threads: Vec<_> = (0..1_000).map(one).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(statuses.iter().all(|status| matches!(status, 200 | 429)), "{statuses:?}");
    assert!(statuses.iter().filter(|status| **status == 200).count() >= 758, "all but studies are answered, and 8 of these");
    // Half a head, half a body, and a study that nobody reads.
    let long = STUDY.replace("10min", "30d").replace("1/s", "500/s");
    for i in 0..100 {
        let mut stream = program.connect();
        let body = long.replace("CLIENT", &format!("gone {i}"));
        let head = program.head("POST", "/api/study", body.len());
        let sent = match i % 3 {
            0 => head[..head.len() / 2].to_owned(),
            1 => format!("{head}{}", &body[..body.len() / 2]),
            _ => format!("{head}{body}"),
        };
        stream.write_all(sent.as_bytes()).unwrap();
    }
    let began = Instant::now();
    while !program.ask("GET", "/api/health", b"").1.ends_with("{\"studies\":0}") {
        assert!(began.elapsed() < Duration::from_secs(60), "studies go on that nobody reads");
        std::thread::sleep(Duration::from_millis(50));
    }
    let (status, text) = program.ask("POST", "/api/study", STUDY.replace("CLIENT", "last").as_bytes());
    assert_eq!(status, 200);
    assert!(text.contains("event: done"), "{text}");
    let (status, text) = program.ask("POST", "/api/controls", &vec![b' '; 10 << 20]);
    assert_eq!(status, 413, "{text}");
}

#[test]
fn the_users_trace_is_known_and_ctrl_c_ends_it() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/recorded-day.toml");
    let mut program = Program::start(&[file]);
    let (_, text) = program.ask("GET", "/api/start", b"");
    assert!(text.contains("\"start\":\"file\""), "{text}");
    let toml = std::fs::read_to_string(file).unwrap();
    let (status, _) = program.ask("POST", "/api/controls", serde_json::json!({ "toml": toml }).to_string().as_bytes());
    assert_eq!(status, 200);
    if cfg!(unix) {
        let asked = Command::new("kill").args(["-INT", &program.child.id().to_string()]).status().unwrap();
        assert!(asked.success());
        let began = Instant::now();
        let ended = loop {
            if let Some(ended) = program.child.try_wait().unwrap() {
                break ended;
            }
            assert!(began.elapsed() < Duration::from_secs(20), "it goes on");
            std::thread::sleep(Duration::from_millis(20));
        };
        assert_eq!(ended.code(), Some(0));
    }
}

#[test]
fn a_deployment_file_is_made_a_scenario() {
    let template = "Resources:\n  Web:\n    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: python3.12\n      Handler: a.b\n      \
                    MemorySize: 512\n      Timeout: 10\n";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("template.yaml");
    std::fs::write(&file, template).unwrap();
    let program = Program::start(&[file.to_str().unwrap()]);
    let (status, text) = program.ask("GET", "/api/scenario?id=file", b"");
    assert_eq!(status, 200);
    assert!(text.contains("aws-lambda") && text.contains("512 MiB"), "{text}");
}
