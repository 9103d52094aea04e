//! Binds a site to loopback, and serves it until it is told to end.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

/// Threads that answer; simulations have their own.
const WORKERS: usize = 2;
/// Most threads for work that takes longer than an answer may.
const BLOCKING: usize = 16;
/// How long connections are waited for at the end.
const FAREWELL: Duration = Duration::from_secs(2);

/// A port of loopback.
pub struct Door {
    runtime: Runtime,
    listener: TcpListener,
    address: SocketAddr,
}

impl Door {
    /// Takes a port; 0 is any that is free.
    ///
    /// # Errors
    /// The port is taken, or may not be used.
    pub fn bind(port: u16) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(WORKERS).max_blocking_threads(BLOCKING).enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, port)))?;
        let address = listener.local_addr()?;
        Ok(Self { runtime, listener, address })
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.address.port()
    }

    /// Serves until Ctrl-C.
    ///
    /// # Errors
    /// Ctrl-C cannot be listened for, or the socket is gone.
    pub fn serve(self, app: Router) -> io::Result<()> {
        let Self { runtime, listener, .. } = self;
        let (ended, mut end) = watch::channel(false);
        let served = runtime.block_on(async {
            let asked = async move {
                let _ = tokio::signal::ctrl_c().await;
                let _ = ended.send(true);
            };
            let serving = axum::serve(listener, app).with_graceful_shutdown(asked);
            let late = async {
                let _ = end.wait_for(|ended| *ended).await;
                tokio::time::sleep(FAREWELL).await;
            };
            tokio::select! {
                served = async { serving.await } => served,
                () = late => Ok(()),
            }
        });
        runtime.shutdown_timeout(FAREWELL);
        served
    }
}
